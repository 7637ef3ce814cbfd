#include "ui/draw/depth-chart.h"

#include "ui/draw/ticks.h"

#include <glib/gi18n.h>
#include <math.h>

#define HEAD_HEIGHT 24.0
#define AXIS_HEIGHT 22.0
#define LEFT        52.0
#define RIGHT       14.0
#define LINE_HEIGHT 16.0

typedef struct {
  const LwDepthChart *chart;
  cairo_rectangle_t plot;
  double min, max; /* logarithms; min > max: nothing to show */
} Layout;

static bool
is_shown (double value)
{
  return isfinite (value) && value > 0;
}

static Layout
lay_out (const LwDepthChart *chart, cairo_rectangle_t place)
{
  Layout l = { chart,
               { place.x + LEFT, place.y + HEAD_HEIGHT, place.width - LEFT - RIGHT,
                 place.height - HEAD_HEIGHT - AXIS_HEIGHT },
               INFINITY,
               -INFINITY };
  double low, high;

  for (int s = 0; s < chart->n_lines; s++)
    for (int i = 0; i < chart->n_layers; i++)
      if (is_shown (chart->lines[s].values[i])) {
        l.min = MIN (l.min, chart->lines[s].values[i]);
        l.max = MAX (l.max, chart->lines[s].values[i]);
      }
  if (l.min > l.max)
    return l;
  /* Whole decades, at least one. */
  low = floor (log10 (l.min) + 1e-9);
  high = ceil (log10 (l.max) - 1e-9);
  l.min = low;
  l.max = MAX (high, low + 1);
  return l;
}

static double
pixel_x (const Layout *l, int layer)
{
  const int n = l->chart->n_layers;

  return l->plot.x + l->plot.width * (n > 1 ? (layer + 0.5) / n : 0.5);
}

static double
pixel_y (const Layout *l, double value)
{
  return l->plot.y + l->plot.height * (1 - (log10 (value) - l->min) / (l->max - l->min));
}

static void
paint_grid (cairo_t *cr, const LwTheme *theme, LwText *text, const Layout *l)
{
  LwTicks ticks;

  lw_ticks_log (pow (10, l->min), pow (10, l->max), lw_ticks_room (l->plot.height, 22), &ticks);
  cairo_set_line_width (cr, 1);
  for (int i = 0; i < ticks.n; i++) {
    const double y = floor (pixel_y (l, ticks.tick[i].value)) + 0.5;

    if (ticks.tick[i].text[0] == '\0' || y < l->plot.y - 1)
      continue;
    lw_set_colour (cr, theme->grid, 1);
    cairo_move_to (cr, l->plot.x, y);
    cairo_line_to (cr, l->plot.x + l->plot.width, y);
    cairo_stroke (cr);
    lw_text_paint (cr, text, LW_TEXT_DETAIL, ticks.tick[i].text, l->plot.x - 8,
                   y + lw_text_middle (LW_TEXT_DETAIL), 1, theme->dim, 1);
  }
  lw_set_colour (cr, theme->axis, 1);
  cairo_move_to (cr, l->plot.x, floor (l->plot.y + l->plot.height) + 0.5);
  cairo_line_to (cr, l->plot.x + l->plot.width, floor (l->plot.y + l->plot.height) + 0.5);
  cairo_stroke (cr);
}

static void
paint_layers (cairo_t *cr, const LwTheme *theme, LwText *text, const Layout *l)
{
  const LwDepthChart *chart = l->chart;
  double used = -INFINITY;

  for (int i = 0; i < chart->n_layers; i++) {
    const double width = lw_text_width (text, LW_TEXT_DETAIL, chart->layers[i]);
    const double left = pixel_x (l, i) - width / 2;

    if (left < used + 10 || left < l->plot.x - LEFT ||
        left + width > l->plot.x + l->plot.width + RIGHT)
      continue;
    used = left + width;
    lw_text_paint (cr, text, LW_TEXT_DETAIL, chart->layers[i], left,
                   l->plot.y + l->plot.height + 13 + lw_text_middle (LW_TEXT_DETAIL), 0, theme->dim,
                   1);
  }
}

static void
paint_line (cairo_t *cr, const Layout *l, const LwDepthLine *line)
{
  double dash[4];
  const int n_dash = lw_series_dash (line->dash, dash);
  const bool markers = l->plot.width / MAX (l->chart->n_layers, 1) >= 12;
  bool open = false;

  cairo_set_dash (cr, dash, n_dash, 0);
  for (int i = 0; i < l->chart->n_layers; i++) {
    if (!is_shown (line->values[i])) {
      open = false;
      continue;
    }
    if (open)
      cairo_line_to (cr, pixel_x (l, i), pixel_y (l, line->values[i]));
    else
      cairo_move_to (cr, pixel_x (l, i), pixel_y (l, line->values[i]));
    open = true;
  }
  lw_set_colour (cr, line->colour, 1);
  cairo_set_line_width (cr, 2);
  cairo_stroke (cr);
  cairo_set_dash (cr, NULL, 0, 0);
  for (int i = 0; markers && i < l->chart->n_layers; i++)
    if (is_shown (line->values[i]))
      lw_paint_marker (cr, line->marker, pixel_x (l, i), pixel_y (l, line->values[i]), line->colour,
                       l->chart->ground);
}

static void
paint_head (cairo_t *cr, const LwTheme *theme, LwText *text, const Layout *l,
            cairo_rectangle_t place)
{
  const double middle = place.y + 9;
  double x = place.x;

  lw_text_paint (cr, text, LW_TEXT_NAME, l->chart->title, x, middle + lw_text_middle (LW_TEXT_NAME),
                 0, theme->text, 1);
  x += lw_text_width (text, LW_TEXT_NAME, l->chart->title) + 16;
  for (int i = 0; i < l->chart->n_lines; i++) {
    const LwDepthLine *line = &l->chart->lines[i];
    const double width = 26 + lw_text_width (text, LW_TEXT_CAPTION, line->name);
    double dash[4];

    if (x + width > place.x + place.width)
      break;
    cairo_set_dash (cr, dash, lw_series_dash (line->dash, dash), 0);
    cairo_move_to (cr, x, middle);
    cairo_line_to (cr, x + 20, middle);
    lw_set_colour (cr, line->colour, 1);
    cairo_set_line_width (cr, 2);
    cairo_stroke (cr);
    cairo_set_dash (cr, NULL, 0, 0);
    lw_text_paint (cr, text, LW_TEXT_CAPTION, line->name, x + 26,
                   middle + lw_text_middle (LW_TEXT_CAPTION), 0,
                   lw_colour_for_text (theme, line->colour), 1);
    x += width + 16;
  }
}

static void
paint_rule (cairo_t *cr, const Layout *l, int layer, LwColour colour)
{
  const double x = floor (pixel_x (l, layer)) + 0.5;

  if (layer < 0 || layer >= l->chart->n_layers)
    return;
  cairo_move_to (cr, x, l->plot.y);
  cairo_line_to (cr, x, l->plot.y + l->plot.height);
  lw_set_colour (cr, colour, 1);
  cairo_set_line_width (cr, 1);
  cairo_stroke (cr);
}

static char *
line_words (const LwDepthLine *line, int layer)
{
  char value[LW_TICK_TEXT];

  if (!is_shown (line->values[layer]))
    return g_strdup_printf ("%s –", line->name);
  lw_value_text (line->values[layer], value);
  return g_strdup_printf ("%s %s", line->name, value);
}

static void
paint_readout (cairo_t *cr, const LwTheme *theme, LwText *text, const Layout *l,
               cairo_rectangle_t place)
{
  const LwDepthChart *chart = l->chart;
  const double x = pixel_x (l, chart->hovered);
  const double height = 14 + LINE_HEIGHT * (chart->n_lines + 1);
  double width = lw_text_width (text, LW_TEXT_TABLE_BOLD, chart->full[chart->hovered]);
  double left, top;

  for (int i = 0; i < chart->n_lines; i++) {
    g_autofree char *words = line_words (&chart->lines[i], chart->hovered);

    width = MAX (width, lw_text_width (text, LW_TEXT_TABLE, words));
  }
  width += 20;
  left = x + 12 + width > place.x + place.width ? x - 12 - width : x + 12;
  left = MAX (left, place.x);
  top = CLAMP (l->plot.y + 4, place.y, MAX (place.y, place.y + place.height - height));
  lw_paint_card (cr, theme, left, top, width, height, 9);
  lw_text_paint (cr, text, LW_TEXT_TABLE_BOLD, chart->full[chart->hovered], left + 10,
                 top + 7 + LINE_HEIGHT / 2 + lw_text_middle (LW_TEXT_TABLE), 0, theme->text, 1);
  for (int i = 0; i < chart->n_lines; i++) {
    g_autofree char *words = line_words (&chart->lines[i], chart->hovered);

    lw_text_paint (cr, text, LW_TEXT_TABLE, words, left + 10,
                   top + 7 + LINE_HEIGHT * (i + 1.5) + lw_text_middle (LW_TEXT_TABLE), 0,
                   lw_colour_for_text (theme, chart->lines[i].colour), 1);
  }
}

void
lw_depth_chart_paint (cairo_t *cr, const LwTheme *theme, LwText *text, const LwDepthChart *chart,
                      cairo_rectangle_t place)
{
  const Layout l = lay_out (chart, place);

  cairo_save (cr);
  cairo_new_path (cr);
  paint_head (cr, theme, text, &l, place);
  if (l.min <= l.max && l.plot.height > 8 && l.plot.width > 8 && chart->n_layers > 0) {
    paint_grid (cr, theme, text, &l);
    paint_layers (cr, theme, text, &l);
    if (chart->marked >= 0)
      paint_rule (cr, &l, chart->marked, theme->accent);
    for (int i = chart->n_lines - 1; i >= 0; i--)
      paint_line (cr, &l, &chart->lines[i]);
    if (chart->hovered >= 0 && chart->hovered < chart->n_layers) {
      paint_rule (cr, &l, chart->hovered, theme->dim);
      paint_readout (cr, theme, text, &l, place);
    }
  }
  cairo_restore (cr);
}

int
lw_depth_chart_at (const LwDepthChart *chart, cairo_rectangle_t place, double x, double y)
{
  const Layout l = lay_out (chart, place);

  if (chart->n_layers < 1 || l.min > l.max || x < l.plot.x || x > l.plot.x + l.plot.width ||
      y < l.plot.y || y > place.y + place.height)
    return -1;
  return CLAMP ((int)((x - l.plot.x) / l.plot.width * chart->n_layers), 0, chart->n_layers - 1);
}

char *
lw_depth_chart_describe (const LwDepthChart *chart)
{
  GString *words = g_string_new (chart->title);

  for (int s = 0; s < chart->n_lines; s++) {
    const LwDepthLine *line = &chart->lines[s];
    int first = -1, last = -1;
    char values[2][LW_TICK_TEXT];

    for (int i = 0; i < chart->n_layers; i++)
      if (is_shown (line->values[i])) {
        first = first < 0 ? i : first;
        last = i;
      }
    if (first < 0)
      continue;
    lw_value_text (line->values[first], values[0]);
    lw_value_text (line->values[last], values[1]);
    g_string_append (words, "; ");
    g_string_append_printf (words, _ ("%s: %s %s to %s %s"), line->name, chart->layers[first],
                            values[0], chart->layers[last], values[1]);
  }
  return g_string_free (words, FALSE);
}
