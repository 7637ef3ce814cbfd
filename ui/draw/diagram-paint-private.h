/* What the painter's files share. For diagram-paint*.c only. */
#pragma once

#include "ui/draw/diagram-paint.h"
#include "ui/draw/diagram-private.h"

typedef enum { LW_DETAIL_BOXES, LW_DETAIL_NAMES, LW_DETAIL_ALL } LwDetail;

typedef struct {
  cairo_t *cr;
  const LwDiagramLayout *layout;
  const LwTheme *theme;
  const LwDiagramPaint *paint;
  LwText *text;
  LwDetail detail;
  double zoom;
} LwDiagramPainter;

/* A path with its own radius on the left, on the right, above and below. */
enum {
  LW_ROUND_TOP_LEFT = 1,
  LW_ROUND_TOP_RIGHT = 2,
  LW_ROUND_BOTTOM_RIGHT = 4,
  LW_ROUND_BOTTOM_LEFT = 8,
  LW_ROUND_LEFT = 9,
  LW_ROUND_RIGHT = 6,
  LW_ROUND_TOP = 3,
  LW_ROUND_BOTTOM = 12,
  LW_ROUND_ALL = 15,
};
void lw_rounded_path (cairo_t *cr, double x, double y, double width, double height, double radius,
                      int corners);
/* `down`: of an open block. `x`, `y`: its middle. */
void lw_paint_chevron (cairo_t *cr, double x, double y, bool down);
bool lw_diagram_is_visible (const LwDiagramPainter *p, const cairo_rectangle_t *rect);
void lw_diagram_paint_edge (const LwDiagramPainter *p, const LwDiagramEdge *edge);
/* `from`: the mark of the box that a strip belongs to, or NULL. */
LwDiagramMark
lw_diagram_mark_of (const LwDiagramPainter *p, LwDiagramSpot spot, const LwDiagramMark *from);
void
lw_diagram_paint_ring (const LwDiagramPainter *p, const cairo_rectangle_t *r, LwDiagramRing ring);
void lw_diagram_paint_box (const LwDiagramPainter *p, const LwDiagramBox *box);

/* --- pages (diagram-document.c) --- */

/* Something that can stand on a page. */
typedef struct {
  LwText *text;
  double width, height;
  gconstpointer drawing;
  gpointer extra;
  void (*paint) (cairo_t *cr, gconstpointer drawing, const LwTheme *theme,
                 const LwDiagramPaint *paint, gpointer extra);
  /* Returns the height; paints nothing when `cr` is NULL. */
  double (*legend) (cairo_t *cr, gconstpointer drawing, const LwTheme *theme, double x, double y,
                    double width);
} LwDiagramDrawing;

void lw_diagram_page_size (const LwDiagramDrawing *drawing, const LwDiagramDocument *document,
                           double *ret_width, double *ret_height);
void lw_diagram_paint_page (cairo_t *cr, const LwDiagramDrawing *drawing, const LwTheme *theme,
                            const LwDiagramDocument *document);
/* "convolution"; translated. */
const char *lw_diagram_kind_name (LwKind kind);
