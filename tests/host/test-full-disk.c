/* A disk that is full at any moment of a training: it rests and says so, nothing is lost or half
 * written, and it goes on when there is room, to the same bits. */
#include "engine/checkpoint.h"
#include "engine/formats/file.h"
#include "engine/run.h"
#include "tests/support/faults.h"
#include "tests/support/program.h"
#include "tests/support/training.h"

#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define STEPS 5 /* an epoch of 3 steps, and 2 */

static int stride = 11;

/* In place of the C library's: the clock on the wall is an hour ahead of the system's, so that what
 * waits by it waits as long as where it was set back. */
int
clock_gettime (clockid_t id, struct timespec *ret_now)
{
  const int result = (int)syscall (SYS_clock_gettime, id, ret_now);

  if (id == CLOCK_REALTIME)
    ret_now->tv_sec += 3600;
  return result;
}

static LwSettings *
settings_new (void)
{
  return lw_test_settings ("lenet-bn", "data=shapes", "batch=4", "steps=5", "checkpoint-every=2",
                           "momentum=0.9", "snapshots=0", NULL);
}

static void
assert_no_parts (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *path = g_build_filename (folder, name, NULL);

    g_assert_false (lw_file_is_part (name));
    if (g_file_test (path, G_FILE_TEST_IS_DIR))
      assert_no_parts (path);
  }
}

static void
assert_whole (const char *whole, const char *path)
{
  g_autofree char *a = lw_checkpoint_path (whole, STEPS), *b = lw_checkpoint_path (path, STEPS);
  g_autoptr (GError) error = NULL;
  g_autoptr (LwRun) run_a = lw_run_open (whole, &error), run_b = lw_run_open (path, &error);

  g_assert_no_error (error);
  g_assert_cmpint (run_b->state, ==, LW_RUN_FINISHED);
  g_assert_cmpint (lw_run_log_length (run_a->log), ==, lw_run_log_length (run_b->log));
  g_assert_null (run_b->message);
  lw_test_assert_same_log (run_a->log, run_b->log);
  lw_test_assert_same_tensors (a, b);
  assert_no_parts (path);
}

/* Calls of a training that write, in turn: it and a few after it meet a full disk. Every one of
 * them by hand: host-full-disk --every-call; else each eleventh. */
static void
test_every_call (void)
{
  char *folder = lw_make_folder ();
  g_autofree char *whole = g_build_filename (folder, "whole", NULL);
  g_autoptr (LwSettings) settings = settings_new ();
  g_autoptr (LwDataset) dataset = lw_test_shapes (12, 8);
  g_autoptr (LwRunLog) log = lw_test_train (settings, dataset, whole);
  int rests = 0, failures = 0, runs = 0;
  int64_t call = 1;

  for (bool reached = true; reached; call += stride, runs++) {
    g_autofree char *path = g_build_filename (folder, "run", NULL);
    LwTrainer *trainer = lw_test_new (settings, dataset, path);
    const gint64 end = g_get_monotonic_time () + 60 * G_USEC_PER_SEC;
    bool rested = false;

    lw_fault_arm (LW_FAULT_FULL, call, 2 + runs % 4);
    lw_trainer_start (trainer);
    while (lw_trainer_state (trainer) < LW_RUN_FINISHED) {
      g_autofree char *message = lw_trainer_message (trainer);

      g_assert_cmpint (g_get_monotonic_time (), <, end);
      if (message != NULL && lw_trainer_state (trainer) == LW_RUN_PAUSED) {
        g_assert_nonnull (strstr (message, "No space left on device"));
        g_assert_nonnull (strstr (message, "goes on by itself"));
        rested = true;
        lw_trainer_start (trainer); /* tries again now */
      }
      g_usleep (100);
    }
    reached = lw_fault_calls () >= call;
    failures += lw_fault_failures () > 0;
    rests += rested;
    lw_fault_arm (LW_FAULT_NONE, 0, 0);
    lw_trainer_free (trainer);
    assert_whole (whole, path);
    lw_remove_folder (g_steal_pointer (&path));
  }
  g_test_message ("%d runs over %d calls, %d met a full disk, %d of them rested", runs, (int)call,
                  failures, rests);
  g_assert_cmpint (call, >, 100);
  g_assert_cmpint (rests, >, runs / 2);
  lw_remove_folder (folder);
}

/* There never is room again: a stop waits, a second one does not; the checkpoint before is whole.
 */
static void
test_given_up (void)
{
  char *folder = lw_make_folder ();
  g_autofree char *whole = g_build_filename (folder, "whole", NULL);
  g_autofree char *path = g_build_filename (folder, "run", NULL);
  g_autoptr (LwSettings) settings = settings_new ();
  g_autoptr (LwDataset) dataset = lw_test_shapes (12, 8);
  g_autoptr (LwRunLog) log = lw_test_train (settings, dataset, whole);
  g_autofree char *message = NULL;
  LwTrainer *trainer = lw_test_new (settings, dataset, path);
  g_autoptr (LwRun) run = NULL;

  for (int i = 0; i < 3; i++)
    lw_test_step (trainer);
  lw_fault_arm (LW_FAULT_FULL, 1, INT64_MAX / 2);
  lw_trainer_stop (trainer);
  while (message == NULL) {
    g_usleep (200);
    message = lw_trainer_message (trainer);
  }
  lw_test_wait (trainer, LW_RUN_PAUSED);
  g_usleep (20000);
  g_assert_cmpint (lw_trainer_state (trainer), ==, LW_RUN_PAUSED);
  lw_trainer_stop (trainer);
  lw_trainer_join (trainer);
  g_assert_cmpint (lw_trainer_state (trainer), ==, LW_RUN_FAILED);
  lw_fault_arm (LW_FAULT_NONE, 0, 0);
  lw_trainer_free (trainer);

  run = lw_run_open (path, NULL);
  g_assert_cmpint (run->state, ==, LW_RUN_STOPPED); /* as one that was killed */
  trainer = lw_trainer_resume (path, lw_test_backends, dataset, 0, 0, NULL);
  lw_test_run (trainer, LW_RUN_FINISHED);
  lw_trainer_free (trainer);
  g_clear_pointer (&run, lw_run_free);
  run = lw_run_open (path, NULL);
  lw_test_assert_same_log (log, run->log);
  lw_remove_folder (folder);
}

/* A training that has met a full disk, which stays so, after its first step. */
static LwTrainer *
start_on_full_disk (const char *path)
{
  g_autoptr (LwSettings) settings = settings_new ();
  g_autoptr (LwDataset) dataset = lw_test_shapes (12, 8);
  LwTrainer *trainer = lw_test_new (settings, dataset, path);
  const gint64 end = g_get_monotonic_time () + 60 * G_USEC_PER_SEC;
  bool full = false;

  lw_test_step (trainer);
  lw_fault_arm (LW_FAULT_FULL, 1, INT64_MAX / 2);
  lw_trainer_start (trainer);
  while (!full) {
    g_autofree char *message = lw_trainer_message (trainer);

    g_assert_cmpint (g_get_monotonic_time (), <, end);
    full = message != NULL;
    g_usleep (100);
  }
  lw_test_wait (trainer, LW_RUN_PAUSED);
  return trainer;
}

/* A trainer that is freed while it waits does not wait for room. */
static void
test_freed (void)
{
  char *folder = lw_make_folder ();
  g_autofree char *path = g_build_filename (folder, "run", NULL);
  LwTrainer *trainer = start_on_full_disk (path);

  lw_trainer_free (trainer);
  lw_fault_arm (LW_FAULT_NONE, 0, 0);
  lw_remove_folder (folder);
}

/* When there is room again it goes on by itself, also where the clock on the wall was set back. */
static void
test_by_itself (void)
{
  char *folder = lw_make_folder ();
  g_autofree char *path = g_build_filename (folder, "run", NULL);
  LwTrainer *trainer = start_on_full_disk (path);

  lw_fault_arm (LW_FAULT_NONE, 0, 0);
  lw_test_wait (trainer, LW_RUN_FINISHED);
  lw_trainer_free (trainer);
  lw_remove_folder (folder);
}

int
main (int argc, char **argv)
{
  if (argc == 2 && strcmp (argv[1], "--every-call") == 0)
    stride = argc = 1;
  if (g_file_test ("/dev/shm", G_FILE_TEST_IS_DIR)) /* the bits are those of any disk */
    g_setenv ("TMPDIR", "/dev/shm", TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/full-disk/every-call", test_every_call);
  g_test_add_func ("/full-disk/given-up", test_given_up);
  g_test_add_func ("/full-disk/freed", test_freed);
  g_test_add_func ("/full-disk/by-itself", test_by_itself);
  return g_test_run ();
}
