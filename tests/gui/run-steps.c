#include "tests/gui/run-steps.h"

LwRunItem *
runs_train (Gui *gui, const char *rate, const char *seed)
{
  g_autoptr (GError) error = NULL;
  LwRunItem *run;

  gui_choose_small_run (gui, 64, 2);
  g_assert_true (lw_workbench_set (gui->workbench, "learning-rate", rate, NULL));
  g_assert_true (lw_workbench_set (gui->workbench, "seed", seed, NULL));
  run = lw_workbench_train (gui->workbench, &error);
  g_assert_no_error (error);
  gui_assert_soon (gui_live (gui) == NULL);
  return run;
}

Runs
runs_open (Gui *gui)
{
  GtkWidget *page = lw_main_window_page (gui->window, "compare");
  Runs r;

  gui_resize (gui, 1280, 800);
  gui_shortcut (gui, "<Control>4");
  gui_press (gui_button (page, "Runs"));
  gui_assert_soon (gui_find (page, LW_TYPE_COMPARE_RUNS) != NULL);
  r.runs = LW_COMPARE_RUNS (gui_find (page, LW_TYPE_COMPARE_RUNS));
  r.table = lw_compare_runs_table (r.runs);
  r.charts = lw_runs_curves_charts (lw_compare_runs_curves (r.runs));
  return r;
}

void
runs_key (const Runs *r, guint value)
{
  GtkWidget *view = gui_find (GTK_WIDGET (r->table), GTK_TYPE_COLUMN_VIEW);
  g_autoptr (GListModel) all = gtk_widget_observe_controllers (view);

  for (guint i = 0; i < g_list_model_get_n_items (all); i++) {
    g_autoptr (GtkEventController) one = g_list_model_get_item (all, i);
    gboolean used = FALSE;

    if (!GTK_IS_EVENT_CONTROLLER_KEY (one))
      continue;
    g_signal_emit_by_name (one, "key-pressed", value, 0, 0, &used);
    if (used)
      return;
  }
  g_assert_not_reached ();
}

const char *
runs_notes_file (LwRunItem *run)
{
  g_autofree char *path = g_build_filename (lw_run_item_folder (run), "notes.json", NULL);
  static char *text;

  g_clear_pointer (&text, g_free);
  g_file_get_contents (path, &text, NULL, NULL);
  return text != NULL ? text : "";
}
