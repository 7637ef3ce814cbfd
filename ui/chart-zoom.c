#include "ui/chart-zoom.h"

#include <math.h>

#define MOST_STEPS 64
/* Narrower than this share of its ends a range cannot be told from a point. */
#define LEAST_SPAN 1e-9

void
lw_chart_zoom_init (LwChartZoom *zoom)
{
  *zoom = (LwChartZoom){ .range = { NAN, NAN } };
  zoom->history = g_array_new (FALSE, FALSE, sizeof (LwChartRange));
}

void
lw_chart_zoom_clear (LwChartZoom *zoom)
{
  g_clear_pointer (&zoom->history, g_array_unref);
}

bool
lw_chart_zoom_is_fitted (const LwChartZoom *zoom)
{
  return isnan (zoom->range.min) && isnan (zoom->range.max);
}

static bool
same_end (double a, double b)
{
  return a == b || (isnan (a) && isnan (b));
}

static void
change (LwChartZoom *zoom, LwChartRange range, bool remember)
{
  if (same_end (range.min, zoom->range.min) && same_end (range.max, zoom->range.max))
    return;
  if (remember) {
    if (zoom->history->len == MOST_STEPS)
      g_array_remove_index (zoom->history, 0);
    g_array_append_val (zoom->history, zoom->range);
  }
  zoom->range = range;
}

void
lw_chart_zoom_to (LwChartZoom *zoom, double min, double max)
{
  if (min >= max)
    return;
  zoom->moving = false;
  change (zoom, (LwChartRange){ min, max }, true);
}

void
lw_chart_zoom_fit (LwChartZoom *zoom)
{
  zoom->moving = false;
  change (zoom, (LwChartRange){ NAN, NAN }, true);
}

bool
lw_chart_zoom_back (LwChartZoom *zoom)
{
  zoom->moving = false;
  if (zoom->history->len == 0)
    return false;
  zoom->range = g_array_index (zoom->history, LwChartRange, zoom->history->len - 1);
  g_array_set_size (zoom->history, zoom->history->len - 1);
  return true;
}

void
lw_chart_zoom_reset (LwChartZoom *zoom)
{
  g_array_set_size (zoom->history, 0);
  zoom->range = (LwChartRange){ NAN, NAN };
  zoom->moving = false;
}

void
lw_chart_zoom_settle (LwChartZoom *zoom)
{
  zoom->moving = false;
}

/* The part from share `from` to share `to` of a range. */
static void
move_to (LwChartZoom *zoom, LwChartRange shown, bool log, double from, double to, double floor)
{
  const double low = log ? log10 (shown.min) : shown.min;
  const double span = (log ? log10 (shown.max) : shown.max) - low;
  LwChartRange range = { low + from * span, low + to * span };

  if (log) {
    range.min = pow (10, range.min);
    range.max = pow (10, range.max);
  } else if (range.min < floor) {
    /* Stops at the floor; a pan keeps its width. */
    range.max = fabs (to - from - 1) < 1e-9 ? floor + (range.max - range.min) : range.max;
    range.min = floor;
  }
  if (!isfinite (range.min) || !isfinite (range.max) ||
      range.max - range.min <= LEAST_SPAN * MAX (fabs (range.min), fabs (range.max)))
    return;
  change (zoom, range, !zoom->moving);
  zoom->moving = true;
}

void
lw_chart_zoom_pan (LwChartZoom *zoom, LwChartRange shown, bool log, double share, double floor)
{
  move_to (zoom, shown, log, share, 1 + share, floor);
}

void
lw_chart_zoom_scale (LwChartZoom *zoom, LwChartRange shown, bool log, double at, double factor,
                     double floor)
{
  move_to (zoom, shown, log, at - at * factor, at + (1 - at) * factor, floor);
}
