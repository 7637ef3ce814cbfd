/* Network in network: 1×1 convolutions act as a small linear network at every pixel, and global
 * average pooling replaces the linear layers at the end.
 *
 * Min Lin, Qiang Chen, Shuicheng Yan, "Network In Network", ICLR 2014 (arXiv 1312.4400, 2013),
 * sections 3.1 and 3.2; with AlexNet's windows, as in the book. */
#include "engine/models/knobs.h"
#include "engine/models/library.h"

#include "engine/i18n.h"

static LwNodeId
nin_block (LwGraph *g, LwNodeId x, int number, int channels, LwWindow window,
           const LwOptions *options)
{
  int mixers = lw_options_integer (options, "mixers");

  lw_graph_push_block (g, LW_BLOCK_PLAIN, NULL, "NiN block %d", number);
  for (int i = 0; i <= mixers; i++) {
    x = lw_conv2d (g, x, NULL, channels, i == 0 ? window : (LwWindow){ 1, 1, 0 });
    x = lw_normalize (g, x, NULL, options);
    x = lw_activate (g, x, NULL, options);
  }
  lw_graph_pop_block (g);
  return x;
}

static LwNodeId
build_nin (LwGraph *g, LwNodeId x, const LwOptions *options)
{
  const int n_blocks = lw_options_integer (options, "blocks");
  const int channels[] = { 96, 256, 384 };
  const LwWindow windows[] = { { 11, 4, 0 }, { 5, 1, 2 }, { 3, 1, 1 } };

  for (int i = 0; i < n_blocks; i++) {
    x = nin_block (g, x, i + 1, lw_options_width (options, channels[i]), windows[i], options);
    x = lw_pool (g, x, NULL, (LwWindow){ 3, 2, 0 }, options);
  }
  x = lw_drop (g, x, NULL, options);
  x = nin_block (g, x, n_blocks + 1, lw_options_integer (options, "classes"), (LwWindow){ 3, 1, 1 },
                 options);
  x = lw_global_avg_pool (g, x, NULL);
  return lw_flatten (g, x, NULL);
}

static const LwKnob knob_mixers = {
  .name = "mixers",
  .title = N_ ("1×1 per block"),
  .type = LW_KNOB_INTEGER,
  .standard = 2,
  .minimum = 0,
  .maximum = 4,
  .help = N_ ("How many 1×1 convolutions mix the channels after each block's first convolution."),
};

static const LwKnob knob_blocks = {
  .name = "blocks",
  .title = N_ ("Blocks"),
  .type = LW_KNOB_INTEGER,
  .standard = 3,
  .minimum = 1,
  .maximum = 3,
  .help = N_ ("How many NiN blocks, from the first, come before the one that scores the classes."),
};

const LwModel lw_model_nin = {
  .name = "nin",
  .title = "NiN",
  .family = "NiN",
  .year = 2013,
  .paper = "Min Lin, Qiang Chen, Shuicheng Yan: Network In Network, ICLR, 2014",
  .idea = N_ ("No linear layers: 1×1 convolutions mix channels, and the mean of one map per class "
              "is its score."),
  .input = { 1, 224, 224 },
  .classes = 10,
  .recipe = { 0.1, 10, 128 },
  .knobs = (const LwKnob *const[]){ &lw_knob_input_224, &lw_knob_channels, &lw_knob_classes,
                                    &lw_knob_width, &knob_blocks, &knob_mixers, &lw_knob_relu,
                                    &lw_knob_plain, &lw_knob_max_pool, &lw_knob_dropout, NULL },
  .build = build_nin,
};
