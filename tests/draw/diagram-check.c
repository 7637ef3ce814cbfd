#include "tests/draw/diagram-check.h"

#include <math.h>

#define SLACK 0.6 /* half a line's width, and rounding */

#define FAIL(...)                                                                                  \
  do {                                                                                             \
    g_autofree char *sentence = g_strdup_printf (__VA_ARGS__);                                     \
    g_error ("%s: %s", what, sentence);                                                            \
  } while (0)

static const char *
name_of (const LwDiagramBox *box)
{
  return box->name;
}

static bool
overlap (const cairo_rectangle_t *a, const cairo_rectangle_t *b)
{
  return a->x + SLACK < b->x + b->width && b->x + SLACK < a->x + a->width &&
         a->y + SLACK < b->y + b->height && b->y + SLACK < a->y + a->height;
}

static bool
inside (const cairo_rectangle_t *inner, const cairo_rectangle_t *outer)
{
  return inner->x >= outer->x - 0.01 && inner->y >= outer->y - 0.01 &&
         inner->x + inner->width <= outer->x + outer->width + 0.01 &&
         inner->y + inner->height <= outer->y + outer->height + 0.01;
}

static cairo_rectangle_t
label_rect (const LwDiagramLabel *label)
{
  return (cairo_rectangle_t){ label->x, label->y - 5, label->width, 10 };
}

/* What can touch a stretch of heights: all pairs of 10,000 would take minutes. The function asked
 * has a test of its own against all pairs. */
static const int32_t *
near (const LwDiagramLayout *layout, LwDiagramArray what, double top, double bottom, GArray *found)
{
  lw_diagram_layout_between (layout, what, top - 1, bottom + 1, found);
  return (const int32_t *)(const void *)found->data;
}

void
lw_check_nodes (const LwDiagramLayout *layout, const char *what)
{
  const LwGraph *graph = lw_diagram_layout_graph (layout);
  const int32_t n_nodes = lw_graph_n_nodes (graph);
  g_autofree int *seen = g_new0 (int, n_nodes);
  int32_t n_boxes, n_strips;
  const LwDiagramBox *boxes = lw_diagram_layout_boxes (layout, &n_boxes);
  const LwDiagramStrip *strips = lw_diagram_layout_strips (layout, &n_strips);
  for (int32_t i = 0; i < n_boxes; i++) {
    if (boxes[i].node >= 0)
      seen[boxes[i].node]++;
    else
      for (LwNodeId k = lw_graph_block (graph, boxes[i].block)->first;
           k <= lw_graph_block (graph, boxes[i].last_block)->last; k++)
        seen[k]++;
  }
  for (int32_t i = 0; i < n_strips; i++)
    seen[strips[i].node]++;
  for (LwNodeId i = 0; i < n_nodes; i++) {
    if (seen[i] != 1)
      FAIL ("%s stands in %d places", lw_graph_node (graph, i)->name, seen[i]);
    if (lw_diagram_layout_box_of (layout, i) < 0)
      FAIL ("%s is in no box", lw_graph_node (graph, i)->name);
  }
}

void
lw_check_rectangles (const LwDiagramLayout *layout, const char *what)
{
  cairo_rectangle_t all = { 0 };
  lw_diagram_layout_size (layout, &all.width, &all.height);
  int32_t n_boxes, n_labels, n_frames, n_strips;
  const LwDiagramBox *boxes = lw_diagram_layout_boxes (layout, &n_boxes);
  const LwDiagramLabel *labels = lw_diagram_layout_labels (layout, &n_labels);
  const LwDiagramFrame *frames = lw_diagram_layout_frames (layout, &n_frames);
  const LwDiagramStrip *strips = lw_diagram_layout_strips (layout, &n_strips);
  g_autoptr (GArray) found = g_array_new (FALSE, FALSE, sizeof (int32_t));

  for (int32_t i = 0; i < n_boxes; i++) {
    const cairo_rectangle_t *r = &boxes[i].rect;
    const int32_t *others = near (layout, LW_DIAGRAM_BOXES, r->y, r->y + r->height, found);
    if (!inside (r, &all))
      FAIL ("%s lies outside", name_of (&boxes[i]));
    for (guint k = 0; k < found->len; k++)
      if (others[k] != i && overlap (r, &boxes[others[k]].rect))
        FAIL ("%s overlaps %s", name_of (&boxes[i]), name_of (&boxes[others[k]]));
    for (int32_t k = 0; k < boxes[i].n_strips; k++)
      if (!inside (&strips[boxes[i].first_strip + k].rect, &boxes[i].rect))
        FAIL ("a strip of %s lies outside of it", name_of (&boxes[i]));
    for (int32_t f = 0; f < n_frames; f++) {
      const bool holds = i >= frames[f].first_box && i <= frames[f].last_box;
      if (holds ? !inside (&boxes[i].rect, &frames[f].rect)
                : overlap (&boxes[i].rect, &frames[f].rect))
        FAIL ("%s and the frame of %s", name_of (&boxes[i]), frames[f].title);
    }
  }
  for (int32_t f = 0; f < n_frames; f++) {
    if (!inside (&frames[f].rect, &all))
      FAIL ("the frame of %s lies outside", frames[f].title);
    for (int32_t k = 0; k < f; k++) {
      bool nested = false;
      for (int32_t up = frames[f].parent; up >= 0; up = frames[up].parent)
        nested = nested || up == k;
      if (nested ? !inside (&frames[f].rect, &frames[k].rect)
                 : overlap (&frames[f].rect, &frames[k].rect))
        FAIL ("the frames of %s and %s", frames[f].title, frames[k].title);
    }
  }
  for (int32_t i = 0; i < n_labels; i++) {
    const cairo_rectangle_t rect = label_rect (&labels[i]);
    if (!inside (&rect, &all))
      FAIL ("the label %s lies outside", labels[i].text);
    const int32_t *others = near (layout, LW_DIAGRAM_BOXES, rect.y, rect.y + rect.height, found);
    for (guint k = 0; k < found->len; k++)
      if (overlap (&rect, &boxes[others[k]].rect))
        FAIL ("the label %s overlaps %s", labels[i].text, name_of (&boxes[others[k]]));
    others = near (layout, LW_DIAGRAM_LABELS, rect.y, rect.y + rect.height, found);
    for (guint k = 0; k < found->len; k++) {
      const cairo_rectangle_t other = label_rect (&labels[others[k]]);
      if (others[k] != i && overlap (&rect, &other))
        FAIL ("the labels %s and %s overlap", labels[i].text, labels[others[k]].text);
    }
  }
}

/* Whether the straight piece from a to b runs through the rectangle's inside. */
static bool
crosses (LwDiagramPoint a, LwDiagramPoint b, const cairo_rectangle_t *r)
{
  return MAX (a.x, b.x) > r->x + SLACK && MIN (a.x, b.x) < r->x + r->width - SLACK &&
         MAX (a.y, b.y) > r->y + SLACK && MIN (a.y, b.y) < r->y + r->height - SLACK;
}

static bool
touches (LwDiagramPoint p, const cairo_rectangle_t *r)
{
  const double m = 4.01; /* a second sheet stands out so far */
  return p.x >= r->x - m && p.x <= r->x + r->width + m && p.y >= r->y - m &&
         p.y <= r->y + r->height + m;
}

/* Whether two pieces lie on each other for more than a corner's length. */
static bool
cover (LwDiagramPoint a, LwDiagramPoint b, LwDiagramPoint c, LwDiagramPoint d)
{
  const double least = 4;
  if (fabs (a.x - b.x) < 0.01 && fabs (c.x - d.x) < 0.01)
    return fabs (a.x - c.x) < 1 &&
           MIN (MAX (a.y, b.y), MAX (c.y, d.y)) - MAX (MIN (a.y, b.y), MIN (c.y, d.y)) > least;
  if (fabs (a.y - b.y) < 0.01 && fabs (c.y - d.y) < 0.01)
    return fabs (a.y - c.y) < 1 &&
           MIN (MAX (a.x, b.x), MAX (c.x, d.x)) - MAX (MIN (a.x, b.x), MIN (c.x, d.x)) > least;
  return false;
}

/* Lines of different values never lie on each other, or nobody could tell where they lead; but
 * those that leave a tangle together meet at its end. */
static void
check_lines (const LwDiagramLayout *layout, const char *what)
{
  int32_t n_edges;
  const LwDiagramEdge *edges = lw_diagram_layout_edges (layout, &n_edges);
  g_autoptr (GArray) found = g_array_new (FALSE, FALSE, sizeof (int32_t));
  for (int32_t i = 0; i < n_edges; i++)
    for (int32_t p = 1; p < edges[i].n_points; p++) {
      const LwDiagramPoint a = edges[i].points[p - 1], b = edges[i].points[p];
      const int32_t *others =
          near (layout, LW_DIAGRAM_EDGES, MIN (a.y, b.y), MAX (a.y, b.y), found);
      for (guint k = 0; k < found->len; k++) {
        const LwDiagramEdge *other = &edges[others[k]];
        const bool meet = edges[i].to < 0 && other->to < 0;
        for (int32_t q = 1; other->value != edges[i].value && q < other->n_points; q++)
          if (!(meet && fabs (a.y - b.y) < 0.01) &&
              cover (a, b, other->points[q - 1], other->points[q]))
            FAIL ("the edges to boxes %d and %d lie on each other", edges[i].to, other->to);
      }
    }
}

void
lw_check_edges (const LwDiagramLayout *layout, const char *what)
{
  int32_t n_boxes, n_edges, n_labels, n_frames;
  const LwDiagramBox *boxes = lw_diagram_layout_boxes (layout, &n_boxes);
  const LwDiagramFrame *frames = lw_diagram_layout_frames (layout, &n_frames);
  const LwDiagramEdge *edges = lw_diagram_layout_edges (layout, &n_edges);
  const LwDiagramLabel *labels = lw_diagram_layout_labels (layout, &n_labels);
  g_autoptr (GArray) found = g_array_new (FALSE, FALSE, sizeof (int32_t));
  g_autofree bool *fed = g_new0 (bool, n_boxes);
  for (int32_t i = 0; i < n_edges; i++) {
    const LwDiagramEdge *edge = &edges[i];
    if (edge->to >= 0)
      fed[edge->to] = true;
    g_assert_cmpint (edge->n_points, >=, 2);
    g_assert_cmpint (edge->n_points, <=, LW_EDGE_POINTS);
    if (edge->to >= 0 && edge->from >= 0 && edge->from >= edge->to)
      FAIL ("an edge runs back from %s to %s", name_of (&boxes[edge->from]),
            name_of (&boxes[edge->to]));
    bool ends = edge->to < 0 || touches (edge->points[edge->n_points - 1], &boxes[edge->to].rect);
    for (int32_t f = 0; f < n_frames && !ends; f++) /* or at the open block around it */
      ends = edge->to >= frames[f].first_box && edge->to <= frames[f].last_box &&
             touches (edge->points[edge->n_points - 1], &frames[f].rect);
    if (!ends)
      FAIL ("an edge misses %s", name_of (&boxes[edge->to]));
    for (int32_t p = 1; p < edge->n_points; p++) {
      const LwDiagramPoint a = edge->points[p - 1], b = edge->points[p];
      if (fabs (a.x - b.x) > 0.01 && fabs (a.y - b.y) > 0.01)
        FAIL ("an edge to box %d is slanted", edge->to);
      const double top = MIN (a.y, b.y), bottom = MAX (a.y, b.y);
      const int32_t *others = near (layout, LW_DIAGRAM_BOXES, top, bottom, found);
      for (guint k = 0; k < found->len; k++)
        if (crosses (a, b, &boxes[others[k]].rect))
          FAIL ("the edge from box %d to box %d crosses %s", edge->from, edge->to,
                name_of (&boxes[others[k]]));
      others = near (layout, LW_DIAGRAM_LABELS, top, bottom, found);
      for (guint k = 0; k < found->len; k++) {
        const cairo_rectangle_t rect = label_rect (&labels[others[k]]);
        if (crosses (a, b, &rect))
          FAIL ("the edge from box %d to box %d crosses the label %s", edge->from, edge->to,
                labels[others[k]].text);
      }
    }
  }
  for (int32_t k = 1; k < n_boxes; k++) /* nothing but the input comes from nowhere */
    if (!fed[k] && boxes[k].type != LW_BOX_INPUT)
      FAIL ("no edge leads to %s", name_of (&boxes[k]));
}

static double
wide (LwText *text, LwTextStyle style, const char *words)
{
  return lw_text_width (text, style, words);
}

void
lw_check_words (const LwDiagramLayout *layout, const char *what)
{
  LwText *text = lw_diagram_layout_text (layout);
  int32_t n_boxes, n_frames, n_strips;
  const LwDiagramBox *boxes = lw_diagram_layout_boxes (layout, &n_boxes);
  const LwDiagramFrame *frames = lw_diagram_layout_frames (layout, &n_frames);
  const LwDiagramStrip *strips = lw_diagram_layout_strips (layout, &n_strips);
  for (int32_t i = 0; i < n_boxes; i++) {
    const LwDiagramBox *box = &boxes[i];
    if (box->type == LW_BOX_SUM)
      continue;
    const LwTextStyle style = box->type == LW_BOX_CONCAT ? LW_TEXT_DETAIL_BOLD
                              : box->type == LW_BOX_THIN ? LW_TEXT_DETAIL
                                                         : LW_TEXT_NAME;
    const double first = wide (text, style, box->name) + wide (text, LW_TEXT_DETAIL, box->detail) +
                         wide (text, LW_TEXT_DETAIL, box->aside);
    const double second =
        wide (text, LW_TEXT_DETAIL, box->left) + wide (text, LW_TEXT_DETAIL, box->right);
    if (first > box->rect.width - 16 || second > box->rect.width - 20)
      FAIL ("the words of %s need %.1f and %.1f, the box is %.1f wide", box->name, first, second,
            box->rect.width);
    for (int k = 0; k + 1 < LW_MORE; k += 2) {
      const double more =
          wide (text, LW_TEXT_DETAIL, box->more[k]) + wide (text, LW_TEXT_DETAIL, box->more[k + 1]);
      if (more > box->rect.width - 20)
        FAIL ("line %d of %s needs %.1f, the box is %.1f wide", k / 2 + 3, box->name, more,
              box->rect.width);
      if (box->more[k] && box->body.height < 38 + 15 * (k / 2 + 1))
        FAIL ("line %d of %s does not fit into a height of %.1f", k / 2 + 3, box->name,
              box->body.height);
    }
    if (!box->shape || !*box->shape)
      FAIL ("%s has no shape", box->name);
  }
  for (int32_t i = 0; i < n_strips; i++)
    if (wide (text, LW_TEXT_DETAIL, strips[i].title) +
            wide (text, LW_TEXT_DETAIL, strips[i].value) >
        strips[i].rect.width - 20)
      FAIL ("the strip %s is too narrow", strips[i].title);
  for (int32_t i = 0; i < n_frames; i++) {
    const cairo_rectangle_t *r = &frames[i].header;
    if (r->x + 30 + wide (text, LW_TEXT_NAME, frames[i].title) > frames[i].axis - 4 ||
        r->x + r->width - 13 - wide (text, LW_TEXT_CAPTION, frames[i].totals) < frames[i].axis + 4)
      FAIL ("the words in the header of %s touch the trunk", frames[i].title);
  }
}

void
lw_check_walk (const LwDiagramLayout *layout, const char *what)
{
  const int32_t n = lw_diagram_layout_n_spots (layout);
  for (int32_t i = 0; i < n; i++) {
    const LwDiagramSpot spot = lw_diagram_layout_spot (layout, i);
    cairo_rectangle_t r;
    if (!lw_diagram_layout_spot_rect (layout, spot, &r))
      FAIL ("spot %d has no place", i);
    bool chevron;
    const bool frame =
        spot.block >= 0 &&
        lw_diagram_layout_box_of (
            layout, lw_graph_block (lw_diagram_layout_graph (layout), spot.block)->first) >= 0;
    const double y = r.y + (r.height > 45 && frame ? 5 : r.height / 2);
    if (spot.node >= 0 && r.height > 19) /* a box with strips: its own lines */
      continue;
    if (!lw_diagram_spot_equal (lw_diagram_layout_hit (layout, r.x + 3, y, &chevron), spot))
      FAIL ("spot %d is not found where it is drawn", i);
    g_autofree char *words = lw_diagram_layout_describe (layout, spot);
    if (!*words)
      FAIL ("spot %d has no description", i);
  }
  /* Down from the first spot, at most as many steps as there are spots, reaches the last box. */
  LwDiagramSpot at = lw_diagram_layout_walk (layout, LW_NO_SPOT, LW_WALK_HOME);
  for (int32_t step = 0; step < n; step++)
    at = lw_diagram_layout_walk (layout, at, LW_WALK_DOWN);
  const LwDiagramSpot end = lw_diagram_layout_walk (layout, at, LW_WALK_END);
  if (!lw_diagram_spot_equal (at, end))
    FAIL ("walking down ends at node %d, block %d", at.node, at.block);
  for (int32_t step = 0; step < n; step++)
    at = lw_diagram_layout_walk (layout, at, LW_WALK_UP);
  if (!lw_diagram_spot_equal (at, lw_diagram_layout_spot (layout, 0)))
    FAIL ("walking up ends at node %d, block %d", at.node, at.block);
}

void
lw_check_layout (const LwDiagramLayout *layout, const char *what)
{
  lw_check_nodes (layout, what);
  lw_check_rectangles (layout, what);
  lw_check_edges (layout, what);
  check_lines (layout, what);
  lw_check_words (layout, what);
  lw_check_walk (layout, what);
}

/* --- as text --- */

static void
dump_rect (GString *out, const cairo_rectangle_t *r)
{
  g_string_append_printf (out, " at %.0f %.0f, %.0f × %.0f", r->x, r->y, r->width, r->height);
}

static void
dump_words (GString *out, const char *name, const char *words)
{
  if (words)
    g_string_append_printf (out, ", %s “%s”", name, words);
}

char *
lw_dump_layout (const LwDiagramLayout *layout)
{
  static const char *const types[] = {
    "input", "layer", "thin", "concat", "sum", "block", "group"
  };
  GString *out = g_string_new (NULL);
  double width, height;
  lw_diagram_layout_size (layout, &width, &height);
  g_string_append_printf (out, "size %.0f × %.0f, axis %.0f\n", width, height,
                          lw_diagram_layout_axis (layout));
  int32_t n, n_strips, n_shares;
  const LwDiagramFrame *frames = lw_diagram_layout_frames (layout, &n);
  for (int32_t i = 0; i < n; i++) {
    g_string_append_printf (out, "frame %d “%s” “%s”", i, frames[i].title, frames[i].totals);
    dump_rect (out, &frames[i].rect);
    g_string_append_printf (out, ", in %d, boxes %d to %d\n", frames[i].parent, frames[i].first_box,
                            frames[i].last_box);
  }
  const LwDiagramBox *boxes = lw_diagram_layout_boxes (layout, &n);
  const LwDiagramStrip *strips = lw_diagram_layout_strips (layout, &n_strips);
  const LwDiagramShare *shares = lw_diagram_layout_shares (layout, &n_shares);
  for (int32_t i = 0; i < n; i++) {
    const LwDiagramBox *box = &boxes[i];
    g_string_append_printf (out, "box %d %s “%s”", i, types[box->type], box->name);
    dump_rect (out, &box->rect);
    dump_words (out, "detail", box->detail);
    dump_words (out, "aside", box->aside);
    dump_words (out, "left", box->left);
    dump_words (out, "right", box->right);
    g_string_append_printf (out, "%s%s\n", box->sheet ? ", sheet" : "",
                            box->narrow ? ", narrow" : "");
    for (int32_t k = 0; k < box->n_strips; k++) {
      const LwDiagramStrip *strip = &strips[box->first_strip + k];
      g_string_append_printf (out, "  strip “%s”", strip->title);
      dump_rect (out, &strip->rect);
      dump_words (out, "value", strip->value);
      g_string_append_c (out, '\n');
    }
    for (int32_t k = 0; k < box->n_shares; k++)
      g_string_append_printf (out, "  %d %s\n", shares[box->first_share + k].channels,
                              shares[box->first_share + k].is_new ? "new" : "carried");
  }
  const LwDiagramEdge *edges = lw_diagram_layout_edges (layout, &n);
  for (int32_t i = 0; i < n; i++) {
    g_string_append_printf (out, "edge %d to %d%s:", edges[i].from, edges[i].to,
                            edges[i].arrow ? "" : ", no arrow");
    for (int32_t k = 0; k < edges[i].n_points; k++)
      g_string_append_printf (out, " %.0f,%.0f", edges[i].points[k].x, edges[i].points[k].y);
    g_string_append_c (out, '\n');
  }
  const LwDiagramLabel *labels = lw_diagram_layout_labels (layout, &n);
  for (int32_t i = 0; i < n; i++)
    g_string_append_printf (out, "label “%s” at %.0f %.0f\n", labels[i].text, labels[i].x,
                            labels[i].y);
  return g_string_free (out, FALSE);
}
