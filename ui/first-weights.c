#include "ui/first-weights.h"

#include "engine/run.h"
#include "ui/accessible.h"
#include "ui/file-chooser.h"

#include <glib/gi18n.h>

struct _LwFirstWeights {
  GObject parent;
  LwWorkbench *workbench;
  LwSettingRow *row;
  GtkWidget *button;
  LwSettings *checked; /* whose file and network were looked at last; NULL: none */
  guint serial;        /* of that look */
  char *problem;       /* what came of it; NULL: it fits, or is being read */
};

G_DEFINE_FINAL_TYPE (LwFirstWeights, lw_first_weights, G_TYPE_OBJECT)

/* --- whether it fits -----------------------------------------------------------------------------
 */

static void
check_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const LwSettings *settings = data;
  GError *error = NULL;
  g_autoptr (LwGraph) graph = lw_model_build (settings->options, &error);

  (void)source;
  (void)cancellable;
  if (graph != NULL && lw_weights_fit (graph, settings->init, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
checked (GObject *source, GAsyncResult *result, gpointer data)
{
  LwFirstWeights *self = LW_FIRST_WEIGHTS (source);
  g_autoptr (GError) error = NULL;

  if (g_task_propagate_boolean (G_TASK (result), &error) || self->row == NULL ||
      GPOINTER_TO_UINT (data) != self->serial)
    return; /* or another file, or network, is meant by now */
  g_free (self->problem);
  self->problem = g_strdup (error->message);
  lw_setting_row_set_error (self->row, self->problem);
}

static bool
is_checked (LwFirstWeights *self, const LwSettings *settings)
{
  return self->checked != NULL && g_strcmp0 (self->checked->init, settings->init) == 0 &&
         lw_options_equal (self->checked->options, settings->options);
}

static void
forget (LwFirstWeights *self)
{
  self->serial++;
  g_clear_pointer (&self->checked, lw_settings_free);
  g_clear_pointer (&self->problem, g_free);
}

void
lw_first_weights_check (LwFirstWeights *self)
{
  const LwSettings *settings = lw_workbench_settings (self->workbench);
  g_autoptr (GTask) task = NULL;

  gtk_widget_set_sensitive (self->button, lw_setting_row_is_editable (self->row));
  if (lw_workbench_run (self->workbench) != NULL || settings->init == NULL) {
    forget (self);
    return;
  }
  if (is_checked (self, settings)) {
    if (self->problem != NULL)
      lw_setting_row_set_error (self->row, self->problem);
    return;
  }
  forget (self);
  self->checked = lw_settings_copy (settings);
  task = g_task_new (self, NULL, checked, GUINT_TO_POINTER (self->serial));
  g_task_set_task_data (task, lw_settings_copy (settings), (GDestroyNotify)lw_settings_free);
  g_task_run_in_thread (task, check_in_thread);
}

/* --- which file ----------------------------------------------------------------------------------
 */

static void
chosen (gpointer object, const char *path, gconstpointer what)
{
  (void)what;
  if (LW_FIRST_WEIGHTS (object)->row != NULL)
    lw_setting_row_enter (LW_FIRST_WEIGHTS (object)->row, path);
}

static void
clicked (LwFirstWeights *self)
{
  lw_choose_existing_file (GTK_WINDOW (gtk_widget_get_root (self->button)), _ ("First Weights"),
                           "safetensors", chosen, self);
}

static gboolean
dropped (GtkDropTarget *target, const GValue *value, double x, double y, LwFirstWeights *self)
{
  g_autofree char *path = g_file_get_path (g_value_get_object (value));

  (void)target;
  (void)x;
  (void)y;
  if (path == NULL || !lw_setting_row_is_editable (self->row))
    return FALSE;
  lw_setting_row_enter (self->row, path);
  return TRUE;
}

static void
row_gone (gpointer data, GObject *row)
{
  (void)row;
  LW_FIRST_WEIGHTS (data)->row = NULL;
}

LwFirstWeights *
lw_first_weights_new (LwWorkbench *workbench, LwSettingRow *row)
{
  LwFirstWeights *self = g_object_new (LW_TYPE_FIRST_WEIGHTS, NULL);
  GtkDropTarget *target = gtk_drop_target_new (G_TYPE_FILE, GDK_ACTION_COPY);

  self->workbench = workbench;
  self->row = row;
  g_object_weak_ref (G_OBJECT (row), row_gone, self);
  self->button = gtk_button_new_from_icon_name ("document-open-symbolic");
  gtk_widget_set_tooltip_text (self->button, _ ("Open a safetensors file"));
  lw_name_widget (self->button, _ ("Open a safetensors file"));
  g_signal_connect_object (self->button, "clicked", G_CALLBACK (clicked), self, G_CONNECT_SWAPPED);
  lw_setting_row_add (row, self->button);
  g_signal_connect_object (target, "drop", G_CALLBACK (dropped), self, 0);
  gtk_widget_add_controller (GTK_WIDGET (row), GTK_EVENT_CONTROLLER (target));
  return self;
}

static void
lw_first_weights_finalize (GObject *object)
{
  LwFirstWeights *self = LW_FIRST_WEIGHTS (object);

  if (self->row != NULL)
    g_object_weak_unref (G_OBJECT (self->row), row_gone, self);
  forget (self);
  G_OBJECT_CLASS (lw_first_weights_parent_class)->finalize (object);
}

static void
lw_first_weights_class_init (LwFirstWeightsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = lw_first_weights_finalize;
}

static void
lw_first_weights_init (LwFirstWeights *self)
{
  (void)self;
}
