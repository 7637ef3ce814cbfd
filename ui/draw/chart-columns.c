/* Series with more points than pixels: a few reads of the pyramid a column. */
#include "ui/draw/chart-internal.h"

#include <math.h>

void
lw_chart_visible (const LwChartLayout *layout, const LwSeries *series, size_t *ret_begin,
                  size_t *ret_end)
{
  size_t n = lw_series_length (series);
  size_t begin = lw_series_lower_bound (series, layout->x_min);
  size_t end = lw_series_upper_bound (series, layout->x_max);

  *ret_begin = begin > 0 ? begin - 1 : 0;
  *ret_end = end < n ? end + 1 : n;
}

/* The first index from `from` on with x ≥ `x`, by doubling steps: the next column is near. */
static size_t
gallop (const double *xs, size_t n, size_t from, double x)
{
  size_t low = from, step = 1;

  while (low + step < n && xs[low + step] < x) {
    low += step;
    step *= 2;
  }
  for (size_t high = MIN (n, low + step + 1); low < high;) {
    size_t middle = low + (high - low) / 2;

    if (xs[middle] < x)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

/* Far outside is as good as just outside, and 24.8 fixed point cannot hold the former. */
static double
pixel_near (const LwChartPlot *plot, double y)
{
  double margin = plot->plot.height + 16.0;
  double pixel = lw_chart_pixel_y (plot, y);

  return isnan (pixel)
             ? pixel
             : CLAMP (pixel, plot->plot.y - margin, plot->plot.y + plot->plot.height + margin);
}

LwColumn *
lw_chart_columns (const LwChartLayout *layout, const LwChartPlot *plot, const LwSeries *series,
                  double width, int *ret_n)
{
  const double *xs = lw_series_x (series), *ys = lw_series_y (series);
  size_t length = lw_series_length (series);
  int n = (int)ceil (plot->plot.width / width);
  LwColumn *columns = g_new0 (LwColumn, MAX (n, 1));
  size_t begin = lw_series_lower_bound (series, layout->x_min);
  size_t last = lw_series_upper_bound (series, layout->x_max);

  for (int c = 0; c < n; c++) {
    LwColumn *column = &columns[c];
    double right = plot->plot.x + (c + 1) * width;
    size_t end = last;
    LwExtremes extremes;

    if (c < n - 1) {
      end = MIN (last, gallop (xs, length, begin, lw_chart_data_x (layout, right)));
    }
    column->x = right - width / 2.0;
    if (end <= begin)
      continue;
    extremes = lw_series_extremes (series, begin, end);
    column->first = isfinite (ys[begin]) ? pixel_near (plot, ys[begin]) : NAN;
    column->last = isfinite (ys[end - 1]) ? pixel_near (plot, ys[end - 1]) : NAN;
    begin = end;
    if (extremes.n == 0 || (plot->log_y && extremes.max <= 0.0))
      continue;
    column->any = true;
    column->top = pixel_near (plot, extremes.max);
    column->bottom = plot->log_y && extremes.min <= 0.0 ? plot->plot.y + plot->plot.height
                                                        : pixel_near (plot, extremes.min);
    column->middle = pixel_near (plot, extremes.sum / extremes.n);
    if (isnan (column->middle))
      column->middle = (column->top + column->bottom) / 2.0;
  }
  *ret_n = n;
  return columns;
}

/* Whether the curve runs on from one non-empty column to the next without a gap in it. */
static bool
runs_on (const LwColumn *before, const LwColumn *column)
{
  return before != NULL && !isnan (before->last) && !isnan (column->first);
}

void
lw_chart_fill_strips (const LwChartPainter *painter, const LwChartPlot *plot,
                      const LwColumn *columns, int n, double width, double thickness, bool connect)
{
  cairo_t *cr = painter->cr;
  double scale = lw_device_scale (cr);
  bool snap = lw_paints_pixels (cr);
  double low = plot->plot.y - 1.0, high = plot->plot.y + plot->plot.height + 1.0;
  const LwColumn *before = NULL;

  cairo_new_path (cr);
  for (int c = 0; c < n; c++) {
    const LwColumn *column = &columns[c];
    double top = column->top, bottom = column->bottom;

    if (!column->any) {
      if (isnan (column->first))
        before = NULL;
      continue;
    }
    if (connect && runs_on (before, column)) {
      if (before == column - 1) {
        top = MIN (top, before->last);
        bottom = MAX (bottom, before->last);
      } else {
        /* Columns without points between: a straight line, as between any two points. */
        double ax = before->x + width / 2.0, ay = before->last;
        double bx = column->x - width / 2.0, by = column->first;

        cairo_move_to (cr, ax, ay - thickness / 2.0);
        cairo_line_to (cr, bx, by - thickness / 2.0);
        cairo_line_to (cr, bx, by + thickness / 2.0);
        cairo_line_to (cr, ax, ay + thickness / 2.0);
        cairo_close_path (cr);
      }
    }
    before = column;
    if (bottom - top < thickness) {
      double middle = (top + bottom) / 2.0;

      top = middle - thickness / 2.0;
      bottom = middle + thickness / 2.0;
    }
    if (snap) {
      /* Whole device pixels: without coverage to work out, cairo fills them at once. */
      top = floor (top * scale + 0.5) / scale;
      bottom = MAX (top + 1.0 / scale, floor (bottom * scale + 0.5) / scale);
    }
    top = MAX (top, low);
    bottom = MIN (bottom, high);
    if (bottom > top)
      cairo_rectangle (cr, column->x - width / 2.0, top, width, bottom - top);
  }
  cairo_fill (cr);
}

/* Half the height of a slanted line of the given thickness, limited so that a jump from one column
 * to the next does not become a wedge. */
static double
half_height (const LwColumn *before, const LwColumn *after, double thickness)
{
  double slope = 0.0;

  if (after->x > before->x)
    slope = (after->middle - before->middle) / (after->x - before->x);
  return thickness / 2.0 * MIN (sqrt (1.0 + slope * slope), 2.5);
}

static void
fill_run (cairo_t *cr, const LwColumn **run, int n, double thickness)
{
  if (n == 1) {
    cairo_rectangle (cr, run[0]->x - thickness / 2.0, run[0]->top - thickness / 2.0, thickness,
                     run[0]->bottom - run[0]->top + thickness);
    return;
  }
  cairo_new_sub_path (cr);
  for (int i = 0; i < n; i++) {
    double half = half_height (run[MAX (i - 1, 0)], run[MIN (i + 1, n - 1)], thickness);

    cairo_line_to (cr, run[i]->x, run[i]->top - half);
  }
  for (int i = n - 1; i >= 0; i--) {
    double half = half_height (run[MAX (i - 1, 0)], run[MIN (i + 1, n - 1)], thickness);

    cairo_line_to (cr, run[i]->x, run[i]->bottom + half);
  }
  cairo_close_path (cr);
}

void
lw_chart_fill_ribbon (const LwChartPainter *painter, const LwChartPlot *plot,
                      const LwColumn *columns, int n, double thickness)
{
  cairo_t *cr = painter->cr;
  g_autofree const LwColumn **run = g_new (const LwColumn *, MAX (n, 1));
  const LwColumn *before = NULL;
  int n_run = 0;

  (void)plot;
  cairo_new_path (cr);
  for (int c = 0; c < n; c++) {
    const LwColumn *column = &columns[c];
    bool gap = !column->any && isnan (column->first);

    if (n_run > 0 && (gap || (column->any && !runs_on (before, column)))) {
      fill_run (cr, run, n_run, thickness);
      n_run = 0;
    }
    if (!column->any)
      continue;
    before = column;
    run[n_run++] = column;
  }
  if (n_run > 0)
    fill_run (cr, run, n_run, thickness);
  cairo_fill (cr);
}

/* Edges of a band at one place; NAN: a gap. */
typedef struct {
  double x, upper, lower;
} BandPlace;

/* On a log axis a band that reaches to 0 or below ends at the axis. */
static double
lower_edge (const LwChartPlot *plot, double pixel)
{
  return isnan (pixel) ? plot->plot.y + plot->plot.height : pixel;
}

/* The points, or where they are denser than columns the outermost values of each. */
static int
band_places (const LwChartPainter *painter, const LwChartPlot *plot, const LwSeries *low,
             const LwSeries *high, BandPlace **ret_places)
{
  size_t begin, end;
  BandPlace *places;
  int n = 0;

  lw_chart_visible (painter->layout, high, &begin, &end);
  end = MIN (end, lw_series_length (low));
  if ((double)end - (double)begin <= 2.0 * plot->plot.width) {
    places = g_new (BandPlace, end > begin ? end - begin : 1);
    for (size_t i = begin; i < end; i++) {
      const double x = lw_chart_pixel_x (painter->layout, lw_series_x (high)[i]);
      const double top = lw_series_y (high)[i], bottom = lw_series_y (low)[i];

      places[n++] =
          (BandPlace){ CLAMP (x, -1e5, 1e5), isfinite (top) ? pixel_near (plot, top) : NAN,
                       isfinite (bottom) ? lower_edge (plot, pixel_near (plot, bottom)) : NAN };
    }
  } else {
    int n_columns;
    g_autofree LwColumn *upper = lw_chart_columns (painter->layout, plot, high, 1.0, &n_columns);
    g_autofree LwColumn *lower = lw_chart_columns (painter->layout, plot, low, 1.0, &n_columns);

    places = g_new (BandPlace, MAX (n_columns, 1));
    for (int c = 0; c < n_columns; c++) {
      if (upper[c].any)
        places[n++] = (BandPlace){ upper[c].x, upper[c].top,
                                   lower_edge (plot, lower[c].any ? lower[c].bottom : NAN) };
      else if (isnan (upper[c].first))
        places[n++] = (BandPlace){ upper[c].x, NAN, NAN };
    }
  }
  *ret_places = places;
  return n;
}

void
lw_chart_fill_between (const LwChartPainter *painter, const LwChartPlot *plot, const LwSeries *low,
                       const LwSeries *high)
{
  cairo_t *cr = painter->cr;
  g_autofree BandPlace *places = NULL;
  int n = band_places (painter, plot, low, high, &places);

  cairo_new_path (cr);
  /* A gap ends one patch and begins another. */
  for (int i = 0, begin = 0; i <= n; i++) {
    if (i < n && !isnan (places[i].upper) && !isnan (places[i].lower))
      continue;
    if (i > begin + 1) {
      cairo_new_sub_path (cr);
      for (int k = begin; k < i; k++)
        cairo_line_to (cr, places[k].x, places[k].upper);
      for (int k = i - 1; k >= begin; k--)
        cairo_line_to (cr, places[k].x, places[k].lower);
      cairo_close_path (cr);
    }
    begin = i + 1;
  }
  cairo_fill (cr);
}
