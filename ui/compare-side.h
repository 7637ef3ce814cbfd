/* LwCompareSide: what is said beside the columns: the table of differences, the answer to the
 * question that these networks ask (or, while a row is marked, what differs in it), what to look
 * for, and the buttons that train the networks and export the comparison. Main thread. */
#pragma once

#include "ui/compare-set.h"
#include "ui/workbench.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS

#define LW_TYPE_COMPARE_SIDE (lw_compare_side_get_type ())
G_DECLARE_FINAL_TYPE (LwCompareSide, lw_compare_side, LW, COMPARE_SIDE, GtkWidget)

GtkWidget *lw_compare_side_new (LwCompareSet *set, LwWorkbench *workbench);

G_END_DECLS
