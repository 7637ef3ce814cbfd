/* LwActivationSource: the activations of one layer for one test image, wherever they come from: a
 * live run's probe, a saved run's best weights, or initial weights for an architecture that has not
 * been trained. Pages that show feature maps share this. It asks the trainer for no more than about
 * eight frames a second, and computes saved runs on a worker thread.
 *
 * Signals: `updated` (values, prediction or their absence changed). Main thread only. */
#pragma once

#include "ui/workbench.h"

G_BEGIN_DECLS

#define LW_TYPE_ACTIVATION_SOURCE (lw_activation_source_get_type ())
G_DECLARE_FINAL_TYPE (LwActivationSource, lw_activation_source, LW, ACTIVATION_SOURCE, GObject)

LwActivationSource *lw_activation_source_new (LwWorkbench *workbench);

/* The layer to show; LW_NO_NODE: a sensible first one (the first activation, or convolution). */
void lw_activation_source_set_layer (LwActivationSource *self, LwNodeId layer);
LwNodeId lw_activation_source_layer (LwActivationSource *self);
/* The test image, by its index. */
void lw_activation_source_set_image (LwActivationSource *self, int32_t index);
int32_t lw_activation_source_image (LwActivationSource *self);
/* While inactive (its page is hidden) it asks for nothing. */
void lw_activation_source_set_active (LwActivationSource *self, bool active);

/* [c][h][w] of `ret_shape`, or NULL while there is nothing yet. Valid until the next `updated`. */
const float *lw_activation_source_values (LwActivationSource *self, LwShape *ret_shape);
/* [classes], or NULL. */
const float *lw_activation_source_probabilities (LwActivationSource *self);
/* Optimizer steps done when the values were taken; −1: initial weights; −2: those of the best epoch
 * of a run that has ended, which `ret_epoch` gets then. */
int64_t lw_activation_source_step (LwActivationSource *self, int32_t *ret_epoch);
/* A sentence when the values cannot be had (no data set, wrong channels), or NULL. */
const char *lw_activation_source_problem (LwActivationSource *self);

G_END_DECLS
