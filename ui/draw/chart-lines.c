/* Curves, bands and points. */
#include "ui/draw/chart-internal.h"

#include <math.h>

/* The faint values behind a smoothed curve. */
#define FAINT 0.28
/* A column of a curve that spans more pixels than this is noise, not slope. */
#define NOISY_SPAN 4.0
/* Cairo's stroker takes longer than in proportion to the length of a path that crosses itself. */
#define SEGMENTS_A_STROKE 64

void
lw_chart_set_dash (cairo_t *cr, int dash)
{
  double lengths[4] = { 6.0, 4.0, 0.0, 0.0 };
  int n = dash == LW_DASH_TEST ? 2 : lw_series_dash (dash, lengths);

  cairo_set_dash (cr, lengths, n, 0.0);
  cairo_set_line_cap (cr, n == 0 ? CAIRO_LINE_CAP_ROUND : CAIRO_LINE_CAP_BUTT);
}

/* --- polylines */

typedef struct {
  cairo_t *cr;
  double top, bottom; /* segments are cut here: pixels beyond 24.8 fixed point would wrap */
  bool down, dashed, single;
  double x, y;
  int n;
} Pen;

static void
pen_up (Pen *pen)
{
  /* A value between two gaps is a dot. */
  if (pen->down && pen->single && pen->y >= pen->top && pen->y <= pen->bottom) {
    cairo_move_to (pen->cr, pen->x, pen->y);
    cairo_line_to (pen->cr, pen->x, pen->y);
  }
  cairo_stroke (pen->cr);
  pen->down = false;
  pen->n = 0;
}

/* Where the segment from (x0, y0) to (x1, y1) crosses the height `y`. */
static double
crossing (double x0, double y0, double x1, double y1, double y)
{
  return x0 + (x1 - x0) * ((y - y0) / (y1 - y0));
}

static void
pen_to (Pen *pen, double x, double y)
{
  double x0 = pen->x, y0 = pen->y, x1 = x, y1 = y;

  if (isnan (y)) {
    if (pen->down)
      pen_up (pen);
    return;
  }
  pen->x = x;
  pen->y = y;
  pen->single = !pen->down;
  if (!pen->down) {
    pen->down = true;
    cairo_move_to (pen->cr, x, CLAMP (y, pen->top, pen->bottom));
    return;
  }
  if ((y0 < pen->top && y1 < pen->top) || (y0 > pen->bottom && y1 > pen->bottom)) {
    cairo_move_to (pen->cr, x, CLAMP (y, pen->top, pen->bottom));
    return;
  }
  for (int end = 0; end < 2; end++) {
    double *cut_x = end == 0 ? &x0 : &x1, *cut_y = end == 0 ? &y0 : &y1;
    double bound = CLAMP (*cut_y, pen->top, pen->bottom);

    if (bound == *cut_y)
      continue;
    *cut_x = crossing (x0, y0, x1, y1, bound);
    *cut_y = bound;
    if (end == 0)
      cairo_move_to (pen->cr, x0, y0);
  }
  cairo_line_to (pen->cr, x1, y1);
  if (++pen->n >= SEGMENTS_A_STROKE && !pen->dashed) {
    cairo_stroke (pen->cr);
    cairo_move_to (pen->cr, x1, y1);
    pen->n = 0;
  }
}

static Pen
pen_for (const LwChartPainter *painter, const LwChartPlot *plot, bool dashed)
{
  cairo_new_path (painter->cr);
  cairo_set_line_join (painter->cr, CAIRO_LINE_JOIN_ROUND);
  return (Pen){ .cr = painter->cr,
                .top = plot->plot.y - 16.0,
                .bottom = plot->plot.y + plot->plot.height + 16.0,
                .dashed = dashed };
}

static void
stroke_points (const LwChartPainter *painter, const LwChartPlot *plot, const LwSeries *series,
               size_t begin, size_t end, bool dashed)
{
  const double *xs = lw_series_x (series), *ys = lw_series_y (series);
  Pen pen = pen_for (painter, plot, dashed);

  for (size_t i = begin; i < end; i++) {
    double x = lw_chart_pixel_x (painter->layout, xs[i]);

    pen_to (&pen, CLAMP (x, -1e5, 1e5), isfinite (ys[i]) ? lw_chart_pixel_y (plot, ys[i]) : NAN);
  }
  pen_up (&pen);
}

static void
stroke_middles (const LwChartPainter *painter, const LwChartPlot *plot, const LwColumn *columns,
                int n, bool dashed)
{
  Pen pen = pen_for (painter, plot, dashed);

  for (int c = 0; c < n; c++) {
    if (columns[c].any)
      pen_to (&pen, columns[c].x, columns[c].middle);
    else if (isnan (columns[c].first))
      pen_to (&pen, columns[c].x, NAN);
  }
  pen_up (&pen);
}

/* --- forms */

/* Pixels, or half points in a file. */
static double
column_width (cairo_t *cr)
{
  return lw_paints_pixels (cr) ? 1.0 / lw_device_scale (cr) : 0.5;
}

static void
paint_values (const LwChartPainter *painter, const LwChartPlot *plot, const LwSeries *series,
              bool connect)
{
  double width = column_width (painter->cr);
  size_t begin, end;

  lw_chart_visible (painter->layout, series, &begin, &end);
  if (connect && (end - begin) * width <= plot->plot.width) {
    cairo_set_line_width (painter->cr, 1.0);
    cairo_set_antialias (painter->cr, CAIRO_ANTIALIAS_FAST);
    stroke_points (painter, plot, series, begin, end, true);
    cairo_set_antialias (painter->cr, CAIRO_ANTIALIAS_DEFAULT);
  } else {
    int n;
    g_autofree LwColumn *columns = lw_chart_columns (painter->layout, plot, series, width, &n);

    lw_chart_fill_strips (painter, plot, columns, n, width, 1.0, connect);
  }
}

static void
paint_curve (const LwChartPainter *painter, const LwChartPlot *plot, const LwChartLine *line)
{
  cairo_t *cr = painter->cr;
  double width = column_width (cr), thickness = line->width > 0.0 ? line->width : 2.0;
  size_t begin, end;
  int n;

  lw_set_colour (cr, line->colour, 1.0);
  cairo_set_line_width (cr, thickness);
  lw_chart_set_dash (cr, line->dash);
  lw_chart_visible (painter->layout, line->series, &begin, &end);
  if ((end - begin) * width <= 2.0 * plot->plot.width) {
    stroke_points (painter, plot, line->series, begin, end, cairo_get_dash_count (cr) > 0);
    return;
  }
  if (cairo_get_dash_count (cr) > 0) {
    /* Dashes along a curve that doubles back within a pixel would not be seen as dashes: the
     * column's mean is dashed, its extremes are faint under it. */
    int n_pairs;
    g_autofree LwColumn *pairs =
        lw_chart_columns (painter->layout, plot, line->series, 2.0, &n_pairs);
    g_autofree LwColumn *columns =
        lw_chart_columns (painter->layout, plot, line->series, width, &n);

    stroke_middles (painter, plot, pairs, n_pairs, true);
    lw_set_colour (cr, line->colour, FAINT);
    lw_chart_fill_strips (painter, plot, columns, n, width, 1.0, true);
  } else {
    g_autofree LwColumn *columns =
        lw_chart_columns (painter->layout, plot, line->series, width, &n);

    int n_any = 0, n_noisy = 0;

    for (int c = 0; c < n; c++) {
      n_any += columns[c].any;
      n_noisy += columns[c].any && columns[c].bottom - columns[c].top > NOISY_SPAN;
    }
    /* Pure noise has no edges to smooth, and its polygon would be slow to fill. */
    if (2 * n_noisy > n_any) {
      lw_chart_fill_strips (painter, plot, columns, n, width, thickness, true);
      return;
    }
    lw_chart_fill_ribbon (painter, plot, columns, n, thickness);
    for (int c = 0; c < n && n_noisy > 0; c++)
      columns[c].any = columns[c].any && columns[c].bottom - columns[c].top > NOISY_SPAN;
    if (n_noisy > 0)
      lw_chart_fill_strips (painter, plot, columns, n, width, thickness, false);
  }
}

/* Wide enough that the lowest and the highest of a column differ: at least eight points. */
static double
band_width (const LwChartPainter *painter, const LwChartPlot *plot, const LwSeries *series)
{
  size_t begin, end;

  lw_chart_visible (painter->layout, series, &begin, &end);
  return CLAMP (plot->plot.width * 8.0 / MAX (end - begin, (size_t)1), 2.0,
                MAX (2.0, plot->plot.width / 6.0));
}

static void
paint_band (const LwChartPainter *painter, const LwChartPlot *plot, const LwChartLine *line,
            LwChartPass pass)
{
  int n;
  g_autofree LwColumn *columns = lw_chart_columns (painter->layout, plot, line->series,
                                                   band_width (painter, plot, line->series), &n);

  if (pass == LW_PASS_BEHIND) {
    lw_set_colour (painter->cr, line->colour, 0.33);
    lw_chart_fill_ribbon (painter, plot, columns, n, 0.0);
  } else {
    lw_set_colour (painter->cr, line->colour, 1.0);
    cairo_set_line_width (painter->cr, 2.0);
    lw_chart_set_dash (painter->cr, line->dash);
    stroke_middles (painter, plot, columns, n, cairo_get_dash_count (painter->cr) > 0);
  }
}

/* --- markers */

/* By pixels: the same result may have come through single precision or a file. */
static bool
starred (const LwChartPainter *painter, const LwChartPlot *plot, const LwChartSpec *chart, double x,
         double y)
{
  for (int i = 0; i < chart->n_stars; i++) {
    if (fabs (lw_chart_pixel_x (painter->layout, chart->stars[i].x) - x) < 1.5 &&
        fabs (lw_chart_pixel_y (plot, chart->stars[i].y) - y) < 1.5)
      return true;
  }
  return false;
}

static void
paint_markers (const LwChartPainter *painter, const LwChartPlot *plot, const LwChartSpec *chart,
               const LwChartLine *line)
{
  const double *xs = lw_series_x (line->series), *ys = lw_series_y (line->series);
  double left = plot->plot.x, right = left + plot->plot.width, next = -INFINITY;
  double spacing;
  size_t begin, end;

  lw_chart_visible (painter->layout, line->series, &begin, &end);
  if (end == begin || (line->marker == LW_MARKER_NONE && line->form != LW_LINE_POINTS))
    return;
  /* Markers that would touch are thinned out: they still tell the curves apart. */
  spacing = line->form != LW_LINE_POINTS && plot->plot.width / (end - begin) < 10.0 ? 60.0 : 0.0;
  for (size_t i = begin; i < end; i++) {
    double x = lw_chart_pixel_x (painter->layout, xs[i]);
    double y = isfinite (ys[i]) ? lw_chart_pixel_y (plot, ys[i]) : NAN;

    if (x < left - 0.5 || x > right + 0.5 || x < next || !(y >= plot->plot.y - 0.5) ||
        y > plot->plot.y + plot->plot.height + 0.5)
      continue;
    next = x + spacing;
    if (spacing > 0.0)
      i = MAX (i,
               lw_series_lower_bound (line->series, lw_chart_data_x (painter->layout, next)) - 1);
    if (line->form == LW_LINE_POINTS) {
      cairo_new_path (painter->cr);
      cairo_arc (painter->cr, x, y, 2.2, 0.0, 2.0 * G_PI);
      lw_set_colour (painter->cr, line->colour, 0.8);
      cairo_fill (painter->cr);
    } else if (!starred (painter, plot, chart, x, y)) {
      lw_paint_marker (painter->cr, line->marker, x, y, line->colour, painter->ground);
    }
  }
}

void
lw_chart_paint_line (const LwChartPainter *painter, const LwChartPlot *plot,
                     const LwChartSpec *chart, const LwChartLine *line, LwChartPass pass)
{
  cairo_t *cr = painter->cr;
  size_t begin, end;

  if (line->hidden || line->series == NULL)
    return;
  lw_chart_visible (painter->layout, line->series, &begin, &end);
  cairo_save (cr);
  if (pass == LW_PASS_MARKERS) {
    if (line->form == LW_LINE_CURVE || line->form == LW_LINE_RANGE ||
        (line->form == LW_LINE_POINTS && (end - begin) <= 2.0 * plot->plot.width))
      paint_markers (painter, plot, chart, line);
    cairo_restore (cr);
    return;
  }
  /* A line along the edge keeps its full width. */
  cairo_rectangle (cr, plot->plot.x - 1.0, plot->plot.y - 1.0, plot->plot.width + 2.0,
                   plot->plot.height + 2.0);
  cairo_clip (cr);
  if (line->form == LW_LINE_BAND) {
    paint_band (painter, plot, line, pass);
  } else if (line->form == LW_LINE_POINTS) {
    if (pass == LW_PASS_LINE && (end - begin) > 2.0 * plot->plot.width) {
      lw_set_colour (cr, line->colour, 0.8);
      paint_values (painter, plot, line->series, false);
    }
  } else if (pass == LW_PASS_LINE) {
    paint_curve (painter, plot, line);
  } else if (line->form == LW_LINE_RANGE) {
    if (line->low != NULL && line->high != NULL) {
      lw_set_colour (cr, line->colour, 0.2);
      lw_chart_fill_between (painter, plot, line->low, line->high);
    }
  } else if (line->raw != NULL && line->raw != line->series) {
    lw_set_colour (cr, line->colour, FAINT);
    paint_values (painter, plot, line->raw, true);
  }
  cairo_restore (cr);
}
