/* Where parameters or MACs go: a bar for each network. */
#include "ui/draw/compare-private.h"
#include "ui/draw/shapes.h"

#include <glib/gi18n.h>
#include <math.h>

#define TITLE  16.0 /* height of a bar's title line */
#define BAR    18.0
#define LEAD   5.0  /* title to bar */
#define AFTER  10.0 /* bar to the next title */
#define SPLIT  2.0  /* between kinds */
#define LEAST  3.0  /* what is there is seen */
#define LEGEND 20.0

static void
shares (const LwGraph *graph, bool by_macs, int64_t ret[LW_N_KINDS])
{
  if (!by_macs) {
    lw_compare_parameters_by_kind (graph, ret);
    return;
  }
  for (int i = 0; i < LW_N_KINDS; i++)
    ret[i] = 0;
  for (LwNodeId i = 0; i < lw_graph_n_nodes (graph); i++)
    ret[lw_op_info (lw_graph_node (graph, i)->op)->kind] += lw_node_cost (graph, i).macs;
}

static int64_t
total_of (const int64_t values[LW_N_KINDS])
{
  int64_t total = 0;
  for (int i = 0; i < LW_N_KINDS; i++)
    total += values[i];
  return total;
}

static const char *
kind_name (int kind)
{
  switch (kind) {
  case LW_KIND_CONVOLUTION:
    return _ ("convolution");
  case LW_KIND_LINEAR:
    return _ ("linear");
  case LW_KIND_NORMALIZATION:
    return _ ("normalization");
  default:
    return _ ("other");
  }
}

/* Every kind that is there takes at least LEAST; the largest gives what that needs. */
static void
paint_bar (cairo_t *cr, const LwTheme *theme, const int64_t values[LW_N_KINDS], double y,
           double length)
{
  const double total = (double)total_of (values);
  double widths[LW_N_KINDS] = { 0 }, sum = 0, x = 0;
  int largest = 0;
  for (int i = 0; i < LW_N_KINDS; i++) {
    if (values[i] == 0)
      continue;
    widths[i] = fmax (LEAST, length * (double)values[i] / total - SPLIT);
    sum += widths[i] + SPLIT;
    if (values[i] > values[largest])
      largest = i;
  }
  widths[largest] = fmax (widths[largest] - fmax (sum - SPLIT - length, 0), LEAST);
  for (int i = 0; i < LW_N_KINDS; i++) {
    if (values[i] == 0)
      continue;
    lw_path_rounded (cr, x, y, widths[i], BAR, 4);
    lw_set_colour (cr, theme->kind_line[i], 1);
    cairo_fill (cr);
    x += widths[i] + SPLIT;
  }
}

static double
paint_legend (cairo_t *cr, const LwTheme *theme, LwText *text, const bool used[LW_N_KINDS],
              double y)
{
  double x = 0;
  for (int i = 0; i < LW_N_KINDS; i++) {
    if (!used[i])
      continue;
    if (cr != NULL) {
      lw_path_rounded (cr, x, y + 5, 10, 10, 3);
      lw_set_colour (cr, theme->kind_line[i], 1);
      cairo_fill (cr);
      lw_text_paint (cr, text, LW_TEXT_CAPTION, kind_name (i), x + 16,
                     y + 10 + lw_text_middle (LW_TEXT_CAPTION), 0, theme->dim, 1);
    }
    x += 16 + lw_text_width (text, LW_TEXT_CAPTION, kind_name (i)) + 16;
  }
  return LEGEND;
}

double
lw_compare_paint_bars (cairo_t *cr, const LwComparison *comparison, const LwTheme *theme,
                       LwText *text, const char *const *titles, bool by_macs, double width)
{
  const int n = lw_comparison_n_graphs (comparison);
  bool used[LW_N_KINDS] = { false };
  int64_t values[LW_COMPARE_MOST][LW_N_KINDS], most = 1;
  double y = 0;
  for (int k = 0; k < n; k++) {
    shares (lw_comparison_graph (comparison, k), by_macs, values[k]);
    most = MAX (most, total_of (values[k]));
    for (int i = 0; i < LW_N_KINDS; i++)
      used[i] = used[i] || values[k][i] > 0;
  }
  for (int k = 0; k < n; k++) {
    const int64_t total = total_of (values[k]);
    g_autofree char *number = lw_format_short ((double)total);
    if (cr != NULL) {
      const double base = y + TITLE / 2 + lw_text_middle (LW_TEXT_TABLE);
      lw_text_paint (cr, text, LW_TEXT_TABLE, titles[k], 0, base, 0, theme->text, 1);
      lw_text_paint (cr, text, LW_TEXT_TABLE, number, width, base, 1, theme->dim, 1);
      paint_bar (cr, theme, values[k], y + TITLE + LEAD, width * (double)total / (double)most);
    }
    y += TITLE + LEAD + BAR + AFTER;
  }
  return y + paint_legend (cr, theme, text, used, y);
}

char *
lw_compare_describe_bars (const LwComparison *comparison, const char *const *titles, bool by_macs)
{
  GString *out = g_string_new (NULL);
  for (int k = 0; k < lw_comparison_n_graphs (comparison); k++) {
    int64_t values[LW_N_KINDS];
    bool first = true;
    shares (lw_comparison_graph (comparison, k), by_macs, values);
    g_string_append_printf (out, "%s%s: ", k > 0 ? "; " : "", titles[k]);
    for (int i = 0; i < LW_N_KINDS; i++) {
      if (values[i] == 0)
        continue;
      g_autofree char *number = lw_format_short ((double)values[i]);
      g_string_append_printf (out, "%s%s %s", first ? "" : ", ", number, kind_name (i));
      first = false;
    }
  }
  return g_string_free (out, FALSE);
}
