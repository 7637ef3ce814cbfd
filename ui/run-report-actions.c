#include "ui/run-report-actions.h"

#include "ui/run-report-dialog.h"

#include <glib/gi18n.h>

/* Says so, with a button that shows the file in the program for its kind. */
static void
say_saved (LwMainWindow *window, const char *path)
{
  g_autofree char *name = g_filename_display_basename (path);
  g_autofree char *sentence = g_strdup_printf (_ ("Saved %s"), name);
  g_autofree char *escaped = g_markup_escape_text (sentence, -1);
  g_autofree char *uri = g_filename_to_uri (path, NULL, NULL);
  AdwToast *toast = adw_toast_new (escaped);

  if (uri != NULL) {
    adw_toast_set_button_label (toast, _ ("_Open"));
    adw_toast_set_action_name (toast, "win.open-report");
    adw_toast_set_action_target (toast, "s", uri);
  }
  lw_main_window_show_toast (window, toast);
}

GtkWidget *
lw_report_actions_open (LwMainWindow *window, GPtrArray *runs)
{
  GtkWidget *dialog =
      lw_report_dialog_new (runs, lw_workbench_backends (lw_main_window_workbench (window)));

  gtk_window_set_transient_for (GTK_WINDOW (dialog), GTK_WINDOW (window));
  g_signal_connect_object (dialog, "saved", G_CALLBACK (say_saved), window, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
  return dialog;
}

static void
report (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  LwMainWindow *window = LW_MAIN_WINDOW (data);
  LwRunItem *run = lw_workbench_run (lw_main_window_workbench (window));
  g_autoptr (GPtrArray) runs = g_ptr_array_new ();

  (void)action;
  (void)parameter;
  if (run == NULL)
    return;
  g_ptr_array_add (runs, run);
  lw_report_actions_open (window, runs);
}

static void
open_report (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  (void)action;
  gtk_show_uri (GTK_WINDOW (data), g_variant_get_string (parameter, NULL), GDK_CURRENT_TIME);
}

void
lw_report_actions_update (LwMainWindow *window)
{
  GAction *action = g_action_map_lookup_action (G_ACTION_MAP (window), "report");

  g_simple_action_set_enabled (G_SIMPLE_ACTION (action),
                               lw_workbench_run (lw_main_window_workbench (window)) != NULL);
}

void
lw_report_actions_install (LwMainWindow *window)
{
  static const GActionEntry entries[] = {
    { .name = "report", .activate = report },
    { .name = "open-report", .activate = open_report, .parameter_type = "s" },
  };

  g_action_map_add_action_entries (G_ACTION_MAP (window), entries, G_N_ELEMENTS (entries), window);
}
