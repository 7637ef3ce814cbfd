/* The network that the knobs describe cannot be built: the last one that could is dimmed, and the
 * layer that would break is ringed in it. */
#include "ui/diagram-view-private.h"

#define DIMMED 0.38
#define RING   7.0 /* how far ring and badge stand out of a box */
#define BADGE  10.0

/* The layer in the graph that is shown. Its name is the builder's; where the last network has no
 * such layer (it has fewer), the one that would feed it. */
static LwDiagramSpot
obstacle_spot (LwDiagramView *self)
{
  const LwObstacle *obstacle = lw_workbench_obstacle (self->workbench);
  const LwGraph *graph = lw_workbench_graph (self->workbench);
  LwNodeId node = LW_NO_NODE;

  if (obstacle == NULL || obstacle->layer == NULL || self->layout == NULL)
    return LW_NO_SPOT;
  node = lw_graph_find_node (graph, obstacle->layer);
  if (node == LW_NO_NODE)
    node = lw_graph_output (graph);
  return lw_diagram_layout_visible (self->layout, (LwDiagramSpot){ node, -1 });
}

static void
mark_obstacle (LwDiagramSpot spot, LwDiagramMark *mark, gpointer data)
{
  if (!lw_diagram_spot_equal (spot, *(const LwDiagramSpot *)data))
    return;
  mark->ring = LW_RING_ERROR;
  mark->badge = "!";
}

bool
lw_diagram_view_obstacle_rect (LwDiagramView *self, cairo_rectangle_t *ret_rect)
{
  const LwDiagramSpot spot = obstacle_spot (self);
  const double zoom = self->camera.zoom;

  if (!lw_diagram_layout_spot_rect (self->layout, spot, ret_rect))
    return false;
  *ret_rect = (cairo_rectangle_t){ (ret_rect->x - self->camera.x) * zoom,
                                   (ret_rect->y - self->camera.y) * zoom, ret_rect->width * zoom,
                                   ret_rect->height * zoom };
  return true;
}

bool
lw_diagram_view_paint_obstacle (LwDiagramView *self, cairo_t *cr, const LwDiagramPaint *paint)
{
  const LwTheme *theme = lw_diagram_view_theme ();
  LwDiagramSpot spot = obstacle_spot (self);
  LwDiagramPaint one = *paint;
  cairo_rectangle_t rect;

  if (lw_workbench_obstacle (self->workbench) == NULL)
    return false;
  cairo_push_group (cr);
  lw_diagram_paint (cr, self->layout, theme, paint);
  cairo_pop_group_to_source (cr);
  cairo_paint_with_alpha (cr, DIMMED);
  if (!lw_diagram_layout_spot_rect (self->layout, spot, &rect))
    return true;
  cairo_save (cr);
  cairo_rectangle (cr, rect.x - RING, rect.y - RING, rect.width + 2 * RING, rect.height + 2 * RING);
  cairo_rectangle (cr, rect.x + rect.width - BADGE, rect.y - BADGE - 4, 2 * BADGE + 4,
                   2 * BADGE + 4);
  cairo_clip (cr);
  one.mark = mark_obstacle;
  one.edge_mark = NULL;
  one.mark_data = &spot;
  one.selected = LW_NO_SPOT;
  lw_diagram_paint (cr, self->layout, theme, &one);
  cairo_restore (cr);
  return true;
}

void
lw_diagram_view_meet_obstacle (LwDiagramView *self)
{
  const LwDiagramSpot spot = obstacle_spot (self);

  if (!lw_diagram_spot_equal (spot, LW_NO_SPOT)) {
    const bool home = self->home;

    lw_diagram_view_show_spot (self, spot);
    self->home = home; /* it is nobody's wish to look there for good */
  }
  g_signal_emit_by_name (self, "moved");
  gtk_widget_queue_draw (GTK_WIDGET (self));
}
