/* What a person arranged about runs is there again after a restart: the colours of curves, and how
 * the table of runs is sorted and which of its columns it has. */
#include "tests/gui/run-steps.h"

#include <string.h>

/* --- colours -------------------------------------------------------------------------------------
 */

/* What is chosen in the Train page's legend is the run's colour everywhere, also after a restart;
 * the test's curves have their own. */
static void
recolour (Gui *gui)
{
  LwRunItem *a = runs_train (gui, "0.1", "7");
  LwChartView *view;
  Runs r;

  runs_train (gui, "0.3", "7");
  gui_shortcut (gui, "<Control>2");
  view = LW_CHART_VIEW (gui_find (lw_main_window_page (gui->window, "train"), LW_TYPE_CHART_VIEW));
  lw_workbench_select_run (gui->workbench, a);
  lw_chart_view_set_colour (view, 0, 3);
  lw_chart_view_set_colour (view, 1, 5);
  lw_workbench_select_draft (gui->workbench);
  g_assert_cmpint (lw_chart_view_style (view, 0).colour, ==, 0);
  g_assert_cmpint (lw_chart_view_style (view, 1).colour, ==, 1);
  gui_assert_soon (strstr (runs_notes_file (a), "\"test_colour\": 5") != NULL);
  r = runs_open (gui);
  gui_assert_soon (lw_chart_view_n_keys (r.charts) == 2);
  g_assert_cmpint (lw_chart_view_style (r.charts, 1).colour, ==, 3);
  lw_chart_view_set_colour (r.charts, 1, 4); /* and back */
  lw_workbench_select_run (gui->workbench, a);
  g_assert_cmpint (lw_chart_view_style (view, 0).colour, ==, 4);
  lw_chart_view_set_colour (view, 0, 0); /* chosen too, although it is what all have */
  gui_assert_soon (strstr (runs_notes_file (a), "\"colour\": 0") != NULL);
  lw_chart_view_set_colour (view, 0, 2);
  gui_assert_soon (strstr (runs_notes_file (a), "\"colour\": 2") != NULL);
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
  r = runs_open (gui);
  gui_assert_soon (lw_chart_view_n_keys (r.charts) == 2);
  g_assert_cmpint (lw_chart_view_style (r.charts, 1).colour, ==, 2);
}

static void
colours (void)
{
  gui_run (recolour, NULL);
  gui_run (find_colours, NULL);
}

/* --- the table -----------------------------------------------------------------------------------
 */

static GtkColumnViewColumn *
column (const Runs *r, LwRunColumn place)
{
  GtkWidget *view = gui_find (GTK_WIDGET (r->table), GTK_TYPE_COLUMN_VIEW);
  g_autoptr (GtkColumnViewColumn) one =
      g_list_model_get_item (gtk_column_view_get_columns (GTK_COLUMN_VIEW (view)), place);

  return one; /* the view keeps it */
}

static double
rate_at (const Runs *r, guint place)
{
  g_autoptr (LwRunItem) run = g_list_model_get_item (lw_runs_table_rows (r->table), place);

  return lw_run_item_settings (run)->learning_rate;
}

static void
arrange (Gui *gui)
{
  Runs r;

  runs_train (gui, "0.1", "7");
  runs_train (gui, "0.3", "7");
  runs_train (gui, "0.2", "7");
  r = runs_open (gui);
  gui_assert_soon (g_list_model_get_n_items (lw_runs_table_rows (r.table)) == 3);
  lw_runs_table_sort (r.table, LW_RUN_COLUMN_RATE, GTK_SORT_DESCENDING);
  g_assert_cmpfloat (rate_at (&r, 0), ==, 0.3);
  gtk_column_view_column_set_fixed_width (column (&r, LW_RUN_COLUMN_NAME), 233);
  gtk_column_view_column_set_fixed_width (column (&r, LW_RUN_COLUMN_RATE), 151);
  gtk_column_view_insert_column (
      GTK_COLUMN_VIEW (gui_find (GTK_WIDGET (r.table), GTK_TYPE_COLUMN_VIEW)), 3,
      column (&r, LW_RUN_COLUMN_NOTE));
  gtk_switch_set_active (GTK_SWITCH (gui_find (lw_compare_runs_tools (r.runs), GTK_TYPE_SWITCH)),
                         TRUE);
  gui_assert_soon (!lw_runs_table_shows (r.table, LW_RUN_COLUMN_SEED));
}

static void
find_arranged (Gui *gui)
{
  const Runs r = runs_open (gui);

  gui_assert_soon (g_list_model_get_n_items (lw_runs_table_rows (r.table)) == 3);
  for (guint i = 0; i < 3; i++)
    g_assert_cmpfloat_with_epsilon (rate_at (&r, i), 0.3 - 0.1 * i, 1e-6);
  g_assert_cmpint (gtk_column_view_column_get_fixed_width (column (&r, LW_RUN_COLUMN_NAME)), ==,
                   233);
  g_assert_cmpstr (gtk_column_view_column_get_title (column (&r, 3)), ==, "Note");
  g_assert_cmpstr (gtk_column_view_column_get_title (column (&r, 4)), ==, "Learning rate");
  g_assert_cmpint (gtk_column_view_column_get_fixed_width (column (&r, 4)), ==, 151);
  g_assert_cmpint (gtk_column_view_column_get_fixed_width (column (&r, 5)), ==,
                   lw_run_column_width (LW_RUN_COLUMN_BATCH));
  gui_assert_soon (!lw_runs_table_shows (r.table, LW_RUN_COLUMN_SEED));
  g_assert_true (lw_runs_table_shows (r.table, LW_RUN_COLUMN_RATE));
  g_assert_true (gtk_switch_get_active (
      GTK_SWITCH (gui_find (lw_compare_runs_tools (r.runs), GTK_TYPE_SWITCH))));
}

/* What no table can be changes nothing. */
static void
damaged (Gui *gui)
{
  const Runs r = runs_open (gui);
  g_autofree char *before = lw_runs_table_save (r.table), *after = NULL;

  g_assert_cmpstr (before, ==, "sort=best:descending");
  lw_runs_table_restore (
      r.table, ";;=;:;sort;sort=;sort=rate;sort=rate:up;sort=nothing:ascending;"
               "sort=tick:ascending;order=;order=x;order=tick,tick;width.;width.rate;width.rate=0;"
               "width.rate=99999999999;width.x=100;width.tick=100");
  after = lw_runs_table_save (r.table);
  g_assert_cmpstr (after, ==, before);
}

static void
table (void)
{
  gui_run (arrange, NULL);
  gui_run (find_arranged, NULL);
}

int
main (int argc, char **argv)
{
  static const GuiTest tests[] = {
    { "/kept/colours", NULL, colours },
    { "/kept/table", NULL, table },
    { "/kept/damaged", damaged, NULL },
    { NULL, NULL, NULL },
  };

  return gui_main (argc, argv, tests);
}
