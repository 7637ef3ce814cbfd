/* Runs on the emulated CUDA backend, where a step is begun before the last one's result is read:
 * curves, checkpoints and what is said of a divergence are those of the same backend without, also
 * of runs that were paused, stepped, stopped and resumed, changed and watched. */
#include "engine/checkpoint.h"
#include "engine/record_distributions_private.h"
#include "engine/run.h"
#include "kernels/cuda/cuda.h"
#include "tests/device/emulation/emulation.h"
#include "tests/support/program.h"
#include "tests/support/training.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

static LwBackend ahead, plain; /* with and without steps that are one piece */
static int begun, most;        /* of `ahead`: steps whose results nobody has read */
static LwStepNumbers last;     /* of the step that was begun last */
static int asked;              /* looks */

/* Views of a trainer that somebody opens while a step is begun behind another, which are due at
 * once: one after the other until one was asked for behind a begun step. */
enum { MOST_VIEWS = 64 };
static struct {
  LwTrainer *trainer; /* NULL: nobody does */
  const float *image;
  LwProbe *probes[MOST_VIEWS];
  _Atomic int n;
  void (*command) (LwTrainer *trainer); /* is given then, once; or NULL */
} views;

static const LwBackend *const with_ahead[] = { &ahead, NULL };
static const LwBackend *const with_plain[] = { &plain, NULL };

static bool
begin_step (LwDevice *device, const LwStepNumbers *numbers, bool *ret_replayed, GError **error)
{
  last = *numbers;
  return lw_cuda_backend.begin_step (device, numbers, ret_replayed, error);
}

static bool
end_step (LwDevice *device, GError **error)
{
  begun++;
  most = MAX (most, begun);
  if (begun == 2 && views.trainer != NULL && asked == 0 && views.n < MOST_VIEWS) {
    views.probes[views.n] = lw_trainer_watch_prediction (views.trainer, views.image, 0);
    views.n++;
  }
  return lw_cuda_backend.end_step (device, error);
}

static bool
begin_look (LwDevice *device, GError **error)
{
  asked++;
  g_assert_cmpint (begun, >, 0);
  if (views.command != NULL)
    views.command (views.trainer);
  views.command = NULL;
  return lw_cuda_backend.begin_look (device, error);
}

static bool
step_result (LwDevice *device, float ret[2], GError **error)
{
  begun--;
  return lw_cuda_backend.step_result (device, ret, error);
}

/* Before it starts: by itself a record of distributions looks at each of the first steps where they
 * are quick, and none of them could run ahead. */
static void
look_little (LwTrainer *trainer)
{
  LwRecords *records = lw_trainer_records (trainer);

  ((LwDistributions *)lw_records_get (records, LW_RECORD_DISTRIBUTIONS))->free_seconds = 0;
}

static void
open_views (LwTrainer *trainer, const float *image, void (*command) (LwTrainer *trainer))
{
  look_little (trainer);
  asked = 0;
  views.image = image;
  views.command = command;
  views.trainer = trainer;
}

/* At least one was asked for, and the command given. */
static void
close_views (void)
{
  g_assert_cmpint (asked, >, 0);
  g_assert_null (views.command);
  for (int i = 0; i < views.n; i++) {
    lw_trainer_unwatch (views.trainer, views.probes[i]);
    lw_probe_unref (views.probes[i]);
  }
  views.trainer = NULL;
  views.n = 0;
}

static char *
in (const char *folder, const char *name)
{
  return g_build_filename (folder, name, NULL);
}

enum { BATCH = 8, TRAIN = 44, PER_EPOCH = 6, STEPS = 3 * PER_EPOCH };

static LwDataset *
make_data (void)
{
  return lw_test_shapes (TRAIN, 8);
}

static LwTrainer *
new_trainer (const LwSettings *settings, const LwBackend *const *backends, const char *folder)
{
  g_autoptr (LwDataset) dataset = make_data ();
  g_autoptr (GError) error = NULL;
  LwTrainer *trainer = lw_trainer_new (settings, backends, dataset, folder, &error);

  g_assert_no_error (error);
  return trainer;
}

static LwTrainer *
resume (const LwBackend *const *backends, const char *folder)
{
  g_autoptr (LwDataset) dataset = make_data ();
  g_autoptr (GError) error = NULL;
  LwTrainer *trainer = lw_trainer_resume (folder, backends, dataset, 0, 0, &error);

  g_assert_no_error (error);
  return trainer;
}

static void
assert_same_runs (const char *folder, const char *expected, int64_t step)
{
  g_autofree char *last = lw_checkpoint_path (folder, step);
  g_autofree char *other = lw_checkpoint_path (expected, step);
  g_autoptr (LwRun) run = lw_run_open (folder, NULL), wanted = lw_run_open (expected, NULL);

  lw_test_assert_same_tensors (other, last);
  lw_test_assert_same_log (wanted->log, run->log);
  g_assert_cmpint (run->state, ==, wanted->state);
}

static void
assert_same_statistics (const char *folder, const char *expected)
{
  g_autofree char *file = in (folder, "bn-history.safetensors");
  g_autofree char *other = in (expected, "bn-history.safetensors");

  lw_test_assert_same_tensors (other, file);
}

/* Algorithms by rule: how many of them one program has time to measure under emulation depends on
 * the machine, and the next one measures the rest. */
static LwSettings *
make_settings (const char *model)
{
  LwSettings *settings =
      lw_test_settings (model, "data=shapes", "batch=8", "epochs=3", "lr=0.05", "momentum=0.5",
                        "schedule=cosine", "checkpoint-every=4", "algorithms=fixed", NULL);

  g_assert_true (lw_settings_set (settings, "device", "cuda", NULL));
  return settings;
}

/* TRAIN short steps, of which most run ahead: what records look at takes longer than a step. */
static LwSettings *
make_short (void)
{
  return lw_test_settings ("lenet", "data=shapes", "batch=1", "epochs=1", "lr=0.05", "device=cuda",
                           "algorithms=fixed", NULL);
}

static void
wait_for_steps (LwTrainer *trainer, int64_t steps)
{
  const gint64 end = g_get_monotonic_time () + 60 * G_USEC_PER_SEC;

  while (lw_test_steps (trainer) < steps) {
    g_assert_cmpint (g_get_monotonic_time (), <, end);
    g_usleep (200);
  }
}

/* As it goes by itself, and with every kind of interruption. */
static void
test_same (gconstpointer model)
{
  char *folder = lw_make_folder ();
  g_autofree char *expected = in (folder, "plain"), *alone = in (folder, "alone");
  g_autofree char *called = in (folder, "called");
  g_autoptr (LwSettings) settings = make_settings (model);
  g_autofree float *image = g_new0 (float, 28 * 28);
  LwTrainer *trainer;
  LwProbe *probe;

  g_assert_true (lw_settings_set (settings, "epochs", "2", NULL));
  trainer = new_trainer (settings, with_plain, expected);
  lw_test_run (trainer, LW_RUN_FINISHED);
  lw_trainer_free (trainer);

  trainer = new_trainer (settings, with_ahead, alone);
  lw_test_run (trainer, LW_RUN_FINISHED);
  lw_trainer_free (trainer);
  assert_same_runs (alone, expected, 2 * PER_EPOCH);
  g_assert_cmpint (begun, ==, 0);
  if (strcmp (model, "lenet-bn") == 0) /* of so short a run each step's statistics are kept */
    assert_same_statistics (alone, expected);

  trainer = new_trainer (settings, with_ahead, called);
  lw_test_step (trainer);
  lw_trainer_start (trainer);
  wait_for_steps (trainer, 3);
  lw_trainer_pause (trainer);
  lw_test_wait (trainer, LW_RUN_PAUSED);
  g_assert_cmpint (begun, ==, 0);
  lw_test_step (trainer);
  probe = lw_trainer_watch_prediction (trainer, image, 1);
  lw_trainer_start (trainer);
  wait_for_steps (trainer, 8);
  lw_trainer_stop (trainer);
  lw_trainer_join (trainer);
  lw_trainer_unwatch (trainer, probe);
  lw_probe_unref (probe);
  lw_trainer_free (trainer);
  trainer = resume (with_ahead, called);
  lw_test_run (trainer, LW_RUN_FINISHED);
  lw_trainer_free (trainer);
  assert_same_runs (called, expected, 2 * PER_EPOCH);
  lw_remove_folder (folder);
}

/* --- frames ----------------------------------------------------------------------------------- */

enum { CLASSES = 10 };

static void
take_frames (LwProbe *probe, float frames[TRAIN + 1][CLASSES], int64_t *seen)
{
  const LwProbeFrame *frame = lw_probe_take (probe);

  if (frame == NULL)
    return;
  g_assert_cmpint (frame->step, <=, TRAIN);
  memcpy (frames[frame->step], frame->values, sizeof frames[0]);
  *seen |= INT64_C (1) << frame->step;
}

/* What is watched while steps run ahead is what it is after the step that its frame names. */
static void
test_frames (void)
{
  char *folder = lw_make_folder ();
  g_autofree char *expected = in (folder, "plain"), *path = in (folder, "ahead");
  g_autoptr (LwSettings) settings = make_short ();
  g_autofree float *image = g_new (float, 28 * 28);
  static float wanted[TRAIN + 1][CLASSES], frames[TRAIN + 1][CLASSES];
  LwTrainer *trainer = new_trainer (settings, with_plain, expected);
  LwProbe *probe;
  int64_t all = 0, seen = 0;

  for (int i = 0; i < 28 * 28; i++)
    image[i] = (float)(i % 17) / 17;
  probe = lw_trainer_watch_prediction (trainer, image, 0);
  for (int step = 1; step < TRAIN; step++) {
    const gint64 end = g_get_monotonic_time () + 60 * G_USEC_PER_SEC;

    lw_test_step (trainer);
    while ((all & INT64_C (1) << step) == 0 && g_get_monotonic_time () < end) {
      take_frames (probe, wanted, &all);
      g_usleep (200);
    }
  }
  lw_trainer_unwatch (trainer, probe);
  lw_probe_unref (probe);
  lw_trainer_free (trainer);

  trainer = new_trainer (settings, with_ahead, path);
  open_views (trainer, image, NULL);
  lw_trainer_start (trainer);
  while (lw_trainer_state (trainer) < LW_RUN_FINISHED) {
    for (int i = 0; i < views.n; i++)
      take_frames (views.probes[i], frames, &seen);
    g_usleep (200);
  }
  g_test_message ("%d looks behind a begun step, frames of steps %" PRIx64, asked, seen);
  close_views ();
  for (int step = 1; step < TRAIN; step++)
    if ((seen & all & INT64_C (1) << step) != 0)
      g_assert_cmpmem (frames[step], sizeof frames[0], wanted[step], sizeof frames[0]);
  lw_trainer_free (trainer);
  lw_remove_folder (folder);
}

/* A change holds from the step on of which the log says so: a resumed run makes it there again. */
static void
test_change (void)
{
  char *folder = lw_make_folder ();
  g_autofree char *path = in (folder, "run"), *copy = in (folder, "copy");
  g_autofree char *last = lw_checkpoint_path (path, STEPS), *again = NULL;
  g_autoptr (LwSettings) settings = make_settings ("lenet");
  LwTrainer *trainer = new_trainer (settings, with_ahead, path);

  /* From its checkpoint of step 4 the run is made again, without running ahead. */
  lw_trainer_start (trainer);
  wait_for_steps (trainer, 4);
  lw_trainer_stop (trainer);
  lw_trainer_join (trainer);
  lw_trainer_free (trainer);
  {
    const char *command[] = { "cp", "-r", path, copy, NULL };

    g_assert_true (g_spawn_sync (NULL, (char **)command, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL,
                                 NULL, NULL, NULL, NULL));
  }
  trainer = resume (with_ahead, path);
  lw_trainer_start (trainer);
  wait_for_steps (trainer, 2);
  lw_trainer_set_learning_rate (trainer, 0.01);
  lw_trainer_join (trainer);
  g_assert_cmpint (lw_trainer_state (trainer), ==, LW_RUN_FINISHED);
  lw_trainer_free (trainer);
  {
    g_autofree char *from = in (path, "metrics.csv"), *to = in (copy, "metrics.csv"), *text = NULL;
    gsize length;

    /* As if the copy had been killed right before its next checkpoint. */
    g_assert_true (g_file_get_contents (from, &text, &length, NULL));
    g_assert_true (g_file_set_contents (to, text, (gssize)length, NULL));
  }
  trainer = resume (with_plain, copy);
  lw_test_run (trainer, LW_RUN_FINISHED);
  lw_trainer_free (trainer);
  again = lw_checkpoint_path (copy, STEPS);
  lw_test_assert_same_tensors (last, again);
  lw_remove_folder (folder);
}

/* --- commands --------------------------------------------------------------------------------- */

static void
slow_down (LwTrainer *trainer)
{
  lw_trainer_set_learning_rate (trainer, 0.01);
}

/* A command that is given while a step is begun is followed when that one is over: nothing is
 * unread, and the log says of each step by which rate it was made. */
static void
test_commands (void)
{
  char *folder = lw_make_folder ();
  g_autofree char *expected = in (folder, "plain"), *paused = in (folder, "paused");
  g_autofree char *stopped = in (folder, "stopped"), *changed = in (folder, "changed");
  g_autoptr (LwSettings) settings = make_short ();
  g_autofree float *image = g_new0 (float, 28 * 28);
  LwTrainer *trainer;
  LwRunLog *log;
  double rate = 0.05;

  trainer = new_trainer (settings, with_plain, expected);
  lw_test_run (trainer, LW_RUN_FINISHED);
  lw_trainer_free (trainer);

  trainer = new_trainer (settings, with_ahead, paused);
  open_views (trainer, image, lw_trainer_pause);
  lw_trainer_start (trainer);
  lw_test_wait (trainer, LW_RUN_PAUSED);
  g_assert_cmpint (begun, ==, 0);
  lw_test_run (trainer, LW_RUN_FINISHED);
  close_views ();
  lw_trainer_free (trainer);
  assert_same_runs (paused, expected, TRAIN);

  trainer = new_trainer (settings, with_ahead, stopped);
  open_views (trainer, image, lw_trainer_stop);
  lw_test_run (trainer, LW_RUN_STOPPED);
  g_assert_cmpint (begun, ==, 0);
  close_views ();
  lw_trainer_free (trainer);
  trainer = resume (with_ahead, stopped);
  lw_test_run (trainer, LW_RUN_FINISHED);
  lw_trainer_free (trainer);
  assert_same_runs (stopped, expected, TRAIN);

  trainer = new_trainer (settings, with_ahead, changed);
  open_views (trainer, image, slow_down);
  lw_test_run (trainer, LW_RUN_FINISHED);
  close_views ();
  log = lw_trainer_log (trainer);
  for (int64_t i = 0; i < lw_run_log_length (log); i++) {
    const LwEvent *event = lw_run_log_get (log, i);

    if (event->kind == LW_EVENT_SETTING)
      rate = event->value;
    else if (event->kind == LW_EVENT_STEP)
      g_assert_cmpfloat_with_epsilon (event->learning_rate, rate, 1e-6);
  }
  g_assert_cmpfloat (rate, ==, 0.01);
  lw_trainer_free (trainer);
  lw_remove_folder (folder);
}

/* --- a run that diverges ---------------------------------------------------------------------- */

typedef struct {
  char *message;
  int64_t step;
  LwDistribution gradients; /* of the first layer, last moment */
} End;

/* Weight decay beyond 2 / η makes weights grow from step to step. */
static End
diverge (const LwBackend *const *backends, const char *folder)
{
  g_autoptr (LwSettings) settings =
      lw_test_settings ("lenet", "data=shapes", "batch=1", "epochs=20", "lr=0.05",
                        "weight-decay=45", "set=activation=relu", "algorithms=fixed", NULL);
  LwDistributionMoment moments[LW_DISTRIBUTION_MOMENTS];
  LwDistribution all[LW_DISTRIBUTION_MOMENTS];
  LwTrainer *trainer;
  LwRecord *record;
  LwRunLog *log;
  int32_t n;
  End end;

  g_assert_true (lw_settings_set (settings, "device", "cuda", NULL));
  trainer = new_trainer (settings, backends, folder);
  look_little (trainer);
  lw_test_run (trainer, LW_RUN_DIVERGED);
  log = lw_trainer_log (trainer);
  end.message = lw_trainer_message (trainer);
  end.step = lw_run_log_get (log, lw_run_log_length (log) - 1)->step;
  record = lw_records_get (lw_trainer_records (trainer), LW_RECORD_DISTRIBUTIONS);
  n = lw_distributions_read (record, LW_OF_GRADIENTS,
                             lw_graph_find_node (lw_trainer_graph (trainer), "0"), moments, all);
  g_assert_cmpint (n, >, 0);
  g_assert_cmpint (moments[n - 1].step, ==, end.step + 1);
  end.gradients = all[n - 1];
  lw_trainer_free (trainer);
  return end;
}

static void
test_divergence (void)
{
  char *folder = lw_make_folder ();
  g_autofree char *expected = in (folder, "plain"), *path = in (folder, "ahead");
  End wanted = diverge (with_plain, expected), end;

  most = 0;
  end = diverge (with_ahead, path);
  g_test_message ("%s", end.message);
  g_assert_cmpint (most, ==, 2);
  g_assert_cmpint (end.step, ==, wanted.step);
  g_assert_cmpint (end.step, >, 8);
  /* The fatal step was made again, with the network held. */
  g_assert_cmpint (last.iteration, ==, end.step);
  g_assert_true (last.follows);
  g_assert_cmpstr (end.message, ==, wanted.message);
  g_assert_cmpmem (&end.gradients, sizeof end.gradients, &wanted.gradients,
                   sizeof wanted.gradients);
  g_free (end.message);
  g_free (wanted.message);
  lw_remove_folder (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ahead = plain = lw_cuda_backend;
  ahead.begin_step = begin_step;
  ahead.end_step = end_step;
  ahead.step_result = step_result;
  ahead.begin_look = begin_look;
  plain.begin_step = NULL;
  plain.keep_images = NULL;
  plain.begin_look = NULL;
  lw_emulation_set_order (LW_ORDER_REVERSE, 1);
  g_test_add_data_func ("/cuda-trainer/lenet", "lenet", test_same);
  g_test_add_data_func ("/cuda-trainer/lenet-bn", "lenet-bn", test_same);
  g_test_add_func ("/cuda-trainer/frames", test_frames);
  g_test_add_func ("/cuda-trainer/change", test_change);
  g_test_add_func ("/cuda-trainer/commands", test_commands);
  g_test_add_func ("/cuda-trainer/divergence", test_divergence);
  return g_test_run ();
}
