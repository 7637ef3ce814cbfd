/* The data set of the draft, read on a thread. */
#include "ui/workbench-private.h"

#include <glib/gi18n.h>

bool
lw_workbench_fit_to_data (LwWorkbench *self, LwSettings *settings)
{
  LwShape input = lw_options_input (settings->options);
  int channels, classes;

  if (self->dataset == NULL || self->network != NULL)
    return false;
  channels = lw_dataset_channels (self->dataset);
  classes = lw_dataset_classes (self->dataset);
  if (input.c == channels && lw_options_integer (settings->options, "classes") == classes)
    return false;
  g_autofree char *number = g_strdup_printf ("%d", classes);

  input.c = channels;
  return lw_options_set_input (settings->options, input, NULL) &&
         lw_options_set (settings->options, "classes", number, NULL);
}

static void
open_dataset (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  GError *error = NULL;
  LwDataset *dataset = lw_dataset_open (task_data, &error);

  (void)source;
  (void)cancellable;
  if (dataset != NULL)
    g_task_return_pointer (task, dataset, (GDestroyNotify)lw_dataset_unref);
  else
    g_task_return_error (task, error);
}

/* A new set may have other channels or classes than the last. */
static void
fit_draft (LwWorkbench *self)
{
  g_autoptr (LwSettings) fitting = lw_settings_copy (self->draft);

  if (!lw_workbench_fit_to_data (self, fitting))
    return;
  lw_workbench_adopt (self, g_steal_pointer (&fitting), NULL);
  lw_workbench_forget_knobs (self); /* nobody turned them */
}

static void
dataset_opened (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LwDataset) dataset = g_task_propagate_pointer (G_TASK (result), &error);
  LwWorkbench *self;

  (void)source;
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return; /* another set was asked for, or the workbench is gone */
  self = data;
  g_clear_object (&self->loading);
  self->dataset = g_steal_pointer (&dataset);
  if (error != NULL)
    self->dataset_error = g_strdup (error->message);
  fit_draft (self);
  g_signal_emit_by_name (self, "dataset-changed");
}

static void
forget_data (LwWorkbench *self)
{
  if (self->loading != NULL) {
    g_cancellable_cancel (self->loading);
    g_clear_object (&self->loading);
  }
  g_clear_pointer (&self->dataset, lw_dataset_unref);
  g_clear_pointer (&self->dataset_error, g_free);
}

void
lw_workbench_drop_data (LwWorkbench *self)
{
  forget_data (self);
  g_signal_emit_by_name (self, "dataset-changed");
}

void
lw_workbench_load_data (LwWorkbench *self, const char *name)
{
  g_autoptr (GTask) task = NULL;
  g_autofree char *copy = g_strdup (name);

  forget_data (self);
  g_free (self->dataset_name);
  self->dataset_name = g_strdup (copy);
  self->loading = g_cancellable_new ();
  task = g_task_new (NULL, self->loading, dataset_opened, self);
  g_task_set_task_data (task, g_steal_pointer (&copy), g_free);
  g_task_run_in_thread (task, open_dataset);
  g_signal_emit_by_name (self, "dataset-changed");
}

LwDataset *
lw_workbench_dataset (LwWorkbench *self)
{
  return self->dataset;
}

const char *
lw_workbench_dataset_name (LwWorkbench *self)
{
  return self->dataset_name;
}

LwDataset *
lw_workbench_dataset_of (LwWorkbench *self, LwRunItem *run)
{
  const char *data = lw_run_item_settings (run)->data;
  g_autofree char *whole = g_canonicalize_filename (data, NULL);

  return self->dataset != NULL && (g_strcmp0 (self->dataset_name, data) == 0 ||
                                   g_strcmp0 (lw_dataset_name (self->dataset), data) == 0 ||
                                   g_strcmp0 (lw_dataset_folder (self->dataset), whole) == 0)
             ? self->dataset
             : NULL;
}

const char *
lw_workbench_dataset_error (LwWorkbench *self)
{
  return self->dataset_error;
}

void
lw_workbench_use_data (LwWorkbench *self, const char *name_or_folder)
{
  g_autofree char *copy = g_strdup (name_or_folder);

  g_free (self->draft->data);
  self->draft->data = g_steal_pointer (&copy);
  lw_workbench_load_data (self, self->draft->data);
  lw_workbench_draft_changed (self);
}
