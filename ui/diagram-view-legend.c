/* The diagram's legend, which stands where it hides no words. */
#include "ui/diagram-view-private.h"

#include "ui/draw/shapes.h"

#include <math.h>

#define CONTROLS_WIDTH    158 /* the zoom buttons, with their margin */
#define CONTROLS_HEIGHT   54
#define LEGEND_MARGIN     12
#define LEGEND_WIDTH      260 /* two columns; 1: a column, which takes the least of the width */
#define LEGEND_STEP       6
#define HEAD_GAP          4 /* beside the trunk, which runs through the heads of open blocks */
#define LEGEND_LEAST_VIEW 420
#define EDGE_ROOM         3 /* on both sides of an edge */

/* A legend of one kind would explain nothing; in a narrow view there is no room beside the trunk,
 * but numbers need theirs. */
static bool
has_legend (LwDiagramView *self)
{
  int32_t n;
  const LwDiagramBox *boxes = lw_diagram_layout_boxes (self->layout, &n);

  if (self->colours != NULL)
    return true;
  if (gtk_widget_get_width (GTK_WIDGET (self)) < LEGEND_LEAST_VIEW)
    return false;
  for (int32_t i = 0; i < n; i++)
    if (boxes[i].kind != LW_KIND_JOIN && boxes[i].kind != LW_KIND_DATA)
      return true;
  return false;
}

/* The share that the legend says: of what is under the pointer, else of what is marked. */
static LwDiagramSpot
legend_spot (LwDiagramView *self)
{
  const LwDiagramSpot hovered = self->hovered;

  return hovered.node != LW_NO_NODE || hovered.block >= 0 ? hovered
                                                          : lw_diagram_view_selected (self);
}

static double
measure_legend (LwDiagramView *self, double *ret_width)
{
  if (self->colours != NULL)
    return lw_diagram_colours_legend (NULL, self->colours, NULL, legend_spot (self), 0, 0,
                                      ret_width);
  return lw_diagram_paint_legend (NULL, self->layout, NULL, 0, 0, self->legend_width, ret_width);
}

LwDiagramViewport
lw_diagram_view_viewport (LwDiagramView *self)
{
  LwDiagramViewport view = { .width = gtk_widget_get_width (GTK_WIDGET (self)),
                             .height = gtk_widget_get_height (GTK_WIDGET (self)),
                             .controls_width = CONTROLS_WIDTH,
                             .controls_height = CONTROLS_HEIGHT };

  if (!has_legend (self))
    return view;
  view.legend_height = measure_legend (self, &view.legend_width) + 2 * LEGEND_MARGIN;
  view.legend_width += 3 * LEGEND_MARGIN;
  if (view.width < LEGEND_LEAST_VIEW)
    view.band = view.legend_height;
  return view;
}

/* A rectangle of the layout in the view's pixels, where the view is, or will be. */
static cairo_rectangle_t
in_view (LwDiagramView *self, double x, double y, double width, double height)
{
  const LwDiagramCamera camera = lw_diagram_view_goal (self);

  return (cairo_rectangle_t){ (x - camera.x) * camera.zoom, (y - camera.y) * camera.zoom,
                              width * camera.zoom, height * camera.zoom };
}

/* How much of one lies below the other, in square pixels. */
static double
hidden (const cairo_rectangle_t *rect, const cairo_rectangle_t *area)
{
  const double width =
      fmin (rect->x + rect->width, area->x + area->width) - fmax (rect->x, area->x);
  const double height =
      fmin (rect->y + rect->height, area->y + area->height) - fmax (rect->y, area->y);

  return width > 0 && height > 0 ? width * height : 0;
}

static void
add_rect (LwDiagramView *self, GArray *rects, double x, double y, double width, double height)
{
  const cairo_rectangle_t view = { 0, 0, gtk_widget_get_width (GTK_WIDGET (self)),
                                   gtk_widget_get_height (GTK_WIDGET (self)) };
  const cairo_rectangle_t rect = in_view (self, x, y, width, height);

  if (hidden (&rect, &view) > 0)
    g_array_append_val (rects, rect);
}

/* What people read, as far as it is in view: boxes, the words in the heads of open blocks, labels,
 * and the edges, which nobody can follow below a legend. */
static GArray *
find_words (LwDiagramView *self)
{
  GArray *rects = g_array_new (FALSE, FALSE, sizeof (cairo_rectangle_t));
  int32_t n_boxes, n_frames, n_labels, n_edges;
  const LwDiagramBox *boxes = lw_diagram_layout_boxes (self->layout, &n_boxes);
  const LwDiagramEdge *edges = lw_diagram_layout_edges (self->layout, &n_edges);
  const LwDiagramFrame *frames = lw_diagram_layout_frames (self->layout, &n_frames);
  const LwDiagramLabel *labels = lw_diagram_layout_labels (self->layout, &n_labels);

  for (int32_t i = 0; i < n_boxes; i++)
    add_rect (self, rects, boxes[i].rect.x, boxes[i].rect.y, boxes[i].rect.width,
              boxes[i].rect.height);
  for (int32_t i = 0; i < n_frames; i++) {
    const cairo_rectangle_t *r = &frames[i].header;

    add_rect (self, rects, r->x, r->y, frames[i].axis - r->x - HEAD_GAP, r->height);
    add_rect (self, rects, frames[i].axis + HEAD_GAP, r->y,
              r->x + r->width - frames[i].axis - HEAD_GAP, r->height);
  }
  for (int32_t i = 0; i < n_labels; i++)
    add_rect (self, rects, labels[i].x, labels[i].y - 7, labels[i].width, 14);
  for (int32_t i = 0; i < n_edges; i++)
    for (int32_t p = 0; p + 1 < edges[i].n_points; p++) {
      const LwDiagramPoint a = edges[i].points[p], b = edges[i].points[p + 1];

      add_rect (self, rects, fmin (a.x, b.x) - EDGE_ROOM, fmin (a.y, b.y) - EDGE_ROOM,
                fabs (a.x - b.x) + 2 * EDGE_ROOM, fabs (a.y - b.y) + 2 * EDGE_ROOM);
    }
  return rects;
}

static double
hidden_words (const GArray *words, const cairo_rectangle_t *area)
{
  double sum = 0;

  for (guint i = 0; i < words->len; i++)
    sum += hidden (&g_array_index (words, cairo_rectangle_t, i), area);
  return sum;
}

/* Whether one of these lies there. */
static bool
meets (LwDiagramView *self, LwDiagramArray what, const cairo_rectangle_t *area)
{
  const LwDiagramCamera camera = lw_diagram_view_goal (self);
  const double top = camera.y + area->y / camera.zoom;
  g_autoptr (GArray) found = g_array_new (FALSE, FALSE, sizeof (int32_t));
  int32_t n;
  const LwDiagramBox *boxes = lw_diagram_layout_boxes (self->layout, &n);
  const LwDiagramFrame *frames = lw_diagram_layout_frames (self->layout, &n);

  lw_diagram_layout_between (self->layout, what, top, top + area->height / camera.zoom, found);
  for (guint i = 0; i < found->len; i++) {
    const int32_t index = g_array_index (found, int32_t, i);
    const cairo_rectangle_t *r =
        what == LW_DIAGRAM_BOXES ? &boxes[index].rect : &frames[index].rect;
    const cairo_rectangle_t rect = in_view (self, r->x, r->y, r->width, r->height);

    if (hidden (&rect, area) > 0)
      return true;
  }
  return false;
}

static bool
meets_diagram (LwDiagramView *self, const cairo_rectangle_t *area)
{
  return meets (self, LW_DIAGRAM_BOXES, area) || meets (self, LW_DIAGRAM_FRAMES, area);
}

static cairo_rectangle_t
legend_at (const LwDiagramViewport *view, LwCorner corner, double y)
{
  const double width = view->legend_width - LEGEND_MARGIN;

  return (cairo_rectangle_t){ corner == LW_CORNER_LEFT ? LEGEND_MARGIN / 2.0
                                                       : view->width - width - LEGEND_MARGIN / 2.0,
                              y, width, view->legend_height - LEGEND_MARGIN };
}

/* In a corner, above the zoom buttons, or at a side where there is room; where there is none, in
 * the corner where it hides least. Returns how much it hides. */
static double
place (LwDiagramView *self, const GArray *words)
{
  const LwDiagramViewport view = lw_diagram_view_viewport (self);
  const double top = LEGEND_MARGIN / 2.0;
  const double end = fmax (view.height - view.controls_height - view.legend_height + top, top);
  const struct {
    LwCorner corner;
    double y;
  } corners[] = { { LW_CORNER_RIGHT, top }, { LW_CORNER_LEFT, top }, { LW_CORNER_RIGHT, end } };
  double least = INFINITY;

  self->corner = LW_CORNER_RIGHT;
  self->corner_y = top;
  if (view.legend_width <= 0)
    return 0;
  for (guint i = 0; i < G_N_ELEMENTS (corners) && least > 0; i++) {
    const cairo_rectangle_t rect = legend_at (&view, corners[i].corner, corners[i].y);
    const double hides = hidden_words (words, &rect);

    if (hides >= least)
      continue;
    least = hides;
    self->corner = corners[i].corner;
    self->corner_y = corners[i].y;
  }
  for (double y = top; y < end && least > 0; y += LEGEND_STEP)
    for (int corner = LW_CORNER_RIGHT; corner <= LW_CORNER_LEFT && least > 0; corner++) {
      const cairo_rectangle_t rect = legend_at (&view, (LwCorner)corner, y);

      if (hidden_words (words, &rect) > 0)
        continue;
      least = 0;
      self->corner = (LwCorner)corner;
      self->corner_y = y;
    }
  return least;
}

/* In two columns, or in one where that hides less. */
void
lw_diagram_view_place_legend (LwDiagramView *self)
{
  g_autoptr (GArray) words = find_words (self);
  double hides;

  self->legend_width = LEGEND_WIDTH;
  hides = place (self, words);
  if (hides <= 0 || self->colours != NULL)
    return;
  self->legend_width = 1;
  if (place (self, words) < hides)
    return;
  self->legend_width = LEGEND_WIDTH;
  place (self, words);
}

bool
lw_diagram_view_legend (LwDiagramView *self, cairo_rectangle_t *ret_rect, bool *ret_card)
{
  const LwDiagramViewport view = lw_diagram_view_viewport (self);

  *ret_card = false;
  if (view.legend_width <= 0)
    return false;
  *ret_rect = legend_at (&view, self->corner, self->corner_y);
  *ret_card = self->colours != NULL || meets_diagram (self, ret_rect);
  return true;
}

void
lw_diagram_view_paint_legend (LwDiagramView *self, cairo_t *cr)
{
  const LwTheme *theme = lw_diagram_view_theme ();
  cairo_rectangle_t rect;
  bool card;

  if (!lw_diagram_view_legend (self, &rect, &card))
    return;
  if (card)
    lw_paint_card (cr, theme, rect.x, rect.y, rect.width, rect.height, 9);
  if (self->colours != NULL)
    lw_diagram_colours_legend (cr, self->colours, theme, legend_spot (self), rect.x + LEGEND_MARGIN,
                               rect.y + LEGEND_MARGIN / 2.0, NULL);
  else
    lw_diagram_paint_legend (cr, self->layout, theme, rect.x + LEGEND_MARGIN,
                             rect.y + LEGEND_MARGIN / 2.0, self->legend_width, NULL);
}
