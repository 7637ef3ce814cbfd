/* Convolution is a table of algorithms. Which one computes a step in a direction was chosen for
 * this device (choice.h); else conv2d.c has a fixed rule. The last one, a matrix product over
 * unfolded patches, applies to all. Memory is laid out as device.h says. Private to this folder. */
#pragma once

#include "kernels/cpu/device.h"
#include "kernels/cpu/simd.h"
#include "kernels/cpu/winograd.h"

G_BEGIN_DECLS

/* How a forward pass ends: y ← y + …, then y ← max (0, y); its sums, never with `add`. */
typedef struct {
  bool add, relu;
  LwSums sums;
} LwConvEnd;

typedef struct {
  const char *name; /* "gemm" */
  bool slices;      /* computes maps that are some channels of wider ones */
  bool adds;        /* forward can add to what is there */
  bool clears;      /* backward_data does what the link's mask asks for (link.h) */
  /* From the step's shapes, window and planned batch alone. */
  bool (*applies) (const LwStep *step, LwDirection direction);
  /* (optional) Multiplications for each pair of channels: among algorithms that have this, one that
   * needs many more than another is not worth a measurement. */
  double (*products) (const LwStep *step, LwDirection direction);
  /* Bytes of step->workspace; may depend on the device's threads. */
  size_t (*workspace) (const LwDevice *device, const LwStep *step, LwDirection direction);
  /* (optional) The stretches of y whose sums forward can make, of step->n examples; whether there
   * are any follows from the planned batch. */
  LwStretches (*stretches) (const LwStep *step);
  /* y ← conv (x, w) + bias, and what `end` says */
  void (*forward) (LwDevice *device, const LwStep *step, LwConvEnd end);
  /* dx[0] ← or, with the accumulate bit, += the gradient; dx[0] is not NULL */
  void (*backward_data) (LwDevice *device, const LwStep *step);
  /* dparam of weight and bias += their gradients; either may be NULL, not both */
  void (*backward_weights) (LwDevice *device, const LwStep *step);
} LwConvAlgorithm;

/* Does the convolution add its output to the other input of the sum behind it (link.h)? */
bool LW_CPU (conv2d_adds) (const LwDevice *device, const LwStep *step);

/* The step with the weights and the bias into which the batch normalization behind it is folded,
 * which lie in its workspace; bytes that this takes of it, 0 where there is nothing to fold. */
LwStep LW_CPU (conv2d_fold) (LwDevice *device, const LwStep *step, const LwStep *norm);
size_t LW_CPU (conv2d_fold_bytes) (const LwStep *step);

/* Bytes of `state`, where a convolution keeps what a batch normalization behind it wants to know,
 * [2][c] (conv2d_sums.c), 0 where there is none or the algorithm does not make it; bytes of the
 * workspace that the stretches' sums take before they are added up. */
size_t LW_CPU (conv2d_kept_bytes) (const LwStep *step, const LwConvAlgorithm *algorithm);
size_t LW_CPU (conv2d_sums_bytes) (const LwStep *step, const LwConvAlgorithm *algorithm);
LwSums LW_CPU (conv2d_sums) (const LwStep *step, const LwConvAlgorithm *algorithm);
/* state ← from the sums */
void LW_CPU (conv2d_add_up) (LwDevice *device, const LwStep *step, const LwConvAlgorithm *algorithm,
                             LwSums sums);

extern const LwConvAlgorithm LW_CPU (conv_gemm), LW_CPU (conv_winograd)[LW_N_WINOGRAD];
#ifdef LW_WITH_ONEDNN
extern const LwConvAlgorithm LW_CPU (conv_onednn);
#endif

/* The variant of Winograd's that multiplies least; NULL where that does not pay. */
const LwConvAlgorithm *LW_CPU (winograd_by_products) (const LwStep *step, LwDirection direction);

G_END_DECLS
