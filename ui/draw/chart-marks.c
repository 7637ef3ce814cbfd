/* What stands around and over the curves: grid, axes, events, the end of a diverged run, stars. */
#include "ui/draw/chart-internal.h"

#include <glib/gi18n.h>
#include <math.h>

/* Pixel centres, so that a line 1 px wide fills one row or column. */
static double
crisp (double pixel)
{
  return floor (pixel) + 0.5;
}

static bool
whole (double value)
{
  return fabs (value - round (value)) < 1e-6;
}

static void
vertical (const LwChartPainter *painter, const LwChartPlot *plot, double x)
{
  double pixel = crisp (lw_chart_pixel_x (painter->layout, x));

  cairo_move_to (painter->cr, pixel, plot->plot.y);
  cairo_line_to (painter->cr, pixel, plot->plot.y + plot->plot.height);
}

/* At whole epochs or iterations when there are few, else at ticks, fractions left out where whole
 * numbers are shown too. */
static void
add_vertical_grid (const LwChartPainter *painter, const LwChartPlot *plot)
{
  const LwChartLayout *layout = painter->layout;
  const LwTicks *ticks = &layout->x_ticks;
  double span = layout->x_max - layout->x_min;
  bool wholes = (painter->stack->x_whole || painter->stack->x_round) && !layout->log_x;

  if (wholes && span >= 1.0 && span <= 20.0) {
    for (double x = ceil (layout->x_min - 1e-9); x <= layout->x_max + 1e-9; x++)
      vertical (painter, plot, x);
    return;
  }
  for (int i = 0; i < ticks->n; i++) {
    if (!wholes || span < 1.0 || whole (ticks->tick[i].value))
      vertical (painter, plot, ticks->tick[i].value);
  }
}

static void
paint_x_numbers (const LwChartPainter *painter, const LwChartPlot *plot)
{
  const LwTicks *ticks = &painter->layout->x_ticks;
  double y = plot->plot.y + plot->plot.height + 12.0 + lw_text_middle (LW_TEXT_DETAIL);
  double free_from = -INFINITY;

  for (int i = 0; i < ticks->n; i++) {
    double x = lw_chart_pixel_x (painter->layout, ticks->tick[i].value);
    double half = lw_text_width (painter->text, LW_TEXT_DETAIL, ticks->tick[i].text) / 2.0;

    if (x - half < free_from)
      continue;
    free_from = x + half + 6.0;
    lw_text_paint (painter->cr, painter->text, LW_TEXT_DETAIL, ticks->tick[i].text, x, y, 0.5,
                   painter->theme->dim, 1.0);
  }
  lw_text_paint (painter->cr, painter->text, LW_TEXT_DETAIL, painter->stack->x_name,
                 plot->plot.x + plot->plot.width, y + 15.0, 1.0, painter->theme->dim, 1.0);
}

void
lw_chart_paint_grid (const LwChartPainter *painter, const LwChartPlot *plot, bool last)
{
  cairo_t *cr = painter->cr;
  const cairo_rectangle_t *area = &plot->plot;

  cairo_save (cr);
  cairo_new_path (cr);
  cairo_set_dash (cr, NULL, 0, 0.0);
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_BUTT);
  cairo_set_line_width (cr, 1.0);
  for (int i = 0; i < plot->y_ticks.n; i++) {
    const LwTick *tick = &plot->y_ticks.tick[i];
    double pixel = lw_chart_pixel_y (plot, tick->value);

    cairo_move_to (cr, area->x, crisp (pixel));
    cairo_line_to (cr, area->x + area->width, crisp (pixel));
    lw_text_paint (cr, painter->text, LW_TEXT_DETAIL, tick->text, area->x - 8.0,
                   pixel + lw_text_middle (LW_TEXT_DETAIL), 1.0, painter->theme->dim, 1.0);
    /* lw_text_paint ends the path. */
    cairo_move_to (cr, area->x, crisp (pixel));
    cairo_line_to (cr, area->x + area->width, crisp (pixel));
    lw_set_colour (cr, painter->theme->grid, 1.0);
    cairo_stroke (cr);
  }
  add_vertical_grid (painter, plot);
  lw_set_colour (cr, painter->theme->grid, 1.0);
  cairo_stroke (cr);
  cairo_move_to (cr, area->x, crisp (area->y + area->height));
  cairo_line_to (cr, area->x + area->width, crisp (area->y + area->height));
  lw_set_colour (cr, painter->theme->axis, 1.0);
  cairo_stroke (cr);
  cairo_restore (cr);
  if (last)
    paint_x_numbers (painter, plot);
}

static void
paint_diverged (const LwChartPainter *painter, const LwChartPlot *plot, bool first)
{
  cairo_t *cr = painter->cr;
  const LwChartStack *stack = painter->stack;
  LwColour red = painter->theme->error;
  double right = plot->plot.x + plot->plot.width, bottom = plot->plot.y + plot->plot.height;
  double x = lw_chart_pixel_x (painter->layout, stack->diverged_x);

  if (!(x <= right + 0.5))
    return;
  cairo_save (cr);
  cairo_new_path (cr);
  cairo_set_dash (cr, NULL, 0, 0.0);
  if (right > MAX (x, plot->plot.x)) {
    double left = MAX (x, plot->plot.x);

    cairo_save (cr);
    cairo_rectangle (cr, left, plot->plot.y, right - left, plot->plot.height);
    cairo_clip (cr);
    for (double at = left; at < right + plot->plot.height; at += 9.0) {
      cairo_move_to (cr, at, plot->plot.y);
      cairo_line_to (cr, at - plot->plot.height, bottom);
    }
    lw_set_colour (cr, red, 0.25);
    cairo_set_line_width (cr, 1.0);
    cairo_stroke (cr);
    cairo_restore (cr);
  }
  if (x >= plot->plot.x) {
    cairo_move_to (cr, round (x), plot->plot.y - 4.0);
    cairo_line_to (cr, round (x), bottom);
    lw_set_colour (cr, red, 1.0);
    cairo_set_line_width (cr, 2.0);
    cairo_stroke (cr);
  }
  if (first && stack->diverged_text != NULL) {
    g_autofree char *words = g_strconcat ("! ", stack->diverged_text, NULL);
    double width = lw_text_width (painter->text, LW_TEXT_DETAIL_BOLD, words) + 20.0;
    double left = MAX (x, plot->plot.x) + 9.0, top = plot->plot.y + 8.0;

    if (left + width > right)
      left = MAX (plot->plot.x, MIN (x - 9.0, right) - width);
    lw_path_rounded (cr, left, top, width, 20.0, 10.0);
    lw_set_colour (cr, red, 1.0);
    cairo_fill (cr);
    lw_text_paint (cr, painter->text, LW_TEXT_DETAIL_BOLD, words, left + 10.0,
                   top + 10.0 + lw_text_middle (LW_TEXT_DETAIL_BOLD), 0.0, lw_contrast (red), 1.0);
  }
  cairo_restore (cr);
}

static bool
event_visible (const LwChartPainter *painter, const LwChartPlot *plot, const LwChartEvent *event,
               double *ret_x)
{
  *ret_x = lw_chart_pixel_x (painter->layout, event->x);
  return *ret_x >= plot->plot.x - 0.5 && *ret_x <= plot->plot.x + plot->plot.width + 0.5;
}

static void
paint_event_lines (const LwChartPainter *painter, const LwChartPlot *plot)
{
  static const double dash[2] = { 3.0, 3.0 };
  cairo_t *cr = painter->cr;

  cairo_save (cr);
  cairo_new_path (cr);
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_BUTT);
  cairo_set_dash (cr, dash, 2, 0.0);
  for (int i = 0; i < painter->stack->n_events; i++) {
    const LwChartEvent *event = &painter->stack->events[i];
    double x;

    if (!event_visible (painter, plot, event, &x))
      continue;
    cairo_set_line_width (cr, event->warning ? 1.5 : 1.0);
    cairo_move_to (cr, crisp (x), plot->plot.y - (event->warning ? 4.0 : 0.0));
    cairo_line_to (cr, crisp (x), plot->plot.y + plot->plot.height);
    lw_set_colour (cr, event->warning ? painter->theme->warning : painter->theme->dim, 1.0);
    cairo_stroke (cr);
  }
  cairo_restore (cr);
}

/* Texts of events that are close stand in rows below one another, on a patch of ground, so that no
 * line runs through them. */
static void
paint_event_texts (const LwChartPainter *painter, const LwChartPlot *plot)
{
  enum { ROWS = 3 };
  double right = plot->plot.x + plot->plot.width;
  double free_from[ROWS] = { -INFINITY, -INFINITY, -INFINITY };

  for (int i = 0; i < painter->stack->n_events; i++) {
    const LwChartEvent *event = &painter->stack->events[i];
    LwTextStyle style = event->warning ? LW_TEXT_DETAIL_BOLD : LW_TEXT_DETAIL;
    double x, width, left, middle;
    int row = 0;

    if (event->text == NULL || !event_visible (painter, plot, event, &x))
      continue;
    width = lw_text_width (painter->text, style, event->text);
    left = x + 6.0 + width <= right ? x + 6.0 : x - 6.0 - width;
    while (row < ROWS - 1 && left < free_from[row])
      row++;
    /* Too many at one place: the line alone stands for it. */
    if (left < plot->plot.x || left < free_from[row])
      continue;
    free_from[row] = left + width + 8.0;
    middle = plot->plot.y + 10.0 + 15.0 * row;
    cairo_new_path (painter->cr);
    cairo_rectangle (painter->cr, left - 2.0, middle - 7.5, width + 4.0, 15.0);
    lw_set_colour (painter->cr, painter->ground, 0.85);
    cairo_fill (painter->cr);
    lw_text_paint (painter->cr, painter->text, style, event->text, left,
                   middle + lw_text_middle (style), 0.0,
                   event->warning ? painter->theme->warning : painter->theme->dim, 1.0);
  }
}

void
lw_chart_paint_marks (const LwChartPainter *painter, const LwChartPlot *plot, bool first)
{
  paint_event_lines (painter, plot);
  if (first)
    paint_event_texts (painter, plot);
  if (isfinite (painter->stack->diverged_x))
    paint_diverged (painter, plot, first);
}

void
lw_chart_paint_stars (const LwChartPainter *painter, const LwChartPlot *plot,
                      const LwChartSpec *chart)
{
  for (int i = 0; i < chart->n_stars; i++) {
    const LwChartStar *star = &chart->stars[i];
    double x = lw_chart_pixel_x (painter->layout, star->x);
    double y = lw_chart_pixel_y (plot, star->y);

    if (x >= plot->plot.x - 0.5 && x <= plot->plot.x + plot->plot.width + 0.5 &&
        y >= plot->plot.y - 0.5 && y <= plot->plot.y + plot->plot.height + 0.5)
      lw_paint_star (painter->cr, x, y, 7.5,
                     star->colour.a > 0.0 ? star->colour : painter->theme->star, painter->ground);
  }
}
