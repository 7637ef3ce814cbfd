/* A comparison as a picture of its own: title, legend, columns, differences. */
#include "ui/draw/compare-private.h"

#include <glib/gi18n.h>
#include <math.h>

#define MARGIN  24.0
#define HEADING 30.0
#define NAMES   28.0 /* the columns' titles */
#define LEGEND  26.0
#define LINE    24.0  /* of the table */
#define FIRST   170.0 /* the table's first column */

static double
picture_width (int n)
{
  static const double widths[] = { 0, 0, 690, 960, 1220 };
  return widths[n];
}

static LwCompareLayout *
make_layout (const LwCompareDocument *document)
{
  return lw_compare_layout_new (document->comparison, document->text,
                                picture_width (lw_comparison_n_graphs (document->comparison)),
                                NULL);
}

static int
n_lines (const LwCompareDocument *document)
{
  int n;
  lw_comparison_quantities (document->comparison, &n);
  return n;
}

void
lw_compare_document_size (const LwCompareDocument *document, double *ret_width, double *ret_height)
{
  g_autoptr (LwCompareLayout) layout = make_layout (document);
  lw_compare_layout_size (layout, ret_width, ret_height);
  *ret_width = ceil (*ret_width + 2 * MARGIN);
  *ret_height = ceil (*ret_height + 2 * MARGIN + HEADING + NAMES + LEGEND +
                      (n_lines (document) + 1.5) * LINE);
}

/* "AlexNet beside NiN" */
static char *
heading (const LwCompareDocument *document)
{
  const int n = lw_comparison_n_graphs (document->comparison);
  GString *out = g_string_new (document->titles[0]);
  for (int k = 1; k < n; k++)
    g_string_append_printf (out, n == 2 ? _ (" beside %s") : ", %s", document->titles[k]);
  return g_string_free (out, FALSE);
}

static void
say (cairo_t *cr, const LwCompareDocument *document, LwTextStyle style, const char *words, double x,
     double middle, double align, LwColour colour)
{
  lw_text_paint (cr, document->text, style, words, x, middle + lw_text_middle (style), align,
                 colour, 1);
}

/* Values of each network, and from the second on what leads there from the first. */
static void
paint_table (cairo_t *cr, const LwTheme *theme, const LwCompareDocument *document, double width)
{
  const int networks = lw_comparison_n_graphs (document->comparison);
  const double column = (width - FIRST) / networks;
  int n;
  const LwCompareQuantity *q = lw_comparison_quantities (document->comparison, &n);
  say (cr, document, LW_TEXT_TABLE_BOLD, _ ("Difference"), 0, LINE / 2, 0, theme->text);
  for (int k = 0; k < networks; k++)
    say (cr, document, LW_TEXT_TABLE_BOLD, document->titles[k], FIRST + (k + 1) * column, LINE / 2,
         1, theme->text);
  for (int i = 0; i < n; i++) {
    const double y = (i + 1) * LINE;
    cairo_rectangle (cr, 0, y - 0.5, width, 1);
    lw_set_colour (cr, theme->grid, 1);
    cairo_fill (cr);
    say (cr, document, LW_TEXT_TABLE, q[i].title, 0, y + LINE / 2, 0, theme->text);
    for (int k = 0; k < networks; k++) {
      g_autofree char *value = lw_compare_value_text (&q[i], q[i].values[k]);
      g_autofree char *change = lw_compare_change_text (&q[i], q[i].values[0], q[i].values[k]);
      g_autofree char *both =
          k > 0 ? g_strdup_printf ("%s  (%s)", value, change) : g_strdup (value);
      say (cr, document, LW_TEXT_TABLE, both, FIRST + (k + 1) * column, y + LINE / 2, 1,
           theme->text);
    }
  }
}

void
lw_compare_paint_document (cairo_t *cr, const LwTheme *theme, const LwCompareDocument *document)
{
  g_autoptr (LwCompareLayout) layout = make_layout (document);
  const LwComparePaint paint = { .selected = -1, .colour = document->colour };
  g_autofree char *title = heading (document);
  double width, height;
  lw_compare_layout_size (layout, &width, &height);
  lw_set_colour (cr, theme->canvas, 1);
  cairo_paint (cr);
  cairo_save (cr);
  cairo_translate (cr, MARGIN, MARGIN);
  say (cr, document, LW_TEXT_HEADING, title, 0, HEADING / 2 - 4, 0, theme->text);
  lw_compare_paint_legend (cr, layout, theme, document->titles, document->colour, 0,
                           HEADING + LEGEND / 2, width);
  for (int k = 0; k < lw_comparison_n_graphs (document->comparison); k++) {
    double x, box;
    lw_compare_layout_column (layout, k, &x, &box);
    say (cr, document, LW_TEXT_NAME, document->titles[k], x + box / 2,
         HEADING + LEGEND + NAMES / 2 + 4, 0.5, theme->text);
  }
  cairo_translate (cr, 0, HEADING + LEGEND + NAMES);
  lw_compare_paint (cr, layout, theme, &paint);
  cairo_translate (cr, 0, height + LINE / 2);
  paint_table (cr, theme, document, width);
  cairo_restore (cr);
}
