/* LwTheme: the colours of everything that Cairo draws, light and dark. Exports use the light one.
 * The numbers are the project's visual language: colour-blind-safe, text at least 4.5 : 1 on its
 * ground. Constant data, any thread. */
#pragma once

#include "engine/op.h"
#include <cairo.h>

G_BEGIN_DECLS

typedef struct {
  double r, g, b, a;
} LwColour;

typedef struct {
  bool dark;
  LwColour canvas; /* ground of diagrams and charts */
  LwColour dots;   /* the diagram's dot grid */
  LwColour text;   /* main text on the canvas */
  LwColour dim;    /* secondary text */
  LwColour card;   /* raised surfaces drawn by painters */
  LwColour border; /* thin lines around cards, containers, legends */
  LwColour grid;   /* chart grid */
  LwColour axis;
  LwColour edge;   /* diagram edges */
  LwColour accent; /* selection, progress; never data */
  LwColour accent_text;
  LwColour star; /* best epoch */
  LwColour search;
  LwColour good, warning, error;
  LwColour kind_line[LW_N_KINDS];
  LwColour kind_fill[LW_N_KINDS];
  LwColour series[6];
} LwTheme;

const LwTheme *lw_theme (bool dark);

/* cairo_set_source_rgba; `alpha` multiplies the colour's own. */
void lw_set_colour (cairo_t *cr, LwColour colour, double alpha);
/* Words or numbers in a layer's or series' colour: with 30 % black in the light theme. */
LwColour lw_colour_for_text (const LwTheme *theme, LwColour colour);
/* Black or white, whichever contrasts more with `ground`. */
LwColour lw_contrast (LwColour ground);
/* The dash of series `index` (0 to 5); returns the number of lengths, 0: solid. */
int lw_series_dash (int index, double ret_lengths[4]);

typedef enum {
  LW_MAP_SEQUENTIAL, /* values ≥ 0 */
  LW_MAP_COST,       /* shares of a cost; light theme has its own ramp */
  LW_MAP_SIGNED,     /* −1 … 0 … 1, centred on zero */
  LW_MAP_EXPLOSION,
  LW_MAP_GREY, /* black to white */
} LwMap;

/* `t` in [0, 1] (signed: [−1, 1]); clamped; NaN gives the error colour. */
LwColour lw_map_colour (LwMap map, bool dark, double t);

G_END_DECLS
