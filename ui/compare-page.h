/* LwComparePage: two to four architectures side by side, their differences marked, and finished
 * runs by what they cost. Main thread. */
#pragma once

#include "ui/compare-set.h"
#include "ui/compare-runs.h"
#include "ui/experiments-view.h"
#include "ui/run-ticks.h"
#include "ui/workbench.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS

#define LW_TYPE_COMPARE_PAGE (lw_compare_page_get_type ())
G_DECLARE_FINAL_TYPE (LwComparePage, lw_compare_page, LW, COMPARE_PAGE, GtkWidget)

GtkWidget *lw_compare_page_new (LwWorkbench *workbench);
/* The page's width, when it changes: what stands in its toolbar follows. */
void lw_compare_page_set_width (LwComparePage *self, int width);
/* The table of runs, and which of them are ticked. */
LwCompareRuns *lw_compare_page_runs (LwComparePage *self);
LwRunTicks *lw_compare_page_ticks (LwComparePage *self);
/* A ready comparison by its name ("alexnet-nin"). */
void lw_compare_page_show (LwComparePage *self, const char *ready);
/* The comparison as a picture: .svg, .pdf or .png. */
bool lw_compare_page_export (LwComparePage *self, const char *path, GError **error);
/* Mapped while it is shown. */
LwExperimentsView *lw_compare_page_experiments (LwComparePage *self);
/* Shows the table of runs. */
void lw_compare_page_show_runs (LwComparePage *self);
/* What it shows, for tests. */
LwCompareSet *lw_compare_page_set (LwComparePage *self);

G_END_DECLS
