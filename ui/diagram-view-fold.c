/* Folding: 200 ms in which the changed block opens or closes downwards from its head, which stays
 * where it is on screen. */
#include "ui/diagram-view-private.h"

#include <math.h>

#define DURATION_MS 200

/* --- what stays where it is ------------------------------------------------------------------- */

typedef struct {
  double x, top, bottom; /* the trunk through it, and its extent */
  cairo_rectangle_t rect;
} Anchor;

static bool
find_anchor (const LwDiagramLayout *layout, LwDiagramSpot spot, Anchor *anchor)
{
  int32_t n;
  const LwDiagramFrame *frames = lw_diagram_layout_frames (layout, &n);

  if (!lw_diagram_layout_spot_rect (layout, spot, &anchor->rect))
    return false;
  anchor->x = anchor->rect.x + anchor->rect.width / 2;
  anchor->top = anchor->rect.y;
  anchor->bottom = anchor->rect.y + anchor->rect.height;
  for (int32_t i = 0; i < n; i++)
    if (spot.block >= 0 && frames[i].block == spot.block)
      anchor->x = frames[i].axis;
  return true;
}

/* For changes all over the diagram: the marked spot while it is in view, else what is nearest to
 * the view's top. */
static LwDiagramSpot
spot_in_view (LwDiagramView *self)
{
  const double top = self->camera.y, height = gtk_widget_get_height (GTK_WIDGET (self));
  const LwDiagramSpot selected = lw_diagram_view_selected (self);
  LwDiagramSpot nearest = LW_NO_SPOT;
  cairo_rectangle_t rect;
  double least = INFINITY;

  if (lw_diagram_layout_spot_rect (self->layout, selected, &rect) && rect.y >= top &&
      rect.y <= top + height / self->camera.zoom)
    return selected;
  for (int32_t i = 0; i < lw_diagram_layout_n_spots (self->layout); i++) {
    const LwDiagramSpot spot = lw_diagram_layout_spot (self->layout, i);

    if (lw_diagram_layout_spot_rect (self->layout, spot, &rect) && fabs (rect.y - top) < least) {
      least = fabs (rect.y - top);
      nearest = spot;
    }
  }
  return nearest;
}

/* --- the change --------------------------------------------------------------------------------
 */

void
lw_diagram_view_end_fold (LwDiagramView *self)
{
  g_clear_pointer (&self->fold.from, lw_diagram_layout_free);
  adw_animation_reset (self->fold_animation);
}

/* The largest open block around a rectangle that is not wider than the view. */
static cairo_rectangle_t
widest_around (LwDiagramView *self, cairo_rectangle_t rect)
{
  const double width = gtk_widget_get_width (GTK_WIDGET (self)) / self->camera.zoom;
  int32_t n;
  const LwDiagramFrame *frames = lw_diagram_layout_frames (self->layout, &n);

  for (int32_t i = 0; i < n; i++) { /* outer ones come first */
    const cairo_rectangle_t *r = &frames[i].rect;

    if (r->y <= rect.y && r->y + r->height >= rect.y + rect.height && r->width <= width)
      return *r;
  }
  return rect;
}

static void
refold (LwDiagramView *self, LwDiagramSpot anchor, bool slides)
{
  Anchor before, after;
  bool anchored;
  LwDiagramViewport view;
  cairo_rectangle_t shown;

  lw_diagram_view_end_fold (self);
  anchored = find_anchor (self->layout, anchor, &before);
  self->fold.from = lw_diagram_view_relayout (self);
  anchored = anchored && find_anchor (self->layout, anchor, &after);
  if (!anchored || !gtk_widget_get_mapped (GTK_WIDGET (self))) {
    g_clear_pointer (&self->fold.from, lw_diagram_layout_free);
    return;
  }
  lw_diagram_view_stop (self);
  self->fold.dx = after.x - before.x;
  self->fold.dy = after.top - before.top;
  self->fold.top = slides ? after.top : -INFINITY;
  self->fold.new_bottom = slides ? after.bottom : after.top;
  self->fold.old_bottom = slides ? before.bottom + self->fold.dy : after.top;
  self->fold.progress = 0;
  self->camera.x += self->fold.dx;
  self->camera.y += self->fold.dy;
  view = lw_diagram_view_viewport (self);
  shown = widest_around (self, after.rect);
  adw_animation_play (self->fold_animation);
  lw_diagram_view_glide (self,
                         lw_diagram_camera_settled (self->camera, self->layout, &view, &shown));
  lw_diagram_view_place_legend (self);
}

void
lw_diagram_view_refold (LwDiagramView *self, LwDiagramSpot anchor)
{
  refold (self, anchor, true);
}

void
lw_diagram_view_refresh (LwDiagramView *self)
{
  refold (self, spot_in_view (self), false);
}

void
lw_diagram_view_unfold_to (LwDiagramView *self, int depth)
{
  lw_diagram_state_set_depth (self->state, depth);
  refold (self, spot_in_view (self), false);
}

int
lw_diagram_view_depth (LwDiagramView *self)
{
  const LwGraph *graph = lw_diagram_state_graph (self->state);
  int deepest = 0;

  for (LwBlockId i = LW_ROOT_BLOCK + 1; i < lw_graph_n_blocks (graph); i++)
    if (lw_diagram_block_folds (graph, i))
      deepest = MAX (deepest, lw_graph_block (graph, i)->depth);
  return deepest;
}

void
lw_diagram_view_unfold_all (LwDiagramView *self)
{
  lw_diagram_state_open_all (self->state);
  refold (self, spot_in_view (self), false);
}

void
lw_diagram_view_fold_all (LwDiagramView *self)
{
  lw_diagram_state_close_all (self->state);
  refold (self, spot_in_view (self), false);
}

/* The group of equal blocks that a closed block is drawn in; NULL: it has a box of its own. */
static const LwDiagramBox *
group_of (LwDiagramView *self, LwBlockId block)
{
  int32_t n;
  const LwDiagramBox *boxes = lw_diagram_layout_boxes (self->layout, &n);

  for (int32_t i = 0; i < n; i++)
    if (boxes[i].type == LW_BOX_GROUP && boxes[i].block <= block && boxes[i].last_block >= block)
      return &boxes[i];
  return NULL;
}

void
lw_diagram_view_toggle (LwDiagramView *self, LwBlockId block)
{
  const LwDiagramBox *group = group_of (self, block);

  if (group != NULL)
    lw_diagram_state_ungroup (self->state, group->block, group->last_block);
  else
    lw_diagram_state_toggle (self->state, block);
  lw_diagram_view_refold (self, (LwDiagramSpot){ LW_NO_NODE, block });
}

/* The open block around a layer; −1 where it lies in the network itself. */
static LwBlockId
block_around (LwDiagramView *self, LwNodeId node)
{
  const LwGraph *graph = lw_diagram_layout_graph (self->layout);
  LwBlockId block = lw_graph_node (graph, node)->block;

  while (block > LW_ROOT_BLOCK && !lw_diagram_block_folds (graph, block))
    block = lw_graph_block (graph, block)->parent;
  return block > LW_ROOT_BLOCK ? block : -1;
}

void
lw_diagram_view_toggle_spot (LwDiagramView *self, LwDiagramSpot spot)
{
  LwBlockId block;

  spot = lw_diagram_layout_visible (self->layout, spot);
  block = spot.node != LW_NO_NODE ? block_around (self, spot.node) : spot.block;
  if (block < 0)
    return;
  if (spot.node != LW_NO_NODE) /* what is marked stays in sight */
    lw_diagram_view_pick (self, (LwDiagramSpot){ LW_NO_NODE, block }, false);
  lw_diagram_view_toggle (self, block);
}

void
lw_diagram_view_toggle_level (LwDiagramView *self, LwDiagramSpot spot)
{
  LwBlockId block;

  spot = lw_diagram_layout_visible (self->layout, spot);
  block = spot.node != LW_NO_NODE ? block_around (self, spot.node) : spot.block;
  if (block < 0)
    return;
  if (spot.node != LW_NO_NODE)
    lw_diagram_view_pick (self, (LwDiagramSpot){ LW_NO_NODE, block }, false);
  lw_diagram_state_set_level (self->state, block, !lw_diagram_state_is_open (self->state, block));
  refold (self, (LwDiagramSpot){ LW_NO_NODE, block }, false);
}

bool
lw_diagram_view_reveal (LwDiagramView *self, LwDiagramSpot spot)
{
  const LwGraph *graph = lw_diagram_layout_graph (self->layout);
  const LwDiagramSpot hiding = lw_diagram_layout_visible (self->layout, spot);

  if (lw_diagram_spot_equal (hiding, spot) || (spot.node == LW_NO_NODE && spot.block < 0))
    return false;
  if (spot.node != LW_NO_NODE) {
    lw_diagram_state_reveal (self->state, spot.node);
  } else {
    for (LwBlockId at = lw_graph_block (graph, spot.block)->parent; at > LW_ROOT_BLOCK;
         at = lw_graph_block (graph, at)->parent)
      lw_diagram_state_set_open (self->state, at, true);
    lw_diagram_state_ungroup (self->state, spot.block, spot.block);
  }
  lw_diagram_view_refold (self, hiding);
  return true;
}

/* --- painting ----------------------------------------------------------------------------------
 */

static void
paint_layout (cairo_t *cr, const LwDiagramLayout *layout, const LwDiagramPaint *paint,
              const cairo_rectangle_t *visible, double dx, double dy)
{
  const cairo_rectangle_t area = { visible->x - dx, visible->y - dy, visible->width,
                                   visible->height };
  LwDiagramPaint moved = *paint;

  moved.visible = &area;
  cairo_save (cr);
  cairo_translate (cr, dx, dy);
  lw_diagram_paint (cr, layout, lw_diagram_view_theme (), &moved);
  cairo_restore (cr);
}

/* The part between two heights, of the layouts moved by so much and faded into each other. Neither
 * shows what is beyond its own limit: that is in the slice below. */
static void
paint_slice (LwDiagramView *self, cairo_t *cr, const LwDiagramPaint *paint,
             const cairo_rectangle_t *slice, double old_shift, double old_limit, double new_shift,
             double new_limit)
{
  const LwDiagramFold *fold = &self->fold;

  if (slice->height <= 0)
    return;
  cairo_save (cr);
  cairo_rectangle (cr, slice->x, slice->y, slice->width, slice->height);
  cairo_clip (cr);
  cairo_save (cr);
  cairo_rectangle (cr, slice->x, slice->y, slice->width, fmax (old_limit - slice->y, 0));
  cairo_clip (cr);
  paint_layout (cr, fold->from, paint, slice, fold->dx, fold->dy + old_shift);
  cairo_restore (cr);
  cairo_push_group (cr);
  lw_diagram_paint_canvas (cr, lw_diagram_view_theme (), slice, paint->zoom);
  cairo_rectangle (cr, slice->x, slice->y, slice->width, fmax (new_limit - slice->y, 0));
  cairo_clip (cr);
  paint_layout (cr, self->layout, paint, slice, 0, new_shift);
  cairo_pop_group_to_source (cr);
  cairo_paint_with_alpha (cr, fold->progress);
  cairo_restore (cr);
}

void
lw_diagram_view_paint_fold (LwDiagramView *self, cairo_t *cr, const LwDiagramPaint *paint)
{
  const LwDiagramFold *fold = &self->fold;
  const cairo_rectangle_t *view = paint->visible;
  const double end = view->y + view->height;
  const double bottom = fold->old_bottom + (fold->new_bottom - fold->old_bottom) * fold->progress;
  const double head = fmin (fmax (fold->top, view->y), end), cut = fmin (fmax (bottom, head), end);
  const cairo_rectangle_t above = { view->x, view->y, view->width, head - view->y };
  const cairo_rectangle_t inside = { view->x, head, view->width, cut - head };
  const cairo_rectangle_t below = { view->x, cut, view->width, end - cut };
  const bool slides = fold->old_bottom != fold->new_bottom;

  /* Above the changed block both layouts are alike, from their tops on. */
  paint_slice (self, cr, paint, &above, -fold->dy, end, 0, end);
  paint_slice (self, cr, paint, &inside, 0, slides ? fold->old_bottom : end, 0,
               slides ? fold->new_bottom : end);
  paint_slice (self, cr, paint, &below, bottom - fold->old_bottom, end, bottom - fold->new_bottom,
               end);
}

/* --- set-up ------------------------------------------------------------------------------------
 */

static void
fold_step (double value, gpointer data)
{
  LwDiagramView *self = LW_DIAGRAM_VIEW (data);

  self->fold.progress = value;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
fold_done (LwDiagramView *self)
{
  g_clear_pointer (&self->fold.from, lw_diagram_layout_free);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
lw_diagram_view_init_fold (LwDiagramView *self)
{
  AdwAnimationTarget *target = adw_callback_animation_target_new (fold_step, self, NULL);

  self->fold_animation = adw_timed_animation_new (GTK_WIDGET (self), 0, 1, DURATION_MS, target);
  adw_timed_animation_set_easing (ADW_TIMED_ANIMATION (self->fold_animation), ADW_EASE_OUT_CUBIC);
  g_signal_connect_swapped (self->fold_animation, "done", G_CALLBACK (fold_done), self);
}
