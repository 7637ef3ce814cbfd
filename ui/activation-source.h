/* LwActivationSource: what the layers of the selected network make of one picture, wherever that
 * comes from: a live run as it is now, weights of any epoch that the run has kept (engine/
 * snapshots.h), or initial weights for an architecture that has not been trained. The picture is an
 * example of the data set or one of the student's own. Pages that show feature maps share this. It
 * asks the trainer for no more than about eight frames a second, and computes everything else on a
 * worker thread; of questions that wait only the newest is answered.
 *
 * Signals: `updated` (values, prediction or their absence changed), `moments-changed` (other epochs
 * can be looked at), `found` (int: what a search for mistakes found; −1: none; LW_SEARCH_GIVEN_UP:
 * it was ended, by a `problem` or another question). Main thread only. */
#pragma once

#include "ui/own-picture.h"
#include "ui/run-moments.h"
#include "ui/workbench.h"

G_BEGIN_DECLS

#define LW_TYPE_ACTIVATION_SOURCE (lw_activation_source_get_type ())
G_DECLARE_FINAL_TYPE (LwActivationSource, lw_activation_source, LW, ACTIVATION_SOURCE, GObject)

LwActivationSource *lw_activation_source_new (LwWorkbench *workbench);

/* The layer to show; LW_NO_NODE: a sensible first one (the first activation, or convolution). */
void lw_activation_source_set_layer (LwActivationSource *self, LwNodeId layer);
LwNodeId lw_activation_source_layer (LwActivationSource *self);
/* Other layers whose values are read: while a training is live only what is asked for is copied.
 * At most 32. */
void lw_activation_source_set_others (LwActivationSource *self, const LwNodeId *nodes, int n);
/* Whose parameters are read; LW_NO_NODE (at first): the layer's own. */
void lw_activation_source_set_parameters_of (LwActivationSource *self, LwNodeId node);
/* The unit of which the weights alone are read where the layer has too many for all of them to be
 * copied (engine/tensor_part.h); LW_ALL_ROWS (at first): none. */
void lw_activation_source_set_row (LwActivationSource *self, int32_t row);
/* While inactive (its page is hidden) it asks for nothing. */
void lw_activation_source_set_active (LwActivationSource *self, bool active);

/* --- the picture
 * ---------------------------------------------------------------------------------------- */
void lw_activation_source_set_example (LwActivationSource *self, LwSplit split, int32_t index);
/* The test image, by its index. */
void lw_activation_source_set_image (LwActivationSource *self, int32_t index);
int32_t lw_activation_source_image (LwActivationSource *self);
/* A picture of one's own instead, converted as own-picture.h says; NULL: the example again. */
void lw_activation_source_set_own (LwActivationSource *self, LwOwnPicture *picture, bool invert);
LwOwnPicture *lw_activation_source_own (LwActivationSource *self);
/* What of it the network of an ONNX file sees, at first LW_FIT_WHOLE; others see what the images of
 * their data set would be made of. */
void lw_activation_source_set_fit (LwActivationSource *self, LwPictureFit fit);
/* What the network reads, [C][H][W]; NULL: nothing fits. Until the picture changes. */
const float *lw_activation_source_input (LwActivationSource *self);
/* Looks for an example that the weights shown take for another class; `found` follows. */
void lw_activation_source_find_mistake (LwActivationSource *self, int by, int32_t only_of_class);
bool lw_activation_source_is_searching (LwActivationSource *self);

/* --- the moment
 * ----------------------------------------------------------------------------------------- */
/* Those that there are to choose from. */
LwRunMoments *lw_activation_source_moments (LwActivationSource *self);
/* An index of the moments; −1: now, or the best epoch of a run that has ended. */
void lw_activation_source_set_moment (LwActivationSource *self, int index);
int lw_activation_source_moment (LwActivationSource *self);   /* as an index where it is known */
bool lw_activation_source_is_live (LwActivationSource *self); /* shows a training as it is now */
bool lw_activation_source_is_busy (LwActivationSource *self); /* the newest question waits */

/* Of which moment the values are. */
typedef enum {
  LW_WEIGHTS_INITIAL, /* random */
  LW_WEIGHTS_FILE,    /* of an ONNX file */
  LW_WEIGHTS_LIVE,
  LW_WEIGHTS_BEST,
  LW_WEIGHTS_EPOCH, /* of a whole epoch */
  LW_WEIGHTS_STEP,  /* within one */
} LwWeightsKind;
LwWeightsKind
lw_activation_source_kind (LwActivationSource *self, int64_t *ret_step, double *ret_epoch);

/* --- the values
 * ----------------------------------------------------------------------------------------- */
/* [c][h][w] of `ret_shape`, or NULL while there is nothing yet. Valid until the next `updated`. */
const float *lw_activation_source_values (LwActivationSource *self, LwShape *ret_shape);
/* The same of another layer: any, or of a live training those of set_others. All that is there at
 * one time is of one picture and one moment. */
const float *lw_activation_source_values_of (LwActivationSource *self, LwNodeId node);
/* While this is the same and not NULL, what was read before is still there, though it may be of
 * another picture: what is shown need not blink while the next is computed. */
const void *lw_activation_source_held (LwActivationSource *self);
/* A float32 tensor of the layer (or of set_parameters_of), in PyTorch's order; NULL: it has none,
 * it is too large for that, or not yet. */
const float *lw_activation_source_tensor (LwActivationSource *self, LwTensorRole role);
/* Of one that is too large the numbers of the unit that set_row asks for; NULL: not yet. */
const float *lw_activation_source_row (LwActivationSource *self, LwTensorRole role);
/* [classes], or NULL. */
const float *lw_activation_source_probabilities (LwActivationSource *self);
/* A sentence when the values cannot be had (no data set, wrong channels), or NULL. */
const char *lw_activation_source_problem (LwActivationSource *self);

G_END_DECLS
