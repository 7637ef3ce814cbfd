#include "engine/models/knobs.h"

#include "engine/i18n.h"

#define INPUT_SIZE(side)                                                                           \
  {                                                                                                \
    .name = "input_size", .title = N_ ("Input size"), .type = LW_KNOB_INTEGER, .standard = side,   \
    .minimum = 1, .maximum = 1024,                                                                 \
    .help = N_ ("Height and width of the input in pixels; images are resized to it.")              \
  }

const LwKnob lw_knob_input_28 = INPUT_SIZE (28);
const LwKnob lw_knob_input_96 = INPUT_SIZE (96);
const LwKnob lw_knob_input_224 = INPUT_SIZE (224);

const LwKnob lw_knob_channels = {
  .name = "channels",
  .title = N_ ("Channels"),
  .type = LW_KNOB_INTEGER,
  .standard = 1,
  .minimum = 1,
  .maximum = 64,
  .help = N_ ("Channels of the input: 1 for grey images, 3 for colour."),
};

const LwKnob lw_knob_classes = {
  .name = "classes",
  .title = N_ ("Classes"),
  .type = LW_KNOB_INTEGER,
  .standard = 10,
  .minimum = 2,
  .maximum = 1000,
  .help = N_ ("How many classes the network tells apart: the length of its output."),
};

const LwKnob lw_knob_width = {
  .name = "width",
  .title = N_ ("Width"),
  .type = LW_KNOB_REAL,
  .standard = 1,
  .minimum = 0.0625,
  .maximum = 2,
  .help = N_ ("Multiplies the channels of every layer; most layers' cost goes with its square."),
};

const LwKnob lw_knob_hidden = {
  .name = "hidden",
  .title = N_ ("Hidden units"),
  .type = LW_KNOB_INTEGER,
  .standard = 4096,
  .minimum = 16,
  .maximum = 8192,
  .help = N_ ("Units of each of the two hidden linear layers, where most parameters are."),
};

const LwKnob lw_knob_stem_channels = {
  .name = "stem_channels",
  .title = N_ ("Stem channels"),
  .type = LW_KNOB_INTEGER,
  .standard = 64,
  .minimum = 2,
  .maximum = 256,
  .help = N_ ("Channels of the first convolution, which the first dense block starts from."),
};

static const char *const activations[] = { "relu", "sigmoid", "tanh", NULL };
#define ACTIVATION(index)                                                                          \
  {                                                                                                \
    .name = "activation", .title = N_ ("Activation"), .type = LW_KNOB_CHOICE, .standard = index,   \
    .minimum = 0, .maximum = 2, .choices = activations,                                            \
    .help = N_ ("The function after each layer; without one, layers in a row would be a single "   \
                "linear map.")                                                                     \
  }

const LwKnob lw_knob_relu = ACTIVATION (0);
const LwKnob lw_knob_sigmoid = ACTIVATION (1);

static const char *const normalizations[] = { "none", "batch", NULL };
#define NORMALIZATION(index)                                                                       \
  {                                                                                                \
    .name = "normalization", .title = N_ ("Normalization"), .type = LW_KNOB_CHOICE,                \
    .standard = index, .minimum = 0, .maximum = 1, .choices = normalizations,                      \
    .help = N_ ("Batch normalization keeps each channel's mean and deviation steady while the "    \
                "layers below change.")                                                            \
  }

const LwKnob lw_knob_plain = NORMALIZATION (0);
const LwKnob lw_knob_batch_norm = NORMALIZATION (1);

static const char *const poolings[] = { "max", "average", NULL };
#define POOLING(index)                                                                             \
  {                                                                                                \
    .name = "pooling", .title = N_ ("Pooling"), .type = LW_KNOB_CHOICE, .standard = index,         \
    .minimum = 0, .maximum = 1, .choices = poolings,                                               \
    .help = N_ ("Whether a window is summed up by its largest value or by its mean.")              \
  }

const LwKnob lw_knob_max_pool = POOLING (0);
const LwKnob lw_knob_average_pool = POOLING (1);

const LwKnob lw_knob_dropout = {
  .name = "dropout",
  .title = N_ ("Dropout"),
  .type = LW_KNOB_REAL,
  .standard = 0.5,
  .minimum = 0,
  .maximum = 0.95,
  .help = N_ ("The share of values set to zero at random in training, against overfitting."),
};

static const char *const namings[] = { "book", "torchvision", NULL };
const LwKnob lw_knob_names = {
  .name = "names",
  .title = N_ ("Names"),
  .type = LW_KNOB_CHOICE,
  .standard = 0,
  .minimum = 0,
  .maximum = 1,
  .choices = namings,
  .help = N_ ("Whose names layers and weights have: those of the book's code, or of torchvision, "
              "for its published weights."),
};

LwNodeId
lw_normalize (LwGraph *graph, LwNodeId x, const char *name, const LwOptions *options)
{
  if (g_str_equal (lw_options_choice (options, "normalization"), "none"))
    return x;
  return lw_batch_norm (graph, x, name);
}

LwNodeId
lw_activate (LwGraph *graph, LwNodeId x, const char *name, const LwOptions *options)
{
  return lw_activation (graph, x, name, lw_options_activation (options));
}

LwNodeId
lw_pool (LwGraph *graph, LwNodeId x, const char *name, LwWindow window, const LwOptions *options)
{
  if (g_str_equal (lw_options_choice (options, "pooling"), "average"))
    return lw_avg_pool (graph, x, name, window);
  return lw_max_pool (graph, x, name, window);
}

LwNodeId
lw_drop (LwGraph *graph, LwNodeId x, const char *name, const LwOptions *options)
{
  return lw_dropout (graph, x, name, lw_options_real (options, "dropout"));
}

LwNodeId
lw_conv2d_normalized (LwGraph *graph, LwNodeId x, const char *name, int channels, LwWindow window,
                      const LwOptions *options)
{
  if (g_str_equal (lw_options_choice (options, "normalization"), "none"))
    return lw_conv2d (graph, x, name, channels, window);
  return lw_conv2d_without_bias (graph, x, name, channels, window);
}

const char *
lw_named (const LwOptions *options, const char *book, const char *torchvision)
{
  return g_str_equal (lw_options_choice (options, "names"), "book") ? book : torchvision;
}
