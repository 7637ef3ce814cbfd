#include "ui/window-actions.h"

#include "ui/compare-page.h"
#include "ui/data-actions.h"
#include "ui/explore-page.h"
#include "ui/preferences-window.h"
#include "ui/inspect-page.h"
#include "ui/run-report-actions.h"
#include "ui/run-queue.h"
#include "ui/runs-actions.h"
#include "ui/train-page.h"
#include "ui/variant-actions.h"

#include <glib/gi18n.h>

/* The run that Pause, Step and Stop act on: the live one. */
static LwTrainer *
live_trainer (LwMainWindow *window)
{
  LwRunItem *live = lw_workbench_live_run (lw_main_window_workbench (window));

  return live != NULL ? lw_run_item_trainer (live) : NULL;
}

/* --- runs --------------------------------------------------------------------------------------
 */

static void
start_run (LwMainWindow *window)
{
  g_autoptr (GError) error = NULL;

  if (lw_workbench_train (lw_main_window_workbench (window), &error) == NULL)
    lw_main_window_say (window, error->message);
}

static void
train (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  LwMainWindow *window = LW_MAIN_WINDOW (data);
  LwWorkbench *workbench = lw_main_window_workbench (window);
  LwTrainer *trainer = live_trainer (window);

  (void)action;
  (void)parameter;
  lw_main_window_show_page (window, "train");
  if (trainer == NULL) {
    LwRunItem *run = lw_workbench_run (workbench);

    if (run != NULL) /* again, with the settings of the run that is shown */
      lw_workbench_use_settings (workbench, lw_run_item_settings (run));
    start_run (window);
  } else if (lw_trainer_state (trainer) == LW_RUN_PAUSED) {
    lw_trainer_start (trainer);
  } else {
    lw_trainer_pause (trainer);
  }
  lw_window_actions_update (window);
}

static void
step (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  LwMainWindow *window = LW_MAIN_WINDOW (data);
  LwTrainer *trainer = live_trainer (window);
  g_autoptr (GError) error = NULL;

  (void)action;
  (void)parameter;
  if (trainer != NULL)
    lw_trainer_step (trainer);
  else if (lw_workbench_train_one_step (lw_main_window_workbench (window), &error) == NULL)
    lw_main_window_say (window, error->message);
}

static void
stop (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  LwTrainer *trainer = live_trainer (LW_MAIN_WINDOW (data));

  (void)action;
  (void)parameter;
  if (trainer != NULL)
    lw_trainer_stop (trainer);
}

static void
continue_run (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  LwMainWindow *window = LW_MAIN_WINDOW (data);
  LwWorkbench *workbench = lw_main_window_workbench (window);
  LwRunItem *run = lw_workbench_run (workbench);
  g_autoptr (GError) error = NULL;
  const int more = g_variant_get_int32 (parameter);

  (void)action;
  if (run != NULL && !lw_workbench_continue (workbench, run, more, &error))
    lw_main_window_say (window, error->message);
}

static void
new_run (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  LwMainWindow *window = LW_MAIN_WINDOW (data);
  LwWorkbench *workbench = lw_main_window_workbench (window);

  (void)action;
  (void)parameter;
  lw_workbench_select_draft (workbench);
  lw_main_window_show_page (window, "train");
}

/* --- exports -----------------------------------------------------------------------------------
 */

typedef bool (*ExportFunc) (LwMainWindow *window, const char *path, GError **error);

static bool
export_diagram (LwMainWindow *window, const char *path, GError **error)
{
  return lw_explore_page_export (LW_EXPLORE_PAGE (lw_main_window_page (window, "explore")), path,
                                 error);
}

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
export_charts (LwMainWindow *window, const char *path, GError **error)
{
  return lw_train_page_export (LW_TRAIN_PAGE (lw_main_window_page (window, "train")), path, error);
}

/* Files are read from the run's folder, so that what is exported is what was saved. */
static LwRun *
open_selected_run (LwMainWindow *window, GError **error)
{
  LwRunItem *run = lw_workbench_run (lw_main_window_workbench (window));

  if (run == NULL) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID, _ ("Choose a run in the sidebar first."));
    return NULL;
  }
  return lw_run_open (lw_run_item_folder (run), error);
}

static bool
export_metrics (LwMainWindow *window, const char *path, GError **error)
{
  g_autoptr (LwRun) run = open_selected_run (window, error);

  return run != NULL && lw_run_export_csv (run, path, error);
}

static bool
export_weights (LwMainWindow *window, const char *path, GError **error)
{
  g_autoptr (LwRun) run = open_selected_run (window, error);

  return run != NULL && lw_run_export_weights (run, "best", path, error);
}

/* What each export offers as a name, and which endings it can write. */
static const struct {
  const char *action, *title, *suffix;
  const char *endings[4];
  ExportFunc write;
} exports[] = {
  { "export-diagram",
    N_ ("Export the Diagram"),
    "-diagram.svg",
    { "svg", "pdf", "png" },
    export_diagram },
  { "export-charts",
    N_ ("Export the Charts"),
    "-charts.svg",
    { "svg", "pdf", "png" },
    export_charts },
  { "export-comparison",
    N_ ("Export the Comparison"),
    "-comparison.svg",
    { "svg", "pdf", "png" },
    export_comparison },
  { "export-distributions",
    N_ ("Export the Distributions"),
    "-distributions.pdf",
    { "pdf", "svg", "png" },
    export_distributions },
  { "export-metrics", N_ ("Export the Metrics"), "-metrics.csv", { "csv" }, export_metrics },
  { "export-weights",
    N_ ("Export the Weights"),
    ".safetensors",
    { "safetensors" },
    export_weights },
};

static guint
find_export (const char *action)
{
  guint which = 0;

  while (which < G_N_ELEMENTS (exports) - 1 && !g_str_equal (exports[which].action, action))
    which++;
  return which;
}

static void
export_to (LwMainWindow *window, guint which, const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *name = g_path_get_basename (path);
  g_autofree char *sentence = NULL;

  if (exports[which].write (window, path, &error))
    sentence = g_strdup_printf (_ ("Saved %s"), name);
  else
    sentence = g_strdup (error->message);
  lw_main_window_say (window, sentence);
}

static void
export_chosen (GtkNativeDialog *dialog, int response, LwMainWindow *window)
{
  const guint which = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (dialog), "export"));

  if (response == GTK_RESPONSE_ACCEPT) {
    g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
    g_autofree char *path = g_file_get_path (file);

    if (path != NULL)
      export_to (window, which, path);
  }
  gtk_native_dialog_destroy (dialog);
  g_object_unref (dialog);
}

static void
export_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  LwMainWindow *window = LW_MAIN_WINDOW (data);
  const guint which = find_export (g_action_get_name (G_ACTION (action)));
  const LwModel *model = lw_workbench_model (lw_main_window_workbench (window));
  g_autofree char *file = g_strconcat (model->name, exports[which].suffix, NULL);
  GtkFileChooserNative *dialog =
      gtk_file_chooser_native_new (_ (exports[which].title), GTK_WINDOW (window),
                                   GTK_FILE_CHOOSER_ACTION_SAVE, _ ("_Export"), NULL);

  (void)parameter;
  for (int i = 0; exports[which].endings[i] != NULL; i++) {
    g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();
    g_autofree char *title = g_ascii_strup (exports[which].endings[i], -1);

    gtk_file_filter_set_name (filter, title);
    gtk_file_filter_add_suffix (filter, exports[which].endings[i]);
    gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (dialog), filter);
  }
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (dialog), file);
  g_object_set_data (G_OBJECT (dialog), "export", GUINT_TO_POINTER (which));
  g_signal_connect_object (dialog, "response", G_CALLBACK (export_chosen), window, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

/* The architecture and charts have more to choose than a name. */
static void
open_export_dialog (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  LwMainWindow *window = LW_MAIN_WINDOW (data);
  const LwModel *model = lw_workbench_model (lw_main_window_workbench (window));
  const bool charts = g_str_equal (g_action_get_name (G_ACTION (action)), "export-charts");
  GtkWidget *dialog;

  dialog = charts ? lw_train_page_export_dialog (
                        LW_TRAIN_PAGE (lw_main_window_page (window, "train")), model->name)
                  : lw_explore_page_export_dialog (
                        LW_EXPLORE_PAGE (lw_main_window_page (window, "explore")), model->name);

  (void)parameter;
  gtk_window_set_transient_for (GTK_WINDOW (dialog), GTK_WINDOW (window));
  g_signal_connect_object (dialog, "saved", G_CALLBACK (lw_main_window_say), window,
                           G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
open_run_folder (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  LwRunItem *run = lw_workbench_run (lw_main_window_workbench (LW_MAIN_WINDOW (data)));
  g_autofree char *uri = NULL;

  (void)action;
  (void)parameter;
  if (run == NULL)
    return;
  uri = g_filename_to_uri (lw_run_item_folder (run), NULL, NULL);
  if (uri != NULL)
    gtk_show_uri (GTK_WINDOW (data), uri, GDK_CURRENT_TIME);
}

/* --- frame -------------------------------------------------------------------------------------
 */

static void
show_page (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  (void)action;
  lw_main_window_show_page (LW_MAIN_WINDOW (data), g_variant_get_string (parameter, NULL));
}

/* The runs beside each other. */
static void
compare_runs (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  LwMainWindow *window = LW_MAIN_WINDOW (data);

  (void)action;
  (void)parameter;
  lw_compare_page_show_runs (LW_COMPARE_PAGE (lw_main_window_page (window, "compare")));
  lw_main_window_show_page (window, "compare");
}

/* A view of the Inspect page. */
static void
inspect (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  LwMainWindow *window = LW_MAIN_WINDOW (data);

  (void)action;
  lw_inspect_page_show (LW_INSPECT_PAGE (lw_main_window_page (window, "inspect")),
                        g_variant_get_string (parameter, NULL));
  lw_main_window_show_page (window, "inspect");
}

static void
show_preferences (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  LwMainWindow *window = LW_MAIN_WINDOW (data);

  (void)action;
  (void)parameter;
  gtk_window_present (GTK_WINDOW (lw_preferences_window_new (GTK_WINDOW (window),
                                                             lw_main_window_preferences (window),
                                                             lw_main_window_workbench (window))));
}

static void
show_welcome (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  (void)action;
  (void)parameter;
  lw_main_window_show_page (LW_MAIN_WINDOW (data), "welcome");
}

static void
toggle_sidebar (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  (void)action;
  (void)parameter;
  lw_main_window_toggle_sidebar (LW_MAIN_WINDOW (data));
}

static void
open_export_menu (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  (void)action;
  (void)parameter;
  lw_main_window_open_export_menu (LW_MAIN_WINDOW (data));
}

/* Where the page is not shown there is nothing to search in. */
static void
search (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GtkWidget *page = lw_main_window_page (LW_MAIN_WINDOW (data), "explore");

  (void)action;
  if (gtk_widget_get_mapped (page))
    lw_explore_page_search (LW_EXPLORE_PAGE (page), g_variant_get_int32 (parameter));
}

void
lw_window_export (LwMainWindow *window, const char *action, const char *path)
{
  export_to (window, find_export (action), path);
}

static void
set_enabled (LwMainWindow *window, const char *name, bool enabled)
{
  GAction *action = g_action_map_lookup_action (G_ACTION_MAP (window), name);

  g_simple_action_set_enabled (G_SIMPLE_ACTION (action), enabled);
}

void
lw_window_actions_update (LwMainWindow *window)
{
  LwWorkbench *workbench = lw_main_window_workbench (window);
  const bool live = lw_workbench_live_run (workbench) != NULL;
  const bool run = lw_workbench_run (workbench) != NULL;
  const bool data = lw_workbench_dataset (workbench) != NULL;
  static const char *const need_run[] = { "export-charts", "export-distributions", "export-metrics",
                                          "export-weights", "open-run-folder" };

  /* What the knobs describe has to be possible. */
  const bool sound = lw_workbench_obstacle (workbench) == NULL;

  /* A run of another program can only be looked at. */
  const bool elsewhere = run && lw_run_item_is_elsewhere (lw_workbench_run (workbench));

  set_enabled (window, "train", live || (data && sound && !elsewhere));
  set_enabled (window, "step", live || (data && sound && !elsewhere));
  set_enabled (window, "stop", live);
  set_enabled (window, "continue", run && !live && data && !elsewhere);
  for (guint i = 0; i < G_N_ELEMENTS (need_run); i++)
    set_enabled (window, need_run[i], run);
  lw_variant_actions_update (window);
  lw_runs_actions_update (window);
  lw_report_actions_update (window);
}

void
lw_window_actions_install (LwMainWindow *window)
{
  static const GActionEntry entries[] = {
    { .name = "train", .activate = train },
    { .name = "step", .activate = step },
    { .name = "stop", .activate = stop },
    { .name = "continue", .activate = continue_run, .parameter_type = "i" },
    { .name = "new-run", .activate = new_run },
    { .name = "export-diagram", .activate = open_export_dialog },
    { .name = "export-charts", .activate = open_export_dialog },
    { .name = "export-comparison", .activate = export_action },
    { .name = "export-distributions", .activate = export_action },
    { .name = "export-metrics", .activate = export_action },
    { .name = "export-weights", .activate = export_action },
    { .name = "open-run-folder", .activate = open_run_folder },
    { .name = "page", .activate = show_page, .parameter_type = "s" },
    { .name = "compare-runs", .activate = compare_runs },
    { .name = "inspect", .activate = inspect, .parameter_type = "s" },
    { .name = "search", .activate = search, .parameter_type = "i" },
    { .name = "preferences", .activate = show_preferences },
    { .name = "welcome", .activate = show_welcome },
    { .name = "toggle-sidebar", .activate = toggle_sidebar },
    { .name = "export-menu", .activate = open_export_menu },
  };

  g_action_map_add_action_entries (G_ACTION_MAP (window), entries, G_N_ELEMENTS (entries), window);
  lw_data_actions_install (window);
  lw_variant_actions_install (window);
  lw_runs_actions_install (window);
  lw_report_actions_install (window);
}
