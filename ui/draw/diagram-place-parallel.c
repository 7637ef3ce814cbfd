/* Parallel parts in place: columns, shortcuts, carried channels, and the join that ends them. */
#include "ui/draw/diagram-place-private.h"

#include <math.h>
#include <string.h>

static int32_t
place_join (LwPlacing *p, LwDiagramPart *part, double axis, double bottom, LwPen *pen)
{
  const LwDiagramItem *item = part->item;
  const int32_t index = lw_place_box (p, item, axis + part->bar_left, bottom - item->height,
                                      part->bar_right - part->bar_left);
  LwDiagramBox *box = &g_array_index (p->layout->boxes, LwDiagramBox, index);
  if (part->shares) {
    box->n_shares = (int32_t)part->shares->len;
    g_array_append_vals (p->layout->shares, part->shares->data, part->shares->len);
  }
  *pen = (LwPen){ axis, bottom, index, item->output };
  return index;
}

void
lw_place_columns (LwPlacing *p, LwDiagramPart *part, double axis, double top, LwPen *pen)
{
  const double bottom = top + part->height;
  const bool sum = part->item->type == LW_BOX_SUM;
  const double target = bottom - part->item->height + (sum ? LW_SUM_RADIUS : 0);
  const LwPen start = { axis, top, pen->box, pen->value };
  const guint n = part->children->len;
  g_autofree LwPen *pens = g_new (LwPen, n);
  lw_place_edge_down (p, pen, -1, top, false);
  lw_place_dot (p, axis, top);
  for (guint i = 0; i < n; i++) {
    LwDiagramPart *branch = part->children->pdata[i];
    const double x = axis + branch->x, y = top + branch->y;
    const guint first_edge = p->layout->edges->len;
    pens[i] = (LwPen){ x, top, start.box, start.value };
    if (branch->children->len == 0) {
      lw_place_label (p, branch->label, x + LW_LABEL_OFFSET, (top + target) / 2);
      continue;
    }
    lw_place_part (p, branch, x, y, &pens[i]);
    /* the first edge came straight from above: bend it over to the dot */
    LwDiagramEdge *edge = &g_array_index (p->layout->edges, LwDiagramEdge, first_edge);
    if (first_edge < p->layout->edges->len && fabs (x - axis) > 0.01) {
      memmove (edge->points + 1, edge->points, (LW_EDGE_POINTS - 1) * sizeof edge->points[0]);
      edge->points[0] = (LwDiagramPoint){ axis, top };
      edge->n_points++;
    }
    lw_place_label (p, branch->label, x + LW_LABEL_OFFSET, pens[i].y + LW_LABEL_HEIGHT / 2 + 1);
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
    lw_place_edge (p, direct ? start.value : pens[i].value, pens[i].box, join, xy, 4, true);
  }
}

void
lw_place_shortcut (LwPlacing *p, LwDiagramPart *part, double axis, double top, LwPen *pen)
{
  LwDiagramPart *main = part->children->pdata[part->main];
  LwDiagramPart *other = part->children->pdata[1 - part->main];
  const LwPen start = *pen;
  const double bottom = top + part->height, sum = bottom - LW_SUM_RADIUS;
  const double lane = axis + part->lane;
  lw_place_dot (p, axis, top);
  lw_place_part (p, main, axis, top + main->y, pen);
  const LwPen end_of_main = *pen;

  LwPen side = { lane, top, start.box, start.value };
  double bend = axis;
  if (other->children->len > 0) {
    const double y = top + other->y;
    const guint first_edge = p->layout->edges->len;
    lw_place_label_left (p, other->label, lane - LW_LABEL_OFFSET, y - LW_LABEL_HEIGHT / 2 - 6);
    lw_place_part (p, other, lane, y, &side);
    LwDiagramEdge *edge = &g_array_index (p->layout->edges, LwDiagramEdge, first_edge);
    if (first_edge < p->layout->edges->len) {
      memmove (edge->points + 1, edge->points, (LW_EDGE_POINTS - 1) * sizeof edge->points[0]);
      edge->points[0] = (LwDiagramPoint){ axis, top };
      edge->n_points++;
    }
    lw_place_label_left (p, part->lane_labels[1], lane - LW_LABEL_OFFSET,
                         side.y + LW_LABEL_HEIGHT / 2 + 3);
    bend = lane;
  } else {
    lw_place_label (p, part->lane_labels[0], lane + LW_LABEL_OFFSET, (top + sum) / 2);
  }

  const int32_t join = place_join (p, part, axis, bottom, pen);
  lw_place_edge_down (p, &end_of_main, join, sum - LW_SUM_RADIUS, true);
  const double xy[] = { bend, side.y, lane, side.y, lane, sum, axis + LW_SUM_RADIUS, sum };
  lw_place_edge (p, side.value, side.box, join, xy, 4, true);
}

void
lw_place_dense (LwPlacing *p, LwDiagramPart *part, double axis, double top, LwPen *pen)
{
  LwDiagramPart *main = part->children->pdata[part->main];
  const LwPen start = *pen;
  const double bottom = top + part->height, middle = bottom - part->item->height / 2;
  const double lane = axis + part->lane, between = (top + middle) / 2;
  lw_place_dot (p, axis, top);
  lw_place_part (p, main, axis, top + main->y, pen);
  const LwPen end_of_main = *pen;
  const int32_t join = place_join (p, part, axis, bottom, pen);
  lw_place_edge_down (p, &end_of_main, join, bottom - part->item->height, true);
  const double xy[] = { axis, top, lane, top, lane, middle, axis + part->bar_right, middle };
  lw_place_edge (p, start.value, start.box, join, xy, 4, true);
  lw_place_label (p, part->lane_labels[0], lane + LW_LABEL_OFFSET, between - LW_LABEL_HEIGHT / 2);
  lw_place_label (p, part->lane_labels[1], lane + LW_LABEL_OFFSET, between + LW_LABEL_HEIGHT / 2);
}
