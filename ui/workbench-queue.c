/* Several runs at once: fields that hold lists, repetitions with other seeds, groups, and how the
 * queue starts an entry. */
#include "ui/workbench-private.h"

#include <glib/gi18n.h>
#include <string.h>

/* --- lists ---------------------------------------------------------------------------------------
 */

LwWorkbenchList *
lw_workbench_list_new (const char *field, const char *text)
{
  LwWorkbenchList *list = g_new (LwWorkbenchList, 1);

  *list = (LwWorkbenchList){ g_strdup (field), g_strdup (text) };
  return list;
}

void
lw_workbench_list_free (gpointer data)
{
  LwWorkbenchList *list = data;

  g_free (list->field);
  g_free (list->text);
  g_free (list);
}

static LwWorkbenchList *
find_list (LwWorkbench *self, const char *field)
{
  for (guint i = 0; i < self->lists->len; i++) {
    LwWorkbenchList *list = self->lists->pdata[i];

    if (g_str_equal (list->field, field))
      return list;
  }
  return NULL;
}

const char *
lw_workbench_list (LwWorkbench *self, const char *field)
{
  const LwWorkbenchList *list = find_list (self, field);

  return list != NULL ? list->text : NULL;
}

/* The lists, `text` for `field` (NULL: none more) and the seeds of the repetition. */
static GArray *
fields_with (LwWorkbench *self, const char *field, const char *text, const char *seeds)
{
  GArray *fields = g_array_new (FALSE, FALSE, sizeof (LwSweepField));
  const LwSweepField more = { field, text }, repeated = { "seed", seeds };

  for (guint i = 0; i < self->lists->len; i++) {
    const LwWorkbenchList *list = self->lists->pdata[i];
    const LwSweepField one = { list->field, list->text };

    if (field == NULL || !g_str_equal (list->field, field))
      g_array_append_val (fields, one);
  }
  if (field != NULL)
    g_array_append_val (fields, more);
  if (seeds != NULL)
    g_array_append_val (fields, repeated);
  return fields;
}

/* NULL where nothing is repeated, or the seeds themselves are a list. */
static char *
seeds_of (LwWorkbench *self, const char *field, int repeats)
{
  const bool listed = g_strcmp0 (field, "seed") == 0 || lw_workbench_list (self, "seed") != NULL;

  return repeats > 1 && !listed ? lw_sweep_seeds (self->draft->seed, repeats) : NULL;
}

static GPtrArray *
plan (LwWorkbench *self, const char *field, const char *text, int repeats, GError **error)
{
  g_autofree char *seeds = seeds_of (self, field, repeats);
  g_autoptr (GArray) fields = fields_with (self, field, text, seeds);

  return lw_sweep_expand (self->draft, (const LwSweepField *)fields->data, (int)fields->len, error);
}

GPtrArray *
lw_workbench_planned (LwWorkbench *self, GError **error)
{
  return plan (self, NULL, NULL, self->repeats, error);
}

char *
lw_workbench_plan_name (LwWorkbench *self)
{
  const char *title = lw_options_model (self->draft->options)->title;
  g_autoptr (GArray) fields = fields_with (self, NULL, NULL, NULL);
  g_autofree char *lists = lw_sweep_title ((const LwSweepField *)fields->data, (int)fields->len);
  g_autofree char *seeds = seeds_of (self, NULL, self->repeats);
  g_autofree char *times =
      g_strdup_printf (ngettext ("%d seed", "%d seeds", (gulong)self->repeats), self->repeats);

  if (*lists == '\0')
    return g_strdup_printf ("%s: %s", title, times);
  return seeds == NULL ? g_strdup_printf ("%s: %s", title, lists)
                       : g_strdup_printf ("%s: %s; %s", title, lists, times);
}

bool
lw_workbench_set_list (LwWorkbench *self, const char *field, const char *value, GError **error)
{
  g_auto (GStrv) values = lw_sweep_values (value);
  g_autoptr (GPtrArray) runs = plan (self, field, value, self->repeats, error);
  LwWorkbenchList *list = find_list (self, field);

  if (runs == NULL)
    return false;
  if (list == NULL)
    g_ptr_array_add (self->lists, lw_workbench_list_new (field, value));
  else {
    g_free (list->text);
    list->text = g_strdup (value);
  }
  /* The draft has the first value: its graph, its schedule and its costs are shown. */
  if (lw_workbench_set_value (self, field, values[0], error))
    return true;
  lw_workbench_forget_lists (self, field);
  return false;
}

void
lw_workbench_forget_lists (LwWorkbench *self, const char *field)
{
  LwWorkbenchList *list;

  if (field == NULL) {
    g_ptr_array_set_size (self->lists, 0);
    self->repeats = 1;
  } else if ((list = find_list (self, field)) != NULL)
    g_ptr_array_remove (self->lists, list);
}

bool
lw_workbench_set_repeats (LwWorkbench *self, int seeds, GError **error)
{
  g_autoptr (GPtrArray) runs = NULL;

  seeds = CLAMP (seeds, 1, LW_SWEEP_MOST);
  runs = plan (self, NULL, NULL, seeds, error);
  if (runs == NULL)
    return false;
  self->repeats = seeds;
  lw_workbench_draft_changed (self);
  return true;
}

int
lw_workbench_repeats (LwWorkbench *self)
{
  return self->repeats;
}

int
lw_workbench_n_runs (LwWorkbench *self)
{
  g_autofree char *seeds = seeds_of (self, NULL, self->repeats);
  g_autoptr (GArray) fields = fields_with (self, NULL, NULL, seeds);

  return lw_sweep_count ((const LwSweepField *)fields->data, (int)fields->len);
}

/* --- the queue -----------------------------------------------------------------------------------
 */

LwRunQueue *
lw_workbench_queue (LwWorkbench *self)
{
  return self->queue;
}

bool
lw_workbench_queue_draft (LwWorkbench *self, GError **error)
{
  g_autoptr (GPtrArray) runs =
      lw_workbench_can_train (self, error) ? lw_workbench_planned (self, error) : NULL;
  g_autofree char *name = lw_workbench_plan_name (self);

  if (runs == NULL)
    return false;
  if (runs->len > 1)
    g_free (lw_run_queue_add_group (self->queue, runs, name));
  else
    lw_run_queue_add (self->queue, ((LwSweepRun *)runs->pdata[0])->settings, NULL);
  return true;
}

GPtrArray *
lw_workbench_group_runs (LwWorkbench *self, const char *group)
{
  GPtrArray *runs = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = g_list_model_get_n_items (G_LIST_MODEL (self->runs)); i-- > 0;) {
    g_autoptr (LwRunItem) run = g_list_model_get_item (G_LIST_MODEL (self->runs), i);

    if (g_strcmp0 (lw_run_item_group (run)->id, group) == 0)
      g_ptr_array_add (runs, g_steal_pointer (&run));
  }
  return runs;
}

/* --- starting an entry ---------------------------------------------------------------------------
 */

typedef struct {
  LwSettings *settings;
  LwRunGroup group;
  char *folder;
  int epochs;
  bool select;
  LwWorkbenchStarted done;
  gpointer data;
} Start;

static void
start_free (gpointer data)
{
  Start *job = data;

  lw_settings_free (job->settings);
  lw_run_group_clear (&job->group);
  g_free (job->folder);
  g_free (job);
}

static void
begin (LwWorkbench *self, const Start *job, LwDataset *dataset)
{
  g_autoptr (GError) error = NULL;
  LwRunItem *item;

  if (job->folder != NULL) {
    lw_workbench_resume (self, job->folder, dataset, job->epochs, job->select, job->done,
                         job->data);
    return;
  }
  item = lw_workbench_start (self, job->settings, dataset,
                             job->group.id != NULL ? &job->group : NULL, job->select, &error);
  job->done (job->data, item, error);
}

static void
open_data (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  GError *error = NULL;
  LwDataset *dataset = lw_dataset_open (((Start *)task_data)->settings->data, &error);

  (void)source;
  (void)cancellable;
  if (dataset != NULL)
    g_task_return_pointer (task, dataset, (GDestroyNotify)lw_dataset_unref);
  else
    g_task_return_error (task, error);
}

static void
data_opened (GObject *source, GAsyncResult *result, gpointer data)
{
  LwWorkbench *self = LW_WORKBENCH (source);
  const Start *job = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  g_autoptr (LwDataset) dataset = g_task_propagate_pointer (G_TASK (result), &error);

  (void)data;
  self->resuming = false;
  if (dataset != NULL && self->closed) {
    g_clear_pointer (&dataset, lw_dataset_unref);
    g_set_error (&error, LW_ERROR, LW_ERROR_CANCELLED, _ ("The window was closed."));
  }
  if (dataset != NULL)
    begin (self, job, dataset);
  else
    job->done (job->data, NULL, error);
}

void
lw_workbench_start_entry (LwWorkbench *self, const LwQueueEntry *entry, bool select,
                          LwWorkbenchStarted done, gpointer data)
{
  Start *job = g_new (Start, 1);
  g_autoptr (GTask) task = NULL;

  *job = (Start){ lw_settings_copy (entry->settings),
                  lw_run_group_copy (&entry->group),
                  g_strdup (entry->folder),
                  entry->epochs,
                  select,
                  done,
                  data };
  if (self->dataset != NULL && g_strcmp0 (self->dataset_name, entry->settings->data) == 0) {
    begin (self, job, self->dataset);
    start_free (job);
    return;
  }
  self->resuming = true;
  task = g_task_new (self, NULL, data_opened, NULL);
  g_task_set_task_data (task, job, start_free);
  g_task_run_in_thread (task, open_data);
}
