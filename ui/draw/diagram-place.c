/* From measured parts to the layout's arrays. A pen walks down: it holds the point where the last
 * box ended and the value that leaves it, and every box draws the edge from the pen to itself. */
#include "ui/draw/diagram-place-private.h"

#include <glib/gi18n.h>
#include <math.h>

/* --- small things --- */

static void
add_spot (LwPlacing *p, LwNodeId node, LwBlockId block)
{
  const LwDiagramSpot spot = { node, block };
  g_array_append_val (p->layout->spots, spot);
}

void
lw_place_label (LwPlacing *p, const char *words, double x, double middle)
{
  if (!words)
    return;
  const LwDiagramLabel label = { words, x, middle,
                                 lw_text_width (p->build->options.text, LW_TEXT_DETAIL, words) };
  g_array_append_val (p->layout->labels, label);
}

void
lw_place_label_left (LwPlacing *p, const char *words, double x, double middle)
{
  lw_place_label (p, words, x - lw_text_width (p->build->options.text, LW_TEXT_DETAIL, words),
                  middle);
}

void
lw_place_dot (LwPlacing *p, double x, double y)
{
  const LwDiagramPoint dot = { x, y };
  g_array_append_val (p->layout->dots, dot);
}

void
lw_place_edge (LwPlacing *p, LwNodeId value, int32_t from, int32_t to, const double *xy, int n,
               bool arrow)
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

void
lw_place_edge_down (LwPlacing *p, const LwPen *pen, int32_t to, double y, bool arrow)
{
  if (pen->value == LW_NO_NODE)
    return;
  const double xy[] = { pen->x, pen->y, pen->x, y };
  lw_place_edge (p, pen->value, pen->box, to, xy, 2, arrow && y - pen->y >= 14);
}

/* --- boxes --- */

static void
add_strip (LwPlacing *p, const LwDiagramItem *item, int index, cairo_rectangle_t rect)
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
add_top_strips (LwPlacing *p, const LwDiagramItem *item, cairo_rectangle_t rect)
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

int32_t
lw_place_box (LwPlacing *p, const LwDiagramItem *item, double left, double y, double width)
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
    lw_place_label (p, item->notes[i], left + width + LW_WORD_GAP,
                    y + item->height / 2 + (i - (n_notes - 1) / 2.0) * LW_LABEL_HEIGHT);
  return index;
}

static void
place_box (LwPlacing *p, LwDiagramPart *part, double axis, double top, LwPen *pen)
{
  const LwDiagramItem *item = part->item;
  const double sheet = item->words.sheet ? LW_SHEET : 0;
  const int32_t index = lw_place_box (p, item, axis - item->width / 2, top + sheet, item->width);
  lw_place_edge_down (p, pen, index, top, true);
  *pen = (LwPen){ axis, top + part->height, index, item->output };
}

static void
place_frame (LwPlacing *p, LwDiagramPart *part, double axis, double top, LwPen *pen)
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
  lw_place_part (p, content, axis, top + content->y, pen);
  p->frame = outer;
  g_array_index (layout->frames, LwDiagramFrame, index).last_box = (int32_t)layout->boxes->len - 1;
}

static void
place_series (LwPlacing *p, LwDiagramPart *series, double axis, double top, LwPen *pen)
{
  for (guint i = 0; i < series->children->len; i++) {
    LwDiagramPart *part = series->children->pdata[i];
    const double y = top + part->y;
    if (part->label && series->role == LW_ROLE_SHORTCUT)
      lw_place_label_left (p, part->label, axis - LW_LABEL_OFFSET, y - part->dot_gap / 2);
    else
      lw_place_label (p, part->label, axis + LW_LABEL_OFFSET, y - part->dot_gap / 2);
    if (part->value != LW_NO_NODE)
      pen->value = part->value;
    lw_place_part (p, part, axis, y, pen);
  }
}

void
lw_place_part (LwPlacing *p, LwDiagramPart *part, double axis, double top, LwPen *pen)
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
    lw_place_tangle (p, part, axis, top, pen);
    break;
  case LW_PART_PARALLEL:
    if (part->style == LW_PARALLEL_COLUMNS)
      lw_place_columns (p, part, axis, top, pen);
    else if (part->style == LW_PARALLEL_SHORTCUT)
      lw_place_shortcut (p, part, axis, top, pen);
    else
      lw_place_dense (p, part, axis, top, pen);
    break;
  }
}

void
lw_diagram_place (LwDiagramBuild *build, LwDiagramLayout *layout, LwDiagramPart *root)
{
  g_autofree char *classes = g_strdup_printf (_ ("%d classes"), lw_graph_classes (build->graph));
  const char *kept = lw_diagram_keep (build, g_steal_pointer (&classes));
  const double words = LW_LABEL_OFFSET + lw_text_width (build->options.text, LW_TEXT_DETAIL, kept);
  LwPlacing p = { build, layout, -1 };
  LwPen pen = { 0, 0, -1, LW_NO_NODE };
  const double axis = ceil (LW_MARGIN + root->left);
  lw_place_part (&p, root, axis, LW_MARGIN, &pen);
  const double end = LW_MARGIN + root->height + LW_GAP;
  if (pen.value != LW_NO_NODE) {
    pen.x = axis;
    lw_place_edge_down (&p, &pen, -1, end, true);
    lw_place_label (&p, kept, axis + LW_LABEL_OFFSET, end - LW_GAP / 2 + 1);
  }
  layout->axis = axis;
  layout->width = ceil (axis + MAX (root->right, words) + LW_MARGIN);
  layout->height = ceil (end + LW_MARGIN);
}
