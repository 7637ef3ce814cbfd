/* VGG: blocks of 3×3 convolutions, each block ending in a pooling that halves the map.
 *
 * Karen Simonyan, Andrew Zisserman, "Very Deep Convolutional Networks for Large-Scale Image
 * Recognition", ICLR 2015 (arXiv 1409.1556, 2014), table 1, column A. */
#include "engine/models/knobs.h"
#include "engine/models/library.h"

#include "engine/i18n.h"

typedef struct {
  int convolutions, channels;
} Block;

static const Block vgg11[] = { { 1, 64 }, { 1, 128 }, { 2, 256 }, { 2, 512 }, { 2, 512 } };

static LwNodeId
build (LwGraph *g, LwNodeId x, const LwOptions *options, const Block *blocks)
{
  int n_blocks = lw_options_integer (options, "blocks");
  int extra = lw_options_integer (options, "extra_convolutions");

  for (int i = 0; i < n_blocks; i++) {
    lw_graph_push_block (g, LW_BLOCK_PLAIN, NULL, "Block %d", i + 1);
    for (int k = 0; k < blocks[i].convolutions + extra; k++) {
      x = lw_conv2d (g, x, NULL, lw_options_width (options, blocks[i].channels),
                     (LwWindow){ 3, 1, 1 });
      x = lw_normalize (g, x, NULL, options);
      x = lw_activate (g, x, NULL, options);
    }
    x = lw_pool (g, x, NULL, (LwWindow){ 2, 2, 0 }, options);
    lw_graph_pop_block (g);
  }

  lw_graph_push_block (g, LW_BLOCK_PLAIN, "", "Head");
  x = lw_flatten (g, x, NULL);
  for (int i = 0; i < 2; i++) {
    x = lw_linear (g, x, NULL, lw_options_integer (options, "hidden"));
    x = lw_activate (g, x, NULL, options);
    x = lw_drop (g, x, NULL, options);
  }
  x = lw_linear (g, x, NULL, lw_options_integer (options, "classes"));
  lw_graph_pop_block (g);
  return x;
}

static LwNodeId
build_vgg11 (LwGraph *graph, LwNodeId x, const LwOptions *options)
{
  return build (graph, x, options, vgg11);
}

#define WIDTH(ratio)                                                                               \
  {                                                                                                \
    .name = "width", .title = N_ ("Width"), .type = LW_KNOB_REAL, .standard = ratio,               \
    .minimum = 0.0625, .maximum = 2,                                                               \
    .help = N_ ("Multiplies the channels of the convolutions; hidden units have a knob of their "  \
                "own.")                                                                            \
  }

static const LwKnob knob_width = WIDTH (1);
static const LwKnob knob_width_small = WIDTH (0.25);

static const LwKnob knob_blocks = {
  .name = "blocks",
  .title = N_ ("Blocks"),
  .type = LW_KNOB_INTEGER,
  .standard = 5,
  .minimum = 1,
  .maximum = 5,
  .help = N_ ("How many of the five blocks are kept, from the first; fewer suit small images."),
};

static const LwKnob knob_extra_convolutions = {
  .name = "extra_convolutions",
  .title = N_ ("Extra 3×3 per block"),
  .type = LW_KNOB_INTEGER,
  .standard = 0,
  .minimum = 0,
  .maximum = 4,
  .help = N_ ("3×3 convolutions added to each block: deeper, at the same sizes of the maps."),
};

const LwModel lw_model_vgg11 = {
  .name = "vgg11",
  .title = "VGG-11",
  .family = "VGG",
  .year = 2014,
  .paper = "Karen Simonyan, Andrew Zisserman: Very Deep Convolutional Networks for Large-Scale "
           "Image Recognition, ICLR, 2015",
  .idea = N_ ("Design by blocks: two small windows in a row see as much as one large one, and "
              "cost less."),
  .input = { 1, 224, 224 },
  .classes = 10,
  .recipe = { 0.05, 10, 128 },
  .knobs = (const LwKnob *const[]){ &lw_knob_input_224, &lw_knob_channels, &lw_knob_classes,
                                    &knob_width, &lw_knob_hidden, &knob_blocks,
                                    &knob_extra_convolutions, &lw_knob_relu, &lw_knob_plain,
                                    &lw_knob_max_pool, &lw_knob_dropout, NULL },
  .build = build_vgg11,
};

const LwModel lw_model_vgg11_small = {
  .name = "vgg11-small",
  .title = "VGG-11 ÷4",
  .family = "VGG",
  .year = 2014,
  .paper = "Karen Simonyan, Andrew Zisserman: Very Deep Convolutional Networks for Large-Scale "
           "Image Recognition, ICLR, 2015",
  .idea = N_ ("VGG-11 with a quarter of the channels, the one that the book trains."),
  .input = { 1, 224, 224 },
  .classes = 10,
  .recipe = { 0.05, 10, 128 },
  .knobs = (const LwKnob *const[]){ &lw_knob_input_224, &lw_knob_channels, &lw_knob_classes,
                                    &knob_width_small, &lw_knob_hidden, &knob_blocks,
                                    &knob_extra_convolutions, &lw_knob_relu, &lw_knob_plain,
                                    &lw_knob_max_pool, &lw_knob_dropout, NULL },
  .build = build_vgg11,
};
