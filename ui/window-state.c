#include "ui/window-state.h"

#include "ui/compare-page.h"
#include "ui/explore-page.h"

static LwExplorePage *
explore_page (LwMainWindow *window)
{
  return LW_EXPLORE_PAGE (lw_main_window_page (window, "explore"));
}

static LwRunTicks *
ticks (LwMainWindow *window)
{
  return lw_compare_page_ticks (LW_COMPARE_PAGE (lw_main_window_page (window, "compare")));
}

static LwCompareRuns *
runs (LwMainWindow *window)
{
  return lw_compare_page_runs (LW_COMPARE_PAGE (lw_main_window_page (window, "compare")));
}

/* The run that was selected, when its row arrives; what a person has selected since stays. */
static void
runs_arrived (GListModel *runs, guint position, guint removed, guint added, LwMainWindow *window)
{
  LwWorkbench *workbench = lw_main_window_workbench (window);
  const char *folder = lw_preferences_text (lw_main_window_preferences (window), LW_PREFERENCE_RUN);

  (void)removed;
  for (guint i = position; i < position + added; i++) {
    g_autoptr (LwRunItem) run = g_list_model_get_item (runs, i);

    if (g_strcmp0 (lw_run_item_folder (run), folder) != 0)
      continue;
    g_signal_handlers_disconnect_by_func (runs, G_CALLBACK (runs_arrived), window);
    if (lw_workbench_run (workbench) == NULL && lw_workbench_live_run (workbench) == NULL)
      lw_workbench_select_run (workbench, run);
    return;
  }
}

void
lw_window_state_restore (LwMainWindow *window)
{
  LwPreferences *preferences = lw_main_window_preferences (window);
  LwWorkbench *workbench = lw_main_window_workbench (window);
  const LwModel *model =
      lw_model_find (lw_preferences_text (preferences, LW_PREFERENCE_MODEL), NULL);
  const LwExploreSizes sizes = { lw_preferences_number (preferences, LW_PREFERENCE_RIGHT),
                                 lw_preferences_number (preferences, LW_PREFERENCE_BELOW),
                                 lw_preferences_number (preferences, LW_PREFERENCE_LOWER),
                                 lw_preferences_number (preferences, LW_PREFERENCE_BESIDE),
                                 lw_preferences_number (preferences, LW_PREFERENCE_ZOOM) / 100.0 };

  gtk_window_set_default_size (GTK_WINDOW (window),
                               lw_preferences_number (preferences, LW_PREFERENCE_WIDTH),
                               lw_preferences_number (preferences, LW_PREFERENCE_HEIGHT));
  if (lw_preferences_number (preferences, LW_PREFERENCE_MAXIMIZED))
    gtk_window_maximize (GTK_WINDOW (window));
  if (!lw_preferences_number (preferences, LW_PREFERENCE_SIDEBAR))
    lw_main_window_toggle_sidebar (window);
  lw_explore_page_set_sizes (explore_page (window), &sizes);
  if (*lw_preferences_text (preferences, LW_PREFERENCE_TICKED) != '\0')
    lw_run_ticks_restore (ticks (window), lw_preferences_text (preferences, LW_PREFERENCE_TICKED));
  lw_compare_runs_restore_table (runs (window),
                                 lw_preferences_text (preferences, LW_PREFERENCE_RUNS_TABLE));
  if (model != NULL)
    lw_workbench_select_model (workbench, model);
  if (*lw_preferences_text (preferences, LW_PREFERENCE_RUN) != '\0')
    g_signal_connect_object (lw_workbench_runs (workbench), "items-changed",
                             G_CALLBACK (runs_arrived), window, 0);
  lw_main_window_show_page (window, lw_preferences_number (preferences, LW_PREFERENCE_WELCOMED)
                                        ? lw_preferences_text (preferences, LW_PREFERENCE_PAGE)
                                        : "welcome");
}

/* Whether the run that was selected is still looked for: until then it is remembered. */
static bool
run_is_awaited (LwMainWindow *window)
{
  return g_signal_handler_find (lw_workbench_runs (lw_main_window_workbench (window)),
                                G_SIGNAL_MATCH_FUNC | G_SIGNAL_MATCH_DATA, 0, 0, NULL,
                                (gpointer)runs_arrived, window) != 0;
}

void
lw_window_state_keep (LwMainWindow *window)
{
  LwPreferences *preferences = lw_main_window_preferences (window);
  LwWorkbench *workbench = lw_main_window_workbench (window);
  LwRunItem *run = lw_workbench_run (workbench);
  g_autofree char *ticked = lw_run_ticks_save (ticks (window));
  g_autofree char *table = lw_runs_table_save (lw_compare_runs_table (runs (window)));
  LwExploreSizes sizes;
  int width, height;

  gtk_window_get_default_size (GTK_WINDOW (window), &width, &height); /* not maximized */
  lw_preferences_set_number (preferences, LW_PREFERENCE_WIDTH, width);
  lw_preferences_set_number (preferences, LW_PREFERENCE_HEIGHT, height);
  lw_preferences_set_number (preferences, LW_PREFERENCE_MAXIMIZED,
                             gtk_window_is_maximized (GTK_WINDOW (window)));
  lw_preferences_set_number (preferences, LW_PREFERENCE_SIDEBAR,
                             lw_main_window_wants_sidebar (window));
  lw_preferences_set_text (preferences, LW_PREFERENCE_PAGE, lw_main_window_shown_page (window));
  lw_preferences_set_text (preferences, LW_PREFERENCE_MODEL, lw_workbench_model (workbench)->name);
  if (run != NULL || !run_is_awaited (window))
    lw_preferences_set_text (preferences, LW_PREFERENCE_RUN,
                             run != NULL ? lw_run_item_folder (run) : "");
  lw_preferences_set_text (preferences, LW_PREFERENCE_TICKED, ticked);
  lw_preferences_set_text (preferences, LW_PREFERENCE_RUNS_TABLE, table);
  lw_explore_page_get_sizes (explore_page (window), &sizes);
  lw_preferences_set_number (preferences, LW_PREFERENCE_RIGHT, sizes.right);
  lw_preferences_set_number (preferences, LW_PREFERENCE_BELOW, sizes.below);
  lw_preferences_set_number (preferences, LW_PREFERENCE_LOWER, sizes.lower);
  lw_preferences_set_number (preferences, LW_PREFERENCE_BESIDE, sizes.beside);
  lw_preferences_set_number (preferences, LW_PREFERENCE_ZOOM, (int)(sizes.zoom * 100 + 0.5));
}

void
lw_window_state_save (LwMainWindow *window)
{
  lw_window_state_keep (window);
  lw_preferences_save (lw_main_window_preferences (window));
}
