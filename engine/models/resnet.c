/* ResNet: residual blocks learn what to add to their input instead of what to replace it with.
 *
 * Kaiming He, Xiangyu Zhang, Shaoqing Ren, Jian Sun, "Deep Residual Learning for Image
 * Recognition", CVPR 2016 (arXiv 1512.03385, 2015): figures 2 and 5 and table 1, columns 18-layer
 * to 152-layer; without shortcuts the plain networks of section 3.3.
 *
 * The knob `form` decides what stands beside the convolutions. The book's: each has a bias, and the
 * shortcut's stands alone. torchvision's: no bias before a normalization (section 3.4 normalizes
 * after each convolution), and one after the shortcut's convolution too. A bottleneck halves the
 * map in its 3×3 convolution, as torchvision does; the paper in the first 1×1. Names that the
 * book's ResNet lacks are those of its ResNeXt block: a bottleneck's shortcut is conv4 and bn4. */
#include "engine/models/resnet.h"
#include "engine/models/knobs.h"

#define STAGES    4
#define EXPANSION 4 /* a bottleneck's output channels ÷ those of its 3×3 convolution */

static LwNodeId
conv (LwGraph *g, LwNodeId x, const char *name, int channels, LwWindow window,
      const LwOptions *options)
{
  if (g_str_equal (lw_options_choice (options, "form"), "book"))
    return lw_conv2d (g, x, name, channels, window);
  return lw_conv2d_normalized (g, x, name, channels, window, options);
}

/* The input itself, or a 1×1 convolution where the block changes the shape; `number` continues
 * those of the block's convolutions. */
static LwNodeId
shortcut (LwGraph *g, LwNodeId x, int number, int channels, int stride, const LwOptions *options)
{
  g_autofree char *conv_name = g_strdup_printf ("conv%d", number);
  g_autofree char *bn_name = g_strdup_printf ("bn%d", number);

  if (stride == 1 && lw_graph_shape (g, x).c == channels)
    return x;
  x = conv (g, x, lw_named (options, conv_name, "downsample.0"), channels,
            (LwWindow){ 1, stride, 0 }, options);
  if (g_str_equal (lw_options_choice (options, "form"), "book"))
    return x;
  return lw_normalize (g, x, lw_named (options, bn_name, "downsample.1"), options);
}

/* y = ReLU (F(x) + shortcut (x)); F is two 3×3 convolutions (figure 5, left). */
static LwNodeId
basic (LwGraph *g, LwNodeId x, int channels, int stride, const LwOptions *options)
{
  LwNodeId input = x;

  if (lw_named (options, NULL, "torchvision") == NULL)
    lw_graph_order_tensors (g, "conv1 conv2 conv3 bn1 bn2 bn3");
  x = conv (g, x, "conv1", channels, (LwWindow){ 3, stride, 1 }, options);
  x = lw_normalize (g, x, "bn1", options);
  x = lw_activate (g, x, "relu1", options);
  x = conv (g, x, "conv2", channels, (LwWindow){ 3, 1, 1 }, options);
  x = lw_normalize (g, x, "bn2", options);
  if (lw_options_boolean (options, "shortcut"))
    x = lw_add (g, x, shortcut (g, input, 3, channels, stride, options), "add");
  return lw_activate (g, x, "relu2", options);
}

/* The same; F is 1×1, 3×3 and 1×1, narrow in the middle (figure 5, right). */
static LwNodeId
bottleneck (LwGraph *g, LwNodeId x, int channels, int stride, const LwOptions *options)
{
  LwNodeId input = x;
  int wide = channels * EXPANSION;

  if (lw_named (options, NULL, "torchvision") == NULL)
    lw_graph_order_tensors (g, "conv1 conv2 conv3 bn1 bn2 bn3 conv4 bn4");
  x = conv (g, x, "conv1", channels, (LwWindow){ 1, 1, 0 }, options);
  x = lw_normalize (g, x, "bn1", options);
  x = lw_activate (g, x, "relu1", options);
  x = conv (g, x, "conv2", channels, (LwWindow){ 3, stride, 1 }, options);
  x = lw_normalize (g, x, "bn2", options);
  x = lw_activate (g, x, "relu2", options);
  x = conv (g, x, "conv3", wide, (LwWindow){ 1, 1, 0 }, options);
  x = lw_normalize (g, x, "bn3", options);
  if (lw_options_boolean (options, "shortcut"))
    x = lw_add (g, x, shortcut (g, input, 4, wide, stride, options), "add");
  return lw_activate (g, x, "relu3", options);
}

typedef LwNodeId (*Residual) (LwGraph *g, LwNodeId x, int channels, int stride,
                              const LwOptions *options);

/* `residuals`: blocks of each stage. Each stage but the first halves the map. */
static LwNodeId
build (LwGraph *g, LwNodeId x, const LwOptions *options, Residual residual,
       const int residuals[STAGES])
{
  const int channels[STAGES] = { 64, 128, 256, 512 };

  lw_graph_push_block (g, LW_BLOCK_PLAIN, lw_named (options, NULL, ""), "Stem");
  x = conv (g, x, lw_named (options, NULL, "conv1"), lw_options_width (options, 64),
            (LwWindow){ 7, 2, 3 }, options);
  x = lw_normalize (g, x, lw_named (options, NULL, "bn1"), options);
  x = lw_activate (g, x, lw_named (options, NULL, "relu"), options);
  x = lw_pool (g, x, lw_named (options, NULL, "maxpool"), (LwWindow){ 3, 2, 1 }, options);
  lw_graph_pop_block (g);

  for (int i = 0; i < STAGES; i++) {
    g_autofree char *layer = g_strdup_printf ("layer%d", i + 1);

    lw_graph_push_block (g, LW_BLOCK_PLAIN, lw_named (options, NULL, layer), "Stage %d", i + 1);
    for (int k = 0; k < residuals[i]; k++) {
      lw_graph_push_block (g, LW_BLOCK_RESIDUAL, NULL, "Residual %d", k + 1);
      x = residual (g, x, lw_options_width (options, channels[i]), i > 0 && k == 0 ? 2 : 1,
                    options);
      lw_graph_pop_block (g);
    }
    lw_graph_pop_block (g);
  }

  lw_graph_push_block (g, LW_BLOCK_PLAIN, "", "Head");
  x = lw_global_avg_pool (g, x, lw_named (options, NULL, "avgpool"));
  x = lw_flatten (g, x, lw_named (options, NULL, "flatten"));
  x = lw_linear (g, x, lw_named (options, NULL, "fc"), lw_options_integer (options, "classes"));
  lw_graph_pop_block (g);
  return x;
}

LwNodeId
lw_resnet_equal_stages (LwGraph *graph, LwNodeId x, const LwOptions *options)
{
  int n = lw_options_integer (options, "residuals");
  return build (graph, x, options, basic, (const int[STAGES]){ n, n, n, n });
}

static LwNodeId
build_stages (LwGraph *graph, LwNodeId x, const LwOptions *options, Residual residual)
{
  static const char *const knobs[STAGES] = { "stage1", "stage2", "stage3", "stage4" };
  int residuals[STAGES];

  for (int i = 0; i < STAGES; i++)
    residuals[i] = lw_options_integer (options, knobs[i]);
  return build (graph, x, options, residual, residuals);
}

LwNodeId
lw_resnet_stages (LwGraph *graph, LwNodeId x, const LwOptions *options)
{
  return build_stages (graph, x, options, basic);
}

LwNodeId
lw_resnet_bottlenecks (LwGraph *graph, LwNodeId x, const LwOptions *options)
{
  return build_stages (graph, x, options, bottleneck);
}
