/* A report through the window: the menu's action, the dialog, the file, the toast; and cancelled.
 */
#include "tests/gui/harness.h"
#include "ui/run-report-actions.h"
#include "ui/run-report-dialog.h"

#include <string.h>

static LwRunItem *
train (Gui *gui)
{
  LwRunItem *run;

  gui_choose_small_run (gui, 160, 2);
  gui_shortcut (gui, "<Control>2");
  gui_press (gui_button (gui->window, "Train"));
  gui_assert_soon (gui_live (gui) != NULL);
  run = gui_live (gui);
  gui_assert_soon (lw_run_item_state (run) == LW_RUN_FINISHED);
  gui_assert_soon (gui_live (gui) == NULL);
  return run;
}

static LwReportDialog *
find_dialog (void)
{
  g_autoptr (GList) windows = gtk_window_list_toplevels ();

  for (GList *window = windows; window != NULL; window = window->next)
    if (LW_IS_REPORT_DIALOG (window->data) && gtk_widget_get_mapped (window->data))
      return window->data;
  return NULL;
}

static LwReportDialog *
open_dialog (Gui *gui)
{
  LwReportDialog *dialog;

  gtk_widget_activate_action (GTK_WIDGET (gui->window), "win.report", NULL);
  gui_assert_soon (find_dialog () != NULL);
  dialog = find_dialog ();
  gui_wait (0.1);
  return dialog;
}

/* The row or switch that assistive tools call so. */
static GtkWidget *
named (GtkWidget *root, GType type, const char *title)
{
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child)) {
    GtkWidget *found = NULL;

    if (ADW_IS_PREFERENCES_ROW (child) &&
        g_strcmp0 (adw_preferences_row_get_title (ADW_PREFERENCES_ROW (child)), title) == 0)
      return g_type_is_a (G_OBJECT_TYPE (child), type) ? child : gui_find (child, type);
    found = named (child, type, title);
    if (found != NULL)
      return found;
  }
  return NULL;
}

static void
files (Gui *gui)
{
  LwRunItem *run;
  LwReportDialog *dialog;
  g_autofree char *html_path = gui_scratch ("report.html"), *pdf_path = gui_scratch ("report.pdf");
  g_autofree char *html = NULL, *pdf = NULL;
  g_autofree char *sentence = NULL;

  /* Without a run there is nothing to report on. */
  g_assert_false (
      g_action_get_enabled (g_action_map_lookup_action (G_ACTION_MAP (gui->window), "report")));
  run = train (gui);
  dialog = open_dialog (gui);
  gtk_editable_set_text (GTK_EDITABLE (named (GTK_WIDGET (dialog), ADW_TYPE_ENTRY_ROW, "Title")),
                         "Mine & yours");
  gtk_editable_set_text (
      GTK_EDITABLE (named (GTK_WIDGET (dialog), ADW_TYPE_ENTRY_ROW, "Author (optional)")), "Zoë");
  gtk_switch_set_active (GTK_SWITCH (named (GTK_WIDGET (dialog), GTK_TYPE_SWITCH, "Epochs")),
                         FALSE);
  g_object_ref (dialog);
  lw_report_dialog_save (dialog, html_path);
  g_assert_true (lw_report_dialog_is_working (dialog));
  gui_assert_soon (!gtk_widget_get_mapped (GTK_WIDGET (dialog)));
  g_object_unref (dialog);
  gui_assert_soon (g_strcmp0 (gui_toast (gui), "Saved report.html") == 0);
  g_assert_nonnull (gui_button (gui->window, "Open"));
  g_assert_true (g_file_get_contents (html_path, &html, NULL, NULL));
  g_assert_nonnull (strstr (html, "<h1>Mine &amp; yours</h1>"));
  g_assert_nonnull (strstr (html, ">Zoë · "));
  g_assert_nonnull (strstr (html, "<h3>Confusion matrix</h3>"));
  g_assert_null (strstr (html, "<h3>Epochs</h3>"));
  sentence =
      g_strdup_printf ("right: accuracy %.4f.", lw_run_item_progress (run).best_test_accuracy);
  g_assert_nonnull (strstr (html, sentence));

  dialog = open_dialog (gui);
  adw_combo_row_set_selected (
      ADW_COMBO_ROW (named (GTK_WIDGET (dialog), ADW_TYPE_COMBO_ROW, "Format")), 1);
  g_object_ref (dialog);
  lw_report_dialog_save (dialog, pdf_path);
  gui_assert_soon (!gtk_widget_get_mapped (GTK_WIDGET (dialog)));
  g_object_unref (dialog);
  g_assert_true (g_file_get_contents (pdf_path, &pdf, NULL, NULL));
  g_assert_true (g_str_has_prefix (pdf, "%PDF-"));
}

/* What goes wrong is said in the window, which stays; a list of runs makes one report; a closed
 * dialog leaves no file. */
static void
trouble (Gui *gui)
{
  g_autofree char *path = gui_scratch ("cancelled.html"), *both = gui_scratch ("both.html");
  g_autofree char *html = NULL;
  g_autoptr (GPtrArray) runs = g_ptr_array_new ();
  LwRunItem *run = train (gui);
  LwReportDialog *dialog = open_dialog (gui);

  lw_report_dialog_save (dialog, "/nowhere/report.html");
  gui_assert_soon (!lw_report_dialog_is_working (dialog));
  g_assert_true (gtk_widget_get_mapped (GTK_WIDGET (dialog)));
  g_assert_true (gtk_widget_get_sensitive (gui_button (dialog, "Export…")));
  g_object_ref (dialog);
  lw_report_dialog_save (dialog, path);
  gtk_window_close (GTK_WINDOW (dialog));
  gui_assert_soon (!lw_report_dialog_is_working (dialog));
  g_object_unref (dialog);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));

  g_ptr_array_add (runs, run);
  g_ptr_array_add (runs, run);
  dialog = LW_REPORT_DIALOG (lw_report_actions_open (gui->window, runs));
  g_object_ref (dialog);
  lw_report_dialog_save (dialog, both);
  gui_assert_soon (!lw_report_dialog_is_working (dialog));
  g_object_unref (dialog);
  g_assert_true (g_file_get_contents (both, &html, NULL, NULL));
  g_assert_nonnull (strstr (html, "<h1>2 runs</h1>"));
}

int
main (int argc, char **argv)
{
  static const GuiTest tests[] = {
    { "/report/files", files, NULL },
    { "/report/trouble", trouble, NULL },
    { NULL, NULL, NULL },
  };

  return gui_main (argc, argv, tests);
}
