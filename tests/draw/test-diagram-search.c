/* Finding layers by words and patterns, and what is upstream and downstream of a layer. */
#include "engine/models.h"
#include "tests/support/big_graph.h"
#include "ui/draw/diagram-search.h"
#include "ui/draw/diagram-trace.h"

#include <string.h>

static LwGraph *
graph_of (const char *model)
{
  g_autoptr (LwOptions) options = lw_options_new (lw_model_find (model, NULL));
  LwGraph *graph = lw_model_build (options, NULL);

  g_assert_nonnull (graph);
  return graph;
}

static int32_t
count (LwDiagramMatches *matches, const char *query, bool regex)
{
  g_autoptr (GError) error = NULL;

  lw_diagram_matches_find (matches, query, regex, &error);
  g_assert_no_error (error);
  return lw_diagram_matches_n (matches);
}

static int32_t
plain (LwDiagramMatches *matches, const char *query)
{
  return count (matches, query, false);
}

static int
count_op (const LwGraph *graph, LwOp op)
{
  int n = 0;

  for (LwNodeId i = 0; i < lw_graph_n_nodes (graph); i++)
    n += lw_graph_node (graph, i)->op == op;
  return n;
}

static LwBlockId
block_titled (const LwGraph *graph, const char *title)
{
  for (LwBlockId i = 1; i < lw_graph_n_blocks (graph); i++)
    if (g_str_equal (lw_graph_block (graph, i)->title, title))
      return i;
  g_assert_not_reached ();
}

/* --- words ------------------------------------------------------------------------------------ */

static void
windows (void)
{
  g_autoptr (LwGraph) graph = graph_of ("googlenet");
  g_autoptr (LwDiagramMatches) matches = lw_diagram_matches_new (graph);

  g_assert_cmpint (plain (matches, "5×5"), ==, 9); /* one in each Inception block */
  g_assert_cmpint (plain (matches, "5x5"), ==, 9);
  g_assert_cmpint (plain (matches, " 5 X 5 "), ==, 9);
  g_assert_cmpint (plain (matches, "15×5"), ==, 0);
  g_assert_cmpint (plain (matches, "5×"), ==, 9);
  g_assert_cmpint (plain (matches, "7×7"), ==, 1);
  /* convolutions, pools and the last one over all of its map, but no layers of 3×3 pixels */
  g_assert_cmpint (plain (matches, "3×3"), ==, 10 + 9 + 4 + 1);
  g_assert_false (lw_diagram_matches_with_blocks (matches));
}

static void
shapes (void)
{
  g_autoptr (LwGraph) graph = graph_of ("resnet18");
  g_autoptr (LwDiagramMatches) matches = lw_diagram_matches_new (graph);
  int expected = 0, pixels = 0;

  for (LwNodeId i = 0; i < lw_graph_n_nodes (graph); i++) {
    const LwShape shape = lw_graph_node (graph, i)->shape;

    expected += shape.c == 128 && shape.h == 12 && shape.w == 12;
    pixels += shape.h == 12;
  }
  g_assert_cmpint (expected, >, 0);
  g_assert_cmpint (plain (matches, "128×12×12"), ==, expected);
  g_assert_cmpint (plain (matches, "128 × 12 × 12"), ==, expected);
  g_assert_cmpint (plain (matches, "28×12×12"), ==, 0);
  g_assert_cmpint (plain (matches, "128×12×1"), ==, 0);
  g_assert_cmpint (plain (matches, "×12×12"), ==, pixels);
}

static void
names (void)
{
  g_autoptr (LwGraph) graph = graph_of ("resnet18");
  g_autoptr (LwDiagramMatches) matches = lw_diagram_matches_new (graph);
  const LwNodeId conv1 = lw_graph_find_node (graph, "2.0.conv1");

  g_assert_cmpint (plain (matches, "2.0.conv1.weight"), ==, 1); /* a tensor */
  g_assert_cmpint (lw_diagram_matches_spot (matches, 0).node, ==, conv1);
  g_assert_cmpint (plain (matches, "2.0.CONV1"), ==, 1);
  g_assert_cmpint (plain (matches, "running_var"), ==, count_op (graph, LW_OP_BATCH_NORM));
  g_assert_cmpint (plain (matches, "convolution"), ==, count_op (graph, LW_OP_CONV2D));
  g_assert_cmpint (plain (matches, "Conv2d"), ==, count_op (graph, LW_OP_CONV2D));
  g_assert_cmpint (plain (matches, "batch norm"), ==, count_op (graph, LW_OP_BATCH_NORM));
  g_assert_cmpint (plain (matches, "activation"), ==, count_op (graph, LW_OP_RELU));
  g_assert_cmpint (plain (matches, "pooling"), ==, 2);
  g_assert_cmpint (plain (matches, "Stage 2"), ==, 1);
  g_assert_true (lw_diagram_matches_with_blocks (matches));
  g_assert_cmpint (lw_diagram_matches_spot (matches, 0).block, ==, block_titled (graph, "Stage 2"));
  g_assert_cmpint (plain (matches, ""), ==, 0);
  g_assert_cmpint (plain (matches, "   "), ==, 0);
  g_assert_cmpint (plain (matches, "nothing of the kind"), ==, 0);
}

/* --- patterns --------------------------------------------------------------------------------- */

static void
patterns (void)
{
  static const char *const bad[] = { "(", "[a", "*", "a{2,1}", "(?<n", "\\" };
  g_autoptr (LwGraph) graph = graph_of ("resnet18");
  g_autoptr (LwDiagramMatches) matches = lw_diagram_matches_new (graph);

  g_assert_cmpint (count (matches, "^2\\.0\\.conv[12]$", true), ==, 2);
  g_assert_cmpint (count (matches, "^CONV1$", true), ==, 8); /* titles: one a residual block */
  g_assert_cmpint (count (matches, "7×7", true), ==, 1);
  g_assert_cmpint (count (matches, "^stage [13]$", true), ==, 2);
  g_assert_cmpint (count (matches, "", true), ==, 0);
  g_assert_cmpint (plain (matches, "conv[12]"), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_false (lw_diagram_matches_find (matches, bad[i], true, &error));
    g_assert_nonnull (error);
    g_assert_true (g_str_has_suffix (error->message, "."));
    g_assert_null (strstr (error->message, "(null)"));
    g_assert_cmpint (lw_diagram_matches_n (matches), ==, 0);
    g_assert_cmpint (lw_diagram_matches_inside (matches, 1, 1), ==, 0);
    g_assert_cmpint (plain (matches, bad[i]), >=, 0); /* as a text it is fine */
  }
}

/* A pattern that tries more ways than there is time for is given up with a sentence. */
static void
endless_pattern (void)
{
  g_autoptr (LwGraph) graph = graph_of ("densenet");
  g_autoptr (LwDiagramMatches) matches = lw_diagram_matches_new (graph);
  g_autoptr (GError) error = NULL;

  g_assert_false (lw_diagram_matches_find (matches, "((.|\\n)+)+[#%]", true, &error));
  g_assert_nonnull (error);
  g_assert_nonnull (strstr (error->message, "too long"));
  g_assert_cmpint (lw_diagram_matches_n (matches), ==, 0);
}

/* --- walking through matches, and numbers on blocks ------------------------------------------- */

static void
steps (void)
{
  g_autoptr (LwGraph) graph = graph_of ("googlenet");
  g_autoptr (LwDiagramMatches) matches = lw_diagram_matches_new (graph);
  const LwBlockId block3 = block_titled (graph, "Block 3");
  const LwBlockId block4 = block_titled (graph, "Block 4");
  const LwBlockId block5 = block_titled (graph, "Block 5");
  const LwBlockId b3 = block_titled (graph, "Inception 3b");
  LwDiagramSpot at = LW_NO_SPOT;

  plain (matches, "5×5");
  for (int i = 0; i < 9; i++) {
    const int32_t next = lw_diagram_matches_beside (matches, at, 1);

    g_assert_cmpint (next, ==, i);
    at = lw_diagram_matches_spot (matches, next);
    g_assert_cmpint (lw_diagram_matches_index (matches, at), ==, i);
  }
  g_assert_cmpint (lw_diagram_matches_beside (matches, at, 1), ==, 0); /* around the end */
  g_assert_cmpint (lw_diagram_matches_beside (matches, at, -1), ==, 7);
  g_assert_cmpint (lw_diagram_matches_beside (matches, LW_NO_SPOT, -1), ==, 8);
  /* from what does not match itself */
  at = (LwDiagramSpot){ LW_NO_NODE, block4 };
  g_assert_cmpint (lw_diagram_matches_index (matches, at), ==, -1);
  g_assert_cmpint (lw_diagram_matches_beside (matches, at, 1), ==, 2);
  g_assert_cmpint (lw_diagram_matches_beside (matches, at, -1), ==, 1);

  g_assert_cmpint (lw_diagram_matches_inside (matches, block3, block3), ==, 2);
  g_assert_cmpstr (lw_diagram_matches_badge (matches, block4, block4), ==, "5");
  g_assert_cmpstr (lw_diagram_matches_badge (matches, block5, block5), ==, "2");
  g_assert_cmpstr (lw_diagram_matches_badge (matches, 1, 1), ==, NULL);
  g_assert_cmpint (lw_diagram_matches_inside (matches, b3 - 1, b3), ==, 2); /* a group */

  /* blocks count, but not in their own number */
  g_assert_cmpint (plain (matches, "inception"), ==, 9);
  g_assert_cmpint (lw_diagram_matches_inside (matches, block4, block4), ==, 5);
  g_assert_cmpint (lw_diagram_matches_inside (matches, b3, b3), ==, 0);
  g_assert_cmpint (lw_diagram_matches_inside (matches, b3 - 1, b3), ==, 1);
}

static void
all_networks (void)
{
  for (int i = 0; i < lw_n_models (); i++) {
    g_autoptr (LwGraph) graph = graph_of (lw_model (i)->name);
    g_autoptr (LwDiagramMatches) matches = lw_diagram_matches_new (graph);
    const int32_t n = plain (matches, "conv");

    g_assert_cmpint (n, >=, count_op (graph, LW_OP_CONV2D));
    for (int32_t k = 0; k < n; k++)
      g_assert_cmpint (lw_diagram_matches_index (matches, lw_diagram_matches_spot (matches, k)), ==,
                       k);
    /* each layer is found by its name */
    for (LwNodeId id = 0; id < lw_graph_n_nodes (graph); id++) {
      plain (matches, lw_graph_node (graph, id)->name);
      g_assert_cmpint (lw_diagram_matches_index (matches, (LwDiagramSpot){ id, -1 }), >=, 0);
    }
  }
}

static void
many_nodes (void)
{
  g_autoptr (LwGraph) graph = lw_big_graph (LW_BIG_RESIDUAL, 10000);
  g_autoptr (LwDiagramMatches) matches = lw_diagram_matches_new (graph);
  gint64 start = g_get_monotonic_time ();

  g_assert_cmpint (plain (matches, "3x3"), ==, count_op (graph, LW_OP_CONV2D));
  g_test_message ("the first search: %.1f ms", (double)(g_get_monotonic_time () - start) / 1e3);
  start = g_get_monotonic_time ();
  g_assert_cmpint (plain (matches, "batch"), ==, count_op (graph, LW_OP_BATCH_NORM));
  g_test_message ("another one: %.1f ms", (double)(g_get_monotonic_time () - start) / 1e3);
}

/* --- upstream and downstream ------------------------------------------------------------------ */

static bool
on_way (const LwGraph *graph, const LwDiagramTrace *trace, const char *name)
{
  const LwNodeId node = lw_graph_find_node (graph, name);

  g_assert_cmpint (node, >=, 0);
  return lw_diagram_trace_holds (trace, (LwDiagramSpot){ node, -1 }, -1);
}

static void
branches (void)
{
  g_autoptr (LwGraph) graph = graph_of ("googlenet");
  const LwNodeId traced = lw_graph_find_node (graph, "2.0.p3_2");
  g_autoptr (LwDiagramTrace) trace = lw_diagram_trace_new (graph, (LwDiagramSpot){ traced, -1 });

  g_assert_true (on_way (graph, trace, "2.0.p3_2"));
  g_assert_true (on_way (graph, trace, "2.0.p3_1"));
  g_assert_true (on_way (graph, trace, "0.0"));      /* upstream */
  g_assert_true (on_way (graph, trace, "2.1.p1_1")); /* downstream, all branches of it */
  g_assert_false (on_way (graph, trace, "2.0.p1_1"));
  g_assert_false (on_way (graph, trace, "2.0.p4_2"));
  g_assert_true (lw_diagram_trace_holds (trace, (LwDiagramSpot){ LW_NO_NODE, 1 }, 1));
}

/* Edges that bypass the traced layer are off the way although both their ends are on it. */
static void
bypass (void)
{
  g_autoptr (LwGraph) graph = graph_of ("resnet18");
  g_autoptr (LwDiagramState) state = lw_diagram_state_new (graph);
  g_autoptr (LwText) text = lw_text_new_fixed ();
  const LwDiagramOptions options = { .count = LW_COUNT_MACS, .text = text };
  const LwNodeId conv1 = lw_graph_find_node (graph, "1.1.conv1");
  g_autoptr (LwDiagramTrace) trace = lw_diagram_trace_new (graph, (LwDiagramSpot){ conv1, -1 });
  g_autoptr (LwDiagramLayout) layout = NULL;
  int32_t n, here, off = 0, to_conv1 = 0;
  const LwDiagramEdge *edges;

  lw_diagram_state_reveal (state, conv1);
  layout = lw_diagram_layout_new (state, &options);
  here = lw_diagram_layout_box_of (layout, conv1);
  edges = lw_diagram_layout_edges (layout, &n);
  for (int32_t i = 0; i < n; i++) {
    const bool holds = lw_diagram_trace_holds_edge (trace, layout, &edges[i]);

    off += !holds;
    if (edges[i].to == here || edges[i].from == here) {
      g_assert_true (holds);
      to_conv1++;
    }
  }
  g_assert_cmpint (to_conv1, >=, 2);
  g_assert_cmpint (off, ==, 1); /* the identity */
}

static void
blocks_and_nothing (void)
{
  g_autoptr (LwGraph) graph = graph_of ("resnet18");
  const LwDiagramSpot stage = { LW_NO_NODE, block_titled (graph, "Stage 2") };
  g_autoptr (LwDiagramTrace) trace = lw_diagram_trace_new (graph, stage);
  g_autoptr (LwDiagramTrace) nothing = lw_diagram_trace_new (graph, LW_NO_SPOT);

  for (LwNodeId i = 0; i < lw_graph_n_nodes (graph); i++) {
    g_assert_true (lw_diagram_trace_holds (trace, (LwDiagramSpot){ i, -1 }, -1));
    g_assert_false (lw_diagram_trace_holds (nothing, (LwDiagramSpot){ i, -1 }, -1));
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/diagram-search/windows", windows);
  g_test_add_func ("/diagram-search/shapes", shapes);
  g_test_add_func ("/diagram-search/names", names);
  g_test_add_func ("/diagram-search/patterns", patterns);
  g_test_add_func ("/diagram-search/endless-pattern", endless_pattern);
  g_test_add_func ("/diagram-search/steps", steps);
  g_test_add_func ("/diagram-search/all-networks", all_networks);
  g_test_add_func ("/diagram-search/many-nodes", many_nodes);
  g_test_add_func ("/diagram-trace/branches", branches);
  g_test_add_func ("/diagram-trace/bypass", bypass);
  g_test_add_func ("/diagram-trace/blocks", blocks_and_nothing);
  return g_test_run ();
}
