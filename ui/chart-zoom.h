/* LwChartZoom: which part of an x axis is shown, and the way back. NAN as an end: from the data;
 * both NAN: fitted, so that new data come into view. A plain value; no allocation but the
 * history's. */
#pragma once

#include <glib.h>
#include <stdbool.h>

G_BEGIN_DECLS

typedef struct {
  double min, max;
} LwChartRange;

typedef struct {
  LwChartRange range;
  GArray *history; /* LwChartRange, oldest first */
  bool moving;     /* the last change was a pan or a scroll, which the next one goes on with */
} LwChartZoom;

void lw_chart_zoom_init (LwChartZoom *zoom);
void lw_chart_zoom_clear (LwChartZoom *zoom);
bool lw_chart_zoom_is_fitted (const LwChartZoom *zoom);
/* Shows this range and remembers the one before. Nothing happens where `max` is not above `min`. */
void lw_chart_zoom_to (LwChartZoom *zoom, double min, double max);
void lw_chart_zoom_fit (LwChartZoom *zoom);
/* False when there is nothing before. */
bool lw_chart_zoom_back (LwChartZoom *zoom);
/* Forgets the history, fitted: another run. */
void lw_chart_zoom_reset (LwChartZoom *zoom);

/* From a range shown now (finite), by shares of it; on a logarithmic axis shares are of its
 * decades. A row of such moves is one step back. `floor`: the axis' least value, NAN: none. */
void
lw_chart_zoom_pan (LwChartZoom *zoom, LwChartRange shown, bool log, double share, double floor);
/* `factor` < 1 shows less; `at`, 0 to 1, stays where it is. */
void lw_chart_zoom_scale (LwChartZoom *zoom, LwChartRange shown, bool log, double at, double factor,
                          double floor);
/* The next move is a step of its own. */
void lw_chart_zoom_settle (LwChartZoom *zoom);

G_END_DECLS
