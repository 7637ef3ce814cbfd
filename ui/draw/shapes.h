/* Small shapes that several painters share. All leave the current path empty and the rest of the
 * Cairo state as it was. */
#pragma once

#include "ui/draw/theme.h"

G_BEGIN_DECLS

typedef enum {
  LW_MARKER_NONE,
  LW_MARKER_CIRCLE, /* open, radius 3.8 */
  LW_MARKER_DOT,    /* filled */
  LW_MARKER_SQUARE,
  LW_MARKER_DIAMOND,
  LW_MARKER_TRIANGLE,
} LwMarker;

/* Only the path. The radius is at most half of the shorter side; an empty rectangle gives none. */
void lw_path_rounded (cairo_t *cr, double x, double y, double width, double height, double radius);
void lw_path_star (cairo_t *cr, double x, double y, double radius);

/* `ground` shines through open markers, so that the line ends at their rim. */
void lw_paint_marker (cairo_t *cr, LwMarker marker, double x, double y, LwColour colour,
                      LwColour ground);
/* A five-pointed star with a thin rim of `ground`. */
void
lw_paint_star (cairo_t *cr, double x, double y, double radius, LwColour colour, LwColour ground);
/* A raised card: soft shadow, fill, border. */
void lw_paint_card (cairo_t *cr, const LwTheme *theme, double x, double y, double width,
                    double height, double radius);
/* A box around something selected, in the accent colour: 2.5 px wide, `gap` outside the rectangle.
 */
void lw_paint_selection (cairo_t *cr, const LwTheme *theme, double x, double y, double width,
                         double height, double radius, double gap);

/* How many device pixels a unit has, at least 1: painters align columns and hairlines to them. */
double lw_device_scale (cairo_t *cr);
/* Whether `cr` paints pixels, not an SVG or PDF. */
bool lw_paints_pixels (cairo_t *cr);

G_END_DECLS
