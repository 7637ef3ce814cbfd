#include "ui/workbench-private.h"

#include "remote/cache.h"

#include <glib/gi18n.h>

/* Rows that a list makes in one turn of the main loop: few enough to stay within a frame. */
#define ADDED_AT_ONCE 4

/* --- the list ------------------------------------------------------------------------------------
 */

/* Newest first; where the time is the same, as they come. */
static void
list_run (LwWorkbench *self, LwRunItem *item)
{
  GListModel *runs = G_LIST_MODEL (self->runs);
  const guint n = g_list_model_get_n_items (runs);
  guint place = n;

  /* Most come newest first, at the beginning, or are the newest. */
  while (place > 0) {
    g_autoptr (LwRunItem) before = g_list_model_get_item (runs, place - 1);

    if (lw_run_item_started (before) >= lw_run_item_started (item))
      break;
    place--;
  }
  g_list_store_insert (self->runs, place, item);
}

static gboolean
add_some (gpointer data)
{
  LwWorkbench *self = data;

  for (int i = 0; i < ADDED_AT_ONCE && !g_queue_is_empty (&self->found); i++) {
    g_autoptr (LwRunItem) item = g_queue_pop_head (&self->found);

    if (lw_workbench_find_run (self, lw_run_item_folder (item)) != item)
      continue;
    list_run (self, item);
    if (lw_run_item_followed (item) != NULL)
      lw_workbench_select_run (self, item); /* somebody waits for it */
  }
  if (!g_queue_is_empty (&self->found))
    return G_SOURCE_CONTINUE;
  self->adding_id = 0;
  return G_SOURCE_REMOVE;
}

static void
note (LwWorkbench *self, LwRunItem *item)
{
  LwFollowedRun *followed = lw_workbench_followed_in (self, lw_run_item_folder (item));

  if (followed != NULL)
    lw_run_item_set_followed (item, followed);
  g_hash_table_replace (self->by_folder, g_strdup (lw_run_item_folder (item)), g_object_ref (item));
  g_signal_connect_object (item, "notes-lost", G_CALLBACK (lw_workbench_complain), self,
                           G_CONNECT_SWAPPED);
}

/* Of a run that is followed no more: a look that was under way has still seen it. */
static bool
is_stray (LwWorkbench *self, LwRunItem *item)
{
  return lw_remote_cache_has (lw_run_item_folder (item)) &&
         lw_workbench_followed_in (self, lw_run_item_folder (item)) == NULL;
}

static void
run_found (LwWorkbench *self, LwRunItem *item)
{
  if (is_stray (self, item))
    return;
  note (self, item);
  g_queue_push_tail (&self->found, g_object_ref (item));
  if (self->adding_id == 0)
    self->adding_id = g_idle_add (add_some, self);
}

static void
run_replaced (LwWorkbench *self, LwRunItem *item)
{
  g_autoptr (LwRunItem) old =
      g_object_ref (lw_workbench_find_run (self, lw_run_item_folder (item)));
  const bool selected = self->run == old;
  guint place;

  note (self, item);
  if (!g_list_store_find (self->runs, old, &place)) {
    g_queue_push_tail (&self->found, g_object_ref (item)); /* the old one was not listed yet */
    if (self->adding_id == 0)
      self->adding_id = g_idle_add (add_some, self);
    return;
  }
  g_list_store_splice (self->runs, place, 1, (gpointer *)&item, 1);
  if (selected)
    lw_workbench_select_run (self, item);
}

void
lw_workbench_drop_run (LwWorkbench *self, const char *folder)
{
  LwRunItem *item = lw_workbench_find_run (self, folder);

  if (item == NULL || item == self->live)
    return;
  lw_workbench_hide_run (self, item);
  g_hash_table_remove (self->by_folder, folder);
}

void
lw_workbench_hide_run (LwWorkbench *self, LwRunItem *run)
{
  guint place;

  g_return_if_fail (run != self->live);
  if (self->run == run)
    lw_workbench_select_draft (self);
  if (g_list_store_find (self->runs, run, &place))
    g_list_store_remove (self->runs, place);
}

void
lw_workbench_unhide_run (LwWorkbench *self, LwRunItem *run)
{
  guint place;

  if (lw_workbench_find_run (self, lw_run_item_folder (run)) == run &&
      !g_list_store_find (self->runs, run, &place))
    list_run (self, run);
}

static LwRunItem *
live_run (gpointer data)
{
  return LW_WORKBENCH (data)->live;
}

static LwRunItem *
find_run (gpointer data, const char *folder)
{
  return lw_workbench_find_run (data, folder);
}

LwRunItem *
lw_workbench_find_run (LwWorkbench *self, const char *folder)
{
  return g_hash_table_lookup (self->by_folder, folder);
}

static void
unref_followed (gpointer run)
{
  g_clear_object (&run);
}

void
lw_workbench_watch_runs (LwWorkbench *self)
{
  self->followed = g_ptr_array_new_with_free_func (unref_followed);
  self->watcher = lw_run_watcher_new (live_run, find_run, self);
  g_signal_connect_object (self->watcher, "found", G_CALLBACK (run_found), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->watcher, "replaced", G_CALLBACK (run_replaced), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->watcher, "gone", G_CALLBACK (lw_workbench_drop_run), self,
                           G_CONNECT_SWAPPED);
}

void
lw_workbench_forget_runs (LwWorkbench *self)
{
  if (self->watcher != NULL)
    lw_run_watcher_close (self->watcher);
  g_clear_pointer (&self->followed, g_ptr_array_unref);
  g_clear_object (&self->watcher);
  g_clear_object (&self->queue);
  g_clear_handle_id (&self->adding_id, g_source_remove);
  g_queue_clear_full (&self->found, g_object_unref);
  g_hash_table_unref (self->by_folder);
}

LwRunWatcher *
lw_workbench_watcher (LwWorkbench *self)
{
  return self->watcher;
}

bool
lw_workbench_open_runs (LwWorkbench *self, const char *folder, GError **error)
{
  return lw_run_watcher_add_folder (self->watcher, folder, error);
}

/* --- the run that is trained ---------------------------------------------------------------------
 */

LwRunItem *
lw_workbench_live_run (LwWorkbench *self)
{
  return self->live;
}

bool
lw_workbench_is_busy (LwWorkbench *self)
{
  return self->live != NULL || self->resuming || self->closed;
}

bool
lw_workbench_can_train (LwWorkbench *self, GError **error)
{
  if (self->obstacle != NULL && self->run == NULL) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                 _ ("The knobs describe a network that cannot be built: %s"),
                 self->obstacle->sentence);
    return false;
  }
  if (self->dataset == NULL) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID, "%s",
                 self->dataset_error != NULL
                     ? self->dataset_error
                     : _ ("The data set is still being read; try again in a moment."));
    return false;
  }
  return true;
}

static bool
may_start (LwWorkbench *self, GError **error)
{
  if (!lw_workbench_is_busy (self))
    return lw_workbench_can_train (self, error);
  g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
               _ ("Another run is still training; stop it before starting this one."));
  return false;
}

static LwRunItem *
start (LwWorkbench *self, LwTrainer *trainer, guint position, bool one_step, bool select)
{
  LwRunItem *item = lw_run_item_new_live (trainer);

  note (self, item);
  g_set_object (&self->live, item);
  g_list_store_insert (self->runs, position, item);
  lw_trainer_set_background (trainer, true);
  if (one_step)
    lw_trainer_step (trainer);
  else
    lw_trainer_start (trainer);
  if (select)
    lw_workbench_select_run (self, item);
  lw_workbench_emit_run (self, item, true);
  g_object_unref (item);
  return item; /* the list keeps it */
}

LwRunItem *
lw_workbench_start (LwWorkbench *self, const LwSettings *settings, LwDataset *dataset,
                    const LwRunGroup *group, bool select, GError **error)
{
  LwTrainer *trainer = lw_trainer_new (settings, self->backends, dataset, NULL, error);

  if (trainer == NULL)
    return NULL;
  if (group != NULL)
    lw_trainer_set_group (trainer, group);
  return start (self, trainer, 0, false, select);
}

LwRunItem *
lw_workbench_train (LwWorkbench *self, GError **error)
{
  g_autoptr (GPtrArray) runs = may_start (self, error) ? lw_workbench_planned (self, error) : NULL;
  g_autofree char *name = lw_workbench_plan_name (self), *id = lw_run_group_new_id ();
  LwRunGroup group = { id, name, NULL };
  LwRunItem *item;

  if (runs == NULL)
    return NULL;
  group.label = ((LwSweepRun *)runs->pdata[0])->label;
  item = lw_workbench_start (self, ((LwSweepRun *)runs->pdata[0])->settings, self->dataset,
                             runs->len > 1 ? &group : NULL, true, error);
  if (item != NULL && runs->len > 1) {
    lw_run_queue_add_to_group (self->queue, runs, 1, id, name);
    lw_run_queue_set_paused (self->queue, false);
  }
  return item;
}

LwRunItem *
lw_workbench_train_one_step (LwWorkbench *self, GError **error)
{
  LwTrainer *trainer;

  if (!may_start (self, error))
    return NULL;
  trainer = lw_trainer_new (self->draft, self->backends, self->dataset, NULL, error);
  return trainer != NULL ? start (self, trainer, 0, true, true) : NULL;
}

/* --- going on with a run -------------------------------------------------------------------------
 */

typedef struct {
  char *folder;
  LwDataset *dataset;
  int epochs;
  bool select;
  LwWorkbenchStarted done;
  gpointer data;
} Resumption;

static void
resumption_free (gpointer data)
{
  Resumption *resumption = data;

  g_free (resumption->folder);
  lw_dataset_unref (resumption->dataset);
  g_free (resumption);
}

/* Reads what the run wrote so far: megabytes, for a large network. */
static void
resume_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Resumption *resumption = data;
  GError *error = NULL;
  LwTrainer *trainer = lw_trainer_resume (resumption->folder, LW_WORKBENCH (source)->backends,
                                          resumption->dataset, resumption->epochs, 0, &error);

  (void)cancellable;
  if (trainer != NULL)
    g_task_return_pointer (task, trainer, (GDestroyNotify)lw_trainer_free);
  else
    g_task_return_error (task, error);
}

static void
resumed (GObject *source, GAsyncResult *result, gpointer data)
{
  LwWorkbench *self = LW_WORKBENCH (source);
  const Resumption *resumption = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  LwTrainer *trainer = g_task_propagate_pointer (G_TASK (result), &error);
  LwRunItem *old = lw_workbench_find_run (self, resumption->folder), *item = NULL;
  const bool select = resumption->select || (old != NULL && old == self->run);
  guint position = 0;

  (void)data;
  self->resuming = false;
  if (self->closed) {
    g_clear_pointer (&trainer, lw_trainer_free);
    g_set_error (&error, LW_ERROR, LW_ERROR_CANCELLED, _ ("The window was closed."));
  }
  if (trainer != NULL) {
    if (old != NULL && g_list_store_find (self->runs, old, &position))
      g_list_store_remove (self->runs, position);
    item = start (self, trainer, position, false, select);
  }
  resumption->done (resumption->data, item, error);
}

void
lw_workbench_resume (LwWorkbench *self, const char *folder, LwDataset *dataset, int epochs,
                     bool select, LwWorkbenchStarted done, gpointer data)
{
  Resumption *resumption = g_new (Resumption, 1);
  g_autoptr (GTask) task = g_task_new (self, NULL, resumed, NULL);

  *resumption =
      (Resumption){ g_strdup (folder), lw_dataset_ref (dataset), epochs, select, done, data };
  self->resuming = true;
  g_task_set_task_data (task, resumption, resumption_free);
  g_task_run_in_thread (task, resume_in_thread);
}

static void
continued (gpointer data, LwRunItem *item, const GError *error)
{
  LwWorkbench *self = data;

  if (item == NULL && !self->closed)
    lw_workbench_complain (self, error->message);
}

bool
lw_workbench_continue (LwWorkbench *self, LwRunItem *run, int more_epochs, GError **error)
{
  if (lw_run_item_followed (run) != NULL) {
    g_autofree char *reason = lw_followed_run_reason (lw_run_item_followed (run));

    g_set_error (error, LW_ERROR, LW_ERROR_INVALID, "%s.", reason);
    return false;
  }
  if (lw_workbench_is_busy (self) && !self->closed && run != self->live)
    return lw_run_queue_continue (self->queue, run, more_epochs) != NULL;
  if (!may_start (self, error))
    return false;
  lw_workbench_resume (self, lw_run_item_folder (run), self->dataset,
                       lw_run_item_end_after (run, more_epochs), true, continued, self);
  return true;
}

void
lw_workbench_tick (LwWorkbench *self)
{
  g_autoptr (LwRunItem) live = self->live != NULL ? g_object_ref (self->live) : NULL;

  if (live == NULL)
    return;
  lw_run_item_sync (live);
  if (lw_run_item_is_live (live))
    return;
  g_clear_object (&self->live);
  lw_run_item_retire (live);
  lw_workbench_emit_run (self, live, false);
}

void
lw_workbench_close (LwWorkbench *self)
{
  self->closed = true;
  lw_run_watcher_close (self->watcher);
  lw_workbench_unfollow_all (self);
  lw_run_queue_close (self->queue);
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->runs)); i++) {
    g_autoptr (LwRunItem) run = g_list_model_get_item (G_LIST_MODEL (self->runs), i);

    lw_run_item_flush_notes (run);
  }
  if (self->live != NULL)
    lw_run_item_close (self->live);
  g_clear_object (&self->live);
}
