/* Ranges, ticks and rectangles of a stack of charts. */
#include "ui/draw/chart-internal.h"

#include <float.h>
#include <math.h>

/* Beyond this, differences of doubles and 24.8 fixed point pixels lose their meaning. */
#define HUGE_DATA 1e100
/* Between the numbers of an axis. */
#define Y_SPACING   18.0
#define LOG_SPACING 34.0
#define X_SPACING   72.0

void
lw_chart_stack_init (LwChartStack *stack)
{
  *stack = (LwChartStack){
    .x = { .min = NAN, .max = NAN },
    .diverged_x = NAN,
    .rule_x = NAN,
    .pointer_y = NAN,
  };
}

static const LwSeries *
raw_of (const LwChartLine *line)
{
  return line->raw != NULL ? line->raw : line->series;
}

/* --- ranges */

static void
order_range (double *min, double *max, bool log)
{
  *min = CLAMP (*min, log ? 1.0 / HUGE_DATA : -HUGE_DATA, HUGE_DATA);
  *max = CLAMP (*max, log ? 1.0 / HUGE_DATA : -HUGE_DATA, HUGE_DATA);
  if (*max <= *min)
    *max = log ? *min * 10.0 : *min + MAX (1.0, fabs (*min) * 1e-6);
}

static double
fixed_end (const LwChartAxis *axis, double end)
{
  return isfinite (end) && (!axis->log || end > 0.0) ? end : NAN;
}

static void
find_x_range (const LwChartStack *stack, LwChartLayout *layout)
{
  const LwChartAxis *axis = &stack->x;
  double min = NAN, max = NAN;

  /* Hidden lines count: toggling one in the legend must not move the others. */
  for (int c = 0; c < layout->n_plots; c++) {
    for (int i = 0; i < stack->charts[c].n_lines; i++) {
      const LwSeries *series = raw_of (&stack->charts[c].lines[i]);
      size_t n = series != NULL ? lw_series_length (series) : 0;
      size_t first = n > 0 && axis->log ? lw_series_upper_bound (series, 0.0) : 0;

      if (first >= n)
        continue;
      min = fmin (min, lw_series_x (series)[first]);
      max = fmax (max, lw_series_x (series)[n - 1]);
    }
  }
  if (!axis->log || stack->diverged_x > 0.0)
    max = fmax (max, stack->diverged_x);
  if (stack->x_round && isfinite (max))
    max = ceil (max - 1e-9);
  if (isfinite (fixed_end (axis, axis->min)))
    min = axis->min;
  if (isfinite (fixed_end (axis, axis->max)))
    max = axis->max;
  if (isnan (min))
    min = axis->log ? 1.0 : isnan (max) ? 0.0 : MIN (0.0, max - 1.0);
  if (isnan (max))
    max = axis->log ? min * 10.0 : min + 1.0;
  order_range (&min, &max, axis->log);
  layout->x_min = min;
  layout->x_max = max;
  layout->log_x = axis->log;
}

static void
take_series_range (const LwSeries *series, const LwChartLayout *layout, bool log, double *min,
                   double *max)
{
  LwExtremes extremes = lw_series_extremes_in (series, layout->x_min, layout->x_max);

  if (extremes.n == 0)
    return;
  if (log && extremes.min <= 0.0) {
    if (extremes.max <= 0.0)
      return;
    extremes.min = lw_series_lowest_above (series, layout->x_min, layout->x_max, 0.0);
  }
  *min = fmin (*min, extremes.min);
  *max = fmax (*max, extremes.max);
}

static void
find_y_range (const LwChartSpec *chart, const LwChartLayout *layout, LwChartPlot *plot)
{
  const LwChartAxis *axis = &chart->y;
  double fixed_min = fixed_end (axis, axis->min), fixed_max = fixed_end (axis, axis->max);
  double min = NAN, max = NAN;

  for (int i = 0; i < chart->n_lines; i++) {
    const LwChartLine *line = &chart->lines[i];

    if (line->hidden || line->series == NULL)
      continue;
    take_series_range (line->series, layout, axis->log, &min, &max);
    if (line->raw != NULL && line->raw != line->series)
      take_series_range (line->raw, layout, axis->log, &min, &max);
    if (line->form == LW_LINE_RANGE && line->low != NULL && line->high != NULL) {
      take_series_range (line->low, layout, axis->log, &min, &max);
      take_series_range (line->high, layout, axis->log, &min, &max);
    }
  }
  if (axis->zero && !axis->log && !isnan (min)) {
    min = fmin (min, 0.0);
    max = fmax (max, 0.0);
  }
  if (!isnan (fixed_min))
    min = fixed_min;
  if (!isnan (fixed_max))
    max = fixed_max;
  if (isnan (min))
    min = axis->log ? (isnan (max) ? 0.1 : max / 10.0) : isnan (max) ? 0.0 : MIN (0.0, max - 1.0);
  if (isnan (max))
    max = axis->log ? min * 10.0 : min + 1.0;
  /* A curve that never changes lies in the middle, not on the axis. */
  if (min == max && isnan (fixed_min) && isnan (fixed_max)) {
    double half = MAX (fabs (min) * 0.1, min == 0.0 ? 1.0 : 0.0);

    min = axis->log ? min / 2.0 : min - half;
    max = axis->log ? max * 2.0 : max + half;
  }
  order_range (&min, &max, axis->log);
  plot->y_min = min;
  plot->y_max = max;
  if (axis->log)
    lw_ticks_round_log (&plot->y_min, &plot->y_max);
  else
    lw_ticks_round_linear (&plot->y_min, &plot->y_max,
                           lw_ticks_room (plot->plot.height, Y_SPACING));
  if (!isnan (fixed_min))
    plot->y_min = min;
  if (!isnan (fixed_max))
    plot->y_max = max;
  plot->log_y = axis->log;
}

static void
count_points (const LwChartSpec *chart, const LwChartLayout *layout, LwChartPlot *plot)
{
  double slack = plot->log_y ? 0.0 : (plot->y_max - plot->y_min) * 1e-9;

  plot->empty = true;
  plot->n_outside = plot->n_not_positive = 0;
  for (int i = 0; i < chart->n_lines; i++) {
    const LwChartLine *line = &chart->lines[i];
    const LwSeries *series = raw_of (line);

    if (series == NULL || lw_series_length (series) == 0)
      continue;
    plot->empty = false;
    if (line->hidden)
      continue;
    plot->n_outside += lw_series_count_outside (series, layout->x_min, layout->x_max,
                                                plot->y_min - slack, plot->y_max + slack);
    if (plot->log_y)
      plot->n_not_positive +=
          lw_series_count_outside (series, layout->x_min, layout->x_max, DBL_TRUE_MIN, DBL_MAX);
  }
}

/* --- rectangles */

static double
weight_of (const LwChartSpec *chart)
{
  return chart->weight > 0.0 && isfinite (chart->weight) ? chart->weight : 1.0;
}

/* Sets areas and the heights of plots; their x and width follow when the y numbers are known. */
static void
place_rows (const LwChartStack *stack, LwText *text, LwChartLayout *layout)
{
  const cairo_rectangle_t *area = &layout->area;
  double weights = 0.0, titles = 0.0, y = area->y, room;
  double title[LW_MAX_CHARTS];

  layout->rows_above = stack->legend_above ? lw_chart_legend_rows (stack, 0, text, layout) : 0;

  for (int c = 0; c < layout->n_plots; c++) {
    int rows = c == 0 && stack->legend_above ? layout->rows_above
                                             : lw_chart_legend_rows (stack, c, text, layout);

    title[c] = LW_CHART_TITLE_HEIGHT + rows * LW_CHART_LEGEND_ROW;
    titles += title[c];
    weights += weight_of (&stack->charts[c]);
  }
  room = area->height - titles - LW_CHART_BOTTOM - (layout->n_plots - 1) * LW_CHART_GAP;
  for (int c = 0; c < layout->n_plots; c++) {
    LwChartPlot *plot = &layout->plots[c];
    bool last = c == layout->n_plots - 1;
    double height = floor (MAX (0.0, room) * weight_of (&stack->charts[c]) / weights);

    plot->plot.y = y + title[c];
    plot->plot.height = height;
    plot->area = (cairo_rectangle_t){ area->x, y, area->width,
                                      title[c] + height + (last ? LW_CHART_BOTTOM : LW_CHART_GAP) };
    y += plot->area.height;
  }
}

static void
find_ticks (const LwChartStack *stack, LwText *text, LwChartLayout *layout)
{
  double left = 40.0, right = 6.0, width, span = layout->x_max - layout->x_min;
  int room;

  for (int c = 0; c < layout->n_plots; c++) {
    LwChartPlot *plot = &layout->plots[c];
    int most = lw_ticks_room (plot->plot.height, Y_SPACING);

    if (plot->log_y)
      lw_ticks_log (plot->y_min, plot->y_max, lw_ticks_room (plot->plot.height, LOG_SPACING),
                    &plot->y_ticks);
    else
      lw_ticks_linear (plot->y_min, plot->y_max, most, false, false, &plot->y_ticks);
    for (int i = 0; i < plot->y_ticks.n; i++)
      left = MAX (left, 8.0 + lw_text_width (text, LW_TEXT_DETAIL, plot->y_ticks.tick[i].text));
  }
  left = ceil (left);
  width = MAX (0.0, layout->area.width - left - right);
  room = lw_ticks_room (width, X_SPACING);
  /* A dozen epochs or iterations are all numbered where there is room: none looks left out. */
  if ((stack->x_whole || stack->x_round) && span >= 4.0 && span <= 12.0 && width >= 42.0 * span)
    room = (int)span + 1;
  if (layout->log_x)
    lw_ticks_log (layout->x_min, layout->x_max, room, &layout->x_ticks);
  else
    lw_ticks_linear (layout->x_min, layout->x_max, room,
                     stack->x_whole || lw_ticks_step (span, room, false) > 1.0, true,
                     &layout->x_ticks);
  /* The last number is centred on its place, often the very end of the axis. */
  if (layout->x_ticks.n > 0)
    right = MAX (right, ceil (lw_text_width (text, LW_TEXT_DETAIL,
                                             layout->x_ticks.tick[layout->x_ticks.n - 1].text) /
                              2.0));
  for (int c = 0; c < layout->n_plots; c++) {
    cairo_rectangle_t *plot = &layout->plots[c].plot;

    plot->x = layout->area.x + left;
    plot->width = MAX (0.0, floor (layout->area.width - left - right));
  }
}

void
lw_charts_layout (const LwChartStack *stack, LwText *text, cairo_rectangle_t area,
                  LwChartLayout *ret_layout)
{
  *ret_layout = (LwChartLayout){ .area = area };
  ret_layout->n_plots = CLAMP (stack->n_charts, 0, LW_MAX_CHARTS);
  ret_layout->area.width = MAX (0.0, area.width);
  ret_layout->area.height = MAX (0.0, area.height);
  find_x_range (stack, ret_layout);
  if (ret_layout->n_plots == 0)
    return;
  ret_layout->legend_x = lw_chart_legend_start (stack, text, &ret_layout->area);
  place_rows (stack, text, ret_layout);
  for (int c = 0; c < ret_layout->n_plots; c++) {
    find_y_range (&stack->charts[c], ret_layout, &ret_layout->plots[c]);
    count_points (&stack->charts[c], ret_layout, &ret_layout->plots[c]);
  }
  find_ticks (stack, text, ret_layout);
}

/* --- data and pixels */

static double
share_of (double value, double min, double max, bool log)
{
  if (!log)
    return (value - min) / (max - min);
  return value > 0.0 ? log10 (value / min) / log10 (max / min) : NAN;
}

static double
value_of (double share, double min, double max, bool log)
{
  return log ? min * pow (max / min, share) : min + share * (max - min);
}

double
lw_chart_pixel_x (const LwChartLayout *layout, double x)
{
  const cairo_rectangle_t *plot = &layout->plots[0].plot;

  return plot->x + plot->width * share_of (x, layout->x_min, layout->x_max, layout->log_x);
}

double
lw_chart_data_x (const LwChartLayout *layout, double pixel_x)
{
  const cairo_rectangle_t *plot = &layout->plots[0].plot;

  if (!(plot->width > 0.0))
    return NAN;
  return value_of ((pixel_x - plot->x) / plot->width, layout->x_min, layout->x_max, layout->log_x);
}

double
lw_chart_pixel_y (const LwChartPlot *plot, double y)
{
  return plot->plot.y +
         plot->plot.height * (1.0 - share_of (y, plot->y_min, plot->y_max, plot->log_y));
}

double
lw_chart_data_y (const LwChartPlot *plot, double pixel_y)
{
  if (!(plot->plot.height > 0.0))
    return NAN;
  return value_of (1.0 - (pixel_y - plot->plot.y) / plot->plot.height, plot->y_min, plot->y_max,
                   plot->log_y);
}

int
lw_charts_at (const LwChartLayout *layout, double x, double y)
{
  for (int c = 0; c < layout->n_plots; c++) {
    const cairo_rectangle_t *area = &layout->plots[c].area;

    if (x >= area->x && x < area->x + area->width && y >= area->y && y < area->y + area->height)
      return c;
  }
  return -1;
}
