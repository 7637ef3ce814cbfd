#include "ui/draw/diagram-minimap.h"

#include "ui/draw/shapes.h"

#include <math.h>

#define LEAST_SCALE 0.06 /* boxes of the trunk are 15 px wide */
#define MOST_FRAME  0.6  /* of the map's height, in a diagram that is shown in part */
#define LEAST_FRAME 6.0
#define SLACK       16.0 /* the layout's margin may be outside */

/* One direction: where the map begins in the diagram and the frame on the map, so that both are as
 * far along as the view is. */
static void
place (double length, double map, double scale, double view, double shown, double *ret_start,
       double *ret_frame, double *ret_frame_length, double *ret_per_pixel)
{
  const double rest = length - shown; /* how far the view can go */
  const double t = rest > 0 ? fmin (fmax (view / rest, 0), 1) : 0;
  const double frame = fmin (fmax (shown * scale, LEAST_FRAME), map);

  *ret_start = fmax (length - map / scale, 0) * t;
  *ret_frame = (map - frame) * t;
  *ret_frame_length = frame;
  *ret_per_pixel = map > frame && rest > 0 ? rest / (map - frame) : 0;
}

LwMinimap
lw_minimap (const LwDiagramLayout *layout, const cairo_rectangle_t *view, double max_width,
            double max_height)
{
  LwMinimap map = { 0 };
  double width, height, fit, least;

  lw_diagram_layout_size (layout, &width, &height);
  map.needed = view->x > SLACK || view->y > SLACK || view->x + view->width < width - SLACK ||
               view->y + view->height < height - SLACK;
  fit = fmin (max_width / width, max_height / height);
  least = fmin (LEAST_SCALE, max_width / width);
  map.scale = fmax (fit, fmin (least, MOST_FRAME * max_height / fmax (view->height, 1)));
  map.width = fmin (ceil (width * map.scale), max_width);
  map.height = fmin (ceil (height * map.scale), max_height);
  place (width, map.width, map.scale, view->x, view->width, &map.x, &map.frame.x, &map.frame.width,
         &map.per_pixel_x);
  place (height, map.height, map.scale, view->y, view->height, &map.y, &map.frame.y,
         &map.frame.height, &map.per_pixel_y);
  return map;
}

void
lw_minimap_moved (const LwMinimap *map, const cairo_rectangle_t *view, double dx, double dy,
                  double *ret_x, double *ret_y)
{
  *ret_x = view->x + dx * map->per_pixel_x;
  *ret_y = view->y + dy * map->per_pixel_y;
}

void
lw_minimap_paint (cairo_t *cr, const LwMinimap *map, const LwDiagramLayout *layout,
                  const LwTheme *theme, const LwDiagramPaint *paint)
{
  const cairo_rectangle_t visible = { map->x, map->y, map->width / map->scale,
                                      map->height / map->scale };
  LwDiagramPaint small = *paint;

  small.zoom = map->scale;
  small.visible = &visible;
  small.silent = true;
  small.focused = false;
  cairo_save (cr);
  cairo_rectangle (cr, 0, 0, map->width, map->height);
  cairo_clip (cr);
  cairo_scale (cr, map->scale, map->scale);
  cairo_translate (cr, -map->x, -map->y);
  lw_diagram_paint (cr, layout, theme, &small);
  cairo_restore (cr);
}

void
lw_minimap_paint_frame (cairo_t *cr, const LwMinimap *map, const LwTheme *theme)
{
  const cairo_rectangle_t *r = &map->frame;

  cairo_rectangle (cr, r->x, r->y, r->width, r->height);
  lw_set_colour (cr, theme->accent, 0.14);
  cairo_fill (cr);
  cairo_rectangle (cr, r->x + 0.5, r->y + 0.5, r->width - 1, r->height - 1);
  lw_set_colour (cr, theme->accent, 1);
  cairo_set_line_width (cr, 1);
  cairo_stroke (cr);
}
