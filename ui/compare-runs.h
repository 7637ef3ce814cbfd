/* LwCompareRuns: all runs as a table, the ticked ones as curves and as bubbles by what they cost,
 * and what can be done with a run: rename, note, star, clone, delete, compare, export. Main thread.
 */
#pragma once

#include "ui/bubble-view.h"
#include "ui/runs-curves.h"
#include "ui/runs-table.h"

G_BEGIN_DECLS

#define LW_TYPE_COMPARE_RUNS (lw_compare_runs_get_type ())
G_DECLARE_FINAL_TYPE (LwCompareRuns, lw_compare_runs, LW, COMPARE_RUNS, GtkWidget)

GtkWidget *lw_compare_runs_new (LwWorkbench *workbench);
/* For the page's toolbar: filter, "Only what differs", menus. */
GtkWidget *lw_compare_runs_tools (LwCompareRuns *self);
void lw_compare_runs_set_narrow (LwCompareRuns *self, bool narrow);
LwRunTicks *lw_compare_runs_ticks (LwCompareRuns *self);
LwRunsTable *lw_compare_runs_table (LwCompareRuns *self);
/* See lw_runs_table_restore. */
void lw_compare_runs_restore_table (LwCompareRuns *self, const char *text);
/* The shown columns of the shown rows: .csv, .md or .tex. */
bool lw_compare_runs_export (LwCompareRuns *self, const char *path, GError **error);
/* For tests. */
LwRunsCurves *lw_compare_runs_curves (LwCompareRuns *self);
const char *lw_compare_runs_description (LwCompareRuns *self);

G_END_DECLS
