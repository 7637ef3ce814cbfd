#include "engine/models/knobs.h"

#include "engine/i18n.h"

#define INPUT_SIZE(side)                                                                           \
  {                                                                                                \
    "input_size", N_ ("Input size"), LW_KNOB_INTEGER, side, 1, 1024, NULL,                         \
        N_ ("Height and width of the input in pixels; images are resized to it.")                  \
  }

const LwKnob lw_knob_input_28 = INPUT_SIZE (28);
const LwKnob lw_knob_input_96 = INPUT_SIZE (96);
const LwKnob lw_knob_input_224 = INPUT_SIZE (224);

const LwKnob lw_knob_channels = {
  "channels",
  N_ ("Channels"),
  LW_KNOB_INTEGER,
  1,
  1,
  64,
  NULL,
  N_ ("Channels of the input: 1 for grey images, 3 for colour."),
};

const LwKnob lw_knob_classes = {
  "classes",
  N_ ("Classes"),
  LW_KNOB_INTEGER,
  10,
  2,
  1000,
  NULL,
  N_ ("How many classes the network tells apart: the length of its output."),
};

const LwKnob lw_knob_width = {
  "width",
  N_ ("Width"),
  LW_KNOB_REAL,
  1,
  0.0625,
  2,
  NULL,
  N_ ("Multiplies the channels of every layer; most layers' cost goes with its square."),
};

const LwKnob lw_knob_hidden = {
  "hidden",
  N_ ("Hidden units"),
  LW_KNOB_INTEGER,
  4096,
  16,
  8192,
  NULL,
  N_ ("Units of each of the two hidden linear layers, where most parameters are."),
};

static const char *const activations[] = { "relu", "sigmoid", "tanh", NULL };
#define ACTIVATION(index)                                                                          \
  {                                                                                                \
    "activation", N_ ("Activation"), LW_KNOB_CHOICE, index, 0, 2, activations,                     \
        N_ ("The function after each layer; without one, layers in a row would be a single "       \
            "linear map.")                                                                         \
  }

const LwKnob lw_knob_relu = ACTIVATION (0);
const LwKnob lw_knob_sigmoid = ACTIVATION (1);

static const char *const normalizations[] = { "none", "batch", NULL };
#define NORMALIZATION(index)                                                                       \
  {                                                                                                \
    "normalization", N_ ("Normalization"), LW_KNOB_CHOICE, index, 0, 1, normalizations,            \
        N_ ("Batch normalization keeps each channel's mean and deviation steady while the "        \
            "layers below change.")                                                                \
  }

const LwKnob lw_knob_plain = NORMALIZATION (0);
const LwKnob lw_knob_batch_norm = NORMALIZATION (1);

static const char *const poolings[] = { "max", "average", NULL };
#define POOLING(index)                                                                             \
  {                                                                                                \
    "pooling", N_ ("Pooling"), LW_KNOB_CHOICE, index, 0, 1, poolings,                              \
        N_ ("Whether a window is summed up by its largest value or by its mean.")                  \
  }

const LwKnob lw_knob_max_pool = POOLING (0);
const LwKnob lw_knob_average_pool = POOLING (1);

const LwKnob lw_knob_dropout = {
  "dropout",
  N_ ("Dropout"),
  LW_KNOB_REAL,
  0.5,
  0,
  0.95,
  NULL,
  N_ ("The share of values set to zero at random in training, against overfitting."),
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
