#include "engine/trainer_private.h"

#include "engine/formats/file.h"
#include "engine/i18n.h"
#include "engine/snapshots.h"

#include <errno.h>
#include <sys/stat.h>
#include <time.h>

static char *
in_folder (const LwTrainer *trainer, const char *name)
{
  return g_build_filename (trainer->folder, name, NULL);
}

/* --- a full disk --------------------------------------------------------------------------------
 *
 * It is no reason to end a training: that rests, says why, and tries again every moment. */

#define TRY_AGAIN_S 2

/* Under the lock; `stops`: when the waiting began. A stop before that asks for a last checkpoint,
 * which waits too; one that comes while it waits means that nobody will wait. */
static bool
gives_up (const LwTrainer *trainer, int stops)
{
  return trainer->quit || trainer->given_up || trainer->stops > MIN (stops, 1);
}

static void
say_full (LwTrainer *trainer, const GError *problem)
{
  lw_trainer_say (trainer,
                  g_strdup_printf (/* What: a sentence that says which file, and why. */
                                   _ ("%s The training waits for room and then goes on by itself."),
                                   problem->message));
}

/* Until it is worth another try; meanwhile views are served, unless the device is at the next step
 * already. */
static bool
rest (LwTrainer *trainer, int stops, bool *ret_gives_up, GError **error)
{
  const bool serves = trainer->session != NULL && trainer->begun.number == 0;
  struct timespec until;

  clock_gettime (CLOCK_MONOTONIC, &until); /* as lw_trainer_new has it */
  until.tv_sec += TRY_AGAIN_S;
  pthread_mutex_lock (&trainer->lock);
  *ret_gives_up = gives_up (trainer, stops);
  if (!*ret_gives_up && !(serves && lw_trainer_has_unserved (trainer)))
    pthread_cond_timedwait (&trainer->changed, &trainer->lock, &until);
  *ret_gives_up = gives_up (trainer, stops);
  pthread_mutex_unlock (&trainer->lock);
  return !serves || lw_trainer_serve_watches (trainer, true, error);
}

bool
lw_trainer_has_folder (const LwTrainer *trainer, GError **error)
{
  g_autofree char *name = g_filename_display_name (trainer->folder);

  if (!lw_run_is_lost (trainer->folder, trainer->lock_fd))
    return true;
  g_set_error (
      error, LW_ERROR, LW_ERROR_IO,
      _ ("The folder \"%s\" was moved or removed while its run was being trained, so nothing "
         "more is saved. What was saved is where the folder is now: \"layerwise train "
         "--resume FOLDER\" goes on from there."),
      name);
  return false;
}

/* The folder may be lost before, and in the middle. */
static bool
write_there (LwTrainer *trainer, LwTrainerWriting write, const void *data, GError **error)
{
  g_autoptr (GError) problem = NULL;

  if (!lw_trainer_has_folder (trainer, error))
    return false;
  if (write (trainer, data, &problem))
    return true;
  if (lw_trainer_has_folder (trainer, error))
    g_propagate_error (error, g_steal_pointer (&problem));
  return false;
}

bool
lw_trainer_write (LwTrainer *trainer, LwTrainerWriting write, const void *data, GError **error)
{
  g_autoptr (GError) problem = NULL;
  bool done = write_there (trainer, write, data, &problem), given_up = false;
  char *message;
  LwRunState before;
  int stops;

  if (done || !g_error_matches (problem, LW_ERROR, LW_ERROR_NO_SPACE)) {
    if (!done)
      g_propagate_error (error, g_steal_pointer (&problem));
    return done;
  }
  before = lw_trainer_state (trainer);
  message = lw_trainer_message (trainer);
  pthread_mutex_lock (&trainer->lock);
  stops = trainer->stops;
  pthread_mutex_unlock (&trainer->lock);
  say_full (trainer, problem);
  lw_trainer_set_state (trainer, LW_RUN_PAUSED);
  while (!done && g_error_matches (problem, LW_ERROR, LW_ERROR_NO_SPACE)) {
    g_autoptr (GError) broken = NULL;

    if (!rest (trainer, stops, &given_up, &broken)) {
      g_clear_error (&problem);
      problem = g_steal_pointer (&broken);
    }
    trainer->given_up = given_up;
    if (given_up)
      break;
    if (g_error_matches (problem, LW_ERROR, LW_ERROR_NO_SPACE)) {
      g_clear_error (&problem);
      done = write_there (trainer, write, data, &problem);
    }
  }
  trainer->finished_us = g_get_monotonic_time (); /* a step that is begun did not take so long */
  lw_trainer_say (trainer, message);
  if (done)
    lw_trainer_set_state (trainer, before);
  else
    g_propagate_error (error, g_steal_pointer (&problem));
  return done;
}

/* --- rows and run.json --------------------------------------------------------------------------
 */

/* run.json first: with it alone the run can be begun again. */
static bool
open_files (LwTrainer *trainer, const void *unused, GError **error)
{
  g_autofree char *metrics = in_folder (trainer, "metrics.csv");
  g_autofree char *checkpoints = in_folder (trainer, "checkpoints");

  (void)unused;
  if (!lw_trainer_write_record (trainer, LW_RUN_RUNNING, error))
    return false;
  if (mkdir (checkpoints, 0777) != 0 && errno != EEXIST) {
    lw_file_set_error (error, true, checkpoints, errno);
    return false;
  }
  if (!lw_file_sync_folder (trainer->folder, error))
    return false;
  trainer->metrics = lw_metrics_new (metrics, trainer->log, error);
  return trainer->metrics != NULL;
}

bool
lw_trainer_open_files (LwTrainer *trainer, GError **error)
{
  g_autofree char *checkpoints = in_folder (trainer, "checkpoints");
  g_autofree char *snapshots = in_folder (trainer, "snapshots");

  /* Whoever was killed here may have left some. */
  lw_file_remove_parts (trainer->folder);
  lw_file_remove_parts (checkpoints);
  lw_file_remove_parts (snapshots);
  return lw_trainer_write (trainer, open_files, NULL, error);
}

static bool
flush (LwTrainer *trainer, const void *durable, GError **error)
{
  return lw_metrics_flush (trainer->metrics, *(const bool *)durable, error);
}

bool
lw_trainer_flush (LwTrainer *trainer, bool durable, GError **error)
{
  return lw_trainer_write (trainer, flush, &durable, error);
}

bool
lw_trainer_log_event (LwTrainer *trainer, const LwEvent *event, GError **error)
{
  g_autoptr (GError) problem = NULL;

  lw_run_log_append (trainer->log, event);
  if (lw_metrics_append (trainer->metrics, event, &problem))
    return true;
  if (g_error_matches (problem, LW_ERROR, LW_ERROR_NO_SPACE)) /* the row waits in the buffer */
    return lw_trainer_flush (trainer, false, error);
  g_propagate_error (error, g_steal_pointer (&problem));
  return false;
}

/* What the session holds on its device: from its beginning to its end, but for a momentum that
 * comes while it runs. */
static void
note_memory (LwTrainer *trainer)
{
  const LwMemory memory = lw_session_memory (trainer->session);

  pthread_mutex_lock (&trainer->lock);
  trainer->record.peak_memory = MAX (memory.training_total, memory.inference_total);
  pthread_mutex_unlock (&trainer->lock);
}

bool
lw_trainer_write_record (LwTrainer *trainer, LwRunState state, GError **error)
{
  LwRunRecord *record = &trainer->record;

  note_memory (trainer);
  record->state = state;
  record->step = trainer->position.step;
  record->best_epoch = trainer->position.best_epoch;
  record->best_test_accuracy = trainer->position.best_test_accuracy;
  g_clear_pointer (&record->changes, g_array_unref);
  record->changes = lw_trainer_changes_to_come (trainer);
  return lw_run_record_write (record, trainer->graph, trainer->folder, error);
}

/* --- checkpoints --------------------------------------------------------------------------------
 */

/* Where there is no room for a checkpoint, the pictures of past epochs go first. */
static bool
write_checkpoint (LwTrainer *trainer, const char *path, bool *ret_finite, GError **error)
{
  g_autoptr (GError) first = NULL;

  if (lw_checkpoint_write (trainer->session, trainer->settings, &trainer->position, path,
                           ret_finite, &first))
    return true;
  if ((g_error_matches (first, LW_ERROR, LW_ERROR_IO) ||
       g_error_matches (first, LW_ERROR, LW_ERROR_NO_SPACE)) &&
      lw_snapshots_drop_after (trainer->folder, -1) > 0)
    return lw_checkpoint_write (trainer->session, trainer->settings, &trainer->position, path,
                                ret_finite, error);
  g_propagate_error (error, g_steal_pointer (&first));
  return false;
}

/* Statistics and records are pictures, not parts of the training: where they cannot be written they
 * stay as they were at an earlier checkpoint, which the end of the run says. Only a full disk is
 * waited for. */
static bool
save_pictures (LwTrainer *trainer, GError **error)
{
  g_autofree char *history = in_folder (trainer, "bn-history.safetensors");
  g_autoptr (GError) problem = NULL;

  const bool whole = lw_records_save (trainer->records, trainer->folder, &problem);

  if (trainer->history != NULL)
    lw_bn_history_save (trainer->history, history, whole ? &problem : NULL);
  if (g_error_matches (problem, LW_ERROR, LW_ERROR_NO_SPACE)) {
    g_propagate_error (error, g_steal_pointer (&problem));
    return false;
  }
  g_free (trainer->unkept);
  trainer->unkept = problem != NULL ? g_strdup (problem->message) : NULL;
  return true;
}

/* Rows first, then statistics and records, then the checkpoint, then run.json, then the deletions:
 * a kill between any two leaves a checkpoint that needs nothing written after it. */
static bool
save (LwTrainer *trainer, const void *finite, GError **error)
{
  LwPosition *position = &trainer->position;
  LwRunRecord *record = &trainer->record;
  g_autofree char *path = lw_checkpoint_path (trainer->folder, position->step);
  bool *ret_finite = *(bool *const *)finite;

  *ret_finite = true;
  position->events = lw_run_log_length (trainer->log);
  if (trainer->saved_step == position->step && trainer->saved_events == position->events)
    return lw_metrics_flush (trainer->metrics, true, error);
  if (!lw_metrics_flush (trainer->metrics, true, error) || !save_pictures (trainer, error) ||
      !write_checkpoint (trainer, path, ret_finite, error))
    return false;
  if (!*ret_finite)
    return true;
  record->last_checkpoint = position->step;
  record->best_checkpoint = position->best_epoch > 0 ? position->best_step : -1;
  if (!lw_trainer_write_record (trainer, LW_RUN_RUNNING, error))
    return false;
  trainer->saved_step = position->step;
  trainer->saved_events = position->events;
  lw_checkpoint_keep (trainer->folder, record->last_checkpoint, record->best_checkpoint);
  return true;
}

bool
lw_trainer_save (LwTrainer *trainer, bool *ret_finite, GError **error)
{
  return lw_trainer_write (trainer, save, &ret_finite, error);
}

static bool
write_state (LwTrainer *trainer, const void *state, GError **error)
{
  return lw_trainer_write_record (trainer, *(const LwRunState *)state, error);
}

bool
lw_trainer_write_state (LwTrainer *trainer, LwRunState state, GError **error)
{
  return lw_trainer_write (trainer, write_state, &state, error);
}
