/* What a run item knows, for those who ask. */
#include "ui/run-item-private.h"

#include "ui/run-words.h"

LwTrainer *
lw_run_item_trainer (LwRunItem *self)
{
  return self->trainer;
}

LwRunState
lw_run_item_state (LwRunItem *self)
{
  return self->state;
}

bool
lw_run_item_is_live (LwRunItem *self)
{
  return self->trainer != NULL && lw_run_state_is_live (self->state);
}

bool
lw_run_item_is_elsewhere (LwRunItem *self)
{
  return self->trainer == NULL && lw_run_state_is_live (self->state);
}

const LwRunGroup *
lw_run_item_group (LwRunItem *self)
{
  return &self->group;
}

int64_t
lw_run_item_started (LwRunItem *self)
{
  return self->started_unix;
}

const LwSettings *
lw_run_item_settings (LwRunItem *self)
{
  return self->settings;
}

LwGraph *
lw_run_item_graph (LwRunItem *self)
{
  return self->graph;
}

const char *
lw_run_item_folder (LwRunItem *self)
{
  return self->folder;
}

const char *
lw_run_item_title (LwRunItem *self)
{
  return self->title;
}

const char *
lw_run_item_device (LwRunItem *self)
{
  return self->device;
}

const char *
lw_run_item_message (LwRunItem *self)
{
  return self->message;
}

LwRunLog *
lw_run_item_log (LwRunItem *self)
{
  return self->log;
}

const LwEvent *
lw_run_item_changes (LwRunItem *self, guint *ret_n)
{
  *ret_n = self->changes->len;
  return (const LwEvent *)self->changes->data;
}

double
lw_run_item_live (LwRunItem *self, LwLiveSetting setting)
{
  double value = lw_live_get (self->settings, setting);

  for (guint i = 0; i < self->changes->len; i++)
    if (g_array_index (self->changes, LwEvent, i).setting == setting)
      value = g_array_index (self->changes, LwEvent, i).value;
  return value;
}

LwRunProgress
lw_run_item_progress (LwRunItem *self)
{
  return self->progress;
}

int
lw_run_item_end_after (LwRunItem *self, int more)
{
  const LwRunProgress *p = &self->progress;
  const int64_t per_epoch = MAX (p->steps_per_epoch, 1);

  if (p->steps_per_epoch < 1 || p->total_steps < 1)
    return self->settings->epochs + more;
  return (int)MAX ((p->total_steps + per_epoch - 1) / per_epoch, p->step / per_epoch + more);
}

LwSeries *
lw_run_item_series (LwRunItem *self, LwCurve curve)
{
  return self->series[curve];
}
