#include "ui/runs-actions.h"

#include "ui/file-chooser.h"
#include "ui/run-queue.h"

#include <glib/gi18n.h>

static void
queue_draft (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  LwMainWindow *window = LW_MAIN_WINDOW (data);
  LwWorkbench *workbench = lw_main_window_workbench (window);
  g_autoptr (GError) error = NULL;
  g_autofree char *sentence = NULL;

  (void)action;
  (void)parameter;
  if (lw_workbench_queue_draft (workbench, &error)) {
    const guint n = lw_run_queue_n_waiting (lw_workbench_queue (workbench));

    sentence = g_strdup_printf (
        ngettext ("Queued; %u run is waiting", "Queued; %u runs are waiting", n), n);
  }
  lw_main_window_say (window, sentence != NULL ? sentence : error->message);
}

static void
repeat (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  LwMainWindow *window = LW_MAIN_WINDOW (data);
  g_autoptr (GError) error = NULL;

  (void)action;
  if (!lw_workbench_set_repeats (lw_main_window_workbench (window), g_variant_get_int32 (parameter),
                                 &error))
    lw_main_window_say (window, error->message);
}

static void
folder_chosen (gpointer data, const char *path, gconstpointer what)
{
  LwMainWindow *window = LW_MAIN_WINDOW (data);
  g_autoptr (GError) error = NULL;

  (void)what;
  if (!lw_workbench_open_runs (lw_main_window_workbench (window), path, &error))
    lw_main_window_say (window, error->message);
}

static void
open_runs (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  (void)action;
  (void)parameter;
  lw_choose_folder (GTK_WINDOW (data), _ ("Folder of Runs"), folder_chosen, data);
}

void
lw_runs_actions_update (LwMainWindow *window)
{
  LwWorkbench *workbench = lw_main_window_workbench (window);
  GAction *queue = g_action_map_lookup_action (G_ACTION_MAP (window), "queue");
  GAction *repeats = g_action_map_lookup_action (G_ACTION_MAP (window), "repeat");

  g_simple_action_set_enabled (G_SIMPLE_ACTION (queue),
                               lw_workbench_dataset (workbench) != NULL &&
                                   lw_workbench_obstacle (workbench) == NULL);
  g_simple_action_set_state (G_SIMPLE_ACTION (repeats),
                             g_variant_new_int32 (lw_workbench_repeats (workbench)));
}

void
lw_runs_actions_install (LwMainWindow *window)
{
  static const GActionEntry entries[] = {
    { .name = "queue", .activate = queue_draft },
    { .name = "repeat", .activate = repeat, .parameter_type = "i", .state = "1" },
    { .name = "open-runs", .activate = open_runs },
  };

  g_action_map_add_action_entries (G_ACTION_MAP (window), entries, G_N_ELEMENTS (entries), window);
}
