/* How values were spread over a training: moments over the whole run, the same numbers as a pass of
 * one's own, files that come back, and a training that does not notice. */
#include "engine/checkpoint.h"
#include "engine/formats/safetensors.h"
#include "engine/record_distributions_private.h"
#include "engine/run.h"
#include "kernels/reference/reference.h"
#include "tests/support/program.h"
#include "tests/support/training.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

static LwRecord *
of (LwRecords *records)
{
  return lw_records_get (records, LW_RECORD_DISTRIBUTIONS);
}

/* However long they take: small networks on a slow device would have few. Before it starts. */
static void
take_all (LwTrainer *trainer)
{
  ((LwDistributions *)of (lw_trainer_records (trainer)))->free_seconds = 1000;
}

static LwRecords *
train (LwSettings *settings, const char *folder)
{
  g_autoptr (LwDataset) dataset = lw_test_shapes (256, 40);
  LwTrainer *trainer = lw_test_new (settings, dataset, folder);
  LwRecords *records;

  take_all (trainer);
  lw_test_run (trainer, LW_RUN_FINISHED);
  records = lw_records_ref (lw_trainer_records (trainer));
  lw_trainer_free (trainer);
  return records;
}

/* The moments: before the first step, then evenly, then the last step; all numbers fit together. */
static void
check_moments (LwRecord *record, int64_t total)
{
  LwDistributionMoment moments[LW_DISTRIBUTION_MOMENTS];
  LwDistribution distributions[LW_DISTRIBUTION_MOMENTS];
  const int32_t n = lw_distributions_moments (record, moments);
  LwGraph *graph = ((LwDistributions *)record)->graph;

  g_assert_cmpint (n, >=, 12);
  g_assert_cmpint (moments[0].step, ==, 0);
  g_assert_cmpint (moments[n - 1].step, ==, total);
  for (int32_t i = 1; i < n; i++) {
    g_assert_cmpint (moments[i].step, >, moments[i - 1].step);
    g_assert_cmpint (moments[i].step - moments[i - 1].step, <=, total / 10 + 1);
  }
  for (int what = 0; what < LW_N_DISTRIBUTIONS; what++)
    for (LwNodeId id = 0; id < lw_graph_n_nodes (graph); id++) {
      const LwNode *node = lw_graph_node (graph, id);
      const int32_t found =
          lw_distributions_read (record, (LwDistributionOf)what, id, NULL, distributions);

      g_assert_cmpint (found, ==,
                       lw_distributions_has (record, (LwDistributionOf)what, id) ? n : 0);
      for (int32_t i = 0; i < found; i++) {
        const int64_t size = what == LW_OF_OUTPUTS
                                 ? lw_shape_size (node->shape) * lw_distributions_images (record)
                                 : lw_graph_tensor (graph, node->tensors[0])->size;

        g_assert_true (lw_distribution_is_sound (&distributions[i]));
        g_assert_cmpint (distributions[i].count, ==, size);
        g_assert_cmpint (distributions[i].not_finite, ==, 0);
      }
    }
}

/* 48 steps: more than there is room for, so moments are dropped; then they come back. */
static void
test_moments (void)
{
  char *folder = lw_make_folder ();
  g_autofree char *run_folder = g_build_filename (folder, "run", NULL);
  g_autoptr (LwSettings) settings =
      lw_test_settings ("lenet-bn", "data=shapes", "batch=16", "epochs=3", "lr=0.5", NULL);
  g_autoptr (LwRecords) records = train (settings, run_folder);
  g_autoptr (LwRun) run = lw_run_open (run_folder, NULL);
  g_autoptr (LwRecords) loaded = lw_records_load (run->graph, run->settings, run_folder);
  LwDistributions *a = (LwDistributions *)of (records), *b = (LwDistributions *)of (loaded);

  check_moments (of (records), 48);
  g_assert_nonnull (b);
  check_moments (of (loaded), 48);
  g_assert_cmpint (lw_record_version (of (loaded)), >, 0);
  g_assert_cmpint (a->n, ==, b->n);
  g_assert_cmpmem (a->rows, sizeof *a->rows * (gsize)(a->n * a->n_entries), b->rows,
                   sizeof *b->rows * (gsize)(b->n * b->n_entries));
  lw_remove_folder (folder);
}

/* A run that goes on keeps what it had, and still covers all of it. */
static void
test_resume (void)
{
  char *folder = lw_make_folder ();
  g_autofree char *run_folder = g_build_filename (folder, "run", NULL);
  g_autoptr (LwSettings) settings =
      lw_test_settings ("lenet", "data=shapes", "batch=16", "epochs=1", NULL);
  g_autoptr (LwRecords) first = train (settings, run_folder);
  g_autoptr (LwDataset) dataset = lw_test_shapes (256, 40);
  LwTrainer *trainer = lw_trainer_resume (run_folder, lw_test_backends, dataset, 4, 0, NULL);
  LwDistributions *a = (LwDistributions *)of (first), *b;
  int32_t kept = 0;

  g_assert_cmpint (a->n, ==, 16);
  take_all (trainer);
  lw_test_run (trainer, LW_RUN_FINISHED);
  b = (LwDistributions *)of (lw_trainer_records (trainer));
  check_moments (&b->base, 64);
  for (int32_t i = 0, j = 0; i < b->n && b->moments[i].step <= 16; i++, kept++) {
    while (a->moments[j].step < b->moments[i].step)
      j++;
    g_assert_cmpint (a->moments[j].step, ==, b->moments[i].step);
    g_assert_cmpmem (a->rows + j * a->n_entries, sizeof *a->rows * (gsize)a->n_entries,
                     b->rows + i * b->n_entries, sizeof *b->rows * (gsize)b->n_entries);
  }
  g_assert_cmpint (kept, >, 3);
  g_assert_cmpint (kept, <, a->n); /* there was no room for all */
  lw_trainer_free (trainer);
  lw_remove_folder (folder);
}

/* --- a session of one's own --------------------------------------------------------------------
 */

typedef struct {
  LwDistributions *record;
  float *values;
  int64_t checked;
} Own;

/* A layer's outputs against the record's counts. */
static bool
compare_outputs (LwSession *session, const LwStep *step, bool backward, void *data, GError **error)
{
  Own *own = data;
  LwDistribution all[LW_DISTRIBUTION_MOMENTS], mine;
  LwTally tally;
  int32_t n;

  (void)backward;
  if (step->node == NULL || !lw_distributions_has (&own->record->base, LW_OF_OUTPUTS, step->id))
    return true;
  g_assert_true (lw_session_download (session, step, step->n, own->values, error));
  lw_tally_begin (&tally, step->op);
  lw_tally_add (&tally, own->values, lw_shape_size (step->node->shape) * step->n);
  lw_tally_end (&tally, &mine);
  n = lw_distributions_read (&own->record->base, LW_OF_OUTPUTS, step->id, NULL, all);
  g_assert_cmpmem (mine.bins, sizeof mine.bins, all[n - 1].bins, sizeof mine.bins);
  g_assert_cmpint (mine.flat, ==, all[n - 1].flat);
  own->checked++;
  return true;
}

static void
set_up_batch (LwDataset *dataset, LwBatch *batch, float *images, int32_t *labels, int32_t n)
{
  for (int32_t i = 0; i < n; i++) {
    labels[i] = lw_dataset_label (dataset, LW_SPLIT_TRAIN, i);
    for (int p = 0; p < 28 * 28; p++)
      images[i * 28 * 28 + p] = (float)lw_dataset_image (dataset, LW_SPLIT_TRAIN, i)[p] / 255;
  }
  *batch = (LwBatch){ images, labels, n };
}

typedef struct {
  const char *name, *batch;
  int32_t at_once, inference_batch;
} Parts;

/* 32 test images come in parts: because batches are of 5, or because there are no more training
 * images than that. */
static const Parts parts[] = { { "/distributions/bits", "batch=5", 5, 32 },
                               { "/distributions/few-images", "batch=32", 32, 5 } };

/* The same network for all of them at once. */
static LwSession *
copy_session (LwSession *session)
{
  LwGraph *graph = lw_session_graph (session);
  const LwSessionOptions options = { .inference_batch = 32 };
  LwSession *copy = lw_session_new (graph, &lw_reference_backend, 0, &options, NULL);

  for (int32_t i = 0; i < lw_graph_n_tensors (graph); i++) {
    g_autofree char *values = g_malloc ((gsize)lw_graph_tensor (graph, i)->size * 8);

    g_assert_true (lw_session_get_tensor (session, i, values, NULL));
    g_assert_true (lw_session_set_tensor (copy, i, values, NULL));
  }
  return copy;
}

/* Dropout and momentum would show a difference. Weights are the same to the bit with the record and
 * without; its numbers are those of a pass of one's own over the same images. */
static void
test_bits (gconstpointer data)
{
  const Parts *part = data;
  g_autoptr (LwDataset) dataset = lw_test_shapes (64, 32);
  g_autoptr (LwSettings) settings =
      lw_test_settings ("lenet-bn", "data=shapes", part->batch, "lr=0.5", NULL);
  g_autoptr (LwGraph) graph = lw_model_build (settings->options, NULL);
  const LwRecordContext context = { graph, settings, dataset, 13, 6 };
  const LwSessionOptions options = { .batch = 5,
                                     .inference_batch = part->inference_batch,
                                     .momentum = true };
  LwRecord *record = lw_distributions_kind.make (&context);
  g_autofree float *images = g_new (float, 32 * 28 * 28), *values = g_new (float, 32 * 6 * 28 * 28);
  int32_t labels[32];
  Own own = { (LwDistributions *)record, values, 0 };
  LwSession *sessions[3];
  LwBatch batch;

  own.record->free_seconds = 1000;
  g_assert_cmpint (own.record->at_once, ==, part->at_once);
  for (int s = 0; s < 2; s++) {
    sessions[s] = lw_session_new (graph, &lw_reference_backend, 0, &options, NULL);
    g_assert_true (lw_session_initialize (sessions[s], 7, NULL));
    set_up_batch (dataset, &batch, images, labels, 5);
    for (int64_t step = 1; step <= 6; step++) {
      const LwStepSettings rates = {
        .learning_rate = 0.5f, .momentum = 0.9f, .seed = 7, .iteration = step - 1
      };
      const LwMoment moment = { step, (double)step / 13, 0.5 };
      LwBatchResult result;

      if (s == 1)
        g_assert_true (lw_distributions_kind.before_step (record, sessions[s], &batch, step, NULL));
      g_assert_true (lw_session_train (sessions[s], &batch, &rates, NULL, NULL, &result, NULL));
      if (s == 1)
        g_assert_true (lw_distributions_kind.after_step (record, sessions[s], &moment, NULL));
    }
  }
  for (int32_t i = 0; i < lw_graph_n_tensors (graph); i++) {
    const gsize bytes = (gsize)lw_graph_tensor (graph, i)->size * 8;
    g_autofree char *a = g_malloc0 (bytes), *b = g_malloc0 (bytes);

    g_assert_true (lw_session_get_tensor (sessions[0], i, a, NULL));
    g_assert_true (lw_session_get_tensor (sessions[1], i, b, NULL));
    g_assert_cmpmem (a, bytes, b, bytes);
  }
  for (int32_t i = 0; i < 32; i++)
    for (int p = 0; p < 28 * 28; p++)
      images[i * 28 * 28 + p] = (float)lw_dataset_image (dataset, LW_SPLIT_TEST, i)[p] / 255;
  batch = (LwBatch){ images, NULL, 32 };
  sessions[2] = copy_session (sessions[1]);
  g_assert_true (lw_session_infer (sessions[2], &batch, compare_outputs, &own, NULL, NULL, NULL));
  g_assert_cmpint (own.checked, >, 10);
  for (int s = 0; s < 3; s++)
    lw_session_free (sessions[s]);
  lw_distributions_kind.free (record);
}

/* --- files -------------------------------------------------------------------------------------
 */

typedef struct {
  const char *tensor;
  int64_t at; /* of its elements */
  double value;
} Damage;

/* The file with one number changed. */
static bool
loads_with (LwRun *run, const char *path, const char *folder, const Damage *damage)
{
  g_autofree char *copy = g_build_filename (folder, "distributions.safetensors", NULL);
  g_autoptr (LwTensorFile) file = lw_tensor_file_open (path, NULL);
  const int32_t n = lw_tensor_file_n (file);
  g_autofree LwFileTensor *tensors = g_new0 (LwFileTensor, n);
  const char *const metadata[] = { "stride", lw_tensor_file_metadata (file, "stride"), "images",
                                   lw_tensor_file_metadata (file, "images"), NULL };
  g_autofree char *data = NULL;
  g_autoptr (LwRecords) records = NULL;

  for (int32_t i = 0; i < n; i++) {
    tensors[i] = *lw_tensor_file_get (file, i);
    if (damage != NULL && g_str_equal (tensors[i].name, damage->tensor)) {
      const gsize element = tensors[i].dtype == LW_I64 ? 8 : 4;

      data = g_memdup2 (tensors[i].data, (gsize)tensors[i].size * element);
      if (tensors[i].dtype == LW_I64)
        ((int64_t *)(void *)data)[damage->at] = (int64_t)damage->value;
      else if (tensors[i].dtype == LW_I32)
        ((int32_t *)(void *)data)[damage->at] = (int32_t)damage->value;
      else
        ((float *)(void *)data)[damage->at] = (float)damage->value;
      tensors[i].data = data;
    }
  }
  g_assert_true (lw_tensor_file_write (copy, tensors, n, metadata, NULL));
  records = lw_records_load (run->graph, run->settings, folder);
  return of (records) != NULL;
}

static void
test_hostile (void)
{
  static const Damage damages[] = {
    { "steps", 1, 0 },        { "steps", 0, -1 },     { "epochs", 1, NAN },
    { "rates", 0, INFINITY }, { "bins", 3, -5 },      { "bins", 70, 12345678 },
    { "counts", 0, -1 },      { "counts", 0, 1e15 },  { "counts", 4, 1e12 },
    { "counts", 3, -1e12 },   { "values", 1, -1e30 }, { "values", 0, NAN },
    { "values", 3, 1e30 },    { "values", 5, -1 },
  };
  char *folder = lw_make_folder ();
  g_autofree char *run_folder = g_build_filename (folder, "run", NULL);
  g_autofree char *path = g_build_filename (run_folder, "distributions.safetensors", NULL);
  g_autofree char *whole = NULL;
  g_autoptr (LwSettings) settings =
      lw_test_settings ("lenet", "data=shapes", "batch=64", "epochs=1", NULL);
  g_autoptr (LwRecords) records = train (settings, run_folder), none = NULL, other = NULL;
  g_autoptr (LwRun) run = lw_run_open (run_folder, NULL);
  g_autoptr (LwSettings) bn = lw_test_settings ("lenet-bn", NULL);
  g_autoptr (LwGraph) graph = lw_model_build (bn->options, NULL);
  gsize length;

  g_assert_true (loads_with (run, path, folder, NULL));
  for (size_t i = 0; i < G_N_ELEMENTS (damages); i++)
    if (loads_with (run, path, folder, &damages[i]))
      g_error ("%s[%d] = %g was taken", damages[i].tensor, (int)damages[i].at, damages[i].value);
  /* Of another network, cut, missing. */
  other = lw_records_load (graph, bn, run_folder);
  g_assert_null (of (other));
  g_assert_true (g_file_get_contents (path, &whole, &length, NULL));
  for (gsize cut = 0; cut < length; cut += MAX (1, length / 13)) {
    g_autoptr (LwRecords) short_file = NULL;

    g_assert_true (g_file_set_contents (path, whole, (gssize)cut, NULL));
    short_file = lw_records_load (run->graph, run->settings, run_folder);
    g_assert_null (of (short_file));
  }
  g_unlink (path);
  none = lw_records_load (run->graph, run->settings, run_folder);
  g_assert_null (of (none));
  lw_remove_folder (folder);
}

/* --- cost ---------------------------------------------------------------------------------------
 */

/* Steps that take a hundredth of a moment's time: few moments, but the first and the last. */
static void
test_cost (void)
{
  g_autoptr (LwDataset) dataset = lw_test_shapes (64, 32);
  g_autoptr (LwSettings) settings = lw_test_settings ("lenet", "data=shapes", "batch=2", NULL);
  g_autoptr (LwGraph) graph = lw_model_build (settings->options, NULL);
  const LwRecordContext context = { graph, settings, dataset, 32, 320 };
  const LwSessionOptions options = { .batch = 2 };
  LwRecord *record = lw_distributions_kind.make (&context);
  LwDistributions *self = (LwDistributions *)record;
  LwSession *session = lw_session_new (graph, &lw_reference_backend, 0, &options, NULL);
  g_autofree float *images = g_new (float, 2 * 28 * 28);
  int32_t labels[2];
  double last;
  LwBatch batch;

  set_up_batch (dataset, &batch, images, labels, 2);
  g_assert_true (lw_session_initialize (session, 7, NULL));
  for (int64_t step = 1; step <= 320; step++) {
    const LwStepSettings rates = { .learning_rate = 0.1f, .seed = 7, .iteration = step - 1 };
    const LwMoment moment = { step, (double)step / 32, 0.1 };
    LwBatchResult result;

    last = self->spent;
    g_assert_true (lw_distributions_kind.before_step (record, session, &batch, step, NULL));
    g_assert_true (lw_session_train (session, &batch, &rates, NULL, NULL, &result, NULL));
    g_assert_true (lw_distributions_kind.after_step (record, session, &moment, NULL));
    if (step > 1 && step < 320 && self->spent - last > 1e-4)
      g_assert_cmpfloat (last, <=, MAX (0.02 * self->steps, self->free_seconds) + 1e-3);
  }
  g_assert_cmpint (self->moments[0].step, ==, 0);
  g_assert_cmpint (self->moments[self->n - 1].step, ==, 320);
  g_test_message ("%d moments, %.3f of %.3f s", self->n, self->spent, self->steps);
  lw_session_free (session);
  lw_distributions_kind.free (record);
}

/* --- memory ------------------------------------------------------------------------------------
 */

static void
test_memory (void)
{
  static const struct {
    const char *model;
    int64_t most;
  } cases[] = { { "lenet", 2 << 20 }, { "densenet121", 64 << 20 }, { "resnet152", 64 << 20 } };
  g_autoptr (LwDataset) dataset = lw_test_shapes (64, 40);

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (LwSettings) settings = lw_test_settings (cases[i].model, NULL);
    g_autoptr (LwGraph) graph = lw_model_build (settings->options, NULL);
    const LwRecordContext context = { graph, settings, dataset, 10, 100 };
    LwRecord *record = lw_distributions_kind.make (&context);

    g_test_message ("%s: %.1f MiB, %d images", cases[i].model,
                    (double)lw_distributions_bytes (record) / (1 << 20),
                    lw_distributions_images (record));
    g_assert_cmpint (lw_distributions_bytes (record), <, cases[i].most);
    lw_distributions_kind.free (record);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/distributions/moments", test_moments);
  g_test_add_func ("/distributions/resume", test_resume);
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    g_test_add_data_func (parts[i].name, &parts[i], test_bits);
  g_test_add_func ("/distributions/hostile", test_hostile);
  g_test_add_func ("/distributions/cost", test_cost);
  g_test_add_func ("/distributions/memory", test_memory);
  return g_test_run ();
}
