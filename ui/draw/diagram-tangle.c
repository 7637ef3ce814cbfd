/* What does not nest: one column, with lanes at the right for the values that skip boxes. */
#include "ui/draw/diagram-place-private.h"

/* A value's way down a lane: from the box `source` − 1 to the box `end`. */
typedef struct {
  int source, end;
} Way;

static int
compare_ways (gconstpointer a, gconstpointer b)
{
  const Way *x = a, *y = b;
  if (x->end - x->source != y->end - y->source)
    return x->end - x->source - (y->end - y->source);
  return x->source - y->source;
}

static bool
is_free (const GArray *lane, const Way *way)
{
  for (guint i = 0; i < lane->len; i++) {
    const Way *other = &g_array_index (lane, Way, i);
    if (other->source - 1 < way->end && way->source - 1 < other->end)
      return false;
  }
  return true;
}

/* One lane for each value that skips a box, as far in as the others let it: lanes are shared by
 * values whose stretches do not overlap. Returns how many there are. */
static int
choose_lanes (LwDiagramPart *part)
{
  const GArray *links = part->level->links;
  const int n = (int)part->children->len;
  g_autofree int *ends = g_new0 (int, n + 1); /* of source − 1: the farthest that it skips to */
  g_autoptr (GArray) ways = g_array_new (FALSE, FALSE, sizeof (Way));
  g_autoptr (GPtrArray) lanes = g_ptr_array_new_with_free_func ((GDestroyNotify)g_array_unref);
  part->lanes = g_new (int, n + 1);
  for (guint k = 0; k < links->len; k++) {
    const LwDiagramLink *link = &g_array_index (links, LwDiagramLink, k);
    if (link->to > link->from + 1)
      ends[link->from + 1] = MAX (ends[link->from + 1], link->to);
  }
  for (int i = 0; i <= n; i++) {
    const Way way = { i, ends[i] };
    part->lanes[i] = -1;
    if (ends[i] > 0)
      g_array_append_val (ways, way);
  }
  g_array_sort (ways, compare_ways); /* short ones first */
  for (guint i = 0; i < ways->len; i++) {
    const Way *way = &g_array_index (ways, Way, i);
    guint lane = 0;
    while (lane < lanes->len && !is_free (lanes->pdata[lane], way))
      lane++;
    if (lane == lanes->len)
      g_ptr_array_add (lanes, g_array_new (FALSE, FALSE, sizeof (Way)));
    g_array_append_val ((GArray *)lanes->pdata[lane], *way);
    part->lanes[way->source] = (int)lane;
  }
  return (int)lanes->len;
}

/* All boxes below one another; values that skip some run down lanes at the right. */
void
lw_diagram_measure_tangle (LwDiagramBuild *build, LwDiagramPart *part, int depth)
{
  double y = LW_DOT_MAIN;
  for (guint i = 0; i < part->children->len; i++) {
    LwDiagramPart *child = part->children->pdata[i];
    lw_diagram_measure (build, child, depth);
    if (i > 0)
      y += LW_DOT_GAP + LW_DOT_MAIN;
    child->y = y;
    y += child->height;
    lw_diagram_reach (part, child->left, child->right);
  }
  part->lane = part->right + LW_CARRIED;
  part->right = part->lane + LW_LANE * choose_lanes (part);
  part->height = y + LW_DOT_GAP;
}

/* Where the next of the links from the side enters a child: evenly over its right side, or over an
 * open block's header. */
static LwDiagramPoint
side_of (const LwPlacing *p, const LwDiagramPart *child, int32_t box, double axis, double y,
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
void
lw_place_tangle (LwPlacing *p, LwDiagramPart *part, double axis, double top, LwPen *pen)
{
  const GArray *links = part->level->links;
  const int n = (int)part->children->len;
  g_autofree LwPen *outs = g_new (LwPen, n + 1); /* of source − 1 */
  g_autofree int *from_side = g_new0 (int, n + 1);
  g_autofree int *boxes = g_new (int, n + 1);
  outs[0] = *pen;
  for (guint i = 0; i < links->len; i++) {
    const LwDiagramLink *link = &g_array_index (links, LwDiagramLink, i);
    from_side[link->to] += link->to > link->from + 1;
  }
  guint k = 0; /* links stand in the order of where they lead */
  for (int i = 0; i < n; i++) {
    LwDiagramPart *child = part->children->pdata[i];
    LwPen here = { axis, 0, -1, LW_NO_NODE };
    for (; k < links->len && g_array_index (links, LwDiagramLink, k).to <= i; k++) {
      const LwDiagramLink *link = &g_array_index (links, LwDiagramLink, k);
      if (link->from == i - 1) {
        here = outs[i];
        here.value = link->value;
      }
    }
    boxes[i] = (int)p->layout->boxes->len;
    lw_place_part (p, child, axis, top + child->y, &here);
    outs[i + 1] = (LwPen){ axis, top + child->y + child->height, here.box, here.value };
  }
  for (int i = 0; i <= n; i++)
    if (part->lanes[i] >= 0) {
      const double y = i == 0 ? top : outs[i].y + LW_DOT_GAP;
      lw_place_dot (p, axis, y);
      lw_place_edge_down (p, &outs[i], -1, y, false);
    }

  const double bottom = top + part->height;
  g_autofree int *done = g_new0 (int, n + 1);
  *pen = (LwPen){ axis, bottom, outs[n].box, LW_NO_NODE };
  for (k = 0; k < links->len; k++) {
    const LwDiagramLink *link = &g_array_index (links, LwDiagramLink, k);
    const LwPen *from = &outs[link->from + 1];
    const double lane = axis + part->lane + LW_LANE * part->lanes[link->from + 1];
    const double y = link->from < 0 ? top : from->y + LW_DOT_GAP;
    if (link->to == n)
      pen->value = link->value;
    if (link->to == link->from + 1) {
      const double xy[] = { axis, from->y, axis, bottom };
      if (link->to == n)
        lw_place_edge (p, link->value, from->box, -1, xy, 2, false);
    } else if (link->to == n) {
      const double xy[] = { axis, y, lane, y, lane, bottom, axis, bottom };
      lw_place_edge (p, link->value, from->box, -1, xy, 4, false);
    } else {
      const LwDiagramPart *child = part->children->pdata[link->to];
      const LwDiagramPoint end = side_of (p, child, boxes[link->to], axis, top + child->y,
                                          done[link->to]++, from_side[link->to]);
      const double xy[] = { axis, y, lane, y, lane, end.y, end.x, end.y };
      lw_place_edge (p, link->value, from->box, boxes[link->to], xy, 4, true);
    }
  }
}
