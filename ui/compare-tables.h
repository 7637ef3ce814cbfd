/* The tables of the Compare page's side: differences of whole networks, and of one row. Each
 * returns a fresh widget. Main thread. */
#pragma once

#include "ui/compare-set.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS

/* A line a quantity: its value in each network, and what leads there from the first. */
GtkWidget *lw_compare_difference_table (LwCompareSet *set);
/* A line a property of the marked row, what differs in bold. */
GtkWidget *lw_compare_row_table (LwCompareSet *set);
/* "conv 1 and NiN block 1", "conv 4 and conv 5, only in AlexNet"; g_free. */
char *lw_compare_row_heading (LwCompareSet *set);
/* The card's text: where most parameters or MACs are, and the ready answer; markup, g_free. */
char *lw_compare_answer (LwCompareSet *set);

G_END_DECLS
