#include "ui/draw/probabilities.h"

#include "ui/draw/answers.h"
#include "ui/draw/shapes.h"
#include "ui/draw/ticks.h"

#include <glib/gi18n.h>
#include <math.h>

#define LEFT       30.0
#define BOTTOM     20.0
#define TOP        8.0
#define NAME_GAP   8.0
#define MOST_OTHER 64
#define FAINT      0.02 /* others that never reach this are not drawn */

typedef struct {
  double x, y, width, height; /* of the plot */
  double first, last;         /* epochs at its sides */
} Plot;

static Plot
plot_of (const LwProbabilities *p, LwText *text, cairo_rectangle_t area)
{
  double names = lw_text_width (text, LW_TEXT_DETAIL_BOLD, p->names[p->label]);
  Plot plot = { area.x + LEFT, area.y + TOP, 0, area.height - TOP - BOTTOM, 0, 1 };

  names = MAX (names, lw_text_width (text, LW_TEXT_DETAIL_BOLD, p->names[p->predicted]));
  plot.width = MAX (area.width - LEFT - names - NAME_GAP - 2, 20);
  if (p->n > 0) {
    plot.first = p->epochs[0];
    plot.last = MAX (p->epochs[p->n - 1], plot.first + 1e-9);
  }
  return plot;
}

static double
x_of (const Plot *plot, double epoch)
{
  if (plot->last - plot->first < 1e-6)
    return plot->x + plot->width / 2;
  return plot->x + plot->width * (epoch - plot->first) / (plot->last - plot->first);
}

static double
y_of (const Plot *plot, double share)
{
  return plot->y + plot->height * (1 - share);
}

static void
paint_axes (cairo_t *cr, const LwTheme *theme, LwText *text, const LwProbabilities *p,
            const Plot *plot)
{
  static const struct {
    double value;
    const char *words;
  } lines[] = { { 0, "0.0" }, { 0.5, "0.5" }, { 1, "1.0" } };
  LwTicks ticks;

  cairo_set_line_width (cr, 1);
  for (guint i = 0; i < G_N_ELEMENTS (lines); i++) {
    const double y = floor (y_of (plot, lines[i].value)) + 0.5;

    lw_set_colour (cr, i == 0 ? theme->axis : theme->grid, 1);
    cairo_move_to (cr, plot->x, y);
    cairo_line_to (cr, plot->x + plot->width, y);
    cairo_stroke (cr);
    lw_text_paint (cr, text, LW_TEXT_DETAIL, lines[i].words, plot->x - 7,
                   y + lw_text_middle (LW_TEXT_DETAIL), 1, theme->dim, 1);
  }
  if (p->n == 1) {
    char words[LW_TICK_TEXT];

    lw_position_text (p->epochs[0], words);
    lw_text_paint (cr, text, LW_TEXT_DETAIL, words, x_of (plot, p->epochs[0]),
                   plot->y + plot->height + 15, 0.5, theme->dim, 1);
    return;
  }
  if (p->n == 0)
    return;
  lw_ticks_linear (plot->first, plot->last, MIN (8, MAX (2, (int)(plot->width / 40))), true, true,
                   &ticks);
  for (int i = 0; i < ticks.n; i++)
    lw_text_paint (cr, text, LW_TEXT_DETAIL, ticks.tick[i].text, x_of (plot, ticks.tick[i].value),
                   plot->y + plot->height + 15, 0.5, theme->dim, 1);
}

static float
value_at (const LwProbabilities *p, int32_t i, int32_t label)
{
  return p->values[(gsize)i * (gsize)p->classes + (gsize)label];
}

static void
path (cairo_t *cr, const LwProbabilities *p, const Plot *plot, int32_t label)
{
  bool pen_down = false;

  for (int32_t i = 0; i < p->n; i++) {
    const float value = value_at (p, i, label);

    if (isnan (value)) {
      pen_down = false;
      continue;
    }
    if (pen_down)
      cairo_line_to (cr, x_of (plot, p->epochs[i]), y_of (plot, (double)value));
    else
      cairo_move_to (cr, x_of (plot, p->epochs[i]), y_of (plot, (double)value));
    pen_down = true;
  }
}

static bool
matters (const LwProbabilities *p, int32_t label)
{
  for (int32_t i = 0; i < p->n; i++)
    if (value_at (p, i, label) >= (float)FAINT)
      return true;
  return false;
}

static void
paint_class (cairo_t *cr, const LwTheme *theme, const LwProbabilities *p, const Plot *plot,
             int32_t label, LwColour colour, bool dashed)
{
  path (cr, p, plot, label);
  cairo_set_line_width (cr, 2);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  lw_set_colour (cr, colour, 1);
  if (dashed)
    cairo_set_dash (cr, (double[]){ 6, 4 }, 2, 0);
  cairo_stroke (cr);
  cairo_set_dash (cr, NULL, 0, 0);
  if (p->n == 1 && !isnan (value_at (p, 0, label)))
    lw_paint_marker (cr, dashed ? LW_MARKER_CIRCLE : LW_MARKER_DOT, x_of (plot, p->epochs[0]),
                     y_of (plot, (double)value_at (p, 0, label)), colour, theme->canvas);
}

/* The names stand where their lines end, a line's height apart. */
static void
paint_names (cairo_t *cr, const LwTheme *theme, LwText *text, const LwProbabilities *p,
             const Plot *plot)
{
  const float label = value_at (p, p->n - 1, p->label);
  const float predicted = value_at (p, p->n - 1, p->predicted);
  double y[2] = { y_of (plot, isnan (label) ? 0 : (double)label),
                  y_of (plot, isnan (predicted) ? 0 : (double)predicted) };
  const double x = plot->x + plot->width + NAME_GAP, overlap = 14 - fabs (y[0] - y[1]);

  if (p->label != p->predicted) {
    if (overlap > 0) {
      y[0] += y[0] >= y[1] ? overlap / 2 : -overlap / 2;
      y[1] += y[0] >= y[1] ? -overlap / 2 : overlap / 2;
    }
    lw_text_paint (cr, text, LW_TEXT_DETAIL_BOLD, p->names[p->predicted], x,
                   y[1] + lw_text_middle (LW_TEXT_DETAIL), 0,
                   lw_colour_for_text (theme, lw_answer_predicted_colour (theme)), 1);
  }
  lw_text_paint (cr, text, LW_TEXT_DETAIL_BOLD, p->names[p->label], x,
                 y[0] + lw_text_middle (LW_TEXT_DETAIL), 0,
                 lw_colour_for_text (theme, lw_answer_label_colour (theme)), 1);
}

void
lw_probabilities_paint (cairo_t *cr, const LwTheme *theme, LwText *text, const LwProbabilities *p,
                        cairo_rectangle_t area)
{
  const Plot plot = plot_of (p, text, area);
  int others = 0;

  paint_axes (cr, theme, text, p, &plot);
  if (p->n == 0)
    return;
  for (int32_t c = 0; c < p->classes && others < MOST_OTHER; c++) {
    if (c == p->label || c == p->predicted || !matters (p, c))
      continue;
    path (cr, p, &plot, c);
    others++;
  }
  cairo_set_line_width (cr, 1);
  lw_set_colour (cr, theme->dim, 0.45);
  cairo_stroke (cr);
  if (!isnan (p->rule)) {
    const double x = floor (x_of (&plot, p->rule)) + 0.5;

    cairo_set_dash (cr, (double[]){ 2, 3 }, 2, 0);
    lw_set_colour (cr, theme->accent, 1);
    cairo_set_line_width (cr, 1.5);
    cairo_move_to (cr, x, plot.y - 4);
    cairo_line_to (cr, x, plot.y + plot.height);
    cairo_stroke (cr);
    cairo_set_dash (cr, NULL, 0, 0);
  }
  paint_class (cr, theme, p, &plot, p->label, lw_answer_label_colour (theme), false);
  if (p->predicted != p->label)
    paint_class (cr, theme, p, &plot, p->predicted, lw_answer_predicted_colour (theme), true);
  paint_names (cr, theme, text, p, &plot);
}

char *
lw_probabilities_describe (const LwProbabilities *p)
{
  const int32_t classes[] = { p->predicted, p->label };
  GString *words = g_string_new (NULL);

  for (int i = p->predicted == p->label; i < 2 && p->n > 0; i++) {
    if (words->len > 0)
      g_string_append (words, "; ");
    g_string_append_printf (words, _ ("%s: %.2f in epoch %.4g, %.2f in epoch %.4g"),
                            p->names[classes[i]], (double)value_at (p, 0, classes[i]), p->epochs[0],
                            (double)value_at (p, p->n - 1, classes[i]), p->epochs[p->n - 1]);
  }
  return g_string_free (words, FALSE);
}

int32_t
lw_probabilities_at (const LwProbabilities *p, LwText *text, cairo_rectangle_t area, double x)
{
  const Plot plot = plot_of (p, text, area);
  int32_t nearest = p->n > 0 ? 0 : -1;

  for (int32_t i = 1; i < p->n; i++)
    if (fabs (x_of (&plot, p->epochs[i]) - x) < fabs (x_of (&plot, p->epochs[nearest]) - x))
      nearest = i;
  return nearest;
}
