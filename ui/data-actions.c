#include "ui/data-actions.h"

#include "ui/file-chooser.h"

#include <glib/gi18n.h>
#include <string.h>

static void
data_chosen (gpointer window, const char *path, gconstpointer what)
{
  (void)what;
  lw_workbench_use_data (lw_main_window_workbench (LW_MAIN_WINDOW (window)), path);
}

static void
open_data (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  (void)action;
  (void)parameter;
  lw_choose_folder (GTK_WINDOW (data), _ ("Folder with a Data Set"), data_chosen, data);
}

static void
open_data_file (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  (void)action;
  (void)parameter;
  lw_choose_existing_file (GTK_WINDOW (data), _ ("File with a Data Set"), "npz", data_chosen, data);
}

static void
show_data (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  (void)action;
  (void)parameter;
  lw_main_window_show_page (LW_MAIN_WINDOW (data), "data");
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
    { .name = "open-data-file", .activate = open_data_file },
    { .name = "show-data", .activate = show_data },
    { .name = "use-shapes", .activate = use_named_data },
    { .name = "use-fashion-mnist", .activate = use_named_data },
  };

  g_action_map_add_action_entries (G_ACTION_MAP (window), entries, G_N_ELEMENTS (entries), window);
}
