/* The end of a classifier as one kernel for each example: of the last map x, or of a vector where
 * nothing is pooled,
 *
 *   p[i]  = 1/(h·w) Σ x[·,·,i]           global average pooling
 *   y[o]  = b[o] + Σ_i w[o,i] · p[i]     linear; or y = p where there is no such layer
 *   loss  = −log softmax (y)[label]      and whether the first largest is the label's
 *   dy[o] = (softmax (y)[o] − (1 if o is the label, else 0)) / N, of N examples (lw_step_whole)
 *
 * and backward dx[·,·,i] (+)= 1/(h·w) Σ_o dy[o] · w[o,i].
 *
 * Shapes: x, dx [n][h·w][c], p [n][c], y, dy [n][k], w [k][c].
 * Ideas, in the order of what they bring:
 *  1. These are the smallest layers of a network: five launches forward and six backward, none with
 *     work for more than a moment. Here they are two (the losses must be added up) and two (the
 *     weights' gradient is one of all examples).
 *  2. A block an example: what one layer leaves is in shared memory for the next. Only what
 *     backward reads is written: p, y, dy. The gradient of p is never stored.
 *  3. Forward a thread makes the mean of one channel, neighbouring threads neighbouring channels;
 *     then a warp makes four outputs; then the first warp does the softmax.
 * The sums are those of pool.cu, few.cuh and softmax.cuh, in the same order: the results are the
 * same bits as those of the layers one by one. On sm_90: 52 registers forward, four blocks of 256
 * threads at once, and 32 backward. Reference twins: kernels/reference/pool.c, linear.c,
 * cross_entropy.c. */
#include "kernels/cuda/few.cuh"
#include "kernels/cuda/link.h"
#include "kernels/cuda/softmax.cuh"

namespace {

enum { LANES = 32, WARPS = 8, THREADS = LANES * WARPS, ROWS = 8 };

template <class T> struct Tail {
  int64_t pixels, pixel; /* of the map; numbers from one to the next; 0 pixels: x is p */
  int32_t n, inputs;
  float whole;
  int32_t outputs; /* of the linear layer; 0: there is none */
  const T *x, *w;
  const float *bias;
  const int32_t *labels;
  T *p, *y, *dy;
  float2 *result; /* each example's loss and hit */
};

/* A channel's mean. Eight sums of every eighth pixel, which are added up pairwise: as the rows of
 * pool.cu's blocks do. */
template <class T>
__device__ float
mean_of (const T *channel, int64_t pixels, int64_t pixel)
{
  float sums[ROWS] = {};

  for (int64_t first = 0; first < pixels; first += ROWS)
    LW_UNROLL
  for (int row = 0; row < ROWS; row++)
    if (first + row < pixels)
      sums[row] += LwNumber<T>::get (channel[(first + row) * pixel]);
  LW_UNROLL
  for (int half = ROWS / 2; half > 0; half /= 2)
    LW_UNROLL
  for (int row = 0; row < half; row++)
    sums[row] += sums[row + half];
  return sums[0] / (float)pixels;
}

/* Shared memory holds p [inputs], y [outputs] as float32, but as they are once they were stored. */
template <class T>
__device__ void
pool (const Tail<T> &t, int64_t example, float *p)
{
  for (int32_t i = (int32_t)(threadIdx.y * LANES + threadIdx.x); i < t.inputs; i += THREADS) {
    T value;

    if (t.pixels > 0) {
      value = LwNumber<T>::of (mean_of (t.x + example * t.pixels * t.pixel + i, t.pixels, t.pixel));
      t.p[example * t.inputs + i] = value;
    } else {
      value = t.x[example * t.inputs + i];
    }
    p[i] = LwNumber<T>::get (value);
  }
}

template <class T>
__device__ void
multiply (const Tail<T> &t, int64_t example, const float *p, float *y)
{
  for (int32_t first = (int32_t)threadIdx.y * LW_FEW_QUAD; first < t.outputs;
       first += WARPS * LW_FEW_QUAD) {
    const float4 sums = lw_few_outputs (p, t.w, t.bias, t.inputs, t.outputs, first);
    const int32_t k = (int32_t)threadIdx.x;
    const T sum = LwNumber<T>::of (k == 0 ? sums.x : k == 1 ? sums.y : k == 2 ? sums.z : sums.w);

    if (k < LW_FEW_QUAD && first + k < t.outputs) {
      y[first + k] = LwNumber<T>::get (sum);
      t.y[example * t.outputs + first + k] = sum;
    }
  }
}

/* Grid (examples), block (32, 8). */
template <class T>
__global__ void
forward (Tail<T> t)
{
  LW_DYNAMIC_SHARED (float, p);
  float *const y = t.outputs > 0 ? p + t.inputs : p;
  const int64_t example = blockIdx.x;
  const int32_t k = t.outputs > 0 ? t.outputs : t.inputs;

  pool (t, example, p);
  __syncthreads ();
  if (t.outputs > 0)
    multiply (t, example, p, y);
  __syncthreads ();
  if (threadIdx.y > 0)
    return;

  const int32_t label = t.labels[example];
  const LwLargest best = lw_find_largest (y, k);
  const float sum = lw_sum_exponentials (y, k, best.value);

  if (threadIdx.x == 0)
    t.result[example] = lw_cross_entropy (y, k, label, best, sum);
  for (int32_t i = (int32_t)threadIdx.x; t.dy != nullptr && i < k; i += LANES)
    t.dy[example * k + i] =
        LwNumber<T>::of (lw_cross_entropy_gradient (y, i, label, best.value, sum, t.whole));
}

/* Grid (examples, channels / 32), block (32, 8): dx of 32 channels of a map, its pixels divided
 * among the rows. */
template <class T>
__global__ void
backward (const T *dy, const T *w, LwMap<T> dx, int32_t inputs, int32_t outputs, int64_t pixels,
          bool accumulate, LwMap<const T> mask)
{
  const int32_t i = (int32_t)(blockIdx.y * LANES + threadIdx.x);

  if (i >= inputs)
    return;

  const float sum = lw_few_gradient (dy + (int64_t)blockIdx.x * outputs, w, inputs, outputs, i);
  const float value[1] = { lw_rounded<T> (sum) / (float)pixels };

  for (int64_t at = threadIdx.y; at < pixels; at += WARPS) {
    const int64_t to = blockIdx.x * pixels + at;

    lw_store_cleared<1> (dx (to, i), 1, value, accumulate, mask.of (to, i));
  }
}

template <class T>
cudaError_t
launch_forward (LwDevice *device, const LwCudaTail *tail, const void *w)
{
  const LwStep *pool = tail->pool, *linear = tail->linear, *loss = tail->loss;
  const LwStep *first = pool != NULL ? pool : linear;
  Tail<T> t = {};

  t.n = loss->n;
  t.whole = lw_step_whole (loss);
  t.x = (const T *)first->x[0];
  t.inputs = first->x_shape[0].c;
  if (pool != NULL) {
    t.pixels = (int64_t)pool->x_shape[0].h * pool->x_shape[0].w;
    t.pixel = pool->x_pixel[0] != 0 ? pool->x_pixel[0] : t.inputs;
    t.p = (T *)pool->y;
  }
  if (linear != NULL) {
    t.outputs = linear->y_shape.c;
    t.w = (const T *)w;
    t.bias = (const float *)linear->param[LW_ROLE_BIAS];
    t.y = (T *)linear->y;
  }
  t.labels = loss->labels;
  t.dy = (T *)(tail->gradient != NULL ? tail->gradient : loss->dx[0]);
  t.result = (float2 *)loss->workspace;
  return lw_launch (forward<T>, dim3 ((unsigned)t.n), dim3 (LANES, WARPS),
                    sizeof (float) * (size_t)(t.inputs + t.outputs), device->stream, t);
}

template <class T>
cudaError_t
launch_backward (LwDevice *device, const LwCudaTail *tail, const void *w)
{
  const LwStep *pool = tail->pool, *linear = tail->linear;
  const LwShape map = pool->x_shape[0];
  const dim3 grid ((unsigned)pool->n, (unsigned)((map.c + LANES - 1) / LANES));

  return lw_launch (backward<T>, grid, dim3 (LANES, WARPS), 0, device->stream,
                    (const T *)tail->gradient, (const T *)w,
                    lw_map<T> (pool->dx[0], pool->dx_pixel[0], map.c), map.c, linear->y_shape.c,
                    (int64_t)map.h * map.w, pool->accumulate & 1,
                    lw_map<T> (lw_cuda_link_mask (pool), pool->x_pixel[0], map.c));
}

} // namespace

bool
lw_cuda_tail_forward (LwDevice *device, const LwCudaTail *tail, GError **error)
{
  const auto launch = device->bf16 ? launch_forward<LwBf16> : launch_forward<float>;
  const void *w = tail->linear != NULL ? lw_cuda_weights (device, tail->linear, error) : NULL;

  return (tail->linear == NULL || w != NULL) &&
         lw_cuda_check (launch (device, tail, w), "the network's end", error) &&
         lw_cuda_add_losses (device, tail->loss, error);
}

bool
lw_cuda_tail_data_gradient (LwDevice *device, const LwCudaTail *tail, GError **error)
{
  const auto launch = device->bf16 ? launch_backward<LwBf16> : launch_backward<float>;
  const void *w = lw_cuda_weights (device, tail->linear, error);

  return w != NULL &&
         lw_cuda_check (launch (device, tail, w), "the gradient of the network's end", error);
}
