#include "ui/draw/schedule-plot.h"

#include "ui/draw/setting-words.h"
#include "ui/draw/shapes.h"
#include "ui/draw/ticks.h"

#include <glib/gi18n.h>
#include <math.h>

#define LEFT   52.0
#define RIGHT  12.0
#define TOP    20.0
#define BOTTOM 38.0
#define JUMP   6.0

/* As people type a rate: "0.8", "3e-04". */
static void
rate_text (double rate, char text[LW_TICK_TEXT])
{
  g_ascii_formatd (text, LW_TICK_TEXT, "%.3g", rate);
}

static int
compare_rates (gconstpointer a, gconstpointer b)
{
  const double x = *(const double *)a, y = *(const double *)b;

  return (x > y) - (x < y);
}

/* The rate that is not exceeded for this share of the run. */
static double
quantile (const LwSchedulePlot *plot, double share)
{
  enum { N = 200 };
  const double epochs = plot->points[plot->n_points - 1].epoch;
  double rates[N];

  for (int i = 0; i < N; i++)
    rates[i] = lw_schedule_plot_rate (plot, epochs * (i + 0.5) / N);
  qsort (rates, N, sizeof rates[0], compare_rates);
  return rates[MIN ((int)(share * N), N - 1)];
}

static void
extremes (const LwSchedulePlot *plot, double *ret_least, double *ret_most)
{
  *ret_least = HUGE_VAL;
  *ret_most = 0;
  for (int i = 0; i < plot->n_points; i++) {
    *ret_most = MAX (*ret_most, plot->points[i].rate);
    if (plot->points[i].rate > 0)
      *ret_least = MIN (*ret_least, plot->points[i].rate);
  }
}

bool
lw_schedule_plot_wants_log (const LwSchedulePlot *plot)
{
  double least, most, low;

  if (plot->n_points < 2)
    return false;
  extremes (plot, &least, &most);
  low = quantile (plot, 0.19); /* a fifth, less what sampling may miss */
  return low > 0 && most / low >= 30;
}

double
lw_schedule_plot_rate (const LwSchedulePlot *plot, double epoch)
{
  int i = 0;

  if (plot->n_points < 1)
    return 0;
  while (i + 1 < plot->n_points && plot->points[i + 1].epoch <= epoch)
    i++;
  return plot->points[i].rate;
}

LwScheduleArea
lw_schedule_plot_area (const LwSchedulePlot *plot, double width, double height)
{
  LwScheduleArea area = { .x = LEFT,
                          .y = TOP,
                          .width = MAX (width - LEFT - RIGHT, 1),
                          .height = MAX (height - TOP - BOTTOM, 1),
                          .epochs = 1,
                          .high = 1 };
  double least, most;

  if (plot->n_points < 2)
    return area;
  area.epochs = MAX (plot->points[plot->n_points - 1].epoch, 1e-9);
  extremes (plot, &least, &most);
  if (!(most > 0))
    return area;
  area.high = most;
  if (plot->log) {
    area.low = least < most ? MAX (least, most * 1e-6) : most / 10;
    lw_ticks_round_log (&area.low, &area.high);
  } else {
    lw_ticks_round_linear (&area.low, &area.high, 5);
  }
  return area;
}

static double
x_of (const LwScheduleArea *area, double epoch)
{
  return area->x + area->width * CLAMP (epoch / area->epochs, 0, 1);
}

static double
y_of (const LwSchedulePlot *plot, const LwScheduleArea *area, double rate)
{
  double share;

  if (plot->log)
    share = rate > 0 ? log (rate / area->low) / log (area->high / area->low) : 0;
  else
    share = (rate - area->low) / (area->high - area->low);
  return area->y + area->height * (1 - CLAMP (share, 0, 1));
}

static void
paint_line (cairo_t *cr, double x0, double y0, double x1, double y1)
{
  cairo_move_to (cr, x0, y0);
  cairo_line_to (cr, x1, y1);
  cairo_stroke (cr);
}

static void
paint_axes (cairo_t *cr, LwText *text, const LwTheme *theme, const LwSchedulePlot *plot,
            const LwScheduleArea *area)
{
  const double bottom = area->y + area->height;
  LwTicks x, y;

  lw_ticks_linear (0, area->epochs, lw_ticks_room (area->width, 60), false, true, &x);
  if (plot->log)
    lw_ticks_log (area->low, area->high, 5, &y);
  else
    lw_ticks_linear (area->low, area->high, 5, false, true, &y);
  cairo_set_line_width (cr, 1);
  for (int i = 0; i < y.n; i++) {
    const double at = floor (y_of (plot, area, y.tick[i].value)) + 0.5;

    lw_set_colour (cr, theme->grid, 1);
    paint_line (cr, area->x, at, area->x + area->width, at);
    lw_text_paint (cr, text, LW_TEXT_DETAIL, y.tick[i].text, area->x - 8,
                   at + lw_text_middle (LW_TEXT_DETAIL), 1, theme->dim, 1);
  }
  for (int i = 0; i < x.n; i++)
    lw_text_paint (cr, text, LW_TEXT_DETAIL, x.tick[i].text, x_of (area, x.tick[i].value),
                   bottom + 16, 0.5, theme->dim, 1);
  lw_set_colour (cr, theme->axis, 1);
  paint_line (cr, area->x, floor (bottom) + 0.5, area->x + area->width, floor (bottom) + 0.5);
  lw_text_paint (cr, text, LW_TEXT_DETAIL, _ ("epoch"), area->x + area->width, bottom + 32, 1,
                 theme->dim, 1);
}

/* A step's rate holds until the next: a jump is upright, however long a step is. */
static void
path_rates (cairo_t *cr, const LwSchedulePlot *plot, const LwScheduleArea *area)
{
  double last = 0;

  for (int i = 0; i < plot->n_points; i++) {
    const double x = x_of (area, plot->points[i].epoch);
    const double y = y_of (plot, area, plot->points[i].rate);

    if (i > 0 && fabs (y - last) > JUMP)
      cairo_line_to (cr, x, last);
    cairo_line_to (cr, x, y);
    last = y;
  }
}

static void
paint_rates (cairo_t *cr, const LwTheme *theme, const LwSchedulePlot *plot,
             const LwScheduleArea *area)
{
  const double bottom = area->y + area->height;

  cairo_move_to (cr, area->x, bottom);
  path_rates (cr, plot, area);
  cairo_line_to (cr, area->x + area->width, bottom);
  cairo_close_path (cr);
  lw_set_colour (cr, theme->series[0], 0.12);
  cairo_fill (cr);
  path_rates (cr, plot, area);
  lw_set_colour (cr, theme->series[0], 1);
  cairo_set_line_width (cr, 2);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  cairo_stroke (cr);
}

static void
paint_changes (cairo_t *cr, const LwTheme *theme, const LwSchedulePlot *plot,
               const LwScheduleArea *area)
{
  const double dash[] = { 3, 3 };

  cairo_save (cr);
  cairo_set_dash (cr, dash, 2, 0);
  cairo_set_line_width (cr, 1);
  lw_set_colour (cr, theme->dim, 1);
  for (guint i = 0; i < plot->n_events; i++) {
    const double x = floor (x_of (area, plot->events[i].epoch)) + 0.5;

    paint_line (cr, x, area->y, x, area->y + area->height);
  }
  cairo_restore (cr);
}

static void
paint_now (cairo_t *cr, LwText *text, const LwTheme *theme, const LwSchedulePlot *plot,
           const LwScheduleArea *area)
{
  const double x = x_of (area, plot->now), rate = lw_schedule_plot_rate (plot, plot->now);
  char number[LW_TICK_TEXT];
  double left;

  rate_text (rate, number);
  left = CLAMP (x - lw_text_width (text, LW_TEXT_DETAIL_BOLD, number) / 2, area->x,
                area->x + area->width - lw_text_width (text, LW_TEXT_DETAIL_BOLD, number));
  lw_set_colour (cr, theme->accent, 1);
  cairo_set_line_width (cr, 1);
  paint_line (cr, floor (x) + 0.5, area->y, floor (x) + 0.5, area->y + area->height);
  lw_paint_marker (cr, LW_MARKER_DOT, x, y_of (plot, area, rate), theme->accent, theme->card);
  lw_text_paint (cr, text, LW_TEXT_DETAIL_BOLD, number, left, area->y - 6, 0, theme->text, 1);
}

void
lw_schedule_plot_paint (cairo_t *cr, LwText *text, const LwTheme *theme, const LwSchedulePlot *plot,
                        double width, double height)
{
  const LwScheduleArea area = lw_schedule_plot_area (plot, width, height);

  if (plot->n_points < 2)
    return;
  paint_axes (cr, text, theme, plot, &area);
  paint_rates (cr, theme, plot, &area);
  paint_changes (cr, theme, plot, &area);
  if (plot->now >= 0)
    paint_now (cr, text, theme, plot, &area);
}

char *
lw_schedule_plot_describe (const LwSchedulePlot *plot)
{
  GString *words = g_string_new (NULL);
  const LwRatePoint *last;
  char first[LW_TICK_TEXT], most[LW_TICK_TEXT], end[LW_TICK_TEXT], epochs[LW_TICK_TEXT];
  double least_rate, most_rate;

  if (plot->n_points < 2)
    return g_string_free (words, FALSE);
  last = &plot->points[plot->n_points - 1];
  extremes (plot, &least_rate, &most_rate);
  rate_text (plot->points[0].rate, first);
  rate_text (most_rate, most);
  rate_text (last->rate, end);
  lw_position_text (last->epoch, epochs);
  if (plot->points[0].rate == last->rate && most_rate == last->rate &&
      (least_rate == most_rate || most_rate == 0))
    g_string_append_printf (words, _ ("%s over all %s epochs."), first, epochs);
  else if (most_rate > MAX (plot->points[0].rate, last->rate))
    g_string_append_printf (words, _ ("From %s over at most %s to %s after %s epochs."), first,
                            most, end, epochs);
  else
    g_string_append_printf (words, _ ("From %s to %s after %s epochs."), first, end, epochs);
  if (plot->now >= 0) {
    char rate[LW_TICK_TEXT], now[LW_TICK_TEXT];

    rate_text (lw_schedule_plot_rate (plot, plot->now), rate);
    lw_position_text (plot->now, now);
    g_string_append_printf (words, _ (" Now, at epoch %s: %s."), now, rate);
  }
  for (guint i = 0; i < plot->n_events; i++) {
    g_autofree char *change = lw_setting_change_text (&plot->events[i]);
    char epoch[LW_TICK_TEXT];

    lw_position_text (plot->events[i].epoch, epoch);
    g_string_append_printf (words, _ (" Epoch %s: %s."), epoch, change);
  }
  return g_string_free (words, FALSE);
}
