/* Costs worked out by hand, receptive fields of known layers, formulas, numbers for people. */
#include "engine/analysis.h"
#include "engine/error.h"
#include "engine/models.h"

#include <math.h>

static LwGraph *
build_model (const char *name)
{
  g_autoptr (LwOptions) options = lw_options_new (lw_model_find (name, NULL));
  g_autoptr (GError) error = NULL;
  LwGraph *graph = lw_model_build (options, &error);
  g_assert_no_error (error);
  return graph;
}

static void
assert_cost (const LwGraph *graph, LwNodeId id, int64_t parameters, int64_t buffers, int64_t macs,
             int64_t operations)
{
  LwCost cost = lw_node_cost (graph, id);
  g_assert_cmpint (cost.parameters, ==, parameters);
  g_assert_cmpint (cost.buffers, ==, buffers);
  g_assert_cmpint (cost.macs, ==, macs);
  g_assert_cmpint (cost.operations, ==, operations);
  g_assert_cmpint (cost.output_bytes, ==, lw_shape_size (lw_graph_node (graph, id)->shape) * 4);
}

/* One layer of each kind, on a map of 2×6×6. */
static void
test_costs (void)
{
  g_autoptr (LwGraph) g = lw_graph_new ("one of each");
  LwNodeId x = lw_graph_input (g, (LwShape){ 2, 6, 6 });
  lw_graph_push_block (g, LW_BLOCK_PLAIN, "a", "A");
  LwNodeId conv = lw_conv2d (g, x, NULL, 3, (LwWindow){ 3, 1, 1 });
  LwNodeId norm = lw_batch_norm (g, conv, NULL);
  LwNodeId sigmoid = lw_activation (g, norm, NULL, LW_OP_SIGMOID);
  lw_graph_pop_block (g);
  LwNodeId relu = lw_activation (g, sigmoid, NULL, LW_OP_RELU);
  LwNodeId tanh = lw_activation (g, relu, NULL, LW_OP_TANH);
  LwNodeId sum = lw_add (g, relu, tanh, NULL);
  LwNodeId max = lw_max_pool (g, sum, NULL, (LwWindow){ 3, 2, 1 });
  LwNodeId average = lw_avg_pool (g, sum, NULL, (LwWindow){ 2, 2, 0 });
  LwNodeId join = lw_concat (g, (LwNodeId[]){ max, average }, 2, NULL);
  LwNodeId drop = lw_dropout (g, join, NULL, 0.5);
  LwNodeId global = lw_global_avg_pool (g, drop, NULL);
  LwNodeId flat = lw_flatten (g, global, NULL);
  LwNodeId linear = lw_linear (g, flat, NULL, 10);
  g_assert_true (lw_graph_finish (g, NULL));

  assert_cost (g, x, 0, 0, 0, 0);
  /* 3·2·3·3 weights and 3 biases; 3·6·6 outputs of 2·3·3 multiply-accumulates and one addition */
  assert_cost (g, conv, 57, 0, 1944, 2 * 1944 + 108);
  assert_cost (g, norm, 6, 7, 0, 216); /* γ, β; running mean, variance, and the counter */
  assert_cost (g, sigmoid, 0, 0, 0, 108);
  assert_cost (g, relu, 0, 0, 0, 108);
  assert_cost (g, tanh, 0, 0, 0, 108);
  assert_cost (g, sum, 0, 0, 0, 108);
  assert_cost (g, max, 0, 0, 0, 27 * 9);
  assert_cost (g, average, 0, 0, 0, 27 * 4);
  assert_cost (g, join, 0, 0, 0, 0);
  assert_cost (g, drop, 0, 0, 0, 0);
  assert_cost (g, global, 0, 0, 0, 54);
  assert_cost (g, flat, 0, 0, 0, 0);
  assert_cost (g, linear, 70, 0, 60, 130);

  LwCost block = lw_block_cost (g, 1), all = lw_graph_cost (g);
  g_assert_cmpint (block.parameters, ==, 63);
  g_assert_cmpint (block.operations, ==, 3996 + 216 + 108);
  g_assert_cmpint (all.parameters, ==, 133);
  g_assert_cmpint (all.macs, ==, 2004);
  g_assert_cmpint (all.operations, ==, 3996 + 216 + 4 * 108 + 243 + 108 + 54 + 130);
  g_assert_cmpint (lw_node_state_bytes (g, max, 4), ==, 27 * 4);
  g_assert_cmpint (lw_node_state_bytes (g, norm, 4), ==, 24);
  g_assert_cmpint (lw_node_state_bytes (g, drop, 4), ==, 54 * 4);
  g_assert_cmpint (lw_node_state_bytes (g, conv, 4), ==, 0);
}

static void
test_receptive_fields (void)
{
  static const struct {
    const char *model, *layer;
    LwReceptiveField field;
  } cases[] = {
    { "lenet", "0", { 5, 1, -2 } },
    { "lenet", "3", { 14, 2, -2 } },
    { "lenet", "7", { 28, 0, 0 } },
    { "alexnet", "0", { 11, 4, -1 } },
    { "alexnet", "3", { 51, 8, -17 } },
    { "resnet18", "2.0.conv1", { 51, 8, -25 } },
    { "resnet18", "2.0.conv3", { 43, 8, -21 } },
    { "resnet18", "2.0.add", { 67, 8, -33 } },
    { "resnet18", "5", { 96, 0, 0 } },
    { "densenet", "1.net.2.2", { 35, 4, -17 } },
    { "googlenet", "2.1.p3_2", { 91, 8, -45 } },
    { "googlenet", "2.1.p1_1", { 59, 8, -29 } },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (LwGraph) graph = build_model (cases[i].model);
    LwNodeId id = lw_graph_find_node (graph, cases[i].layer);
    g_assert_cmpint (id, !=, LW_NO_NODE);
    LwReceptiveField field = lw_node_receptive_field (graph, id);
    g_test_message ("%s %s", cases[i].model, cases[i].layer);
    g_assert_cmpint (field.size, ==, cases[i].field.size);
    g_assert_cmpint (field.jump, ==, cases[i].field.jump);
    g_assert_cmpint (field.start, ==, cases[i].field.start);
  }
}

typedef enum { PARAMETERS, MACS, FORMULA } Which;

static void
test_formulas (void)
{
  static const struct {
    const char *model, *layer;
    Which which;
    const char *text;
  } cases[] = {
    { "resnet18", "2.0.conv1", PARAMETERS, "128·64·3·3 + 128 = 73,856" },
    { "resnet18", "2.0.conv1", MACS, "128·12·12 · 64·3·3 = 10,616,832" },
    { "resnet18", "2.0.conv1", FORMULA, "y[o,i,j] = b[o] + Σ w[o,c,u,v] · x[c, 2i+u−1, 2j+v−1]" },
    { "resnet18", "2.0.conv3", FORMULA, "y[o,i,j] = b[o] + Σ w[o,c,u,v] · x[c, 2i+u, 2j+v]" },
    { "resnet18", "2.0.conv2", FORMULA, "y[o,i,j] = b[o] + Σ w[o,c,u,v] · x[c, i+u−1, j+v−1]" },
    { "resnet18", "0.1", PARAMETERS, "64 + 64 = 128" },
    { "resnet18", "0.1", MACS, NULL },
    { "resnet18", "0.3", FORMULA, "y[c,i,j] = max x[c, 2i+u−1, 2j+v−1], 0 ≤ u, v < 3" },
    { "resnet18", "0.3", PARAMETERS, NULL },
    { "resnet18", "5", FORMULA, "y[c] = 1/(3·3) · Σ x[c,i,j]" },
    { "alexnet", "0", PARAMETERS, "96·1·11·11 + 96 = 11,712" },
    { "alexnet", "0", MACS, "96·54·54 · 1·11·11 = 33,872,256" },
    { "alexnet", "14", PARAMETERS, "4096·6400 + 4096 = 26,218,496" },
    { "alexnet", "14", MACS, "4096 · 6400 = 26,214,400" },
    { "alexnet", "14", FORMULA, "y[o] = b[o] + Σ w[o,i] · x[i]" },
    { "alexnet", "16", FORMULA,
      "training: y = x · m / (1 − 0.5), m = 0 with probability 0.5, else 1; afterwards: y = x" },
    { "lenet", "2", FORMULA, "y[c,i,j] = 1/4 · Σ x[c, 2i+u, 2j+v], 0 ≤ u, v < 2" },
    { "lenet", "6", FORMULA, "y[(c·5 + i)·5 + j] = x[c,i,j]" },
    { "lenet-bn", "10", FORMULA, "y = γ · (x − μ) / √(σ² + ε) + β" },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (LwGraph) graph = build_model (cases[i].model);
    LwNodeId id = lw_graph_find_node (graph, cases[i].layer);
    const char *words = NULL;
    g_autofree char *text = cases[i].which == PARAMETERS
                                ? lw_node_parameters_formula (graph, id, &words)
                            : cases[i].which == MACS ? lw_node_macs_formula (graph, id)
                                                     : lw_node_formula (graph, id);
    g_assert_cmpstr (text, ==, cases[i].text);
    g_assert_true ((words != NULL) == (cases[i].which == PARAMETERS && text != NULL));
  }
}

static void
test_rounded_up (void)
{
  g_autoptr (LwGraph) g = lw_graph_new ("rounded up");
  const LwNodeId x = lw_graph_input (g, (LwShape){ 1, 112, 8, false });
  const LwNodeId max = lw_max_pool_ceil (g, x, NULL, (LwWindow){ 3, 2, 0 });
  const LwNodeId mean = lw_avg_pool_ceil (g, max, NULL, (LwWindow){ 2, 3, 1 });
  const LwNodeId usual = lw_avg_pool (g, mean, NULL, (LwWindow){ 2, 2, 0 });
  g_autofree char *sides = NULL, *few = NULL, *none = NULL, *formula = NULL, *maximum = NULL;

  lw_flatten (g, usual, NULL);
  g_assert_true (lw_graph_finish (g, NULL));
  sides = lw_node_sides_formula (g, max);
  g_assert_cmpstr (sides, ==, "⌈(112 − 3)/2⌉ + 1 = 56, ⌈(8 − 3)/2⌉ + 1 = 4");
  /* Behind padding and map are 57 and 5 columns, where windows 19 and 2 would begin, or later. */
  few = lw_node_sides_formula (g, mean);
  g_assert_cmpstr (few, ==, "⌈(56 + 2·1 − 2)/3⌉ + 1 − 1 = 19, ⌈(4 + 2·1 − 2)/3⌉ + 1 − 1 = 2");
  none = lw_node_sides_formula (g, usual);
  g_assert_null (none);
  formula = lw_node_formula (g, mean);
  g_assert_cmpstr (formula, ==,
                   "y[c,i,j] = 1/n · Σ x[c, 3i+u−1, 3j+v−1], 0 ≤ u, v < 2; "
                   "n: the window's cells on the padded map");
  maximum = lw_node_formula (g, max);
  g_assert_cmpstr (maximum, ==, "y[c,i,j] = max x[c, 2i+u, 2j+v], 0 ≤ u, v < 3");
}

static void
test_numbers (void)
{
  static const struct {
    double value;
    const char *text;
  } shorts[] = {
    { 0, "0" },
    { 7, "7" },
    { 640, "640" },
    { 999, "999" },
    { 999.6, "1.00 k" },
    { 1000, "1.00 k" },
    { 10240, "10.2 k" },
    { 61706, "61.7 k" },
    { 416520, "417 k" },
    { 758226, "758 k" },
    { 999499, "999 k" },
    { 999500, "1.00 M" },
    { 9995000, "10.0 M" },
    { 11178378, "11.2 M" },
    { 318657536, "319 M" },
    { 7547232256, "7.55 G" },
    { 1.5e13, "15.0 T" },
    { -2500, "−2.50 k" },
    { 38.44, "38.4" },
    { 0.25, "0.25" },
    { 1.005e21, "1005 E" },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (shorts); i++) {
    g_autofree char *text = lw_format_short (shorts[i].value);
    g_assert_cmpstr (text, ==, shorts[i].text);
  }
  g_autofree char *nothing = lw_format_short (NAN);
  g_assert_cmpstr (nothing, ==, "–");

  static const struct {
    int64_t value;
    const char *text;
  } exact[] = {
    { 0, "0" },
    { 999, "999" },
    { 1000, "1,000" },
    { 11178378, "11,178,378" },
    { -123456, "−123,456" },
    { G_MAXINT64, "9,223,372,036,854,775,807" },
    { G_MININT64, "−9,223,372,036,854,775,808" },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (exact); i++) {
    g_autofree char *text = lw_format_exact (exact[i].value);
    g_assert_cmpstr (text, ==, exact[i].text);
  }

  static const struct {
    int64_t bytes;
    const char *text;
  } bytes[] = {
    { 0, "0 B" },
    { 1023, "1023 B" },
    { 1024, "1.00 KiB" },
    { 73728, "72.0 KiB" },
    { 1048575, "1024 KiB" },
    { 1048576, "1.00 MiB" },
    { 186646528, "178 MiB" },
    { 6227702579, "5.80 GiB" },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (bytes); i++) {
    g_autofree char *text = lw_format_bytes (bytes[i].bytes);
    g_assert_cmpstr (text, ==, bytes[i].text);
  }
}

static void
test_memory (void)
{
  g_autoptr (LwGraph) graph = build_model ("lenet-bn");
  LwMemory one, many;
  g_autoptr (GError) error = NULL;
  g_assert_true (lw_graph_memory (graph, 1, 0, &one, NULL));
  g_assert_true (lw_graph_memory (graph, 128, 2, &many, NULL));
  /* 44,878 parameters; 226 running means and variances twice; four counters of eight bytes */
  g_assert_cmpint (one.parameters, ==, 4 * 44878 + 4 * 2 * 226 + 4 * 8);
  g_assert_cmpint (one.gradients, ==, 4 * 44878);
  g_assert_cmpint (one.optimizer, ==, 0);
  g_assert_cmpint (many.optimizer, ==, 2 * many.gradients);
  g_assert_cmpint (many.parameters, ==, one.parameters);
  g_assert_cmpint (many.activations, >, 100 * one.activations);
  g_assert_cmpint (many.inference_activations, <, many.activations);
  g_assert_cmpint (many.training_total, ==,
                   many.parameters + many.gradients + many.optimizer + many.activations);
  g_assert_cmpint (many.inference_total, ==, many.parameters + many.inference_activations);
  g_assert_false (lw_graph_memory (graph, 0, 0, &one, &error));
  g_assert_error (error, LW_ERROR, LW_ERROR_INVALID);
}

static void
test_op_table (void)
{
  for (int op = 0; op < LW_N_OPS; op++) {
    const LwOpInfo *info = lw_op_info ((LwOp)op);
    g_assert_nonnull (info->name);
    g_assert_nonnull (info->title);
    g_assert_nonnull (info->label);
    g_assert_nonnull (info->torch);
    g_assert_true (info->onnx != NULL || op == LW_OP_INPUT);
    g_assert_nonnull (info->formula);
    g_assert_nonnull (info->operations_rule);
    g_assert_nonnull (info->infer);
    g_assert_nonnull (info->cost);
    g_assert_cmpint (info->min_inputs, <=, info->max_inputs);
    g_assert_true (op == LW_OP_INPUT || info->min_inputs >= 1);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/analysis/costs", test_costs);
  g_test_add_func ("/analysis/receptive-fields", test_receptive_fields);
  g_test_add_func ("/analysis/formulas", test_formulas);
  g_test_add_func ("/analysis/rounded-up", test_rounded_up);
  g_test_add_func ("/analysis/numbers", test_numbers);
  g_test_add_func ("/analysis/memory", test_memory);
  g_test_add_func ("/analysis/op-table", test_op_table);
  return g_test_run ();
}
