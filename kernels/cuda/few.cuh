/* A linear layer of few outputs, as the last one of a classifier is, for kernels that have more to
 * do than that: the sums and their order. few.cu is the layer by itself. Private to this folder. */
#pragma once

#include "kernels/cuda/number.cuh"

#include <stdint.h>

enum { LW_FEW_QUAD = 4 }; /* outputs of which a warp makes the sums together */

/* Of outputs first … first + 3 of an example: Σ_i x[i] · w[o][i] + b[o], all lanes of the warp have
 * them. Lane l adds up i = l, l + 32, …; then halves are added to each other, 16 lanes apart, 8, ….
 * Outputs behind the last are 0. */
template <class X, class T>
__device__ inline float4
lw_few_outputs (const X *x, const T *w, const float *bias, int32_t inputs, int32_t outputs,
                int32_t first)
{
  const int32_t left = outputs - first;
  float sums[LW_FEW_QUAD] = {};

  for (int32_t i = (int32_t)threadIdx.x; i < inputs; i += 32) {
    const float value = LwNumber<X>::get (x[i]);

    LW_UNROLL
    for (int k = 0; k < LW_FEW_QUAD; k++)
      if (k < left)
        sums[k] += value * LwNumber<T>::get (w[(int64_t)(first + k) * inputs + i]);
  }
  LW_UNROLL
  for (int k = 0; k < LW_FEW_QUAD; k++) {
    for (int lane = 16; lane > 0; lane /= 2)
      sums[k] += __shfl_xor_sync (~0u, sums[k], lane);
    if (bias != nullptr && k < left)
      sums[k] += bias[first + k];
  }
  return make_float4 (sums[0], sums[1], sums[2], sums[3]);
}

/* dx[i] of an example: Σ_o dy[o] · w[o][i], from the first output on. */
template <class T>
__device__ inline float
lw_few_gradient (const T *dy, const T *w, int32_t inputs, int32_t outputs, int32_t i)
{
  float sum = 0;

  for (int32_t o = 0; o < outputs; o++)
    sum += LwNumber<T>::get (dy[o]) * LwNumber<T>::get (w[(int64_t)o * inputs + i]);
  return sum;
}
