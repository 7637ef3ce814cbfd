/* What boxes and edges say when a reader chooses: each fact appears, boxes grow for it, nothing
 * overlaps and nothing is cut, in every network; and how equal neighbours become × N. */
#include "engine/analysis.h"
#include "engine/models.h"
#include "tests/draw/diagram-check.h"

#include <string.h>

static LwGraph *
build (const char *model)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LwOptions) options = lw_options_new (lw_model_find (model, &error));
  g_assert_no_error (error);
  LwGraph *graph = lw_model_build (options, &error);
  g_assert_no_error (error);
  return graph;
}

/* Times that no two layers share. */
static double *
make_times (const LwGraph *graph, double first)
{
  double *times = g_new (double, lw_graph_n_nodes (graph));
  for (LwNodeId i = 0; i < lw_graph_n_nodes (graph); i++)
    times[i] = first * (i + 1);
  return times;
}

static LwDiagramLayout *
layout_with (LwGraph *graph, LwText *text, const LwDiagramOptions *wanted, bool open)
{
  g_autoptr (LwDiagramState) state = lw_diagram_state_new (graph);
  LwDiagramOptions options = *wanted;
  if (open)
    lw_diagram_state_open_all (state);
  options.text = text;
  return lw_diagram_layout_new (state, &options);
}

static const LwDiagramBox *
box_named (const LwDiagramLayout *layout, const char *name)
{
  int32_t n;
  const LwDiagramBox *boxes = lw_diagram_layout_boxes (layout, &n);
  for (int32_t i = 0; i < n; i++)
    if (g_strcmp0 (boxes[i].name, name) == 0)
      return &boxes[i];
  g_error ("no box says %s", name);
}

static bool
says (const LwDiagramBox *box, const char *words)
{
  const char *all[] = { box->detail,  box->aside,   box->left,    box->right,
                        box->more[0], box->more[1], box->more[2], box->more[3] };
  for (gsize i = 0; i < G_N_ELEMENTS (all); i++)
    if (all[i] && strstr (all[i], words))
      return true;
  return false;
}

/* --- tests --- */

static void
test_each (void)
{
  static const struct {
    LwShow show;
    const char *words;
  } facts[] = { { LW_SHOW_WINDOW, "3×3, stride 2" },
                { LW_SHOW_PADDING, "padding 1" },
                { LW_SHOW_OUTPUT, "128 × 12 × 12" },
                { LW_SHOW_PARAMETERS, "73,856 params" },
                { LW_SHOW_COUNT, "10.6 M MACs" },
                { LW_SHOW_MEMORY, "72.0 KiB" },
                { LW_SHOW_FIELD, "sees 51 × 51" },
                { LW_SHOW_TIME, "fwd 1.00 · bwd 2.00 ms" },
                { LW_SHOW_TYPE, "conv" } };
  g_autoptr (LwGraph) graph = build ("resnet18");
  g_autoptr (LwText) text = lw_text_new_fixed ();
  g_autofree double *forward = make_times (graph, 0), *backward = make_times (graph, 0);
  const LwNodeId node = lw_graph_find_node (graph, "2.0.conv1");
  forward[node] = 1;
  backward[node] = 2;
  for (gsize i = 0; i < G_N_ELEMENTS (facts); i++) {
    const LwDiagramOptions options = { .shows = LW_SHOW_NAME | facts[i].show,
                                       .forward_ms = forward,
                                       .backward_ms = backward };
    g_autoptr (LwDiagramLayout) layout = layout_with (graph, text, &options, true);
    const LwDiagramBox *box =
        &lw_diagram_layout_boxes (layout, NULL)[lw_diagram_layout_box_of (layout, node)];
    g_assert_cmpstr (box->name, ==, "conv1");
    for (gsize k = 0; k < G_N_ELEMENTS (facts) - 1; k++)
      g_assert_cmpint (says (box, facts[k].words), ==, k == i);
    lw_check_layout (layout, facts[i].words);
  }
}

/* With the padding stands that sides are rounded up. */
static void
test_rounded_up (void)
{
  const LwDiagramOptions options = { .shows = LW_SHOW_NAME | LW_SHOW_PADDING };
  g_autoptr (LwText) text = lw_text_new_fixed ();
  g_autoptr (LwGraph) graph = lw_graph_new ("rounded up");
  g_autoptr (LwDiagramLayout) layout = NULL;
  LwNodeId x = lw_graph_input (graph, (LwShape){ 1, 8, 8, false });
  const LwNodeId pool = lw_max_pool_ceil (graph, x, NULL, (LwWindow){ 3, 2, 1 });

  lw_flatten (graph, pool, NULL);
  g_assert_true (lw_graph_finish (graph, NULL));
  layout = layout_with (graph, text, &options, true);
  g_assert_true (
      says (&lw_diagram_layout_boxes (layout, NULL)[lw_diagram_layout_box_of (layout, pool)],
            "padding 1, rounded up"));
}

/* A name and nothing else: one line; each pair of facts more is a line more. */
static void
test_grows (void)
{
  static const struct {
    LwShow shows;
    double height;
  } steps[] = { { LW_SHOW_NAME, 26 },
                { LW_SHOW_NAME | LW_SHOW_MEMORY, 38 },
                { LW_SHOW_STANDARD, 38 },
                { LW_SHOW_STANDARD | LW_SHOW_MEMORY, 53 },
                { LW_SHOW_STANDARD | LW_SHOW_MEMORY | LW_SHOW_FIELD, 53 },
                { LW_SHOW_ALL, 68 } };
  g_autoptr (LwGraph) graph = build ("resnet18");
  g_autoptr (LwText) text = lw_text_new_fixed ();
  for (gsize i = 0; i < G_N_ELEMENTS (steps); i++) {
    const LwDiagramOptions options = { .shows = steps[i].shows };
    g_autoptr (LwDiagramLayout) open = layout_with (graph, text, &options, true);
    g_autoptr (LwDiagramLayout) closed = layout_with (graph, text, &options, false);
    g_assert_cmpfloat (box_named (open, "conv1")->body.height, ==, steps[i].height);
    g_assert_cmpfloat (box_named (closed, "Stage 2")->body.height, ==, steps[i].height);
  }
}

/* What is not measured is a dash, not 0; a closed block is the sum of what it holds. */
static void
test_times (void)
{
  g_autoptr (LwGraph) graph = build ("resnet18");
  g_autoptr (LwText) text = lw_text_new_fixed ();
  LwDiagramOptions options = { .shows = LW_SHOW_ALL };
  g_autoptr (LwDiagramLayout) unknown = layout_with (graph, text, &options, false);
  g_assert_true (says (box_named (unknown, "Stage 2"), "– ms"));
  g_assert_false (says (box_named (unknown, "Stage 2"), "fwd"));

  g_autofree double *ones = g_new (double, lw_graph_n_nodes (graph));
  for (LwNodeId i = 0; i < lw_graph_n_nodes (graph); i++)
    ones[i] = 1;
  options.forward_ms = options.backward_ms = ones;
  g_autoptr (LwDiagramLayout) known = layout_with (graph, text, &options, false);
  const LwBlock *block = lw_graph_block (graph, box_named (known, "Stage 2")->block);
  g_autofree char *sum =
      g_strdup_printf ("fwd %.1f · bwd", (double)(block->last - block->first + 1));
  g_assert_true (says (box_named (known, "Stage 2"), sum));
}

static void
test_edges (void)
{
  g_autoptr (LwGraph) graph = build ("resnet18");
  g_autoptr (LwText) text = lw_text_new_fixed ();
  int32_t n[3];
  for (int i = 0; i < 3; i++) {
    const LwDiagramOptions options = { .edges = (LwEdgeWords)i };
    g_autoptr (LwDiagramLayout) layout = layout_with (graph, text, &options, true);
    const LwDiagramLabel *labels = lw_diagram_layout_labels (layout, &n[i]);
    bool shape = false, name = false, identity = false;
    for (int32_t k = 0; k < n[i]; k++) {
      shape = shape || strstr (labels[k].text, "128 × 12 × 12");
      name = name || g_str_equal (labels[k].text, "2.0.conv3 · 128 × 12 × 12");
      identity = identity || strstr (labels[k].text, "identity");
    }
    g_assert_cmpint (shape, ==, i != LW_EDGES_NOTHING);
    g_assert_cmpint (name, ==, i == LW_EDGES_NAMES);
    g_assert_true (identity);
  }
  g_assert_cmpint (n[LW_EDGES_NAMES], >, n[LW_EDGES_SHAPES]);
  g_assert_cmpint (n[LW_EDGES_SHAPES], >, n[LW_EDGES_NOTHING]);
}

/* All words at once, in every network, closed, open and with each way to label edges. */
static void
test_every_network (gconstpointer data)
{
  const LwModel *model = data;
  g_autoptr (LwGraph) graph = build (model->name);
  g_autoptr (LwText) text = lw_text_new_fixed ();
  g_autofree double *forward = make_times (graph, 12.3), *backward = make_times (graph, 25.7);
  static const LwShow shows[] = { LW_SHOW_NAME, LW_SHOW_NAME | LW_SHOW_OUTPUT, LW_SHOW_ALL };
  for (int edges = 0; edges < 3; edges++)
    for (gsize i = 0; i < G_N_ELEMENTS (shows); i++)
      for (int depth = 0; depth <= 3; depth++) {
        g_autoptr (LwDiagramState) state = lw_diagram_state_new (graph);
        const LwDiagramOptions options = { LW_COUNT_FLOPS,     text,    shows[i],
                                           (LwEdgeWords)edges, forward, backward };
        lw_diagram_state_set_grouping (state, depth % 2 == 0 ? 2 : 0);
        lw_diagram_state_set_depth (state, depth);
        g_autofree char *what =
            g_strdup_printf ("%s, edges %d, words %d, depth %d", model->name, edges, (int)i, depth);
        g_autoptr (LwDiagramLayout) layout = lw_diagram_layout_new (state, &options);
        lw_check_layout (layout, what);
      }
}

static int
count_groups (LwDiagramState *state, LwText *text, int *ret_boxes)
{
  const LwDiagramOptions options = { .text = text };
  g_autoptr (LwDiagramLayout) layout = lw_diagram_layout_new (state, &options);
  int32_t n;
  const LwDiagramBox *boxes = lw_diagram_layout_boxes (layout, &n);
  int groups = 0;
  for (int32_t i = 0; i < n; i++)
    groups += boxes[i].type == LW_BOX_GROUP;
  *ret_boxes = n;
  return groups;
}

/* Stage 1 of ResNet-18 holds two equal residual blocks, the others' first ones have a convolution
 * in their shortcut. */
static void
test_grouping (void)
{
  g_autoptr (LwGraph) graph = build ("resnet18");
  g_autoptr (LwText) text = lw_text_new_fixed ();
  g_autoptr (LwDiagramState) state = lw_diagram_state_new (graph);
  int boxes, fewer;
  lw_diagram_state_set_depth (state, 1);
  g_assert_cmpint (lw_diagram_state_grouping (state), ==, LW_GROUP_LEAST);
  g_assert_cmpint (count_groups (state, text, &boxes), ==, 0);
  lw_diagram_state_set_grouping (state, 2);
  g_assert_cmpint (count_groups (state, text, &fewer), ==, 1);
  g_assert_cmpint (fewer, ==, boxes - 1);
  const LwDiagramOptions options = { .text = text };
  g_autoptr (LwDiagramLayout) layout = lw_diagram_layout_new (state, &options);
  const LwDiagramBox *group = box_named (layout, "Residual 1 – 2");
  g_assert_cmpstr (group->aside, ==, "Residual × 2");
  g_assert_true (group->sheet);
  /* opened by hand, then asked for anew */
  lw_diagram_state_ungroup (state, group->block, group->last_block);
  g_assert_cmpint (count_groups (state, text, &boxes), ==, 0);
  lw_diagram_state_set_grouping (state, 2);
  g_assert_cmpint (count_groups (state, text, &boxes), ==, 1);
  lw_diagram_state_set_grouping (state, 0);
  g_assert_cmpint (count_groups (state, text, &boxes), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/diagram/details/each", test_each);
  g_test_add_func ("/diagram/details/rounded-up", test_rounded_up);
  g_test_add_func ("/diagram/details/grows", test_grows);
  g_test_add_func ("/diagram/details/times", test_times);
  g_test_add_func ("/diagram/details/edges", test_edges);
  g_test_add_func ("/diagram/details/grouping", test_grouping);
  for (int32_t i = 0; i < lw_n_models (); i++) {
    g_autofree char *path = g_strdup_printf ("/diagram/details/all/%s", lw_model (i)->name);
    g_test_add_data_func (path, lw_model (i), test_every_network);
  }
  return g_test_run ();
}
