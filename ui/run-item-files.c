/* What a run item reads from the run's folder when somebody asks: batch-normalization statistics,
 * on a thread of its own, and the algorithms that were chosen; and what it counts then. */
#include "ui/run-item-private.h"

#include "engine/analysis.h"
#include "engine/record_renew.h"

#include <gio/gio.h>

static void
read_history (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  LwRunItem *self = LW_RUN_ITEM (source);
  g_autofree char *path = g_build_filename (self->folder, "bn-history.safetensors", NULL);

  (void)data;
  (void)cancellable;
  g_task_return_pointer (task, lw_bn_history_load (self->graph, path, NULL),
                         (GDestroyNotify)lw_bn_history_free);
}

static void
history_read (GObject *source, GAsyncResult *result, gpointer data)
{
  LwRunItem *self = LW_RUN_ITEM (source);
  LwBnHistory *history = g_task_propagate_pointer (G_TASK (result), NULL);

  (void)data;
  if (!self->history_asked_for || history == NULL) {
    g_clear_pointer (&history, lw_bn_history_free); /* nobody looks at it any more */
    return;
  }
  g_clear_pointer (&self->history, lw_bn_history_free); /* it was read again */
  self->history = history;
  g_signal_emit_by_name (self, "synced");
}

static void
ask_for_history (LwRunItem *self)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, history_read, NULL);

  self->history_asked_for = true;
  g_task_run_in_thread (task, read_history);
}

LwBnHistory *
lw_run_item_bn_history (LwRunItem *self)
{
  if (self->trainer != NULL)
    return lw_trainer_bn_history (self->trainer);
  if (!self->history_asked_for)
    ask_for_history (self);
  return self->history;
}

void
lw_run_item_forget_bn_history (LwRunItem *self)
{
  if (self->trainer != NULL)
    return;
  g_clear_pointer (&self->history, lw_bn_history_free);
  self->history_asked_for = false;
}

static void
read_records (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  LwRunItem *self = LW_RUN_ITEM (source);

  (void)data;
  (void)cancellable;
  g_task_return_pointer (task, lw_records_load (self->graph, self->settings, self->folder),
                         (GDestroyNotify)lw_records_unref);
}

static void
records_read (GObject *source, GAsyncResult *result, gpointer data)
{
  LwRunItem *self = LW_RUN_ITEM (source);
  g_autoptr (LwRecords) records = g_task_propagate_pointer (G_TASK (result), NULL);

  (void)data;
  if (records == NULL || !self->records_asked_for || self->trainer != NULL)
    return;
  if (self->records != NULL) { /* they were read again */
    lw_records_renew (records, self->records);
    lw_records_unref (self->records);
  }
  self->records = g_steal_pointer (&records);
  g_signal_emit_by_name (self, "synced");
}

static void
ask_for_records (LwRunItem *self)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, records_read, NULL);

  self->records_asked_for = true;
  g_task_run_in_thread (task, read_records);
}

void
lw_run_item_reread (LwRunItem *self)
{
  if (self->history_asked_for)
    ask_for_history (self);
  if (self->records_asked_for)
    ask_for_records (self);
}

LwRecords *
lw_run_item_records (LwRunItem *self)
{
  if (self->records == NULL && self->trainer != NULL)
    self->records = lw_records_ref (lw_trainer_records (self->trainer));
  else if (self->records == NULL && !self->records_asked_for)
    ask_for_records (self);
  return self->records;
}

void
lw_run_item_forget_records (LwRunItem *self)
{
  g_clear_pointer (&self->records, lw_records_unref);
  self->records_asked_for = false;
}

const LwAlgorithmList *
lw_run_item_algorithms (LwRunItem *self)
{
  LwRunRecord record;

  /* A training writes them down before its first step. */
  if (self->algorithms == NULL && self->progress.step > 0 &&
      lw_run_record_read (self->folder, &record, NULL)) {
    self->algorithms = g_steal_pointer (&record.algorithms);
    lw_run_record_clear (&record);
  }
  return self->algorithms;
}

const char *
lw_run_item_network (LwRunItem *self)
{
  return self->network;
}

int64_t
lw_run_item_peak_memory (LwRunItem *self)
{
  return self->peak_memory;
}

static void
count (LwRunItem *self)
{
  const LwCost cost = lw_graph_cost (self->graph);

  self->parameters = cost.parameters;
  self->macs = cost.macs;
}

int64_t
lw_run_item_parameters (LwRunItem *self)
{
  if (self->parameters < 0)
    count (self);
  return self->parameters;
}

int64_t
lw_run_item_macs (LwRunItem *self)
{
  if (self->macs < 0)
    count (self);
  return self->macs;
}
