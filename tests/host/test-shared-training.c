/* Trainings that several processes share, with threads in their place: process 0's trainer and the
 * workers of the others. A full disk makes all of them wait, and the bits are as without; what one
 * of them cannot do ends all. */
#include "engine/checkpoint.h"
#include "engine/device_choice.h"
#include "engine/run.h"
#include "engine/worker.h"
#include "tests/support/data_files.h"
#include "tests/support/faults.h"
#include "tests/support/program.h"
#include "tests/support/thread_link.h"
#include "tests/support/training.h"

#include <string.h>

enum { WORKERS = 3, STEPS = 5, TRAIN = 12, TEST = 8 };

static char *root; /* with the data set */

typedef struct {
  LwSettings *settings;
  LwDataset *dataset; /* of process 0 */
  char *folder;
  void (*watch) (LwTrainer *trainer); /* until the training is over */
  bool fails;                         /* what they do together, too */
  LwRunState state;                   /* as it is then, */
  char *message;                      /*   and what is said */
  char *sentences[WORKERS];           /* what workers fail with; NULL: they do not */
} Job;

static Job
job_new (const char *name, LwDataset *dataset)
{
  g_autofree char *data = g_strconcat ("data=", root, NULL);

  return (Job){ .settings =
                    lw_test_settings ("lenet-bn", data, "batch=5", "steps=5", "checkpoint-every=2",
                                      "momentum=0.9", "snapshots=0", NULL),
                .dataset =
                    dataset != NULL ? lw_dataset_ref (dataset) : lw_dataset_open (root, NULL),
                .folder = g_build_filename (root, name, NULL) };
}

static void
job_clear (Job *job)
{
  lw_settings_free (job->settings);
  lw_dataset_unref (job->dataset);
  g_free (job->folder);
  g_free (job->message);
  for (int i = 0; i < WORKERS; i++)
    g_free (job->sentences[i]);
}

static void
lead (LwCollective *collective, Job *job)
{
  g_autoptr (GError) error = NULL;
  LwTrainer *trainer = lw_trainer_new_shared (job->settings, lw_test_backends, collective,
                                              job->dataset, job->folder, &error);

  g_assert_no_error (error);
  lw_trainer_start (trainer);
  if (job->watch != NULL)
    job->watch (trainer);
  lw_trainer_join (trainer);
  job->state = lw_trainer_state (trainer);
  job->message = lw_trainer_message (trainer);
  lw_trainer_free (trainer);
  g_assert_cmpint (collective->failed, ==, job->fails);
  if (!collective->failed)
    g_assert_true (lw_workers_dismiss (collective, NULL));
}

static void
take_part (LwRoom *room, int32_t rank, void *data)
{
  static const LwWorkerOptions options = { .backends = lw_test_backends };
  g_autoptr (LwCollective) collective = lw_room_collective (room, rank);
  g_autoptr (GError) error = NULL;
  Job *job = data;

  if (rank == 0)
    lead (collective, job);
  else if (!lw_worker_run (collective, &options, &error))
    job->sentences[rank] = g_strdup (error->message);
}

static void
train (Job *job)
{
  LwRoom *room = lw_room_new (WORKERS);

  lw_room_run (room, take_part, job);
  lw_room_free (room);
}

/* --- a full disk ------------------------------------------------------------------------------ */

static int n_rests;

/* Tries again as soon as it rests. */
static void
watch_rests (LwTrainer *trainer)
{
  const gint64 end = g_get_monotonic_time () + 60 * G_USEC_PER_SEC;

  while (lw_trainer_state (trainer) < LW_RUN_FINISHED) {
    g_autofree char *message = lw_trainer_message (trainer);

    g_assert_cmpint (g_get_monotonic_time (), <, end);
    if (message != NULL && lw_trainer_state (trainer) == LW_RUN_PAUSED) {
      g_assert_nonnull (strstr (message, "No space left on device"));
      n_rests++;
      lw_trainer_start (trainer);
    }
    g_usleep (100);
  }
}

static void
test_full_disk (void)
{
  Job whole = job_new ("whole", NULL);
  g_autofree char *checkpoint = lw_checkpoint_path (whole.folder, STEPS);
  g_autoptr (LwRun) run_whole = NULL;
  int runs = 0;

  train (&whole);
  g_assert_cmpint (whole.state, ==, LW_RUN_FINISHED);
  run_whole = lw_run_open (whole.folder, NULL);
  for (bool reached = true; reached; runs++) {
    const int64_t full_from = 10 + 30 * runs;
    Job job = job_new ("full", NULL);
    g_autofree char *own = lw_checkpoint_path (job.folder, STEPS);
    g_autoptr (LwRun) run = NULL;

    job.watch = watch_rests;
    lw_fault_arm (LW_FAULT_FULL, full_from, 3);
    train (&job);
    reached = lw_fault_calls () >= full_from;
    lw_fault_arm (LW_FAULT_NONE, 0, 0);
    g_assert_cmpint (job.state, ==, LW_RUN_FINISHED);
    g_assert_null (job.message);
    for (int i = 0; i < WORKERS; i++)
      g_assert_null (job.sentences[i]);
    run = lw_run_open (job.folder, NULL);
    lw_test_assert_same_log (run_whole->log, run->log);
    lw_test_assert_same_tensors (checkpoint, own);
    lw_remove_folder (g_steal_pointer (&job.folder));
    job_clear (&job);
  }
  g_test_message ("%d runs, %d rests", runs, n_rests);
  g_assert_cmpint (n_rests, >=, runs / 2);
  job_clear (&whole);
}

/* There never is room: the second stop does not wait, and nobody else does. */
static void
watch_given_up (LwTrainer *trainer)
{
  const gint64 end = g_get_monotonic_time () + 60 * G_USEC_PER_SEC;

  for (int stops = 0; lw_trainer_state (trainer) < LW_RUN_FINISHED;) {
    g_autofree char *message = lw_trainer_message (trainer);

    g_assert_cmpint (g_get_monotonic_time (), <, end);
    if (message != NULL && lw_trainer_state (trainer) == LW_RUN_PAUSED && stops++ < 2)
      lw_trainer_stop (trainer);
    g_usleep (1000);
  }
}

static void
test_given_up (void)
{
  Job job = job_new ("given-up", NULL);

  job.watch = watch_given_up;
  job.fails = true;
  lw_fault_arm (LW_FAULT_FULL, 40, INT64_MAX / 2);
  train (&job);
  lw_fault_arm (LW_FAULT_NONE, 0, 0);
  g_assert_cmpint (job.state, ==, LW_RUN_FAILED);
  for (int i = 1; i < WORKERS; i++) {
    g_assert_nonnull (job.sentences[i]);
    g_assert_nonnull (strstr (job.sentences[i], "worker 0 failed: "));
  }
  job_clear (&job);
}

/* --- what one cannot do ----------------------------------------------------------------------- */

/* The others have other data than process 0, which tells the sentence of the first of them; they
 * wait for another training. */
static void
test_other_data (void)
{
  g_autoptr (LwDataset) dataset = lw_test_shapes (TRAIN + 1, TEST);
  Job job = job_new ("other-data", dataset);

  train (&job);
  g_assert_cmpint (job.state, ==, LW_RUN_FAILED);
  g_assert_nonnull (strstr (job.message, "Worker 1: "));
  g_assert_nonnull (strstr (job.message, "gives 12 images to train with and 8 to test with on "
                                         "this worker's machine, but 13 and 8 on the first one's"));
  for (int i = 1; i < WORKERS; i++)
    g_assert_null (job.sentences[i]);
  g_assert_false (g_file_test (job.folder, G_FILE_TEST_EXISTS));
  job_clear (&job);
}

/* --- devices ---------------------------------------------------------------------------------- */

static int
count_four (GError **error)
{
  (void)error;
  return 4;
}

static void
test_devices (void)
{
  const LwBackend cards = { .name = "cards", .count = count_four };

  for (int32_t i = 0; i < 6; i++) {
    g_assert_cmpint (lw_device_of_process (&cards, "auto", 0, i), ==, i % 4);
    g_assert_cmpint (lw_device_of_process (&cards, "cards", 0, i), ==, i % 4);
    g_assert_cmpint (lw_device_of_process (&cards, "cards:2", 2, i), ==, 2);
    g_assert_cmpint (lw_device_of_process (lw_test_backends[0], "auto", 0, i), ==, 0);
  }
}

int
main (int argc, char **argv)
{
  int status;

  if (g_file_test ("/dev/shm", G_FILE_TEST_IS_DIR))
    g_setenv ("TMPDIR", "/dev/shm", TRUE);
  g_test_init (&argc, &argv, NULL);
  root = lw_make_folder ();
  lw_write_idx_set (root, "", TRAIN, TEST, 28, false);
  g_test_add_func ("/shared-training/full-disk", test_full_disk);
  g_test_add_func ("/shared-training/given-up", test_given_up);
  g_test_add_func ("/shared-training/other-data", test_other_data);
  g_test_add_func ("/shared-training/devices", test_devices);
  status = g_test_run ();
  lw_remove_folder (root);
  return status;
}
