/* Painting a diagram's layout: the canvas, the minimap and the exports share it.
 *
 * The caller has translated and scaled `cr` so that one unit is one logical pixel of the layout;
 * `zoom` only tells how large that is on screen, for the level of detail: from 0.70 everything,
 * from 0.45 names and shapes, below that coloured boxes and the names of open blocks. Nothing
 * outside `visible` is painted. Threads: the layout's. */
#pragma once

#include "ui/draw/diagram-layout.h"

G_BEGIN_DECLS

typedef enum {
  LW_RING_NONE,
  LW_RING_MATCH,   /* a search hit */
  LW_RING_CURRENT, /* the search hit that the next key leaves */
  LW_RING_ERROR,   /* the layer that cannot work */
} LwDiagramRing;

/* How one box, strip or open block differs from plain. Zeroed by the painter but for `alpha` = 1; a
 * strip starts with its box's fill and alpha. */
typedef struct {
  bool has_fill; /* a colour of its own, as on a map of costs; words turn black or white on it */
  LwColour fill;
  double alpha; /* 1, or less for what is not meant */
  LwDiagramRing ring;
  const char *badge; /* a short number at the top right corner, or NULL */
} LwDiagramMark;

/* Colours that stand for numbers: diagram-colour.h. */
typedef struct LwDiagramColours LwDiagramColours;

typedef void (*LwDiagramMarkFunc) (LwDiagramSpot spot, LwDiagramMark *mark, gpointer user_data);

/* How an edge differs from plain. Zeroed by the painter but for `alpha` = 1. */
typedef struct {
  double alpha;  /* 1, or less for what is not meant */
  bool stressed; /* thicker, in the accent colour */
} LwDiagramEdgeMark;

typedef void (*LwDiagramEdgeMarkFunc) (const LwDiagramEdge *edge, LwDiagramEdgeMark *mark,
                                       gpointer user_data);

typedef struct {
  double zoom;                      /* 0: 1 */
  const cairo_rectangle_t *visible; /* in the layout's units; NULL: all */
  LwDiagramSpot selected;           /* LW_NO_SPOT: none */
  bool focused;                     /* the selection has the keyboard */
  bool silent;                      /* no words at all: the minimap */
  bool keep_titles;                 /* of open blocks that reach out of view: stay in it */
  LwDiagramMarkFunc mark;           /* or NULL; open blocks' titles are asked for, too */
  LwDiagramEdgeMarkFunc edge_mark;  /* or NULL */
  gpointer mark_data;               /* of both */
} LwDiagramPaint;

/* The ground (theme's canvas) with its dots every 20 px, over `area`. */
void lw_diagram_paint_canvas (cairo_t *cr, const LwTheme *theme, const cairo_rectangle_t *area,
                              double zoom);
void lw_diagram_paint (cairo_t *cr, const LwDiagramLayout *layout, const LwTheme *theme,
                       const LwDiagramPaint *paint);

/* --- documents: title, diagram, legend --- */

typedef struct {
  const char *title;    /* "ResNet-18" */
  const char *subtitle; /* "11.2 M parameters · 319 M MACs", or NULL */
  bool transparent;     /* no ground */
  bool no_legend;
  const cairo_rectangle_t *part;   /* what is shown, in the layout's units; NULL: all */
  double part_zoom;                /* of a part, as on screen; 0: 1 */
  LwDiagramPaint diagram;          /* `zoom` and `visible` are ignored */
  const LwDiagramColours *colours; /* fills boxes and explains itself below; NULL: kinds */
} LwDiagramDocument;

void lw_diagram_document_size (const LwDiagramLayout *layout, const LwDiagramDocument *document,
                               double *ret_width, double *ret_height);
void lw_diagram_paint_document (cairo_t *cr, const LwDiagramLayout *layout, const LwTheme *theme,
                                const LwDiagramDocument *document);

/* The layer kinds that the diagram shows, as coloured squares with names, wrapped to `width`;
 * `width` 0: one line. Paints nothing when `cr` is NULL. Returns the height; `ret_width` (may be
 * NULL): the widest line. `x`, `y`: the top left corner. */
double lw_diagram_paint_legend (cairo_t *cr, const LwDiagramLayout *layout, const LwTheme *theme,
                                double x, double y, double width, double *ret_width);

G_END_DECLS
