/* LwDistributionRows: all layers of one run, or of two beside each other, as rows of ridges: a tall
 * drawing for a scrolled window. Only rows in view are painted, each into a picture that scrolling
 * moves, and never for longer than a part of a frame. A click or the arrow keys select a layer in
 * all pages; the pointer reads values out. Signal `arranged`: it has another width, or another run
 * beside. Main thread. */
#pragma once

#include "ui/distribution-picture.h"
#include "ui/workbench.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define LW_TYPE_DISTRIBUTION_ROWS (lw_distribution_rows_get_type ())
G_DECLARE_FINAL_TYPE (LwDistributionRows, lw_distribution_rows, LW, DISTRIBUTION_ROWS, GtkWidget)

GtkWidget *lw_distribution_rows_new (LwWorkbench *workbench);
/* The sets are borrowed until the next call; NULL: nothing. `other`: NULL, or the run beside. To be
 * called again when either has something new. `same_axis`: one for all rows of a column. */
void lw_distribution_rows_show (LwDistributionRows *self, LwDistributionSet *set,
                                LwDistributionSet *other, bool same_axis);
/* As it is laid out now; what it points at is borrowed until the next show. */
const LwDistributionPicture *lw_distribution_rows_picture (LwDistributionRows *self);
/* The row of the marked layer; −1: none. */
int lw_distribution_rows_selected (LwDistributionRows *self);
/* How many rows have been painted so far, for tests. */
guint lw_distribution_rows_painted (LwDistributionRows *self);

G_END_DECLS
