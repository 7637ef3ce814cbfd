/* LwDepthChart: one number a layer, from the first to the last, on a log scale: the norm of the
 * gradients by depth. Threads: the LwText's; nothing is kept. */
#pragma once

#include "ui/draw/shapes.h"
#include "ui/draw/text.h"

G_BEGIN_DECLS

typedef struct {
  const char *name;     /* in the legend */
  const double *values; /* [n layers]; ≤ 0 and NAN: a gap */
  LwColour colour;
  int dash; /* of lw_series_dash */
  LwMarker marker;
} LwDepthLine;

typedef struct {
  const char *title;
  const char *const *layers; /* names under the axis; those that would touch are left out */
  const char *const *full;   /* their names at the values that are read out */
  int n_layers;
  const LwDepthLine *lines;
  int n_lines;
  int marked;  /* the selected layer; −1 */
  int hovered; /* with the values read out; −1 */
  LwColour ground;
} LwDepthChart;

void lw_depth_chart_paint (cairo_t *cr, const LwTheme *theme, LwText *text,
                           const LwDepthChart *chart, cairo_rectangle_t place);
/* The layer nearest to x; −1: outside of the plot. */
int lw_depth_chart_at (const LwDepthChart *chart, cairo_rectangle_t place, double x, double y);
/* "Gradient norm by depth, LeNet: conv 1 0.0021, …, linear 3 0.41", for assistive tools. g_free. */
char *lw_depth_chart_describe (const LwDepthChart *chart);

G_END_DECLS
