/* The last iterations before a training diverged: a row a layer, a column an iteration, each cell
 * the largest value that the layer put out, on a scale of powers of ten; a ring around the cell
 * where it began. Threads: the LwText's. */
#pragma once

#include "engine/divergence.h"
#include "ui/draw/text.h"

G_BEGIN_DECLS

/* A strip of column heads, then the rows. */
double lw_divergence_table_height (const LwDivergence *divergence);
/* From (0, 0), `width` wide; at least 300 are needed. What the clip leaves out costs nothing. */
void lw_divergence_table_paint (cairo_t *cr, const LwTheme *theme, LwText *text,
                                const LwGraph *graph, const LwDivergence *divergence, double width);
/* "conv 1: 1.17, 1.71, 263; …" with the iterations first, for assistive tools; g_free. */
char *lw_divergence_table_describe (const LwGraph *graph, const LwDivergence *divergence);

G_END_DECLS
