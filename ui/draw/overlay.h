/* LwOverlay: a map over an image: which of its parts matter. Coarse maps are enlarged bilinearly
 * between the centres of their cells (as Selvaraju et al. 2017 do), fine ones cell by cell. Units:
 * logical pixels. Threads: the LwText's. */
#pragma once

#include "ui/draw/tiles.h"

G_BEGIN_DECLS

typedef struct {
  LwTile image;
  const float *map; /* [rows][columns]; NULL: the image alone */
  int rows, columns;
  LwScale scale;
  double opacity; /* of the map, 0 to 1 */
  bool smooth;
} LwOverlay;

void lw_overlay_paint (cairo_t *cr, const LwTheme *theme, const LwOverlay *overlay,
                       cairo_rectangle_t place, double radius);
/* The map's value under a point, as it is painted; NaN outside. */
double lw_overlay_value (const LwOverlay *overlay, cairo_rectangle_t place, double x, double y);

G_END_DECLS
