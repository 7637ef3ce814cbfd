/* What people do to runs that wait. */
#include "ui/run-queue-private.h"

guint
lw_run_queue_n_waiting (LwRunQueue *self)
{
  return self->runs->len - lw_run_queue_first_waiting (self);
}

guint
lw_run_queue_position (LwRunQueue *self, LwQueuedRun *run)
{
  const guint first = lw_run_queue_first_waiting (self);
  guint index;

  return g_ptr_array_find (self->runs, run, &index) && index >= first ? index - first + 1 : 0;
}

bool
lw_run_queue_remove (LwRunQueue *self, LwQueuedRun *run)
{
  g_autofree char *group = NULL;
  guint index;

  if (lw_queued_run_state (run) != LW_QUEUED_WAITING || !g_ptr_array_find (self->runs, run, &index))
    return false;
  group = g_strdup (lw_queued_run_entry (run)->group.id);
  lw_run_queue_take_out (self, index);
  if (lw_run_queue_n_waiting (self) == 0 && self->restored)
    self->paused = self->restored = false;
  lw_run_queue_changed (self);
  lw_run_queue_tell_of_group (self, group);
  return true;
}

/* The place of the entry that waits to go on with the run in this folder; of none, behind all. */
static guint
find_waiting (LwRunQueue *self, const char *folder)
{
  guint i = lw_run_queue_first_waiting (self);

  while (i < self->runs->len &&
         g_strcmp0 (lw_queued_run_entry (self->runs->pdata[i])->folder, folder) != 0)
    i++;
  return i;
}

LwQueuedRun *
lw_run_queue_continue (LwRunQueue *self, LwRunItem *item, int more_epochs)
{
  const char *folder = lw_run_item_folder (item);
  const guint place = find_waiting (self, folder);
  LwQueueEntry *entry;
  LwQueuedRun *run;
  int end = lw_run_item_end_after (item, more_epochs);

  if (item == lw_workbench_live_run (self->workbench))
    return NULL;
  entry = g_new0 (LwQueueEntry, 1);
  entry->settings = lw_settings_copy (lw_run_item_settings (item));
  entry->folder = g_strdup (folder);
  if (place < self->runs->len) {
    const LwQueueEntry *before = lw_queued_run_entry (self->runs->pdata[place]);

    end = before->epochs > 0 ? before->epochs + more_epochs : end;
    entry->group = lw_run_group_copy (&before->group);
    lw_run_queue_take_out (self, place);
  }
  entry->epochs = MIN (end, LW_QUEUE_MOST_EPOCHS);
  run = lw_queued_run_new (entry);
  lw_run_queue_insert (self, place, run);
  lw_run_queue_changed (self);
  lw_run_queue_start_soon (self);
  return run;
}

bool
lw_run_queue_move (LwRunQueue *self, LwQueuedRun *run, int by)
{
  const guint first = lw_run_queue_first_waiting (self);
  guint index;
  int64_t place;

  if (!g_ptr_array_find (self->runs, run, &index) || index < first)
    return false;
  place = CLAMP ((int64_t)index + by, (int64_t)first, (int64_t)self->runs->len - 1);
  if (place == index)
    return false;
  g_object_ref (run);
  lw_run_queue_take_out (self, index);
  lw_run_queue_insert (self, (guint)place, run);
  lw_run_queue_changed (self);
  return true;
}

void
lw_run_queue_clear (LwRunQueue *self)
{
  g_autoptr (GHashTable) groups = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GHashTableIter iter;
  gpointer group;
  const guint first = lw_run_queue_first_waiting (self), n = self->runs->len - first;

  if (n == 0)
    return;
  for (guint i = first; i < self->runs->len; i++) {
    const char *id = lw_queued_run_entry (self->runs->pdata[i])->group.id;

    if (id != NULL)
      g_hash_table_add (groups, g_strdup (id));
  }
  g_ptr_array_remove_range (self->runs, first, n);
  g_list_model_items_changed (G_LIST_MODEL (self), first, n, 0);
  self->paused = self->restored = false;
  lw_run_queue_changed (self);
  g_hash_table_iter_init (&iter, groups);
  while (g_hash_table_iter_next (&iter, &group, NULL))
    lw_run_queue_tell_of_group (self, group);
}

void
lw_run_queue_forget_group (LwRunQueue *self, const char *group)
{
  bool any = false;

  for (guint i = lw_run_queue_first_waiting (self); i-- > 0;) {
    if (lw_queued_run_state (self->runs->pdata[i]) == LW_QUEUED_RUNNING ||
        g_strcmp0 (lw_queued_run_entry (self->runs->pdata[i])->group.id, group) != 0)
      continue;
    lw_run_queue_take_out (self, i);
    any = true;
  }
  if (any)
    lw_run_queue_changed (self);
}

void
lw_run_queue_stop_all (LwRunQueue *self)
{
  LwRunItem *live = lw_workbench_live_run (self->workbench);

  lw_run_queue_clear (self);
  if (live != NULL && lw_run_item_trainer (live) != NULL)
    lw_trainer_stop (lw_run_item_trainer (live));
}
