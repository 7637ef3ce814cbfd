/* LwUnitBars: the values of a vector (a linear layer's units, a layer of 1 × 1 maps) as bars from
 * zero, one a row: number or name, bar, value. Units: logical pixels. Threads: the LwText's. */
#pragma once

#include "ui/draw/scale.h"

G_BEGIN_DECLS

#define LW_UNIT_BAR_ROW 22.0

typedef struct {
  const float *values; /* [n] */
  int n;
  const char *const *names; /* [n] of the units; NULL: their numbers */
  LwScale scale;            /* colours and the ends of the bars */
  int selected;             /* or −1 */
} LwUnitBars;

double lw_unit_bars_height (const LwUnitBars *bars);
/* The unit at y, relative to the top, or −1. */
int lw_unit_bars_at (const LwUnitBars *bars, double y);
/* Paints what the clip shows. */
void lw_unit_bars_paint (cairo_t *cr, const LwTheme *theme, LwText *text, const LwUnitBars *bars,
                         double x, double y, double width);
/* "84 units, unit 7 selected, value 1.42". g_free. */
char *lw_unit_bars_describe (const LwUnitBars *bars);

G_END_DECLS
