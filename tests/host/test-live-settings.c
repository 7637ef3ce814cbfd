/* Settings that change while a run trains, and runs that end early.
 *
 * The killed run is a process of its own: this program with the argument --child. */
#include "engine/checkpoint.h"
#include "engine/run.h"
#include "engine/run_record.h"
#include "tests/support/program.h"
#include "tests/support/training.h"

#include <math.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define N_TRAIN 84 /* in batches of 16: 6 steps an epoch */
#define STEPS   20
#define KILLED  11 /* the last checkpoint is of step 8 */

static char *program;

/* Before and after the checkpoint of step 8, from rest and to rest, two at once. */
static const struct {
  int64_t step;
  LwLiveSetting setting;
  double value;
} changes[] = {
  { 2, LW_LIVE_MOMENTUM, 0.9 },      { 5, LW_LIVE_LEARNING_RATE, 1.0 / 3 },
  { 5, LW_LIVE_WEIGHT_DECAY, 1e-3 }, { 9, LW_LIVE_SCHEDULE, LW_SCHEDULE_COSINE },
  { 9, LW_LIVE_MOMENTUM, 0 },        { 10, LW_LIVE_LEARNING_RATE, 0.123456789012345678 },
  { 10, LW_LIVE_MOMENTUM, 0.5 },
};

static LwSettings *
make_settings (void)
{
  return lw_test_settings ("lenet-bn", "data=shapes", "batch=16", "steps=20", "lr=0.5",
                           "checkpoint-every=4", NULL);
}

static int64_t
count (LwTrainer *trainer, LwEventKind kind)
{
  LwRunLog *log = lw_trainer_log (trainer);
  int64_t n = 0;

  for (int64_t i = 0; i < lw_run_log_length (log); i++)
    n += lw_run_log_get (log, i)->kind == kind;
  return n;
}

/* Step by step to `end`, with the changes where they belong. */
static void
step_to (LwTrainer *trainer, int64_t end)
{
  for (int64_t step = 0; step < end; step++) {
    for (guint i = 0; i < G_N_ELEMENTS (changes); i++) {
      const int64_t before = count (trainer, LW_EVENT_SETTING);
      g_autoptr (GError) error = NULL;

      if (changes[i].step != step)
        continue;
      g_assert_true (lw_trainer_change (trainer, changes[i].setting, changes[i].value, &error));
      g_assert_cmpfloat (lw_trainer_live (trainer, changes[i].setting), ==, changes[i].value);
      while (count (trainer, LW_EVENT_SETTING) == before)
        g_usleep (1000);
    }
    lw_test_step (trainer);
  }
}

static int
be_child (const char *path)
{
  g_autoptr (LwSettings) settings = make_settings ();
  g_autoptr (LwDataset) dataset = lw_test_shapes (N_TRAIN, 40);
  LwTrainer *trainer = lw_test_new (settings, dataset, path);

  step_to (trainer, KILLED);
  raise (SIGKILL);
  return 1;
}

/* What was changed, after which step, from what to what. */
static char *
list_changes (LwRunLog *log)
{
  GString *text = g_string_new (NULL);

  for (int64_t i = 0; i < lw_run_log_length (log); i++) {
    const LwEvent *event = lw_run_log_get (log, i);

    if (event->kind == LW_EVENT_SETTING)
      g_string_append_printf (text, "%d: %s %.17g, was %.17g; ", (int)event->step,
                              lw_live_name (event->setting), event->value, event->previous);
  }
  return g_string_free (text, FALSE);
}

static void
test_kill (void)
{
  char *folder = lw_make_folder ();
  g_autofree char *whole = g_build_filename (folder, "whole", NULL);
  g_autofree char *killed = g_build_filename (folder, "killed", NULL);
  g_autofree char *last_a = lw_checkpoint_path (whole, STEPS);
  g_autofree char *last_b = lw_checkpoint_path (killed, STEPS);
  g_autoptr (LwSettings) settings = make_settings ();
  g_autoptr (LwDataset) dataset = lw_test_shapes (N_TRAIN, 40);
  g_autofree char *changes_a = NULL, *changes_b = NULL;
  g_autoptr (GError) error = NULL;
  const pid_t child = fork ();
  int status = 0;

  if (child == 0) {
    execl (program, program, "--child", killed, NULL);
    _exit (127);
  }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFSIGNALED (status) && WTERMSIG (status) == SIGKILL);
  {
    g_autoptr (LwTrainer) trainer = lw_test_new (settings, dataset, whole);

    step_to (trainer, KILLED);
    lw_test_run (trainer, LW_RUN_FINISHED);
  }
  {
    g_autoptr (LwTrainer) trainer =
        lw_trainer_resume (killed, lw_test_backends, dataset, 0, 0, &error);

    g_assert_no_error (error);
    g_assert_cmpfloat (lw_trainer_live (trainer, LW_LIVE_LEARNING_RATE), ==, 1.0 / 3);
    lw_test_run (trainer, LW_RUN_FINISHED);
    g_assert_cmpfloat (lw_trainer_live (trainer, LW_LIVE_MOMENTUM), ==, 0.5);
    g_assert_cmpfloat (lw_trainer_live (trainer, LW_LIVE_LEARNING_RATE), ==, 0.123456789012345678);
  }
  {
    g_autoptr (LwRun) a = lw_run_open (whole, NULL), b = lw_run_open (killed, NULL);

    lw_test_assert_same_tensors (last_a, last_b);
    lw_test_assert_same_log (a->log, b->log);
    changes_a = list_changes (a->log);
    changes_b = list_changes (b->log);
    g_assert_cmpstr (changes_a, ==, changes_b);
    g_assert_true (g_str_has_prefix (changes_a, "2: momentum 0.9"));
    g_assert_nonnull (strstr (changes_a, "9: momentum 0, was 0.9"));
  }
  lw_remove_folder (folder);
}

/* Another change after the break: the run goes its own way, and what was ahead is forgotten. */
static void
test_other_way (void)
{
  char *folder = lw_make_folder ();
  g_autofree char *path = g_build_filename (folder, "run", NULL);
  g_autofree char *metrics = g_build_filename (path, "metrics.csv", NULL);
  g_autofree char *text = NULL, *longer = NULL, *list = NULL;
  g_autoptr (LwSettings) settings = make_settings ();
  g_autoptr (LwDataset) dataset = lw_test_shapes (N_TRAIN, 40);
  g_autoptr (LwTrainer) trainer = lw_test_new (settings, dataset, path);
  g_autoptr (LwTrainer) resumed = NULL;

  for (int i = 0; i < 4; i++)
    lw_test_step (trainer);
  g_clear_pointer (&trainer, lw_trainer_free);
  g_assert_true (g_file_get_contents (metrics, &text, NULL, NULL));
  longer = g_strconcat (text, "setting,6,1,0,,,,,0.1,,,learning-rate,0.1,0.5\n",
                        "setting,8,1.4,0,,,,,0.1,,,momentum,nonsense,0\n", NULL);
  g_assert_true (g_file_set_contents (metrics, longer, -1, NULL));
  resumed = lw_trainer_resume (path, lw_test_backends, dataset, 0, 0, NULL);
  lw_test_step (resumed);
  g_assert_true (lw_trainer_change (resumed, LW_LIVE_LEARNING_RATE, 0.25, NULL));
  lw_test_run (resumed, LW_RUN_FINISHED);
  list = list_changes (lw_trainer_log (resumed));
  g_assert_cmpstr (list, ==, "5: learning-rate 0.25, was 0.5; ");
  g_clear_pointer (&resumed, lw_trainer_free);
  lw_remove_folder (folder);
}

/* What is asked for before the first step is as if it had been there from the beginning. */
static void
test_first_step (gconstpointer data)
{
  const LwLiveSetting setting = (LwLiveSetting)GPOINTER_TO_INT (data);
  static const double values[LW_N_LIVE] = { 0.25, 0.9, 0.01, LW_SCHEDULE_STEP };
  char *folder = lw_make_folder ();
  g_autofree char *first = g_build_filename (folder, "first", NULL);
  g_autofree char *raised = g_build_filename (folder, "raised", NULL);
  g_autofree char *last_a = lw_checkpoint_path (first, STEPS);
  g_autofree char *last_b = lw_checkpoint_path (raised, STEPS);
  g_autoptr (LwSettings) settings = make_settings ();
  g_autoptr (LwDataset) dataset = lw_test_shapes (N_TRAIN, 40);
  g_autoptr (LwTrainer) trainer = lw_test_new (settings, dataset, raised);

  g_assert_true (lw_trainer_change (trainer, setting, values[setting], NULL));
  lw_test_run (trainer, LW_RUN_FINISHED);
  lw_live_put (settings, setting, values[setting]);
  lw_run_log_unref (lw_test_train (settings, dataset, first));
  lw_test_assert_same_tensors (last_a, last_b);
  g_clear_pointer (&trainer, lw_trainer_free);
  lw_remove_folder (folder);
}

static void
test_refused (void)
{
  char *folder = lw_make_folder ();
  g_autofree char *path = g_build_filename (folder, "run", NULL);
  g_autoptr (LwSettings) settings = make_settings ();
  g_autoptr (LwDataset) dataset = lw_test_shapes (N_TRAIN, 40);
  LwTrainer *trainer;
  GError *error = NULL;

  settings->optimizer = LW_OPTIMIZER_ADAM;
  trainer = lw_test_new (settings, dataset, path);
  g_assert_false (lw_trainer_change (trainer, LW_LIVE_MOMENTUM, 0.9, &error));
  lw_test_assert_sentence (&error, LW_ERROR_INVALID, "Adam");
  g_assert_false (lw_trainer_change (trainer, LW_LIVE_LEARNING_RATE, -1, &error));
  lw_test_assert_sentence (&error, LW_ERROR_INVALID, "learning rate");
  g_assert_false (lw_trainer_change (trainer, LW_LIVE_WEIGHT_DECAY, NAN, &error));
  lw_test_assert_sentence (&error, LW_ERROR_INVALID, "weight decay");
  g_assert_false (lw_trainer_change (trainer, LW_LIVE_SCHEDULE, 3, &error));
  lw_test_assert_sentence (&error, LW_ERROR_INVALID, "cosine");
  g_assert_cmpfloat (lw_trainer_live (trainer, LW_LIVE_LEARNING_RATE), ==, 0.5);
  lw_trainer_free (trainer);
  lw_remove_folder (folder);
}

static int64_t free_bytes = G_MAXINT64;

static int64_t
tell_free_bytes (LwDevice *device)
{
  (void)device;
  return free_bytes;
}

/* No memory for the momentum's copy: the run says so, and no step of it is lost. */
static void
test_no_memory (void)
{
  char *folder = lw_make_folder ();
  g_autofree char *path = g_build_filename (folder, "run", NULL);
  g_autofree char *third = lw_checkpoint_path (path, 3), *message = NULL;
  LwBackend small = *lw_test_backends[0];
  const LwBackend *const backends[] = { &small, NULL };
  g_autoptr (LwSettings) settings = make_settings ();
  g_autoptr (LwDataset) dataset = lw_test_shapes (N_TRAIN, 40);
  g_autoptr (GError) error = NULL;
  LwTrainer *trainer;

  small.free_bytes = tell_free_bytes;
  trainer = lw_trainer_new (settings, backends, dataset, path, &error);
  g_assert_no_error (error);
  for (int i = 0; i < 3; i++)
    lw_test_step (trainer);
  free_bytes = 1000;
  g_assert_true (lw_trainer_change (trainer, LW_LIVE_MOMENTUM, 0.9, NULL));
  lw_test_wait (trainer, LW_RUN_FAILED);
  message = lw_trainer_message (trainer);
  g_assert_nonnull (strstr (message, "momentum"));
  g_assert_true (g_file_test (third, G_FILE_TEST_EXISTS));
  lw_trainer_free (trainer);

  free_bytes = G_MAXINT64;
  trainer = lw_trainer_resume (path, backends, dataset, 0, 0, &error);
  g_assert_no_error (error);
  g_assert_cmpfloat (lw_trainer_live (trainer, LW_LIVE_MOMENTUM), ==, 0);
  lw_test_run (trainer, LW_RUN_FINISHED);
  lw_trainer_free (trainer);
  lw_remove_folder (folder);
}

/* --- early stopping --------------------------------------------------------------------------- */

/* Of a learning rate of 0: every test is as good as the first. */
static LwSettings *
hopeless_settings (void)
{
  return lw_test_settings ("lenet", "data=shapes", "batch=16", "epochs=12", "lr=0", "patience=3",
                           NULL);
}

static const LwEvent *
end_of (LwTrainer *trainer)
{
  LwRunLog *log = lw_trainer_log (trainer);

  return lw_run_log_get (log, lw_run_log_length (log) - 1);
}

static void
run_on (const char *path, int32_t epochs, int64_t epoch, bool early)
{
  g_autoptr (LwDataset) dataset = lw_test_shapes (N_TRAIN, 40);
  g_autoptr (GError) error = NULL;
  g_autoptr (LwTrainer) trainer =
      lw_trainer_resume (path, lw_test_backends, dataset, epochs, 0, &error);
  LwRunRecord record;

  g_assert_no_error (error);
  lw_test_run (trainer, LW_RUN_FINISHED);
  g_assert_cmpint (end_of (trainer)->step, ==, 6 * epoch);
  g_assert_cmpint (end_of (trainer)->stopped_early, ==, early);
  g_assert_true (lw_run_record_read (path, &record, NULL));
  g_assert_cmpint (record.stopped_early, ==, early);
  lw_run_record_clear (&record);
}

static void
test_early (void)
{
  char *folder = lw_make_folder ();
  g_autofree char *path = g_build_filename (folder, "run", NULL);
  g_autoptr (LwSettings) settings = hopeless_settings ();
  g_autoptr (LwDataset) dataset = lw_test_shapes (N_TRAIN, 40);
  LwTrainer *trainer = lw_test_new (settings, dataset, path);
  g_autoptr (LwRun) run = NULL;

  for (int i = 0; i < 15; i++) /* into the third epoch */
    lw_test_step (trainer);
  lw_trainer_free (trainer);
  run_on (path, 0, 4, true);  /* 1, the best, and 3 that are not better: counted over the break */
  run_on (path, 0, 4, true);  /* it has ended */
  run_on (path, 13, 7, true); /* longer, on request: patience begins anew */
  run_on (path, 14, 10, true);
  run_on (path, 14, 13, true);
  run_on (path, 14, 14, false); /* the last epoch comes before its patience ends */
  run = lw_run_open (path, NULL);
  g_assert_cmpint (run->best_epoch, ==, 1);
  g_assert_false (lw_run_log_get (run->log, lw_run_log_length (run->log) - 1)->stopped_early);
  lw_remove_folder (folder);
}

/* A better epoch begins the count anew; without patience nothing ends early. */
static void
test_patient (void)
{
  char *folder = lw_make_folder ();
  g_autofree char *early = g_build_filename (folder, "early", NULL);
  g_autofree char *never = g_build_filename (folder, "never", NULL);
  g_autoptr (LwSettings) settings = lw_test_settings ("lenet-bn", "data=shapes", "batch=16",
                                                      "epochs=8", "lr=0.5", "patience=2", NULL);
  g_autoptr (LwDataset) dataset = lw_test_shapes (N_TRAIN, 40);
  g_autoptr (LwRunLog) log = lw_test_train (settings, dataset, early), whole = NULL;
  int64_t best = 0, last = 0;
  float accuracy = -1;

  settings->patience = 0;
  whole = lw_test_train (settings, dataset, never);
  for (int64_t i = 0; i < lw_run_log_length (whole) && (best == 0 || last - best < 2); i++) {
    const LwEvent *event = lw_run_log_get (whole, i);

    if (event->kind != LW_EVENT_EPOCH)
      continue;
    last = event->step / 6;
    if (event->test_accuracy > accuracy) {
      accuracy = event->test_accuracy;
      best = last;
    }
  }
  g_assert_cmpint (lw_run_log_get (log, lw_run_log_length (log) - 1)->step, ==, 6 * last);
  g_assert_cmpint (lw_run_log_get (whole, lw_run_log_length (whole) - 1)->step, ==, 48);
  lw_remove_folder (folder);
}

int
main (int argc, char **argv)
{
  if (argc == 3 && strcmp (argv[1], "--child") == 0)
    return be_child (argv[2]);
  program = argv[0];
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/live-settings/kill", test_kill);
  g_test_add_func ("/live-settings/other-way", test_other_way);
  for (int i = 0; i < LW_N_LIVE; i++) {
    g_autofree char *name =
        g_strconcat ("/live-settings/first-step/", lw_live_name ((LwLiveSetting)i), NULL);

    g_test_add_data_func (name, GINT_TO_POINTER (i), test_first_step);
  }
  g_test_add_func ("/live-settings/refused", test_refused);
  g_test_add_func ("/live-settings/no-memory", test_no_memory);
  g_test_add_func ("/early-stop/resumed", test_early);
  g_test_add_func ("/early-stop/patient", test_patient);
  return g_test_run ();
}
