/* Softmax and cross-entropy of one example's scores by one warp: the formulas are in
 * cross_entropy.cu. Lanes have every 32nd score; shuffles bring maxima and sums together, so that
 * all lanes have the result. Private to this folder. */
#pragma once

#include "kernels/cuda/number.cuh"

#include <math.h>
#include <stdint.h>

/* The largest of a row's scores, and the first that is as large. */
struct LwLargest {
  float value;
  int32_t at;
};

__device__ static inline LwLargest
lw_larger (LwLargest a, LwLargest b)
{
  return b.value > a.value || (b.value == a.value && b.at < a.at) ? b : a;
}

template <class T>
__device__ inline LwLargest
lw_find_largest (const T *x, int32_t k)
{
  LwLargest best = { -INFINITY, INT32_MAX };

  for (int32_t i = (int32_t)threadIdx.x; i < k; i += 32)
    best = lw_larger (best, { LwNumber<T>::get (x[i]), i });
  for (int lane = 16; lane > 0; lane /= 2)
    best = lw_larger (
        best, { __shfl_xor_sync (~0u, best.value, lane), __shfl_xor_sync (~0u, best.at, lane) });
  return best;
}

/* Σ exp (x − largest) */
template <class T>
__device__ inline float
lw_sum_exponentials (const T *x, int32_t k, float largest)
{
  float sum = 0;

  for (int32_t i = (int32_t)threadIdx.x; i < k; i += 32)
    sum += expf (LwNumber<T>::get (x[i]) - largest);
  for (int lane = 16; lane > 0; lane /= 2)
    sum += __shfl_xor_sync (~0u, sum, lane);
  return sum;
}

/* Loss and hit; the loss of a label that is no class is NaN. */
template <class T>
__device__ inline float2
lw_cross_entropy (const T *x, int32_t k, int32_t label, LwLargest best, float sum)
{
  return label >= 0 && label < k
             ? make_float2 (logf (sum) - (LwNumber<T>::get (x[label]) - best.value),
                            best.at == label)
             : make_float2 (NAN, 0);
}

/* Of the mean loss of `whole` examples (lw_step_whole) by score i. */
template <class T>
__device__ inline float
lw_cross_entropy_gradient (const T *x, int32_t i, int32_t label, float largest, float sum,
                           float whole)
{
  const float softmax = expf (LwNumber<T>::get (x[i]) - largest) / sum;

  return (softmax - (i == label ? 1.0f : 0.0f)) / whole;
}
