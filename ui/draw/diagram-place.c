/* From measured parts to the layout's arrays. A pen walks down: it holds the point where the last
 * box ended and the value that leaves it, and every box draws the edge from the pen to itself. */
#include "ui/draw/diagram-private.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

typedef struct {
  double x, y;
  int32_t box; /* −1: from outside */
  LwNodeId value;
} Pen;

typedef struct {
  LwDiagramBuild *build;
  LwDiagramLayout *layout;
  int32_t frame;
} Placing;

static void place (Placing *p, LwDiagramPart *part, double axis, double top, Pen *pen);

/* --- small things -------------------------------------------------------------------------------
 */

static void
add_spot (Placing *p, LwNodeId node, LwBlockId block)
{
  const LwDiagramSpot spot = { node, block };
  g_array_append_val (p->layout->spots, spot);
}

static void
add_label (Placing *p, const char *words, double x, double middle)
{
  if (!words)
    return;
  const LwDiagramLabel label = { words, x, middle,
                                 lw_text_width (p->build->options.text, LW_TEXT_DETAIL, words) };
  g_array_append_val (p->layout->labels, label);
}

static void
add_label_left (Placing *p, const char *words, double x, double middle)
{
  add_label (p, words, x - lw_text_width (p->build->options.text, LW_TEXT_DETAIL, words), middle);
}

static void
add_dot (Placing *p, double x, double y)
{
  const LwDiagramPoint dot = { x, y };
  g_array_append_val (p->layout->dots, dot);
}

/* `xy`: the corners, pairs; points that repeat or lie between two others on a line are left out. */
static void
add_edge (Placing *p, LwNodeId value, int32_t from, int32_t to, const double *xy, int n, bool arrow)
{
  LwDiagramEdge edge = { .value = value, .from = from, .to = to, .arrow = arrow };
  for (int i = 0; i < n; i++) {
    const LwDiagramPoint point = { xy[2 * i], xy[2 * i + 1] };
    LwDiagramPoint *last = edge.n_points > 0 ? &edge.points[edge.n_points - 1] : NULL;
    if (last && fabs (last->x - point.x) < 0.01 && fabs (last->y - point.y) < 0.01)
      continue;
    if (edge.n_points > 1) {
      const LwDiagramPoint *before = &edge.points[edge.n_points - 2];
      const bool same_x = fabs (before->x - last->x) < 0.01 && fabs (last->x - point.x) < 0.01;
      const bool same_y = fabs (before->y - last->y) < 0.01 && fabs (last->y - point.y) < 0.01;
      if (same_x || same_y) {
        *last = point;
        continue;
      }
    }
    edge.points[edge.n_points++] = point;
  }
  if (edge.n_points > 1)
    g_array_append_val (p->layout->edges, edge);
}

/* Straight down from the pen, if there is anything to come from. */
static void
edge_down (Placing *p, const Pen *pen, int32_t to, double y, bool arrow)
{
  if (pen->value == LW_NO_NODE)
    return;
  const double xy[] = { pen->x, pen->y, pen->x, y };
  add_edge (p, pen->value, pen->box, to, xy, 2, arrow && y - pen->y >= 14);
}

/* --- boxes ---------------------------------------------------------------------------------------
 */

static void
add_strip (Placing *p, const LwDiagramItem *item, int index, cairo_rectangle_t rect)
{
  const LwDiagramStrip strip = {
    .node = item->strips[index],
    .kind = lw_op_info (lw_graph_node (p->build->graph, item->strips[index])->op)->kind,
    .rect = rect,
    .title = item->strip_titles[index],
    .value = item->strip_values[index],
  };
  g_array_append_val (p->layout->strips, strip);
  p->layout->node_box[strip.node] = (int32_t)p->layout->boxes->len - 1;
}

/* The strips above share one row, each as wide as its words and an equal part of the rest. */
static void
add_top_strips (Placing *p, const LwDiagramItem *item, cairo_rectangle_t rect)
{
  LwText *text = p->build->options.text;
  double needs[LW_ITEM_STRIPS], sum = 0;
  for (int i = 0; i < item->n_top; i++) {
    const double value = lw_text_width (text, LW_TEXT_DETAIL, item->strip_values[i]);
    needs[i] = LW_PAD_LEFT + lw_text_width (text, LW_TEXT_DETAIL, item->strip_titles[i]) +
               LW_PAD_RIGHT + (value > 0 ? LW_WORD_GAP + value : 0);
    sum += needs[i];
  }
  double x = rect.x;
  for (int i = 0; i < item->n_top; i++) {
    const double width = i == item->n_top - 1 ? rect.x + rect.width - x
                                              : needs[i] + (rect.width - sum) / item->n_top;
    add_strip (p, item, i, (cairo_rectangle_t){ x, rect.y, width, LW_STRIP_HEIGHT });
    x += width;
  }
}

/* Appends the box and what belongs to it; returns its index. `y`: its top, strips included. */
static int32_t
add_box (Placing *p, const LwDiagramItem *item, double left, double y, double width)
{
  LwDiagramLayout *layout = p->layout;
  LwDiagramBox box = item->words;
  const int32_t index = (int32_t)layout->boxes->len;
  const double above = item->n_top > 0 ? LW_STRIP_HEIGHT : 0;
  box.frame = p->frame;
  box.rect = (cairo_rectangle_t){ left, y, width, item->height };
  box.body = (cairo_rectangle_t){ left, y + above, width, item->body_height };
  box.first_strip = (int32_t)layout->strips->len;
  box.n_strips = item->n_top + item->n_bottom;
  box.first_share = (int32_t)layout->shares->len;
  g_array_append_val (layout->boxes, box);

  add_top_strips (p, item, box.rect);
  for (int i = 0; i < item->n_bottom; i++)
    add_strip (p, item, item->n_top + i,
               (cairo_rectangle_t){ left, box.body.y + box.body.height + i * LW_STRIP_HEIGHT, width,
                                    LW_STRIP_HEIGHT });
  if (item->block >= 0) {
    for (LwNodeId i = item->first; i <= item->last; i++)
      layout->node_box[i] = index;
    add_spot (p, LW_NO_NODE, item->block);
  } else {
    layout->node_box[item->host] = index;
    for (int i = 0; i < item->n_top; i++)
      add_spot (p, item->strips[i], -1);
    add_spot (p, item->host, -1);
    for (int i = 0; i < item->n_bottom; i++)
      add_spot (p, item->strips[item->n_top + i], -1);
  }
  int n_notes = 0;
  while (n_notes < 2 && item->notes[n_notes])
    n_notes++;
  for (int i = 0; i < n_notes; i++)
    add_label (p, item->notes[i], left + width + LW_WORD_GAP,
               y + item->height / 2 + (i - (n_notes - 1) / 2.0) * LW_LABEL_HEIGHT);
  return index;
}

static void
place_box (Placing *p, LwDiagramPart *part, double axis, double top, Pen *pen)
{
  const LwDiagramItem *item = part->item;
  const double sheet = item->words.sheet ? LW_SHEET : 0;
  const int32_t index = add_box (p, item, axis - item->width / 2, top + sheet, item->width);
  edge_down (p, pen, index, top, true);
  *pen = (Pen){ axis, top + part->height, index, item->output };
}

static void
place_frame (Placing *p, LwDiagramPart *part, double axis, double top, Pen *pen)
{
  LwDiagramLayout *layout = p->layout;
  const LwDiagramFrame frame = {
    .block = part->item->block,
    .parent = p->frame,
    .depth = p->frame < 0 ? 0 : g_array_index (layout->frames, LwDiagramFrame, p->frame).depth + 1,
    .rect = { axis - part->left, top, part->left + part->right, part->height },
    .header = { axis - part->left, top, part->left + part->right, LW_HEADER },
    .title = part->item->words.name,
    .totals = part->item->totals,
    .axis = axis,
    .first_box = (int32_t)layout->boxes->len,
  };
  const int32_t outer = p->frame, index = (int32_t)layout->frames->len;
  g_array_append_val (layout->frames, frame);
  add_spot (p, LW_NO_NODE, frame.block);
  p->frame = index;
  LwDiagramPart *content = part->children->pdata[0];
  place (p, content, axis, top + content->y, pen);
  p->frame = outer;
  g_array_index (layout->frames, LwDiagramFrame, index).last_box = (int32_t)layout->boxes->len - 1;
}

static void
place_series (Placing *p, LwDiagramPart *series, double axis, double top, Pen *pen)
{
  for (guint i = 0; i < series->children->len; i++) {
    LwDiagramPart *part = series->children->pdata[i];
    const double y = top + part->y;
    if (part->label && series->role == LW_ROLE_SHORTCUT)
      add_label_left (p, part->label, axis - LW_LABEL_OFFSET, y - part->dot_gap / 2);
    else
      add_label (p, part->label, axis + LW_LABEL_OFFSET, y - part->dot_gap / 2);
    if (part->value != LW_NO_NODE)
      pen->value = part->value;
    place (p, part, axis, y, pen);
  }
}

/* --- parallel parts ----------------------------------------------------------------------------
 */

static int32_t
place_join (Placing *p, LwDiagramPart *part, double axis, double bottom, Pen *pen)
{
  const LwDiagramItem *item = part->item;
  const int32_t index = add_box (p, item, axis + part->bar_left, bottom - item->height,
                                 part->bar_right - part->bar_left);
  LwDiagramBox *box = &g_array_index (p->layout->boxes, LwDiagramBox, index);
  if (part->shares) {
    box->n_shares = (int32_t)part->shares->len;
    g_array_append_vals (p->layout->shares, part->shares->data, part->shares->len);
  }
  *pen = (Pen){ axis, bottom, index, item->output };
  return index;
}

static void
place_columns (Placing *p, LwDiagramPart *part, double axis, double top, Pen *pen)
{
  const double bottom = top + part->height;
  const bool sum = part->item->type == LW_BOX_SUM;
  const double target = bottom - part->item->height + (sum ? LW_SUM_RADIUS : 0);
  const Pen start = { axis, top, pen->box, pen->value };
  const guint n = part->children->len;
  g_autofree Pen *pens = g_new (Pen, n);
  edge_down (p, pen, -1, top, false);
  add_dot (p, axis, top);
  for (guint i = 0; i < n; i++) {
    LwDiagramPart *branch = part->children->pdata[i];
    const double x = axis + branch->x, y = top + branch->y;
    const guint first_edge = p->layout->edges->len;
    pens[i] = (Pen){ x, top, start.box, start.value };
    if (branch->children->len == 0) {
      add_label (p, branch->label, x + LW_LABEL_OFFSET, (top + target) / 2);
      continue;
    }
    place (p, branch, x, y, &pens[i]);
    /* the first edge came straight from above: bend it over to the dot */
    LwDiagramEdge *edge = &g_array_index (p->layout->edges, LwDiagramEdge, first_edge);
    if (first_edge < p->layout->edges->len && fabs (x - axis) > 0.01) {
      memmove (edge->points + 1, edge->points, (LW_EDGE_POINTS - 1) * sizeof edge->points[0]);
      edge->points[0] = (LwDiagramPoint){ axis, top };
      edge->n_points++;
    }
    add_label (p, branch->label, x + LW_LABEL_OFFSET, pens[i].y + LW_LABEL_HEIGHT / 2 + 1);
  }
  const int32_t join = place_join (p, part, axis, bottom, pen);
  for (guint i = 0; i < n; i++) {
    const LwDiagramPart *branch = part->children->pdata[i];
    const bool direct = branch->children->len == 0;
    const double x = axis + branch->x;
    const double side = !sum || fabs (branch->x) < 0.01 ? 0 : copysign (LW_SUM_RADIUS, branch->x);
    const double end = sum && side == 0 ? target - LW_SUM_RADIUS : target;
    const double xy[] = { direct ? axis : x,           pens[i].y, x, pens[i].y, x, end,
                          side != 0 ? axis + side : x, end };
    add_edge (p, direct ? start.value : pens[i].value, pens[i].box, join, xy, 4, true);
  }
}

static void
place_shortcut (Placing *p, LwDiagramPart *part, double axis, double top, Pen *pen)
{
  LwDiagramPart *main = part->children->pdata[part->main];
  LwDiagramPart *other = part->children->pdata[1 - part->main];
  const Pen start = *pen;
  const double bottom = top + part->height, sum = bottom - LW_SUM_RADIUS;
  const double lane = axis + part->lane;
  add_dot (p, axis, top);
  place (p, main, axis, top + main->y, pen);
  const Pen end_of_main = *pen;

  Pen side = { lane, top, start.box, start.value };
  double bend = axis;
  if (other->children->len > 0) {
    const double y = top + other->y;
    const guint first_edge = p->layout->edges->len;
    add_label_left (p, other->label, lane - LW_LABEL_OFFSET, y - LW_LABEL_HEIGHT / 2 - 6);
    place (p, other, lane, y, &side);
    LwDiagramEdge *edge = &g_array_index (p->layout->edges, LwDiagramEdge, first_edge);
    if (first_edge < p->layout->edges->len) {
      memmove (edge->points + 1, edge->points, (LW_EDGE_POINTS - 1) * sizeof edge->points[0]);
      edge->points[0] = (LwDiagramPoint){ axis, top };
      edge->n_points++;
    }
    add_label_left (p, part->lane_labels[1], lane - LW_LABEL_OFFSET,
                    side.y + LW_LABEL_HEIGHT / 2 + 3);
    bend = lane;
  } else {
    add_label (p, part->lane_labels[0], lane + LW_LABEL_OFFSET, (top + sum) / 2);
  }

  const int32_t join = place_join (p, part, axis, bottom, pen);
  edge_down (p, &end_of_main, join, sum - LW_SUM_RADIUS, true);
  const double xy[] = { bend, side.y, lane, side.y, lane, sum, axis + LW_SUM_RADIUS, sum };
  add_edge (p, side.value, side.box, join, xy, 4, true);
}

static void
place_dense (Placing *p, LwDiagramPart *part, double axis, double top, Pen *pen)
{
  LwDiagramPart *main = part->children->pdata[part->main];
  const Pen start = *pen;
  const double bottom = top + part->height, middle = bottom - part->item->height / 2;
  const double lane = axis + part->lane, between = (top + middle) / 2;
  add_dot (p, axis, top);
  place (p, main, axis, top + main->y, pen);
  const Pen end_of_main = *pen;
  const int32_t join = place_join (p, part, axis, bottom, pen);
  edge_down (p, &end_of_main, join, bottom - part->item->height, true);
  const double xy[] = { axis, top, lane, top, lane, middle, axis + part->bar_right, middle };
  add_edge (p, start.value, start.box, join, xy, 4, true);
  add_label (p, part->lane_labels[0], lane + LW_LABEL_OFFSET, between - LW_LABEL_HEIGHT / 2);
  add_label (p, part->lane_labels[1], lane + LW_LABEL_OFFSET, between + LW_LABEL_HEIGHT / 2);
}

/* --- tangles -------------------------------------------------------------------------------------
 */

/* Where the next of the links from the side enters a child: evenly over its right side, or over an
 * open block's header. */
static LwDiagramPoint
side_of (const Placing *p, const LwDiagramPart *child, int32_t box, double axis, double y,
         int index, int count)
{
  const double share = (index + 1.0) / (count + 1.0);
  if (child->type == LW_PART_FRAME)
    return (LwDiagramPoint){ axis + child->right, y + LW_HEADER * share };
  const cairo_rectangle_t *r = &g_array_index (p->layout->boxes, LwDiagramBox, box).rect;
  const double height = child->item->type == LW_BOX_SUM && count == 1 ? r->height : r->height - 4;
  return (LwDiagramPoint){ r->x + r->width, r->y + (r->height - height) / 2 + height * share };
}

/* Links between neighbours run straight. The others leave below their box to the right, go down
 * their value's lane, and enter from the side. */
static void
place_tangle (Placing *p, LwDiagramPart *part, double axis, double top, Pen *pen)
{
  const GArray *links = part->level->links;
  const int n = (int)part->children->len;
  g_autofree Pen *outs = g_new (Pen, n + 1); /* of source − 1 */
  g_autofree int *from_side = g_new0 (int, n + 1);
  g_autofree int *boxes = g_new (int, n + 1);
  outs[0] = *pen;
  for (guint k = 0; k < links->len; k++) {
    const LwDiagramLink *link = &g_array_index (links, LwDiagramLink, k);
    from_side[link->to] += link->to > link->from + 1;
  }
  for (int i = 0; i < n; i++) {
    LwDiagramPart *child = part->children->pdata[i];
    Pen here = { axis, 0, -1, LW_NO_NODE };
    for (guint k = 0; k < links->len; k++) {
      const LwDiagramLink *link = &g_array_index (links, LwDiagramLink, k);
      if (link->to == i && link->from == i - 1) {
        here = outs[i];
        here.value = link->value;
      }
    }
    boxes[i] = (int)p->layout->boxes->len;
    place (p, child, axis, top + child->y, &here);
    outs[i + 1] = (Pen){ axis, top + child->y + child->height, here.box, here.value };
  }
  for (int i = 0; i <= n; i++)
    if (part->lanes[i] >= 0) {
      const double y = i == 0 ? top : outs[i].y + LW_DOT_GAP;
      add_dot (p, axis, y);
      edge_down (p, &outs[i], -1, y, false);
    }

  const double bottom = top + part->height;
  g_autofree int *done = g_new0 (int, n + 1);
  *pen = (Pen){ axis, bottom, outs[n].box, LW_NO_NODE };
  for (guint k = 0; k < links->len; k++) {
    const LwDiagramLink *link = &g_array_index (links, LwDiagramLink, k);
    const Pen *from = &outs[link->from + 1];
    const double lane = axis + part->lane + LW_LANE * part->lanes[link->from + 1];
    const double y = link->from < 0 ? top : from->y + LW_DOT_GAP;
    if (link->to == n)
      pen->value = link->value;
    if (link->to == link->from + 1) {
      const double xy[] = { axis, from->y, axis, bottom };
      if (link->to == n)
        add_edge (p, link->value, from->box, -1, xy, 2, false);
    } else if (link->to == n) {
      const double xy[] = { axis, y, lane, y, lane, bottom, axis, bottom };
      add_edge (p, link->value, from->box, -1, xy, 4, false);
    } else {
      const LwDiagramPart *child = part->children->pdata[link->to];
      const LwDiagramPoint end = side_of (p, child, boxes[link->to], axis, top + child->y,
                                          done[link->to]++, from_side[link->to]);
      const double xy[] = { axis, y, lane, y, lane, end.y, end.x, end.y };
      add_edge (p, link->value, from->box, boxes[link->to], xy, 4, true);
    }
  }
}

static void
place (Placing *p, LwDiagramPart *part, double axis, double top, Pen *pen)
{
  switch (part->type) {
  case LW_PART_BOX:
    place_box (p, part, axis, top, pen);
    break;
  case LW_PART_FRAME:
    place_frame (p, part, axis, top, pen);
    break;
  case LW_PART_SERIES:
    place_series (p, part, axis, top, pen);
    break;
  case LW_PART_TANGLE:
    place_tangle (p, part, axis, top, pen);
    break;
  case LW_PART_PARALLEL:
    if (part->style == LW_PARALLEL_COLUMNS)
      place_columns (p, part, axis, top, pen);
    else if (part->style == LW_PARALLEL_SHORTCUT)
      place_shortcut (p, part, axis, top, pen);
    else
      place_dense (p, part, axis, top, pen);
    break;
  }
}

void
lw_diagram_place (LwDiagramBuild *build, LwDiagramLayout *layout, LwDiagramPart *root)
{
  g_autofree char *classes = g_strdup_printf (_ ("%d classes"), lw_graph_classes (build->graph));
  const char *kept = lw_diagram_keep (build, g_steal_pointer (&classes));
  const double words = LW_LABEL_OFFSET + lw_text_width (build->options.text, LW_TEXT_DETAIL, kept);
  Placing p = { build, layout, -1 };
  Pen pen = { 0, 0, -1, LW_NO_NODE };
  const double axis = ceil (LW_MARGIN + root->left);
  place (&p, root, axis, LW_MARGIN, &pen);
  const double end = LW_MARGIN + root->height + LW_GAP;
  if (pen.value != LW_NO_NODE) {
    pen.x = axis;
    edge_down (&p, &pen, -1, end, true);
    add_label (&p, kept, axis + LW_LABEL_OFFSET, end - LW_GAP / 2 + 1);
  }
  layout->axis = axis;
  layout->width = ceil (axis + MAX (root->right, words) + LW_MARGIN);
  layout->height = ceil (end + LW_MARGIN);
}
