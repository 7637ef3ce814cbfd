#include "ui/export-actions.h"

#include "onnx/onnx.h"
#include "ui/compare-page.h"
#include "ui/explore-page.h"
#include "ui/file-chooser.h"
#include "ui/inspect-page.h"
#include "ui/train-page.h"

#include <glib/gi18n.h>

static bool
export_comparison (LwMainWindow *window, const char *path, GError **error)
{
  return lw_compare_page_export (LW_COMPARE_PAGE (lw_main_window_page (window, "compare")), path,
                                 error);
}

static bool
export_distributions (LwMainWindow *window, const char *path, GError **error)
{
  return lw_inspect_page_export_distributions (
      LW_INSPECT_PAGE (lw_main_window_page (window, "inspect")), path, error);
}

static bool
export_weights (const LwRun *run, const char *path, GError **error)
{
  if (lw_onnx_is_name (path))
    return lw_onnx_write_run (run, "best", path, error);
  return lw_run_export_weights (run, "best", path, error);
}

/* What each export offers as a name, and which endings it can write: a picture of what is shown, or
 * what is read from the run's folder, on a thread. */
typedef struct {
  const char *action, *title, *suffix;
  const char *endings[4];
  bool (*paint) (LwMainWindow *window, const char *path, GError **error);
  bool (*copy) (const LwRun *run, const char *path, GError **error);
} Export;

static const Export exports[] = {
  { "export-comparison",
    N_ ("Export the Comparison"),
    "-comparison.svg",
    { "svg", "pdf", "png" },
    export_comparison,
    NULL },
  { "export-distributions",
    N_ ("Export the Distributions"),
    "-distributions.pdf",
    { "pdf", "svg", "png" },
    export_distributions,
    NULL },
  { "export-metrics",
    N_ ("Export the Metrics"),
    "-metrics.csv",
    { "csv" },
    NULL,
    lw_run_export_csv },
  { "export-weights",
    N_ ("Export the Weights"),
    ".safetensors",
    { "safetensors", "npz", "onnx" },
    NULL,
    export_weights },
};

static const Export *
find_export (const char *action)
{
  guint which = 0;

  while (which < G_N_ELEMENTS (exports) - 1 && !g_str_equal (exports[which].action, action))
    which++;
  return &exports[which];
}

static void
say (LwMainWindow *window, const char *path, const GError *error)
{
  g_autofree char *name = g_filename_display_basename (path);
  g_autofree char *sentence = g_strdup_printf (_ ("Saved %s"), name);

  lw_main_window_say (window, error == NULL ? sentence : error->message);
}

/* --- on a thread -------------------------------------------------------------------------------
 */

typedef struct {
  const Export *export;
  char *folder, *path;
} Copy;

static void
copy_free (gpointer data)
{
  Copy *copy = data;

  g_free (copy->folder);
  g_free (copy->path);
  g_free (copy);
}

/* From the run's folder, so that what is exported is what was saved. */
static void
copy_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Copy *copy = data;
  GError *error = NULL;
  g_autoptr (LwRun) run = lw_run_open (copy->folder, &error);

  (void)source;
  (void)cancellable;
  if (run != NULL && copy->export->copy (run, copy->path, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
copied (GObject *source, GAsyncResult *result, gpointer data)
{
  const Copy *copy = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;

  (void)data;
  g_task_propagate_boolean (G_TASK (result), &error);
  if (gtk_widget_get_realized (GTK_WIDGET (source))) /* else it was closed meanwhile */
    say (LW_MAIN_WINDOW (source), copy->path, error);
}

static void
start_copy (LwMainWindow *window, const Export *export, LwRunItem *run, const char *path)
{
  g_autoptr (GTask) task = g_task_new (window, NULL, copied, NULL);
  Copy *copy = g_new (Copy, 1);

  lw_run_item_want_weights (run);
  *copy = (Copy){ export, g_strdup (lw_run_item_folder (run)), g_strdup (path) };
  g_task_set_task_data (task, copy, copy_free);
  g_task_run_in_thread (task, copy_in_thread);
}

/* --- actions -----------------------------------------------------------------------------------
 */

static void
export_to (LwMainWindow *window, const Export *export, const char *path)
{
  LwRunItem *run = lw_workbench_run (lw_main_window_workbench (window));
  g_autoptr (GError) error = NULL;

  if (export->copy == NULL) {
    export->paint (window, path, &error);
    say (window, path, error);
  } else if (run != NULL) {
    start_copy (window, export, run, path);
  }
}

void
lw_window_export (LwMainWindow *window, const char *action, const char *path)
{
  export_to (window, find_export (action), path);
}

static void
file_chosen (gpointer window, const char *path, gconstpointer export)
{
  export_to (LW_MAIN_WINDOW (window), export, path);
}

static void
choose_file (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  LwMainWindow *window = LW_MAIN_WINDOW (data);
  const Export *export = find_export (g_action_get_name (G_ACTION (action)));
  const LwModel *model = lw_workbench_model (lw_main_window_workbench (window));
  g_autofree char *file = g_strconcat (model->name, export->suffix, NULL);

  (void)parameter;
  lw_choose_file (GTK_WINDOW (window), _ (export->title), file, export->endings, file_chosen,
                  window, export);
}

static GtkWidget *
charts_dialog (LwMainWindow *window, const char *name)
{
  return lw_train_page_export_dialog (LW_TRAIN_PAGE (lw_main_window_page (window, "train")), name);
}

static GtkWidget *
diagram_dialog (LwMainWindow *window, const char *name)
{
  return lw_explore_page_export_dialog (LW_EXPLORE_PAGE (lw_main_window_page (window, "explore")),
                                        name);
}

static LwExperimentsView *
experiments_of (LwMainWindow *window)
{
  return lw_compare_page_experiments (LW_COMPARE_PAGE (lw_main_window_page (window, "compare")));
}

static GtkWidget *
experiment_dialog (LwMainWindow *window, const char *name)
{
  (void)name;
  return lw_experiments_view_export_dialog (experiments_of (window));
}

/* These have more to choose than a name. */
static const struct {
  const char *action;
  GtkWidget *(*make) (LwMainWindow *window, const char *name);
} dialogs[] = { { "export-diagram", diagram_dialog },
                { "export-charts", charts_dialog },
                { "export-experiment", experiment_dialog } };

static void
open_dialog (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  LwMainWindow *window = LW_MAIN_WINDOW (data);
  const LwModel *model = lw_workbench_model (lw_main_window_workbench (window));
  GtkWidget *dialog;
  guint which = 0;

  (void)parameter;
  while (!g_str_equal (dialogs[which].action, g_action_get_name (G_ACTION (action))))
    which++;
  dialog = dialogs[which].make (window, model->name);
  gtk_window_set_transient_for (GTK_WINDOW (dialog), GTK_WINDOW (window));
  g_signal_connect_object (dialog, "saved", G_CALLBACK (lw_main_window_say), window,
                           G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
set_enabled (LwMainWindow *window, const char *action, bool enabled)
{
  g_simple_action_set_enabled (
      G_SIMPLE_ACTION (g_action_map_lookup_action (G_ACTION_MAP (window), action)), enabled);
}

void
lw_export_actions_update (LwMainWindow *window)
{
  static const char *const need_run[] = { "export-charts", "export-distributions", "export-metrics",
                                          "export-weights" };
  const bool run = lw_workbench_run (lw_main_window_workbench (window)) != NULL;

  for (guint i = 0; i < G_N_ELEMENTS (need_run); i++)
    set_enabled (window, need_run[i], run);
  set_enabled (window, "export-experiment",
               gtk_widget_get_mapped (GTK_WIDGET (experiments_of (window))));
}

static void
experiments_seen (LwMainWindow *window)
{
  if (!gtk_widget_in_destruction (GTK_WIDGET (window)))
    lw_export_actions_update (window);
}

void
lw_export_actions_install (LwMainWindow *window)
{
  for (guint i = 0; i < G_N_ELEMENTS (dialogs); i++) {
    const GActionEntry entry = { .name = dialogs[i].action, .activate = open_dialog };

    g_action_map_add_action_entries (G_ACTION_MAP (window), &entry, 1, window);
  }
  for (guint i = 0; i < G_N_ELEMENTS (exports); i++) {
    const GActionEntry entry = { .name = exports[i].action, .activate = choose_file };

    g_action_map_add_action_entries (G_ACTION_MAP (window), &entry, 1, window);
  }
  g_signal_connect_object (experiments_of (window), "map", G_CALLBACK (experiments_seen), window,
                           G_CONNECT_SWAPPED | G_CONNECT_AFTER);
  g_signal_connect_object (experiments_of (window), "unmap", G_CALLBACK (experiments_seen), window,
                           G_CONNECT_SWAPPED | G_CONNECT_AFTER);
}
