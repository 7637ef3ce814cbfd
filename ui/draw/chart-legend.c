/* Titles, legends and the notes beside them. */
#include "ui/draw/chart-internal.h"

#include <glib/gi18n.h>
#include <math.h>

enum { KEY = 18, KEY_GAP = 6, ITEM_GAP = 26, LEAST_LEGEND = 150, MAX_ROWS = 8 };

double
lw_chart_legend_start (const LwChartStack *stack, LwText *text, const cairo_rectangle_t *area)
{
  double start = 100.0;

  for (int c = 0; c < MIN (stack->n_charts, LW_MAX_CHARTS); c++)
    start = MAX (start, 28.0 + lw_text_width (text, LW_TEXT_NAME, stack->charts[c].title));
  /* Beside a long title there is no room: the legend goes below it. */
  if (area->width - start < LEAST_LEGEND)
    start = 0.0;
  return area->x + ceil (start);
}

/* One entry of the legend, walked from left to right and from row to row. */
typedef struct {
  const LwChartSpec *chart;
  LwText *text;
  double start, end; /* of a row */
  double x;          /* where the next entry begins */
  int row;
  int next;
  /* the current entry */
  int line, star; /* index or −1; both −1: the remark */
  const char *words;
  double entry_x, entry_width;
} LegendWalk;

static void
legend_begin (LegendWalk *walk, const LwChartSpec *chart, LwText *text, double start, double end,
              bool own_row)
{
  *walk = (LegendWalk){
    .chart = chart, .text = text, .start = start, .end = end, .x = start, .row = own_row ? 1 : 0
  };
}

static bool
legend_next (LegendWalk *walk)
{
  const LwChartSpec *chart = walk->chart;

  for (;;) {
    int i = walk->next++;

    walk->line = walk->star = -1;
    if (i < chart->n_lines) {
      walk->line = i;
      walk->words = chart->lines[i].name;
    } else if (i < chart->n_lines + chart->n_stars) {
      walk->star = i - chart->n_lines;
      walk->words = chart->stars[walk->star].text;
    } else if (i == chart->n_lines + chart->n_stars) {
      walk->words = chart->remark;
    } else {
      return false;
    }
    if (walk->words != NULL && walk->words[0] != '\0')
      break;
  }
  walk->entry_width = lw_text_width (walk->text, LW_TEXT_CAPTION, walk->words);
  if (walk->line >= 0 || walk->star >= 0)
    walk->entry_width += KEY + KEY_GAP;
  if (walk->x > walk->start && walk->x + walk->entry_width > walk->end) {
    walk->x = walk->start;
    walk->row++;
  }
  walk->entry_x = walk->x;
  walk->x += walk->entry_width + ITEM_GAP;
  return walk->row < MAX_ROWS;
}

static void
begin_for_plot (LegendWalk *walk, const LwChartStack *stack, const LwChartLayout *layout,
                LwText *text, int chart)
{
  const cairo_rectangle_t *area = &layout->area;
  const bool above = chart == 0 && stack->legend_above;

  legend_begin (walk, &stack->charts[chart], text, above ? area->x : layout->legend_x,
                area->x + area->width, !above && layout->legend_x <= area->x);
}

int
lw_chart_legend_rows (const LwChartStack *stack, int chart, LwText *text,
                      const LwChartLayout *layout)
{
  const bool above = chart == 0 && stack->legend_above;
  LegendWalk walk;
  int rows = 0;

  begin_for_plot (&walk, stack, layout, text, chart);
  while (legend_next (&walk))
    rows = walk.row + above;
  return rows;
}

/* The middle of a legend row. */
static double
row_y (const LwChartLayout *layout, int chart, int row)
{
  return layout->plots[chart].area.y + 15.0 + row * LW_CHART_LEGEND_ROW;
}

/* The row of a chart's title. */
static int
title_row (const LwChartLayout *layout, int chart)
{
  return chart == 0 ? layout->rows_above : 0;
}

bool
lw_charts_legend_at (const LwChartStack *stack, const LwChartLayout *layout, LwText *text, double x,
                     double y, int *ret_chart, int *ret_line)
{
  for (int c = 0; c < layout->n_plots; c++) {
    LegendWalk walk;

    begin_for_plot (&walk, stack, layout, text, c);
    while (legend_next (&walk)) {
      if (walk.line < 0 || fabs (y - row_y (layout, c, walk.row)) > LW_CHART_LEGEND_ROW / 2.0 ||
          x < walk.entry_x - 4.0 || x > walk.entry_x + walk.entry_width + 4.0)
        continue;
      *ret_chart = c;
      *ret_line = walk.line;
      return true;
    }
  }
  return false;
}

void
lw_chart_paint_key (const LwChartPainter *painter, const LwChartLine *line, double x, double y,
                    double width, double alpha)
{
  cairo_t *cr = painter->cr;

  cairo_save (cr);
  cairo_new_path (cr);
  if (line->form == LW_LINE_BAND || line->form == LW_LINE_RANGE) {
    cairo_rectangle (cr, x, y - 4.5, width, 9.0);
    lw_set_colour (cr, line->colour, (line->form == LW_LINE_BAND ? 0.33 : 0.2) * alpha);
    cairo_fill (cr);
  }
  lw_set_colour (cr, line->colour, alpha);
  cairo_set_line_width (cr, line->width > 0.0 ? line->width + 0.4 : 2.4);
  if (line->form != LW_LINE_POINTS) {
    lw_chart_set_dash (cr, line->dash);
    cairo_move_to (cr, x, y);
    cairo_line_to (cr, x + width, y);
    cairo_stroke (cr);
  }
  cairo_restore (cr);
  if (line->form == LW_LINE_POINTS) {
    for (int i = 0; i < 3; i++) {
      cairo_arc (cr, x + width * (i + 0.5) / 3.0, y + (i == 1 ? -2.0 : 2.0), 2.2, 0.0, 2.0 * G_PI);
      lw_set_colour (cr, line->colour, 0.8 * alpha);
      cairo_fill (cr);
    }
  }
}

/* "18 points outside": what the plot does not show. g_free. */
static char *
note_of (const LwChartPlot *plot)
{
  size_t outside = plot->n_outside - MIN (plot->n_outside, plot->n_not_positive);
  g_autofree char *one = NULL, *two = NULL;

  if (outside > 0)
    one = g_strdup_printf (ngettext ("%zu point outside", "%zu points outside", outside), outside);
  if (plot->n_not_positive > 0)
    two = g_strdup_printf (ngettext ("%zu point ≤ 0", "%zu points ≤ 0", plot->n_not_positive),
                           plot->n_not_positive);
  if (one != NULL && two != NULL)
    return g_strdup_printf ("%s, %s", one, two);
  return one != NULL ? g_steal_pointer (&one) : g_steal_pointer (&two);
}

void
lw_chart_paint_title (const LwChartPainter *painter, int chart)
{
  const LwChartSpec *spec = &painter->stack->charts[chart];
  const LwChartPlot *plot = &painter->layout->plots[chart];
  const LwTheme *theme = painter->theme;
  g_autofree char *note = note_of (plot);
  double right = painter->layout->area.x + painter->layout->area.width;
  double used = 0.0;
  LegendWalk walk;

  lw_text_paint (painter->cr, painter->text, LW_TEXT_NAME, spec->title, plot->area.x,
                 row_y (painter->layout, chart, title_row (painter->layout, chart)) +
                     lw_text_middle (LW_TEXT_NAME),
                 0.0, theme->text, 1.0);
  begin_for_plot (&walk, painter->stack, painter->layout, painter->text, chart);
  while (legend_next (&walk)) {
    double y = row_y (painter->layout, chart, walk.row), x = walk.entry_x;
    bool hidden = walk.line >= 0 && spec->lines[walk.line].hidden;

    if (walk.line >= 0) {
      const LwChartLine *line = &spec->lines[walk.line];

      lw_chart_paint_key (painter, line, x, y, KEY, hidden ? 0.35 : 1.0);
      if (!hidden)
        lw_paint_marker (painter->cr, line->marker, x + KEY / 2.0, y, line->colour,
                         painter->ground);
      x += KEY + KEY_GAP;
    } else if (walk.star >= 0) {
      LwColour colour = spec->stars[walk.star].colour;

      lw_paint_star (painter->cr, x + KEY / 2.0, y, 6.5, colour.a > 0.0 ? colour : theme->star,
                     painter->ground);
      x += KEY + KEY_GAP;
    }
    lw_text_paint (painter->cr, painter->text, LW_TEXT_CAPTION, walk.words, x,
                   y + lw_text_middle (LW_TEXT_CAPTION), 0.0, theme->dim, hidden ? 0.55 : 1.0);
    if (walk.row == 0 && title_row (painter->layout, chart) == 0)
      used = walk.entry_x + walk.entry_width;
  }
  /* The note stands at the end of the first row, or just above the plot when that is taken. */
  if (note != NULL) {
    bool beside = used + 16.0 + lw_text_width (painter->text, LW_TEXT_DETAIL, note) <= right;
    double y = beside ? row_y (painter->layout, chart, title_row (painter->layout, chart))
                      : plot->plot.y - 6.0;

    lw_text_paint (painter->cr, painter->text, LW_TEXT_DETAIL, note,
                   plot->plot.x + plot->plot.width, y + lw_text_middle (LW_TEXT_DETAIL), 1.0,
                   theme->dim, 1.0);
  }
}
