#include "ui/draw/overlay.h"

#include "ui/draw/shapes.h"

#include <math.h>

#define FINE 128 /* pixels a side that a coarse map is enlarged to */

static double
cell (const LwOverlay *o, int row, int column)
{
  row = CLAMP (row, 0, o->rows - 1);
  column = CLAMP (column, 0, o->columns - 1);
  return (double)o->map[row * o->columns + column];
}

/* At a place from 0 to 1; cells' values stand at their centres. */
static double
value_at (const LwOverlay *o, double across, double down)
{
  const double x = across * o->columns, y = down * o->rows;

  if (!o->smooth)
    return cell (o, (int)y, (int)x);
  const int column = (int)floor (x - 0.5), row = (int)floor (y - 0.5);
  const double u = x - 0.5 - column, v = y - 0.5 - row;

  return (1 - v) * ((1 - u) * cell (o, row, column) + u * cell (o, row, column + 1)) +
         v * ((1 - u) * cell (o, row + 1, column) + u * cell (o, row + 1, column + 1));
}

static cairo_surface_t *
make_surface (const LwTheme *theme, const LwOverlay *o)
{
  const int rows = o->smooth ? MAX (o->rows, FINE) : o->rows;
  const int columns = o->smooth ? MAX (o->columns, FINE) : o->columns;
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, columns, rows);
  unsigned char *pixels = cairo_image_surface_get_data (surface);
  const int stride = cairo_image_surface_get_stride (surface);

  if (pixels == NULL)
    return surface;
  cairo_surface_flush (surface);
  for (int i = 0; i < rows; i++)
    for (int j = 0; j < columns; j++) {
      const LwColour c = lw_scale_colour (&o->scale, theme->dark,
                                          value_at (o, (j + 0.5) / columns, (i + 0.5) / rows));

      *(guint32 *)(void *)(pixels + (gsize)i * (gsize)stride + 4 * (gsize)j) =
          (guint32)lround (c.r * 255) << 16 | (guint32)lround (c.g * 255) << 8 |
          (guint32)lround (c.b * 255);
    }
  cairo_surface_mark_dirty (surface);
  return surface;
}

void
lw_overlay_paint (cairo_t *cr, const LwTheme *theme, const LwOverlay *o, cairo_rectangle_t place,
                  double radius)
{
  cairo_surface_t *surface;

  if (!(place.width > 0) || !(place.height > 0))
    return;
  lw_tile_paint (cr, theme, &o->image, place, radius);
  if (o->map == NULL || o->rows < 1 || o->columns < 1)
    return;
  surface = make_surface (theme, o);
  cairo_save (cr);
  lw_path_rounded (cr, place.x, place.y, place.width, place.height, radius);
  cairo_clip (cr);
  cairo_translate (cr, place.x, place.y);
  cairo_scale (cr, place.width / cairo_image_surface_get_width (surface),
               place.height / cairo_image_surface_get_height (surface));
  cairo_set_source_surface (cr, surface, 0, 0);
  cairo_pattern_set_filter (cairo_get_source (cr),
                            o->smooth ? CAIRO_FILTER_BILINEAR : CAIRO_FILTER_NEAREST);
  cairo_pattern_set_extend (cairo_get_source (cr), CAIRO_EXTEND_PAD);
  cairo_paint_with_alpha (cr, o->opacity);
  cairo_restore (cr);
  cairo_surface_destroy (surface);
}

double
lw_overlay_value (const LwOverlay *o, cairo_rectangle_t place, double x, double y)
{
  const double across = (x - place.x) / place.width, down = (y - place.y) / place.height;

  if (o->map == NULL || !(across >= 0) || !(down >= 0) || across >= 1 || down >= 1)
    return NAN;
  return value_at (o, across, down);
}
