/* y = γ (x − μ) / √(σ² + ε) + β of the V channels of a thread: what batch normalization and the
 * steps that do its work compute, all of them the same bits. Private to this folder. */
#pragma once

#include "kernels/cuda/device.h"
#include "kernels/cuda/each.cuh"

#include <math.h>

/* Whether statistics are of a batch that several processes share (sums.h). */
static inline bool
lw_norm_is_shared (const LwStep *step)
{
  return step->training && step->collective != NULL;
}

/* What channels are normalized with: the batch's, or (state = nullptr) the running statistics. */
struct LwNormScale {
  const float *state, *mean, *variance, *gamma, *beta;
  double epsilon;
  int32_t channels;
};

static inline LwNormScale
lw_norm_scale (const LwStep *step)
{
  return { step->training ? (const float *)step->state : nullptr,
           (const float *)step->param[LW_ROLE_RUNNING_MEAN],
           (const float *)step->param[LW_ROLE_RUNNING_VAR],
           (const float *)step->param[LW_ROLE_WEIGHT],
           (const float *)step->param[LW_ROLE_BIAS],
           step->node->epsilon,
           step->y_shape.c };
}

/* Of the channels from `first` on; by = 1 / √(σ² + ε). */
template <int V> struct LwNorm {
  float mean[V] = {}, by[V] = {}, gamma[V] = {}, beta[V] = {};

  __device__ void begin (const LwNormScale &scale, int32_t first)
  {
    if (first >= scale.channels)
      return;
    lw_load<V> (scale.gamma + first, V, gamma);
    lw_load<V> (scale.beta + first, V, beta);
    if (scale.state != nullptr) {
      lw_load<V> (scale.state + first, V, mean);
      lw_load<V> (scale.state + scale.channels + first, V, by);
      return;
    }
    lw_load<V> (scale.mean + first, V, mean);
    lw_load<V> (scale.variance + first, V, by);
    for (int i = 0; i < V; i++)
      by[i] = (float)(1 / sqrt ((double)by[i] + scale.epsilon));
  }
  __device__ float normal (int i, float x) const
  {
    return (x - mean[i]) * by[i];
  }
  /* As it is once in memory; with `relu` max (0, ·) of that. NaN stays NaN. */
  template <class T> __device__ float apply (int i, float x, bool relu) const
  {
    const float y = lw_rounded<T> (fmaf (gamma[i], normal (i, x), beta[i]));

    return relu && y < 0 ? 0 : y;
  }
};
