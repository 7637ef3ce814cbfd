/* LwAnswerGrid: test images with what the network says of them, as many in a row as fit; or one row
 * of small ones. A click or the arrow keys mark one. Only what is seen is painted, so a cell of
 * thousands of images scrolls like one of ten: put it into a scrolled window. Pixels come from the
 * data set in memory, so there is nothing to wait for. Signal `marked` (int: the example). */
#pragma once

#include "ui/predictions-source.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define LW_TYPE_ANSWER_GRID (lw_answer_grid_get_type ())
G_DECLARE_FINAL_TYPE (LwAnswerGrid, lw_answer_grid, LW, ANSWER_GRID, GtkWidget)

/* `small`: one row of small tiles. `name`: for assistive tools. */
GtkWidget *lw_answer_grid_new (LwPredictionsSource *source, bool small, const char *name);
/* Copies the list. */
void lw_answer_grid_show (LwAnswerGrid *self, const int32_t *examples, int n);
int lw_answer_grid_n (LwAnswerGrid *self);
/* Which of them is the source's marked image; −1: none. */
int lw_answer_grid_marked (LwAnswerGrid *self);
/* Marks the one before or after. */
void lw_answer_grid_step (LwAnswerGrid *self, int by);

G_END_DECLS
