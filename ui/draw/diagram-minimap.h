/* LwMinimap: a small picture of a whole diagram with a frame around what a view shows.
 *
 * All of the diagram where that leaves its boxes large enough to be told apart, as drawn by the
 * diagram's painter without words. A longer one is shown in part, and the part moves along with the
 * view, as far through the diagram as the view is: the frame then goes from the map's top to its
 * bottom while the view goes through the diagram. Pure arithmetic. Units: the layout's for `view`,
 * pixels for the map. */
#pragma once

#include "ui/draw/diagram-paint.h"

G_BEGIN_DECLS

typedef struct {
  double width, height;    /* of the map, pixels */
  double scale;            /* pixels a unit of the layout */
  double x, y;             /* of the layout, in the map's top left corner */
  cairo_rectangle_t frame; /* around the view, within the map */
  double per_pixel_x;      /* how far the view goes when the frame is moved by a pixel */
  double per_pixel_y;      /* units of the layout */
  bool needed;             /* a part of the diagram is outside the view */
} LwMinimap;

/* `view`: what is seen. The map is at most `max_width` × `max_height`. */
LwMinimap lw_minimap (const LwDiagramLayout *layout, const cairo_rectangle_t *view,
                      double max_width, double max_height);
/* The view's top left corner, in units of the layout, after its frame was moved by so much. */
void lw_minimap_moved (const LwMinimap *map, const cairo_rectangle_t *view, double dx, double dy,
                       double *ret_x, double *ret_y);
/* The diagram; the map's top left corner at the origin. `paint`: its marks; the rest is ignored. */
void lw_minimap_paint (cairo_t *cr, const LwMinimap *map, const LwDiagramLayout *layout,
                       const LwTheme *theme, const LwDiagramPaint *paint);
void lw_minimap_paint_frame (cairo_t *cr, const LwMinimap *map, const LwTheme *theme);

G_END_DECLS
