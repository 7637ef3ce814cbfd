/* What can be watched while a network trains: activations and predictions of an image, and
 * batch-normalization statistics. Watching changes no number. */
#include "engine/bn_history.h"
#include "engine/checkpoint.h"
#include "engine/observe.h"
#include "tests/support/program.h"
#include "tests/support/training.h"

#include <math.h>
#include <stdatomic.h>

static char *
in (const char *folder, const char *name)
{
  return g_build_filename (folder, name, NULL);
}

static const LwProbeFrame *
wait_for_frame (LwProbe *probe, int64_t step)
{
  const gint64 end = g_get_monotonic_time () + 60 * G_USEC_PER_SEC;

  while (g_get_monotonic_time () < end) {
    const LwProbeFrame *frame = lw_probe_take (probe);

    if (frame != NULL && frame->step >= step)
      return frame;
    g_usleep (200);
  }
  g_error ("no frame of step %d came", (int)step);
}

static void
test_probes (void)
{
  char *folder = lw_make_folder ();
  g_autofree char *plain = in (folder, "plain"), *watched = in (folder, "watched");
  g_autofree char *a = lw_checkpoint_path (plain, 24), *b = lw_checkpoint_path (watched, 24);
  g_autoptr (LwDataset) dataset = lw_test_shapes (256, 32);
  g_autoptr (LwSettings) settings = lw_test_settings ("lenet-bn", "data=shapes", "batch=32",
                                                      "epochs=3", "lr=0.5", "momentum=0.9", NULL);
  g_autoptr (LwRunLog) log = lw_test_train (settings, dataset, plain);
  LwTrainer *trainer = lw_test_new (settings, dataset, watched);
  LwGraph *graph = lw_trainer_graph (trainer);
  const LwNodeId node = lw_graph_find_node (graph, "4");
  g_autofree float *image = g_new (float, 28 * 28);
  g_autoptr (LwProbe) activation = NULL, prediction = NULL, input = NULL;
  const LwProbeFrame *frame;
  g_autoptr (LwRunLog) second = NULL;
  float first;
  double sum = 0;

  for (int i = 0; i < 28 * 28; i++)
    image[i] = (float)lw_dataset_image (dataset, LW_SPLIT_TEST, 3)[i] / 255;
  activation = lw_trainer_watch_activation (trainer, node, image, 0);
  prediction = lw_trainer_watch_prediction (trainer, image, 0);
  input = lw_trainer_watch_activation (trainer, 0, image, 1);
  frame = wait_for_frame (activation, 0); /* initial weights */
  g_assert_cmpint (frame->step, ==, 0);
  g_assert_cmpint (frame->size, ==, lw_shape_size (lw_graph_node (graph, node)->shape));
  first = frame->values[7];
  frame = wait_for_frame (input, 0);
  g_assert_cmpmem (frame->values, frame->size * 4, image, 28 * 28 * 4);

  lw_test_run (trainer, LW_RUN_FINISHED);
  frame = wait_for_frame (prediction, 24); /* the last one stays */
  g_assert_cmpint (frame->size, ==, 10);
  for (int i = 0; i < 10; i++)
    sum += (double)frame->values[i];
  g_assert_cmpfloat_with_epsilon (sum, 1, 1e-5);
  frame = wait_for_frame (activation, 24);
  g_assert_cmpfloat (frame->values[7], !=, first);
  lw_trainer_unwatch (trainer, activation);
  lw_trainer_unwatch (trainer, prediction);
  lw_trainer_unwatch (trainer, input);
  second = lw_run_log_ref (lw_trainer_log (trainer));
  lw_trainer_free (trainer);

  lw_test_assert_same_log (log, second);
  lw_test_assert_same_tensors (a, b);
  lw_remove_folder (folder);
}

/* Layers, parameters and the prediction at one moment: the prediction is that of the weights beside
 * it, and the layer's values belong to both. */
static void
test_moment (void)
{
  char *folder = lw_make_folder ();
  g_autofree char *path = in (folder, "run");
  g_autofree char *checkpoint = lw_checkpoint_path (path, 8);
  g_autoptr (LwDataset) dataset = lw_test_shapes (128, 32);
  g_autoptr (LwSettings) settings =
      lw_test_settings ("lenet-bn", "data=shapes", "batch=32", "epochs=2", "lr=0.5", NULL);
  LwTrainer *trainer = lw_test_new (settings, dataset, path);
  LwGraph *graph = lw_trainer_graph (trainer);
  const LwNodeId nodes[] = { lw_graph_find_node (graph, "4"), 0, lw_graph_output (graph) };
  const int32_t tensor = lw_graph_find_tensor (graph, "4.weight");
  const LwTensorPart parts[] = { { tensor, LW_ALL_ROWS }, { tensor, 11 } };
  const int64_t layer = lw_shape_size (lw_graph_node (graph, nodes[0])->shape);
  const int64_t weights = lw_graph_tensor (graph, tensor)->size;
  const int64_t row = lw_tensor_part_size (graph, parts[1]);
  g_autofree float *image = g_new (float, 28 * 28);
  g_autoptr (LwProbe) probe = NULL;
  g_autoptr (LwTensorFile) file = NULL;
  g_autoptr (LwObservation) seen = NULL;
  g_autoptr (GError) error = NULL;
  const LwProbeFrame *frame;
  const float *at;

  for (int i = 0; i < 28 * 28; i++)
    image[i] = (float)lw_dataset_image (dataset, LW_SPLIT_TEST, 3)[i] / 255;
  probe = lw_trainer_watch_moment (trainer, nodes, 3, parts, 2, image, 0);
  lw_test_run (trainer, LW_RUN_FINISHED);
  frame = wait_for_frame (probe, 8);
  g_assert_cmpint (frame->size, ==, layer + 28 * 28 + 10 + weights + row + 10);
  at = frame->values;
  seen = lw_observe (graph, lw_test_backends[0], checkpoint, 0, image, &error);
  g_assert_no_error (error);
  file = lw_tensor_file_open (checkpoint, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (at, layer * 4, lw_observation_values (seen, nodes[0]), layer * 4);
  g_assert_cmpmem (at + layer, 28 * 28 * 4, image, 28 * 28 * 4);
  g_assert_cmpmem (at + layer + 28 * 28, 40, lw_observation_values (seen, nodes[2]), 40);
  g_assert_cmpmem (at + layer + 28 * 28 + 10, weights * 4,
                   lw_tensor_file_find (file, "4.weight")->data, weights * 4);
  g_assert_cmpmem (at + layer + 28 * 28 + 10 + weights, row * 4,
                   (const float *)lw_tensor_file_find (file, "4.weight")->data + 11 * row, row * 4);
  for (int i = 0; i < 10; i++)
    g_assert_cmpfloat_with_epsilon (at[layer + 28 * 28 + 10 + weights + row + i],
                                    lw_observation_probabilities (seen)[i], 1e-6);
  lw_trainer_unwatch (trainer, probe);
  lw_trainer_free (trainer);
  lw_remove_folder (folder);
}

/* Norms of the gradients, of the layers that have parameters, from the first step on; at rest too.
 */
static void
test_gradients (void)
{
  char *folder = lw_make_folder ();
  g_autofree char *plain = in (folder, "plain"), *watched = in (folder, "watched");
  g_autofree char *a = lw_checkpoint_path (plain, 16), *b = lw_checkpoint_path (watched, 16);
  g_autoptr (LwDataset) dataset = lw_test_shapes (256, 32);
  g_autoptr (LwSettings) settings =
      lw_test_settings ("lenet-bn", "data=shapes", "batch=32", "epochs=2", "lr=0.5", NULL);
  g_autoptr (LwRunLog) log = lw_test_train (settings, dataset, plain);
  LwTrainer *trainer = lw_test_new (settings, dataset, watched);
  LwGraph *graph = lw_trainer_graph (trainer);
  g_autoptr (LwProbe) probe = lw_trainer_watch_gradients (trainer, 0);
  g_autoptr (LwRunLog) second = NULL;
  const LwProbeFrame *frame;
  float first = 0;

  lw_trainer_pause (trainer); /* there is nothing to see, and nothing that keeps the thread busy */
  g_usleep (50000);
  g_assert_null (lw_probe_take (probe));
  lw_trainer_step (trainer);
  frame = wait_for_frame (probe, 1);
  g_assert_cmpint (frame->step, ==, 1);
  g_assert_cmpint (frame->size, ==, lw_graph_n_nodes (graph));
  for (LwNodeId id = 0; id < lw_graph_n_nodes (graph); id++) {
    const bool has = lw_graph_node (graph, id)->n_tensors > 0;

    g_assert_true (isfinite (frame->values[id]));
    g_assert_cmpint (frame->values[id] > 0, ==, has);
    first += frame->values[id];
  }
  lw_test_run (trainer, LW_RUN_FINISHED);
  frame = wait_for_frame (probe, 2);
  {
    float last = 0;

    for (int64_t i = 0; i < frame->size; i++)
      last += frame->values[i];
    g_assert_cmpfloat (last, !=, first);
  }
  lw_trainer_unwatch (trainer, probe);
  second = lw_run_log_ref (lw_trainer_log (trainer));
  lw_trainer_free (trainer);
  lw_test_assert_same_log (log, second); /* looking changes nothing */
  lw_test_assert_same_tensors (a, b);
  lw_remove_folder (folder);
}

static void
test_bn_history (void)
{
  char *folder = lw_make_folder ();
  g_autofree char *path = in (folder, "run"), *file = in (path, "bn-history.safetensors");
  g_autofree char *checkpoint = lw_checkpoint_path (path, 300);
  g_autoptr (LwDataset) dataset = lw_test_shapes (160, 16);
  g_autoptr (LwSettings) settings =
      lw_test_settings ("lenet-bn", "data=shapes", "batch=16", "epochs=30", "lr=0.5", NULL);
  g_autoptr (LwTrainer) trainer = lw_test_new (settings, dataset, path);
  LwBnHistory *history = lw_trainer_bn_history (trainer);
  const LwNodeId node = lw_graph_find_node (lw_trainer_graph (trainer), "1");
  g_autoptr (LwTensorFile) tensors = NULL;
  g_autoptr (GError) error = NULL;
  int64_t steps[LW_BN_MOMENTS], step = 0;
  double epochs[LW_BN_MOMENTS];
  float values[LW_BN_MOMENTS], means[LW_BN_MOMENTS], again[LW_BN_MOMENTS];
  float running[6], mean[6];
  int32_t n;

  g_assert_cmpint (lw_bn_history_series (history, node, LW_BN_GAMMA, 0, steps, epochs, values), ==,
                   0);
  lw_test_run (trainer, LW_RUN_FINISHED);
  n = lw_bn_history_series (history, node, LW_BN_RUNNING_MEAN, 2, steps, epochs, values);
  g_assert_cmpint (lw_bn_history_series (history, node, LW_BN_BATCH_MEAN, 2, NULL, NULL, means), ==,
                   n);
  /* 300 steps do not fit: every second one from 1 on. */
  g_assert_cmpint (n, ==, 150);
  for (int32_t i = 0; i < n; i++) {
    g_assert_cmpint (steps[i], ==, 1 + 2 * i);
    g_assert_cmpfloat (epochs[i], ==, (double)steps[i] / 10);
  }
  /* running ← 0.9 running + 0.1 batch, from 0, at the first step. */
  g_assert_cmpfloat_with_epsilon (values[0], 0.1f * means[0], 1e-7f);
  g_assert_true (lw_bn_history_latest (history, node, LW_BN_RUNNING_MEAN, running, &step));
  g_assert_cmpint (step, ==, 299);
  g_assert_true (lw_bn_history_latest (history, node, LW_BN_BATCH_MEAN, mean, NULL));
  tensors = lw_tensor_file_open (checkpoint, &error);
  g_assert_no_error (error);
  {
    const float *final = lw_tensor_file_find (tensors, "1.running_mean")->data;

    /* One step later: nine tenths of it at least. */
    g_assert_cmpfloat (fabsf (final[2] - running[2]), <, 0.2f * fabsf (running[2]) + 0.05f);
  }
  {
    LwBnHistory *loaded = lw_bn_history_load (lw_trainer_graph (trainer), file, &error);

    g_assert_no_error (error);
    g_assert_cmpint (lw_bn_history_series (loaded, node, LW_BN_RUNNING_MEAN, 2, NULL, NULL, again),
                     ==, n);
    g_assert_cmpmem (values, n * 4, again, n * 4);
    lw_bn_history_truncate (loaded, 100);
    g_assert_cmpint (lw_bn_history_series (loaded, node, LW_BN_GAMMA, 0, steps, NULL, again), ==,
                     50);
    lw_bn_history_free (loaded);
  }
  lw_remove_folder (folder);
}

/* Four views of a network whose step is not much more than their passes: together they get a share
 * of the time, in turns, and not a pass after each step. */
static void
test_share (void)
{
  enum { VIEWS = 4, STEPS = 200 };
  char *folder = lw_make_folder ();
  g_autofree char *path = in (folder, "run");
  g_autoptr (LwDataset) dataset = lw_test_shapes (2 * STEPS, 2);
  g_autoptr (LwSettings) settings =
      lw_test_settings ("lenet", "data=shapes", "batch=2", "epochs=1", NULL);
  g_autoptr (LwTrainer) trainer = lw_test_new (settings, dataset, path);
  g_autofree float *image = g_new0 (float, 28 * 28);
  LwProbe *probes[VIEWS];
  int frames[VIEWS] = { 0 }, all = 0;

  for (int i = 0; i < VIEWS; i++)
    probes[i] = lw_trainer_watch_prediction (trainer, image, 0);
  lw_trainer_start (trainer);
  while (lw_trainer_state (trainer) < LW_RUN_FINISHED) {
    for (int i = 0; i < VIEWS; i++)
      frames[i] += lw_probe_take (probes[i]) != NULL;
    g_usleep (50);
  }
  lw_trainer_join (trainer);
  g_assert_cmpint (lw_test_steps (trainer), ==, STEPS);
  for (int i = 0; i < VIEWS; i++) {
    g_test_message ("view %d: %d frames in %d steps", i, frames[i], STEPS);
    g_assert_cmpint (frames[i], >, 1);
    all += frames[i];
    lw_trainer_unwatch (trainer, probes[i]);
    lw_probe_unref (probes[i]);
  }
  g_assert_cmpint (all, <, STEPS);
  lw_remove_folder (folder);
}

static void
note_visit (LwSession *session, int64_t step, void *data)
{
  (void)step;
  atomic_store ((atomic_int *)data, session == NULL ? 1 : 2);
}

static void
visit (LwTrainer *trainer, int expected)
{
  atomic_int seen = 0;

  lw_trainer_visit (trainer, note_visit, &seen);
  for (int i = 0; i < 60000 && atomic_load (&seen) == 0; i++)
    g_usleep (1000);
  g_assert_cmpint (atomic_load (&seen), ==, expected);
}

/* Where there is no network to be seen, as its first weights cannot be read, that is said at once,
 * not when the trainer goes. */
static void
test_visits (void)
{
  char *folder = lw_make_folder ();
  g_autofree char *good = in (folder, "good"), *bad = in (folder, "bad");
  g_autofree char *init = in (folder, "init.safetensors");
  g_autoptr (LwDataset) dataset = lw_test_shapes (32, 16);
  g_autoptr (LwSettings) settings =
      lw_test_settings ("lenet", "data=shapes", "batch=32", "epochs=1", NULL);
  g_autoptr (LwTrainer) whole = lw_test_new (settings, dataset, good), broken = NULL;

  visit (whole, 2);
  lw_test_run (whole, LW_RUN_FINISHED);
  visit (whole, 2);
  g_assert_true (g_file_set_contents (init, "no weights", -1, NULL));
  g_assert_true (lw_settings_set (settings, "init", init, NULL));
  broken = lw_test_new (settings, dataset, bad);
  visit (broken, 1);
  lw_trainer_start (broken);
  lw_test_wait (broken, LW_RUN_FAILED);
  visit (broken, 1);
  g_clear_pointer (&broken, lw_trainer_free);
  g_clear_pointer (&whole, lw_trainer_free);
  lw_remove_folder (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/watch/probes", test_probes);
  g_test_add_func ("/watch/moment", test_moment);
  g_test_add_func ("/watch/gradients", test_gradients);
  g_test_add_func ("/watch/bn-history", test_bn_history);
  g_test_add_func ("/watch/share", test_share);
  g_test_add_func ("/watch/visits", test_visits);
  return g_test_run ();
}
