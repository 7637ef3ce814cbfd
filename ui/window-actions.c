#include "ui/window-actions.h"

#include "ui/compare-page.h"
#include "ui/data-actions.h"
#include "ui/export-actions.h"
#include "ui/explore-page.h"
#include "ui/follow-actions.h"
#include "ui/inspect-page.h"
#include "ui/onnx-actions.h"
#include "ui/preferences-window.h"
#include "ui/run-report-actions.h"
#include "ui/runs-actions.h"
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

/* With the settings of the run that is shown, where one is; for one step, or all. */
static void
start_run (LwMainWindow *window, bool one_step)
{
  LwWorkbench *workbench = lw_main_window_workbench (window);
  LwRunItem *run = lw_workbench_run (workbench);
  g_autoptr (GError) error = NULL;

  if (run != NULL)
    lw_workbench_use_settings (workbench, lw_run_item_settings (run));
  if ((one_step ? lw_workbench_train_one_step (workbench, &error)
                : lw_workbench_train (workbench, &error)) == NULL)
    lw_main_window_say (window, error->message);
}

static void
train (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  LwMainWindow *window = LW_MAIN_WINDOW (data);
  LwTrainer *trainer = live_trainer (window);

  (void)action;
  (void)parameter;
  lw_main_window_show_page (window, "train");
  if (trainer == NULL) {
    start_run (window, false);
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

  (void)action;
  (void)parameter;
  if (trainer != NULL)
    lw_trainer_step (trainer);
  else
    start_run (window, true);
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
  /* What the knobs describe has to be possible. */
  const bool sound = lw_workbench_obstacle (workbench) == NULL;

  /* A run of another program can only be looked at. */
  const bool elsewhere = run && lw_run_item_is_elsewhere (lw_workbench_run (workbench));
  /* So can one on another machine, and what is here of it is no folder of a person's. */
  const bool followed = run && lw_run_item_followed (lw_workbench_run (workbench)) != NULL;

  set_enabled (window, "train", live || (data && sound && !elsewhere));
  set_enabled (window, "step", live || (data && sound && !elsewhere));
  set_enabled (window, "stop", live);
  set_enabled (window, "continue",
               run && !elsewhere && !followed &&
                   (live ? !lw_run_item_is_live (lw_workbench_run (workbench)) : data));
  set_enabled (window, "open-run-folder", run && !followed);
  lw_export_actions_update (window);
  lw_follow_actions_update (window);
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
  lw_export_actions_install (window);
  lw_follow_actions_install (window);
  lw_onnx_actions_install (window);
  lw_variant_actions_install (window);
  lw_runs_actions_install (window);
  lw_report_actions_install (window);
}
