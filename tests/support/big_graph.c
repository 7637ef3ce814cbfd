#include "tests/support/big_graph.h"

#define CHANNELS 8
#define STAGE    24 /* blocks of a stage */

static const LwWindow square = { 3, 1, 1 }, point = { 1, 1, 0 };

static LwNodeId
convolution (LwGraph *graph, LwNodeId x, int channels, LwWindow window)
{
  x = lw_conv2d (graph, x, NULL, channels, window);
  x = lw_batch_norm (graph, x, NULL);
  return lw_activation (graph, x, NULL, LW_OP_RELU);
}

static int
size_of (const LwGraph *graph, LwNodeId x)
{
  (void)graph;
  return x + 1; /* values are numbered */
}

/* --- the kinds -------------------------------------------------------------------------------- */

static LwNodeId
residual_unit (LwGraph *graph, LwNodeId x)
{
  LwNodeId y = convolution (graph, x, CHANNELS, square);

  y = lw_conv2d (graph, y, NULL, CHANNELS, square);
  y = lw_batch_norm (graph, y, NULL);
  y = lw_add (graph, y, x, NULL);
  return lw_activation (graph, y, NULL, LW_OP_RELU);
}

static LwNodeId
residual (LwGraph *graph, LwNodeId x, int nodes)
{
  for (int stage = 1; size_of (graph, x) < nodes; stage++) {
    lw_graph_push_block (graph, LW_BLOCK_PLAIN, NULL, "Stage %d", stage);
    for (int i = 1; i <= STAGE && size_of (graph, x) < nodes; i++) {
      lw_graph_push_block (graph, LW_BLOCK_RESIDUAL, NULL, "Residual %d", i);
      x = residual_unit (graph, x);
      lw_graph_pop_block (graph);
    }
    lw_graph_pop_block (graph);
  }
  return x;
}

static LwNodeId
inception (LwGraph *graph, LwNodeId x, int nodes)
{
  for (int block = 1; size_of (graph, x) < nodes; block++) {
    LwNodeId branches[12];

    lw_graph_push_block (graph, LW_BLOCK_INCEPTION, NULL, "Inception %d", block);
    for (int i = 0; i < 12; i++) {
      branches[i] = convolution (graph, x, 4, point);
      if (i % 3 > 0)
        branches[i] = convolution (graph, branches[i], 4, square);
    }
    x = lw_concat (graph, branches, 12, NULL);
    lw_graph_pop_block (graph);
  }
  return x;
}

static LwNodeId
flat (LwGraph *graph, LwNodeId x, int nodes)
{
  while (size_of (graph, x) < nodes)
    x = residual_unit (graph, x);
  return x;
}

/* Each layer's sum also reads what was three layers before, so that no value divides the block. */
static LwNodeId
tangle (LwGraph *graph, LwNodeId x, int nodes)
{
  for (int block = 1; size_of (graph, x) < nodes; block++) {
    LwNodeId last[3] = { x, x, x };

    lw_graph_push_block (graph, LW_BLOCK_PLAIN, NULL, "Tangle %d", block);
    for (int i = 0; i < 12; i++) {
      x = convolution (graph, x, CHANNELS, square);
      x = lw_add (graph, x, last[i % 3], NULL);
      last[i % 3] = x;
    }
    lw_graph_pop_block (graph);
  }
  return x;
}

static LwNodeId
bottleneck (LwGraph *graph, LwNodeId x, int channels, bool first)
{
  LwNodeId y = convolution (graph, x, channels, point), shortcut = x;

  y = convolution (graph, y, channels, square);
  y = lw_conv2d (graph, y, NULL, 4 * channels, point);
  y = lw_batch_norm (graph, y, NULL);
  if (first) {
    shortcut = lw_conv2d (graph, x, NULL, 4 * channels, point);
    shortcut = lw_batch_norm (graph, shortcut, NULL);
  }
  y = lw_add (graph, y, shortcut, NULL);
  return lw_activation (graph, y, NULL, LW_OP_RELU);
}

static LwNodeId
resnet152 (LwGraph *graph, LwNodeId x)
{
  static const int blocks[] = { 3, 8, 36, 3 };

  x = convolution (graph, x, 64, square);
  for (int stage = 0; stage < 4; stage++) {
    lw_graph_push_block (graph, LW_BLOCK_PLAIN, NULL, "Stage %d", stage + 1);
    for (int i = 0; i < blocks[stage]; i++) {
      lw_graph_push_block (graph, LW_BLOCK_RESIDUAL, NULL, "Residual %d", i + 1);
      x = bottleneck (graph, x, 64 << stage, i == 0);
      lw_graph_pop_block (graph);
    }
    lw_graph_pop_block (graph);
  }
  return x;
}

static LwNodeId
densenet201 (LwGraph *graph, LwNodeId x)
{
  static const int layers[] = { 6, 12, 48, 32 };

  x = convolution (graph, x, 64, square);
  for (int block = 0; block < 4; block++) {
    lw_graph_push_block (graph, LW_BLOCK_DENSE, NULL, "Dense block %d", block + 1);
    for (int i = 0; i < layers[block]; i++) {
      LwNodeId y, both[2];

      lw_graph_push_block (graph, LW_BLOCK_PLAIN, NULL, "Conv block %d", i + 1);
      y = lw_batch_norm (graph, x, NULL);
      y = lw_activation (graph, y, NULL, LW_OP_RELU);
      y = convolution (graph, y, 128, point);
      y = lw_conv2d (graph, y, NULL, 32, square);
      lw_graph_pop_block (graph);
      both[0] = x;
      both[1] = y;
      x = lw_concat (graph, both, 2, NULL);
    }
    lw_graph_pop_block (graph);
  }
  return x;
}

/* --- graphs and models ------------------------------------------------------------------------ */

static LwNodeId
body (LwBigKind kind, LwGraph *graph, LwNodeId x, int nodes)
{
  switch (kind) {
  case LW_BIG_RESIDUAL:
    return residual (graph, x, nodes);
  case LW_BIG_INCEPTION:
    return inception (graph, x, nodes);
  case LW_BIG_FLAT:
    return flat (graph, x, nodes);
  case LW_BIG_TANGLE:
    return tangle (graph, x, nodes);
  case LW_BIG_RESNET152:
    return resnet152 (graph, x);
  case LW_BIG_DENSENET:
    return densenet201 (graph, x);
  default:
    g_assert_not_reached ();
  }
}

static LwNodeId
whole (LwBigKind kind, LwGraph *graph, LwNodeId x, int nodes)
{
  x = lw_conv2d (graph, x, NULL, CHANNELS, square);
  x = body (kind, graph, x, nodes - 3); /* its own first and last layers */
  x = lw_global_avg_pool (graph, x, NULL);
  x = lw_flatten (graph, x, NULL);
  return lw_linear (graph, x, NULL, 10);
}

LwGraph *
lw_big_graph (LwBigKind kind, int nodes)
{
  LwGraph *graph = lw_graph_new (lw_big_name (kind));
  g_autoptr (GError) error = NULL;

  whole (kind, graph, lw_graph_input (graph, (LwShape){ 3, 32, 32, false }), nodes);
  lw_graph_finish (graph, &error);
  g_assert_no_error (error);
  return graph;
}

const char *
lw_big_name (LwBigKind kind)
{
  static const char *const names[LW_N_BIG] = { "residual", "Inception-like", "flat",
                                               "tangle",   "ResNet-152",     "DenseNet-201" };

  return names[kind];
}

static LwNodeId
build_residual (LwGraph *graph, LwNodeId x, const LwOptions *options)
{
  (void)options;
  return whole (LW_BIG_RESIDUAL, graph, x, 10000);
}

static LwNodeId
build_inception (LwGraph *graph, LwNodeId x, const LwOptions *options)
{
  (void)options;
  return whole (LW_BIG_INCEPTION, graph, x, 10000);
}

const LwModel *
lw_big_model (LwBigKind kind)
{
  static const LwKnob size = { "input_size", "Input", LW_KNOB_INTEGER, 32, 1, 256, NULL, "" };
  static const LwKnob channels = { "channels", "Channels", LW_KNOB_INTEGER, 3, 1, 4, NULL, "" };
  static const LwKnob classes = { "classes", "Classes", LW_KNOB_INTEGER, 10, 2, 1000, NULL, "" };
  static const LwKnob *const knobs[] = { &size, &channels, &classes, NULL };
  static const LwModel models[] = {
    { "big-residual",
      "10,000 nodes",
      "Tests",
      2015,
      "",
      "",
      { 3, 32, 32, false },
      10,
      { 0.1, 1, 32 },
      false,
      knobs,
      build_residual },
    { "big-inception",
      "10,000 nodes, wide",
      "Tests",
      2014,
      "",
      "",
      { 3, 32, 32, false },
      10,
      { 0.1, 1, 32 },
      false,
      knobs,
      build_inception },
  };

  return &models[kind == LW_BIG_INCEPTION];
}
