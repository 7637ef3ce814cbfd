/* LwUnitFigure: how a unit gets its value (engine/unit_arithmetic.h), drawn: patch × kernel of each
 * input channel with its contribution, the window of a pooling with its largest value, the curve of
 * an activation; and the equation with its numbers. Of more than 16 contributions the 6 largest are
 * shown and the others summed up. "≈" stands instead of "=" where the numbers as written do not add
 * up, because they are rounded.
 *
 * Units: logical pixels. Threads: the LwText's. The figure borrows what it points to. */
#pragma once

#include "engine/unit_arithmetic.h"
#include "ui/draw/tiles.h"

G_BEGIN_DECLS

#define LW_UNIT_MOST_TERMS    16 /* that are all shown */
#define LW_UNIT_LARGEST_TERMS 6  /* of more */

typedef struct {
  const LwGraph *graph;
  const LwUnitArithmetic *arithmetic;
  int selected; /* the place among the shown terms of the one that is chosen; −1: none */
} LwUnitFigure;

/* Terms with a picture of their own, as indices into the arithmetic's; their number. */
int lw_unit_figure_shown (const LwUnitFigure *figure, int32_t ret_terms[LW_UNIT_MOST_TERMS]);
/* The sum of those without. */
double lw_unit_figure_others (const LwUnitFigure *figure, int *ret_n);

double lw_unit_figure_height (const LwUnitFigure *figure, LwText *text, double width);
void lw_unit_figure_paint (cairo_t *cr, const LwTheme *theme, LwText *text,
                           const LwUnitFigure *figure, double width);
/* The place among the shown terms of what is at a point, and the cell of its patch (−1: beside the
 * patch, on its kernel or caption); −1: nothing. */
int lw_unit_figure_at (const LwUnitFigure *figure, LwText *text, double width, double x, double y,
                       int *ret_cell);

/* "patch × kernel for each of the 6 input channels". g_free. */
char *lw_unit_figure_caption (const LwUnitFigure *figure);
/* "0.02 + 3.92 − 0.23 + bias 0.01 = 1.99", a line for each step. g_free. */
char *lw_unit_figure_equation (const LwUnitFigure *figure);
/* "Channel 3, 25 products: 0.13 × 0.22 = 0.03 …": one term's largest products. g_free. */
char *lw_unit_figure_products (const LwUnitFigure *figure, int32_t term);
/* "conv 2 (Conv2d, layer 4), map 7, row 4, column 3". g_free. */
char *lw_unit_words (const LwGraph *graph, LwUnit unit);
/* All of it, to be pasted elsewhere: the unit, each shown patch and kernel, the equation. g_free.
 */
char *lw_unit_figure_text (const LwUnitFigure *figure);
/* For assistive tools: the unit, its caption and the equation in words. g_free. */
char *lw_unit_figure_describe (const LwUnitFigure *figure);

G_END_DECLS
