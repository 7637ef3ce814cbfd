/* What a person arranged about runs is there again after a restart: the colours of curves, and how
 * the table of runs is sorted and which of its columns it has. */
#include "tests/gui/harness.h"
#include "ui/chart-view.h"
#include "ui/compare-page.h"
#include "ui/compare-runs.h"

#include <string.h>

typedef struct {
  Gui *gui;
  LwCompareRuns *runs;
  LwRunsTable *table;
  LwChartView *charts;
} Runs;

static LwRunItem *
train (Gui *gui, const char *rate, const char *seed)
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

static Runs
open_runs (Gui *gui)
{
  Runs r = { .gui = gui };
  GtkWidget *page = lw_main_window_page (gui->window, "compare");

  gui_resize (gui, 1280, 800);
  gui_shortcut (gui, "<Control>4");
  gui_press (gui_button (page, "Runs"));
  gui_assert_soon (gui_find (page, LW_TYPE_COMPARE_RUNS) != NULL);
  r.runs = LW_COMPARE_RUNS (gui_find (page, LW_TYPE_COMPARE_RUNS));
  r.table = lw_compare_runs_table (r.runs);
  r.charts = lw_runs_curves_charts (lw_compare_runs_curves (r.runs));
  return r;
}

static const char *
notes_file (LwRunItem *run)
{
  g_autofree char *path = g_build_filename (lw_run_item_folder (run), "notes.json", NULL);
  static char *text;

  g_clear_pointer (&text, g_free);
  g_file_get_contents (path, &text, NULL, NULL);
  return text != NULL ? text : "";
}

/* --- colours -------------------------------------------------------------------------------------
 */

/* What is chosen in the Train page's legend is the run's colour everywhere, also after a restart;
 * the test's curves have their own. */
static void
recolour (Gui *gui)
{
  LwRunItem *a = train (gui, "0.1", "7");
  LwChartView *view;
  Runs r;

  train (gui, "0.3", "7");
  gui_shortcut (gui, "<Control>2");
  view = LW_CHART_VIEW (gui_find (lw_main_window_page (gui->window, "train"), LW_TYPE_CHART_VIEW));
  lw_workbench_select_run (gui->workbench, a);
  lw_chart_view_set_colour (view, 0, 3);
  lw_chart_view_set_colour (view, 1, 5);
  lw_workbench_select_draft (gui->workbench);
  g_assert_cmpint (lw_chart_view_style (view, 0).colour, ==, 0);
  g_assert_cmpint (lw_chart_view_style (view, 1).colour, ==, 1);
  gui_assert_soon (strstr (notes_file (a), "\"test_colour\": 5") != NULL);
  r = open_runs (gui);
  gui_assert_soon (lw_chart_view_n_keys (r.charts) == 2);
  g_assert_cmpint (lw_chart_view_style (r.charts, 1).colour, ==, 3);
  lw_chart_view_set_colour (r.charts, 1, 4); /* and back */
  lw_workbench_select_run (gui->workbench, a);
  g_assert_cmpint (lw_chart_view_style (view, 0).colour, ==, 4);
  lw_chart_view_set_colour (view, 0, 0); /* chosen too, although it is what all have */
  gui_assert_soon (strstr (notes_file (a), "\"colour\": 0") != NULL);
  lw_chart_view_set_colour (view, 0, 2);
  gui_assert_soon (strstr (notes_file (a), "\"colour\": 2") != NULL);
}

static void
find_colours (Gui *gui)
{
  LwChartView *view;
  Runs r;

  gui_assert_soon (g_list_model_get_n_items (lw_workbench_runs (gui->workbench)) == 2);
  gui_shortcut (gui, "<Control>2");
  gui_press (gui_row (gui, 1, 1));
  view = LW_CHART_VIEW (gui_find (lw_main_window_page (gui->window, "train"), LW_TYPE_CHART_VIEW));
  g_assert_cmpint (lw_chart_view_style (view, 0).colour, ==, 2);
  g_assert_cmpint (lw_chart_view_style (view, 1).colour, ==, 5);
  gui_press (gui_row (gui, 1, 0));
  g_assert_cmpint (lw_chart_view_style (view, 0).colour, ==, 0);
  g_assert_cmpint (lw_chart_view_style (view, 1).colour, ==, 1);
  r = open_runs (gui);
  gui_assert_soon (lw_chart_view_n_keys (r.charts) == 2);
  g_assert_cmpint (lw_chart_view_style (r.charts, 1).colour, ==, 2);
}

static void
colours (void)
{
  gui_run (recolour, NULL);
  gui_run (find_colours, NULL);
}

int
main (int argc, char **argv)
{
  static const GuiTest tests[] = {
    { "/kept/colours", NULL, colours },
    { NULL, NULL, NULL },
  };

  return gui_main (argc, argv, tests);
}
