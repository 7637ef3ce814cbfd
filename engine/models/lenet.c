/* LeNet: two convolutions that halve the map and deepen it, then three linear layers.
 *
 * Yann LeCun, Léon Bottou, Yoshua Bengio, Patrick Haffner, "Gradient-Based Learning Applied to
 * Document Recognition", Proceedings of the IEEE 86(11), 1998, figure 2; as the book simplifies it:
 * average pooling without weights, all-to-all channels, softmax instead of Gaussian connections.
 *
 * LeNet + BN puts batch normalization between each layer and its sigmoid (Sergey Ioffe, Christian
 * Szegedy, "Batch Normalization", ICML 2015). The book's code pads the first convolution of the
 * plain network only.
 *
 * LeNet + ReLU has what came later in the place of sigmoids and averages: max (0, x) (Vinod Nair,
 * Geoffrey Hinton, ICML 2010) and maximum pooling, which recognizes better than averaging (Dominik
 * Scherer, Andreas Müller, Sven Behnke, "Evaluation of Pooling Operations in Convolutional
 * Architectures for Object Recognition", ICANN 2010). */
#include "engine/models/library.h"
#include "engine/models/knobs.h"

#include "engine/i18n.h"

static LwNodeId
build (LwGraph *g, LwNodeId x, const LwOptions *options, int first_padding)
{
  const int channels[] = { 6, 16 };
  const int padding[] = { first_padding, 0 };
  const int units[] = { 120, 84, 84, 84 };

  for (int i = 0; i < lw_options_integer (options, "convolutions"); i++) {
    x = lw_conv2d (g, x, NULL, lw_options_width (options, channels[i]),
                   (LwWindow){ 5, 1, padding[i] });
    x = lw_normalize (g, x, NULL, options);
    x = lw_activate (g, x, NULL, options);
    x = lw_pool (g, x, NULL, (LwWindow){ 2, 2, 0 }, options);
  }
  x = lw_flatten (g, x, NULL);
  for (int i = 0; i < lw_options_integer (options, "hidden_layers"); i++) {
    x = lw_linear (g, x, NULL, lw_options_width (options, units[i]));
    x = lw_normalize (g, x, NULL, options);
    x = lw_activate (g, x, NULL, options);
  }
  return lw_linear (g, x, NULL, lw_options_integer (options, "classes"));
}

static LwNodeId
build_lenet (LwGraph *graph, LwNodeId x, const LwOptions *options)
{
  return build (graph, x, options, 2);
}

static LwNodeId
build_lenet_bn (LwGraph *graph, LwNodeId x, const LwOptions *options)
{
  return build (graph, x, options, 0);
}

static const LwKnob knob_convolutions = {
  .name = "convolutions",
  .title = N_ ("Convolutions"),
  .type = LW_KNOB_INTEGER,
  .standard = 2,
  .minimum = 1,
  .maximum = 2,
  .help = N_ ("How many of the two convolutions, each with its pooling, are kept, from the first."),
};

static const LwKnob knob_hidden_layers = {
  .name = "hidden_layers",
  .title = N_ ("Hidden layers"),
  .type = LW_KNOB_INTEGER,
  .standard = 2,
  .minimum = 0,
  .maximum = 4,
  .help = N_ ("Linear layers before the last one: 120 units, then 84 in each of the others."),
};

const LwModel lw_model_lenet = {
  .name = "lenet",
  .title = "LeNet",
  .family = "LeNet",
  .year = 1998,
  .paper = "Yann LeCun, Léon Bottou, Yoshua Bengio, Patrick Haffner: Gradient-Based Learning "
           "Applied to Document Recognition, Proceedings of the IEEE, 1998",
  .idea = N_ ("Small windows that slide over the image find strokes, then parts, then digits."),
  .input = { 1, 28, 28 },
  .classes = 10,
  .recipe = { 0.9, 10, 256 },
  .knobs = (const LwKnob *const[]){ &lw_knob_input_28, &lw_knob_channels, &lw_knob_classes,
                                    &lw_knob_width, &knob_convolutions, &knob_hidden_layers,
                                    &lw_knob_sigmoid, &lw_knob_plain, &lw_knob_average_pool, NULL },
  .build = build_lenet,
};

const LwModel lw_model_lenet_bn = {
  .name = "lenet-bn",
  .title = "LeNet + BN",
  .family = "LeNet",
  .year = 2015,
  .paper = "Sergey Ioffe, Christian Szegedy: Batch Normalization: Accelerating Deep Network "
           "Training by Reducing Internal Covariate Shift, ICML, 2015",
  .idea = N_ ("Each channel is normalized over the batch, so that layers learn faster and at "
              "higher rates."),
  .input = { 1, 28, 28 },
  .classes = 10,
  .recipe = { 1.0, 10, 256 },
  .knobs =
      (const LwKnob *const[]){ &lw_knob_input_28, &lw_knob_channels, &lw_knob_classes,
                               &lw_knob_width, &knob_convolutions, &knob_hidden_layers,
                               &lw_knob_sigmoid, &lw_knob_batch_norm, &lw_knob_average_pool, NULL },
  .build = build_lenet_bn,
};

const LwModel lw_model_lenet_relu = {
  .name = "lenet-relu",
  .title = "LeNet + ReLU",
  .family = "LeNet",
  .year = 2010,
  .paper = "Vinod Nair, Geoffrey Hinton: Rectified Linear Units Improve Restricted Boltzmann "
           "Machines, ICML, 2010",
  .idea = N_ ("LeNet with ReLU and max pooling: gradients no longer fade in flat sigmoids."),
  .input = { 1, 28, 28 },
  .classes = 10,
  .recipe = { 0.1, 10, 256 },
  .relative = true,
  .knobs = (const LwKnob *const[]){ &lw_knob_input_28, &lw_knob_channels, &lw_knob_classes,
                                    &lw_knob_width, &knob_convolutions, &knob_hidden_layers,
                                    &lw_knob_relu, &lw_knob_plain, &lw_knob_max_pool, NULL },
  .build = build_lenet,
};
