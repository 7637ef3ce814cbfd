/* AlexNet: five convolutions and three linear layers, the network that started deep learning on
 * images.
 *
 * Alex Krizhevsky, Ilya Sutskever, Geoffrey Hinton, "ImageNet Classification with Deep
 * Convolutional Neural Networks", NIPS 2012, section 3 and figure 2; as the book simplifies it:
 * one column instead of two GPUs, no local response normalization, padding 1 in the first layer. */
#include "engine/models/knobs.h"
#include "engine/models/library.h"

#include "engine/i18n.h"

static const LwWindow pool = { 3, 2, 0 };

static LwNodeId
conv (LwGraph *g, LwNodeId x, int channels, LwWindow window, const LwOptions *options)
{
  x = lw_conv2d (g, x, NULL, lw_options_width (options, channels), window);
  x = lw_normalize (g, x, NULL, options);
  return lw_activate (g, x, NULL, options);
}

static LwNodeId
hidden (LwGraph *g, LwNodeId x, const LwOptions *options)
{
  x = lw_linear (g, x, NULL, lw_options_width (options, lw_options_integer (options, "hidden")));
  x = lw_activate (g, x, NULL, options);
  return lw_drop (g, x, NULL, options);
}

static LwNodeId
build_alexnet (LwGraph *g, LwNodeId x, const LwOptions *options)
{
  int in_a_row = lw_options_integer (options, "in_a_row");

  x = conv (g, x, 96, (LwWindow){ 11, 4, 1 }, options);
  x = lw_pool (g, x, NULL, pool, options);
  x = conv (g, x, 256, (LwWindow){ 5, 1, 2 }, options);
  x = lw_pool (g, x, NULL, pool, options);
  for (int i = 1; i < in_a_row; i++)
    x = conv (g, x, 384, (LwWindow){ 3, 1, 1 }, options);
  x = conv (g, x, 256, (LwWindow){ 3, 1, 1 }, options);
  x = lw_pool (g, x, NULL, pool, options);
  x = lw_flatten (g, x, NULL);
  x = hidden (g, x, options);
  x = hidden (g, x, options);
  return lw_linear (g, x, NULL, lw_options_integer (options, "classes"));
}

static const LwKnob knob_width = {
  .name = "width",
  .title = N_ ("Width"),
  .type = LW_KNOB_REAL,
  .standard = 1,
  .minimum = 0.0625,
  .maximum = 2,
  .help = N_ ("Multiplies channels and linear units; most layers' cost goes with its square."),
};

static const LwKnob knob_in_a_row = {
  .name = "in_a_row",
  .title = N_ ("3×3 in a row"),
  .type = LW_KNOB_INTEGER,
  .standard = 3,
  .minimum = 1,
  .maximum = 8,
  .help = N_ ("How many 3×3 convolutions follow one another before the last pooling."),
};

const LwModel lw_model_alexnet = {
  .name = "alexnet",
  .title = "AlexNet",
  .family = "AlexNet",
  .year = 2012,
  .paper = "Alex Krizhevsky, Ilya Sutskever, Geoffrey Hinton: ImageNet Classification with Deep "
           "Convolutional Neural Networks, NIPS, 2012",
  .idea = N_ ("LeNet's plan, much larger and deeper, with ReLU and dropout to make it train."),
  .input = { 1, 224, 224 },
  .classes = 10,
  .recipe = { 0.01, 10, 128 },
  .knobs = (const LwKnob *const[]){ &lw_knob_input_224, &lw_knob_channels, &lw_knob_classes,
                                    &knob_width, &lw_knob_hidden, &knob_in_a_row, &lw_knob_relu,
                                    &lw_knob_plain, &lw_knob_max_pool, &lw_knob_dropout, NULL },
  .build = build_alexnet,
};
