/* Runs whose numbers overflow: they say where and what to try, and keep only sound checkpoints. */
#include "engine/checkpoint.h"
#include "engine/run.h"
#include "tests/support/program.h"
#include "tests/support/training.h"

#include <math.h>
#include <string.h>

static char *
in (const char *folder, const char *name)
{
  return g_build_filename (folder, name, NULL);
}

static const LwEvent *
last_event (LwTrainer *trainer)
{
  LwRunLog *log = lw_trainer_log (trainer);

  return lw_run_log_get (log, lw_run_log_length (log) - 1);
}

static void
test_in_training (void)
{
  char *folder = lw_make_folder ();
  g_autofree char *path = in (folder, "run"), *checkpoint = NULL, *message = NULL;
  g_autoptr (LwDataset) dataset = lw_test_shapes (256, 32);
  g_autoptr (LwSettings) settings =
      lw_test_settings ("lenet", "data=shapes", "batch=32", "epochs=5", "lr=0.01",
                        "checkpoint-every=2", "set=activation=relu", NULL);
  g_autoptr (LwTrainer) trainer = lw_test_new (settings, dataset, path);
  g_autoptr (LwTensorFile) file = NULL;
  g_autoptr (LwRun) run = NULL;
  g_autoptr (GError) error = NULL;
  int64_t step;

  for (int64_t i = 1; i <= 5; i++)
    lw_test_step (trainer);
  lw_trainer_set_learning_rate (trainer, 1e8);
  lw_trainer_start (trainer);
  lw_trainer_join (trainer);
  g_assert_cmpint (lw_trainer_state (trainer), ==, LW_RUN_DIVERGED);
  step = last_event (trainer)->step;
  g_assert_cmpint (last_event (trainer)->state, ==, LW_RUN_DIVERGED);
  for (int64_t i = 0; i < lw_run_log_length (lw_trainer_log (trainer)); i++)
    g_assert_true (isfinite (lw_run_log_get (lw_trainer_log (trainer), i)->loss));
  message = lw_trainer_message (trainer);
  g_assert_nonnull (strstr (message, "ten times smaller, 1e+07"));
  g_assert_nonnull (strstr (message, " in step "));

  run = lw_run_open (path, &error);
  g_assert_no_error (error);
  g_assert_cmpint (run->state, ==, LW_RUN_DIVERGED);
  checkpoint = lw_run_checkpoint (run, "last", &error);
  g_assert_no_error (error);
  g_assert_cmpint (step, >=, 5);
  file = lw_tensor_file_open (checkpoint, &error);
  for (int32_t i = 0; i < lw_tensor_file_n (file); i++) {
    const LwFileTensor *tensor = lw_tensor_file_get (file, i);

    for (int64_t j = 0; j < tensor->size; j++)
      g_assert_true (isfinite (((const float *)tensor->data)[j]));
  }
  lw_remove_folder (folder);
}

/* Black images to train on and white ones to test with. */
static LwDataset *
make_contrast (void)
{
  static const char *const classes[] = { "a", "b", NULL };
  g_autofree uint8_t *black = g_new0 (uint8_t, 8 * 28 * 28), *white = g_new (uint8_t, 8 * 28 * 28);
  const uint8_t labels[8] = { 0, 1, 0, 1, 0, 1, 0, 1 };
  g_autoptr (GError) error = NULL;
  LwDataset *dataset;

  memset (white, 255, 8 * 28 * 28);
  dataset = lw_dataset_new_from_memory ("contrast", 1, 28, 28, classes, black, labels, 8, white,
                                        labels, 8, &error);
  g_assert_no_error (error);
  return dataset;
}

/* A first layer of huge weights, which black images do not show. */
static void
write_huge_weights (const LwSettings *settings, const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LwGraph) graph = lw_model_build (settings->options, &error);
  g_autoptr (LwSession) session = lw_session_new (
      graph, lw_test_backends[0], 0, &(LwSessionOptions){ .inference_batch = 1 }, &error);
  const int32_t index = lw_graph_find_tensor (graph, "0.weight");
  const int64_t n = lw_graph_tensor (graph, index)->size;
  g_autofree float *values = g_new (float, n);

  g_assert_no_error (error);
  for (int64_t i = 0; i < n; i++)
    values[i] = 3e38f;
  g_assert_true (lw_session_initialize (session, 1, &error));
  g_assert_true (lw_session_set_tensor (session, index, values, &error));
  g_assert_true (lw_session_save (session, settings, path, &error));
}

static void
test_in_test (void)
{
  char *folder = lw_make_folder ();
  g_autofree char *path = in (folder, "run"), *init = in (folder, "huge.safetensors");
  g_autofree char *message = NULL;
  g_autoptr (LwDataset) dataset = make_contrast ();
  g_autoptr (LwSettings) settings =
      lw_test_settings ("lenet", "batch=4", "lr=0.01", "set=activation=relu", NULL);
  g_autoptr (LwTrainer) trainer = NULL;
  g_autoptr (GArray) checkpoints = NULL;

  write_huge_weights (settings, init);
  g_assert_true (lw_settings_set (settings, "init", init, NULL));
  trainer = lw_test_new (settings, dataset, path);
  lw_test_run (trainer, LW_RUN_DIVERGED);
  message = lw_trainer_message (trainer);
  g_assert_nonnull (strstr (message, "losses of the test"));
  g_assert_cmpint (last_event (trainer)->kind, ==, LW_EVENT_END);
  g_assert_cmpint (last_event (trainer)->step, ==, 2);
  checkpoints = lw_checkpoint_list (path);
  g_assert_cmpint (checkpoints->len, ==, 0);
  lw_remove_folder (folder);
}

/* Weights that are not finite are no checkpoint, even when no loss has shown it yet. */
static void
test_weights (void)
{
  char *folder = lw_make_folder ();
  g_autofree char *path = in (folder, "x.safetensors");
  g_autoptr (LwSettings) settings = lw_test_settings ("lenet", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (LwGraph) graph = lw_model_build (settings->options, &error);
  g_autoptr (LwSession) session = lw_session_new (
      graph, lw_test_backends[0], 0, &(LwSessionOptions){ .inference_batch = 1 }, &error);
  const LwPosition position = { .step = 1 };
  float bias[6] = { 0, 0, 0, INFINITY, 0, 0 };
  bool finite = false;

  g_assert_true (lw_session_initialize (session, 1, &error));
  g_assert_true (lw_checkpoint_write (session, settings, &position, path, &finite, &error));
  g_assert_true (finite);
  lw_remove_folder (folder);
  folder = lw_make_folder ();
  g_free (path);
  path = in (folder, "x.safetensors");
  g_assert_true (
      lw_session_set_tensor (session, lw_graph_find_tensor (graph, "0.bias"), bias, &error));
  g_assert_true (lw_checkpoint_write (session, settings, &position, path, &finite, &error));
  g_assert_false (finite);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  lw_remove_folder (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/divergence/in-training", test_in_training);
  g_test_add_func ("/divergence/in-test", test_in_test);
  g_test_add_func ("/divergence/weights", test_weights);
  return g_test_run ();
}
