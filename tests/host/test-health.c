/* The health record of real trainings: its numbers, what a divergence leaves, its file, and that a
 * training is the same bits with it. */
#include "engine/checkpoint.h"
#include "engine/data/loader.h"
#include "engine/health.h"
#include "engine/run.h"
#include "engine/record_health_private.h"
#include "engine/session_norms.h"
#include "tests/support/program.h"
#include "tests/support/training.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>

static char *
in (const char *folder, const char *name)
{
  return g_build_filename (folder, name, NULL);
}

static int32_t
row_of (LwHealthRecord *record, LwGraph *graph, const char *title)
{
  int32_t n;
  const LwNodeId *layers = lw_health_record_layers (record, &n);

  for (int32_t i = 0; i < n; i++)
    if (strcmp (lw_graph_node (graph, layers[i])->title, title) == 0)
      return i;
  g_error ("no layer \"%s\"", title);
}

/* --- norms of a step against weights before and after ------------------------------------------
 */

static void
assert_norms (LwOptimizer optimizer, float momentum, bool nesterov, float decay)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LwSettings) settings = lw_test_settings ("lenet", NULL);
  g_autoptr (LwGraph) graph = lw_model_build (settings->options, &error);
  g_autoptr (LwSession) session = lw_session_new (
      graph, lw_test_backends[0], 0,
      &(LwSessionOptions){ .batch = 4, .optimizer = optimizer, .momentum = momentum > 0 }, &error);
  const int32_t index = lw_graph_find_tensor (graph, "3.weight");
  const int64_t n = lw_graph_tensor (graph, index)->size;
  g_autofree float *before = g_new (float, n), *after = g_new (float, n), *g = g_new (float, n);
  float images[4 * 28 * 28];
  const int32_t labels[4] = { 0, 1, 2, 3 };
  const LwBatch batch = { images, labels, 4 };
  LwBatchResult result;
  LwStepNorms norms;

  g_assert_no_error (error);
  for (int i = 0; i < 4 * 28 * 28; i++)
    images[i] = (float)((i * 37) % 101) / 100;
  g_assert_true (lw_session_initialize (session, 1, &error));
  g_assert_false (lw_session_step_norms (session, index, &norms));
  for (int64_t i = 0; i < 3; i++) {
    const LwStepSettings step = { .learning_rate = 0.05F,
                                  .momentum = momentum,
                                  .weight_decay = decay,
                                  .nesterov = nesterov,
                                  .iteration = i };
    double weight = 0, moved = 0, gradient = 0;

    g_assert_true (lw_session_get_tensor (session, index, before, &error));
    g_assert_true (lw_session_train (session, &batch, &step, NULL, NULL, &result, &error));
    g_assert_true (lw_session_get_tensor (session, index, after, &error));
    g_assert_true (lw_session_get_gradient (session, index, g, &error));
    for (int64_t k = 0; k < n; k++) {
      const double d = (double)before[k] - (double)after[k];

      weight += (double)before[k] * (double)before[k];
      moved += d * d;
      gradient += (double)g[k] * (double)g[k];
    }
    g_assert_true (lw_session_step_norms (session, index, &norms));
    /* The weights themselves are rounded. */
    g_assert_cmpfloat_with_epsilon (norms.step / sqrt (moved), 1, 1e-3);
    g_assert_cmpfloat_with_epsilon (norms.weight / sqrt (weight), 1, 1e-5);
    g_assert_cmpfloat_with_epsilon (norms.gradient / sqrt (gradient), 1, 1e-6);
  }
}

static void
test_norms (void)
{
  assert_norms (LW_OPTIMIZER_SGD, 0, false, 0);
  assert_norms (LW_OPTIMIZER_SGD, 0, false, 0.1F);
  assert_norms (LW_OPTIMIZER_SGD, 0.9F, false, 0.1F);
  assert_norms (LW_OPTIMIZER_SGD, 0.9F, true, 0.1F);
  assert_norms (LW_OPTIMIZER_ADAM, 0, false, 0.1F);
}

/* --- a divergence ------------------------------------------------------------------------------
 */

static void
assert_same_divergence (const LwDivergence *a, const LwDivergence *b)
{
  const gsize bytes = sizeof (float) * (gsize)a->n_layers * (gsize)a->n_steps;

  g_assert_cmpint (a->n_layers, ==, b->n_layers);
  g_assert_cmpint (a->n_steps, ==, b->n_steps);
  g_assert_cmpmem (a->layers, sizeof (LwNodeId) * (gsize)a->n_layers, b->layers,
                   sizeof (LwNodeId) * (gsize)b->n_layers);
  g_assert_cmpmem (a->steps, 8 * (gsize)a->n_steps, b->steps, 8 * (gsize)b->n_steps);
  g_assert_cmpmem (a->outputs, bytes, b->outputs, bytes);
  g_assert_cmpmem (a->weights, bytes, b->weights, bytes);
  g_assert_cmpfloat (a->learning_rate, ==, b->learning_rate);
}

/* A rate far too high from step 6 on: the step of iteration 6 does it, and the table begins at what
 * all was like before. */
static void
test_divergence (void)
{
  char *folder = lw_make_folder ();
  g_autofree char *path = in (folder, "run"), *message = NULL;
  g_autoptr (LwDataset) dataset = lw_test_shapes (256, 32);
  g_autoptr (LwSettings) settings = lw_test_settings (
      "lenet", "data=shapes", "batch=32", "epochs=5", "lr=0.01", "set=activation=relu", NULL);
  g_autoptr (LwTrainer) trainer = lw_test_new (settings, dataset, path);
  g_autoptr (LwDivergence) d = NULL, again = NULL;
  g_autoptr (LwRecords) saved = NULL;
  LwGraph *graph = lw_trainer_graph (trainer);
  LwDivergenceOrigin origin;

  for (int64_t i = 1; i <= 5; i++)
    lw_test_step (trainer);
  lw_trainer_set_learning_rate (trainer, 1e8);
  lw_trainer_start (trainer);
  lw_trainer_join (trainer);
  g_assert_cmpint (lw_trainer_state (trainer), ==, LW_RUN_DIVERGED);

  d = lw_health_record_divergence (lw_records_health (lw_trainer_records (trainer)));
  g_assert_nonnull (d);
  g_assert_cmpint (d->n_layers, ==, 5);
  g_assert_cmpint (d->n_steps, ==, 7);
  g_assert_cmpint (d->steps[6], ==, lw_divergence_step (d));
  for (int32_t i = 1; i < d->n_steps; i++)
    g_assert_cmpint (d->steps[i], ==, d->steps[i - 1] + 1);
  g_assert_cmpfloat (d->learning_rate, ==, 1e8);
  g_assert_cmpfloat (lw_divergence_output (d, 0, 0), <, 10);
  g_assert_cmpfloat (lw_divergence_weight (d, 0, 0), <, 10);
  g_assert_false (isfinite (lw_divergence_output (d, 4, 6)) &&
                  lw_divergence_output (d, 4, 6) < 1e20F);
  origin = lw_divergence_origin (d);
  g_assert_cmpint (origin.how, ==, LW_BEGAN_STEP);
  g_assert_cmpint (origin.layer, ==, 0);
  g_assert_cmpint (d->steps[origin.column - 1], ==, 6);
  g_assert_cmpfloat (origin.factor, >, 1e3);
  message = lw_trainer_message (trainer);
  g_assert_nonnull (strstr (message, "It began in conv 1: the step of iteration 6 made its"));

  saved = lw_records_load (graph, settings, path);
  again = lw_health_record_divergence (lw_records_health (saved));
  g_assert_nonnull (again);
  assert_same_divergence (d, again);
  lw_remove_folder (folder);
}

/* More tensors than are put aside: before each step a look at two images. */
static void
test_large_network (void)
{
  char *folder = lw_make_folder ();
  g_autofree char *path = in (folder, "run");
  g_autoptr (LwDataset) dataset = lw_test_shapes (64, 16);
  g_autoptr (LwSettings) settings =
      lw_test_settings ("nin", "data=shapes", "batch=8", "epochs=1", "lr=1000", "resize=67", NULL);
  g_autoptr (LwTrainer) trainer = lw_test_new (settings, dataset, path);
  g_autoptr (LwDivergence) d = NULL;

  lw_trainer_start (trainer);
  lw_trainer_join (trainer);
  g_assert_cmpint (lw_trainer_state (trainer), ==, LW_RUN_DIVERGED);
  d = lw_health_record_divergence (lw_records_health (lw_trainer_records (trainer)));
  g_assert_nonnull (d);
  g_assert_cmpint (d->n_layers, ==, 12);
  g_assert_cmpint (d->steps[0], ==, 1);
  g_assert_cmpint (d->n_steps, ==, d->steps[d->n_steps - 1]); /* none left out */
  g_assert_cmpint (lw_divergence_origin (d).how, ==, LW_BEGAN_STEP);
  g_assert_cmpint (d->steps[lw_divergence_origin (d).column - 1], ==, 1);
  lw_remove_folder (folder);
}

/* --- an end without a checkpoint -----------------------------------------------------------------
 */

static int32_t
saved_moments (LwTrainer *trainer, const LwSettings *settings)
{
  g_autoptr (LwRecords) saved =
      lw_records_load (lw_trainer_graph (trainer), settings, lw_trainer_folder (trainer));
  LwHealthRecord *record = lw_records_health (saved);

  return record != NULL ? lw_health_record_moments (record) : 0;
}

/* The first epoch is one step, and the test after it finds no finite loss. */
static void
test_diverged_test (void)
{
  char *folder = lw_make_folder ();
  g_autofree char *path = in (folder, "run");
  g_autoptr (LwDataset) dataset = lw_test_shapes (32, 32);
  g_autoptr (LwSettings) settings = lw_test_settings (
      "lenet", "data=shapes", "batch=32", "epochs=3", "lr=1e9", "set=activation=relu", NULL);
  g_autoptr (LwTrainer) trainer = lw_test_new (settings, dataset, path);
  g_autofree char *message = NULL;

  lw_test_run (trainer, LW_RUN_DIVERGED);
  message = lw_trainer_message (trainer);
  g_assert_nonnull (strstr (message, "losses of the test"));
  g_assert_cmpint (saved_moments (trainer, settings), >=, 1);
  lw_remove_folder (folder);
}

static atomic_int n_updates;

/* A device that breaks in the second step. */
static bool
update_once (LwDevice *device, const LwUpdate *update, GError **error)
{
  if (atomic_fetch_add (&n_updates, 1) == 0)
    return lw_test_backends[0]->update (device, update, error);
  g_set_error_literal (error, LW_ERROR, LW_ERROR_DEVICE, "The device is gone.");
  return false;
}

static void
test_failed (void)
{
  char *folder = lw_make_folder ();
  g_autofree char *path = in (folder, "run");
  LwBackend breaking = *lw_test_backends[0];
  const LwBackend *const backends[] = { &breaking, NULL };
  g_autoptr (LwDataset) dataset = lw_test_shapes (64, 32);
  g_autoptr (LwSettings) settings =
      lw_test_settings ("lenet-bn", "data=shapes", "batch=32", "epochs=1", NULL);
  LwTrainer *trainer;

  breaking.update = update_once;
  trainer = lw_trainer_new (settings, backends, dataset, path, NULL);
  lw_test_run (trainer, LW_RUN_FAILED);
  g_assert_cmpint (saved_moments (trainer, settings), ==, 1);
  lw_trainer_free (trainer);
  lw_remove_folder (folder);
}

/* However long a moment takes, a short run has so many as are needed to say how it fares. */
static bool (*quick_forward) (LwDevice *device, const LwStep *step, GError **error);

static bool
slow_forward (LwDevice *device, const LwStep *step, GError **error)
{
  g_usleep (10000);
  return quick_forward (device, step, error);
}

static void
test_slow (void)
{
  char *folder = lw_make_folder ();
  g_autofree char *path = in (folder, "run");
  LwBackend slow = *lw_test_backends[0];
  const LwBackend *const backends[] = { &slow, NULL };
  g_autoptr (LwDataset) dataset = lw_test_shapes (64, 32);
  g_autoptr (LwSettings) settings =
      lw_test_settings ("lenet-bn", "data=shapes", "batch=16", "epochs=1", NULL);
  LwTrainer *trainer;

  quick_forward = slow.kernels[LW_OP_LINEAR].forward;
  slow.kernels[LW_OP_LINEAR].forward = slow_forward;
  trainer = lw_trainer_new (settings, backends, dataset, path, NULL);
  lw_test_run (trainer, LW_RUN_FINISHED);
  g_assert_cmpint (saved_moments (trainer, settings), >=, LW_HEALTH_LEAST);
  lw_trainer_free (trainer);
  lw_remove_folder (folder);
}

/* --- moments and the file ----------------------------------------------------------------------
 */

static void
assert_same_record (LwHealthRecord *a, LwHealthRecord *b)
{
  int32_t n;

  lw_health_record_layers (a, &n);
  for (int32_t l = 0; l < n; l++)
    for (int f = 0; f < LW_HEALTH_N_FIELDS; f++) {
      int64_t steps[2][LW_HEALTH_MOMENTS];
      float values[2][LW_HEALTH_MOMENTS];
      const int32_t k = lw_health_record_series (a, l, (LwHealthField)f, steps[0], NULL, values[0]);

      g_assert_cmpint (lw_health_record_series (b, l, (LwHealthField)f, steps[1], NULL, values[1]),
                       ==, k);
      g_assert_cmpmem (steps[0], 8 * (gsize)k, steps[1], 8 * (gsize)k);
      g_assert_cmpmem (values[0], 4 * (gsize)k, values[1], 4 * (gsize)k);
    }
}

static void
test_moments (void)
{
  char *folder = lw_make_folder ();
  g_autofree char *path = in (folder, "run"), *file = in (path, "health.safetensors");
  g_autofree char *bytes = NULL;
  g_autoptr (LwDataset) dataset = lw_test_shapes (128, 40);
  g_autoptr (LwSettings) settings =
      lw_test_settings ("lenet", "data=shapes", "batch=16", "epochs=2", "lr=0.9", NULL);
  g_autoptr (LwTrainer) trainer = lw_test_new (settings, dataset, path);
  g_autoptr (LwRecords) saved = NULL;
  g_autoptr (LwHealthReport) report = NULL;
  LwHealthRecord *record = lw_records_health (lw_trainer_records (trainer));
  LwGraph *graph = lw_trainer_graph (trainer);
  float values[LW_HEALTH_MOMENTS];
  int64_t steps[LW_HEALTH_MOMENTS];
  gsize length;
  int32_t n;

  lw_test_run (trainer, LW_RUN_FINISHED);
  g_assert_cmpint (lw_health_record_images (record), ==, 32);
  n = lw_health_record_series (record, row_of (record, graph, "conv 1"), LW_HEALTH_UPDATE, steps,
                               NULL, values);
  g_assert_cmpint (n, >=, 1);
  g_assert_cmpint (steps[0], ==, 1);
  for (int32_t i = 0; i < n; i++)
    g_assert_true (values[i] > 0 && values[i] < 1);
  lw_health_record_series (record, row_of (record, graph, "sigmoid 1"), LW_HEALTH_SATURATED, NULL,
                           NULL, values);
  g_assert_true (values[0] >= 0 && values[0] <= 1);
  lw_health_record_series (record, row_of (record, graph, "sigmoid 1"), LW_HEALTH_DEAD, NULL, NULL,
                           values);
  g_assert_true (isnan (values[0]));
  g_assert_cmpint (lw_health_record_series (record, -1, LW_HEALTH_DEAD, NULL, NULL, values), ==, 0);
  report = lw_health_report_new (record, graph);
  g_assert_cmpint (n, >=, LW_HEALTH_LEAST);
  g_assert_nonnull (report);

  saved = lw_records_load (graph, settings, path);
  assert_same_record (record, lw_records_health (saved));

  /* Another network's file, a cut one and one of noise are no record. */
  {
    g_autoptr (LwSettings) other = lw_test_settings ("lenet-bn", NULL);
    g_autoptr (LwGraph) other_graph = lw_model_build (other->options, NULL);
    g_autoptr (LwRecords) none = lw_records_load (other_graph, other, path);

    g_assert_null (lw_records_health (none));
  }
  g_assert_true (g_file_get_contents (file, &bytes, &length, NULL));
  for (gsize cut = 0; cut < length; cut += length / 7 + 1) {
    g_autoptr (LwRecords) none = NULL;

    g_assert_true (g_file_set_contents (file, bytes, (gssize)cut, NULL));
    none = lw_records_load (graph, settings, path);
    g_assert_null (lw_records_health (none));
  }
  for (gsize at = 8; at < length; at += 61) {
    g_autoptr (LwRecords) any = NULL;

    bytes[at] = (char)(bytes[at] ^ 0x15);
    g_assert_true (g_file_set_contents (file, bytes, (gssize)length, NULL));
    any = lw_records_load (graph, settings, path);
    if (lw_records_health (any) != NULL) {
      LwHealthReport *noise = lw_health_report_new (lw_records_health (any), graph);

      lw_health_report_free (noise);
    }
    bytes[at] = (char)(bytes[at] ^ 0x15);
  }
  lw_remove_folder (folder);
}

/* Units that are never above 0 are dead: a first layer whose biases are far below zero. */
static void
test_dead (void)
{
  char *folder = lw_make_folder ();
  g_autofree char *path = in (folder, "run"), *init = in (folder, "dead.safetensors");
  g_autoptr (LwDataset) dataset = lw_test_shapes (32, 16);
  g_autoptr (LwSettings) settings = lw_test_settings ("lenet", "data=shapes", "batch=16", "lr=0.01",
                                                      "epochs=1", "set=activation=relu", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (LwGraph) graph = lw_model_build (settings->options, &error);
  g_autoptr (LwSession) session = lw_session_new (
      graph, lw_test_backends[0], 0, &(LwSessionOptions){ .inference_batch = 1 }, &error);
  g_autoptr (LwTrainer) trainer = NULL;
  g_autoptr (LwHealthReport) report = NULL;
  g_autofree float *values = NULL;
  const LwNodeId *layers;
  LwHealthRecord *record;
  int32_t n;
  float biases[6] = { -100, -100, -100, 1, 1, 1 }, dead[32];

  g_assert_true (lw_session_initialize (session, 1, &error));
  g_assert_true (
      lw_session_set_tensor (session, lw_graph_find_tensor (graph, "0.bias"), biases, &error));
  g_assert_true (lw_session_save (session, settings, init, &error));
  g_assert_true (lw_settings_set (settings, "init", init, NULL));
  trainer = lw_test_new (settings, dataset, path);
  lw_test_run (trainer, LW_RUN_FINISHED);
  record = lw_records_health (lw_trainer_records (trainer));
  lw_health_record_recent (record, LW_HEALTH_DEAD, 1, dead);
  g_assert_cmpfloat (dead[row_of (record, graph, "ReLU 1")], ==, 0.5F);
  layers = lw_health_record_layers (record, &n);
  values = g_new (float, LW_HEALTH_N_FIELDS *n);
  for (int f = 0; f < LW_HEALTH_N_FIELDS; f++)
    lw_health_record_recent (record, (LwHealthField)f, 1, values + f * n);
  report = lw_health_judge (graph, layers, n, values);
  g_assert_cmpint (report->badges[row_of (record, graph, "ReLU 1")][LW_CHECK_DEAD].level, ==,
                   LW_LEVEL_WARNING);
  lw_remove_folder (folder);
}

/* One step more than there is room for: every second moment stays as it was. */
static void
test_thinned (void)
{
  g_autoptr (LwDataset) dataset = lw_test_shapes (16, 4);
  g_autoptr (LwSettings) settings = lw_test_settings ("lenet", "data=shapes", NULL);
  g_autoptr (LwGraph) graph = lw_model_build (settings->options, NULL);
  g_autoptr (LwSession) session =
      lw_session_new (graph, lw_test_backends[0], 0, &(LwSessionOptions){ .batch = 2 }, NULL);
  const LwRecordContext context = { graph, settings, dataset, 8, LW_HEALTH_MOMENTS };
  const LwRecordKind *kind = &lw_health_record_kind;
  LwRecord *record = kind->make (&context);
  LwHealthRecord *health = (LwHealthRecord *)record;
  const gsize row = lw_health_row_size (health);
  g_autofree float *before = g_new (float, row *LW_HEALTH_MOMENTS);
  const LwBatch batch = { health->images, (const int32_t[]){ 0, 1 }, 2 };

  health->train_us = INT64_C (1) << 50; /* there is time for all of them */
  g_assert_true (lw_session_initialize (session, 1, NULL));
  for (int64_t step = 1; step <= LW_HEALTH_MOMENTS + 1; step++) {
    const LwStepSettings rates = { .learning_rate = 0.1F, .iteration = step - 1 };
    LwBatchResult result;

    memcpy (before, health->rows, sizeof *before * row * LW_HEALTH_MOMENTS);
    g_assert_true (kind->before_step (record, session, &batch, step, NULL));
    g_assert_true (lw_session_train (session, &batch, &rates, NULL, NULL, &result, NULL));
    g_assert_true (kind->after_step (record, session, &(LwMoment){ step, 1.5 * step, 0.1 }, NULL));
  }
  g_assert_cmpint (lw_health_record_moments (health), ==, LW_HEALTH_MOMENTS / 2 + 1);
  for (int32_t i = 0; i < LW_HEALTH_MOMENTS / 2; i++) {
    g_assert_cmpint (health->steps[i], ==, 2 * i + 1);
    g_assert_cmpfloat (health->epochs[i], ==, 1.5 * (2 * i + 1));
    g_assert_cmpmem (health->rows + (gsize)i * row, sizeof *before * row,
                     before + (gsize)(2 * i) * row, sizeof *before * row);
  }
  kind->free (record);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/health/norms", test_norms);
  g_test_add_func ("/health/divergence", test_divergence);
  g_test_add_func ("/health/diverged-test", test_diverged_test);
  g_test_add_func ("/health/failed", test_failed);
  g_test_add_func ("/health/large-network", test_large_network);
  g_test_add_func ("/health/slow", test_slow);
  g_test_add_func ("/health/moments", test_moments);
  g_test_add_func ("/health/thinned", test_thinned);
  g_test_add_func ("/health/dead", test_dead);
  return g_test_run ();
}
