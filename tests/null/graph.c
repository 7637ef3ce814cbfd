/* Building: names, indices, the first error and its sentence, the order of tensors. */
#include "engine/error.h"
#include "engine/graph.h"
#include "engine/op.h"

#include <string.h>

static const LwWindow three = { 3, 1, 1 };

static LwGraph *
with_input (LwNodeId *ret_x, LwShape shape)
{
  LwGraph *graph = lw_graph_new ("test");
  *ret_x = lw_graph_input (graph, shape);
  return graph;
}

static void
assert_fails (LwGraph *graph, const char *sentence)
{
  g_autoptr (GError) error = NULL;
  g_assert_false (lw_graph_finish (graph, &error));
  g_assert_error (error, LW_ERROR, LW_ERROR_INVALID);
  g_assert_cmpstr (error->message, ==, sentence);
}

static void
test_names (void)
{
  LwNodeId x;
  g_autoptr (LwGraph) g = with_input (&x, (LwShape){ 1, 8, 8 });
  x = lw_conv2d (g, x, NULL, 2, three); /* 0 */
  lw_graph_push_block (g, LW_BLOCK_PLAIN, NULL, "Stage %d", 1);
  x = lw_conv2d (g, x, NULL, 2, three); /* 1.0 */
  lw_graph_push_block (g, LW_BLOCK_PLAIN, "net.3", "Inner");
  x = lw_conv2d (g, x, NULL, 2, three); /* 1.net.3.0 */
  lw_graph_pop_block (g);
  lw_graph_skip (g, 2);
  x = lw_conv2d (g, x, NULL, 2, three);  /* 1.3 */
  x = lw_conv2d (g, x, "mix", 2, three); /* 1.mix */
  lw_graph_pop_block (g);
  lw_graph_push_block (g, LW_BLOCK_PLAIN, "", "Head");
  x = lw_global_avg_pool (g, x, NULL); /* 2 */
  lw_graph_push_block (g, LW_BLOCK_PLAIN, "", "Inside");
  x = lw_flatten (g, x, NULL); /* 3 */
  lw_graph_pop_block (g);
  lw_graph_pop_block (g);
  lw_linear (g, x, NULL, 3); /* 4 */
  g_assert_true (lw_graph_finish (g, NULL));

  const char *const names[] = { "input", "0", "1.0", "1.net.3.0", "1.3", "1.mix", "2", "3", "4" };
  g_assert_cmpint (lw_graph_n_nodes (g), ==, G_N_ELEMENTS (names));
  for (LwNodeId id = 0; id < lw_graph_n_nodes (g); id++) {
    g_assert_cmpstr (lw_graph_node (g, id)->name, ==, names[id]);
    g_assert_cmpint (lw_graph_find_node (g, names[id]), ==, id);
  }
  const char *const paths[] = { "", "1", "1.net.3", "", "" };
  for (LwBlockId id = 0; id < lw_graph_n_blocks (g); id++)
    g_assert_cmpstr (lw_graph_block (g, id)->path, ==, paths[id]);
  g_assert_cmpstr (lw_graph_node (g, 2)->title, ==, "conv 1");
  g_assert_cmpstr (lw_graph_node (g, 4)->title, ==, "conv 2");
  g_assert_cmpstr (lw_graph_node (g, 3)->title, ==, "conv");
  g_assert_cmpint (lw_graph_find_node (g, "5"), ==, LW_NO_NODE);
  g_assert_cmpint (lw_graph_find_tensor (g, "5.weight"), ==, -1);
  g_assert_cmpint (lw_graph_find_tensor (g, "1.mix.bias"), ==, 9);
}

static void
test_tensor_order (void)
{
  LwNodeId x;
  g_autoptr (LwGraph) g = with_input (&x, (LwShape){ 1, 8, 8 });
  lw_graph_push_block (g, LW_BLOCK_PLAIN, "unit", "Unit");
  lw_graph_order_tensors (g, "last inner first");
  x = lw_conv2d (g, x, "first", 2, three);
  lw_graph_push_block (g, LW_BLOCK_PLAIN, "inner", "Inner");
  x = lw_conv2d (g, x, NULL, 2, three);
  lw_graph_pop_block (g);
  x = lw_conv2d (g, x, "unlisted", 2, three);
  x = lw_batch_norm (g, x, "last");
  lw_graph_pop_block (g);
  x = lw_linear (g, lw_flatten (g, x, NULL), NULL, 3);
  g_assert_true (lw_graph_finish (g, NULL));
  const char *const names[] = {
    "unit.last.weight",
    "unit.last.bias",
    "unit.last.running_mean",
    "unit.last.running_var",
    "unit.last.num_batches_tracked",
    "unit.inner.0.weight",
    "unit.inner.0.bias",
    "unit.first.weight",
    "unit.first.bias",
    "unit.unlisted.weight",
    "unit.unlisted.bias",
    "1.weight",
    "1.bias",
  };
  g_assert_cmpint (lw_graph_n_tensors (g), ==, G_N_ELEMENTS (names));
  for (int32_t i = 0; i < lw_graph_n_tensors (g); i++)
    g_assert_cmpstr (lw_graph_tensor (g, i)->name, ==, names[i]);
  const LwTensorInfo *weight = lw_graph_tensor (g, 5);
  g_assert_cmpint (weight->fan_in, ==, 18);
  g_assert_cmpint (weight->fan_out, ==, 18);
  g_assert_cmpint (lw_graph_tensor (g, 11)->fan_in, ==, 128);
  g_assert_cmpint (lw_graph_tensor (g, 11)->fan_out, ==, 3);
  g_assert_cmpint (lw_graph_tensor (g, 0)->fan_in, ==, 0);
}

static void
test_readers (void)
{
  LwNodeId x;
  g_autoptr (LwGraph) g = with_input (&x, (LwShape){ 1, 4, 4 });
  LwNodeId a = lw_conv2d (g, x, NULL, 2, three);
  LwNodeId twice = lw_add (g, a, a, NULL);
  LwNodeId sum = lw_add (g, a, twice, NULL);
  LwNodeId flat = lw_flatten (g, sum, NULL);
  g_assert_true (lw_graph_finish (g, NULL));
  int32_t n;
  const LwNodeId *readers = lw_graph_readers (g, a, &n);
  g_assert_cmpint (n, ==, 2);
  g_assert_cmpint (readers[0], ==, twice);
  g_assert_cmpint (readers[1], ==, sum);
  lw_graph_readers (g, flat, &n);
  g_assert_cmpint (n, ==, 0);
  g_assert_cmpint (lw_graph_output (g), ==, flat);
  g_assert_cmpint (lw_graph_classes (g), ==, 32);
}

/* PyTorch's sides, and the least map; the second window of 3 moved by 3 would begin in the padding.
 */
static void
test_rounded_up (void)
{
  static const struct {
    LwWindow window;
    LwShape x;
    int32_t least, h, w;
  } cases[] = {
    { { 2, 2, 0 }, { 1, 7, 6, false }, 1, 4, 3 }, { { 3, 2, 0 }, { 1, 112, 8, false }, 2, 56, 4 },
    { { 3, 2, 1 }, { 1, 6, 7, false }, 1, 4, 4 }, { { 2, 3, 1 }, { 1, 7, 8, false }, 1, 3, 3 },
    { { 2, 2, 1 }, { 1, 3, 5, false }, 1, 2, 3 }, { { 3, 2, 0 }, { 1, 2, 4, false }, 2, 1, 2 },
    { { 3, 1, 1 }, { 1, 4, 5, false }, 1, 4, 5 }, { { 1, 3, 0 }, { 1, 4, 5, false }, 1, 2, 2 },
    { { 2, 2, 1 }, { 1, 1, 1, false }, 1, 1, 1 }, { { 11, 4, 2 }, { 1, 4, 9, false }, 4, 1, 2 },
    { { 4, 3, 1 }, { 1, 9, 6, false }, 1, 4, 3 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    for (int op = 0; op < 2; op++) {
      LwNodeId x;
      g_autoptr (LwGraph) g = with_input (&x, cases[i].x);
      const LwNodeId y = op == 0 ? lw_max_pool_ceil (g, x, NULL, cases[i].window)
                                 : lw_avg_pool_ceil (g, x, NULL, cases[i].window);

      lw_flatten (g, y, NULL);
      g_assert_true (lw_graph_finish (g, NULL));
      g_assert_true (lw_graph_node (g, y)->ceil_mode);
      g_assert_cmpint (lw_graph_shape (g, y).h, ==, cases[i].h);
      g_assert_cmpint (lw_graph_shape (g, y).w, ==, cases[i].w);
      g_assert_cmpint (lw_window_least (cases[i].window, true), ==, cases[i].least);
    }
  g_assert_cmpint (lw_window_least ((LwWindow){ 3, 2, 0 }, false), ==, 3);
}

/* The first error sticks; all after it does nothing and does no harm. */
static void
test_first_error (void)
{
  LwNodeId x;
  g_autoptr (LwGraph) g = with_input (&x, (LwShape){ 128, 5, 5 });
  lw_graph_push_block (g, LW_BLOCK_PLAIN, "2", "Stage 2");
  lw_graph_push_block (g, LW_BLOCK_RESIDUAL, "0", "Residual 1");
  LwNodeId bad = lw_conv2d (g, x, "conv1", 64, (LwWindow){ 11, 4, 1 });
  g_assert_cmpint (bad, ==, LW_NO_NODE);
  g_assert_cmpint (lw_graph_shape (g, bad).c, ==, 0);
  g_assert_cmpint (lw_batch_norm (g, bad, NULL), ==, LW_NO_NODE);
  g_assert_cmpint (lw_linear (g, bad, NULL, -1), ==, LW_NO_NODE);
  g_assert_cmpint (lw_add (g, bad, bad, NULL), ==, LW_NO_NODE);
  g_assert_cmpint (lw_concat (g, &bad, 1, NULL), ==, LW_NO_NODE);
  g_assert_cmpint (lw_conv2d (g, x, NULL, 1, three), ==, LW_NO_NODE);
  lw_graph_pop_block (g);
  lw_graph_pop_block (g);
  lw_graph_fail (g, "a second error");
  assert_fails (g,
                "2.0.conv1 (Stage 2, Residual 1, conv): its 11×11 window needs a map of at least "
                "9×9 here, it gets 128×5×5");
}

static void
test_sentences (void)
{
  LwNodeId x, y;
  {
    g_autoptr (LwGraph) g = with_input (&x, (LwShape){ 64, 28, 28 });
    lw_graph_push_block (g, LW_BLOCK_PLAIN, "stage2", "Stage 2");
    y = lw_conv2d (g, x, "up", 128, three);
    lw_add (g, x, y, "add");
    lw_graph_pop_block (g);
    assert_fails (g, "stage2.add (Stage 2, sum): inputs are 64×28×28 and 128×28×28; "
                     "a sum needs equal shapes");
  }
  {
    g_autoptr (LwGraph) g = with_input (&x, (LwShape){ 64, 28, 28 });
    y = lw_max_pool (g, x, NULL, (LwWindow){ 2, 2, 0 });
    lw_concat (g, (LwNodeId[]){ x, y }, 2, NULL);
    assert_fails (g,
                  "1 (concat): inputs are 64×28×28 and 64×14×14; only their channels may differ");
  }
  {
    g_autoptr (LwGraph) g = with_input (&x, (LwShape){ 1, 4, 4 });
    x = lw_max_pool (g, x, NULL, (LwWindow){ 2, 2, 0 });
    x = lw_max_pool (g, x, NULL, (LwWindow){ 2, 2, 0 });
    lw_max_pool (g, x, NULL, (LwWindow){ 2, 2, 0 });
    assert_fails (g,
                  "2 (max pool 3): its 2×2 window needs a map of at least 2×2 here, it gets 1×1×1");
  }
  {
    g_autoptr (LwGraph) g = with_input (&x, (LwShape){ 1, 4, 1 });
    lw_max_pool_ceil (g, x, NULL, (LwWindow){ 3, 2, 0 });
    assert_fails (g,
                  "0 (max pool): its 3×3 window needs a map of at least 2×2 here, it gets 1×4×1");
  }
  {
    g_autoptr (LwGraph) g = with_input (&x, (LwShape){ 1, 4, 4 });
    lw_linear (g, x, NULL, 10);
    assert_fails (g, "0 (linear): a linear layer needs a vector, it gets 1×4×4; flatten it first");
  }
  {
    g_autoptr (LwGraph) g = with_input (&x, (LwShape){ 1, 4, 4 });
    lw_conv2d (g, x, NULL, 3, three);
    assert_fails (g, "0 (conv): the last layer must give one score a class, its output is 3×4×4");
  }
  {
    g_autoptr (LwGraph) g = with_input (&x, (LwShape){ 1, 4, 4 });
    lw_conv2d (g, x, NULL, 3, three);
    lw_flatten (g, x, NULL);
    assert_fails (g, "0 (conv): no layer reads its output");
  }
  {
    g_autoptr (LwGraph) g = with_input (&x, (LwShape){ 1, 4, 4 });
    lw_conv2d (g, lw_flatten (g, x, NULL), NULL, 3, three);
    assert_fails (g, "1 (conv): a window needs channels × height × width, it gets a vector of 16");
  }
  {
    g_autoptr (LwGraph) g = with_input (&x, (LwShape){ 1, 4, 4 });
    lw_flatten (g, lw_dropout (g, x, NULL, 1.0), NULL);
    assert_fails (g, "0 (dropout): the share of dropped values is 1, it must be from 0 to below 1");
  }
  {
    g_autoptr (LwGraph) g = with_input (&x, (LwShape){ 1, 4, 4 });
    lw_dropout (g, lw_flatten (g, x, "a"), "a", 0.5);
    assert_fails (g, "a (dropout): two layers have this name");
  }
  {
    g_autoptr (LwGraph) g = lw_graph_new ("nothing");
    assert_fails (g, "the network has no layers");
  }
  {
    g_autoptr (LwGraph) g = with_input (&x, (LwShape){ 0, 4, 4 });
    lw_flatten (g, x, NULL);
    assert_fails (g, "the input has no elements");
  }
}

/* Sizes that would overflow are refused, whatever the route to them. */
static void
test_overflow (void)
{
  static const LwShape inputs[] = {
    { G_MAXINT32, G_MAXINT32, G_MAXINT32, false },
    { 1, G_MAXINT32, G_MAXINT32, false },
    { 4096, 4096, 4096, false },
    { 1, 1, 1, false },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (inputs); i++) {
    LwNodeId x;
    g_autoptr (GError) error = NULL;
    g_autoptr (LwGraph) g = with_input (&x, inputs[i]);
    x = lw_conv2d (g, x, NULL, G_MAXINT32, (LwWindow){ 4096, 1, 4095 });
    x = lw_concat (g, (LwNodeId[]){ x, x }, 2, NULL);
    lw_linear (g, lw_flatten (g, x, NULL), NULL, G_MAXINT32);
    g_assert_false (lw_graph_finish (g, &error));
    g_assert_error (error, LW_ERROR, LW_ERROR_INVALID);
  }
}

static void
test_nearest (void)
{
  const char *const names[] = { "lenet", "lenet-bn", "resnet18", "vgg11", NULL };
  g_assert_cmpstr (lw_nearest_name ("resnet19", names), ==, "resnet18");
  g_assert_cmpstr (lw_nearest_name ("ResNet18", names), ==, "resnet18");
  g_assert_cmpstr (lw_nearest_name ("lnet", names), ==, "lenet");
  g_assert_cmpstr (lw_nearest_name ("lenetbn", names), ==, "lenet-bn");
  g_assert_cmpstr (lw_nearest_name ("vgg13", names), ==, "vgg11");
  g_assert_cmpstr (lw_nearest_name ("lenet", names), ==, "lenet");
  g_assert_null (lw_nearest_name ("transformer", names));
  g_assert_null (lw_nearest_name ("", names));
  g_autofree char *endless = g_strnfill (100000, 'x');
  g_assert_null (lw_nearest_name (endless, names));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/graph/rounded-up", test_rounded_up);
  g_test_add_func ("/graph/names", test_names);
  g_test_add_func ("/graph/tensor-order", test_tensor_order);
  g_test_add_func ("/graph/readers", test_readers);
  g_test_add_func ("/graph/first-error", test_first_error);
  g_test_add_func ("/graph/sentences", test_sentences);
  g_test_add_func ("/graph/overflow", test_overflow);
  g_test_add_func ("/graph/nearest-name", test_nearest);
  return g_test_run ();
}
