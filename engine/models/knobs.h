/* Knobs that several families share, and the steps of a layer that they decide. A family's own
 * knobs stand in its file. */
#pragma once

#include "engine/models.h"

extern const LwKnob lw_knob_input_28, lw_knob_input_96, lw_knob_input_224;
extern const LwKnob lw_knob_channels, lw_knob_classes;
extern const LwKnob lw_knob_width, lw_knob_hidden;
extern const LwKnob lw_knob_stem_channels;                  /* of the DenseNets */
extern const LwKnob lw_knob_relu, lw_knob_sigmoid;          /* activation, by its default */
extern const LwKnob lw_knob_plain, lw_knob_batch_norm;      /* normalization */
extern const LwKnob lw_knob_max_pool, lw_knob_average_pool; /* pooling */
extern const LwKnob lw_knob_dropout;
extern const LwKnob lw_knob_names; /* of networks that torchvision has too */

/* A convolution or linear layer may be followed by batch normalization, if the knob says so. */
LwNodeId lw_normalize (LwGraph *graph, LwNodeId x, const char *name, const LwOptions *options);
LwNodeId lw_activate (LwGraph *graph, LwNodeId x, const char *name, const LwOptions *options);
LwNodeId
lw_pool (LwGraph *graph, LwNodeId x, const char *name, LwWindow window, const LwOptions *options);
LwNodeId lw_drop (LwGraph *graph, LwNodeId x, const char *name, const LwOptions *options);

/* A convolution beside a batch normalization: without a bias, unless the knob takes that away. */
LwNodeId lw_conv2d_normalized (LwGraph *graph, LwNodeId x, const char *name, int channels,
                               LwWindow window, const LwOptions *options);

/* The name in the naming that the knob chose. `book`: usually NULL, the next index. */
const char *lw_named (const LwOptions *options, const char *book, const char *torchvision);
