#include "ui/draw/shapes.h"

#include <math.h>

void
lw_path_rounded (cairo_t *cr, double x, double y, double width, double height, double radius)
{
  double r = MAX (0.0, MIN (radius, MIN (width, height) / 2.0));

  cairo_new_sub_path (cr);
  if (!(width > 0.0 && height > 0.0))
    return;
  cairo_arc (cr, x + width - r, y + r, r, -G_PI_2, 0.0);
  cairo_arc (cr, x + width - r, y + height - r, r, 0.0, G_PI_2);
  cairo_arc (cr, x + r, y + height - r, r, G_PI_2, G_PI);
  cairo_arc (cr, x + r, y + r, r, G_PI, 1.5 * G_PI);
  cairo_close_path (cr);
}

void
lw_path_star (cairo_t *cr, double x, double y, double radius)
{
  cairo_new_sub_path (cr);
  for (int i = 0; i < 10; i++) {
    /* A regular pentagram's inner corners lie at 0.382 of the radius; a little more looks fuller at
     * this size. */
    double r = i % 2 == 0 ? radius : radius * 0.42;
    double angle = -G_PI_2 + i * G_PI / 5.0;

    cairo_line_to (cr, x + r * cos (angle), y + r * sin (angle));
  }
  cairo_close_path (cr);
}

static void
path_polygon (cairo_t *cr, double x, double y, double radius, int corners, double angle)
{
  cairo_new_sub_path (cr);
  for (int i = 0; i < corners; i++) {
    double a = angle + i * 2.0 * G_PI / corners;

    cairo_line_to (cr, x + radius * cos (a), y + radius * sin (a));
  }
  cairo_close_path (cr);
}

void
lw_paint_marker (cairo_t *cr, LwMarker marker, double x, double y, LwColour colour, LwColour ground)
{
  if (marker == LW_MARKER_NONE || !isfinite (x) || !isfinite (y))
    return;
  cairo_save (cr);
  cairo_new_path (cr);
  cairo_set_dash (cr, NULL, 0, 0.0);
  cairo_set_line_width (cr, 2.0);
  switch (marker) {
  case LW_MARKER_DOT:
    cairo_arc (cr, x, y, 3.5, 0.0, 2.0 * G_PI);
    lw_set_colour (cr, colour, 1.0);
    cairo_fill (cr);
    cairo_restore (cr);
    return;
  case LW_MARKER_SQUARE:
    path_polygon (cr, x, y, 4.8, 4, G_PI_4);
    break;
  case LW_MARKER_DIAMOND:
    path_polygon (cr, x, y, 5.0, 4, 0.0);
    break;
  case LW_MARKER_TRIANGLE:
    path_polygon (cr, x, y + 0.8, 5.2, 3, -G_PI_2);
    break;
  case LW_MARKER_CIRCLE:
  case LW_MARKER_NONE:
    cairo_arc (cr, x, y, 3.8, 0.0, 2.0 * G_PI);
    break;
  }
  lw_set_colour (cr, ground, 1.0);
  cairo_fill_preserve (cr);
  lw_set_colour (cr, colour, 1.0);
  cairo_stroke (cr);
  cairo_restore (cr);
}

void
lw_paint_star (cairo_t *cr, double x, double y, double radius, LwColour colour, LwColour ground)
{
  if (!isfinite (x) || !isfinite (y))
    return;
  cairo_save (cr);
  cairo_new_path (cr);
  cairo_set_dash (cr, NULL, 0, 0.0);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  lw_path_star (cr, x, y, radius);
  lw_set_colour (cr, ground, 1.0);
  cairo_set_line_width (cr, 3.0);
  cairo_stroke_preserve (cr);
  lw_set_colour (cr, colour, 1.0);
  cairo_fill (cr);
  cairo_restore (cr);
}

void
lw_paint_card (cairo_t *cr, const LwTheme *theme, double x, double y, double width, double height,
               double radius)
{
  static const LwColour black = { 0.0, 0.0, 0.0, 1.0 };

  cairo_save (cr);
  cairo_new_path (cr);
  /* Rings that widen and fade approximate a blur of 8 px, cheap and the same in SVG and PDF. */
  for (int i = 8; i >= 1; i--) {
    lw_path_rounded (cr, x - i, y + 2.0 - i, width + 2.0 * i, height + 2.0 * i, radius + i);
    lw_set_colour (cr, black, (theme->dark ? 0.028 : 0.011) * (9 - i) / 4.5);
    cairo_fill (cr);
  }
  lw_path_rounded (cr, x, y, width, height, radius);
  lw_set_colour (cr, theme->card, 1.0);
  cairo_fill (cr);
  lw_path_rounded (cr, x - 0.5, y - 0.5, width + 1.0, height + 1.0, radius + 0.5);
  lw_set_colour (cr, theme->dark ? black : theme->border, theme->dark ? 0.35 : 1.0);
  cairo_set_dash (cr, NULL, 0, 0.0);
  cairo_set_line_width (cr, 1.0);
  cairo_stroke (cr);
  cairo_restore (cr);
}

void
lw_paint_selection (cairo_t *cr, const LwTheme *theme, double x, double y, double width,
                    double height, double radius, double gap)
{
  double out = gap + 1.25;

  cairo_save (cr);
  cairo_new_path (cr);
  lw_path_rounded (cr, x - out, y - out, width + 2.0 * out, height + 2.0 * out, radius + out);
  cairo_set_dash (cr, NULL, 0, 0.0);
  cairo_set_line_width (cr, 2.5);
  lw_set_colour (cr, theme->accent, 1.0);
  cairo_stroke (cr);
  cairo_restore (cr);
}

bool
lw_paints_pixels (cairo_t *cr)
{
  /* Recordings are what GTK hands out: they are played back onto pixels. */
  switch (cairo_surface_get_type (cairo_get_target (cr))) {
  case CAIRO_SURFACE_TYPE_PDF:
  case CAIRO_SURFACE_TYPE_PS:
  case CAIRO_SURFACE_TYPE_SVG:
  case CAIRO_SURFACE_TYPE_SCRIPT:
    return false;
  default:
    return true;
  }
}

double
lw_device_scale (cairo_t *cr)
{
  double dx = 1.0, dy = 0.0, sx = 1.0, sy = 1.0;

  cairo_user_to_device_distance (cr, &dx, &dy);
  cairo_surface_get_device_scale (cairo_get_target (cr), &sx, &sy);
  dx = hypot (dx * sx, dy * sy);
  return isfinite (dx) ? CLAMP (dx, 1.0, 16.0) : 1.0;
}
