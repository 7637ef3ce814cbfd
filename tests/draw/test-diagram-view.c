/* What is painted of a diagram of 10,000 nodes: only what is in view; how it is found; the map. */
#include "tests/draw/canvas.h"
#include "tests/support/big_graph.h"
#include "ui/draw/diagram-minimap.h"
#include "ui/draw/spans.h"

#include <math.h>

#define WIDTH  900.0
#define HEIGHT 700.0

typedef struct {
  LwGraph *graph;
  LwText *text;
  LwDiagramState *state;
  LwDiagramLayout *layout;
} Diagram;

static Diagram
open_diagram (LwBigKind kind, int nodes)
{
  Diagram d = { lw_big_graph (kind, nodes), lw_text_new_fixed (), NULL, NULL };
  const LwDiagramOptions options = { .count = LW_COUNT_MACS, .text = d.text };

  d.state = lw_diagram_state_new (d.graph);
  lw_diagram_state_open_all (d.state);
  d.layout = lw_diagram_layout_new (d.state, &options);
  return d;
}

static void
close_diagram (Diagram *d)
{
  lw_diagram_layout_free (d->layout);
  lw_diagram_state_free (d->state);
  lw_text_free (d->text);
  lw_graph_unref (d->graph);
}

/* --- spans ------------------------------------------------------------------------------------ */

/* Against looking at each of them. */
static void
spans (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (3);
  g_autoptr (GArray) found = g_array_new (FALSE, FALSE, sizeof (int32_t));
  g_autoptr (LwSpans) spans = lw_spans_new ();
  double low[2000], high[2000];

  for (int i = 0; i < 2000; i++) {
    low[i] = floor (g_rand_double_range (random, -50000, 50000));
    high[i] = low[i] + floor (exp (g_rand_double_range (random, 0, 12)) - 1);
    lw_spans_add (spans, low[i], high[i]);
  }
  lw_spans_seal (spans);
  for (int k = 0; k < 500; k++) {
    const double from = floor (g_rand_double_range (random, -60000, 60000));
    const double to = k == 0 ? INFINITY : from + floor (exp (g_rand_double_range (random, 0, 9)));
    guint at = 0;

    lw_spans_find (spans, k == 0 ? -INFINITY : from, to, found);
    for (int i = 0; i < 2000; i++)
      if (k == 0 || (low[i] <= to && high[i] >= from)) {
        g_assert_cmpuint (at, <, found->len);
        g_assert_cmpint (g_array_index (found, int32_t, at), ==, i);
        at++;
      }
    g_assert_cmpuint (at, ==, found->len);
  }
}

static void
no_spans (void)
{
  g_autoptr (GArray) found = g_array_new (FALSE, FALSE, sizeof (int32_t));
  g_autoptr (LwSpans) spans = lw_spans_new ();

  lw_spans_seal (spans);
  lw_spans_find (spans, -INFINITY, INFINITY, found);
  g_assert_cmpuint (found->len, ==, 0);
}

/* --- only what is in view --------------------------------------------------------------------- */

typedef struct {
  const LwDiagramLayout *layout;
  cairo_rectangle_t visible;
  int spots, edges;
} Seen;

static void
see_spot (LwDiagramSpot spot, LwDiagramMark *mark, gpointer data)
{
  Seen *seen = data;
  cairo_rectangle_t r;

  (void)mark;
  g_assert_true (lw_diagram_layout_spot_rect (seen->layout, spot, &r));
  g_assert_cmpfloat (r.y, <, seen->visible.y + seen->visible.height + 90); /* a strip of a box */
  g_assert_cmpfloat (r.y + r.height, >, seen->visible.y - 90);
  seen->spots++;
}

static void
see_edge (const LwDiagramEdge *edge, LwDiagramEdgeMark *mark, gpointer data)
{
  Seen *seen = data;

  (void)edge;
  (void)mark;
  seen->edges++;
}

static Seen
paint_view (const Diagram *d, double zoom, double y, cairo_t *cr)
{
  const double axis = lw_diagram_layout_axis (d->layout);
  Seen seen = { d->layout, { axis - WIDTH / zoom / 2, y, WIDTH / zoom, HEIGHT / zoom }, 0, 0 };
  const LwDiagramPaint paint = { .zoom = zoom,
                                 .visible = &seen.visible,
                                 .selected = LW_NO_SPOT,
                                 .mark = see_spot,
                                 .edge_mark = see_edge,
                                 .mark_data = &seen };

  lw_diagram_paint (cr, d->layout, lw_theme (false), &paint);
  return seen;
}

/* What is painted is what a whole look at the arrays says is in view; and it is little. */
static void
culling (gconstpointer data)
{
  static const double zooms[] = { 0.25, 0.5, 1, 4 };
  Diagram d = open_diagram ((LwBigKind)GPOINTER_TO_INT (data), 10000);
  Canvas canvas = canvas_new (8, 8, lw_theme (false)->canvas);
  int32_t n_boxes;
  const LwDiagramBox *boxes = lw_diagram_layout_boxes (d.layout, &n_boxes);
  double width, height;

  lw_diagram_layout_size (d.layout, &width, &height);
  for (guint z = 0; z < G_N_ELEMENTS (zooms); z++)
    for (int k = 0; k < 7; k++) {
      const double y = (height - HEIGHT / zooms[z]) * k / 6;
      const Seen seen = paint_view (&d, zooms[z], y, canvas.cr);
      int expected = 0;

      for (int32_t i = 0; i < n_boxes; i++)
        expected += boxes[i].rect.y < y + seen.visible.height &&
                    boxes[i].rect.y + boxes[i].rect.height > y &&
                    boxes[i].rect.x < seen.visible.x + seen.visible.width &&
                    boxes[i].rect.x + boxes[i].rect.width > seen.visible.x;
      g_assert_cmpint (expected, >, 0);
      g_assert_cmpint (seen.spots, >=, expected);
      g_assert_cmpint (seen.spots, <=, 5 * expected + 60); /* strips twice, open blocks, rims */
      if (zooms[z] >= 1)
        g_assert_cmpint (seen.spots, <, n_boxes / 12);
      g_assert_cmpint (seen.edges, <=, 3 * seen.spots + 40);
    }
  g_assert_cmpint (paint_view (&d, 1, height + 500, canvas.cr).spots, ==, 0);
  g_assert_cmpint (paint_view (&d, 1, -HEIGHT - 500, canvas.cr).spots, ==, 0);
  canvas_finish (&canvas, NULL);
  close_diagram (&d);
}

/* A part of the picture is the same whether the rest was painted or not. */
static void
same_picture (void)
{
  Diagram d = open_diagram (LW_BIG_INCEPTION, 300);
  const LwTheme *theme = lw_theme (false);
  Canvas part = canvas_new (500, 300, theme->canvas), whole = canvas_new (500, 300, theme->canvas);
  double width, height;

  lw_diagram_layout_size (d.layout, &width, &height);
  for (int k = 0; k < 2; k++) {
    const cairo_rectangle_t visible = { 600, height / 2, 500, 300 };
    const LwDiagramPaint paint = { .zoom = 1,
                                   .visible = k == 0 ? &visible : NULL,
                                   .selected = LW_NO_SPOT };
    cairo_t *cr = k == 0 ? part.cr : whole.cr;

    cairo_translate (cr, -visible.x, -floor (visible.y));
    lw_diagram_paint (cr, d.layout, theme, &paint);
  }
  for (int y = 0; y < 299; y++)
    for (int x = 0; x < 500; x++)
      g_assert_cmpuint (canvas_pixel (&part, x, y), ==, canvas_pixel (&whole, x, y));
  canvas_finish (&part, "diagram-part");
  canvas_finish (&whole, NULL);
  close_diagram (&d);
}

/* What is under each point is what a look at all boxes says. */
static void
hits (void)
{
  Diagram d = open_diagram (LW_BIG_RESIDUAL, 3000);
  g_autoptr (GRand) random = g_rand_new_with_seed (4);
  int32_t n_boxes;
  const LwDiagramBox *boxes = lw_diagram_layout_boxes (d.layout, &n_boxes);
  double width, height;
  int on_boxes = 0;

  lw_diagram_layout_size (d.layout, &width, &height);
  for (int k = 0; k < 2000; k++) {
    const double x = g_rand_double_range (random, 0, width);
    const double y = g_rand_double_range (random, 0, height);
    const LwDiagramSpot spot = lw_diagram_layout_hit (d.layout, x, y, NULL);
    int32_t expected = -1;

    for (int32_t i = 0; i < n_boxes; i++) {
      const cairo_rectangle_t *r = &boxes[i].rect;

      if (x >= r->x && x < r->x + r->width && y >= r->y && y < r->y + r->height)
        expected = i;
    }
    on_boxes += expected >= 0;
    if (expected >= 0)
      g_assert_cmpint (lw_diagram_layout_box_of (d.layout, spot.node), ==, expected);
    else
      g_assert_cmpint (spot.node, ==, LW_NO_NODE);
  }
  g_assert_cmpint (on_boxes, >, 100);
  close_diagram (&d);
}

/* --- the map ---------------------------------------------------------------------------------- */

static void
check_map (const LwDiagramLayout *layout, double zoom)
{
  double width, height, before = -1;

  lw_diagram_layout_size (layout, &width, &height);
  for (int k = 0; k <= 20; k++) {
    const cairo_rectangle_t view = { 0, (height - HEIGHT / zoom) * k / 20, WIDTH / zoom,
                                     HEIGHT / zoom };
    const LwMinimap map = lw_minimap (layout, &view, 158, 148);
    double x, y;

    g_assert_cmpfloat (map.width, <=, 158);
    g_assert_cmpfloat (map.height, <=, 148);
    g_assert_cmpfloat (map.frame.y, >=, -0.01);
    g_assert_cmpfloat (map.frame.y + map.frame.height, <=, map.height + 0.01);
    g_assert_cmpfloat (map.frame.x + map.frame.width, <=, map.width + 0.01);
    g_assert_cmpfloat (map.frame.y, >=, before); /* it goes down with the view */
    before = map.frame.y;
    /* what the frame stands on is what the view shows */
    g_assert_cmpfloat (fabs (map.y + map.frame.y / map.scale - view.y), <, 2 / map.scale);
    if (map.per_pixel_y <= 0)
      continue;
    /* a drag over the rest of the map leads to the end */
    lw_minimap_moved (&map, &view, 0, map.height - map.frame.height - map.frame.y, &x, &y);
    g_assert_cmpfloat (fabs (y - (height - view.height)), <, 1);
    g_assert_cmpfloat (x, ==, view.x);
  }
  g_assert_cmpfloat (before, >, 0);
}

static void
map (void)
{
  static const LwBigKind kinds[] = { LW_BIG_RESIDUAL, LW_BIG_INCEPTION };
  Diagram small = open_diagram (LW_BIG_RESIDUAL, 60);
  double width, height;
  LwMinimap map;

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++) {
    Diagram d = open_diagram (kinds[i], 10000);

    check_map (d.layout, 1);
    check_map (d.layout, 0.25);
    check_map (d.layout, 4);
    close_diagram (&d);
  }
  check_map (small.layout, 1);
  lw_diagram_layout_size (small.layout, &width, &height);
  map = lw_minimap (small.layout, &(cairo_rectangle_t){ -20, -20, width + 40, height + 40 }, 158,
                    148);
  g_assert_false (map.needed); /* all is in view */
  map = lw_minimap (small.layout, &(cairo_rectangle_t){ 0, 100, width, height }, 158, 148);
  g_assert_true (map.needed);
  close_diagram (&small);
}

/* Boxes in their colours, and nothing that is written. */
static void
map_picture (void)
{
  Diagram d = open_diagram (LW_BIG_RESIDUAL, 200);
  const LwTheme *theme = lw_theme (true);
  Canvas canvas = canvas_new (170, 160, theme->canvas);
  const cairo_rectangle_t view = { 0, 300, 400, 500 };
  const LwMinimap map = lw_minimap (d.layout, &view, 170, 160);
  const LwDiagramPaint paint = { .selected = LW_NO_SPOT };

  lw_minimap_paint (canvas.cr, &map, d.layout, theme, &paint);
  g_assert_cmpint (canvas_count_painted (&canvas, 0, 0, map.width, map.height, theme->canvas), >,
                   200);
  g_assert_cmpint (
      canvas_count_painted (&canvas, map.width + 1, 0, 168 - map.width, 160, theme->canvas), ==, 0);
  lw_minimap_paint_frame (canvas.cr, &map, theme);
  g_assert_cmpint (canvas_count_colour (&canvas, map.frame.x, map.frame.y, map.frame.width,
                                        map.frame.height + 1, theme->accent),
                   >, 4);
  canvas_finish (&canvas, "minimap");
  close_diagram (&d);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/spans/all", spans);
  g_test_add_func ("/spans/none", no_spans);
  g_test_add_data_func ("/diagram-view/culling/deep", GINT_TO_POINTER (LW_BIG_RESIDUAL), culling);
  g_test_add_data_func ("/diagram-view/culling/wide", GINT_TO_POINTER (LW_BIG_INCEPTION), culling);
  g_test_add_data_func ("/diagram-view/culling/flat", GINT_TO_POINTER (LW_BIG_FLAT), culling);
  g_test_add_data_func ("/diagram-view/culling/tangle", GINT_TO_POINTER (LW_BIG_TANGLE), culling);
  g_test_add_func ("/diagram-view/same-picture", same_picture);
  g_test_add_func ("/diagram-view/hits", hits);
  g_test_add_func ("/diagram-view/map", map);
  g_test_add_func ("/diagram-view/map-picture", map_picture);
  return g_test_run ();
}
