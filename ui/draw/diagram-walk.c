/* Finding what lies at a point, walking along edges with the keyboard, and reading aloud. */
#include "ui/draw/diagram-private.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

static const LwDiagramBox *
box_at (const LwDiagramLayout *layout, int32_t index)
{
  return &g_array_index (layout->boxes, LwDiagramBox, index);
}

static const LwDiagramFrame *
frame_at (const LwDiagramLayout *layout, int32_t index)
{
  return &g_array_index (layout->frames, LwDiagramFrame, index);
}

static const LwDiagramStrip *
strip_at (const LwDiagramLayout *layout, int32_t index)
{
  return &g_array_index (layout->strips, LwDiagramStrip, index);
}

static bool
contains (const cairo_rectangle_t *r, double x, double y)
{
  return x >= r->x && y >= r->y && x < r->x + r->width && y < r->y + r->height;
}

static LwDiagramSpot
spot_of_box (const LwDiagramBox *box)
{
  return (LwDiagramSpot){ box->node, box->block };
}

LwDiagramSpot
lw_diagram_layout_hit (const LwDiagramLayout *layout, double x, double y, bool *ret_chevron)
{
  bool ignored;
  bool *chevron = ret_chevron ? ret_chevron : &ignored;
  *chevron = false;
  g_autoptr (GArray) found = g_array_new (FALSE, FALSE, sizeof (int32_t));
  lw_diagram_layout_between (layout, LW_DIAGRAM_BOXES, y, y + LW_SHEET, found);
  for (guint i = 0; i < found->len; i++) {
    const LwDiagramBox *box = box_at (layout, g_array_index (found, int32_t, i));
    const bool on_sheet =
        box->sheet &&
        contains (&(cairo_rectangle_t){ box->rect.x + LW_SHEET, box->rect.y - LW_SHEET,
                                        box->rect.width, box->rect.height },
                  x, y);
    if (!contains (&box->rect, x, y) && !on_sheet)
      continue;
    for (int32_t k = 0; k < box->n_strips; k++) {
      const LwDiagramStrip *strip = strip_at (layout, box->first_strip + k);
      if (contains (&strip->rect, x, y))
        return (LwDiagramSpot){ strip->node, -1 };
    }
    *chevron = box->block >= 0 && x < box->rect.x + LW_PAD_LEFT + LW_CHEVRON &&
               y < box->rect.y + box->rect.height * 0.65;
    return spot_of_box (box);
  }
  lw_diagram_layout_between (layout, LW_DIAGRAM_FRAMES, y, y, found);
  for (guint i = found->len; i > 0; i--) { /* inner ones come later */
    const LwDiagramFrame *frame = frame_at (layout, g_array_index (found, int32_t, i - 1));
    if (!contains (&frame->rect, x, y))
      continue;
    *chevron = contains (&frame->header, x, y);
    return (LwDiagramSpot){ LW_NO_NODE, frame->block };
  }
  return LW_NO_SPOT;
}

int32_t
lw_diagram_layout_box_of (const LwDiagramLayout *layout, LwNodeId node)
{
  return node >= 0 && node < lw_graph_n_nodes (layout->graph) ? layout->node_box[node] : -1;
}

static int32_t
frame_of_block (const LwDiagramLayout *layout, LwBlockId block)
{
  return block >= 0 && block < lw_graph_n_blocks (layout->graph) ? layout->block_frame[block] : -1;
}

LwDiagramSpot
lw_diagram_layout_visible (const LwDiagramLayout *layout, LwDiagramSpot spot)
{
  LwNodeId node = spot.node;
  if (spot.block >= 0) {
    if (spot.block >= lw_graph_n_blocks (layout->graph))
      return LW_NO_SPOT;
    if (frame_of_block (layout, spot.block) >= 0)
      return spot;
    const LwBlock *block = lw_graph_block (layout->graph, spot.block);
    node = block->first <= block->last ? block->first : LW_NO_NODE;
  }
  const int32_t index = lw_diagram_layout_box_of (layout, node);
  if (index < 0)
    return LW_NO_SPOT;
  const LwDiagramBox *box = box_at (layout, index);
  return box->block >= 0 ? spot_of_box (box) : (LwDiagramSpot){ node, -1 };
}

bool
lw_diagram_layout_spot_rect (const LwDiagramLayout *layout, LwDiagramSpot spot,
                             cairo_rectangle_t *ret_rect)
{
  spot = lw_diagram_layout_visible (layout, spot);
  if (spot.block >= 0) {
    const int32_t frame = frame_of_block (layout, spot.block);
    if (frame >= 0) {
      *ret_rect = frame_at (layout, frame)->rect;
      return true;
    }
    spot.node = lw_graph_block (layout->graph, spot.block)->first;
  }
  const int32_t index = lw_diagram_layout_box_of (layout, spot.node);
  if (index < 0)
    return false;
  const LwDiagramBox *box = box_at (layout, index);
  *ret_rect = box->rect;
  for (int32_t k = 0; k < box->n_strips; k++)
    if (strip_at (layout, box->first_strip + k)->node == spot.node)
      *ret_rect = strip_at (layout, box->first_strip + k)->rect;
  return true;
}

/* --- walking --- */

int32_t
lw_diagram_layout_n_spots (const LwDiagramLayout *layout)
{
  return (int32_t)layout->spots->len;
}

LwDiagramSpot
lw_diagram_layout_spot (const LwDiagramLayout *layout, int32_t index)
{
  if (index < 0 || (guint)index >= layout->spots->len)
    return LW_NO_SPOT;
  return g_array_index (layout->spots, LwDiagramSpot, index);
}

static int32_t
index_of_spot (const LwDiagramLayout *layout, LwDiagramSpot spot)
{
  for (guint i = 0; i < layout->spots->len; i++)
    if (lw_diagram_spot_equal (g_array_index (layout->spots, LwDiagramSpot, i), spot))
      return (int32_t)i;
  return -1;
}

static bool
frame_holds (const LwDiagramLayout *layout, int32_t frame, int32_t box)
{
  return box >= frame_at (layout, frame)->first_box && box <= frame_at (layout, frame)->last_box;
}

/* The box that an edge leads to or comes from; the first edge found is the main path's. */
static int32_t
linked_box (const LwDiagramLayout *layout, int32_t box, bool down)
{
  for (guint i = 0; i < layout->edges->len; i++) {
    const LwDiagramEdge *edge = &g_array_index (layout->edges, LwDiagramEdge, i);
    if (edge->to >= 0 && (down ? edge->from : edge->to) == box)
      return down ? edge->to : edge->from;
  }
  return -1;
}

/* Into `box` from `from`: the outermost open block that is entered on the way comes first. */
static LwDiagramSpot
enter (const LwDiagramLayout *layout, int32_t from, int32_t box, bool down)
{
  int32_t entered = -1;
  for (int32_t f = box_at (layout, box)->frame; f >= 0; f = frame_at (layout, f)->parent)
    if (!frame_holds (layout, f, from))
      entered = f;
  if (down && entered >= 0)
    return (LwDiagramSpot){ LW_NO_NODE, frame_at (layout, entered)->block };
  const LwDiagramBox *to = box_at (layout, box);
  if (to->n_strips > 0) { /* the first or last layer in it */
    const LwDiagramStrip *first = strip_at (layout, to->first_strip);
    const LwDiagramStrip *last = strip_at (layout, to->first_strip + to->n_strips - 1);
    if (down && first->rect.y < to->body.y)
      return (LwDiagramSpot){ first->node, -1 };
    if (!down && last->rect.y > to->body.y)
      return (LwDiagramSpot){ last->node, -1 };
  }
  return spot_of_box (to);
}

/* Up or down within a box's strips, then along its edges, past headers of open blocks. */
static LwDiagramSpot
walk_along (const LwDiagramLayout *layout, LwDiagramSpot from, bool down)
{
  const int32_t here = index_of_spot (layout, from);
  const int32_t frame = from.block >= 0 ? frame_of_block (layout, from.block) : -1;
  int32_t box;
  if (frame >= 0) {
    if (down)
      return lw_diagram_layout_spot (layout, here + 1);
    box = frame_at (layout, frame)->first_box;
  } else {
    box = lw_diagram_layout_box_of (
        layout, from.block >= 0 ? lw_graph_block (layout->graph, from.block)->first : from.node);
    const LwDiagramSpot next = lw_diagram_layout_spot (layout, here + (down ? 1 : -1));
    if (next.node >= 0 && lw_diagram_layout_box_of (layout, next.node) == box && from.block < 0)
      return next;
  }
  const int32_t to = linked_box (layout, box, down);
  if (!down) { /* the header of the block that this box is the entrance of */
    int32_t outer = frame >= 0 ? frame_at (layout, frame)->parent : box_at (layout, box)->frame;
    if (outer >= 0 && (to < 0 || !frame_holds (layout, outer, to)))
      return (LwDiagramSpot){ LW_NO_NODE, frame_at (layout, outer)->block };
  }
  if (to >= 0)
    return enter (layout, box, to, down);
  /* its edge leads out of a block without a box of its own: the next in reading order */
  const LwDiagramSpot beside = lw_diagram_layout_spot (layout, here + (down ? 1 : -1));
  return beside.node >= 0 || beside.block >= 0 ? beside : from;
}

static LwDiagramSpot
walk_aside (const LwDiagramLayout *layout, LwDiagramSpot from, bool right)
{
  cairo_rectangle_t r, s;
  if (!lw_diagram_layout_spot_rect (layout, from, &r))
    return from;
  LwDiagramSpot best = from;
  double least = INFINITY;
  for (guint i = 0; i < layout->spots->len; i++) {
    const LwDiagramSpot spot = g_array_index (layout->spots, LwDiagramSpot, i);
    if (!lw_diagram_layout_spot_rect (layout, spot, &s))
      continue;
    const double across = right ? s.x - (r.x + r.width) : r.x - (s.x + s.width);
    const double apart = fabs (s.y + s.height / 2 - (r.y + r.height / 2));
    if (across < 0 || apart > 160)
      continue;
    const double cost = across + 2 * apart;
    if (cost < least) {
      least = cost;
      best = spot;
    }
  }
  return best;
}

LwDiagramSpot
lw_diagram_layout_walk (const LwDiagramLayout *layout, LwDiagramSpot from, LwDiagramWalk direction)
{
  const int32_t n = lw_diagram_layout_n_spots (layout);
  from = lw_diagram_layout_visible (layout, from);
  if (index_of_spot (layout, from) < 0)
    return lw_diagram_layout_spot (layout, direction == LW_WALK_END ? n - 1 : 0);
  switch (direction) {
  case LW_WALK_UP:
    return walk_along (layout, from, false);
  case LW_WALK_DOWN:
    return walk_along (layout, from, true);
  case LW_WALK_LEFT:
    return walk_aside (layout, from, false);
  case LW_WALK_RIGHT:
    return walk_aside (layout, from, true);
  case LW_WALK_HOME:
    return lw_diagram_layout_spot (layout, 0);
  case LW_WALK_END:
    return lw_diagram_layout_spot (layout, n - 1);
  }
  return from;
}

/* --- reading aloud --- */

static char *
spoken_count (LwCost cost, LwCount count)
{
  const double value = count == LW_COUNT_MACS    ? (double)cost.macs
                       : count == LW_COUNT_FLOPS ? 2.0 * (double)cost.macs
                                                 : (double)cost.operations;
  const char *unit = count == LW_COUNT_MACS    ? _ ("MACs")
                     : count == LW_COUNT_FLOPS ? _ ("FLOPs")
                                               : _ ("operations");
  g_autofree char *shorter = lw_format_short (value);
  const size_t length = strlen (shorter);
  const char *size = "";
  if (length > 2 && shorter[length - 2] == ' ') {
    size = shorter[length - 1] == 'k'   ? _ (" thousand")
           : shorter[length - 1] == 'M' ? _ (" million")
                                        : _ (" billion");
    shorter[length - 2] = '\0';
  }
  return g_strdup_printf ("%s%s %s", shorter, size, unit);
}

char *
lw_diagram_layout_describe (const LwDiagramLayout *layout, LwDiagramSpot spot)
{
  const LwGraph *graph = layout->graph;
  const bool is_block = spot.block > LW_ROOT_BLOCK && spot.block < lw_graph_n_blocks (graph);
  if (!is_block && (spot.node < 0 || spot.node >= lw_graph_n_nodes (graph)))
    return g_strdup ("");
  const LwBlock *block = is_block ? lw_graph_block (graph, spot.block) : NULL;
  const LwNode *node = lw_graph_node (graph, block ? block->last : spot.node);
  const LwCost cost = block ? lw_block_cost (graph, spot.block) : lw_node_cost (graph, spot.node);
  const char *kind = _ (lw_op_info (node->op)->title);
  if (block)
    kind = frame_of_block (layout, spot.block) >= 0 ? _ ("open block") : _ ("closed block");
  GString *out = g_string_new (block ? block->title : node->title);
  g_string_append_printf (out, ", %s, ", kind);
  if (node->shape.flat)
    g_string_append_printf (out, _ ("output %d"), node->shape.c);
  else
    g_string_append_printf (out, _ ("output %d by %d by %d"), node->shape.c, node->shape.h,
                            node->shape.w);
  if (cost.parameters > 0) {
    g_autofree char *exact = lw_format_exact (cost.parameters);
    g_string_append_printf (out, _ (", %s parameters"), exact);
  }
  if (cost.macs > 0 || layout->options.count == LW_COUNT_OPERATIONS) {
    g_autofree char *count = spoken_count (cost, layout->options.count);
    g_string_append_printf (out, ", %s", count);
  }
  return g_string_free (out, FALSE);
}
