/* The thread from its beginning to its end: session, loaders and files, the run, the views after.
 */
#include "engine/trainer_private.h"

#include "engine/i18n.h"
#include "engine/partial_load.h"
#include "engine/priority.h"
#include "engine/run.h"
#include "engine/snapshots.h"

#include <inttypes.h>
#include <unistd.h>

#define MAX_LOADER_THREADS 4

static bool
load_partial (LwTrainer *trainer, LwSession *session, GError **error)
{
  GArray *fates = lw_session_load_partial (session, trainer->settings->init_partial, error);

  pthread_mutex_lock (&trainer->lock);
  trainer->init_fates = fates;
  pthread_mutex_unlock (&trainer->lock);
  return fates != NULL;
}

static bool
set_weights (LwTrainer *trainer, LwSession *session, GError **error)
{
  const LwSettings *settings = trainer->settings;
  g_autofree char *name = NULL;

  if (trainer->resume_file == NULL) {
    g_autofree char *kept = g_build_filename (trainer->folder, LW_INITIAL_WEIGHTS, NULL);

    if (!lw_session_initialize (session, settings->seed, error))
      return false;
    if (trainer->resumed && g_file_test (kept, G_FILE_TEST_EXISTS))
      return lw_session_load (session, kept, error);
    return (settings->init == NULL || lw_session_load (session, settings->init, error)) &&
           (settings->init_partial == NULL || load_partial (trainer, session, error));
  }
  name = lw_checkpoint_path (trainer->folder, trainer->position.step);
  return lw_checkpoint_load (session, trainer->resume_file, name, error);
}

static bool
is_background (LwTrainer *trainer)
{
  bool background;

  pthread_mutex_lock (&trainer->lock);
  background = trainer->background;
  pthread_mutex_unlock (&trainer->lock);
  return background;
}

/* Session and weights, once. A resumed run's layers are computed as run.json says. */
static bool
open_session (LwTrainer *trainer, GError **error)
{
  const LwSettings *settings = trainer->settings;
  g_autofree char *cache = lw_algorithms_cache_folder ();
  const int32_t batch = MIN (settings->batch, trainer->train_examples);
  LwSessionOptions options = {
    .batch = lw_shared_part_of_batch (trainer->collective, batch),
    .optimizer = settings->optimizer,
    .momentum = trainer->position.live[LW_LIVE_MOMENTUM] > 0 ||
                (trainer->resume_file != NULL && lw_checkpoint_has_momentum (trainer->resume_file)),
    .device = { .threads = trainer->threads,
                .precision = settings->precision,
                .algorithms = settings->algorithms,
                .cache_folder = cache },
    .collective = trainer->collective,
    .synchronizes = settings->batch_norm_statistics == LW_NORM_SYNCHRONIZED
  };
  g_autoptr (LwSession) session = NULL;
  int32_t channels = 1;

  if (trainer->session != NULL)
    return true;
  if (trainer->record.algorithms != NULL)
    options.device.choices =
        lw_algorithm_list_choices (trainer->record.algorithms, &options.device.n_choices);
  if (!lw_trainer_give_job (trainer, options.momentum, error))
    return false;
  if (is_background (trainer))
    lw_thread_give_way (); /* with those that the session and the loaders start */
  session =
      lw_session_new (trainer->graph, trainer->backend, trainer->device_index, &options, error);
  if (session == NULL || !set_weights (trainer, session, error) ||
      (trainer->collective != NULL && !lw_session_share (session, error)))
    return false;
  for (LwNodeId id = 0; id < lw_graph_n_nodes (trainer->graph); id++)
    channels = MAX (channels, lw_graph_node (trainer->graph, id)->shape.c);
  trainer->statistics = g_new (float, 2 * (gsize)channels);
  lw_algorithm_list_free (trainer->record.algorithms);
  trainer->record.algorithms = lw_session_algorithms (session);
  trainer->session = g_steal_pointer (&session);
  g_clear_pointer (&trainer->resume_file, lw_tensor_file_free);
  return true;
}

static LwLoader *
open_loader (LwTrainer *trainer, LwSplit split, GError **error)
{
  const LwSettings *settings = trainer->settings;
  const LwShape input = lw_graph_input_shape (trainer->graph);
  const bool trains = split == LW_SPLIT_TRAIN;
  const int32_t threads = trainer->threads;
  const int32_t examples = trains ? trainer->train_examples : trainer->test_examples;
  const bool augments = trains && !lw_augmentation_is_none (&settings->augmentation);
  const LwLoaderOptions options = {
    .examples_only =
        lw_session_keep_data (trainer->session, trainer->dataset, split, examples, augments),
    .augmentation = augments ? settings->augmentation : (LwAugmentation){ 0 },
    .split = split,
    .height = input.h,
    .width = input.w,
    .batch = MIN (settings->batch, trainer->train_examples),
    .part = lw_collective_rank (trainer->collective),
    .parts = lw_collective_size (trainer->collective),
    .limit = trains ? settings->limit_train : settings->limit_test,
    .shuffle = trains && settings->shuffle,
    .seed = settings->seed,
    .threads = MIN (threads, MAX_LOADER_THREADS)
  };

  return lw_loader_new (trainer->dataset, &options, error);
}

/* The initial weights, or those of an epoch whose writer was killed between checkpoint and
 * snapshot. */
static void
keep_snapshot (LwTrainer *trainer)
{
  const LwPosition *position = &trainer->position;
  const int32_t epoch = (int32_t)(position->step / trainer->steps_per_epoch);
  g_autofree char *path = lw_snapshot_path (trainer->folder, epoch);

  if (position->step % trainer->steps_per_epoch == 0 && position->epoch_n == 0 &&
      (position->step == 0 || !g_file_test (path, G_FILE_TEST_EXISTS)))
    lw_snapshot_save (trainer->session, trainer->settings, trainer->folder, epoch,
                      position->best_epoch, NULL);
}

/* A copy of foreign weights: the run can be repeated without their file. */
static bool
keep_initial (LwTrainer *trainer, const void *unused, GError **error)
{
  g_autofree char *path = g_build_filename (trainer->folder, LW_INITIAL_WEIGHTS, NULL);

  (void)unused;
  return lw_session_save (trainer->session, trainer->settings, path, error);
}

static bool
begin (LwTrainer *trainer, GError **error)
{
  const LwPosition *position = &trainer->position;
  LwEvent event;

  if (!open_session (trainer, error))
    return false;
  trainer->train_loader = open_loader (trainer, LW_SPLIT_TRAIN, error);
  if (trainer->train_loader == NULL)
    return false;
  trainer->test_loader = open_loader (trainer, LW_SPLIT_TEST, error);
  if (trainer->test_loader == NULL)
    return false;
  if (lw_records_want_test (trainer->records))
    trainer->test_logits =
        g_new (float, (gsize)MIN (trainer->settings->batch, trainer->train_examples) *
                          (gsize)lw_graph_classes (trainer->graph));
  lw_loader_seek (trainer->train_loader, position->step / trainer->steps_per_epoch,
                  (int32_t)(position->step % trainer->steps_per_epoch));
  if (!lw_trainer_open_files (trainer, error))
    return false;
  if (position->step == 0 &&
      (trainer->settings->init != NULL || trainer->settings->init_partial != NULL) &&
      !lw_trainer_write (trainer, keep_initial, NULL, error))
    return false;
  lw_snapshots_drop_after (trainer->folder, (int32_t)(position->step / trainer->steps_per_epoch));
  keep_snapshot (trainer);
  event = lw_trainer_event (trainer, LW_EVENT_START);
  event.learning_rate = (float)lw_trainer_rate (trainer);
  return lw_trainer_log_event (trainer, &event, error);
}

/* Where nothing but memory was wanting, the device still has what was learned. */
static void
save_what_is_left (LwTrainer *trainer, const GError *failure)
{
  bool finite;

  if (trainer->metrics != NULL && g_error_matches (failure, LW_ERROR, LW_ERROR_MEMORY) &&
      lw_trainer_settle (trainer) && trainer->position.step > 0)
    lw_trainer_save (trainer, &finite, NULL);
}

/* What failed, and from where the run can go on. */
static char *
failure_message (const LwTrainer *trainer, const GError *failure)
{
  if (trainer->metrics == NULL || trainer->record.last_checkpoint < 0 ||
      (!g_error_matches (failure, LW_ERROR, LW_ERROR_MEMORY) &&
       !g_error_matches (failure, LW_ERROR, LW_ERROR_DEVICE)))
    return g_strdup (failure->message);
  return g_strdup_printf (/* What: a sentence that says what failed, and what to do. */
                          _ ("%s The run is saved as it was after step %" PRId64
                             "; resumed, it goes on from there."),
                          failure->message, trainer->record.last_checkpoint);
}

/* The run is over: its last rows and its state, also when something of that fails. */
static void
end (LwTrainer *trainer, LwRunState state, GError *failure)
{
  g_autoptr (GError) error = NULL;
  LwEvent event;

  if (failure == NULL && state != LW_RUN_DIVERGED) {
    LwTrainerOutcome outcome = LW_GOES_ON;

    if (!lw_trainer_save_or_diverge (trainer, &outcome, &error))
      failure = error;
    else if (outcome == LW_HAS_DIVERGED)
      state = LW_RUN_DIVERGED;
  }
  /* Who stops it may be mpirun, which does so because a worker has died. */
  if (!lw_trainer_end_job (trainer, failure, &error) && state == LW_RUN_STOPPED)
    failure = error;
  if (failure != NULL) {
    state = LW_RUN_FAILED;
    save_what_is_left (trainer, failure);
    lw_trainer_say (trainer, failure_message (trainer, failure));
  } else if (state != LW_RUN_DIVERGED && trainer->unkept != NULL) {
    lw_trainer_say (
        trainer, g_strdup_printf (/* What: a sentence that says which file, and why. */
                                  _ ("The training is whole, but not all that its views show could "
                                     "be kept: %s"),
                                  trainer->unkept));
  }
  /* What the records have seen since the last checkpoint says why. */
  if (trainer->metrics != NULL && (state == LW_RUN_DIVERGED || state == LW_RUN_FAILED) &&
      lw_trainer_has_folder (trainer, NULL))
    lw_records_save (trainer->records, trainer->folder, NULL);
  event = lw_trainer_event (trainer, LW_EVENT_END);
  event.state = state;
  event.stopped_early = state == LW_RUN_FINISHED && trainer->stopped_early;
  trainer->record.stopped_early = event.stopped_early;
  if (trainer->metrics == NULL)
    lw_run_log_append (trainer->log, &event);
  else {
    /* What went wrong before says more than what may go wrong here. */
    trainer->record.message = lw_trainer_message (trainer);
    if (lw_trainer_log_event (trainer, &event, NULL))
      lw_trainer_flush (trainer, true, NULL);
    lw_trainer_write_state (trainer, state, NULL);
  }
  g_clear_pointer (&trainer->metrics, lw_metrics_free);
  g_clear_pointer (&trainer->train_loader, lw_loader_free);
  g_clear_pointer (&trainer->test_loader, lw_loader_free);
  if (trainer->lock_fd >= 0)
    close (trainer->lock_fd);
  trainer->lock_fd = -1;
  lw_trainer_set_state (trainer, state);
}

/* Serves views until there is something else to do. Without a session visits have nothing to see.
 */
static void
idle (LwTrainer *trainer, bool until_started)
{
  bool broken = false;

  pthread_mutex_lock (&trainer->lock);
  while (!trainer->quit && !(until_started && (trainer->stop || trainer->goal != LW_GOAL_REST))) {
    g_autoptr (GError) error = NULL;
    const bool blind = broken || (!until_started && trainer->session == NULL);

    if (blind ? trainer->visits == NULL : !lw_trainer_has_unserved (trainer)) {
      pthread_cond_wait (&trainer->changed, &trainer->lock);
      continue;
    }
    pthread_mutex_unlock (&trainer->lock);
    /* What makes it fail will be reported by the start. */
    if (blind)
      lw_trainer_drop_visits (trainer);
    else
      broken = !open_session (trainer, &error) || !lw_trainer_serve_watches (trainer, true, &error);
    pthread_mutex_lock (&trainer->lock);
  }
  pthread_mutex_unlock (&trainer->lock);
}

/* Whether it shall begin; else it was stopped before. One that was paused since begins to rest. */
static bool
take_start (LwTrainer *trainer)
{
  bool starts;

  pthread_mutex_lock (&trainer->lock);
  starts = !trainer->stop;
  pthread_mutex_unlock (&trainer->lock);
  return starts;
}

void *
lw_trainer_thread (void *data)
{
  LwTrainer *trainer = data;
  GError *error = NULL;

  idle (trainer, true);
  if (take_start (trainer)) {
    LwTrainerOutcome outcome = LW_GOES_ON;
    bool done;

    lw_trainer_set_state (trainer, LW_RUN_STARTING);
    done = begin (trainer, &error);
    trainer->began = trainer->metrics != NULL;
    if (done) {
      lw_trainer_set_state (trainer, LW_RUN_RUNNING);
      done = lw_trainer_run (trainer, &outcome, &error);
    }
    end (trainer,
         !done                        ? LW_RUN_FAILED
         : outcome == LW_HAS_DIVERGED ? LW_RUN_DIVERGED
         : outcome == LW_IS_STOPPED   ? LW_RUN_STOPPED
                                      : LW_RUN_FINISHED,
         error);
    g_clear_error (&error);
  } else {
    LwEvent event = lw_trainer_event (trainer, LW_EVENT_END);

    event.state = LW_RUN_STOPPED;
    lw_run_log_append (trainer->log, &event);
    lw_trainer_set_state (trainer, LW_RUN_STOPPED);
  }
  idle (trainer, false);

  g_clear_pointer (&trainer->session, lw_session_free);
  g_clear_pointer (&trainer->resume_file, lw_tensor_file_free);
  g_free (trainer->statistics);
  g_free (trainer->test_logits);
  if (trainer->lock_fd >= 0)
    close (trainer->lock_fd);
  trainer->lock_fd = -1;
  if (!trainer->began && !trainer->resumed)
    lw_run_folder_discard (trainer->folder, trainer->made_folder);
  return NULL;
}
