/* LwCompareRuns: finished runs as bubbles: what they reached by what they cost. A list of them with
 * ticks decides which have colours; the others stay grey. Main thread. */
#pragma once

#include "ui/workbench.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS

#define LW_TYPE_COMPARE_RUNS (lw_compare_runs_get_type ())
G_DECLARE_FINAL_TYPE (LwCompareRuns, lw_compare_runs, LW, COMPARE_RUNS, GtkWidget)

GtkWidget *lw_compare_runs_new (LwWorkbench *workbench);
/* What the chart says for assistive tools. */
const char *lw_compare_runs_description (LwCompareRuns *self);

G_END_DECLS
