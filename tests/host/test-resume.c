/* A run that was stopped, or killed at any moment, and resumed ends as one that never stopped: the
 * same bits in every tensor and optimizer copy, the same events but for the times.
 *
 * The killed run is a process of its own: this program with the arguments --child and so on. */
#include "engine/checkpoint.h"
#include "engine/run.h"
#include "tests/support/program.h"
#include "tests/support/training.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#define N_TRAIN 84 /* in batches of 16: 6 steps an epoch, the last with 4 images */
#define STEPS   20 /* 3 epochs and 2 steps */

typedef struct {
  const char *name, *model;
  const char *options[8];
} Case;

static const Case cases[] = {
  { "lenet-sgd", "lenet", { "lr=0.9", "checkpoint-every=4" } },
  { "lenet-bn-momentum", "lenet-bn", { "lr=0.5", "momentum=0.9", "checkpoint-every=1" } },
  { "lenet-bn-adam", "lenet-bn", { "lr=0.01", "optimizer=adam", "weight-decay=1e-3" } },
  { "lenet-cosine", "lenet", { "lr=0.9", "schedule=cosine", "warmup-epochs=0.7", "shuffle=no" } },
  { "lenet-augmented",
    "lenet",
    { "lr=0.5", "augment=book", "crop-padding=3", "normalize=data", "checkpoint-every=4" } },
  { "alexnet-dropout",
    "alexnet",
    { "lr=0.02", "momentum=0.5", "nesterov=yes", "resize=65", "set=width=0.1",
      "checkpoint-every=5" } },
};

static LwSettings *
case_settings (const Case *c)
{
  LwSettings *settings = lw_test_settings (c->model, "data=shapes", "batch=16", "steps=20", NULL);

  for (int i = 0; c->options[i] != NULL; i++) {
    g_auto (GStrv) parts = g_strsplit (c->options[i], "=", 2);

    g_assert_true (lw_settings_set (settings, parts[0], parts[1], NULL));
  }
  return settings;
}

static LwDataset *
case_data (void)
{
  return lw_test_shapes (N_TRAIN, 40);
}

static LwRunLog *
resume (const char *path, int32_t epochs, int64_t steps)
{
  g_autoptr (LwDataset) dataset = case_data ();
  g_autoptr (GError) error = NULL;
  g_autoptr (LwTrainer) trainer =
      lw_trainer_resume (path, lw_test_backends, dataset, epochs, steps, &error);

  g_assert_no_error (error);
  lw_test_run (trainer, LW_RUN_FINISHED);
  return lw_run_log_ref (lw_trainer_log (trainer));
}

static void
assert_same_runs (const char *a, const char *b, int64_t step)
{
  g_autofree char *last_a = lw_checkpoint_path (a, step), *last_b = lw_checkpoint_path (b, step);
  g_autoptr (LwRun) run_a = lw_run_open (a, NULL), run_b = lw_run_open (b, NULL);

  lw_test_assert_same_tensors (last_a, last_b);
  lw_test_assert_same_log (run_a->log, run_b->log);
  g_assert_cmpint (run_a->best_epoch, ==, run_b->best_epoch);
  g_assert_cmpint (run_b->state, ==, LW_RUN_FINISHED);
  {
    g_autofree char *best_a = lw_run_checkpoint (run_a, "best", NULL);
    g_autofree char *best_b = lw_run_checkpoint (run_b, "best", NULL);

    lw_test_assert_same_tensors (best_a, best_b);
  }
}

/* metrics.csv without START and without the columns that hold a time or a speed. */
static char *
timeless_rows (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, "metrics.csv", NULL), *text = NULL;
  GString *rows = g_string_new (NULL);
  g_auto (GStrv) lines = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  lines = g_strsplit (text, "\n", -1);
  for (int i = 0; lines[i] != NULL; i++) {
    g_auto (GStrv) cells = g_strsplit (lines[i], ",", -1);

    if (g_strv_length (cells) == 14 && strcmp (cells[0], "start") != 0)
      g_string_append_printf (rows, "%s,%s,%s,%s,%s,%s,%s,%s\n", cells[0], cells[1], cells[2],
                              cells[4], cells[5], cells[6], cells[7], cells[8]);
  }
  return g_string_free (rows, FALSE);
}

static void
assert_same_rows (const char *a, const char *b)
{
  g_autofree char *rows_a = timeless_rows (a), *rows_b = timeless_rows (b);

  g_assert_cmpstr (rows_a, ==, rows_b);
}

/* Stopped in the middle of an epoch, after its end, and before the first step; each resumed. */
static void
test_stop (gconstpointer data)
{
  const Case *c = data;
  char *folder = lw_make_folder ();
  g_autofree char *whole = g_build_filename (folder, "whole", NULL);
  g_autofree char *stopped = g_build_filename (folder, "stopped", NULL);
  g_autoptr (LwSettings) settings = case_settings (c);
  g_autoptr (LwDataset) dataset = case_data ();
  g_autoptr (LwRunLog) log = lw_test_train (settings, dataset, whole);
  static const int64_t stops[] = { 3, 8, 12, 13 };
  int64_t done = 0;

  for (guint i = 0; i < G_N_ELEMENTS (stops); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (LwTrainer) trainer =
        i == 0 ? lw_trainer_new (settings, lw_test_backends, dataset, stopped, &error)
               : lw_trainer_resume (stopped, lw_test_backends, dataset, 0, 0, &error);

    g_assert_no_error (error);
    for (; done < stops[i]; done++)
      lw_test_step (trainer);
    lw_trainer_stop (trainer);
    lw_trainer_join (trainer);
    g_assert_cmpint (lw_trainer_state (trainer), ==, LW_RUN_STOPPED);
  }
  lw_run_log_unref (resume (stopped, 0, 0));
  assert_same_runs (whole, stopped, STEPS);
  assert_same_rows (whole, stopped);
  lw_remove_folder (folder);
}

/* --- killed ----------------------------------------------------------------------------------- */

static char *program;

static pid_t
start_child (const Case *c, const char *path, bool resumes)
{
  const pid_t child = fork ();

  if (child == 0) {
    execl (program, program, "--child", c->name, path, resumes ? "resume" : "new", NULL);
    _exit (127);
  }
  g_assert_cmpint (child, >, 0);
  return child;
}

static int
be_child (const char *name, const char *path, const char *how)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (LwSettings) settings = NULL;
    g_autoptr (LwDataset) dataset = NULL;
    g_autoptr (LwRunLog) log = NULL;

    if (strcmp (cases[i].name, name) != 0)
      continue;
    settings = case_settings (&cases[i]);
    dataset = case_data ();
    if (strcmp (how, "resume") == 0)
      log = resume (path, 0, 0);
    else
      log = lw_test_train (settings, dataset, path);
    return 0;
  }
  return 3;
}

/* Killed a dozen times, at moments spread over the time that a whole run takes. */
static void
test_kill (gconstpointer data)
{
  const Case *c = data;
  char *folder = lw_make_folder ();
  g_autofree char *whole = g_build_filename (folder, "whole", NULL);
  g_autofree char *killed = g_build_filename (folder, "killed", NULL);
  g_autofree char *record = g_build_filename (killed, "run.json", NULL);
  const gint64 begin = g_get_monotonic_time ();
  int kills = 0, resumed = 0;
  bool finished = false;
  double whole_us;

  g_assert_true (lw_reap (start_child (c, whole, false)));
  whole_us = (double)(g_get_monotonic_time () - begin);
  for (int i = 0; !finished; i++) {
    const bool resumes = g_file_test (record, G_FILE_TEST_EXISTS);
    const double part = (i + 1) * 0.618 - (int)((i + 1) * 0.618); /* golden ratio: well spread */
    pid_t child;

    if (!resumes)
      lw_remove_folder (g_strdup (killed));
    child = start_child (c, killed, resumes);
    if (kills < 12) {
      g_usleep ((gulong)(whole_us * (0.08 + 0.45 * part)));
      kill (child, SIGKILL);
    }
    finished = lw_reap (child);
    kills += !finished;
    resumed += !finished && resumes;
  }
  g_test_message ("killed %d times, %d of them after a resume", kills, resumed);
  g_assert_cmpint (kills, >, 0);
  assert_same_runs (whole, killed, STEPS);
  assert_same_rows (whole, killed);
  lw_remove_folder (folder);
}

/* --- longer, and damaged ---------------------------------------------------------------------- */

/* Two epochs, raised to four, are as four from the beginning. */
static void
test_longer (void)
{
  char *folder = lw_make_folder ();
  g_autofree char *whole = g_build_filename (folder, "whole", NULL);
  g_autofree char *raised = g_build_filename (folder, "raised", NULL);
  g_autoptr (LwSettings) settings = case_settings (&cases[1]);
  g_autoptr (LwDataset) dataset = case_data ();
  g_autoptr (LwRunLog) log = NULL, first = NULL;
  g_autoptr (GError) error = NULL;

  settings->steps = 0;
  settings->epochs = 4;
  log = lw_test_train (settings, dataset, whole);
  settings->epochs = 2;
  first = lw_test_train (settings, dataset, raised);
  lw_run_log_unref (resume (raised, 4, 0));
  assert_same_runs (whole, raised, 24);

  g_assert_null (lw_trainer_resume (raised, lw_test_backends, dataset, 3, 0, &error));
  lw_test_assert_sentence (&error, LW_ERROR_INVALID, "longer, not shorter");
  {
    g_autoptr (LwDataset) other = lw_test_shapes (N_TRAIN + 1, 40);

    g_assert_null (lw_trainer_resume (raised, lw_test_backends, other, 0, 0, &error));
    lw_test_assert_sentence (&error, LW_ERROR_INVALID, "data that it began with");
  }
  lw_remove_folder (folder);
}

/* A rate that was changed while running is part of the run. */
static void
test_rate (void)
{
  char *folder = lw_make_folder ();
  g_autofree char *path = g_build_filename (folder, "run", NULL);
  g_autoptr (LwSettings) settings = case_settings (&cases[0]);
  g_autoptr (LwDataset) dataset = case_data ();
  LwTrainer *trainer = lw_trainer_new (settings, lw_test_backends, dataset, path, NULL);
  g_autoptr (LwRunLog) log = NULL;
  int32_t settings_seen = 0;

  for (int i = 0; i < 3; i++)
    lw_test_step (trainer);
  lw_trainer_set_learning_rate (trainer, 0.125);
  lw_trainer_free (trainer); /* stops and saves */
  log = resume (path, 0, 0);
  for (int64_t i = 0; i < lw_run_log_length (log); i++) {
    const LwEvent *event = lw_run_log_get (log, i);

    if (event->kind == LW_EVENT_SETTING) {
      g_assert_cmpint (event->step, ==, 3);
      g_assert_cmpfloat (event->learning_rate, ==, 0.125f);
      settings_seen++;
    }
    if (event->kind == LW_EVENT_STEP)
      g_assert_cmpfloat (event->learning_rate, ==, event->step <= 3 ? 0.9f : 0.125f);
  }
  g_assert_cmpint (settings_seen, ==, 1);
  lw_remove_folder (folder);
}

/* A damaged checkpoint: the other one serves; with none left, a sentence. Rows and statistics that
 * are newer than the checkpoint do not matter, a damaged row does. */
static void
test_damaged (void)
{
  char *folder = lw_make_folder ();
  g_autofree char *path = g_build_filename (folder, "run", NULL);
  g_autofree char *metrics = g_build_filename (path, "metrics.csv", NULL), *text = NULL;
  g_autofree char *cut = NULL, *record = g_build_filename (path, "run.json", NULL);
  g_autoptr (LwSettings) settings = case_settings (&cases[1]);
  g_autoptr (LwDataset) dataset = case_data ();
  g_autoptr (LwRunLog) log = lw_test_train (settings, dataset, path), again = NULL;
  g_autoptr (GArray) steps = lw_checkpoint_list (path);
  g_autofree char *last = lw_checkpoint_path (path, STEPS);
  g_autoptr (GError) error = NULL;
  gsize length;

  g_assert_cmpint (steps->len, ==, 2);
  g_assert_true (g_file_get_contents (last, &text, &length, NULL));
  g_assert_true (g_file_set_contents (last, text, (gssize)length / 2, NULL));
  again = resume (path, 0, 0); /* from the best one */
  lw_test_assert_same_log (log, again);

  g_clear_pointer (&text, g_free);
  g_assert_true (g_file_get_contents (metrics, &text, NULL, NULL));
  cut = g_strconcat ("event,step\n", strchr (text, '\n'), NULL);
  memset (strstr (cut, "\nstep,2,"), '?', 12);
  g_assert_true (g_file_set_contents (metrics, cut, -1, NULL));
  g_assert_null (lw_trainer_resume (path, lw_test_backends, dataset, 0, 0, &error));
  lw_test_assert_sentence (&error, LW_ERROR_FORMAT, "metrics.csv");
  g_assert_true (g_file_set_contents (metrics, text, -1, NULL));

  for (guint i = 0; i < 2; i++) {
    g_autoptr (GArray) left = lw_checkpoint_list (path);
    g_autofree char *one = lw_checkpoint_path (path, g_array_index (left, int64_t, i));

    g_assert_true (g_file_set_contents (one, "", 0, NULL));
  }
  g_assert_null (lw_trainer_resume (path, lw_test_backends, dataset, 0, 0, &error));
  lw_test_assert_sentence (&error, LW_ERROR_FORMAT, "safetensors");

  g_assert_true (g_file_set_contents (record, "{\"format\": 1}", -1, NULL));
  g_assert_null (lw_run_open (path, &error));
  lw_test_assert_sentence (&error, LW_ERROR_FORMAT, "run.json");
  g_assert_true (g_file_set_contents (record, "{\"format\": 2}", -1, NULL));
  g_assert_null (lw_run_open (path, &error));
  lw_test_assert_sentence (&error, LW_ERROR_FORMAT, "newer version");
  lw_remove_folder (folder);
}

int
main (int argc, char **argv)
{
  if (argc == 5 && strcmp (argv[1], "--child") == 0)
    return be_child (argv[2], argv[3], argv[4]);
  program = argv[0];
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *stop = g_strconcat ("/resume/stop/", cases[i].name, NULL);
    g_autofree char *kill = g_strconcat ("/resume/kill/", cases[i].name, NULL);

    g_test_add_data_func (stop, &cases[i], test_stop);
    g_test_add_data_func (kill, &cases[i], test_kill);
  }
  g_test_add_func ("/resume/longer", test_longer);
  g_test_add_func ("/resume/rate", test_rate);
  g_test_add_func ("/resume/damaged", test_damaged);
  return g_test_run ();
}
