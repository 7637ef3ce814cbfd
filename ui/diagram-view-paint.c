/* What the diagram view paints: the diagram, and the diagram as a file. */
#include "ui/diagram-view-private.h"

#include "ui/draw/export.h"
#include "ui/draw/figure.h"
#include "ui/draw/shapes.h"

#include <math.h>

#define EXPORT_SCALE 2

/* How much of a rectangle of the layout lies behind a part of the view, square pixels. */
static double
overlap (LwDiagramView *self, const cairo_rectangle_t *rect, const cairo_rectangle_t *area)
{
  const double zoom = self->camera.zoom;
  const double x = (rect->x - self->camera.x) * zoom, y = (rect->y - self->camera.y) * zoom;
  const double width = fmin (x + rect->width * zoom, area->x + area->width) - fmax (x, area->x);
  const double height = fmin (y + rect->height * zoom, area->y + area->height) - fmax (y, area->y);

  return width > 0 && height > 0 ? width * height : 0;
}

/* What of the diagram can lie behind a part of the view. */
static void
between (LwDiagramView *self, LwDiagramArray what, const cairo_rectangle_t *area, GArray *found)
{
  const double top = self->camera.y + area->y / self->camera.zoom;

  lw_diagram_layout_between (self->layout, what, top, top + area->height / self->camera.zoom,
                             found);
}

double
lw_diagram_view_hidden_trunk (LwDiagramView *self, const cairo_rectangle_t *area)
{
  const double axis = lw_diagram_layout_axis (self->layout);
  g_autoptr (GArray) found = g_array_new (FALSE, FALSE, sizeof (int32_t));
  double hidden = 0;
  int32_t n;
  const LwDiagramBox *boxes = lw_diagram_layout_boxes (self->layout, &n);

  between (self, LW_DIAGRAM_BOXES, area, found);
  for (guint i = 0; i < found->len; i++) {
    const cairo_rectangle_t *r = &boxes[g_array_index (found, int32_t, i)].rect;

    if (r->x < axis && r->x + r->width > axis)
      hidden += overlap (self, r, area);
  }
  return hidden;
}

/* --- marks and the diagram -------------------------------------------------------------------- */

/* How a spot differs from plain: each matter adds its part. */
static void
mark_spot (LwDiagramSpot spot, LwDiagramMark *mark, gpointer data)
{
  lw_diagram_view_colour_mark (data, spot, mark);
  lw_diagram_view_mark_found (data, spot, mark);
}

static LwDiagramPaint
paint_options (LwDiagramView *self)
{
  return (LwDiagramPaint){ .zoom = self->camera.zoom,
                           .selected = lw_diagram_view_selected (self),
                           .focused = gtk_widget_has_visible_focus (GTK_WIDGET (self)),
                           .mark = mark_spot,
                           .edge_mark = lw_diagram_view_mark_edge,
                           .keep_titles = true,
                           .mark_data = self };
}

void
lw_diagram_view_paint_map (LwDiagramView *self, cairo_t *cr, const LwMinimap *map)
{
  const LwDiagramPaint paint = paint_options (self);

  lw_minimap_paint (cr, map, self->layout, lw_diagram_view_theme (), &paint);
}

void
lw_diagram_view_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  LwDiagramView *self = LW_DIAGRAM_VIEW (widget);
  const double width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  const double zoom = self->camera.zoom;
  const cairo_rectangle_t visible = { self->camera.x, self->camera.y, width / zoom, height / zoom };
  LwDiagramPaint paint = paint_options (self);
  cairo_t *cr;
  double scale;

  if (width < 1 || height < 1)
    return;
  paint.visible = &visible;
  cr =
      gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, (float)width, (float)height));
  scale = gtk_widget_get_scale_factor (widget);
  cairo_save (cr);
  /* Whole device pixels keep thin lines sharp. */
  cairo_translate (cr, -round (self->camera.x * zoom * scale) / scale,
                   -round (self->camera.y * zoom * scale) / scale);
  cairo_scale (cr, zoom, zoom);
  lw_diagram_paint_canvas (cr, lw_diagram_view_theme (), &visible, zoom);
  if (self->fold.from != NULL)
    lw_diagram_view_paint_fold (self, cr, &paint);
  else if (!lw_diagram_view_paint_obstacle (self, cr, &paint))
    lw_diagram_paint (cr, self->layout, lw_diagram_view_theme (), &paint);
  cairo_restore (cr);
  lw_diagram_view_paint_legend (self, cr);
  cairo_destroy (cr);
}

/* --- export -------------------------------------------------------------------------------------
 */

bool
lw_diagram_view_export (LwDiagramView *self, const char *path, GError **error)
{
  const LwDiagramOptions options = lw_diagram_view_options (self);
  LwFigureLook look = { .paint.selected = LW_NO_SPOT, .colouring = self->colouring };
  g_autoptr (LwFigure) figure = NULL;
  LwPictureFormat format;
  double width, height;

  if (!lw_picture_format (path, &format, error))
    return false;
  look.values = lw_diagram_view_values (self, &look.note);
  figure = lw_figure_new (LW_FIGURE_BLOCKS, self->state, &options, &look);
  lw_figure_size (figure, &width, &height);
  return lw_export_picture (path, width, height, format == LW_PICTURE_PNG ? EXPORT_SCALE : 1,
                            lw_figure_paint, figure, error);
}
