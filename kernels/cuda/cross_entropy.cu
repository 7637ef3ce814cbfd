/* Softmax and cross-entropy in one, for n examples of k scores x and a label l each:
 *
 *   softmax(x)[i] = exp (x[i]) / Σ_j exp (x[j])
 *   loss          = −log softmax(x)[l] = log Σ_j exp (x[j] − M) − (x[l] − M),  M = max x
 *   y[0] = Σ_n loss, y[1] = the number of examples whose first largest score is the label's
 *   dx[n,i] = (softmax(x)[n,i] − (1 if i = l else 0)) / N:  the gradient of the mean loss, N = n,
 *             or all examples of a batch that several processes share
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
#include "kernels/cuda/link.h"
#include "kernels/cuda/softmax.cuh"

namespace {

enum { LANES = 32, EXAMPLES = 8, ALL = 256 }; /* examples of a block; threads of the last block */

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
  const LwLargest best = lw_find_largest (scores, k);
  const float sum = lw_sum_exponentials (scores, k, best.value);

  if (threadIdx.x == 0)
    result[example] = lw_cross_entropy (scores, k, label, best, sum);
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
backward (const T *x, const int32_t *labels, int32_t n, float whole, int32_t k, T *dx,
          bool accumulate)
{
  const int32_t example = (int32_t)(blockIdx.x * EXAMPLES + threadIdx.y);

  if (example >= n)
    return; /* the whole warp */

  const T *scores = x + (int64_t)example * k;
  const float largest = lw_find_largest (scores, k).value;
  const float sum = lw_sum_exponentials (scores, k, largest);

  for (int32_t i = (int32_t)threadIdx.x; i < k; i += LANES) {
    const float value[1] = { lw_cross_entropy_gradient (scores, i, labels[example], largest, sum,
                                                        whole) };

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
  return lw_launch (forward<T>, grid_of (step), dim3 (LANES, EXAMPLES), 0, device->stream,
                    (const T *)step->x[0], step->labels, step->n, step->x_shape[0].c,
                    (float2 *)step->workspace);
}

template <class T>
cudaError_t
launch_backward (LwDevice *device, const LwStep *step)
{
  return lw_launch (backward<T>, grid_of (step), dim3 (LANES, EXAMPLES), 0, device->stream,
                    (const T *)step->x[0], step->labels, step->n, lw_step_whole (step),
                    step->x_shape[0].c, (T *)step->dx[0], step->accumulate & 1);
}

} // namespace

size_t
lw_cuda_cross_entropy_workspace_bytes (LwDevice *device, const LwStep *step)
{
  (void)device;
  return sizeof (float2) * (size_t)step->batch;
}

bool
lw_cuda_add_losses (LwDevice *device, const LwStep *loss, GError **error)
{
  return lw_cuda_check (lw_launch (add_up, 1, ALL, 0, device->stream,
                                   (const float2 *)loss->workspace, loss->n, (float *)loss->y),
                        "cross-entropy's sum", error);
}

bool
lw_cuda_cross_entropy_forward (LwDevice *device, const LwStep *step, GError **error)
{
  const LwCudaTail *tail = lw_cuda_link_tail_of (step);

  if (tail != NULL)
    return lw_cuda_tail_forward (device, tail, error);
  return lw_cuda_check (device->bf16 ? launch_forward<LwBf16> (device, step)
                                     : launch_forward<float> (device, step),
                        "cross-entropy", error) &&
         lw_cuda_add_losses (device, step, error);
}

bool
lw_cuda_cross_entropy_backward (LwDevice *device, const LwStep *step, GError **error)
{
  return step->dx[0] == NULL || lw_cuda_link_tail_of (step) != NULL ||
         lw_cuda_check (device->bf16 ? launch_backward<LwBf16> (device, step)
                                     : launch_backward<float> (device, step),
                        "cross-entropy's gradient", error);
}
