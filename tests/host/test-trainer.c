/* Runs from outside: events, commands, sentences, files. */
#include "engine/checkpoint.h"
#include "engine/run.h"
#include "tests/support/program.h"
#include "tests/support/training.h"

#include <fcntl.h>
#include <math.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

/* --- a whole run ------------------------------------------------------------------------------ */

static void
check_events (LwRunLog *log)
{
  double loss = 0, accuracy = 0, time = 0;
  int64_t step = 0, epochs = 0;
  int32_t seen = 0;

  g_assert_cmpint (lw_run_log_get (log, 0)->kind, ==, LW_EVENT_START);
  for (int64_t i = 0; i < lw_run_log_length (log); i++) {
    const LwEvent *event = lw_run_log_get (log, i);

    g_assert_cmpfloat (event->time_s, >=, time);
    time = event->time_s;
    if (event->kind == LW_EVENT_STEP) {
      /* 100 images in batches of 32: three full ones and one of 4. */
      const int32_t n = step % 4 == 3 ? 4 : 32;

      g_assert_cmpint (event->step, ==, ++step);
      g_assert_cmpfloat (event->epoch, ==, (double)step / 4);
      g_assert_cmpfloat (event->learning_rate, ==, 0.5f);
      g_assert_cmpfloat (event->examples_per_second, >, 0);
      loss += n * (double)event->loss;
      accuracy += n * (double)event->accuracy;
      seen += n;
    } else if (event->kind == LW_EVENT_EPOCH) {
      g_assert_cmpint (event->step, ==, 4 * ++epochs);
      g_assert_cmpint (seen, ==, 100);
      g_assert_cmpfloat_with_epsilon ((double)event->loss, loss / 100, 1e-5);
      g_assert_cmpfloat_with_epsilon ((double)event->accuracy, accuracy / 100, 1e-5);
      g_assert_cmpfloat (event->test_loss, >, 0);
      g_assert_cmpfloat (fmod ((double)event->test_accuracy * 50 + 1e-4, 1), <, 2e-4);
      loss = accuracy = seen = 0;
    }
  }
  g_assert_cmpint (step, ==, 12);
  g_assert_cmpint (epochs, ==, 3);
}

static void
test_run (void)
{
  char *folder = lw_make_folder ();
  g_autofree char *path = in (folder, "run"), *best = NULL, *last = NULL, *csv = NULL;
  g_autofree char *json = NULL, *json_path = in (path, "run.json"), *text = NULL;
  g_autoptr (LwDataset) dataset = lw_test_shapes (100, 50);
  g_autoptr (LwSettings) settings =
      lw_test_settings ("lenet", "data=shapes", "batch=32", "epochs=3", "lr=0.5", NULL);
  g_autoptr (LwTrainer) trainer = lw_test_new (settings, dataset, path);
  g_autoptr (LwRun) run = NULL;
  g_autoptr (GError) error = NULL;
  const LwEvent *end;

  g_assert_cmpint (lw_trainer_state (trainer), ==, LW_RUN_READY);
  g_assert_cmpint (lw_trainer_total_steps (trainer), ==, 12);
  g_assert_cmpint (lw_trainer_steps_per_epoch (trainer), ==, 4);
  g_assert_cmpstr (lw_trainer_device_name (trainer), ==, "reference");
  g_assert_null (lw_trainer_bn_history (trainer));
  lw_test_run (trainer, LW_RUN_FINISHED);
  check_events (lw_trainer_log (trainer));
  end = last_event (trainer);
  g_assert_cmpint (end->kind, ==, LW_EVENT_END);
  g_assert_cmpint (end->state, ==, LW_RUN_FINISHED);
  g_assert_null (lw_trainer_message (trainer));

  run = lw_run_open (path, &error);
  g_assert_no_error (error);
  g_assert_cmpint (run->state, ==, LW_RUN_FINISHED);
  g_assert_cmpstr (run->name, ==, "run");
  g_assert_cmpstr (run->device, ==, "reference");
  g_assert_cmpint (lw_run_log_length (run->log), ==, lw_run_log_length (lw_trainer_log (trainer)));
  lw_test_assert_same_log (run->log, lw_trainer_log (trainer));
  g_assert_cmpint (run->best_epoch, >=, 1);
  g_assert_cmpint (ABS (run->started_unix - g_get_real_time () / G_USEC_PER_SEC), <, 100);
  last = lw_run_checkpoint (run, "last", &error);
  best = lw_run_checkpoint (run, "best", &error);
  g_assert_true (g_str_has_suffix (last, "/step-12.safetensors"));
  g_assert_nonnull (best);
  {
    g_autofree char *wanted = g_strdup_printf ("/step-%d.safetensors", 4 * run->best_epoch);
    g_autoptr (GArray) steps = lw_checkpoint_list (path);

    g_assert_true (g_str_has_suffix (best, wanted));
    g_assert_cmpint (steps->len, <=, 2); /* the others were deleted */
  }
  g_assert_null (lw_run_checkpoint (run, "7", &error));
  lw_test_assert_sentence (&error, LW_ERROR_UNKNOWN, "12");

  g_assert_true (g_file_get_contents (json_path, &json, NULL, NULL));
  g_assert_nonnull (strstr (json, "\"state\": \"finished\""));
  g_assert_nonnull (strstr (json, "{\"name\": \"0.weight\", \"shape\": [6, 1, 5, 5]"));

  csv = in (folder, "run.csv");
  g_assert_true (lw_run_export_csv (run, csv, &error));
  g_assert_true (g_file_get_contents (csv, &text, NULL, NULL));
  g_assert_true (g_str_has_prefix (text, "run,step,epoch,wall_time_s,split,metric,value\nrun,1,"));
  g_assert_nonnull (strstr (text, ",test,accuracy,"));
  lw_remove_folder (folder);
}

/* --- commands --------------------------------------------------------------------------------- */

static void
wait_for_steps (LwTrainer *trainer, int64_t n)
{
  const gint64 end = g_get_monotonic_time () + 60 * G_USEC_PER_SEC;

  while (lw_test_steps (trainer) < n && g_get_monotonic_time () < end)
    g_usleep (200);
  g_assert_cmpint (lw_test_steps (trainer), >=, n);
}

static void
test_commands (void)
{
  char *folder = lw_make_folder ();
  g_autofree char *path = in (folder, "run");
  g_autoptr (LwDataset) dataset = lw_test_shapes (512, 64);
  g_autoptr (LwSettings) settings =
      lw_test_settings ("lenet", "data=shapes", "batch=64", "epochs=100000", "lr=0.5", NULL);
  g_autoptr (LwTrainer) trainer = lw_test_new (settings, dataset, path);
  g_autoptr (LwRun) run = NULL;
  g_autofree char *last = NULL;
  int64_t steps;

  /* Single steps from the beginning, over the end of an epoch. */
  for (int64_t i = 1; i <= 18; i++) {
    lw_test_step (trainer);
    g_assert_cmpint (lw_test_steps (trainer), ==, i);
    if (i == 8)
      g_assert_cmpint (last_event (trainer)->kind, ==, LW_EVENT_EPOCH);
  }
  lw_trainer_start (trainer);
  lw_test_wait (trainer, LW_RUN_RUNNING);
  wait_for_steps (trainer, 30);
  steps = lw_test_steps (trainer);
  lw_trainer_pause (trainer);
  lw_test_wait (trainer, LW_RUN_PAUSED);
  g_assert_cmpint (lw_test_steps (trainer), <=,
                   steps + 2); /* the one in work, the one counted late */
  steps = lw_test_steps (trainer);
  g_usleep (50000);
  g_assert_cmpint (lw_test_steps (trainer), ==, steps);
  lw_trainer_start (trainer);
  wait_for_steps (trainer, steps + 5);
  steps = lw_test_steps (trainer);
  lw_trainer_stop (trainer);
  lw_trainer_join (trainer);
  g_assert_cmpint (lw_trainer_state (trainer), ==, LW_RUN_STOPPED);
  g_assert_cmpint (lw_test_steps (trainer), <=, steps + 2);
  g_assert_cmpint (last_event (trainer)->state, ==, LW_RUN_STOPPED);

  run = lw_run_open (path, NULL);
  last = lw_run_checkpoint (run, "last", NULL);
  {
    g_autofree char *wanted = lw_checkpoint_path (path, lw_test_steps (trainer));

    g_assert_cmpstr (last, ==, wanted);
  }
  lw_remove_folder (folder);
}

static void
count_wake (void *data)
{
  atomic_fetch_add ((atomic_int *)data, 1);
}

/* Freed without a start: nothing is left. Freed while running: saved. */
static void
test_free (void)
{
  char *folder = lw_make_folder ();
  g_autofree char *path = in (folder, "run");
  g_autoptr (LwDataset) dataset = lw_test_shapes (256, 32);
  g_autoptr (LwSettings) settings =
      lw_test_settings ("lenet", "data=shapes", "batch=32", "epochs=100000", NULL);
  LwTrainer *trainer = lw_test_new (settings, dataset, path);
  g_autoptr (LwRun) run = NULL;
  g_autoptr (GArray) checkpoints = NULL;
  g_autoptr (GError) error = NULL;
  atomic_int wakes = 0;

  g_assert_true (g_file_test (path, G_FILE_TEST_IS_DIR));
  lw_trainer_free (trainer);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));

  trainer = lw_test_new (settings, dataset, path);
  lw_trainer_set_wake (trainer, count_wake, &wakes);
  lw_trainer_start (trainer);
  wait_for_steps (trainer, 3);
  g_assert_cmpint (atomic_load (&wakes), ==, 2); /* starting, running */

  /* Only one may write a run. */
  run = lw_run_open (path, &error);
  g_assert_no_error (error);
  g_assert_cmpint (run->state, ==, LW_RUN_RUNNING);
  g_assert_null (lw_trainer_resume (path, lw_test_backends, dataset, 0, 0, &error));
  lw_test_assert_sentence (&error, LW_ERROR_IO, "being trained right now");

  lw_trainer_free (trainer);
  g_assert_cmpint (atomic_load (&wakes), ==, 3);
  checkpoints = lw_checkpoint_list (path);
  g_assert_cmpint (checkpoints->len, >=, 1);
  lw_run_free (g_steal_pointer (&run));
  run = lw_run_open (path, &error);
  g_assert_cmpint (run->state, ==, LW_RUN_STOPPED);
  lw_remove_folder (folder);
}

/* What is written to the open file from now on meets a full disk. */
static void
fill_disk (const char *path)
{
  const int full = open ("/dev/full", O_WRONLY | O_CLOEXEC);
  g_autofree char *whole = realpath (path, NULL);
  int found = 0;

  g_assert_cmpint (full, >=, 0);
  for (int fd = 0; fd < 1024; fd++) {
    g_autofree char *link = g_strdup_printf ("/proc/self/fd/%d", fd);
    g_autofree char *target = g_file_read_link (link, NULL);

    if (target != NULL && strcmp (target, whole) == 0) {
      g_assert_cmpint (dup2 (full, fd), ==, fd);
      found++;
    }
  }
  g_assert_cmpint (found, ==, 1);
  close (full);
}

/* No room for rows, and nobody waits for it: the run fails with a sentence, which its description
 * keeps, and goes on from its last checkpoint. */
static void
test_full (void)
{
  char *folder = lw_make_folder ();
  g_autofree char *path = in (folder, "run"), *metrics = in (path, "metrics.csv");
  g_autofree char *message = NULL;
  g_autoptr (LwDataset) dataset = lw_test_shapes (64, 32);
  g_autoptr (LwSettings) settings =
      lw_test_settings ("lenet", "data=shapes", "batch=16", "epochs=3", NULL);
  g_autoptr (LwRun) run = NULL;
  LwTrainer *trainer = lw_test_new (settings, dataset, path);

  for (int i = 0; i < 5; i++)
    lw_test_step (trainer);
  fill_disk (metrics);
  lw_trainer_start (trainer);
  while ((message = lw_trainer_message (trainer)) == NULL)
    g_usleep (200);
  g_clear_pointer (&message, g_free);
  lw_trainer_stop (trainer);
  lw_test_run (trainer, LW_RUN_FAILED);
  message = lw_trainer_message (trainer);
  lw_trainer_free (trainer);
  g_assert_nonnull (strstr (message, "metrics.csv"));
  run = lw_run_open (path, NULL);
  g_assert_cmpint (run->state, ==, LW_RUN_FAILED);
  g_assert_cmpstr (run->message, ==, message);
  trainer = lw_trainer_resume (path, lw_test_backends, dataset, 0, 0, NULL);
  g_assert_cmpint (last_event (trainer)->step, ==, 4);
  lw_test_run (trainer, LW_RUN_FINISHED);
  g_assert_cmpint (last_event (trainer)->step, ==, 12);
  lw_trainer_free (trainer);
  lw_remove_folder (folder);
}

static void
test_default_folder (void)
{
  g_autofree char *runs = lw_runs_folder ();
  g_autoptr (LwDataset) dataset = lw_test_shapes (32, 16);
  g_autoptr (LwSettings) settings =
      lw_test_settings ("lenet", "data=shapes", "batch=16", "epochs=1", "seed=5", NULL);
  g_auto (GStrv) list = NULL;

  for (int i = 0; i < 2; i++) {
    g_autoptr (LwRunLog) log = lw_test_train (settings, dataset, NULL);

    g_assert_cmpint (lw_run_log_length (log), >, 3);
  }
  list = lw_runs_list (runs);
  g_assert_cmpint (g_strv_length (list), ==, 2);
  g_assert_cmpstr (list[0], !=, list[1]);
  for (int i = 0; i < 2; i++) {
    g_assert_nonnull (strstr (list[i], "/layerwise/runs/lenet-20"));
    g_assert_nonnull (strstr (list[i], "-seed5"));
  }
  {
    g_auto (GStrv) none = lw_runs_list ("/nonexistent");

    g_assert_cmpint (g_strv_length (none), ==, 0);
  }
}

/* --- trouble ---------------------------------------------------------------------------------- */

static void
expect_refusal (const LwSettings *settings, LwDataset *dataset, const char *output, int code,
                const char *part)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LwTrainer) trainer =
      lw_trainer_new (settings, lw_test_backends, dataset, output, &error);

  g_assert_null (trainer);
  lw_test_assert_sentence (&error, code, part);
}

/* Those that only the thread can find. */
static void
expect_failure (const LwSettings *settings, LwDataset *dataset, const char *output,
                const char *part)
{
  g_autoptr (LwTrainer) trainer = lw_test_new (settings, dataset, output);
  g_autofree char *message = NULL;

  lw_test_run (trainer, LW_RUN_FAILED);
  message = lw_trainer_message (trainer);
  if (strstr (message, part) == NULL)
    g_error ("\"%s\" does not say \"%s\"", message, part);
  g_assert_cmpint (last_event (trainer)->state, ==, LW_RUN_FAILED);
}

static void
test_refusals (void)
{
  char *folder = lw_make_folder ();
  g_autofree char *full = in (folder, "full"), *file = in (full, "x"), *run = in (folder, "run");
  g_autofree char *below = in (file, "run"), *closed = in (folder, "closed");
  g_autofree char *within = in (closed, "run"), *init = in (folder, "init.safetensors");
  g_autofree char *init_option = g_strconcat ("init=", init, NULL);
  g_autoptr (LwDataset) dataset = lw_test_shapes (65, 32);
  g_autoptr (GError) error = NULL;

#define REFUSED(part, code, output, ...)                                                           \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_autoptr (LwSettings) settings = lw_test_settings (__VA_ARGS__, NULL);                        \
    expect_refusal (settings, dataset, output, code, part);                                        \
  }                                                                                                \
  G_STMT_END

  REFUSED ("--input 1x28x28", LW_ERROR_INVALID, run, "lenet", "input=3x28x28");
  REFUSED ("--classes 10", LW_ERROR_INVALID, run, "lenet", "classes=7");
  REFUSED ("did you mean reference?", LW_ERROR_UNKNOWN, run, "lenet", "device=referense");
  REFUSED ("the last one is reference:0", LW_ERROR_UNKNOWN, run, "lenet", "device=reference:3");
  REFUSED ("valid number", LW_ERROR_INVALID, run, "lenet", "device=reference:x");
  REFUSED ("a batch of a single image", LW_ERROR_INVALID, run, "lenet-bn", "batch=32");
  REFUSED ("of memory, but", LW_ERROR_MEMORY, run, "vgg11", "batch=65536", "limit-train=0",
           "input=1x4096x4096");
  REFUSED ("no file", LW_ERROR_IO, run, "lenet", init_option);
  REFUSED ("Nesterov", LW_ERROR_INVALID, run, "lenet", "nesterov=true");
  g_assert_false (g_file_test (run, G_FILE_TEST_EXISTS)); /* none of them made it */

  g_assert_cmpint (mkdir (full, 0700), ==, 0);
  g_assert_true (g_file_set_contents (file, "x", 1, NULL));
  REFUSED ("already holds files", LW_ERROR_IO, full, "lenet", "batch=32");
  REFUSED ("Cannot make the folder", LW_ERROR_IO, below, "lenet", "batch=32");
  g_assert_cmpint (mkdir (closed, 0500), ==, 0);
  if (getuid () != 0)
    REFUSED ("Permission denied", LW_ERROR_IO, within, "lenet", "batch=32");
  {
    g_autoptr (LwSettings) settings =
        lw_test_settings ("lenet", "batch=32", "precision=bf16", NULL);
    expect_failure (settings, dataset, run, "fp32");
  }
  g_assert_false (g_file_test (run, G_FILE_TEST_EXISTS)); /* nothing of a run that never began */
  {
    g_autoptr (LwSettings) settings = lw_test_settings ("lenet", "batch=32", init_option, NULL);
    g_assert_true (g_file_set_contents (init, "not safetensors", -1, NULL));
    expect_failure (settings, dataset, run, "init.safetensors");
  }
  {
    /* Weights of another network. */
    g_autoptr (LwSettings) settings = lw_test_settings ("lenet", "batch=32", init_option, NULL);
    g_autoptr (LwOptions) options = lw_options_new (lw_model_find ("lenet", NULL));
    g_autoptr (LwSettings) wide = lw_test_settings ("lenet", "set=width=2", NULL);
    g_autoptr (LwGraph) graph = lw_model_build (wide->options, NULL);
    g_autoptr (LwSession) session = lw_session_new (
        graph, lw_test_backends[0], 0, &(LwSessionOptions){ .inference_batch = 1 }, &error);

    g_assert_no_error (error);
    g_assert_true (lw_session_save (session, wide, init, &error));
    expect_failure (settings, dataset, run, "has the shape [12, 1, 5, 5]");
  }
  g_assert_null (lw_trainer_resume (folder, lw_test_backends, dataset, 0, 0, &error));
  lw_test_assert_sentence (&error, LW_ERROR_IO, "not a run's folder");
  lw_remove_folder (folder);
}

/* The given weights are those that training begins with: at rate 0 they are also its end. */
static void
test_init (void)
{
  char *folder = lw_make_folder ();
  g_autofree char *a = in (folder, "a"), *b = in (folder, "b");
  g_autofree char *first = lw_checkpoint_path (a, 2), *second = lw_checkpoint_path (b, 2);
  g_autoptr (LwDataset) dataset = lw_test_shapes (64, 32);
  g_autoptr (LwSettings) settings =
      lw_test_settings ("lenet", "batch=32", "lr=0", "epochs=1", NULL);
  g_autoptr (LwRunLog) log = lw_test_train (settings, dataset, a), again = NULL;

  g_assert_true (lw_settings_set (settings, "init", first, NULL));
  g_assert_true (lw_settings_set (settings, "seed", "99", NULL));
  again = lw_test_train (settings, dataset, b);
  lw_test_assert_same_tensors (first, second);
  lw_remove_folder (folder);
}

/* --- the same again ------------------------------------------------------------------------- */

/* The same bits with one thread and with two, dropout and shuffling included. */
static void
test_reproducible (void)
{
  char *folder = lw_make_folder ();
  static const char *const names[] = { "a", "b", "c" };
  g_auto (GStrv) paths = g_new0 (char *, 4);
  g_autoptr (LwDataset) dataset = lw_test_shapes (48, 16);
  g_autoptr (LwSettings) settings =
      lw_test_settings ("alexnet", "data=shapes", "resize=65", "batch=8", "steps=8", "lr=0.05",
                        "set=width=0.1", "checkpoint-every=8", NULL);
  LwRunLog *logs[3];

  for (int i = 0; i < 3; i++) {
    paths[i] = in (folder, names[i]);
    settings->threads = i == 1 ? 2 : 1;
    settings->seed = i == 2 ? 43 : 42;
    logs[i] = lw_test_train (settings, dataset, paths[i]);
  }
  lw_test_assert_same_log (logs[0], logs[1]);
  {
    g_autofree char *a = lw_checkpoint_path (paths[0], 8), *b = lw_checkpoint_path (paths[1], 8);

    lw_test_assert_same_tensors (a, b);
  }
  g_assert_cmpfloat (lw_run_log_get (logs[0], 1)->loss, !=, lw_run_log_get (logs[2], 1)->loss);
  for (int i = 0; i < 3; i++)
    lw_run_log_unref (logs[i]);
  lw_remove_folder (folder);
}

int
main (int argc, char **argv)
{
  char *data = lw_make_folder ();
  int status;

  g_setenv ("XDG_DATA_HOME", data, TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/trainer/run", test_run);
  g_test_add_func ("/trainer/commands", test_commands);
  g_test_add_func ("/trainer/free", test_free);
  g_test_add_func ("/trainer/full", test_full);
  g_test_add_func ("/trainer/default-folder", test_default_folder);
  g_test_add_func ("/trainer/refusals", test_refusals);
  g_test_add_func ("/trainer/init", test_init);
  g_test_add_func ("/trainer/reproducible", test_reproducible);
  status = g_test_run ();
  lw_remove_folder (data);
  return status;
}
