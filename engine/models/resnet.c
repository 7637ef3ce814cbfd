/* ResNet: residual blocks learn what to add to their input instead of what to replace it with.
 *
 * Kaiming He, Xiangyu Zhang, Shaoqing Ren, Jian Sun, "Deep Residual Learning for Image
 * Recognition", CVPR 2016 (arXiv 1512.03385, 2015), figure 2 and table 1, column 18-layer. */
#include "engine/models/knobs.h"
#include "engine/models/library.h"

#include "engine/i18n.h"

/* y = ReLU (F(x) + shortcut (x)): the shortcut is x itself, or a 1×1 convolution where F changes
 * the shape. */
static LwNodeId
residual (LwGraph *g, LwNodeId x, int number, int channels, int stride, const LwOptions *options)
{
  bool with_shortcut = lw_options_boolean (options, "shortcut");
  LwShape input = lw_graph_shape (g, x);
  LwNodeId shortcut = x;

  lw_graph_push_block (g, LW_BLOCK_RESIDUAL, NULL, "Residual %d", number);
  lw_graph_order_tensors (g, "conv1 conv2 conv3 bn1 bn2");
  x = lw_conv2d (g, x, "conv1", channels, (LwWindow){ 3, stride, 1 });
  x = lw_normalize (g, x, "bn1", options);
  x = lw_activate (g, x, "relu1", options);
  x = lw_conv2d (g, x, "conv2", channels, (LwWindow){ 3, 1, 1 });
  x = lw_normalize (g, x, "bn2", options);
  if (with_shortcut && (stride != 1 || input.c != channels))
    shortcut = lw_conv2d (g, shortcut, "conv3", channels, (LwWindow){ 1, stride, 0 });
  if (with_shortcut)
    x = lw_add (g, x, shortcut, "add");
  x = lw_activate (g, x, "relu2", options);
  lw_graph_pop_block (g);
  return x;
}

/* `residuals`: blocks of each of the four stages. Each stage but the first halves the map. */
static LwNodeId
build (LwGraph *g, LwNodeId x, const LwOptions *options, const int residuals[4])
{
  const int channels[] = { 64, 128, 256, 512 };

  lw_graph_push_block (g, LW_BLOCK_PLAIN, NULL, "Stem");
  x = lw_conv2d (g, x, NULL, lw_options_width (options, 64), (LwWindow){ 7, 2, 3 });
  x = lw_normalize (g, x, NULL, options);
  x = lw_activate (g, x, NULL, options);
  x = lw_pool (g, x, NULL, (LwWindow){ 3, 2, 1 }, options);
  lw_graph_pop_block (g);

  for (int i = 0; i < 4; i++) {
    lw_graph_push_block (g, LW_BLOCK_PLAIN, NULL, "Stage %d", i + 1);
    for (int k = 0; k < residuals[i]; k++)
      x = residual (g, x, k + 1, lw_options_width (options, channels[i]), i > 0 && k == 0 ? 2 : 1,
                    options);
    lw_graph_pop_block (g);
  }

  lw_graph_push_block (g, LW_BLOCK_PLAIN, "", "Head");
  x = lw_global_avg_pool (g, x, NULL);
  x = lw_flatten (g, x, NULL);
  x = lw_linear (g, x, NULL, lw_options_integer (options, "classes"));
  lw_graph_pop_block (g);
  return x;
}

static LwNodeId
build_resnet18 (LwGraph *graph, LwNodeId x, const LwOptions *options)
{
  int n = lw_options_integer (options, "residuals");
  return build (graph, x, options, (const int[]){ n, n, n, n });
}

static const LwKnob knob_residuals = {
  .name = "residuals",
  .title = N_ ("Blocks per stage"),
  .type = LW_KNOB_INTEGER,
  .standard = 2,
  .minimum = 1,
  .maximum = 8,
  .help = N_ ("Residual blocks in each of the four stages; two make 18 layers with weights."),
};

static const LwKnob knob_shortcut = {
  .name = "shortcut",
  .title = N_ ("Shortcuts"),
  .type = LW_KNOB_BOOLEAN,
  .standard = 1,
  .minimum = 0,
  .maximum = 1,
  .help = N_ ("Adds each block's input to its output; without them deep networks train badly."),
};

const LwModel lw_model_resnet18 = {
  .name = "resnet18",
  .title = "ResNet-18",
  .family = "ResNet",
  .year = 2015,
  .paper = "Kaiming He, Xiangyu Zhang, Shaoqing Ren, Jian Sun: Deep Residual Learning for Image "
           "Recognition, CVPR, 2016",
  .idea = N_ ("Shortcuts carry the input past each block, so a deeper network is never harder to "
              "train."),
  .input = { 1, 96, 96 },
  .classes = 10,
  .recipe = { 0.05, 10, 256 },
  .knobs = (const LwKnob *const[]){ &lw_knob_input_96, &lw_knob_channels, &lw_knob_classes,
                                    &lw_knob_width, &knob_residuals, &knob_shortcut, &lw_knob_relu,
                                    &lw_knob_batch_norm, &lw_knob_max_pool, NULL },
  .build = build_resnet18,
};
