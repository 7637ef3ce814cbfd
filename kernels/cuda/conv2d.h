/* The algorithms of a convolution, and which one a step takes in which direction. Each computes
 * all of a direction: forward with the bias; LW_BACKWARD_DATA writes dx[0], or adds into it where
 * `accumulate` says so; LW_BACKWARD_WEIGHTS adds into the gradients of weights and bias. Shapes as
 * in conv_columns.cu. Maps are of the type that device->bf16 says (number.cuh), and weights what
 * lw_cuda_weights gives; gradients of parameters are float32. Any map may be some channels of a
 * wider one (x_pixel, y_pixel, dx_pixel, dy_pixel), which is known only when memory is planned: so
 * who fits deals with that, too. Private to this folder. */
#pragma once

#include "kernels/common/choice.h"
#include "kernels/cuda/device.h"

G_BEGIN_DECLS

typedef struct {
  const char *name; /* for people: "columns + cuBLAS" */
  /* Whether it can compute this step in that direction. Asks for shapes and the device's precision
   * alone. */
  bool (*fits) (const LwDevice *device, const LwStep *step, LwDirection direction);
  /* (optional) bytes of step->workspace for the planned batch; NULL: none. */
  size_t (*workspace_bytes) (const LwDevice *device, const LwStep *step, LwDirection direction);
  bool (*run) (LwDevice *device, const LwStep *step, LwDirection direction, GError **error);
  /* (optional) Whether the fixed rule takes it for such shapes: the first one in the table that
   * fits and says so; where none does, the table's first. */
  bool (*preferred) (const LwDevice *device, const LwStep *step, LwDirection direction);
  int version; /* counted up when it becomes faster or slower: old measurements count no more */
  /* Whether forward ends with max (0, ·) where lw_cuda_link_relu (step) asks for it. */
  bool relu;
  /* Whether LW_BACKWARD_DATA ends with dx[0] ← 0 where lw_cuda_link_mask (step), laid out as x[0],
   * is not positive. */
  bool clears;
  /* Whether forward ends with the sum that lw_cuda_link_sum (step) names, and writes that's y. */
  bool adds;
  /* (optional) In training and before a batch normalization (lw_cuda_conv_before) forward leaves in
   * step->workspace of each `tile` pixels of y, as it is stored, and each channel the mean and
   * Σ (y − mean)²: float2 [tiles][channels]. Of how many pixels; 0: of this step it does not. */
  int32_t (*tile) (LwDevice *device, const LwStep *step);
} LwCudaConv;

/* All of them, NULL at the end; the first one is always there. */
extern const LwCudaConv *const lw_cuda_convs[];
extern const LwCudaConv lw_cuda_conv_columns;
extern const LwCudaConv lw_cuda_conv_direct, lw_cuda_conv_winograd, lw_cuda_conv_implicit;

/* By shapes alone, the same on every card. */
const LwCudaConv *
lw_cuda_conv_rule (const LwDevice *device, const LwStep *step, LwDirection direction);
/* What a step takes: what was chosen (choice.h), else by the rule; the same answer whenever it is
 * asked, before memory is planned and after. */
const LwCudaConv *
lw_cuda_conv_of (const LwDevice *device, const LwStep *step, LwDirection direction);

/* The layer that alone reads this convolution's output and comes next, if it is such a one. By the
 * graph alone. */
LwConvBefore lw_cuda_conv_before (const LwStep *step);
/* Of that, what the choice of an algorithm depends on, for a device that trains or only infers. */
LwConvBefore
lw_cuda_conv_counts (const LwDevice *device, const LwStep *step, LwDirection direction);

G_END_DECLS
