/* A report as A4 pages. It is laid out twice: once for the number of pages, then on paper. Tables
 * break between rows and repeat their heads; pictures are made to fit and never cut. */
#include "ui/report/pdf-private.h"

#include "engine/error.h"

#include <cairo-pdf.h>
#include <glib/gi18n.h>
#include <math.h>

#define KEEP 90 /* a heading stays with so much of what follows */

void
lw_pdf_colour (LwPdf *pdf, double grey)
{
  pdf->grey = grey;
  cairo_set_source_rgb (pdf->cr, grey, grey, grey);
}

PangoLayout *
lw_pdf_layout (LwPdf *pdf, const char *font, const char *text, double width)
{
  PangoLayout *layout = pango_cairo_create_layout (pdf->cr);
  PangoFontDescription *description = pango_font_description_from_string (font);
  g_autofree char *clean = lw_report_clean (text, false);

  /* Sizes are points, and so are the page's units. */
  pango_cairo_context_set_resolution (pango_layout_get_context (layout), 72);
  pango_layout_context_changed (layout);
  pango_layout_set_font_description (layout, description);
  pango_font_description_free (description);
  pango_layout_set_text (layout, clean, -1);
  if (width > 0) {
    pango_layout_set_width (layout, (int)(width * PANGO_SCALE));
    pango_layout_set_wrap (layout, PANGO_WRAP_WORD_CHAR);
  }
  return layout;
}

double
lw_pdf_height (PangoLayout *layout)
{
  int height;

  pango_layout_get_size (layout, NULL, &height);
  return (double)height / PANGO_SCALE;
}

double
lw_pdf_width (PangoLayout *layout)
{
  int width;

  pango_layout_get_size (layout, &width, NULL);
  return (double)width / PANGO_SCALE;
}

static void
end_page (LwPdf *pdf)
{
  g_autofree char *number = pdf->total > 0
                                ? g_strdup_printf (_ ("Page %d of %d"), pdf->page, pdf->total)
                                : g_strdup_printf ("%d", pdf->page);
  g_autoptr (PangoLayout) right = lw_pdf_layout (pdf, LW_PDF_FONT " 8", number, 0);
  g_autofree char *title = lw_report_clean (pdf->document->title, true);
  g_autoptr (PangoLayout) left =
      lw_pdf_layout (pdf, LW_PDF_FONT " 8", title, LW_PDF_WIDTH - lw_pdf_width (right) - 24);

  pango_layout_set_height (left, -1);
  pango_layout_set_ellipsize (left, PANGO_ELLIPSIZE_END);
  lw_pdf_colour (pdf, 0.4);
  cairo_move_to (pdf->cr, LW_PDF_MARGIN, LW_PDF_FOOT);
  pango_cairo_show_layout (pdf->cr, left);
  cairo_move_to (pdf->cr, LW_PDF_MARGIN + LW_PDF_WIDTH - lw_pdf_width (right), LW_PDF_FOOT);
  pango_cairo_show_layout (pdf->cr, right);
  cairo_show_page (pdf->cr);
}

static void
next_page (LwPdf *pdf)
{
  const double grey = pdf->grey; /* the foot has another */

  end_page (pdf);
  lw_pdf_colour (pdf, grey);
  pdf->page++;
  pdf->y = LW_PDF_MARGIN;
}

bool
lw_pdf_need (LwPdf *pdf, double height)
{
  if (pdf->y + height <= LW_PDF_BOTTOM || pdf->y <= LW_PDF_MARGIN)
    return false;
  next_page (pdf);
  return true;
}

/* Line by line, so that a long text goes on on the next page. */
static void
show_lines (LwPdf *pdf, PangoLayout *layout, double x)
{
  PangoLayoutIter *iter = pango_layout_get_iter (layout);

  do {
    PangoRectangle line;
    double height;

    pango_layout_iter_get_line_extents (iter, NULL, &line);
    height = (double)line.height / PANGO_SCALE;
    lw_pdf_need (pdf, height);
    cairo_move_to (pdf->cr, x + (double)line.x / PANGO_SCALE,
                   pdf->y + (double)(pango_layout_iter_get_baseline (iter) - line.y) / PANGO_SCALE);
    pango_cairo_show_layout_line (pdf->cr, pango_layout_iter_get_line_readonly (iter));
    pdf->y += height;
  } while (pango_layout_iter_next_line (iter));
  pango_layout_iter_free (iter);
}

static double
picture_scale (const LwReportBlock *picture)
{
  const double most = LW_PDF_BOTTOM - LW_PDF_MARGIN - 40;

  return fmin (0.7, fmin (LW_PDF_WIDTH / picture->width, most / picture->height));
}

/* How much of a block, and of what it introduces, has to stand on the heading's page. */
static double
keep_of (const LwPdf *pdf, guint index)
{
  const GPtrArray *blocks = pdf->document->blocks;
  const LwReportBlock *block = index < blocks->len ? g_ptr_array_index (blocks, index) : NULL;

  if (block == NULL)
    return 0;
  if (block->kind == LW_REPORT_PICTURE)
    return block->height * picture_scale (block) + 24;
  if (block->kind == LW_REPORT_TABLE)
    return lw_pdf_table_need (pdf, block);
  if (block->kind == LW_REPORT_HEADING)
    return KEEP + 30;
  if (block->kind == LW_REPORT_TEXT && index + 1 < blocks->len &&
      ((LwReportBlock *)g_ptr_array_index (blocks, index + 1))->kind == LW_REPORT_PICTURE)
    return 30 + keep_of (pdf, index + 1);
  return KEEP;
}

static void
put_heading (LwPdf *pdf, guint index)
{
  const GPtrArray *blocks = pdf->document->blocks;
  const LwReportBlock *block = g_ptr_array_index (blocks, index);
  const bool section = block->level == 1;
  g_autofree char *line = lw_report_clean (block->text, true);
  g_autoptr (PangoLayout) layout = lw_pdf_layout (
      pdf, section ? LW_PDF_FONT " Bold 15" : LW_PDF_FONT " Bold 11.5", line, LW_PDF_WIDTH);
  const double need = lw_pdf_height (layout) + (section ? 34 : 20) + keep_of (pdf, index + 1);

  if (!lw_pdf_need (pdf, fmin (need, LW_PDF_BOTTOM - LW_PDF_MARGIN)) && pdf->y > LW_PDF_MARGIN)
    pdf->y += section ? 24 : 13;
  if (pdf->surface != NULL) {
    g_autofree char *place =
        g_strdup_printf ("page=%d pos=[%.0f %.0f]", pdf->page, LW_PDF_MARGIN, pdf->y);

    pdf->outline[block->level] = cairo_pdf_surface_add_outline (
        pdf->surface, section ? CAIRO_PDF_OUTLINE_ROOT : pdf->outline[1], line, place,
        section ? CAIRO_PDF_OUTLINE_FLAG_OPEN : 0);
  }
  lw_pdf_colour (pdf, 0.1);
  show_lines (pdf, layout, LW_PDF_MARGIN);
  pdf->y += section ? 8 : 5;
}

static void
put_text (LwPdf *pdf, const LwReportBlock *block)
{
  const bool note = block->kind == LW_REPORT_NOTE, code = block->kind == LW_REPORT_CODE;
  const double inset = note || code ? 10 : 0;
  g_autoptr (PangoLayout) layout = lw_pdf_layout (pdf, code ? LW_PDF_MONO " 8" : LW_PDF_FONT " 9.5",
                                                  block->text, LW_PDF_WIDTH - 2 * inset);
  const double height = lw_pdf_height (layout) + (inset > 0 ? 12 : 0);

  if (inset > 0 && height < LW_PDF_BOTTOM - LW_PDF_MARGIN) {
    lw_pdf_need (pdf, height);
    lw_pdf_colour (pdf, 0.955);
    cairo_rectangle (pdf->cr, LW_PDF_MARGIN, pdf->y, LW_PDF_WIDTH,
                     lw_pdf_height (layout) + (inset > 0 ? 12 : 0));
    cairo_fill (pdf->cr);
    pdf->y += 6;
  }
  lw_pdf_colour (pdf, 0.1);
  show_lines (pdf, layout, LW_PDF_MARGIN + inset);
  pdf->y += inset > 0 ? 14 : 7;
}

static void
put_picture (LwPdf *pdf, const LwReportBlock *picture)
{
  const double scale = picture_scale (picture);
  const double width = picture->width * scale, height = picture->height * scale;

  lw_pdf_need (pdf, height + (picture->text != NULL ? 18 : 0));
  if (pdf->surface != NULL) {
    cairo_save (pdf->cr);
    cairo_translate (pdf->cr, LW_PDF_MARGIN, pdf->y);
    cairo_rectangle (pdf->cr, 0, 0, width, height);
    cairo_clip (pdf->cr);
    cairo_scale (pdf->cr, scale, scale);
    picture->paint (pdf->cr, picture->data);
    cairo_restore (pdf->cr);
  }
  pdf->y += height + 4;
  if (picture->text != NULL) {
    g_autoptr (PangoLayout) caption =
        lw_pdf_layout (pdf, LW_PDF_FONT " 8.5", picture->text, LW_PDF_WIDTH);

    lw_pdf_colour (pdf, 0.4);
    show_lines (pdf, caption, LW_PDF_MARGIN);
  }
  pdf->y += 10;
}

static void
put_title (LwPdf *pdf)
{
  const LwReportDocument *document = pdf->document;
  g_autofree char *line = lw_report_clean (document->title, true);
  g_autofree char *by = document->author != NULL
                            ? g_strdup_printf ("%s · %s", document->author, document->date)
                            : g_strdup (document->date);
  g_autofree char *below = g_strdup_printf ("%s · %s", by, document->program);
  g_autoptr (PangoLayout) title = lw_pdf_layout (pdf, LW_PDF_FONT " Bold 22", line, LW_PDF_WIDTH);
  g_autoptr (PangoLayout) words = lw_pdf_layout (pdf, LW_PDF_FONT " 9.5", below, LW_PDF_WIDTH);

  lw_pdf_colour (pdf, 0.1);
  show_lines (pdf, title, LW_PDF_MARGIN);
  pdf->y += 3;
  lw_pdf_colour (pdf, 0.4);
  show_lines (pdf, words, LW_PDF_MARGIN);
  pdf->y += 10;
}

/* False: told to end. */
static bool
put_all (LwPdf *pdf, LwReportTold told, gpointer data)
{
  const guint n = pdf->document->blocks->len;

  pdf->page = 1;
  pdf->y = LW_PDF_MARGIN;
  put_title (pdf);
  for (guint i = 0; i < n; i++) {
    const LwReportBlock *block = g_ptr_array_index (pdf->document->blocks, i);

    if (told != NULL && !told ((i + (pdf->surface != NULL ? n : 0)) / (2.0 * n), data))
      return false;
    if (block->kind == LW_REPORT_HEADING)
      put_heading (pdf, i);
    else if (block->kind == LW_REPORT_TABLE)
      lw_pdf_put_table (pdf, block);
    else if (block->kind == LW_REPORT_PICTURE)
      put_picture (pdf, block);
    else
      put_text (pdf, block);
  }
  end_page (pdf);
  return true;
}

static cairo_status_t
append_bytes (void *closure, const unsigned char *data, unsigned int length)
{
  g_byte_array_append (closure, data, length);
  return CAIRO_STATUS_SUCCESS;
}

static void
describe (cairo_surface_t *surface, const LwReportDocument *document)
{
  g_autofree char *title = lw_report_clean (document->title, true);
  g_autofree char *author = lw_report_clean (document->author, true);

  cairo_pdf_surface_set_metadata (surface, CAIRO_PDF_METADATA_TITLE, title);
  cairo_pdf_surface_set_metadata (surface, CAIRO_PDF_METADATA_CREATOR, "Layerwise " LW_VERSION);
  if (*author != '\0')
    cairo_pdf_surface_set_metadata (surface, CAIRO_PDF_METADATA_AUTHOR, author);
}

GBytes *
lw_report_to_pdf (const LwReportDocument *document, LwReportTold told, gpointer data,
                  GError **error)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  LwPdf pdf = { .document = document };
  bool whole = true;
  cairo_status_t status = CAIRO_STATUS_SUCCESS;

  for (int pass = 0; pass < 2 && whole; pass++) {
    cairo_surface_t *surface =
        pass == 0 ? cairo_pdf_surface_create_for_stream (NULL, NULL, LW_PDF_PAGE_WIDTH,
                                                         LW_PDF_PAGE_HEIGHT)
                  : cairo_pdf_surface_create_for_stream (append_bytes, bytes, LW_PDF_PAGE_WIDTH,
                                                         LW_PDF_PAGE_HEIGHT);

    pdf.total = pass == 0 ? 0 : pdf.page;
    pdf.surface = pass == 0 ? NULL : surface;
    /* Any reader has this version; page objects are not packed in it. */
    cairo_pdf_surface_restrict_to_version (surface, CAIRO_PDF_VERSION_1_4);
    pdf.cr = cairo_create (surface);
    if (pass == 1)
      describe (surface, document);
    whole = put_all (&pdf, told, data);
    status = cairo_status (pdf.cr);
    cairo_destroy (pdf.cr);
    cairo_surface_finish (surface);
    if (status == CAIRO_STATUS_SUCCESS)
      status = cairo_surface_status (surface);
    cairo_surface_destroy (surface);
  }
  if (!whole) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, _ ("Cancelled"));
    return NULL;
  }
  if (status != CAIRO_STATUS_SUCCESS) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID, _ ("the report's pages cannot be drawn: %s"),
                 cairo_status_to_string (status));
    return NULL;
  }
  return g_byte_array_free_to_bytes (g_steal_pointer (&bytes));
}
