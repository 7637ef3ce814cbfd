/* train: whole runs through the program, read as a script would read them. */
#include "tests/host/cli-quick.h"

#include <gio/gio.h>
#include <math.h>
#include <sched.h>
#include <signal.h>
#include <string.h>

/* Epochs of a run that is still going on when it is interrupted. */
#define LONG "14"

/* The run that several tests read: two epochs. */
static char *root, *shared_run;
static LwResult *shared_result;

static void
make_shared_run (void)
{
  root = lw_make_folder ();
  shared_run = g_build_filename (root, "shared", NULL);
  shared_result =
      lw_program ("train", QUICK, "--epochs", "2", "--output", shared_run, "--json", NULL);
}

static void
test_events (void)
{
  g_autoptr (GPtrArray) events = NULL;
  JsonObject *event;
  int steps = 0, epochs = 0;
  double best = 0, loss = 0, accuracy = 0;

  lw_assert_status (shared_result, 0);
  events = lw_result_events (shared_result);
  event = events->pdata[0];
  g_assert_cmpstr (json_object_get_string_member (event, "event"), ==, "start");
  g_assert_cmpstr (json_object_get_string_member (event, "model"), ==, "lenet-bn");
  g_assert_cmpstr (json_object_get_string_member (event, "device"), !=, "auto");
  g_assert_cmpstr (json_object_get_string_member (event, "precision"), ==, "fp32");
  g_assert_cmpstr (json_object_get_string_member (event, "run"), ==, shared_run);
  g_assert_cmpfloat (number (event, "seed"), ==, 42);
  g_assert_cmpfloat (number (event, "batch"), ==, 50);
  g_assert_cmpfloat (number (event, "learning_rate"), ==, 1);
  g_assert_cmpfloat (number (event, "parameters"), ==, 44878);
  g_assert_cmpfloat (number (event, "train_examples"), ==, 300);
  g_assert_cmpfloat (number (event, "test_examples"), ==, 100);
  g_assert_cmpfloat (number (event, "steps_per_epoch"), ==, 6);
  for (guint i = 1; i + 1 < events->len; i++) {
    event = events->pdata[i];
    if (g_str_equal (json_object_get_string_member (event, "event"), "step")) {
      steps++;
      g_assert_cmpfloat (number (event, "step"), ==, steps);
      g_assert_cmpfloat (fabs (number (event, "epoch") - steps / 6.0), <, 1e-6);
      g_assert_cmpfloat (number (event, "learning_rate"), ==, 1);
      g_assert_cmpfloat (number (event, "examples_per_second"), >, 0);
      loss += number (event, "loss");
      accuracy += number (event, "accuracy");
    } else {
      g_assert_cmpstr (json_object_get_string_member (event, "event"), ==, "epoch");
      epochs++;
      g_assert_cmpint (steps, ==, 6 * epochs);
      g_assert_cmpfloat (number (event, "epoch"), ==, epochs);
      /* All batches are equally large: the epoch's means are the means of the steps'. */
      g_assert_cmpfloat (fabs (number (event, "train_loss") - loss / 6), <, 1e-4);
      g_assert_cmpfloat (fabs (number (event, "train_accuracy") - accuracy / 6), <, 1e-5);
      g_assert_cmpfloat (number (event, "test_loss"), >, 0);
      g_assert_cmpfloat (number (event, "seconds"), >, 0);
      g_assert_cmpfloat (number (event, "examples_per_second"), >, 0);
      best = MAX (best, number (event, "test_accuracy"));
      loss = accuracy = 0;
    }
  }
  g_assert_cmpint (steps, ==, 12);
  g_assert_cmpint (epochs, ==, 2);
  event = events->pdata[events->len - 1];
  g_assert_cmpstr (json_object_get_string_member (event, "event"), ==, "end");
  g_assert_cmpstr (json_object_get_string_member (event, "status"), ==, "finished");
  g_assert_cmpfloat (number (event, "step"), ==, 12);
  g_assert_cmpfloat (number (event, "epoch"), ==, 2);
  g_assert_cmpfloat (number (event, "best_test_accuracy"), ==, best);
  g_assert_cmpfloat (number (event, "best_epoch"), >=, 1);
  g_assert_cmpstr (json_object_get_string_member (event, "run"), ==, shared_run);
}

/* The losses of all steps as text, for comparisons. */
static char *
losses (const LwResult *result)
{
  g_autoptr (GPtrArray) events = lw_result_events (result);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < events->len; i++) {
    JsonObject *event = events->pdata[i];

    if (g_str_equal (json_object_get_string_member (event, "event"), "step"))
      g_string_append_printf (text, "%.9g ", number (event, "loss"));
  }
  return g_string_free (text, FALSE);
}

static void
test_seed (void)
{
  g_autofree char *a = g_build_filename (root, "seed-a", NULL);
  g_autofree char *b = g_build_filename (root, "seed-b", NULL);
  g_autofree char *c = g_build_filename (root, "seed-c", NULL);
  g_autoptr (LwResult) first =
      lw_program ("train", QUICK, "--steps", "4", "--seed", "7", "--output", a, "--json", NULL);
  g_autoptr (LwResult) again = lw_program ("train", QUICK, "--steps", "4", "--seed", "7",
                                           "--output", b, "--threads=1", "--json", NULL);
  g_autoptr (LwResult) other =
      lw_program ("train", QUICK, "--steps", "4", "--seed", "8", "--output", c, "--json", NULL);
  g_autofree char *first_losses = losses (first), *again_losses = losses (again);
  g_autofree char *other_losses = losses (other);
  g_auto (GStrv) words = g_strsplit (first_losses, " ", -1);

  lw_assert_status (first, 0);
  g_assert_cmpuint (g_strv_length (words), ==, 5); /* four and the empty one at the end */
  g_assert_cmpstr (first_losses, ==, again_losses);
  g_assert_cmpstr (first_losses, !=, other_losses);
}

/* Table, best epoch and folder for people; nothing on standard error without a terminal. */
static void
test_plain (void)
{
  g_autofree char *folder = g_build_filename (root, "plain", NULL);
  g_autoptr (LwResult) result =
      lw_program ("train", QUICK, "--epochs", "1", "--output", folder, NULL);

  lw_assert_status (result, 0);
  g_assert_cmpstr (result->err, ==, "");
  lw_assert_contains (result->out, "44,878");
  lw_assert_contains (result->out, "train loss");
  lw_assert_contains (result->out, "Best test accuracy");
  lw_assert_contains (result->out, folder);
  g_assert_null (strchr (result->out, '\033'));
  g_assert_null (strchr (result->out, '\r'));
}

/* --- interrupted and resumed -------------------------------------------------------------------
 */

/* Starts a run, lets it make some steps, sends the signal; returns its exit status. */
static int
interrupt_run (const char *folder, int number, GPtrArray **ret_events)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GDataInputStream) lines = NULL;
  LwResult result = { 0 };
  GString *all = g_string_new (NULL);
  int seen = 0;
  char *line;

  g_subprocess_launcher_set_child_setup (launcher, lw_end_with_test, NULL, NULL);
  process =
      g_subprocess_launcher_spawn (launcher, &error, g_getenv ("LAYERWISE_PROGRAM"), "train", QUICK,
                                   "--epochs", LONG, "--output", folder, "--json", NULL);
  g_assert_no_error (error);
  lines = g_data_input_stream_new (g_subprocess_get_stdout_pipe (process));
  while ((line = g_data_input_stream_read_line (lines, NULL, NULL, &error)) != NULL) {
    g_string_append_printf (all, "%s\n", line);
    g_free (line);
    if (++seen == 9)
      g_subprocess_send_signal (process, number);
  }
  g_assert_no_error (error);
  g_subprocess_wait (process, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_get_if_exited (process));
  result.out = g_string_free (all, FALSE);
  *ret_events = lw_result_events (&result);
  g_free (result.out);
  return g_subprocess_get_exit_status (process);
}

/* A run that was interrupted and resumed ends with the same bits as one that was not. */
static void
test_resume (void)
{
  g_autofree char *broken = g_build_filename (root, "broken", NULL);
  g_autofree char *whole = g_build_filename (root, "whole", NULL);
  g_autoptr (GPtrArray) events = NULL, more = NULL;
  g_autoptr (LwResult) resumed = NULL, straight = NULL;
  g_autoptr (GBytes) a = NULL, b = NULL;
  JsonObject *end;
  int stopped;

  g_assert_cmpint (interrupt_run (broken, SIGINT, &events), ==, 130);
  end = events->pdata[events->len - 1];
  g_assert_cmpstr (json_object_get_string_member (end, "event"), ==, "end");
  g_assert_cmpstr (json_object_get_string_member (end, "status"), ==, "stopped");
  stopped = (int)number (end, "step");
  g_assert_cmpint (stopped, >=, 7);
  g_assert_cmpint (stopped, <, 80);

  resumed = lw_program ("train", "--resume", broken, "--json", NULL);
  lw_assert_status (resumed, 0);
  more = lw_result_events (resumed);
  g_assert_cmpfloat (number (lw_find_event (more, "step", 0), "step"), ==, stopped + 1);

  straight = lw_program ("train", QUICK, "--epochs", LONG, "--output", whole, "--json", NULL);
  lw_assert_status (straight, 0);
  a = exported_weights (broken, "last");
  b = exported_weights (whole, "last");
  g_assert_true (g_bytes_equal (a, b));
}

/* What a cluster sends when a job is cancelled, or shortly before its time is up. */
static void
test_signals (void)
{
  static const int signals[] = { SIGTERM, SIGUSR1 };

  for (guint i = 0; i < G_N_ELEMENTS (signals); i++) {
    g_autofree char *name = g_strdup_printf ("signal-%d", signals[i]);
    g_autofree char *folder = g_build_filename (root, name, NULL);
    g_autoptr (GPtrArray) events = NULL;

    g_assert_cmpint (interrupt_run (folder, signals[i], &events), ==, 130);
    g_assert_cmpstr (json_object_get_string_member (events->pdata[events->len - 1], "status"), ==,
                     "stopped");
  }
}

/* A run's folder is enough to repeat it, and it says whether that is the same. */
static void
test_repeat (void)
{
  g_autofree char *again = g_build_filename (root, "repeated", NULL);
  g_autoptr (LwResult) result =
      lw_program ("train", "--repeat", shared_run, "--output", again, "--json", NULL);
  g_autoptr (LwResult) refused = lw_program ("train", "--repeat", shared_run, "--seed", "3", NULL);
  g_autoptr (GPtrArray) events = NULL;
  JsonObject *repeat;

  lw_assert_status (result, 0);
  events = lw_result_events (result);
  repeat = lw_find_event (events, "repeat", 0);
  g_assert_nonnull (repeat);
  g_assert_true (json_object_get_boolean_member (repeat, "same"));
  g_assert_cmpfloat (number (repeat, "steps"), >, 3);
  g_assert_cmpstr (json_object_get_string_member (repeat, "run"), ==, again);
  lw_assert_status (refused, 2);
  lw_assert_contains (refused->err, "--seed cannot be given");
}

static void
test_resume_mistakes (void)
{
  static const struct {
    const char *words, *said;
    int status;
  } mistakes[] = {
    { "--batch 10", "--batch", 2 },
    { "--lr 3", "--learning-rate", 2 },
    { "--algorithms fixed", "--algorithms", 2 },
    { "--set width=2", "--set", 2 },
    { "--epochs 1", "can only be raised", 2 },
    { "lenet", "a run of lenet-bn", 2 },
    { "--output elsewhere", "--output", 2 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (mistakes); i++) {
    g_autofree char *line = g_strdup_printf ("train --resume %s %s", shared_run, mistakes[i].words);
    g_auto (GStrv) words = g_strsplit (line, " ", -1);
    g_autoptr (LwResult) result = lw_program_v ((const char *const *)words);

    lw_assert_status (result, mistakes[i].status);
    lw_assert_contains (result->err, mistakes[i].said);
  }
}

/* --- failures ----------------------------------------------------------------------------------
 */

static void
test_mistakes (void)
{
  static const struct {
    const char *words, *said;
  } mistakes[] = {
    { "train", "needs a MODEL, --resume RUN or" },
    { "train resnet19", "did you mean resnet18?" },
    { "train lenet --epoch 3", "unknown option --epoch; did you mean --epochs?" },
    { "train lenet --epochs 0", "epochs" },
    { "train lenet --batch -3", "batch" },
    { "train lenet --lr nan", "learning-rate" },
    { "train lenet --optimizer sdg", "did you mean sgd?" },
    { "train lenet --nesterov", "momentum" },
    { "train lenet --input big", "--input" },
    { "train lenet --data shapes --device referense", "did you mean reference?" },
    { "train lenet --data shaps", "did you mean" },
    { "predict", "needs a RUN" },
    { "predict there --split tset", "did you mean test?" },
    { "predict there --count none", "--count" },
    { "predict there --algorithms fxed", "did you mean fixed?" },
    { "train lenet --algorithms fast", "algorithms must be one of fixed, timed" },
    { "train lenet --algorithms", "--algorithms needs a value" },
    { "export lenet", "--output" },
    { "export lenet --format safetensors --output x", "only its diagram" },
    { "export lenet --format jpg --output x", "unknown format \"jpg\"" },
    { "export lenet --what digram --output x.png", "did you mean diagram?" },
    { "export resnet19 --what diagram --output x.png", "did you mean resnet18?" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (mistakes); i++) {
    g_auto (GStrv) words = g_strsplit (mistakes[i].words, " ", -1);
    g_autoptr (LwResult) result = lw_program_v ((const char *const *)words);

    g_test_message ("layerwise %s: %s", mistakes[i].words, result->err);
    lw_assert_status (result, g_str_equal (mistakes[i].words, "predict there") ? 1 : 2);
    g_assert_cmpstr (result->out, ==, "");
    lw_assert_contains (result->err, mistakes[i].said);
  }
}

/* Failures: status 1, one sentence, and an error event where events are asked for. */
static void
test_failures (void)
{
  g_autoptr (LwResult) missing =
      lw_program ("train", "lenet", "--data", "/there/is/nothing", "--json", NULL);
  g_autoptr (LwResult) taken = lw_program ("train", QUICK, "--output", shared_run, NULL);
  g_autoptr (LwResult) no_run = lw_program ("predict", root, NULL);
  g_autoptr (LwResult) no_network =
      lw_program ("train", "alexnet", "--data", "shapes", "--resize", "8", "--json", NULL);
  g_autoptr (GPtrArray) events = NULL, network_events = NULL;

  lw_assert_status (missing, 1);
  events = lw_result_events (missing);
  g_assert_cmpuint (events->len, ==, 1);
  g_assert_cmpstr (json_object_get_string_member (events->pdata[0], "event"), ==, "error");
  lw_assert_contains (missing->err, json_object_get_string_member (events->pdata[0], "message"));
  lw_assert_status (taken, 1);
  lw_assert_status (no_run, 1);
  lw_assert_status (no_network, 1);
  network_events = lw_result_events (no_network);
  g_assert_nonnull (lw_find_event (network_events, "error", 0));
}

/* An absurd learning rate ends as "diverged", said in words. */
static void
test_diverged (void)
{
  g_autofree char *folder = g_build_filename (root, "diverged", NULL);
  g_autoptr (LwResult) result =
      lw_program ("train", "lenet", "--set", "activation=relu", "--data", "shapes", "--limit-train",
                  "300", "--limit-test", "50", "--batch", "50", "--epochs", "5", "--lr", "1e8",
                  "--output", folder, "--json", NULL);
  g_autoptr (GPtrArray) events = NULL;
  JsonObject *end;

  lw_assert_status (result, 1);
  events = lw_result_events (result);
  end = events->pdata[events->len - 1];
  g_assert_cmpstr (json_object_get_string_member (end, "event"), ==, "end");
  g_assert_cmpstr (json_object_get_string_member (end, "status"), ==, "diverged");
  g_assert_nonnull (lw_find_event (events, "error", 0));
  g_assert_cmpstr (result->err, !=, "");
}

/* A list makes a run of each value, each with all its events and a folder of its own; one that
 * diverges does not keep the next from its turn. */
static void
test_sweep (void)
{
  g_autofree char *folder = g_build_filename (root, "sweep", NULL);
  g_autoptr (LwResult) result =
      lw_program ("train", QUICK, "--epochs", "1", "--learning-rate", "1e9,0.5", "--set",
                  "activation=sigmoid,relu", "--output", folder, "--json", NULL);
  g_autoptr (LwResult) twice = lw_program ("train", QUICK, "--seed", "1,1", NULL);
  g_autoptr (LwResult) other = lw_program ("show", "lenet", "--set", "width=0.5,1", NULL);
  static const char *const names[] = { "learning-rate-1e9_activation-sigmoid",
                                       "learning-rate-1e9_activation-relu",
                                       "learning-rate-0.5_activation-sigmoid",
                                       "learning-rate-0.5_activation-relu" };
  g_autoptr (GPtrArray) events = lw_result_events (result);
  guint starts = 0, finished = 0;

  for (guint i = 0; i < events->len; i++) {
    const char *kind = json_object_get_string_member (events->pdata[i], "event");

    if (g_str_equal (kind, "start")) {
      g_autofree char *path = g_build_filename (folder, names[MIN (starts, 3)], NULL);

      g_assert_cmpstr (json_object_get_string_member (events->pdata[i], "run"), ==, path);
      starts++;
    } else if (g_str_equal (kind, "end"))
      finished +=
          g_str_equal (json_object_get_string_member (events->pdata[i], "status"), "finished");
  }
  g_assert_cmpuint (starts, ==, 4);
  g_assert_cmpuint (finished, >=, 2);
  lw_assert_status (result, finished == 4 ? 0 : 1);
  lw_assert_status (twice, 2);
  lw_assert_contains (twice->err, "twice");
  lw_assert_status (other, 2); /* only training makes runs */
}

/* A changed setting that a killed run left in its log is made again and printed; patience ends a
 * run, and the reason is in its last line. */
static void
test_settings (void)
{
  g_autofree char *folder = g_build_filename (root, "early", NULL);
  g_autofree char *metrics = g_build_filename (folder, "metrics.csv", NULL), *text = NULL;
  g_autofree char *longer = NULL;
  g_autoptr (LwResult) result = lw_program (
      "train", "lenet", "--data", "shapes", "--limit-train", "300", "--limit-test", "50", "--batch",
      "50", "--epochs", "8", "--lr", "0", "--patience", "2", "--output", folder, "--json", NULL);
  g_autoptr (LwResult) resumed = NULL, refused = NULL;
  g_autoptr (GPtrArray) events = NULL, more = NULL;
  JsonObject *event;

  lw_assert_status (result, 0);
  events = lw_result_events (result);
  event = events->pdata[events->len - 1];
  g_assert_cmpstr (json_object_get_string_member (event, "status"), ==, "finished");
  g_assert_cmpstr (json_object_get_string_member (event, "reason"), ==, "early-stop");
  g_assert_cmpfloat (number (event, "epoch"), ==, 3);
  g_assert_cmpfloat (number (event, "best_epoch"), ==, 1);

  g_assert_true (g_file_get_contents (metrics, &text, NULL, NULL));
  longer = g_strconcat (text, "setting,20,3.33,0,,,,,0.25,,,learning-rate,0.25,0\n", NULL);
  g_assert_true (g_file_set_contents (metrics, longer, -1, NULL));
  resumed = lw_program ("train", "--resume", folder, "--epochs", "9", "--json", NULL);
  lw_assert_status (resumed, 0);
  more = lw_result_events (resumed);
  event = lw_find_event (more, "setting", 0);
  g_assert_nonnull (event);
  g_assert_cmpfloat (number (event, "step"), ==, 20);
  g_assert_cmpstr (json_object_get_string_member (event, "setting"), ==, "learning-rate");
  g_assert_cmpfloat (number (event, "value"), ==, 0.25);
  g_assert_cmpfloat (number (event, "previous"), ==, 0);
  event = more->pdata[more->len - 1];
  g_assert_cmpfloat (number (event, "epoch"), >=, 5); /* two more at least */

  refused = lw_program ("train", "lenet", "--patience", "-1", NULL);
  lw_assert_status (refused, 2);
  g_assert_nonnull (strstr (refused->err, "patience"));
}

/* Where it may use one processor alone, it makes one thread, whatever the computer has. */
static void
test_one_processor (void)
{
  g_autofree char *folder = g_build_filename (root, "one-processor", NULL), *path = NULL;
  g_autoptr (LwResult) result = NULL;
  g_autofree char *record = NULL;
  cpu_set_t before, one;

  g_assert_cmpint (sched_getaffinity (0, sizeof before, &before), ==, 0);
  CPU_ZERO (&one);
  for (size_t i = 0; i < CPU_SETSIZE && CPU_COUNT (&one) == 0; i++)
    if (CPU_ISSET (i, &before))
      CPU_SET (i, &one);
  g_assert_cmpint (sched_setaffinity (0, sizeof one, &one), ==, 0);
  result = lw_program ("train", "lenet", "--data", "shapes", "--limit-train", "20", "--limit-test",
                       "10", "--batch", "10", "--steps", "1", "--output", folder, NULL);
  g_assert_cmpint (sched_setaffinity (0, sizeof before, &before), ==, 0);
  lw_assert_status (result, 0);
  path = g_build_filename (folder, "run.json", NULL);
  g_assert_true (g_file_get_contents (path, &record, NULL, NULL));
  lw_assert_contains (record, "\"threads\": 1,");
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  make_shared_run ();
  g_test_add_func ("/cli-train/events", test_events);
  g_test_add_func ("/cli-train/seed", test_seed);
  g_test_add_func ("/cli-train/plain", test_plain);
  g_test_add_func ("/cli-train/resume", test_resume);
  g_test_add_func ("/cli-train/signals", test_signals);
  g_test_add_func ("/cli-train/repeat", test_repeat);
  g_test_add_func ("/cli-train/resume-mistakes", test_resume_mistakes);
  g_test_add_func ("/cli-train/mistakes", test_mistakes);
  g_test_add_func ("/cli-train/failures", test_failures);
  g_test_add_func ("/cli-train/diverged", test_diverged);
  g_test_add_func ("/cli-train/sweep", test_sweep);
  g_test_add_func ("/cli-train/settings", test_settings);
  g_test_add_func ("/cli-train/one-processor", test_one_processor);
  status = g_test_run ();
  lw_result_free (shared_result);
  g_free (shared_run);
  lw_remove_folder (root);
  return status;
}
