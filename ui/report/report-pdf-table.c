/* A report's tables in PDF. */
#include "ui/report/pdf-private.h"

#define GAP        10.0 /* between columns */
#define PAD        2.5  /* above and below a cell's words */
#define INSET      4.0  /* at the left of the first column */
#define SHORT      16   /* rows of a table that is not broken */
#define LEAST      26.0 /* of a column */
#define MOST_LINES 12   /* of a cell */

typedef struct {
  LwPdf *pdf;
  const LwReportBlock *table;
  double *widths;
} Table;

static PangoLayout *
cell_layout (const Table *table, int row, int column, double width)
{
  const int cell = row * table->table->columns + column;
  const bool bold = row == 0 || table->table->marks[cell] == LW_REPORT_MARKED;
  g_autofree char *line = lw_report_clean (table->table->cells[cell], true);
  PangoLayout *layout =
      lw_pdf_layout (table->pdf, bold ? LW_PDF_FONT " Bold 8.5" : LW_PDF_FONT " 8.5", line, width);
  PangoAttrList *attributes = pango_attr_list_new ();

  /* However long a name is, the row fits the page. */
  pango_layout_set_height (layout, -MOST_LINES);
  pango_layout_set_ellipsize (layout, width > 0 ? PANGO_ELLIPSIZE_END : PANGO_ELLIPSIZE_NONE);
  /* Digits of one width. */
  pango_attr_list_insert (attributes, pango_attr_font_features_new ("tnum=1"));
  pango_layout_set_attributes (layout, attributes);
  pango_attr_list_unref (attributes);
  if (column >= table->table->words)
    pango_layout_set_alignment (layout, PANGO_ALIGN_RIGHT);
  return layout;
}

/* As wide as their words; where that is too much, the widest give way. */
static void
measure (Table *table)
{
  const int n = table->table->columns;
  const double room = LW_PDF_WIDTH - INSET - GAP * (n - 1);
  double sum = 0;

  for (int column = 0; column < n; column++) {
    for (int row = 0; row < table->table->rows; row++) {
      g_autoptr (PangoLayout) layout = cell_layout (table, row, column, 0);

      table->widths[column] = MAX (table->widths[column], lw_pdf_width (layout) + 0.5);
    }
    table->widths[column] = MAX (table->widths[column], LEAST);
    sum += table->widths[column];
  }
  for (int tries = 0; tries < 10000 && sum > room; tries++) {
    int widest = 0;
    double less;

    for (int column = 1; column < n; column++)
      if (table->widths[column] > table->widths[widest])
        widest = column;
    less = MIN (sum - room, MAX (table->widths[widest] * 0.05, 1));
    table->widths[widest] -= less;
    sum -= less;
  }
}

static double
row_height (const Table *table, int row)
{
  double most = 0;

  for (int column = 0; column < table->table->columns; column++) {
    g_autoptr (PangoLayout) layout = cell_layout (table, row, column, table->widths[column]);

    most = MAX (most, lw_pdf_height (layout));
  }
  return most + 2 * PAD;
}

static void
put_row (const Table *table, int row, double height)
{
  LwPdf *pdf = table->pdf;
  double x = LW_PDF_MARGIN + INSET, right = x;

  for (int column = 0; column < table->table->columns; column++) {
    const double width = table->widths[column];
    g_autoptr (PangoLayout) layout = cell_layout (table, row, column, width);

    if (row > 0 && table->table->marks[row * table->table->columns + column] == LW_REPORT_MARKED) {
      cairo_set_source_rgb (pdf->cr, 0.99, 0.94, 0.77);
      cairo_rectangle (pdf->cr, x - GAP / 2, pdf->y, width + GAP, height);
      cairo_fill (pdf->cr);
    }
    lw_pdf_colour (pdf, row == 0 ? 0.35 : 0.1);
    cairo_move_to (pdf->cr, x, pdf->y + PAD);
    pango_cairo_show_layout (pdf->cr, layout);
    x += width + GAP;
    right = x;
  }
  pdf->y += height;
  lw_pdf_colour (pdf, row == 0 ? 0.5 : 0.85);
  cairo_set_line_width (pdf->cr, row == 0 ? 0.8 : 0.5);
  cairo_move_to (pdf->cr, LW_PDF_MARGIN, pdf->y);
  cairo_line_to (pdf->cr, right - GAP + INSET, pdf->y);
  cairo_stroke (pdf->cr);
}

/* A short one stays whole, a long one keeps its first rows with its head. */
static double
room_at_first (const LwReportBlock *block, double head)
{
  return (block->rows <= SHORT ? block->rows : 3) * head + 16;
}

double
lw_pdf_table_need (const LwPdf *pdf, const LwReportBlock *block)
{
  g_autofree double *widths = g_new0 (double, block->columns);
  Table table = { (LwPdf *)pdf, block, widths };

  if (block->rows == 0)
    return 0;
  measure (&table);
  return room_at_first (block, row_height (&table, 0));
}

void
lw_pdf_put_table (LwPdf *pdf, const LwReportBlock *block)
{
  g_autofree double *widths = g_new0 (double, block->columns);
  Table table = { pdf, block, widths };
  double head;

  if (block->rows == 0)
    return;
  measure (&table);
  head = row_height (&table, 0);
  lw_pdf_need (pdf, room_at_first (block, head));
  if (block->text != NULL) {
    g_autoptr (PangoLayout) caption =
        lw_pdf_layout (pdf, LW_PDF_FONT " 8.5", block->text, LW_PDF_WIDTH);

    lw_pdf_colour (pdf, 0.4);
    cairo_move_to (pdf->cr, LW_PDF_MARGIN, pdf->y);
    pango_cairo_show_layout (pdf->cr, caption);
    pdf->y += lw_pdf_height (caption) + 3;
  }
  put_row (&table, 0, head);
  for (int row = 1; row < block->rows; row++) {
    const double height = row_height (&table, row);

    if (lw_pdf_need (pdf, height))
      put_row (&table, 0, head);
    put_row (&table, row, height);
  }
  pdf->y += 10;
}
