/* LwRunsTable: all runs as a table: ticks and keys of the charts, settings, results; sorted by its
 * heads, filtered, of columns that differ only on request. Rows that are not in view cost nothing.
 *
 * Tab comes to a row and arrows go among them; neither goes into a row, whose tick and star keys
 * work: Space ticks the selected rows, S stars them, Enter shows the run in all pages, F2 renames,
 * Delete moves to the trash, the menu key opens the menu, which also sorts. Signals: `changed`
 * (rows, columns or selection), `asked` (the name of a `runs.` action, or "menu"). Main thread. */
#pragma once

#include "ui/run-columns.h"
#include "ui/run-ticks.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define LW_TYPE_RUNS_TABLE (lw_runs_table_get_type ())
G_DECLARE_FINAL_TYPE (LwRunsTable, lw_runs_table, LW, RUNS_TABLE, GtkWidget)

GtkWidget *lw_runs_table_new (LwWorkbench *workbench, LwRunTicks *ticks);
/* See lw_run_matches. */
void lw_runs_table_set_filter (LwRunsTable *self, const char *filter);
/* Leaves out the columns in which all ticked runs (none is ticked: all runs) are alike. */
void lw_runs_table_set_only_differs (LwRunsTable *self, bool only);
void lw_runs_table_sort (LwRunsTable *self, LwRunColumn column, GtkSortType order);
bool lw_runs_table_shows (LwRunsTable *self, LwRunColumn column);
GListModel *lw_runs_table_rows (LwRunsTable *self); /* LwRunItem, as they stand */
/* LwRunItem, owned: the selected rows, or all. */
GPtrArray *lw_runs_table_selected (LwRunsTable *self);
GPtrArray *lw_runs_table_all (LwRunsTable *self);
/* This row alone. */
void lw_runs_table_select (LwRunsTable *self, LwRunItem *run);
/* Where its name stands in the table, for popovers; false: it is not in view. */
bool lw_runs_table_place (LwRunsTable *self, LwRunItem *run, GdkRectangle *ret_place);

/* Where the pointer asked for the menu; false: a key did. */
bool lw_runs_table_pointed (LwRunsTable *self, GdkRectangle *ret_place);

G_END_DECLS
