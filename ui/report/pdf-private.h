/* What the files of the PDF writer share. Units: points. Not for anybody else. */
#pragma once

#include "ui/report/document.h"

#include <pango/pangocairo.h>

G_BEGIN_DECLS

#define LW_PDF_PAGE_WIDTH  595.28 /* A4 */
#define LW_PDF_PAGE_HEIGHT 841.89
#define LW_PDF_MARGIN      50.0
#define LW_PDF_WIDTH       (LW_PDF_PAGE_WIDTH - 2 * LW_PDF_MARGIN)
#define LW_PDF_FOOT        (LW_PDF_PAGE_HEIGHT - 36)
#define LW_PDF_BOTTOM      (LW_PDF_FOOT - 14)
#define LW_PDF_FONT        "Cantarell, Adwaita Sans, Noto Sans, Noto Sans CJK SC, Sans"
#define LW_PDF_MONO        "Source Code Pro, DejaVu Sans Mono, Monospace"

typedef struct {
  const LwReportDocument *document;
  cairo_t *cr;
  cairo_surface_t *surface; /* NULL while pages are only counted */
  double grey;              /* of what is written */
  double y;                 /* where the next line begins */
  int page, total;          /* total: 0 while they are counted */
  int outline[3];           /* the last heading of each level */
} LwPdf;

void lw_pdf_colour (LwPdf *pdf, double grey);
/* `font`: Pango's description; `width`: where lines break, 0: nowhere. g_object_unref. */
PangoLayout *lw_pdf_layout (LwPdf *pdf, const char *font, const char *text, double width);
double lw_pdf_height (PangoLayout *layout);
double lw_pdf_width (PangoLayout *layout);
/* Goes to the next page where there is no room for `height`; whether it did. */
bool lw_pdf_need (LwPdf *pdf, double height);

/* report-pdf-table.c */
void lw_pdf_put_table (LwPdf *pdf, const LwReportBlock *table);
/* What of it has to stand on one page, points. */
double lw_pdf_table_need (const LwPdf *pdf, const LwReportBlock *table);

G_END_DECLS
