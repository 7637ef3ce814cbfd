/* Softmax and cross-entropy in one, for n examples of k scores x and a label l each:
 *
 *   softmax(x)[i] = exp (x[i]) / Σ_j exp (x[j])
 *   loss          = −log softmax(x)[l] = log Σ_j exp (x[j] − M) − (x[l] − M),  M = max x
 *   y[0] = Σ_n loss, y[1] = the number of examples whose first largest score is the label's
 *   dx[n,i] = (softmax(x)[n,i] − (1 if i = l else 0)) / n:  the gradient of the mean loss
 *
 * Shapes: x, dx [n][k], of either type (number.cuh); the workspace holds each example's loss and
 * hit; all that is computed, and the loss, is float32.
 * Ideas:
 *  1. A warp an example: lanes have every 32nd score, and shuffles bring maxima and sums together
 *     without shared memory or barriers.
 *  2. Without subtracting M the exponentials overflow beyond x = 88.
 *  3. One block adds up the examples, in double precision and in an order that follows from n.
 * A label that is no class makes the loss NaN; the session refuses it before.
 * Reference twin: kernels/reference/cross_entropy.c. */
#include "kernels/cuda/device.h"
#include "kernels/cuda/each.cuh"

#include <math.h>

namespace {

enum { LANES = 32, EXAMPLES = 8, ALL = 256 }; /* examples of a block; threads of the last block */

/* The largest of a row's scores, and the first that is as large. */
struct Largest {
  float value;
  int32_t at;
};

__device__ Largest
larger (Largest a, Largest b)
{
  return b.value > a.value || (b.value == a.value && b.at < a.at) ? b : a;
}

/* All lanes of the warp have the result. */
template <class T>
__device__ Largest
find_largest (const T *x, int32_t k)
{
  Largest best = { -INFINITY, INT32_MAX };

  for (int32_t i = (int32_t)threadIdx.x; i < k; i += LANES)
    best = larger (best, { LwNumber<T>::get (x[i]), i });
  for (int lane = LANES / 2; lane > 0; lane /= 2)
    best = larger (
        best, { __shfl_xor_sync (~0u, best.value, lane), __shfl_xor_sync (~0u, best.at, lane) });
  return best;
}

template <class T>
__device__ float
sum_exponentials (const T *x, int32_t k, float largest)
{
  float sum = 0;

  for (int32_t i = (int32_t)threadIdx.x; i < k; i += LANES)
    sum += expf (LwNumber<T>::get (x[i]) - largest);
  for (int lane = LANES / 2; lane > 0; lane /= 2)
    sum += __shfl_xor_sync (~0u, sum, lane);
  return sum;
}

/* Block (32, 8): a warp an example. Loss and hit of each. */
template <class T>
__global__ void
forward (const T *x, const int32_t *labels, int32_t n, int32_t k, float2 *result)
{
  const int32_t example = (int32_t)(blockIdx.x * EXAMPLES + threadIdx.y);

  if (example >= n)
    return; /* the whole warp */

  const T *scores = x + (int64_t)example * k;
  const int32_t label = labels[example];
  const Largest best = find_largest (scores, k);
  const float sum = sum_exponentials (scores, k, best.value);
  const bool known = label >= 0 && label < k;

  if (threadIdx.x == 0)
    result[example] =
        known ? make_float2 (logf (sum) - (LwNumber<T>::get (scores[label]) - best.value),
                             best.at == label)
              : make_float2 (NAN, 0);
}

/* One block. */
__global__ void
add_up (const float2 *result, int32_t n, float *y)
{
  LW_SHARED (double2, sums, [ALL]);
  double2 sum = make_double2 (0, 0);

  for (int32_t i = (int32_t)threadIdx.x; i < n; i += ALL) {
    sum.x += (double)result[i].x;
    sum.y += (double)result[i].y;
  }
  sums[threadIdx.x] = sum;
  for (unsigned half = ALL / 2; half > 0; half /= 2) {
    __syncthreads ();
    if (threadIdx.x < half) {
      sum.x += sums[threadIdx.x + half].x;
      sum.y += sums[threadIdx.x + half].y;
      sums[threadIdx.x] = sum;
    }
  }
  if (threadIdx.x == 0) {
    y[0] = (float)sum.x;
    y[1] = (float)sum.y;
  }
}

template <class T>
__global__ void
backward (const T *x, const int32_t *labels, int32_t n, int32_t k, T *dx, bool accumulate)
{
  const int32_t example = (int32_t)(blockIdx.x * EXAMPLES + threadIdx.y);

  if (example >= n)
    return; /* the whole warp */

  const T *scores = x + (int64_t)example * k;
  const float largest = find_largest (scores, k).value;
  const float sum = sum_exponentials (scores, k, largest);

  for (int32_t i = (int32_t)threadIdx.x; i < k; i += LANES) {
    const float softmax = expf (LwNumber<T>::get (scores[i]) - largest) / sum;
    const float value[1] = { (softmax - (i == labels[example] ? 1.0f : 0.0f)) / (float)n };

    lw_store<1> (&dx[(int64_t)example * k + i], 1, value, accumulate);
  }
}

dim3
grid_of (const LwStep *step)
{
  return dim3 ((unsigned)((step->n + EXAMPLES - 1) / EXAMPLES));
}

template <class T>
cudaError_t
launch_forward (LwDevice *device, const LwStep *step)
{
  float2 *result = (float2 *)step->workspace;
  const cudaError_t code =
      lw_launch (forward<T>, grid_of (step), dim3 (LANES, EXAMPLES), 0, device->stream,
                 (const T *)step->x[0], step->labels, step->n, step->x_shape[0].c, result);

  return code != cudaSuccess
             ? code
             : lw_launch (add_up, 1, ALL, 0, device->stream, result, step->n, (float *)step->y);
}

template <class T>
cudaError_t
launch_backward (LwDevice *device, const LwStep *step)
{
  return lw_launch (backward<T>, grid_of (step), dim3 (LANES, EXAMPLES), 0, device->stream,
                    (const T *)step->x[0], step->labels, step->n, step->x_shape[0].c,
                    (T *)step->dx[0], step->accumulate & 1);
}

} // namespace

size_t
lw_cuda_cross_entropy_workspace_bytes (LwDevice *device, const LwStep *step)
{
  (void)device;
  return sizeof (float2) * (size_t)step->batch;
}

bool
lw_cuda_cross_entropy_forward (LwDevice *device, const LwStep *step, GError **error)
{
  return lw_cuda_check (device->bf16 ? launch_forward<LwBf16> (device, step)
                                     : launch_forward<float> (device, step),
                        "cross-entropy", error);
}

bool
lw_cuda_cross_entropy_backward (LwDevice *device, const LwStep *step, GError **error)
{
  return step->dx[0] == NULL || lw_cuda_check (device->bf16 ? launch_backward<LwBf16> (device, step)
                                                            : launch_backward<float> (device, step),
                                               "cross-entropy's gradient", error);
}
