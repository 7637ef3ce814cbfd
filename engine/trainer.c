#include "engine/trainer_private.h"

#include <unistd.h>

static bool
has_ended (LwRunState state)
{
  return state >= LW_RUN_FINISHED;
}

static void
command (LwTrainer *trainer, LwGoal goal)
{
  pthread_mutex_lock (&trainer->lock);
  trainer->goal = goal;
  pthread_cond_broadcast (&trainer->changed);
  pthread_mutex_unlock (&trainer->lock);
}

void
lw_trainer_set_background (LwTrainer *trainer, bool background)
{
  pthread_mutex_lock (&trainer->lock);
  trainer->background = background;
  pthread_mutex_unlock (&trainer->lock);
}

/* The thread reads it after it has seen the start, under the lock. */
void
lw_trainer_set_group (LwTrainer *trainer, const LwRunGroup *group)
{
  pthread_mutex_lock (&trainer->lock);
  lw_run_group_clear (&trainer->record.group);
  trainer->record.group = lw_run_group_copy (group);
  pthread_mutex_unlock (&trainer->lock);
}

const LwRunGroup *
lw_trainer_group (const LwTrainer *trainer)
{
  return &trainer->record.group;
}

void
lw_trainer_start (LwTrainer *trainer)
{
  command (trainer, LW_GOAL_RUN);
}

void
lw_trainer_pause (LwTrainer *trainer)
{
  command (trainer, LW_GOAL_REST);
}

void
lw_trainer_step (LwTrainer *trainer)
{
  command (trainer, LW_GOAL_STEP);
}

void
lw_trainer_stop (LwTrainer *trainer)
{
  pthread_mutex_lock (&trainer->lock);
  trainer->stop = true;
  trainer->stops++;
  pthread_cond_broadcast (&trainer->changed);
  pthread_mutex_unlock (&trainer->lock);
}

void
lw_trainer_join (LwTrainer *trainer)
{
  pthread_mutex_lock (&trainer->lock);
  while (!has_ended (trainer->state) &&
         (trainer->state != LW_RUN_READY || trainer->goal != LW_GOAL_REST || trainer->stop))
    pthread_cond_wait (&trainer->changed, &trainer->lock);
  pthread_mutex_unlock (&trainer->lock);
}

LwRunState
lw_trainer_state (const LwTrainer *trainer)
{
  LwTrainer *self = (LwTrainer *)trainer;
  LwRunState state;

  pthread_mutex_lock (&self->lock);
  state = self->state;
  pthread_mutex_unlock (&self->lock);
  return state;
}

void
lw_trainer_set_state (LwTrainer *trainer, LwRunState state)
{
  pthread_mutex_lock (&trainer->lock);
  trainer->state = state;
  pthread_cond_broadcast (&trainer->changed);
  pthread_mutex_unlock (&trainer->lock);
  pthread_mutex_lock (&trainer->wake_lock);
  if (trainer->wake != NULL)
    trainer->wake (trainer->wake_data);
  pthread_mutex_unlock (&trainer->wake_lock);
}

GArray *
lw_trainer_init_fates (LwTrainer *trainer)
{
  GArray *fates;

  pthread_mutex_lock (&trainer->lock);
  fates = trainer->init_fates != NULL ? g_array_ref (trainer->init_fates) : NULL;
  pthread_mutex_unlock (&trainer->lock);
  return fates;
}

char *
lw_trainer_message (LwTrainer *trainer)
{
  char *message;

  pthread_mutex_lock (&trainer->lock);
  message = g_strdup (trainer->message);
  pthread_mutex_unlock (&trainer->lock);
  return message;
}

void
lw_trainer_say (LwTrainer *trainer, char *message)
{
  pthread_mutex_lock (&trainer->lock);
  g_free (trainer->message);
  trainer->message = message;
  pthread_mutex_unlock (&trainer->lock);
}

void
lw_trainer_set_wake (LwTrainer *trainer, void (*wake) (void *data), void *data)
{
  /* A lock of its own: a wake that is running has returned when this does. */
  pthread_mutex_lock (&trainer->wake_lock);
  trainer->wake = wake;
  trainer->wake_data = data;
  pthread_mutex_unlock (&trainer->wake_lock);
}

LwRunLog *
lw_trainer_log (const LwTrainer *trainer)
{
  return trainer->log;
}

const LwSettings *
lw_trainer_settings (const LwTrainer *trainer)
{
  return trainer->settings;
}

LwGraph *
lw_trainer_graph (const LwTrainer *trainer)
{
  return trainer->graph;
}

const char *
lw_trainer_folder (const LwTrainer *trainer)
{
  return trainer->folder;
}

const char *
lw_trainer_device_name (const LwTrainer *trainer)
{
  return trainer->backend->name;
}

int64_t
lw_trainer_total_steps (const LwTrainer *trainer)
{
  return trainer->total_steps;
}

int64_t
lw_trainer_steps_per_epoch (const LwTrainer *trainer)
{
  return trainer->steps_per_epoch;
}

int64_t
lw_trainer_peak_memory (LwTrainer *trainer)
{
  int64_t bytes;

  pthread_mutex_lock (&trainer->lock);
  bytes = trainer->record.peak_memory;
  pthread_mutex_unlock (&trainer->lock);
  return bytes;
}

LwBnHistory *
lw_trainer_bn_history (const LwTrainer *trainer)
{
  return trainer->history;
}

LwRecords *
lw_trainer_records (const LwTrainer *trainer)
{
  return trainer->records;
}

LwBnHistory *
lw_trainer_take_bn_history (LwTrainer *trainer)
{
  return has_ended (lw_trainer_state (trainer)) ? g_steal_pointer (&trainer->history) : NULL;
}

void
lw_trainer_free (LwTrainer *trainer)
{
  if (trainer == NULL)
    return;
  pthread_mutex_lock (&trainer->lock);
  trainer->stop = trainer->quit = true;
  pthread_cond_broadcast (&trainer->changed);
  pthread_mutex_unlock (&trainer->lock);
  pthread_join (trainer->thread, NULL);
  lw_trainer_dispose (trainer);
}

void
lw_trainer_dispose (LwTrainer *trainer)
{
  if (trainer->lock_fd >= 0)
    close (trainer->lock_fd);
  lw_trainer_free_watches (trainer);
  lw_trainer_drop_visits (trainer);
  pthread_mutex_destroy (&trainer->lock);
  pthread_mutex_destroy (&trainer->wake_lock);
  pthread_cond_destroy (&trainer->changed);
  lw_run_record_clear (&trainer->record);
  lw_settings_free (trainer->settings);
  g_clear_pointer (&trainer->graph, lw_graph_unref);
  lw_dataset_unref (trainer->dataset);
  lw_run_log_unref (trainer->log);
  lw_bn_history_free (trainer->history);
  g_clear_pointer (&trainer->records, lw_records_unref);
  g_clear_pointer (&trainer->resume_file, lw_tensor_file_free);
  g_clear_pointer (&trainer->init_fates, g_array_unref);
  g_clear_pointer (&trainer->replay, g_array_unref);
  g_free (trainer->folder);
  g_free (trainer->message);
  g_free (trainer->unkept);
  g_free (trainer);
}
