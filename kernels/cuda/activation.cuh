/* Activations and their gradients, one number: the formulas are in activation.cu. Private to this
 * folder. */
#pragma once

#include "engine/graph.h"
#include "kernels/cuda/launch.cuh"

#include <math.h>

/* A comparison with NaN is false, so that NaN stays NaN and a run that diverges can be seen. */
__device__ static inline float
lw_activate (LwOp op, float x)
{
  if (op == LW_OP_RELU)
    return x < 0 ? 0 : x;
  return op == LW_OP_SIGMOID ? 1 / (1 + expf (-x)) : tanhf (x);
}

/* Of the output y. */
__device__ static inline float
lw_activation_gradient (LwOp op, float y, float dy)
{
  if (op == LW_OP_RELU)
    return y <= 0 ? 0 : dy;
  return op == LW_OP_SIGMOID ? dy * (y * (1 - y)) : dy * (1 - y * y);
}
