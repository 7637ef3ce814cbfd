/* Graphs that no book has: the layout must draw them all, plainly if need be. */
#include "tests/draw/diagram-check.h"
#include "ui/draw/diagram-paint.h"
#include "ui/draw/export.h"

#define CONV3 ((LwWindow){ 3, 1, 1 })
#define CONV1 ((LwWindow){ 1, 1, 0 })

typedef LwNodeId (*Body) (LwGraph *g, LwNodeId x);

static LwNodeId
conv (LwGraph *g, LwNodeId x)
{
  return lw_conv2d (g, x, NULL, 8, CONV3);
}

static LwGraph *
build (const char *title, Body body)
{
  LwGraph *g = lw_graph_new (title);
  LwNodeId x = lw_graph_input (g, (LwShape){ 8, 16, 16, false });
  x = body (g, x);
  x = lw_global_avg_pool (g, x, NULL);
  x = lw_flatten (g, x, NULL);
  lw_linear (g, x, NULL, 10);
  g_autoptr (GError) error = NULL;
  const bool good = lw_graph_finish (g, &error);
  g_assert_no_error (error);
  g_assert_true (good);
  return g;
}

/* --- shapes that nest: drawn as columns, shortcuts, carried channels --- */

static LwNodeId
three_sums (LwGraph *g, LwNodeId x)
{
  LwNodeId a = conv (g, x), b = conv (g, conv (g, x)), c = lw_batch_norm (g, conv (g, x), NULL);
  return lw_add (g, lw_add (g, a, b, "add1"), c, "add2");
}

static LwNodeId
equal_sum (LwGraph *g, LwNodeId x)
{
  return lw_add (g, conv (g, x), conv (g, x), "add");
}

static LwNodeId
sum_with_itself (LwGraph *g, LwNodeId x)
{
  x = conv (g, x);
  return lw_add (g, x, x, "add");
}

static LwNodeId
concat_with_identity (LwGraph *g, LwNodeId x)
{
  LwNodeId parts[] = { conv (g, x), x, lw_max_pool (g, x, NULL, CONV3) };
  return lw_concat (g, parts, 3, "concat");
}

static LwNodeId
many_branches (LwGraph *g, LwNodeId x)
{
  LwNodeId parts[12];
  for (int i = 0; i < 12; i++) {
    parts[i] = conv (g, x);
    for (int k = 0; k < i % 4; k++)
      parts[i] = lw_activation (g, conv (g, parts[i]), NULL, LW_OP_RELU);
  }
  return lw_concat (g, parts, 12, "concat");
}

static LwNodeId
columns_in_columns (LwGraph *g, LwNodeId x)
{
  LwNodeId a = conv (g, x);
  LwNodeId inner[] = { conv (g, a), conv (g, conv (g, a)), lw_avg_pool (g, a, NULL, CONV3) };
  LwNodeId parts[] = { lw_concat (g, inner, 3, "inner"), conv (g, x) };
  return lw_concat (g, parts, 2, "outer");
}

static LwNodeId
residual (LwGraph *g, LwNodeId x, const char *name, bool projected)
{
  LwNodeId y = lw_batch_norm (g, conv (g, lw_activation (g, conv (g, x), NULL, LW_OP_RELU)), NULL);
  return lw_activation (g, lw_add (g, y, projected ? lw_conv2d (g, x, NULL, 8, CONV1) : x, name),
                        NULL, LW_OP_RELU);
}

static LwNodeId
residual_in_residual (LwGraph *g, LwNodeId x)
{
  LwNodeId y = residual (g, conv (g, x), "inner", true);
  return lw_add (g, residual (g, y, "second", false), x, "outer");
}

static LwNodeId
blocks_in_branches (LwGraph *g, LwNodeId x)
{
  lw_graph_push_block (g, LW_BLOCK_INCEPTION, "i", "Inception");
  LwNodeId parts[3];
  for (int i = 0; i < 3; i++) {
    lw_graph_push_block (g, LW_BLOCK_PLAIN, NULL, "Path %d", i + 1);
    parts[i] = conv (g, x);
    for (int k = 0; k < i; k++)
      parts[i] = lw_activation (g, conv (g, parts[i]), NULL, LW_OP_TANH);
    lw_graph_pop_block (g);
  }
  x = lw_concat (g, parts, 3, "concat");
  lw_graph_pop_block (g);
  return x;
}

static LwNodeId
repeats (LwGraph *g, LwNodeId x)
{
  lw_graph_push_block (g, LW_BLOCK_PLAIN, "s", "A stage with a rather long name of its own");
  for (int i = 0; i < 7; i++) {
    lw_graph_push_block (g, LW_BLOCK_RESIDUAL, NULL, "Residual %d", i + 1);
    x = residual (g, x, "add", i == 3);
    lw_graph_pop_block (g);
  }
  lw_graph_pop_block (g);
  return x;
}

static LwNodeId
deep (LwGraph *g, LwNodeId x)
{
  for (int i = 0; i < 12; i++)
    lw_graph_push_block (g, LW_BLOCK_PLAIN, "b", "Level %d", i);
  x = conv (g, x);
  for (int i = 0; i < 12; i++)
    lw_graph_pop_block (g);
  return x;
}

static LwNodeId
empty_block (LwGraph *g, LwNodeId x)
{
  lw_graph_push_block (g, LW_BLOCK_PLAIN, "e", "Nothing");
  lw_graph_pop_block (g);
  return conv (g, x);
}

static LwNodeId
loose_strips (LwGraph *g, LwNodeId x)
{
  x = lw_activation (g, x, NULL, LW_OP_RELU);
  x = lw_batch_norm (g, x, NULL);
  for (int i = 0; i < 12; i++)
    x = lw_dropout (g, x, NULL, 0.25);
  return x;
}

static LwNodeId
long_names (LwGraph *g, LwNodeId x)
{
  x = lw_conv2d (g, x, "a_convolution_with_a_name_that_goes_on_and_on_and_on", 1024,
                 (LwWindow){ 15, 15, 14 });
  LwNodeId y = lw_conv2d (g, x, "another_name_of_remarkable_length_in_a_shortcut", 1024, CONV1);
  return lw_add (g, conv (g, y), lw_conv2d (g, x, NULL, 8, CONV1), "add");
}

/* --- shapes that do not: tangles --- */

static LwNodeId
crossed (LwGraph *g, LwNodeId x)
{
  LwNodeId a = conv (g, x), b = conv (g, a), c = conv (g, b), d = lw_add (g, c, a, "add1");
  return lw_add (g, conv (g, d), b, "add2");
}

/* All earlier outputs are read directly, as in the paper's code for DenseNet. */
static LwNodeId
flat_dense (LwGraph *g, LwNodeId x)
{
  LwNodeId values[8] = { x };
  for (int i = 1; i < 8; i++) {
    g_autofree char *name = g_strdup_printf ("concat%d", i);
    LwNodeId all = i == 1 ? x : lw_concat (g, values, i, name);
    values[i] = conv (g, all);
  }
  return lw_concat (g, values, 8, "concat8");
}

/* A block that hands out two values, and one that reads two. */
static LwNodeId
two_values (LwGraph *g, LwNodeId x)
{
  lw_graph_push_block (g, LW_BLOCK_PLAIN, "down", "Down");
  LwNodeId a = conv (g, x);
  LwNodeId b = lw_max_pool (g, conv (g, a), NULL, CONV3);
  lw_graph_pop_block (g);
  LwNodeId c = conv (g, b);
  lw_graph_push_block (g, LW_BLOCK_PLAIN, "up", "Up");
  LwNodeId d = lw_concat (g, (LwNodeId[]){ c, a, b }, 3, "concat");
  d = conv (g, d);
  lw_graph_pop_block (g);
  return d;
}

static LwNodeId
branches_meet_outside (LwGraph *g, LwNodeId x)
{
  lw_graph_push_block (g, LW_BLOCK_PLAIN, "split", "Split");
  LwNodeId a = conv (g, x);
  LwNodeId b = lw_max_pool (g, x, NULL, CONV3);
  lw_graph_pop_block (g);
  return lw_add (g, a, b, "add");
}

static LwNodeId
split_in_branch (LwGraph *g, LwNodeId x)
{
  LwNodeId a = conv (g, x);
  LwNodeId parts[] = { conv (g, a), conv (g, a), conv (g, x) };
  return lw_concat (g, parts, 3, "concat");
}

static const struct {
  const char *name;
  Body body;
} shapes[] = {
  { "three-sums", three_sums },
  { "equal-sum", equal_sum },
  { "sum-with-itself", sum_with_itself },
  { "concat-with-identity", concat_with_identity },
  { "many-branches", many_branches },
  { "columns-in-columns", columns_in_columns },
  { "residual-in-residual", residual_in_residual },
  { "blocks-in-branches", blocks_in_branches },
  { "repeats", repeats },
  { "deep", deep },
  { "empty-block", empty_block },
  { "loose-strips", loose_strips },
  { "long-names", long_names },
  { "crossed", crossed },
  { "flat-dense", flat_dense },
  { "two-values", two_values },
  { "branches-meet-outside", branches_meet_outside },
  { "split-in-branch", split_in_branch },
};

static void
paint_all (cairo_t *cr, gpointer data)
{
  const LwDiagramLayout *layout = data;
  double width, height;
  lw_diagram_layout_size (layout, &width, &height);
  lw_diagram_paint_canvas (cr, lw_theme (false), &(cairo_rectangle_t){ 0, 0, width, height }, 1);
  const LwDiagramPaint paint = { .zoom = 1, .selected = LW_NO_SPOT };
  lw_diagram_paint (cr, layout, lw_theme (false), &paint);
}

/* People who want to look name a folder in LAYERWISE_PICTURES. */
static void
keep_picture (const LwDiagramLayout *layout, const char *name, const char *state)
{
  const char *folder = g_getenv ("LAYERWISE_PICTURES");
  if (!folder)
    return;
  g_autofree char *file = g_strdup_printf ("%s-%s.png", name, state);
  g_autofree char *path = g_build_filename (folder, file, NULL);
  double width, height;
  lw_diagram_layout_size (layout, &width, &height);
  g_autoptr (GError) error = NULL;
  lw_export_picture (path, width, height, 1, paint_all, (gpointer)layout, &error);
  g_assert_no_error (error);
}

static void
test_shape (gconstpointer data)
{
  const gsize index = GPOINTER_TO_SIZE (data);
  g_autoptr (LwGraph) graph = build (shapes[index].name, shapes[index].body);
  g_autoptr (LwText) text = lw_text_new (NULL, NULL);
  const LwDiagramOptions options = { LW_COUNT_MACS, text };
  g_autoptr (LwDiagramState) state = lw_diagram_state_new (graph);
  for (int depth = 0; depth < 4; depth++) {
    lw_diagram_state_set_depth (state, depth);
    g_autoptr (LwDiagramLayout) layout = lw_diagram_layout_new (state, &options);
    g_autofree char *what = g_strdup_printf ("%s, depth %d", shapes[index].name, depth);
    g_autofree char *label = g_strdup_printf ("%d", depth);
    keep_picture (layout, shapes[index].name, label);
    lw_check_layout (layout, what);
  }
  lw_diagram_state_open_all (state);
  g_autoptr (LwDiagramLayout) layout = lw_diagram_layout_new (state, &options);
  keep_picture (layout, shapes[index].name, "all");
  lw_check_layout (layout, shapes[index].name);
}

/* A run of equal closed neighbours is one box until one of them is asked for. */
static void
test_groups (void)
{
  g_autoptr (LwGraph) graph = build ("groups", repeats);
  g_autoptr (LwText) text = lw_text_new_fixed ();
  const LwDiagramOptions options = { LW_COUNT_MACS, text };
  g_autoptr (LwDiagramState) state = lw_diagram_state_new (graph);
  lw_diagram_state_set_open (state, 1, true);
  g_autoptr (LwDiagramLayout) grouped = lw_diagram_layout_new (state, &options);
  int32_t n;
  const LwDiagramBox *boxes = lw_diagram_layout_boxes (grouped, &n);
  int groups = 0;
  for (int32_t i = 0; i < n; i++)
    if (boxes[i].type == LW_BOX_GROUP) {
      groups++;
      g_assert_true (boxes[i].sheet);
      g_assert_cmpstr (boxes[i].aside, ==, "Residual × 3");
      lw_diagram_state_ungroup (state, boxes[i].block, boxes[i].last_block);
    }
  g_assert_cmpint (groups, ==, 2); /* 1 – 3, then 4 with its convolution, then 5 – 7 */
  g_autoptr (LwDiagramLayout) apart = lw_diagram_layout_new (state, &options);
  lw_check_layout (apart, "groups, apart");
  boxes = lw_diagram_layout_boxes (apart, &n);
  for (int32_t i = 0; i < n; i++)
    g_assert_cmpint (boxes[i].type, !=, LW_BOX_GROUP);
  lw_diagram_state_set_open (state, 1, false);
  g_assert_true (lw_diagram_state_is_grouped (state, 2)); /* closing forgets it */
}

static void
test_state (void)
{
  g_autoptr (LwGraph) graph = build ("state", repeats);
  g_autoptr (LwDiagramState) state = lw_diagram_state_new (graph);
  g_assert_true (lw_diagram_state_is_open (state, LW_ROOT_BLOCK));
  g_assert_false (lw_diagram_state_is_open (state, 1));
  g_assert_false (lw_diagram_state_is_open (state, 99));
  g_assert_false (lw_diagram_state_is_open (state, -3));
  lw_diagram_state_toggle (state, 99);
  lw_diagram_state_toggle (state, LW_ROOT_BLOCK);
  lw_diagram_state_reveal (state, lw_graph_block (graph, 3)->first);
  g_autofree char *open = lw_diagram_state_to_string (state);
  g_assert_cmpstr (open, ==, "1.3");
  g_autoptr (LwDiagramState) copy = lw_diagram_state_copy (state);
  lw_diagram_state_set_level (state, 3, true);
  g_assert_true (lw_diagram_state_is_open (state, 8));
  g_assert_false (lw_diagram_state_is_open (copy, 8));
  lw_diagram_state_set_depth (state, 1);
  g_autofree char *depth = lw_diagram_state_to_string (state);
  g_assert_cmpstr (depth, ==, "1");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (shapes); i++) {
    g_autofree char *path = g_strdup_printf ("/diagram/shapes/%s", shapes[i].name);
    g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_shape);
  }
  g_test_add_func ("/diagram/groups", test_groups);
  g_test_add_func ("/diagram/state", test_state);
  return g_test_run ();
}
