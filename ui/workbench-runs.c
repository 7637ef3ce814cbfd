#include "ui/workbench-private.h"

#include <glib/gi18n.h>

/* Rows that a list makes in one turn of the main loop: few enough to stay within a frame. */
#define ADDED_AT_ONCE 4

/* --- the saved runs ------------------------------------------------------------------------------
 */

static void
free_items (gpointer items)
{
  g_ptr_array_unref (items);
}

static void
read_in_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  g_autofree char *folder = lw_runs_folder ();
  g_auto (GStrv) folders = lw_runs_list (folder);
  GPtrArray *items = g_ptr_array_new_with_free_func (g_object_unref);

  (void)source;
  (void)task_data;
  (void)cancellable;
  for (int i = 0; folders[i] != NULL; i++) {
    LwRun *run = lw_run_open (folders[i], NULL);

    if (run != NULL)
      g_ptr_array_add (items, lw_run_item_new_saved (run));
  }
  g_task_return_pointer (task, items, free_items);
}

static gboolean
add_some (gpointer data)
{
  LwWorkbench *self = data;

  for (int i = 0; i < ADDED_AT_ONCE && self->read_next < self->read->len; i++, self->read_next++)
    g_list_store_append (self->runs, self->read->pdata[self->read_next]);
  if (self->read_next < self->read->len)
    return G_SOURCE_CONTINUE;
  g_clear_pointer (&self->read, g_ptr_array_unref);
  self->adding_id = 0;
  return G_SOURCE_REMOVE;
}

static void
runs_read (GObject *source, GAsyncResult *result, gpointer data)
{
  LwWorkbench *self = LW_WORKBENCH (source);

  (void)data;
  self->read = g_task_propagate_pointer (G_TASK (result), NULL);
  self->adding_id = g_idle_add (add_some, self);
}

void
lw_workbench_read_runs (LwWorkbench *self)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, runs_read, NULL);

  g_task_run_in_thread (task, read_in_thread);
}

/* --- the run that is trained ---------------------------------------------------------------------
 */

LwRunItem *
lw_workbench_live_run (LwWorkbench *self)
{
  return self->live;
}

static bool
may_start (LwWorkbench *self, GError **error)
{
  if (self->live != NULL || self->resuming) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                 _ ("Another run is still training; stop it before starting this one."));
    return false;
  }
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

static LwRunItem *
start (LwWorkbench *self, LwTrainer *trainer, guint position, bool one_step)
{
  LwRunItem *item = lw_run_item_new_live (trainer);

  g_set_object (&self->live, item);
  g_list_store_insert (self->runs, position, item);
  lw_trainer_set_background (trainer, true);
  if (one_step)
    lw_trainer_step (trainer);
  else
    lw_trainer_start (trainer);
  lw_workbench_select_run (self, item);
  lw_workbench_emit_run (self, item, true);
  g_object_unref (item);
  return item; /* the list keeps it */
}

static LwRunItem *
train (LwWorkbench *self, bool one_step, GError **error)
{
  LwTrainer *trainer;

  if (!may_start (self, error))
    return NULL;
  trainer = lw_trainer_new (self->draft, self->backends, self->dataset, NULL, error);
  return trainer != NULL ? start (self, trainer, 0, one_step) : NULL;
}

LwRunItem *
lw_workbench_train (LwWorkbench *self, GError **error)
{
  return train (self, false, error);
}

LwRunItem *
lw_workbench_train_one_step (LwWorkbench *self, GError **error)
{
  return train (self, true, error);
}

typedef struct {
  LwRunItem *run;
  LwDataset *dataset;
  int epochs;
} Resumption;

static void
resumption_free (gpointer data)
{
  Resumption *resumption = data;

  g_object_unref (resumption->run);
  lw_dataset_unref (resumption->dataset);
  g_free (resumption);
}

/* Reads what the run wrote so far: megabytes, for a large network. */
static void
resume_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Resumption *resumption = data;
  GError *error = NULL;
  LwTrainer *trainer =
      lw_trainer_resume (lw_run_item_folder (resumption->run), LW_WORKBENCH (source)->backends,
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
  guint position = 0;

  (void)data;
  self->resuming = false;
  if (self->closed) {
    g_clear_pointer (&trainer, lw_trainer_free);
    return;
  }
  if (trainer == NULL) {
    lw_workbench_complain (self, error->message);
    return;
  }
  if (g_list_store_find (self->runs, resumption->run, &position))
    g_list_store_remove (self->runs, position);
  start (self, trainer, position, false);
}

bool
lw_workbench_continue (LwWorkbench *self, LwRunItem *run, int more_epochs, GError **error)
{
  Resumption *resumption;
  g_autoptr (GTask) task = NULL;

  if (!may_start (self, error))
    return false;
  resumption = g_new (Resumption, 1);
  *resumption = (Resumption){ g_object_ref (run), lw_dataset_ref (self->dataset),
                              lw_run_item_end_after (run, more_epochs) };
  self->resuming = true;
  task = g_task_new (self, NULL, resumed, NULL);
  g_task_set_task_data (task, resumption, resumption_free);
  g_task_run_in_thread (task, resume_in_thread);
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
  if (self->live != NULL)
    lw_run_item_close (self->live);
  g_clear_object (&self->live);
}
