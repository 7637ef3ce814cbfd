/* DenseNet: each convolution reads the outputs of all before it and adds a few channels more.
 *
 * Gao Huang, Zhuang Liu, Laurens van der Maaten, Kilian Weinberger, "Densely Connected
 * Convolutional Networks", CVPR 2017 (arXiv 1608.06993, 2016), section 3; dense blocks without
 * bottleneck, transitions that halve the channels, as in the book. */
#include "engine/models/knobs.h"
#include "engine/models/library.h"

#include "engine/i18n.h"

/* Normalization and activation come before the convolution here. */
static LwNodeId
conv (LwGraph *g, LwNodeId x, int channels, LwWindow window, const LwOptions *options)
{
  x = lw_normalize (g, x, NULL, options);
  x = lw_activate (g, x, NULL, options);
  return lw_conv2d (g, x, NULL, channels, window);
}

static LwNodeId
dense_block (LwGraph *g, LwNodeId x, int number, int convolutions, const LwOptions *options)
{
  int growth_rate = lw_options_integer (options, "growth_rate");

  lw_graph_push_block (g, LW_BLOCK_DENSE, NULL, "Dense block %d", number);
  for (int i = 0; i < convolutions; i++) {
    g_autofree char *path = g_strdup_printf ("net.%d", i);
    g_autofree char *join = g_strdup_printf ("concat%d", i + 1);
    lw_graph_push_block (g, LW_BLOCK_PLAIN, path, "Conv block %d", i + 1);
    LwNodeId y = conv (g, x, growth_rate, (LwWindow){ 3, 1, 1 }, options);
    lw_graph_pop_block (g);
    x = lw_concat (g, (LwNodeId[]){ x, y }, 2, join);
  }
  lw_graph_pop_block (g);
  return x;
}

static LwNodeId
transition (LwGraph *g, LwNodeId x, int number, const LwOptions *options)
{
  lw_graph_push_block (g, LW_BLOCK_TRANSITION, NULL, "Transition %d", number);
  x = conv (g, x, lw_graph_shape (g, x).c / 2, (LwWindow){ 1, 1, 0 }, options);
  x = lw_pool (g, x, NULL, (LwWindow){ 2, 2, 0 }, options);
  lw_graph_pop_block (g);
  return x;
}

/* `convolutions`: of each dense block; a transition stands between two. */
static LwNodeId
build (LwGraph *g, LwNodeId x, const LwOptions *options, const int *convolutions, int n_blocks)
{
  lw_graph_push_block (g, LW_BLOCK_PLAIN, NULL, "Stem");
  x = lw_conv2d (g, x, NULL, lw_options_integer (options, "stem_channels"), (LwWindow){ 7, 2, 3 });
  x = lw_normalize (g, x, NULL, options);
  x = lw_activate (g, x, NULL, options);
  x = lw_max_pool (g, x, NULL, (LwWindow){ 3, 2, 1 });
  lw_graph_pop_block (g);

  for (int i = 0; i < n_blocks; i++) {
    x = dense_block (g, x, i + 1, convolutions[i], options);
    if (i < n_blocks - 1)
      x = transition (g, x, i + 1, options);
  }

  lw_graph_push_block (g, LW_BLOCK_PLAIN, "", "Head");
  x = lw_normalize (g, x, NULL, options);
  x = lw_activate (g, x, NULL, options);
  x = lw_global_avg_pool (g, x, NULL);
  x = lw_flatten (g, x, NULL);
  x = lw_linear (g, x, NULL, lw_options_integer (options, "classes"));
  lw_graph_pop_block (g);
  return x;
}

static LwNodeId
build_densenet (LwGraph *graph, LwNodeId x, const LwOptions *options)
{
  int n = lw_options_integer (options, "convolutions");
  return build (graph, x, options, (const int[]){ n, n, n, n, n },
                lw_options_integer (options, "blocks"));
}

static const LwKnob knob_blocks = {
  .name = "blocks",
  .title = N_ ("Dense blocks"),
  .type = LW_KNOB_INTEGER,
  .standard = 4,
  .minimum = 1,
  .maximum = 5,
  .help = N_ ("Dense blocks; a transition between two of them halves channels and map."),
};

static const LwKnob knob_growth_rate = {
  .name = "growth_rate",
  .title = N_ ("Growth rate"),
  .type = LW_KNOB_INTEGER,
  .standard = 32,
  .minimum = 1,
  .maximum = 128,
  .help = N_ ("Channels that each convolution of a dense block adds."),
};

static const LwKnob knob_convolutions = {
  .name = "convolutions",
  .title = N_ ("Convolutions per block"),
  .type = LW_KNOB_INTEGER,
  .standard = 4,
  .minimum = 1,
  .maximum = 16,
  .help = N_ ("Convolution blocks in each dense block."),
};

const LwModel lw_model_densenet = {
  .name = "densenet",
  .title = "DenseNet",
  .family = "DenseNet",
  .year = 2016,
  .paper = "Gao Huang, Zhuang Liu, Laurens van der Maaten, Kilian Weinberger: Densely Connected "
           "Convolutional Networks, CVPR, 2017",
  .idea = N_ ("Nothing learned is recomputed: every layer reads the outputs of all before it."),
  .input = { 1, 96, 96 },
  .classes = 10,
  .recipe = { 0.1, 10, 256 },
  .knobs = (const LwKnob *const[]){ &lw_knob_input_96, &lw_knob_channels, &lw_knob_classes,
                                    &lw_knob_stem_channels, &knob_growth_rate, &knob_blocks,
                                    &knob_convolutions, &lw_knob_relu, &lw_knob_batch_norm,
                                    &lw_knob_average_pool, NULL },
  .build = build_densenet,
};
