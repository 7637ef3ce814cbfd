#include "ui/draw/histogram.h"

#include "ui/draw/ticks.h"

#include <glib/gi18n.h>
#include <math.h>

#define AXIS_HEIGHT 18.0

size_t
lw_histogram_count (const float *values, size_t n, double min, double max, int n_bins,
                    double *ret_counts)
{
  size_t outside = 0;

  for (int i = 0; i < n_bins; i++)
    ret_counts[i] = 0.0;
  for (size_t i = 0; i < n; i++) {
    if (!isfinite (values[i]))
      continue;
    if (values[i] < min || values[i] > max || !(max > min)) {
      outside++;
      continue;
    }
    ret_counts[MIN ((int)((values[i] - min) / (max - min) * n_bins), n_bins - 1)]++;
  }
  return outside;
}

void
lw_histogram_moments (const float *values, size_t n, double *ret_mean, double *ret_deviation)
{
  /* Welford's update: stable where the deviation is small beside the mean. */
  double mean = 0.0, squares = 0.0;
  size_t finite = 0;

  for (size_t i = 0; i < n; i++) {
    double from_old;

    if (!isfinite (values[i]))
      continue;
    finite++;
    from_old = values[i] - mean;
    mean += from_old / finite;
    squares += from_old * (values[i] - mean);
  }
  *ret_mean = finite > 0 ? mean : NAN;
  *ret_deviation = finite > 0 ? sqrt (squares / finite) : NAN;
}

typedef struct {
  cairo_t *cr;
  const LwHistogram *histogram;
  cairo_rectangle_t plot;
  double highest; /* density at the plot's top */
} Painter;

static double
pixel_x (const Painter *painter, double value)
{
  const LwHistogram *h = painter->histogram;

  return painter->plot.x + painter->plot.width * (value - h->min) / (h->max - h->min);
}

static double
total_of (const LwHistogramShape *shape)
{
  double total = 0.0;

  for (int i = 0; i < shape->n_bins; i++)
    total += shape->counts[i];
  return total;
}

/* Density of a bin but for the axis's length, which all shapes share. */
static double
density (const LwHistogramShape *shape, double total, int bin)
{
  return total > 0.0 ? shape->counts[bin] / total * shape->n_bins : 0.0;
}

static double
top_of (const Painter *painter, const LwHistogramShape *shape, double total, int bin)
{
  double share = painter->highest > 0.0 ? density (shape, total, bin) / painter->highest : 0.0;

  return painter->plot.y + painter->plot.height * (1.0 - share);
}

static void
paint_bars (const Painter *painter, const LwHistogramShape *shape)
{
  double step = painter->plot.width / shape->n_bins, total = total_of (shape);
  double gap = step >= 3.0 ? 1.0 : 0.0, bottom = painter->plot.y + painter->plot.height;

  for (int i = 0; i < shape->n_bins; i++) {
    double top = top_of (painter, shape, total, i);

    /* One value among millions is still a bar. */
    if (shape->counts[i] > 0.0)
      cairo_rectangle (painter->cr, painter->plot.x + i * step, MIN (top, bottom - 1.0), step - gap,
                       MAX (bottom - top, 1.0));
  }
  lw_set_colour (painter->cr, shape->colour, 0.78);
  cairo_fill (painter->cr);
}

static void
paint_steps (const Painter *painter, const LwHistogramShape *shape)
{
  static const double dash[2] = { 4.0, 2.0 };
  cairo_t *cr = painter->cr;
  double step = painter->plot.width / shape->n_bins, total = total_of (shape);
  double bottom = painter->plot.y + painter->plot.height;

  cairo_move_to (cr, painter->plot.x, bottom);
  for (int i = 0; i < shape->n_bins; i++) {
    double top = top_of (painter, shape, total, i);

    cairo_line_to (cr, painter->plot.x + i * step, top);
    cairo_line_to (cr, painter->plot.x + (i + 1) * step, top);
  }
  cairo_line_to (cr, painter->plot.x + painter->plot.width, bottom);
  if (shape->form == LW_HISTOGRAM_FILLED) {
    lw_set_colour (cr, shape->colour, 0.33);
    cairo_fill_preserve (cr);
  } else {
    cairo_set_dash (cr, dash, 2, 0.0);
  }
  lw_set_colour (cr, shape->colour, 1.0);
  cairo_set_line_width (cr, 1.5);
  cairo_stroke (cr);
  cairo_set_dash (cr, NULL, 0, 0.0);
}

static void
paint_mark (const Painter *painter, const LwHistogramShape *shape)
{
  static const double dash[2] = { 5.0, 3.0 };
  double x = pixel_x (painter, shape->mark);

  if (!(x >= painter->plot.x && x <= painter->plot.x + painter->plot.width))
    return;
  if (shape->form == LW_HISTOGRAM_OUTLINE)
    cairo_set_dash (painter->cr, dash, 2, 0.0);
  cairo_move_to (painter->cr, x, painter->plot.y - 4.0);
  cairo_line_to (painter->cr, x, painter->plot.y + painter->plot.height);
  lw_set_colour (painter->cr, shape->colour, 1.0);
  cairo_set_line_width (painter->cr, 2.0);
  cairo_stroke (painter->cr);
  cairo_set_dash (painter->cr, NULL, 0, 0.0);
}

static void
paint_number (const Painter *painter, const LwTheme *theme, LwText *text, const char *words,
              double x, double align)
{
  lw_text_paint (painter->cr, text, LW_TEXT_DETAIL, words, x,
                 painter->plot.y + painter->plot.height + 10.0 + lw_text_middle (LW_TEXT_DETAIL),
                 align, theme->dim, 1.0);
}

static void
paint_end_numbers (const Painter *painter, const LwTheme *theme, LwText *text)
{
  const LwHistogram *h = painter->histogram;
  char low[LW_TICK_TEXT], high[LW_TICK_TEXT];
  double used, x0;

  lw_value_text_fixed (h->min, 2, low);
  lw_value_text_fixed (h->max, 2, high);
  paint_number (painter, theme, text, low, painter->plot.x, 0.0);
  paint_number (painter, theme, text, high, painter->plot.x + painter->plot.width, 1.0);
  if (!(h->min < 0.0 && h->max > 0.0))
    return;
  x0 = pixel_x (painter, 0.0);
  used =
      MAX (painter->plot.x + lw_text_width (text, LW_TEXT_DETAIL, low) - x0,
           x0 - painter->plot.x - painter->plot.width + lw_text_width (text, LW_TEXT_DETAIL, high));
  if (used < -8.0)
    paint_number (painter, theme, text, "0", x0, 0.5);
}

static void
paint_tick_numbers (const Painter *painter, const LwTheme *theme, LwText *text)
{
  const LwHistogram *h = painter->histogram;
  LwTicks ticks;

  lw_ticks_linear (h->min, h->max, lw_ticks_room (painter->plot.width, 44.0), false, true, &ticks);
  for (int i = 0; i < ticks.n; i++) {
    double x = pixel_x (painter, ticks.tick[i].value);

    paint_number (painter, theme, text, ticks.tick[i].text, x, 0.5);
    cairo_move_to (painter->cr, floor (x) + 0.5, painter->plot.y);
    cairo_line_to (painter->cr, floor (x) + 0.5, painter->plot.y + painter->plot.height);
    lw_set_colour (painter->cr, theme->grid, 1.0);
    cairo_set_line_width (painter->cr, 1.0);
    cairo_stroke (painter->cr);
  }
}

static void
paint_lines (const Painter *painter, const LwTheme *theme)
{
  static const double dash[2] = { 2.0, 2.0 };
  double bottom = floor (painter->plot.y + painter->plot.height) + 0.5;

  cairo_set_line_width (painter->cr, 1.0);
  lw_set_colour (painter->cr, theme->axis, 1.0);
  cairo_move_to (painter->cr, painter->plot.x, bottom);
  cairo_line_to (painter->cr, painter->plot.x + painter->plot.width, bottom);
  cairo_stroke (painter->cr);
  if (painter->histogram->zero_line && painter->histogram->min < 0.0 &&
      painter->histogram->max > 0.0) {
    double x = floor (pixel_x (painter, 0.0)) + 0.5;

    cairo_set_dash (painter->cr, dash, 2, 0.0);
    cairo_move_to (painter->cr, x, painter->plot.y - 4.0);
    cairo_line_to (painter->cr, x, bottom);
    cairo_stroke (painter->cr);
    cairo_set_dash (painter->cr, NULL, 0, 0.0);
  }
}

void
lw_histogram_paint (cairo_t *cr, const LwTheme *theme, LwText *text, const LwHistogram *histogram,
                    cairo_rectangle_t place)
{
  Painter painter = { .cr = cr, .histogram = histogram, .plot = place };

  painter.plot.height = floor (place.height - AXIS_HEIGHT);
  if (painter.plot.height < 4.0 || place.width < 8.0 || !(histogram->max > histogram->min) ||
      !isfinite (histogram->max - histogram->min))
    return;
  for (int s = 0; s < histogram->n_shapes; s++) {
    double total = total_of (&histogram->shapes[s]);

    for (int i = 0; i < histogram->shapes[s].n_bins; i++)
      painter.highest = MAX (painter.highest, density (&histogram->shapes[s], total, i));
  }
  cairo_save (cr);
  cairo_new_path (cr);
  cairo_set_dash (cr, NULL, 0, 0.0);
  if (histogram->ends_only)
    paint_end_numbers (&painter, theme, text);
  else
    paint_tick_numbers (&painter, theme, text);
  for (int s = 0; s < histogram->n_shapes; s++) {
    const LwHistogramShape *shape = &histogram->shapes[s];

    if (shape->n_bins < 1 || !(total_of (shape) > 0.0))
      continue;
    if (shape->form == LW_HISTOGRAM_BARS)
      paint_bars (&painter, shape);
    else
      paint_steps (&painter, shape);
  }
  paint_lines (&painter, theme);
  for (int s = 0; s < histogram->n_shapes; s++)
    paint_mark (&painter, &histogram->shapes[s]);
  cairo_restore (cr);
}

char *
lw_histogram_describe (const char *title, double mean, double deviation)
{
  char words[2][LW_TICK_TEXT];

  lw_value_text_fixed (mean, 2, words[0]);
  lw_value_text_fixed (deviation, 2, words[1]);
  return g_strdup_printf (_ ("%s, mean %s, deviation %s"), title, words[0], words[1]);
}
