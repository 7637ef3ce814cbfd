/* LwDiagramColours: a diagram whose boxes are coloured by a number instead of by their kind:
 * parameters, operations, memory, measured times, gradient norms. A layer counts together with the
 * strips that hang on it, a closed block with all that it holds; a gradient's norm is that of all
 * tensors together. The colour goes by the square root of the value, from 0 to the largest box that
 * the layout shows, so folding changes the scale and the legend with it.
 *
 * Immutable; borrows the layout and the label texts. Threads: the layout's. */
#pragma once

#include "ui/draw/diagram-paint.h"

G_BEGIN_DECLS

typedef enum {
  LW_COLOUR_KIND,
  LW_COLOUR_PARAMETERS,
  LW_COLOUR_COUNT, /* what the layout counts: MACs, FLOPs, operations */
  LW_COLOUR_MEMORY,
  LW_COLOUR_FORWARD,
  LW_COLOUR_BACKWARD,
  LW_COLOUR_GRADIENT,
  LW_N_COLOURINGS
} LwColouring;

/* `values`, [n_nodes], copied: milliseconds of times, squares of norms of gradients; NULL where the
 * graph tells them, or nobody knows them yet: then nothing is coloured. `note`: what the legend
 * says beside the unit ("batch of 8"), or instead of numbers ("Measuring…"); constant, or NULL.
 * NULL for LW_COLOUR_KIND. */
LwDiagramColours *lw_diagram_colours_new (const LwDiagramLayout *layout, LwColouring by,
                                          const double *values, const char *note);
void lw_diagram_colours_free (LwDiagramColours *colours);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwDiagramColours, lw_diagram_colours_free)

bool lw_diagram_colours_known (const LwDiagramColours *colours);
/* Of what is drawn at a spot: a box, a strip by itself, an open block. */
double lw_diagram_colours_value (const LwDiagramColours *colours, LwDiagramSpot spot);
double lw_diagram_colours_total (const LwDiagramColours *colours);
/* The scale's end. */
double lw_diagram_colours_most (const LwDiagramColours *colours);
/* Of the whole network, 0 to 1; of norms too, though these do not add up. */
double lw_diagram_colours_share (const LwDiagramColours *colours, LwDiagramSpot spot);
/* Gives a box its fill. Bars, sums and the input keep theirs unless they have a share; strips
 * follow their box. */
void lw_diagram_colours_mark (const LwDiagramColours *colours, bool dark, LwDiagramSpot spot,
                              LwDiagramMark *mark);

/* "10.6 M MACs", "72.0 KiB", "0.42 ms". g_free. */
char *lw_diagram_colours_words (const LwDiagramColours *colours, double value);
/* "conv1"; of LW_NO_SPOT "Whole network". g_free. */
char *lw_diagram_colours_name (const LwDiagramColours *colours, LwDiagramSpot spot);
/* "3.3 % of the total". g_free. */
char *lw_diagram_colours_percent_words (const LwDiagramColours *colours, LwDiagramSpot spot);
/* "10.6 M MACs, 3.3 % of the total"; the note where nothing is known. g_free. */
char *lw_diagram_colours_share_words (const LwDiagramColours *colours, LwDiagramSpot spot);
/* Both: "conv1: 10.6 M MACs, 3.3 % of the total". g_free. */
char *lw_diagram_colours_describe (const LwDiagramColours *colours, LwDiagramSpot spot);

/* What the colours mean: name and unit, the scale with numbers, the share of `spot` or the total.
 * Paints nothing when `cr` is NULL. Returns the height. */
double
lw_diagram_colours_legend (cairo_t *cr, const LwDiagramColours *colours, const LwTheme *theme,
                           LwDiagramSpot spot, double x, double y, double *ret_width);

G_END_DECLS
