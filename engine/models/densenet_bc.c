/* DenseNet-BC: the deep DenseNets, with bottlenecks (B) in the dense blocks and compression (C)
 * between them.
 *
 * Gao Huang, Zhuang Liu, Laurens van der Maaten, Kilian Weinberger, "Densely Connected
 * Convolutional Networks", CVPR 2017 (arXiv 1608.06993, 2016), section 3, "Bottleneck layers" and
 * "Compression", and table 1. Convolutions have no bias: a normalization reads all they give. The
 * book's DenseNet, without bottlenecks, is in densenet.c. */
#include "engine/models/knobs.h"
#include "engine/models/library.h"

#include "engine/i18n.h"

#define BLOCKS 4

/* Normalization and activation before the convolution, as "norm1", "relu1" and "conv1". */
static LwNodeId
conv (LwGraph *g, LwNodeId x, const char *number, int channels, LwWindow window,
      const LwOptions *options)
{
  g_autofree char *norm = g_strconcat ("norm", number, NULL);
  g_autofree char *relu = g_strconcat ("relu", number, NULL);
  g_autofree char *conv = g_strconcat ("conv", number, NULL);

  x = lw_normalize (g, x, lw_named (options, NULL, norm), options);
  x = lw_activate (g, x, lw_named (options, NULL, relu), options);
  return lw_conv2d_normalized (g, x, lw_named (options, NULL, conv), channels, window, options);
}

/* The 1×1 convolution gives 4k channels, the 3×3 k; so deep layers stay cheap, however much they
 * read. */
static LwNodeId
dense_block (LwGraph *g, LwNodeId x, int number, int layers, const LwOptions *options)
{
  int growth_rate = lw_options_integer (options, "growth_rate");
  int narrow = growth_rate * lw_options_integer (options, "bottleneck");
  g_autofree char *block = g_strdup_printf ("features.denseblock%d", number);

  lw_graph_push_block (g, LW_BLOCK_DENSE, lw_named (options, NULL, block), "Dense block %d",
                       number);
  for (int i = 0; i < layers; i++) {
    g_autofree char *book = g_strdup_printf ("net.%d", i);
    g_autofree char *torchvision = g_strdup_printf ("denselayer%d", i + 1);
    g_autofree char *join = g_strdup_printf ("concat%d", i + 1);

    lw_graph_push_block (g, LW_BLOCK_PLAIN, lw_named (options, book, torchvision), "Dense layer %d",
                         i + 1);
    LwNodeId y = conv (g, x, "1", narrow, (LwWindow){ 1, 1, 0 }, options);
    y = conv (g, y, "2", growth_rate, (LwWindow){ 3, 1, 1 }, options);
    lw_graph_pop_block (g);
    x = lw_concat (g, (LwNodeId[]){ x, y }, 2, join);
  }
  lw_graph_pop_block (g);
  return x;
}

/* Halves the channels (θ = 0.5) and the map. */
static LwNodeId
transition (LwGraph *g, LwNodeId x, int number, const LwOptions *options)
{
  g_autofree char *path = g_strdup_printf ("features.transition%d", number);

  lw_graph_push_block (g, LW_BLOCK_TRANSITION, lw_named (options, NULL, path), "Transition %d",
                       number);
  x = conv (g, x, "", MAX (lw_graph_shape (g, x).c / 2, 1), (LwWindow){ 1, 1, 0 }, options);
  x = lw_pool (g, x, lw_named (options, NULL, "pool"), (LwWindow){ 2, 2, 0 }, options);
  lw_graph_pop_block (g);
  return x;
}

static LwNodeId
build_densenet_bc (LwGraph *g, LwNodeId x, const LwOptions *options)
{
  static const char *const knobs[BLOCKS] = { "block1", "block2", "block3", "block4" };

  lw_graph_push_block (g, LW_BLOCK_PLAIN, lw_named (options, NULL, "features"), "Stem");
  x = lw_conv2d_normalized (g, x, lw_named (options, NULL, "conv0"),
                            lw_options_integer (options, "stem_channels"), (LwWindow){ 7, 2, 3 },
                            options);
  x = lw_normalize (g, x, lw_named (options, NULL, "norm0"), options);
  x = lw_activate (g, x, lw_named (options, NULL, "relu0"), options);
  x = lw_max_pool (g, x, lw_named (options, NULL, "pool0"), (LwWindow){ 3, 2, 1 });
  lw_graph_pop_block (g);

  for (int i = 0; i < BLOCKS; i++) {
    x = dense_block (g, x, i + 1, lw_options_integer (options, knobs[i]), options);
    if (i < BLOCKS - 1)
      x = transition (g, x, i + 1, options);
  }

  lw_graph_push_block (g, LW_BLOCK_PLAIN, "", "Head");
  x = lw_normalize (g, x, lw_named (options, NULL, "features.norm5"), options);
  x = lw_activate (g, x, lw_named (options, NULL, "relu"), options);
  x = lw_global_avg_pool (g, x, lw_named (options, NULL, "avgpool"));
  x = lw_flatten (g, x, lw_named (options, NULL, "flatten"));
  x = lw_linear (g, x, lw_named (options, NULL, "classifier"),
                 lw_options_integer (options, "classes"));
  lw_graph_pop_block (g);
  return x;
}

static const LwKnob knob_growth_rate = {
  .name = "growth_rate",
  .title = N_ ("Growth rate"),
  .type = LW_KNOB_INTEGER,
  .standard = 32,
  .minimum = 1,
  .maximum = 64,
  .help = N_ ("Channels that each layer of a dense block adds."),
};

static const LwKnob knob_bottleneck = {
  .name = "bottleneck",
  .title = N_ ("Bottleneck"),
  .type = LW_KNOB_INTEGER,
  .standard = 4,
  .minimum = 1,
  .maximum = 8,
  .help = N_ ("Channels that a layer's 1×1 convolution leaves, as a multiple of the growth rate."),
};

/* Of one dense block. */
#define BLOCK(key, label, sentence, layers)                                                        \
  {                                                                                                \
    .name = key, .title = label, .type = LW_KNOB_INTEGER, .standard = layers, .minimum = 1,        \
    .maximum = 64, .help = sentence                                                                \
  }
#define BLOCKS_OF(a, b, c, d)                                                                      \
  {                                                                                                \
    BLOCK ("block1", N_ ("Layers in block 1"),                                                     \
           N_ ("Dense layers of the first block, each a 1×1 and a 3×3 convolution."), a),          \
        BLOCK ("block2", N_ ("Layers in block 2"), N_ ("Dense layers of the second block."), b),   \
        BLOCK ("block3", N_ ("Layers in block 3"), N_ ("Dense layers of the third block."), c),    \
        BLOCK ("block4", N_ ("Layers in block 4"), N_ ("Dense layers of the fourth block."), d)    \
  }

static const LwKnob blocks121[] = BLOCKS_OF (6, 12, 24, 16);
static const LwKnob blocks169[] = BLOCKS_OF (6, 12, 32, 32);
static const LwKnob blocks201[] = BLOCKS_OF (6, 12, 48, 32);

#define KNOBS(blocks)                                                                              \
  (const LwKnob *const[])                                                                          \
  {                                                                                                \
    &lw_knob_input_96, &lw_knob_channels, &lw_knob_classes, &lw_knob_stem_channels,                \
        &knob_growth_rate, &knob_bottleneck, &blocks[0], &blocks[1], &blocks[2], &blocks[3],       \
        &lw_knob_relu, &lw_knob_batch_norm, &lw_knob_average_pool, &lw_knob_names, NULL            \
  }

/* What all have in common. */
#define ROW                                                                                        \
  .family = "DenseNet", .year = 2016, .input = { 1, 96, 96 }, .classes = 10,                       \
  .recipe = { 0.1, 10, 64 }, .relative = true, .build = build_densenet_bc,                         \
  .paper = "Gao Huang, Zhuang Liu, Laurens van der Maaten, Kilian Weinberger: Densely Connected "  \
           "Convolutional Networks, CVPR, 2017"

const LwModel lw_model_densenet121 = {
  ROW,
  .name = "densenet121",
  .title = "DenseNet-121",
  .idea = N_ ("1×1 convolutions before the 3×3 keep 58 dense layers cheap: a third of ResNet-50's "
              "parameters."),
  .knobs = KNOBS (blocks121),
};

const LwModel lw_model_densenet169 = {
  ROW,
  .name = "densenet169",
  .title = "DenseNet-169",
  .idea = N_ ("The last two blocks are deeper, where maps are small and layers cost little."),
  .knobs = KNOBS (blocks169),
};

const LwModel lw_model_densenet201 = {
  ROW,
  .name = "densenet201",
  .title = "DenseNet-201",
  .idea = N_ ("As good as ResNet-101 with less than half of its parameters."),
  .knobs = KNOBS (blocks201),
};
