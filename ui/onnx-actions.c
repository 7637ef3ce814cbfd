#include "ui/onnx-actions.h"

#include "ui/file-chooser.h"
#include "ui/onnx-window.h"

#include <glib/gi18n.h>

static void
failed (GtkWidget *window, const GError *error)
{
  lw_main_window_say (LW_MAIN_WINDOW (window), error->message);
}

void
lw_onnx_actions_open (LwMainWindow *window, const char *path)
{
  lw_onnx_window_open (path, lw_workbench_backends (lw_main_window_workbench (window)), failed,
                       GTK_WIDGET (window));
}

static void
file_chosen (gpointer window, const char *path, gconstpointer what)
{
  (void)what;
  lw_onnx_actions_open (LW_MAIN_WINDOW (window), path);
}

static void
choose (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  (void)action;
  (void)parameter;
  lw_choose_existing_file (GTK_WINDOW (data), _ ("Open an ONNX File"), "onnx", file_chosen, data);
}

void
lw_onnx_actions_install (LwMainWindow *window)
{
  static const GActionEntry entry = { .name = "open-onnx", .activate = choose };

  g_action_map_add_action_entries (G_ACTION_MAP (window), &entry, 1, window);
}
