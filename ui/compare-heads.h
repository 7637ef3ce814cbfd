/* LwCompareHeads: above each column its network: a list to choose another one from, its year, and a
 * button that takes it away while there are more than two. Main thread. */
#pragma once

#include "ui/compare-set.h"
#include "ui/workbench.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS

#define LW_TYPE_COMPARE_HEADS (lw_compare_heads_get_type ())
G_DECLARE_FINAL_TYPE (LwCompareHeads, lw_compare_heads, LW, COMPARE_HEADS, GtkWidget)

GtkWidget *lw_compare_heads_new (LwCompareSet *set, LwWorkbench *workbench);
/* The list of a column, for tests. */
GtkWidget *lw_compare_heads_list (LwCompareHeads *self, int column);

G_END_DECLS
