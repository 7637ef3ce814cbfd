/* VGG: blocks of 3×3 convolutions, each block ending in a pooling that halves the map.
 *
 * Karen Simonyan, Andrew Zisserman, "Very Deep Convolutional Networks for Large-Scale Image
 * Recognition", ICLR 2015 (arXiv 1409.1556, 2014), table 1, columns A (11 layers with weights),
 * B (13), D (16) and E (19). torchvision's networks are these at 224 × 224; at other sizes it
 * brings the last map to 7 × 7, where the head here reads the map that there is. */
#include "engine/models/knobs.h"
#include "engine/models/library.h"

#include "engine/i18n.h"

typedef struct {
  int convolutions, channels;
} Block;

static const Block vgg11[] = { { 1, 64 }, { 1, 128 }, { 2, 256 }, { 2, 512 }, { 2, 512 } };
static const Block vgg13[] = { { 2, 64 }, { 2, 128 }, { 2, 256 }, { 2, 512 }, { 2, 512 } };
static const Block vgg16[] = { { 2, 64 }, { 2, 128 }, { 3, 256 }, { 3, 512 }, { 3, 512 } };
static const Block vgg19[] = { { 2, 64 }, { 2, 128 }, { 4, 256 }, { 4, 512 }, { 4, 512 } };

/* The book's blocks are modules; torchvision has one for all of them and counts on: `layers`, those
 * of the blocks before. */
static void
push_block (LwGraph *g, int number, int layers, const LwOptions *options)
{
  const char *features = lw_named (options, NULL, "features");

  lw_graph_push_block (g, LW_BLOCK_PLAIN, features, "Block %d", number);
  if (features != NULL)
    lw_graph_skip (g, layers);
}

static LwNodeId
build (LwGraph *g, LwNodeId x, const LwOptions *options, const Block *blocks)
{
  int n_blocks = lw_options_integer (options, "blocks");
  int extra = lw_options_integer (options, "extra_convolutions");
  int layers = 0;

  for (int i = 0; i < n_blocks; i++) {
    LwNodeId before = x;
    push_block (g, i + 1, layers, options);
    for (int k = 0; k < blocks[i].convolutions + extra; k++) {
      x = lw_conv2d (g, x, NULL, lw_options_width (options, blocks[i].channels),
                     (LwWindow){ 3, 1, 1 });
      x = lw_normalize (g, x, NULL, options);
      x = lw_activate (g, x, NULL, options);
    }
    x = lw_pool (g, x, NULL, (LwWindow){ 2, 2, 0 }, options);
    lw_graph_pop_block (g);
    layers += x - before;
  }

  lw_graph_push_block (g, LW_BLOCK_PLAIN, lw_named (options, "", "classifier"), "Head");
  x = lw_flatten (g, x, lw_named (options, NULL, "flatten"));
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

static LwNodeId
build_vgg13 (LwGraph *graph, LwNodeId x, const LwOptions *options)
{
  return build (graph, x, options, vgg13);
}

static LwNodeId
build_vgg16 (LwGraph *graph, LwNodeId x, const LwOptions *options)
{
  return build (graph, x, options, vgg16);
}

static LwNodeId
build_vgg19 (LwGraph *graph, LwNodeId x, const LwOptions *options)
{
  return build (graph, x, options, vgg19);
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

#define KNOBS(width)                                                                               \
  (const LwKnob *const[])                                                                          \
  {                                                                                                \
    &lw_knob_input_224, &lw_knob_channels, &lw_knob_classes, &width, &lw_knob_hidden,              \
        &knob_blocks, &knob_extra_convolutions, &lw_knob_relu, &lw_knob_plain, &lw_knob_max_pool,  \
        &lw_knob_dropout, &lw_knob_names, NULL                                                     \
  }

/* What all have in common. */
#define ROW(width_knob)                                                                            \
  .family = "VGG", .year = 2014, .input = { 1, 224, 224 }, .classes = 10,                          \
  .knobs = KNOBS (width_knob),                                                                     \
  .paper = "Karen Simonyan, Andrew Zisserman: Very Deep Convolutional Networks for Large-Scale "   \
           "Image Recognition, ICLR, 2015"

const LwModel lw_model_vgg11 = {
  ROW (knob_width),
  .name = "vgg11",
  .title = "VGG-11",
  .idea = N_ ("Design by blocks: two small windows in a row see as much as one large one, and "
              "cost less."),
  .recipe = { 0.05, 10, 128 },
  .build = build_vgg11,
};

const LwModel lw_model_vgg11_small = {
  ROW (knob_width_small),
  .name = "vgg11-small",
  .title = "VGG-11 ÷4",
  .idea = N_ ("VGG-11 with a quarter of the channels, the one that the book trains."),
  .recipe = { 0.05, 10, 128 },
  .build = build_vgg11,
};

const LwModel lw_model_vgg13 = {
  ROW (knob_width),
  .name = "vgg13",
  .title = "VGG-13",
  .idea = N_ ("Two convolutions in every block: they see 5×5 together, with 18 weights instead of "
              "25."),
  .recipe = { 0.05, 10, 64 },
  .relative = true,
  .build = build_vgg13,
};

const LwModel lw_model_vgg16 = {
  ROW (knob_width),
  .name = "vgg16",
  .title = "VGG-16",
  .idea = N_ ("Three convolutions in each of the last three blocks: the VGG that others built on "
              "most."),
  .recipe = { 0.05, 10, 64 },
  .relative = true,
  .build = build_vgg16,
};

const LwModel lw_model_vgg19 = {
  ROW (knob_width),
  .name = "vgg19",
  .title = "VGG-19",
  .idea = N_ ("Four in each: the paper's deepest, hardly better than 16 layers, and where plain "
              "depth stopped helping."),
  .recipe = { 0.05, 10, 64 },
  .relative = true,
  .build = build_vgg19,
};
