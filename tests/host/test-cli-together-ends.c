/* layerwise train under mpirun: every way in which it may end, and how it goes on. */
#include "tests/support/workers.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

static void
test_errors (void)
{
  g_autofree char *folder = lw_workers_run_folder ("never");
  g_autofree char *sweep = lw_workers_run_folder ("sweep"); /* of the runs' folders */
  g_autoptr (LwResult) usage = lw_workers_run (lw_workers_command (2, "lenet --batch 0", folder));
  g_autoptr (LwResult) unknown =
      lw_workers_run (lw_workers_command (2, "lenet --batchh 3", folder));
  g_autoptr (GStrvBuilder) line = g_strv_builder_new ();
  g_auto (GStrv) first = lw_workers_command (1, "lenet --learning-rate 0.1,0.2", sweep);
  g_autoptr (LwResult) one = NULL, none = NULL;

  lw_assert_status (usage, 2);
  g_assert_cmpint (lw_workers_sentences (usage->err), ==, 1);
  lw_assert_status (unknown, 2);
  g_assert_cmpint (lw_workers_sentences (unknown->err), ==, 1);
  /* One process alone cannot begin, which is said once, though two runs were asked for. */
  g_strv_builder_addv (line, (const char **)first);
  g_strv_builder_add_many (line, ":", "-n", "1", lw_workers_program (), "train", "lenet",
                           "--device", "abc", NULL);
  one = lw_workers_run (g_strv_builder_end (line));
  lw_assert_status (one, 1);
  g_assert_cmpint (lw_workers_sentences (one->err), ==, 1);
  lw_assert_contains (one->err, "worker 1 (process ");
  lw_assert_contains (one->err, "unknown device \"abc\"");
  lw_assert_contains (one->out, "Run 1 of 2");
  g_assert_null (strstr (one->out, "Run 2 of 2"));
  g_assert_true (!g_file_test (sweep, G_FILE_TEST_EXISTS) || rmdir (sweep) == 0); /* no run in it */
  /* No module, no training: not two of them. */
  g_setenv ("LAYERWISE_MPI_MODULE", "none", TRUE);
  none = lw_workers_run (lw_workers_command (2, "lenet", folder));
  g_unsetenv ("LAYERWISE_MPI_MODULE");
  lw_assert_status (none, 1);
  g_assert_cmpint (lw_workers_sentences (none->err), ==, 1);
  lw_assert_contains (none->err, "mpirun has started several processes, which cannot join");
  g_assert_false (g_file_test (folder, G_FILE_TEST_EXISTS));
}

/* `which`: of the three workers, by their numbers in the system, which follow their ranks. */
static void
kill_one (int which, const char *name)
{
  g_autofree char *folder = lw_workers_run_folder (name);
  g_autofree char *err = NULL, *record = NULL, *said = NULL;
  g_autoptr (GSubprocess) process = NULL;
  GArray *found;
  int status;

  process = lw_workers_start (lw_workers_command (
      3,
      "lenet-bn --limit-train 64 --batch 16 --limit-test 16 --steps 100000 --epochs 25000 "
      "--snapshots 0",
      folder));
  lw_workers_wait_for_checkpoint (folder);
  found = lw_workers_processes (folder);
  g_assert_cmpuint (found->len, ==, 3);
  kill (g_array_index (found, int, which), SIGKILL);
  said = g_strdup_printf ("(process %d on ", g_array_index (found, int, which));
  err = lw_workers_finish (process, &status);
  g_test_message ("%s", err);
  g_assert_cmpint (status, !=, 0);
  g_assert_cmpint (lw_workers_sentences (err), ==, 1);
  lw_assert_contains (err, said);
  lw_assert_contains (err, "has died.");
  record = lw_workers_record (folder);
  if (which > 0) {
    lw_assert_contains (record, "\"state\": \"failed\"");
    lw_assert_contains (err, "resumed, it goes on from there");
  }
  g_array_unref (found);
  found = lw_workers_processes (folder);
  g_assert_cmpuint (found->len, ==, 0);
  g_array_unref (found);
  /* The checkpoint that run.json names can be read. */
  {
    g_autofree char *words = g_strdup_printf ("--resume %s --steps %" G_GINT64_FORMAT, folder,
                                              lw_workers_record_number (record, "total_steps"));
    g_autoptr (GSubprocess) again = lw_workers_start (lw_workers_command (2, words, NULL));

    for (int i = 0; i < 3000; i++) {
      g_autofree char *now = lw_workers_record (folder);

      if (lw_workers_record_number (now, "last_checkpoint") >
          lw_workers_record_number (record, "last_checkpoint"))
        break;
      g_usleep (10000);
    }
    g_subprocess_send_signal (again, SIGUSR1);
    g_free (lw_workers_finish (again, &status));
    g_assert_cmpint (status, ==, 130);
  }
}

static void
test_kill_worker (void)
{
  kill_one (2, "killed-worker");
}

static void
test_kill_first (void)
{
  kill_one (0, "killed-first");
}

/* One that lives, but does not answer: as seen from another machine, it might as well be dead. */
static void
test_silent_worker (void)
{
  g_autofree char *folder = lw_workers_run_folder ("silent");
  g_autofree char *err = NULL, *record = NULL, *said = NULL;
  g_autoptr (GSubprocess) process = NULL;
  GArray *found;
  int status;

  g_setenv ("LAYERWISE_WORKER_SILENCE", "2", TRUE);
  process = lw_workers_start (lw_workers_command (
      3,
      "lenet-bn --limit-train 64 --batch 16 --limit-test 16 --steps 100000 --epochs 25000 "
      "--snapshots 0",
      folder));
  g_unsetenv ("LAYERWISE_WORKER_SILENCE");
  lw_workers_wait_for_checkpoint (folder);
  found = lw_workers_processes (folder);
  g_assert_cmpuint (found->len, ==, 3);
  kill (g_array_index (found, int, 1), SIGSTOP);
  said = g_strdup_printf ("nothing was heard of worker 1 (process %d on ",
                          g_array_index (found, int, 1));
  err = lw_workers_finish (process, &status);
  g_test_message ("%s", err);
  g_assert_cmpint (status, !=, 0);
  /* Worker 2 has noticed, and told worker 0. mpirun wakes the one that stood still, which then may
   * say that the others are gone. */
  lw_assert_contains (err, said);
  lw_assert_contains (err, " for 2 s:");
  record = lw_workers_record (folder);
  lw_assert_contains (record, "\"state\": \"failed\"");
  g_array_unref (found);
}

/* As many images, but others: each machine finds a set of that name in its own place. */
static void
test_other_data (void)
{
  g_autofree char *folder = lw_workers_run_folder ("other-data"),
                  *other = lw_workers_other_data ("other");
  g_autofree char *variable = g_strconcat ("LAYERWISE_DATA=", other, NULL);
  g_autoptr (GStrvBuilder) line = g_strv_builder_new ();
  g_autoptr (LwResult) result = NULL;

  g_strv_builder_add_many (line, g_getenv ("LAYERWISE_MPIRUN"), "-n", "1", NULL);
  {
    g_autofree char *data = lw_workers_run_folder ("");
    g_autofree char *own = g_strconcat ("LAYERWISE_DATA=", data, NULL);

    g_strv_builder_add_many (line, "env", own, lw_workers_program (), "train", "lenet", "--steps",
                             "1", "--output", folder, NULL);
  }
  g_strv_builder_add_many (line, ":", "-n", "1", "env", variable, lw_workers_program (), "train",
                           "lenet", NULL);
  result = lw_workers_run (g_strv_builder_end (line));
  lw_assert_status (result, 1);
  g_assert_cmpint (lw_workers_sentences (result->err), ==, 1);
  lw_assert_contains (result->err, "Worker 1: ");
  lw_assert_contains (result->err, "holds other images than on the first one's");
  lw_assert_contains (result->err, other);
  g_assert_false (g_file_test (folder, G_FILE_TEST_EXISTS));
}

/* mpirun takes Ctrl-C as an order to end all, a second after it has told them. */
static void
test_interrupt (void)
{
  g_autofree char *folder = lw_workers_run_folder ("interrupted");
  g_autofree char *err = NULL, *record = NULL;
  g_autoptr (GSubprocess) process = NULL;
  int64_t step;
  int status;

  process = lw_workers_start (
      lw_workers_command (2,
                          "lenet-bn --limit-train 64 --batch 16 --limit-test 16 --epochs 10000 "
                          "--snapshots 0",
                          folder));
  lw_workers_wait_for_checkpoint (folder);
  g_subprocess_send_signal (process, SIGINT);
  err = lw_workers_finish (process, &status);
  g_assert_cmpint (status, !=, 0);
  record = lw_workers_record (folder);
  lw_assert_contains (record, "\"state\": \"stopped\"");
  step = lw_workers_record_number (record, "step");
  g_assert_cmpint (step, >, 0);
  g_assert_cmpint (lw_workers_record_number (record, "last_checkpoint"), ==, step);
}

/* Stopped at half, resumed by as many: the same bits as without a break; by one alone: the same but
 * for rounding. */
static void
test_resume (void)
{
  g_autofree char *straight = lw_workers_run_folder ("straight"),
                  *halves = lw_workers_run_folder ("halves");
  const char *words = "lenet-bn --limit-train 64 --batch 16 --limit-test 16 --learning-rate 0.1 "
                      "--epochs 10 --steps ";
  g_autofree char *all = g_strconcat (words, "40", NULL), *half = g_strconcat (words, "18", NULL);
  g_autofree char *more = g_strdup_printf ("--resume %s --steps 30", halves);
  g_autofree char *rest = g_strdup_printf ("--resume %s --steps 40", halves);
  g_autoptr (LwResult) whole = lw_workers_run (lw_workers_command (2, all, straight));
  g_autoptr (LwResult) first = lw_workers_run (lw_workers_command (2, half, halves));
  g_autoptr (LwResult) second = lw_workers_run (lw_workers_command (2, more, NULL));
  g_autoptr (LwResult) third = NULL;
  g_autoptr (GPtrArray) expected = NULL, steps = NULL;

  lw_assert_status (whole, 0);
  lw_assert_status (first, 0);
  lw_assert_status (second, 0);
  expected = lw_workers_steps (straight);
  steps = lw_workers_steps (halves);
  g_assert_cmpuint (steps->len, ==, 30);
  for (guint i = 0; i < 30; i++)
    g_assert_cmpstr (((char **)steps->pdata[i])[LW_COLUMN_LOSS], ==,
                     ((char **)expected->pdata[i])[LW_COLUMN_LOSS]);
  third = lw_workers_run (lw_workers_command (0, rest, NULL));
  lw_assert_status (third, 0);
  lw_assert_contains (third->err, "was trained by 2 workers; with 1");
  g_clear_pointer (&steps, g_ptr_array_unref);
  steps = lw_workers_steps (halves);
  lw_workers_assert_near (expected, steps, 40);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  if (!lw_workers_begin ())
    return 0;
  g_test_add_func ("/cli-together-ends/errors", test_errors);
  g_test_add_func ("/cli-together-ends/killed-worker", test_kill_worker);
  g_test_add_func ("/cli-together-ends/killed-first", test_kill_first);
  g_test_add_func ("/cli-together-ends/silent-worker", test_silent_worker);
  g_test_add_func ("/cli-together-ends/other-data", test_other_data);
  g_test_add_func ("/cli-together-ends/interrupt", test_interrupt);
  g_test_add_func ("/cli-together-ends/resume", test_resume);
  status = g_test_run ();
  lw_workers_end ();
  return status;
}
