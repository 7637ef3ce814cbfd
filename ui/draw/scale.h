/* LwScale: from values to colours, and the bar that explains it. One scale serves a whole layer, or
 * each map has its own. Pure functions, any thread (painting: the LwText's). */
#pragma once

#include "ui/draw/text.h"

G_BEGIN_DECLS

typedef struct {
  LwMap map;
  /* The values at the ends of the map. Signed: −max and max, min is not read. Explosion: both > 0,
   * mapped by their logarithm. Cost: mapped by the square root. */
  double min, max;
} LwScale;

/* The scale that these values ask for: sequential from 0 when none is negative, else signed. NaN
 * and infinities are left out. Without a value, or all 0: 0 to 1. */
LwScale lw_scale_for (const float *values, size_t n);
/* How a person wants values as colours. */
typedef enum {
  LW_COLOURS_AUTOMATIC,  /* what lw_scale_for says */
  LW_COLOURS_SEQUENTIAL, /* from the least value, or 0, to the largest */
  LW_COLOURS_SIGNED,     /* centred on zero */
  LW_COLOURS_GREY,       /* as sequential */
  LW_N_COLOURS
} LwColours;
LwScale lw_scale_chosen (const float *values, size_t n, LwColours colours);
/* NaN and infinities have the error colour. */
LwColour lw_scale_colour (const LwScale *scale, bool dark, double value);
double lw_scale_low (const LwScale *scale);
/* Decimals that tell values of this scale apart: two, more where all are small. */
int lw_scale_decimals (const LwScale *scale);

/* "−3.93 ▒▒▒▒ 3.93" in one line around `middle`, the bar `bar_width` long. `x` is the left end for
 * `align` 0, the right end for 1. */
void lw_colour_bar_paint (cairo_t *cr, const LwTheme *theme, LwText *text, const LwScale *scale,
                          double x, double middle, double bar_width, double align);
double lw_colour_bar_width (LwText *text, const LwScale *scale, double bar_width);

G_END_DECLS
