#include "ui/draw/bn-bands.h"

#include "ui/draw/bn-bands-private.h"
#include "ui/draw/shapes.h"

#include <glib/gi18n.h>
#include <math.h>
#include <stdlib.h>

#define NUMBERS    40.0 /* left of each plot */
#define LEGEND     24.0
#define TITLE      LW_BN_TITLE
#define BOTTOM     32.0
#define RECENT     0.40 /* of the width */
#define MOST_PEAKS 0.03 /* of the values may lie above the axis */

/* --- layout */

static int
ascending (const void *a, const void *b)
{
  const double x = *(const double *)a, y = *(const double *)b;

  return (x > y) - (x < y);
}

static void
take_in (const float *values, int n, double *low, double *high)
{
  for (int i = 0; values != NULL && i < n; i++) {
    if (!isfinite (values[i]))
      continue;
    *low = MIN (*low, (double)values[i]);
    *high = MAX (*high, (double)values[i]);
  }
}

/* Where rare peaks would flatten all else: above what all but a few stay below. */
static double
leave_out_peaks (const LwBnBand *row, int n, double highest)
{
  g_autofree double *sorted = g_new (double, MAX (n, 1));
  double most = 0;
  int count = 0;

  for (int i = 0; row->high != NULL && i < n; i++)
    if (isfinite (row->high[i]))
      sorted[count++] = (double)row->high[i];
  if (count < 20)
    return highest;
  qsort (sorted, (size_t)count, sizeof *sorted, ascending);
  most = sorted[MIN ((int)((1 - MOST_PEAKS) * count), count - 1)];
  for (int i = 0; row->running != NULL && i < n; i++) /* the line is all in view, but its start */
    if (i >= n / 20 && isfinite (row->running[i]))
      most = MAX (most, (double)row->running[i]);
  return highest > 1.5 * most ? 1.1 * most : highest;
}

static void
set_range (LwBnPlot *plot, const LwBnBand *row, double low, double high)
{
  const int most = lw_ticks_room (plot->plot.height, 20.0);

  if (isfinite (row->start)) {
    low = MIN (low, row->start);
    high = MAX (high, row->start);
  }
  if (!(high >= low)) {
    low = 0;
    high = 1;
  }
  if (high - low < 1e-6 * MAX (1.0, fabs (high))) {
    low -= 0.5;
    high += 0.5;
  }
  lw_ticks_round_linear (&low, &high, MAX (most, 2));
  plot->y_min = low;
  plot->y_max = high;
  lw_ticks_linear (low, high, MAX (most, 2), false, false, &plot->ticks);
}

static void
range_run (LwBnPlot *plot, const LwBnBands *bands, const LwBnBand *row)
{
  const float *const series[] = { row->low, row->high, row->batch, row->running };
  double low = INFINITY, high = -INFINITY;

  for (guint i = 0; i < G_N_ELEMENTS (series); i++)
    take_in (series[i], bands->n, &low, &high);
  if (row->never_negative) {
    low = MIN (low, 0);
    high = leave_out_peaks (row, bands->n, high);
  }
  set_range (plot, row, low, high);
  for (int i = 0; row->high != NULL && i < bands->n; i++)
    plot->outside += (double)row->high[i] > plot->y_max;
  plot->x_min = 0;
  plot->x_max = bands->n > 0 ? bands->epochs[bands->n - 1] : 1;
  if (!(plot->x_max > 0))
    plot->x_max = 1;
}

static void
range_recent (LwBnPlot *plot, const LwBnBands *bands, const LwBnBand *row)
{
  LwBnBand free_row = *row;
  double low = INFINITY, high = -INFINITY;

  take_in (row->recent, bands->n_recent, &low, &high);
  take_in (row->recent_running, bands->n_recent, &low, &high);
  free_row.start = NAN;
  set_range (plot, &free_row, low, high);
  plot->x_min = bands->n_recent > 0 ? (double)bands->steps[0] : 0;
  plot->x_max = bands->n_recent > 0 ? (double)bands->steps[bands->n_recent - 1] : 1;
  if (!(plot->x_max > plot->x_min)) {
    plot->x_min -= 0.5;
    plot->x_max += 0.5;
  }
}

void
lw_bn_bands_layout (const LwBnBands *bands, cairo_rectangle_t area, LwBnBandsLayout *ret_layout)
{
  const double height =
      (area.height - LEGEND - BOTTOM) / MAX (bands->n_rows, 1); /* a row with its title */
  const bool recent = bands->rows[0].recent != NULL;
  const double right = recent ? floor (area.width * RECENT) : 0, left = area.width - right;

  *ret_layout = (LwBnBandsLayout){ .area = area };
  for (int i = 0; i < bands->n_rows; i++) {
    const double top = area.y + LEGEND + i * height + TITLE;
    LwBnPlot *plots = ret_layout->plots[i];

    plots[0].plot = (cairo_rectangle_t){ area.x + NUMBERS, floor (top), MAX (left - NUMBERS - 8, 0),
                                         MAX (floor (height - TITLE - 8), 0) };
    plots[1].plot = (cairo_rectangle_t){ area.x + left + NUMBERS + 6, floor (top),
                                         MAX (right - NUMBERS - 12, 0), plots[0].plot.height };
    range_run (&plots[0], bands, &bands->rows[i]);
    range_recent (&plots[1], bands, &bands->rows[i]);
  }
}

static double
pixel_y (const LwBnPlot *plot, double y)
{
  return plot->plot.y + plot->plot.height * (1 - (y - plot->y_min) / (plot->y_max - plot->y_min));
}

/* --- painting */

typedef struct {
  cairo_t *cr;
  const LwTheme *theme;
  LwText *text;
  const LwBnBands *bands;
  const LwBnBandsLayout *layout;
} Painter;

static void
paint_axes (const Painter *p, const LwBnPlot *plot)
{
  const double right = plot->plot.x + plot->plot.width;

  cairo_set_line_width (p->cr, 1);
  for (int i = 0; i < plot->ticks.n; i++) {
    const double y = floor (pixel_y (plot, plot->ticks.tick[i].value)) + 0.5;
    const bool lowest = i == 0;

    lw_set_colour (p->cr, lowest ? p->theme->axis : p->theme->grid, 1);
    cairo_move_to (p->cr, plot->plot.x, y);
    cairo_line_to (p->cr, right, y);
    cairo_stroke (p->cr);
    lw_text_paint (p->cr, p->text, LW_TEXT_DETAIL, plot->ticks.tick[i].text, plot->plot.x - 6,
                   y + lw_text_middle (LW_TEXT_DETAIL), 1, p->theme->dim, 1);
  }
}

static void
paint_start (const Painter *p, const LwBnPlot *plot, const LwBnBand *row)
{
  static const double dash[] = { 2, 3 };
  const double y = floor (pixel_y (plot, row->start)) + 0.5;

  if (!isfinite (row->start))
    return;
  cairo_set_dash (p->cr, dash, 2, 0);
  cairo_set_line_width (p->cr, 1);
  cairo_move_to (p->cr, plot->plot.x, y);
  cairo_line_to (p->cr, plot->plot.x + plot->plot.width, y);
  lw_set_colour (p->cr, p->theme->dim, 0.8);
  cairo_stroke (p->cr);
  cairo_set_dash (p->cr, NULL, 0, 0);
}

static void
paint_line (const Painter *p, const LwBnPlot *plot, const double *epochs, const int64_t *steps,
            const float *values, int n, LwColour colour, double width, double alpha)
{
  bool open = false;

  for (int i = 0; values != NULL && i < n; i++) {
    const double x = lw_bn_plot_x (plot, epochs != NULL ? epochs[i] : (double)steps[i]);

    if (!isfinite (values[i])) {
      open = false;
      continue;
    }
    if (open)
      cairo_line_to (p->cr, x, pixel_y (plot, (double)values[i]));
    else
      cairo_move_to (p->cr, x, pixel_y (plot, (double)values[i]));
    open = true;
  }
  lw_set_colour (p->cr, colour, alpha);
  cairo_set_line_width (p->cr, width);
  cairo_set_line_join (p->cr, CAIRO_LINE_JOIN_ROUND);
  cairo_stroke (p->cr);
}

/* A strip a pixel high at least, so that a quiet stretch stays in view. */
static void
paint_band (const Painter *p, const LwBnPlot *plot, const LwBnBand *row)
{
  if (row->low == NULL || row->high == NULL)
    return;
  for (int i = 0; i < p->bands->n; i++)
    if (isfinite (row->high[i]))
      cairo_line_to (p->cr, lw_bn_plot_x (plot, p->bands->epochs[i]),
                     pixel_y (plot, (double)row->high[i]) - 0.5);
  for (int i = p->bands->n; i-- > 0;)
    if (isfinite (row->low[i]))
      cairo_line_to (p->cr, lw_bn_plot_x (plot, p->bands->epochs[i]),
                     pixel_y (plot, (double)row->low[i]) + 0.5);
  cairo_close_path (p->cr);
  lw_set_colour (p->cr, p->theme->series[0], 0.34);
  cairo_fill (p->cr);
}

static void
paint_dots (const Painter *p, const LwBnPlot *plot, const LwBnBand *row)
{
  for (int i = 0; i < p->bands->n_recent; i++) {
    if (!isfinite (row->recent[i]))
      continue;
    cairo_new_sub_path (p->cr);
    cairo_arc (p->cr, lw_bn_plot_x (plot, (double)p->bands->steps[i]),
               pixel_y (plot, (double)row->recent[i]), 2.3, 0, 2 * G_PI);
  }
  lw_set_colour (p->cr, p->theme->series[0], 0.75);
  cairo_fill (p->cr);
}

static void
clip_to (const Painter *p, const LwBnPlot *plot)
{
  cairo_save (p->cr);
  cairo_rectangle (p->cr, plot->plot.x - 3, plot->plot.y - 3, plot->plot.width + 6,
                   plot->plot.height + 6);
  cairo_clip (p->cr);
}

/* The run went on from here, but that is not what is looked at. */
static void
paint_until (const Painter *p, const LwBnPlot *plot)
{
  const double x = floor (lw_bn_plot_x (plot, p->bands->until)) + 0.5;

  if (!isfinite (p->bands->until))
    return;
  cairo_rectangle (p->cr, x, plot->plot.y - 3, plot->plot.x + plot->plot.width + 3 - x,
                   plot->plot.height + 6);
  lw_set_colour (p->cr, p->theme->canvas, 0.78);
  cairo_fill (p->cr);
  cairo_set_line_width (p->cr, 1);
  cairo_move_to (p->cr, x, plot->plot.y);
  cairo_line_to (p->cr, x, plot->plot.y + plot->plot.height);
  lw_set_colour (p->cr, p->theme->accent, 1);
  cairo_stroke (p->cr);
}

static void
paint_row (const Painter *p, int index)
{
  const LwBnBand *row = &p->bands->rows[index];
  const LwBnPlot *run = &p->layout->plots[index][0], *recent = &p->layout->plots[index][1];
  const double baseline = run->plot.y - 10;
  const LwColour *series = p->theme->series;

  lw_text_paint (p->cr, p->text, LW_TEXT_NAME, row->title, p->layout->area.x, baseline, 0,
                 p->theme->text, 1);
  if (run->outside > 0) {
    g_autofree char *words = g_strdup_printf (
        ngettext ("%d stretch outside", "%d stretches outside", (gulong)run->outside),
        run->outside);

    lw_text_paint (p->cr, p->text, LW_TEXT_DETAIL, words, run->plot.x + run->plot.width, baseline,
                   1, p->theme->dim, 1);
  }
  paint_axes (p, run);
  paint_start (p, run, row);
  clip_to (p, run);
  paint_band (p, run, row);
  paint_line (p, run, p->bands->epochs, NULL, row->batch, p->bands->n,
              row->running != NULL ? series[0] : series[2], row->running != NULL ? 1 : 2,
              row->running != NULL ? 0.8 : 1);
  paint_line (p, run, p->bands->epochs, NULL, row->running, p->bands->n, series[1], 2, 1);
  paint_until (p, run);
  cairo_restore (p->cr);
  if (row->recent == NULL)
    return;
  if (index == 0)
    lw_text_paint (p->cr, p->text, LW_TEXT_CAPTION, p->bands->names[2], recent->plot.x, baseline, 0,
                   p->theme->dim, 1);
  paint_axes (p, recent);
  clip_to (p, recent);
  paint_dots (p, recent, row);
  paint_line (p, recent, NULL, p->bands->steps, row->recent_running, p->bands->n_recent, series[1],
              2, 1);
  cairo_restore (p->cr);
}

static void
paint_x_axes (const Painter *p)
{
  const LwBnPlot *run = &p->layout->plots[p->bands->n_rows - 1][0], *recent = run + 1;
  const double bottom = run->plot.y + run->plot.height;
  const double numbers = bottom + 11 + lw_text_middle (LW_TEXT_DETAIL), names = numbers + 13;
  char text[LW_TICK_TEXT];
  LwTicks ticks;

  lw_ticks_linear (run->x_min, run->x_max, lw_ticks_room (run->plot.width, 52), false, true,
                   &ticks);
  for (int i = 0; i < ticks.n; i++)
    lw_text_paint (p->cr, p->text, LW_TEXT_DETAIL, ticks.tick[i].text,
                   lw_bn_plot_x (run, ticks.tick[i].value), numbers, 0.5, p->theme->dim, 1);
  lw_text_paint (p->cr, p->text, LW_TEXT_DETAIL, _ ("epoch"), run->plot.x + run->plot.width, names,
                 1, p->theme->dim, 1);
  if (p->bands->rows[0].recent == NULL || p->bands->n_recent == 0)
    return;
  lw_position_text ((double)p->bands->steps[0], text);
  lw_text_paint (p->cr, p->text, LW_TEXT_DETAIL, text, recent->plot.x, numbers, 0, p->theme->dim,
                 1);
  lw_position_text ((double)p->bands->steps[p->bands->n_recent - 1], text);
  lw_text_paint (p->cr, p->text, LW_TEXT_DETAIL, text, recent->plot.x + recent->plot.width, numbers,
                 1, p->theme->dim, 1);
  lw_text_paint (p->cr, p->text, LW_TEXT_DETAIL, _ ("iteration"),
                 recent->plot.x + recent->plot.width, names, 1, p->theme->dim, 1);
}

static void
paint_legend (const Painter *p)
{
  const double y = p->layout->area.y + LEGEND / 2 - 2;
  const double baseline = y + lw_text_middle (LW_TEXT_CAPTION);
  double x = p->layout->area.x;

  if (p->bands->rows[0].running == NULL)
    return;
  cairo_rectangle (p->cr, x, y - 5, 22, 10);
  lw_set_colour (p->cr, p->theme->series[0], 0.34);
  cairo_fill (p->cr);
  cairo_rectangle (p->cr, x, y - 0.75, 22, 1.5);
  lw_set_colour (p->cr, p->theme->series[0], 1);
  cairo_fill (p->cr);
  lw_text_paint (p->cr, p->text, LW_TEXT_CAPTION, p->bands->names[0], x + 28, baseline, 0,
                 p->theme->text, 1);
  x += 28 + lw_text_width (p->text, LW_TEXT_CAPTION, p->bands->names[0]) + 18;
  cairo_rectangle (p->cr, x, y - 1, 22, 2);
  lw_set_colour (p->cr, p->theme->series[1], 1);
  cairo_fill (p->cr);
  lw_text_paint (p->cr, p->text, LW_TEXT_CAPTION, p->bands->names[1], x + 28, baseline, 0,
                 p->theme->text, 1);
}

/* --- the rule */

static void
paint_rule (const Painter *p)
{
  int row, column;
  const int at = lw_bn_bands_point (p->bands, p->layout, &row, &column);
  g_autofree char *words = at >= 0 ? lw_bn_bands_readout (p->bands, p->layout) : NULL;
  const cairo_rectangle_t *area = &p->layout->area;
  double x, width, left;

  if (words == NULL)
    return;
  x = floor (lw_bn_plot_x (&p->layout->plots[row][column],
                           column == 0 ? p->bands->epochs[at] : (double)p->bands->steps[at])) +
      0.5;
  lw_set_colour (p->cr, p->theme->text, 0.55);
  cairo_set_line_width (p->cr, 1);
  for (int i = 0; i < p->bands->n_rows; i++) {
    const cairo_rectangle_t *plot = &p->layout->plots[i][column].plot;

    cairo_move_to (p->cr, x, plot->y);
    cairo_line_to (p->cr, x, plot->y + plot->height);
  }
  cairo_stroke (p->cr);
  width = lw_text_width (p->text, LW_TEXT_CAPTION, words) + 18;
  left = CLAMP (x - width / 2, area->x, MAX (area->x, area->x + area->width - width));
  {
    const double top = MAX (p->layout->plots[row][column].plot.y - 24, area->y);

    lw_paint_card (p->cr, p->theme, left, top, width, 22, 6);
    lw_text_paint (p->cr, p->text, LW_TEXT_CAPTION, words, left + 9,
                   top + 11 + lw_text_middle (LW_TEXT_CAPTION), 0, p->theme->text, 1);
  }
}

void
lw_bn_bands_paint (cairo_t *cr, const LwTheme *theme, LwText *text, const LwBnBands *bands,
                   const LwBnBandsLayout *layout)
{
  const Painter painter = { cr, theme, text, bands, layout };

  if (bands->n_rows < 1 || layout->plots[0][0].plot.width < 20 ||
      layout->plots[0][0].plot.height < 12)
    return;
  cairo_save (cr);
  cairo_new_path (cr);
  cairo_set_dash (cr, NULL, 0, 0);
  paint_legend (&painter);
  for (int i = 0; i < bands->n_rows; i++)
    paint_row (&painter, i);
  paint_x_axes (&painter);
  paint_rule (&painter);
  cairo_restore (cr);
}
