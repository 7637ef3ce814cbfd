#include "engine/trainer_private.h"

#include "engine/i18n.h"
#include "engine/snapshots.h"

#include <errno.h>
#include <sys/stat.h>

static char *
in_folder (const LwTrainer *trainer, const char *name)
{
  return g_build_filename (trainer->folder, name, NULL);
}

bool
lw_trainer_open_files (LwTrainer *trainer, GError **error)
{
  g_autofree char *metrics = in_folder (trainer, "metrics.csv");
  g_autofree char *checkpoints = in_folder (trainer, "checkpoints");

  if (mkdir (checkpoints, 0777) != 0 && errno != EEXIST) {
    g_set_error (error, LW_ERROR, LW_ERROR_IO, _ ("Cannot make the folder \"%s\": %s."),
                 checkpoints, g_strerror (errno));
    return false;
  }
  trainer->metrics = lw_metrics_new (metrics, trainer->log, error);
  return trainer->metrics != NULL && lw_trainer_write_record (trainer, LW_RUN_RUNNING, error);
}

bool
lw_trainer_log_event (LwTrainer *trainer, const LwEvent *event, GError **error)
{
  lw_run_log_append (trainer->log, event);
  return lw_metrics_append (trainer->metrics, event, error);
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
  return lw_run_record_write (record, trainer->graph, trainer->folder, error);
}

/* Where there is no room for a checkpoint, the pictures of past epochs go first. */
static bool
write_checkpoint (LwTrainer *trainer, const char *path, bool *ret_finite, GError **error)
{
  g_autoptr (GError) first = NULL;

  if (lw_checkpoint_write (trainer->session, trainer->settings, &trainer->position, path,
                           ret_finite, &first))
    return true;
  if (g_error_matches (first, LW_ERROR, LW_ERROR_IO) &&
      lw_snapshots_drop_after (trainer->folder, -1) > 0)
    return lw_checkpoint_write (trainer->session, trainer->settings, &trainer->position, path,
                                ret_finite, error);
  g_propagate_error (error, g_steal_pointer (&first));
  return false;
}

/* Statistics and records are pictures, not parts of the training: where they cannot be written they
 * stay as they were at an earlier checkpoint, which the end of the run says. */
static void
save_pictures (LwTrainer *trainer)
{
  g_autofree char *history = in_folder (trainer, "bn-history.safetensors");
  g_autoptr (GError) error = NULL, first = NULL;

  lw_records_save (trainer->records, trainer->folder, &first);
  if (trainer->history != NULL)
    lw_bn_history_save (trainer->history, history, &error);
  g_free (trainer->unkept);
  trainer->unkept = first != NULL   ? g_strdup (first->message)
                    : error != NULL ? g_strdup (error->message)
                                    : NULL;
}

/* Rows first, then statistics and records, then the checkpoint, then run.json, then the deletions:
 * a kill between any two leaves a checkpoint that needs nothing written after it. */
bool
lw_trainer_save (LwTrainer *trainer, bool *ret_finite, GError **error)
{
  LwPosition *position = &trainer->position;
  LwRunRecord *record = &trainer->record;
  g_autofree char *path = lw_checkpoint_path (trainer->folder, position->step);

  *ret_finite = true;
  position->events = lw_run_log_length (trainer->log);
  if (trainer->saved_step == position->step && trainer->saved_events == position->events)
    return lw_metrics_flush (trainer->metrics, true, error);
  if (!lw_metrics_flush (trainer->metrics, true, error))
    return false;
  save_pictures (trainer);
  if (!write_checkpoint (trainer, path, ret_finite, error))
    return false;
  if (!*ret_finite)
    return true;
  trainer->saved_step = position->step;
  trainer->saved_events = position->events;
  record->last_checkpoint = position->step;
  record->best_checkpoint = position->best_epoch > 0 ? position->best_step : -1;
  if (!lw_trainer_write_record (trainer, LW_RUN_RUNNING, error))
    return false;
  lw_checkpoint_keep (trainer->folder, record->last_checkpoint, record->best_checkpoint);
  return true;
}
