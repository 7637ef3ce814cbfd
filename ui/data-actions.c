#include "ui/data-actions.h"

#include <glib/gi18n.h>
#include <string.h>

static void
data_chosen (GtkNativeDialog *dialog, int response, LwMainWindow *window)
{
  if (response == GTK_RESPONSE_ACCEPT) {
    g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
    g_autofree char *path = g_file_get_path (file);

    if (path != NULL)
      lw_workbench_use_data (lw_main_window_workbench (window), path);
  }
  gtk_native_dialog_destroy (dialog);
  g_object_unref (dialog);
}

static void
open_data (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GtkFileChooserNative *dialog =
      gtk_file_chooser_native_new (_ ("Folder with a Data Set"), GTK_WINDOW (data),
                                   GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER, _ ("_Open"), NULL);

  (void)action;
  (void)parameter;
  g_signal_connect_object (dialog, "response", G_CALLBACK (data_chosen), data, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

static void
use_named_data (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  (void)parameter;
  lw_workbench_use_data (lw_main_window_workbench (LW_MAIN_WINDOW (data)),
                         g_action_get_name (G_ACTION (action)) + strlen ("use-"));
}

void
lw_data_actions_install (LwMainWindow *window)
{
  static const GActionEntry entries[] = {
    { .name = "open-data", .activate = open_data },
    { .name = "use-shapes", .activate = use_named_data },
    { .name = "use-fashion-mnist", .activate = use_named_data },
  };

  g_action_map_add_action_entries (G_ACTION_MAP (window), entries, G_N_ELEMENTS (entries), window);
}
