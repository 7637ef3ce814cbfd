/* The end of a classifier as one kernel for each example: of the last map x, or of a vector where
 * nothing is pooled,
 *
 *   p[i]  = 1/(h·w) Σ x[·,·,i]           global average pooling
 *   y[o]  = b[o] + Σ_i w[o,i] · p[i]     linear; or y = p where there is no such layer
 *   loss  = −log softmax (y)[label]      and whether the first largest is the label's
 *   dy[o] = (softmax (y)[o] − (1 if o is the label, else 0)) / n
 *
 * and backward dx[·,·,i] (+)= 1/(h·w) Σ_o dy[o] · w[o,i].
 *
 * Shapes: x, dx [n][h·w][c], p [n][c], y, dy [n][k], w [k][c].
 * Ideas, in the order of what they bring:
 *  1. These are the smallest layers of a network: five launches forward and six backward, none with
 *     work for more than a moment. Here they are two (the losses must be added up) and two (the
 *     weights' gradient is one of all examples).
 *  2. A block an example: what one layer leaves is in shared memory for the next. Only what
 * backward reads is written: p, y, dy. The gradient of p is never stored.
 *  3. Forward a thread makes the mean of one channel, neighbouring threads neighbouring channels;
 *     then a warp makes four outputs; then the first warp does the softmax.
 * The sums are those of pool.cu, few.cuh and softmax.cuh, in the same order: the results are the
 * same bits as those of the layers one by one. Reference twins: kernels/reference/pool.c, linear.c,
 * cross_entropy.c. */
#include "kernels/cuda/each.cuh"
#include "kernels/cuda/few.cuh"
#include "kernels/cuda/softmax.cuh"
#include "kernels/cuda/tail.h"

namespace {

enum { LANES = 32, WARPS = 8, THREADS = LANES * WARPS, ROWS = 8 };

struct Tail {
  int64_t pixels, pixel; /* of the map; numbers from one to the next; 0 pixels: x is p */
  int32_t n, inputs;
  int32_t outputs; /* of the linear layer; 0: there is none */
  const float *x, *w, *bias;
  const int32_t *labels;
  float *p, *y, *dy;
  float2 *result; /* each example's loss and hit */
};

/* A channel's mean. Eight sums of every eighth pixel, which are added up pairwise: as the rows of
 * pool.cu's blocks do. */
__device__ float
mean_of (const float *channel, int64_t pixels, int64_t pixel)
{
  float sums[ROWS] = {};

  for (int64_t first = 0; first < pixels; first += ROWS)
    LW_UNROLL
  for (int row = 0; row < ROWS; row++)
    if (first + row < pixels)
      sums[row] += channel[(first + row) * pixel];
  LW_UNROLL
  for (int half = ROWS / 2; half > 0; half /= 2)
    LW_UNROLL
  for (int row = 0; row < half; row++)
    sums[row] += sums[row + half];
  return sums[0] / (float)pixels;
}

/* Shared memory: p [inputs], y [outputs]. */
__device__ void
pool (const Tail &t, int64_t example, float *p)
{
  for (int32_t i = (int32_t)(threadIdx.y * LANES + threadIdx.x); i < t.inputs; i += THREADS) {
    float value;

    if (t.pixels > 0) {
      value = mean_of (t.x + example * t.pixels * t.pixel + i, t.pixels, t.pixel);
      t.p[example * t.inputs + i] = value;
    } else {
      value = t.x[example * t.inputs + i];
    }
    p[i] = value;
  }
}

__device__ void
multiply (const Tail &t, int64_t example, const float *p, float *y)
{
  for (int32_t first = (int32_t)threadIdx.y * LW_FEW_QUAD; first < t.outputs;
       first += WARPS * LW_FEW_QUAD) {
    const float4 sums = lw_few_outputs (p, t.w, t.bias, t.inputs, t.outputs, first);
    const int32_t k = (int32_t)threadIdx.x;
    const float sum = k == 0 ? sums.x : k == 1 ? sums.y : k == 2 ? sums.z : sums.w;

    if (k < LW_FEW_QUAD && first + k < t.outputs) {
      y[first + k] = sum;
      t.y[example * t.outputs + first + k] = sum;
    }
  }
}

/* Grid (examples), block (32, 8). */
__global__ void
forward (Tail t)
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
    t.dy[example * k + i] = lw_cross_entropy_gradient (y, i, label, best.value, sum, t.n);
}

/* Grid (examples, channels / 32), block (32, 8): dx of 32 channels of a map, its pixels divided
 * among the rows. */
__global__ void
backward (const float *dy, const float *w, float *dx, int32_t inputs, int32_t outputs,
          int64_t pixels, int64_t pixel, bool accumulate)
{
  const int32_t i = (int32_t)(blockIdx.y * LANES + threadIdx.x);
  float *const map = dx + blockIdx.x * pixels * pixel;

  if (i >= inputs)
    return;

  const float value =
      lw_few_gradient (dy + (int64_t)blockIdx.x * outputs, w, inputs, outputs, i) / (float)pixels;

  for (int64_t at = threadIdx.y; at < pixels; at += WARPS)
    lw_each_store (&map[at * pixel + i], value, accumulate);
}

int64_t
pixel_of (int64_t pixel, int32_t channels)
{
  return pixel != 0 ? pixel : channels;
}

} // namespace

bool
lw_cuda_tail_forward (LwDevice *device, const LwCudaTail *tail, GError **error)
{
  const LwStep *pool = tail->pool, *linear = tail->linear, *loss = tail->loss;
  const LwStep *first = pool != NULL ? pool : linear;
  Tail t = {};

  t.n = loss->n;
  t.x = (const float *)first->x[0];
  t.inputs = first->x_shape[0].c;
  if (pool != NULL) {
    t.pixels = (int64_t)pool->x_shape[0].h * pool->x_shape[0].w;
    t.pixel = pixel_of (pool->x_pixel[0], t.inputs);
    t.p = (float *)pool->y;
  }
  if (linear != NULL) {
    t.outputs = linear->y_shape.c;
    t.w = (const float *)linear->param[LW_ROLE_WEIGHT];
    t.bias = (const float *)linear->param[LW_ROLE_BIAS];
    t.y = (float *)linear->y;
  }
  t.labels = loss->labels;
  t.dy = (float *)loss->dx[0];
  t.result = (float2 *)loss->workspace;
  return lw_cuda_check (lw_launch (forward, dim3 ((unsigned)t.n), dim3 (LANES, WARPS),
                                   sizeof (float) * (size_t)(t.inputs + t.outputs), device->stream,
                                   t),
                        "the network's end", error) &&
         lw_cuda_add_losses (device, loss, error);
}

bool
lw_cuda_tail_data_gradient (LwDevice *device, const LwCudaTail *tail, GError **error)
{
  const LwStep *pool = tail->pool, *linear = tail->linear;
  const LwShape map = pool->x_shape[0];

  return lw_cuda_check (
      lw_launch (backward, dim3 ((unsigned)pool->n, (unsigned)((map.c + LANES - 1) / LANES)),
                 dim3 (LANES, WARPS), 0, device->stream, (const float *)linear->dy,
                 (const float *)linear->param[LW_ROLE_WEIGHT], (float *)pool->dx[0], map.c,
                 linear->y_shape.c, (int64_t)map.h * map.w, pixel_of (pool->dx_pixel[0], map.c),
                 pool->accumulate & 1),
      "the gradient of the network's end", error);
}
