/* Finding, walking, reading aloud, and which words go first when a box is too narrow. */
#include "engine/models.h"
#include "ui/draw/diagram-layout.h"

#include <string.h>

typedef struct {
  LwGraph *graph;
  LwDiagramState *state;
  LwText *text;
  LwDiagramLayout *layout;
} View;

static void
view_layout (View *view, LwCount count)
{
  g_clear_pointer (&view->layout, lw_diagram_layout_free);
  const LwDiagramOptions options = { count, view->text };
  view->layout = lw_diagram_layout_new (view->state, &options);
}

static void
view_open (View *view, gconstpointer model)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LwOptions) options = lw_options_new (lw_model_find (model, &error));
  g_assert_no_error (error);
  view->graph = lw_model_build (options, &error);
  g_assert_no_error (error);
  view->state = lw_diagram_state_new (view->graph);
  view->text = lw_text_new_fixed ();
  view_layout (view, LW_COUNT_MACS);
}

static void
view_close (View *view, gconstpointer model)
{
  (void)model;
  lw_diagram_layout_free (view->layout);
  lw_text_free (view->text);
  lw_diagram_state_free (view->state);
  lw_graph_unref (view->graph);
}

static LwDiagramSpot
layer (const View *view, const char *name)
{
  const LwDiagramSpot spot = { lw_graph_find_node (view->graph, name), -1 };
  g_assert_cmpint (spot.node, >=, 0);
  return spot;
}

static LwDiagramSpot
block (const View *view, const char *title, int skip)
{
  for (LwBlockId i = 1; i < lw_graph_n_blocks (view->graph); i++)
    if (g_str_equal (lw_graph_block (view->graph, i)->title, title) && skip-- == 0)
      return (LwDiagramSpot){ LW_NO_NODE, i };
  g_assert_not_reached ();
}

static void
step (const View *view, LwDiagramSpot *at, LwDiagramWalk direction, LwDiagramSpot to)
{
  *at = lw_diagram_layout_walk (view->layout, *at, direction);
  g_autofree char *words = lw_diagram_layout_describe (view->layout, *at);
  if (!lw_diagram_spot_equal (*at, to))
    g_error ("the arrow leads to %s", words);
}

static void
test_walk (View *view, gconstpointer model)
{
  (void)model;
  lw_diagram_state_reveal (view->state, lw_graph_find_node (view->graph, "2.0.conv1"));
  view_layout (view, LW_COUNT_MACS);
  LwDiagramSpot at = LW_NO_SPOT;
  step (view, &at, LW_WALK_DOWN, (LwDiagramSpot){ 0, -1 });
  step (view, &at, LW_WALK_DOWN, block (view, "Stem", 0));
  step (view, &at, LW_WALK_DOWN, block (view, "Stage 1", 0));
  step (view, &at, LW_WALK_DOWN, block (view, "Stage 2", 0)); /* headers, outside in */
  step (view, &at, LW_WALK_DOWN, block (view, "Residual 1", 1));
  step (view, &at, LW_WALK_DOWN, layer (view, "2.0.conv1"));
  step (view, &at, LW_WALK_DOWN, layer (view, "2.0.bn1")); /* strips */
  LwDiagramSpot relu = at;
  relu.node++;
  step (view, &at, LW_WALK_DOWN, relu);
  step (view, &at, LW_WALK_DOWN, layer (view, "2.0.conv2"));
  step (view, &at, LW_WALK_RIGHT, layer (view, "2.0.conv3"));
  step (view, &at, LW_WALK_RIGHT, layer (view, "2.0.conv3")); /* nothing there */
  step (view, &at, LW_WALK_DOWN, layer (view, "2.0.add"));
  step (view, &at, LW_WALK_UP, layer (view, "2.0.bn2")); /* the main path first */
  step (view, &at, LW_WALK_UP, layer (view, "2.0.conv2"));
  step (view, &at, LW_WALK_UP, relu);
  step (view, &at, LW_WALK_UP, layer (view, "2.0.bn1"));
  step (view, &at, LW_WALK_UP, layer (view, "2.0.conv1"));
  step (view, &at, LW_WALK_UP, block (view, "Residual 1", 1));
  step (view, &at, LW_WALK_UP, block (view, "Stage 2", 0));
  step (view, &at, LW_WALK_UP, block (view, "Stage 1", 0));
  step (view, &at, LW_WALK_END, block (view, "Head", 0));
  step (view, &at, LW_WALK_HOME, (LwDiagramSpot){ 0, -1 });
  step (view, &at, LW_WALK_UP, (LwDiagramSpot){ 0, -1 });
}

static void
test_columns (View *view, gconstpointer model)
{
  (void)model;
  lw_diagram_state_reveal (view->state, lw_graph_find_node (view->graph, "2.1.p3_2"));
  view_layout (view, LW_COUNT_MACS);
  LwDiagramSpot at = layer (view, "2.1.p3_2");
  step (view, &at, LW_WALK_RIGHT, layer (view, "2.1.p4_2"));
  step (view, &at, LW_WALK_UP, layer (view, "2.1.p4_1"));
  step (view, &at, LW_WALK_LEFT, layer (view, "2.1.p3_1"));
  step (view, &at, LW_WALK_LEFT, layer (view, "2.1.p2_1"));
  step (view, &at, LW_WALK_LEFT, layer (view, "2.1.p1_1"));
}

static void
describes (const View *view, LwDiagramSpot spot, const char *expected)
{
  g_autofree char *words = lw_diagram_layout_describe (view->layout, spot);
  g_assert_cmpstr (words, ==, expected);
}

static void
test_describe (View *view, gconstpointer model)
{
  (void)model;
  lw_diagram_state_set_open (view->state, block (view, "Stage 2", 0).block, true);
  view_layout (view, LW_COUNT_MACS);
  describes (view, layer (view, "2.0.conv1"),
             "conv1, convolution, output 128 by 12 by 12, 73,856 parameters, 10.6 million MACs");
  describes (view, layer (view, "2.0.bn1"),
             "bn1, batch normalization, output 128 by 12 by 12, 256 parameters");
  describes (view, layer (view, "7"),
             "linear, linear, output 10, 5,130 parameters, 5.12 thousand MACs");
  describes (view, block (view, "Stage 1", 0),
             "Stage 1, closed block, output 64 by 24 by 24, 148,224 parameters, 84.9 million MACs");
  describes (view, block (view, "Stage 2", 0),
             "Stage 2, open block, output 128 by 12 by 12, 525,952 parameters, 75.5 million MACs");
  describes (view, LW_NO_SPOT, "");
  describes (view, (LwDiagramSpot){ 99999, -1 }, "");
  describes (view, (LwDiagramSpot){ LW_NO_NODE, 99999 }, "");
  view_layout (view, LW_COUNT_FLOPS);
  describes (view, layer (view, "2.0.conv1"),
             "conv1, convolution, output 128 by 12 by 12, 73,856 parameters, 21.2 million FLOPs");
}

/* What is hidden stands for its closed block; what is no spot has no place. */
static void
test_visible (View *view, gconstpointer model)
{
  (void)model;
  const LwDiagramSpot conv = layer (view, "2.0.conv1"), stage = block (view, "Stage 2", 0);
  g_assert_true (lw_diagram_spot_equal (lw_diagram_layout_visible (view->layout, conv), stage));
  g_assert_true (lw_diagram_spot_equal (
      lw_diagram_layout_visible (view->layout, block (view, "Residual 1", 1)), stage));
  cairo_rectangle_t box, hidden;
  g_assert_true (lw_diagram_layout_spot_rect (view->layout, stage, &box));
  g_assert_true (lw_diagram_layout_spot_rect (view->layout, conv, &hidden));
  g_assert_cmpmem (&box, sizeof box, &hidden, sizeof hidden);
  g_assert_false (lw_diagram_layout_spot_rect (view->layout, LW_NO_SPOT, &box));
  g_assert_false (lw_diagram_layout_spot_rect (view->layout, (LwDiagramSpot){ -7, 4444 }, &box));
  g_assert_cmpint (lw_diagram_layout_box_of (view->layout, -1), ==, -1);

  lw_diagram_state_reveal (view->state, conv.node);
  view_layout (view, LW_COUNT_MACS);
  g_assert_true (lw_diagram_spot_equal (lw_diagram_layout_visible (view->layout, conv), conv));
}

static void
test_hit (View *view, gconstpointer model)
{
  (void)model;
  const LwDiagramSpot stage = block (view, "Stage 2", 0);
  cairo_rectangle_t r;
  bool chevron;
  g_assert_true (lw_diagram_layout_spot_rect (view->layout, stage, &r));
  g_assert_true (lw_diagram_spot_equal (
      lw_diagram_layout_hit (view->layout, r.x + 17, r.y + 12, &chevron), stage));
  g_assert_true (chevron);
  g_assert_true (lw_diagram_spot_equal (
      lw_diagram_layout_hit (view->layout, r.x + 120, r.y + 12, &chevron), stage));
  g_assert_false (chevron);
  g_assert_true (lw_diagram_spot_equal (
      lw_diagram_layout_hit (view->layout, r.x + r.width + 2, r.y - 2, NULL), stage)); /* sheet */
  g_assert_true (
      lw_diagram_spot_equal (lw_diagram_layout_hit (view->layout, -5, -5, &chevron), LW_NO_SPOT));

  lw_diagram_state_set_open (view->state, stage.block, true);
  view_layout (view, LW_COUNT_MACS);
  g_assert_true (lw_diagram_layout_spot_rect (view->layout, stage, &r));
  g_assert_true (lw_diagram_spot_equal (
      lw_diagram_layout_hit (view->layout, r.x + 60, r.y + 13, &chevron), stage));
  g_assert_true (chevron); /* the whole header */
  g_assert_true (lw_diagram_spot_equal (
      lw_diagram_layout_hit (view->layout, r.x + r.width - 3, r.y + r.height - 3, &chevron),
      stage));
  g_assert_false (chevron);
}

/* A box grows in steps, drops the stride at its limit, and grows on for the name, which is never
 * cut; numbers that have room stay. */
static void
test_words (void)
{
  g_autoptr (LwText) text = lw_text_new_fixed ();
  bool dropped = false;
  double last_width = 0;
  for (int length = 1; length < 80; length++) {
    g_autofree char *name = g_strnfill ((gsize)length, 'n');
    g_autoptr (LwGraph) graph = lw_graph_new ("words");
    LwNodeId x = lw_graph_input (graph, (LwShape){ 1, 9, 9, false });
    x = lw_conv2d (graph, x, name, 4096, (LwWindow){ 3, 2, 1 });
    x = lw_flatten (graph, x, NULL);
    lw_linear (graph, x, NULL, 2);
    g_autoptr (GError) error = NULL;
    lw_graph_finish (graph, &error);
    g_assert_no_error (error);
    g_autoptr (LwDiagramState) state = lw_diagram_state_new (graph);
    const LwDiagramOptions options = { LW_COUNT_MACS, text };
    g_autoptr (LwDiagramLayout) layout = lw_diagram_layout_new (state, &options);
    const LwDiagramBox *box = &lw_diagram_layout_boxes (layout, NULL)[1];
    g_assert_cmpstr (box->name, ==, name);
    const bool stride = strstr (box->detail, "stride") != NULL;
    g_assert_false (dropped && stride);
    g_assert_true (stride || dropped || last_width > 320); /* not before it has grown */
    if (stride == !dropped)
      g_assert_cmpfloat (box->rect.width, >=, last_width);
    g_assert_cmpfloat (box->rect.width, >=, 244);
    g_assert_cmpint ((int)(box->rect.width - 244) % 8, ==, 0);
    g_assert_cmpstr (box->left, ==, "40,960 params");
    g_assert_cmpstr (box->right, ==, "922 k MACs");
    dropped = !stride;
    last_width = box->rect.width;
  }
  g_assert_true (dropped);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, model, test)                                                                     \
  g_test_add ("/diagram/walk/" name, View, model, view_open, test, view_close)
  ADD ("residual", "resnet18", test_walk);
  ADD ("columns", "googlenet", test_columns);
  ADD ("describe", "resnet18", test_describe);
  ADD ("visible", "resnet18", test_visible);
  ADD ("hit", "resnet18", test_hit);
  g_test_add_func ("/diagram/words/order", test_words);
  return g_test_run ();
}
