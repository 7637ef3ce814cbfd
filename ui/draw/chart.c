/* Painting a whole stack, on the screen and as a document, and its description in words. */
#include "ui/draw/chart-internal.h"

#include <glib/gi18n.h>
#include <inttypes.h>
#include <math.h>

/* A plot smaller than this shows nothing that could be read. */
#define LEAST_PLOT 12.0

static void
paint_chart (const LwChartPainter *painter, int index)
{
  const LwChartSpec *chart = &painter->stack->charts[index];
  const LwChartPlot *plot = &painter->layout->plots[index];
  bool first = index == 0, last = index == painter->layout->n_plots - 1;

  lw_chart_paint_title (painter, index);
  lw_chart_paint_grid (painter, plot, last);
  for (int pass = LW_PASS_BEHIND; pass <= LW_PASS_MARKERS; pass++) {
    /* Events lie under the curves but over their raw values. */
    if (pass == LW_PASS_LINE)
      lw_chart_paint_marks (painter, plot, first);
    for (int i = 0; i < chart->n_lines; i++)
      lw_chart_paint_line (painter, plot, chart, &chart->lines[i], pass);
  }
  lw_chart_paint_stars (painter, plot, chart);
  if (plot->empty && chart->empty_text != NULL) {
    LwTextStyle style = LW_TEXT_BODY;

    if (lw_text_width (painter->text, style, chart->empty_text) > plot->plot.width)
      style = LW_TEXT_DETAIL;
    lw_text_paint (painter->cr, painter->text, style, chart->empty_text,
                   plot->plot.x + plot->plot.width / 2.0,
                   plot->plot.y + plot->plot.height / 2.0 + lw_text_middle (style), 0.5,
                   painter->theme->dim, 1.0);
  }
}

void
lw_charts_paint (cairo_t *cr, const LwTheme *theme, LwText *text, const LwChartStack *stack,
                 const LwChartLayout *layout, LwColour ground)
{
  const LwChartPainter painter = { cr, theme, text, stack, layout, ground };

  cairo_save (cr);
  cairo_rectangle (cr, layout->area.x, layout->area.y, layout->area.width, layout->area.height);
  cairo_clip (cr);
  for (int c = 0; c < layout->n_plots; c++) {
    if (layout->plots[c].plot.width >= LEAST_PLOT && layout->plots[c].plot.height >= LEAST_PLOT)
      paint_chart (&painter, c);
  }
  cairo_restore (cr);
  /* Outside of the clip: the table may reach beyond the charts, up to its bounds. */
  if (layout->n_plots > 0 && layout->plots[0].plot.height >= LEAST_PLOT)
    lw_chart_paint_readout (&painter);
}

static bool
has_words (const char *words)
{
  return words != NULL && words[0] != '\0';
}

void
lw_charts_paint_document (cairo_t *cr, LwText *text, const LwChartStack *stack, double width,
                          double height, const LwChartDocument *document)
{
  const LwTheme *theme = lw_theme (document->dark);
  const double margin = 24.0;
  LwChartStack still = *stack;
  LwChartLayout layout;
  double y = margin;

  still.rule_x = NAN;
  cairo_save (cr);
  if (!document->transparent) {
    cairo_rectangle (cr, 0.0, 0.0, width, height);
    lw_set_colour (cr, theme->canvas, 1.0);
    cairo_fill (cr);
  }
  if (has_words (document->heading)) {
    lw_text_paint (cr, text, LW_TEXT_HEADING, document->heading, margin,
                   y + lw_text_size (LW_TEXT_HEADING), 0.0, theme->text, 1.0);
    y += 26.0;
  }
  if (has_words (document->subheading)) {
    lw_text_paint (cr, text, LW_TEXT_CAPTION, document->subheading, margin,
                   y + lw_text_size (LW_TEXT_CAPTION), 0.0, theme->dim, 1.0);
    y += 22.0;
  }
  lw_charts_layout (&still, text,
                    (cairo_rectangle_t){ margin, y, width - 2.0 * margin, height - y - 12.0 },
                    &layout);
  lw_charts_paint (cr, theme, text, &still, &layout, theme->canvas);
  cairo_restore (cr);
}

/* --- words -------------------------------------------------------------------------------------
 */

double
lw_chart_decades (const LwChartLine *lines, int n_lines)
{
  double low = INFINITY, high = 0.0;

  for (int i = 0; i < n_lines; i++) {
    const LwChartLine *line = &lines[i];
    const LwSeries *const all[] = { line->raw != NULL ? line->raw : line->series, line->low,
                                    line->high };

    for (guint s = 0; s < G_N_ELEMENTS (all) && !line->hidden; s++) {
      const size_t n = all[s] != NULL ? lw_series_length (all[s]) : 0;
      const LwExtremes extremes = n > 0 ? lw_series_extremes (all[s], 0, n) : (LwExtremes){ 0 };

      if (extremes.n == 0)
        continue;
      if (extremes.min > 0.0)
        low = fmin (low, extremes.min);
      high = fmax (high, extremes.max);
    }
  }
  return high > low ? log10 (high / low) : 0.0;
}

char *
lw_chart_log_remark (double decades)
{
  return g_strdup_printf (_ ("logarithmic, because the loss spans %.0f decades"), floor (decades));
}

char *
lw_chart_diverged_text (int64_t last_step)
{
  return g_strdup_printf (_ ("loss not finite from iteration %" PRId64 " on"), last_step + 1);
}

static size_t
last_finite (const LwSeries *series)
{
  size_t i = lw_series_length (series);

  while (i > 0 && !isfinite (lw_series_y (series)[i - 1]))
    i--;
  return i;
}

char *
lw_chart_describe (const LwChartStack *stack, int chart)
{
  const LwChartSpec *spec = &stack->charts[chart];
  g_autoptr (GString) words = g_string_new (NULL);
  double x = NAN;

  /* Translators: %s is a chart's title, "Loss". */
  g_string_append_printf (words, _ ("%s chart"), spec->title != NULL ? spec->title : "");
  for (int i = 0; i < spec->n_lines; i++) {
    const LwChartLine *line = &spec->lines[i];
    size_t after = line->series != NULL && !line->hidden ? last_finite (line->series) : 0;
    char value[LW_TICK_TEXT];

    if (after == 0)
      continue;
    x = fmax (x, lw_series_x (line->series)[after - 1]);
    lw_value_text_fixed (lw_series_y (line->series)[after - 1], 2, value);
    g_string_append_printf (words, ", %s %s", line->name != NULL ? line->name : "", value);
  }
  if (isnan (x)) {
    g_string_append_printf (words, ", %s", _ ("no values yet"));
  } else if (stack->x_name != NULL) {
    char place[LW_TICK_TEXT];

    lw_value_text_fixed (x, x == round (x) ? 0 : 1, place);
    g_string_append_printf (words, ", %s %s", stack->x_name, place);
  }
  if (isfinite (stack->diverged_x) && stack->diverged_text != NULL)
    g_string_append_printf (words, ", %s", stack->diverged_text);
  return g_string_free (g_steal_pointer (&words), FALSE);
}
