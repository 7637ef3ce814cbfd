/* Runs that are killed at random instants, some in the middle of writing a file, and go on with
 * --resume's function, until they are whole: the same bits in every tensor, no event twice or
 * missing, and never a file that cannot be read. Every network, on the fast kernels.
 *
 * Without arguments a few kills with a fixed seed. By hand: host-kills --kills 200 --seed 7. */
#include "engine/checkpoint.h"
#include "engine/formats/file.h"
#include "engine/metrics.h"
#include "engine/run.h"
#include "engine/run_record.h"
#include "kernels/cpu/cpu.h"
#include "tests/support/faults.h"
#include "tests/support/program.h"
#include "tests/support/training.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define N_TRAIN 18 /* in batches of 4: 5 steps an epoch, the last with 2 images */
#define STEPS   12 /* 2 epochs and 2 steps */

typedef struct {
  const char *model, *options[6];
} Case;

/* Between them: SGD, momentum, Adam, weight decay, dropout, schedules. */
static const Case cases[] = {
  { "lenet", { "lr=0.9" } },
  { "lenet-bn", { "lr=0.5", "momentum=0.9", "checkpoint-every=1" } },
  { "alexnet", { "optimizer=adam", "lr=0.001", "resize=65", "set=width=0.0625" } },
  { "vgg11", { "lr=0.05", "weight-decay=1e-3", "resize=32", "set=width=0.0625" } },
  { "vgg11-small", { "lr=0.05", "resize=32", "set=width=0.0625", "checkpoint-every=2" } },
  { "nin", { "lr=0.1", "resize=87", "set=width=0.0625", "schedule=cosine" } },
  { "googlenet", { "lr=0.1", "resize=33", "set=width=0.1", "warmup-epochs=0.7" } },
  { "resnet18", { "lr=0.05", "momentum=0.5", "resize=32", "set=width=0.1", "nesterov=yes" } },
  { "densenet", { "lr=0.1", "resize=32", "set=growth_rate=4", "checkpoint-every=3" } },
};

static LwSettings *
case_settings (const Case *c)
{
  LwSettings *settings = lw_test_settings (c->model, "data=shapes", "batch=4", "steps=12",
                                           "device=cpu", "algorithms=fixed", "snapshots=4", NULL);
  g_autoptr (GError) error = NULL;

  for (int i = 0; c->options[i] != NULL; i++) {
    g_auto (GStrv) parts = g_strsplit (c->options[i], "=", 2);

    if (!lw_settings_set (settings, parts[0], parts[1], &error))
      g_error ("%s, %s: %s", c->model, c->options[i], error->message);
  }
  return settings;
}

/* --- the process that is killed --------------------------------------------------------------- */

/* `call` > 0: at which call that writes. Ends the process. */
static void
train_and_exit (const Case *c, const char *path, int64_t call)
{
  const LwBackend *const backends[] = { lw_cpu_backend (), NULL };
  g_autofree char *record = g_build_filename (path, "run.json", NULL);
  g_autoptr (LwSettings) settings = case_settings (c);
  g_autoptr (LwDataset) dataset = lw_test_shapes (N_TRAIN, 8);
  g_autoptr (GError) error = NULL;
  LwTrainer *trainer;

  if (call > 0)
    lw_fault_arm (LW_FAULT_KILL, call, 1);
  trainer = g_file_test (record, G_FILE_TEST_EXISTS)
                ? lw_trainer_resume (path, backends, dataset, 0, 0, &error)
                : lw_trainer_new (settings, backends, dataset, path, &error);
  g_assert_no_error (error);
  lw_test_run (trainer, LW_RUN_FINISHED);
  lw_trainer_free (trainer);
  _exit (0);
}

static pid_t
start (const Case *c, const char *path, int64_t call)
{
  const pid_t child = fork ();

  if (child == 0)
    train_and_exit (c, path, call);
  g_assert_cmpint (child, >, 0);
  return child;
}

/* --- what it leaves --------------------------------------------------------------------------- */

/* Every file that has its name can be read; returns how many have not got theirs yet. */
static int
check_folder (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  int parts = 0;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *path = g_build_filename (folder, name, NULL);
    g_autoptr (GError) error = NULL;
    g_autoptr (LwTensorFile) file = NULL;

    parts += lw_file_is_part (name);
    if (g_file_test (path, G_FILE_TEST_IS_DIR))
      parts += check_folder (path);
    else if (!lw_file_is_part (name) && g_str_has_suffix (name, ".safetensors"))
      file = lw_tensor_file_open (path, &error);
    g_assert_no_error (error);
  }
  return parts;
}

static void
check_run (const char *path)
{
  g_autofree char *metrics = g_build_filename (path, "metrics.csv", NULL);
  g_autofree char *json = g_build_filename (path, "run.json", NULL);
  g_autoptr (LwRunLog) log = lw_run_log_new ();
  g_autoptr (GError) error = NULL;
  int64_t step = 0, epoch = 0;

  check_folder (path);
  lw_metrics_read (metrics, log, &error);
  g_assert_no_error (error);
  for (int64_t i = 0; i < lw_run_log_length (log); i++) {
    const LwEvent *event = lw_run_log_get (log, i);

    if (event->kind == LW_EVENT_STEP)
      g_assert_cmpint (event->step, ==, ++step);
    if (event->kind == LW_EVENT_EPOCH)
      g_assert_cmpint (event->step, ==, 5 * ++epoch);
  }
  if (g_file_test (json, G_FILE_TEST_EXISTS)) {
    g_autoptr (LwRun) run = lw_run_open (path, &error);

    g_assert_no_error (error);
    g_assert_cmpint (run->state, !=, LW_RUN_RUNNING); /* the lock went with its process */
  }
}

static void
assert_same_runs (const char *a, const char *b)
{
  static const char *const which[] = { "last", "best" };
  g_autoptr (LwRun) run_a = lw_run_open (a, NULL), run_b = lw_run_open (b, NULL);
  g_autoptr (GArray) epochs_a = NULL, epochs_b = NULL;

  lw_test_assert_same_log (run_a->log, run_b->log);
  g_assert_cmpint (run_b->state, ==, LW_RUN_FINISHED);
  g_assert_cmpint (run_a->best_epoch, ==, run_b->best_epoch);
  for (guint i = 0; i < G_N_ELEMENTS (which); i++) {
    g_autofree char *x = lw_run_checkpoint (run_a, which[i], NULL);
    g_autofree char *y = lw_run_checkpoint (run_b, which[i], NULL);

    lw_test_assert_same_tensors (x, y);
  }
  g_assert_cmpint (check_folder (b), ==, 0); /* what killed writers left is gone */
}

/* --- kills ------------------------------------------------------------------------------------ */

static int n_kills = 9;
static guint32 seed = 11;

typedef struct {
  int kills, while_writing, before_any_file, runs;
} Figures;

/* One run, killed again and again up to `most` times, until it is whole. */
static void
kill_one_run (const Case *c, GRand *random, const char *whole, const char *path, double whole_us,
              int64_t calls, int most, Figures *figures)
{
  g_autofree char *json = g_build_filename (path, "run.json", NULL);
  bool finished = false;

  for (int i = 0; !finished; i++) {
    const bool kills = i < most, at_call = kills && g_rand_boolean (random);
    const bool began = g_file_test (json, G_FILE_TEST_EXISTS);
    const int64_t call = at_call ? g_rand_int_range (random, 1, (gint32)calls / 2) : 0;
    const double wait_us = g_rand_double_range (random, 0, whole_us);
    const pid_t child = start (c, path, call);

    if (kills && !at_call) {
      g_usleep ((gulong)wait_us);
      kill (child, SIGKILL);
    }
    finished = lw_reap (child);
    figures->kills += !finished;
    figures->while_writing += !finished && at_call;
    figures->before_any_file += !finished && !began && !g_file_test (json, G_FILE_TEST_EXISTS);
    check_run (path);
  }
  figures->runs++;
  assert_same_runs (whole, path);
}

/* Calls that write, in a run from its beginning to its end. */
static int64_t
count_calls (const Case *c, const char *path)
{
  int ends[2];
  pid_t child;
  int64_t calls = 0;

  g_assert_cmpint (pipe (ends), ==, 0);
  child = fork ();
  if (child == 0) {
    const LwBackend *const backends[] = { lw_cpu_backend (), NULL };
    g_autoptr (LwSettings) settings = case_settings (c);
    g_autoptr (LwDataset) dataset = lw_test_shapes (N_TRAIN, 8);
    g_autoptr (GError) error = NULL;
    LwTrainer *trainer;

    lw_fault_arm (LW_FAULT_NONE, 0, 0);
    trainer = lw_trainer_new (settings, backends, dataset, path, &error);
    g_assert_no_error (error);
    lw_test_run (trainer, LW_RUN_FINISHED);
    calls = lw_fault_calls ();
    _exit (write (ends[1], &calls, sizeof calls) != sizeof calls);
  }
  close (ends[1]);
  g_assert_true (lw_reap (child));
  g_assert_cmpint (read (ends[0], &calls, sizeof calls), ==, sizeof calls);
  close (ends[0]);
  g_assert_cmpint (calls, >, 40);
  return calls;
}

static void
test_kills (void)
{
  const int n_cases = (int)G_N_ELEMENTS (cases);
  g_autoptr (GRand) random = g_rand_new_with_seed (seed);
  Figures figures = { 0 };

  for (int i = 0; i < n_cases; i++) {
    const int share = (int)((gint64)n_kills * (i + 1) / n_cases - (gint64)n_kills * i / n_cases);
    char *folder = lw_make_folder ();
    g_autofree char *whole = g_build_filename (folder, "whole", NULL);
    const gint64 begin = g_get_monotonic_time ();
    const int64_t calls = count_calls (&cases[i], whole);
    const double whole_us = (double)(g_get_monotonic_time () - begin);
    const int before = figures.kills;

    while (figures.kills - before < share) {
      g_autofree char *name = g_strdup_printf ("killed-%d", figures.runs);
      g_autofree char *path = g_build_filename (folder, name, NULL);

      kill_one_run (&cases[i], random, whole, path, whole_us, calls,
                    MIN (6, share - (figures.kills - before)), &figures);
      lw_remove_folder (g_steal_pointer (&path));
    }
    lw_remove_folder (folder);
  }
  g_test_message ("%d kills in %d runs of %d networks, %d of them at a call that writes, %d before "
                  "the run had a file",
                  figures.kills, figures.runs, n_cases, figures.while_writing,
                  figures.before_any_file);
}

/* --- changes ---------------------------------------------------------------------------------- */

/* Steps one by one and then dies, or goes on to the end; `change_at` > 0: after so many of them the
 * learning rate becomes another, and one step later another again. */
static void
step_and_die (const char *path, bool resumes, int steps, int change_at, bool dies)
{
  const pid_t child = fork ();

  if (child == 0) {
    const LwBackend *const backends[] = { lw_cpu_backend (), NULL };
    g_autoptr (LwSettings) settings = case_settings (&cases[0]);
    g_autoptr (LwDataset) dataset = lw_test_shapes (N_TRAIN, 8);
    LwTrainer *trainer = resumes ? lw_trainer_resume (path, backends, dataset, 0, 0, NULL)
                                 : lw_trainer_new (settings, backends, dataset, path, NULL);

    for (int i = 0; i < steps; i++) {
      if (change_at > 0 && (i == change_at || i == change_at + 1))
        lw_trainer_change (trainer, LW_LIVE_LEARNING_RATE, i == change_at ? 0.5 : 0.25, NULL);
      lw_test_step (trainer);
    }
    if (dies) {
      kill (getpid (), SIGKILL);
      pause ();
    }
    lw_test_run (trainer, LW_RUN_FINISHED);
    _exit (0);
  }
  g_assert_true (lw_reap (child) == !dies);
}

/* Rates that were changed after the last checkpoint, by a program that was killed; and again,
 * before the one that goes on has come to where they were changed. */
static void
test_changes (void)
{
  char *folder = lw_make_folder ();
  g_autofree char *whole = g_build_filename (folder, "whole", NULL);
  g_autofree char *killed = g_build_filename (folder, "killed", NULL);
  g_autoptr (LwRun) a = NULL, b = NULL;
  int changes[2] = { 0, 0 };

  step_and_die (whole, false, 9, 6, false);
  step_and_die (killed, false, 8, 6, true); /* its last checkpoint is that of the epoch, step 5 */
  step_and_die (killed, true, 1, 0, true);
  step_and_die (killed, true, 0, 0, true);
  step_and_die (killed, true, 2, 0, true);
  g_assert_true (lw_reap (start (&cases[0], killed, 0)));
  assert_same_runs (whole, killed);
  a = lw_run_open (whole, NULL);
  b = lw_run_open (killed, NULL);
  for (int i = 0; i < 2; i++) {
    LwRunLog *log = i == 0 ? a->log : b->log;

    for (int64_t k = 0; k < lw_run_log_length (log); k++)
      changes[i] += lw_run_log_get (log, k)->kind == LW_EVENT_SETTING;
  }
  g_assert_cmpint (changes[0], ==, 2);
  g_assert_cmpint (changes[1], ==, 2);
  lw_remove_folder (folder);
}

/* At each fifth of all calls that write, of which a file that is replaced takes as many: there is
 * no moment at which something with a name cannot be read. */
static void
test_every_call (void)
{
  const Case *c = &cases[1];
  char *folder = lw_make_folder ();
  g_autofree char *whole = g_build_filename (folder, "whole", NULL);
  const int64_t calls = count_calls (c, whole);
  int kills = 0;

  for (int64_t call = 1; call <= calls; call += 5) {
    g_autofree char *path = g_build_filename (folder, "killed", NULL);

    kills += !lw_reap (start (c, path, call)); /* another run may need a few calls fewer */
    check_run (path);
    lw_remove_folder (g_steal_pointer (&path));
  }
  g_test_message ("%d kills, at each fifth of %d calls", kills, (int)calls);
  g_assert_cmpint (kills, >, calls / 5 - 5);
  lw_remove_folder (folder);
}

int
main (int argc, char **argv)
{
  for (int i = 1; i + 1 < argc; i++) {
    if (strcmp (argv[i], "--kills") == 0)
      n_kills = atoi (argv[i + 1]);
    if (strcmp (argv[i], "--seed") == 0)
      seed = (guint32)strtoul (argv[i + 1], NULL, 10);
  }
  for (int i = 1; i < argc; i++)
    if (strcmp (argv[i], "--kills") == 0 || strcmp (argv[i], "--seed") == 0) {
      argc = i;
      argv[i] = NULL;
    }
  if (g_file_test ("/dev/shm", G_FILE_TEST_IS_DIR)) /* the bits are those of any disk */
    g_setenv ("TMPDIR", "/dev/shm", TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/kills/every-call", test_every_call);
  g_test_add_func ("/kills/random", test_kills);
  g_test_add_func ("/kills/changes", test_changes);
  return g_test_run ();
}
