/* Pooling: windows of k × k cells, stride s, padding p, each channel of each example by itself.
 *
 *   maximum   y[i,j] = max_{u,v} x[s·i + u − p, s·j + v − p]       cells of the padding never win
 *             dx[a,b] = Σ dy[i,j] over the windows whose winner is (a,b); the first of equals wins
 *   average   y[i,j] = 1/k² Σ_{u,v} x[s·i + u − p, s·j + v − p]    the padding counts as zeros
 *             dx[a,b] = 1/k² Σ dy[i,j] over the windows that contain (a,b)
 *   global    y = 1/(h·w) Σ x             dx = dy / (h·w)
 *
 * Shapes: x [n][h][w][c], y likewise. Maximum pooling's `state` holds each output's winner, its
 * pixel in the map, as int32, in y's order. Ideas:
 *  1. One thread an output, neighbouring threads neighbouring channels: reads and writes are
 * together.
 *  2. Backward gathers: a thread has one cell and asks the windows that contain it. To scatter from
 *     the outputs would need atomics, and sums would come in any order.
 *  3. The global mean: a block has 32 channels of an example and divides the pixels among its rows;
 *     sums meet in shared memory, pairwise.
 * Reference twin: kernels/reference/pool.c. */
#include "kernels/cuda/each.cuh"
#include "kernels/cuda/link.h"

#include <math.h>

namespace {

struct Pool {
  LwWindow window;
  int32_t c, h, w;       /* of x */
  int32_t rows, columns; /* of y */
  int64_t n;             /* examples */
};

/* Output number t, or cell number t, of all: which one it is. */
struct Place {
  int64_t example;
  int32_t row, column, c;
};

__device__ Place
place_of (int64_t t, int32_t channels, int32_t rows, int32_t columns)
{
  Place place;

  place.c = (int32_t)(t % channels);
  t /= channels;
  place.column = (int32_t)(t % columns);
  t /= columns;
  place.row = (int32_t)(t % rows);
  place.example = t / rows;
  return place;
}

/* Cells first … end − 1 of a window, cut off at the map's borders. */
struct Span {
  int32_t first, end;
};

__device__ Span
cells_of (int32_t output, LwWindow window, int32_t cells)
{
  const int32_t start = output * window.stride - window.padding;

  return { max (start, 0), min (start + window.kernel, cells) };
}

/* Outputs first … end − 1 whose windows contain a cell. */
__device__ Span
outputs_of (int32_t cell, LwWindow window, int32_t outputs)
{
  const int32_t last = (cell + window.padding) / window.stride;
  const int32_t before = cell + window.padding - window.kernel;

  return { before < 0 ? 0 : before / window.stride + 1, min (last + 1, outputs) };
}

/* NaN wins too, so that a run that diverges can be seen. */
__global__ void
max_forward (Pool pool, const float *x, float *y, int32_t *winners)
{
  const int64_t n = pool.n * pool.rows * pool.columns * pool.c;

  for (int64_t t = lw_each_first (); t < n; t += lw_each_stride ()) {
    const Place at = place_of (t, pool.c, pool.rows, pool.columns);
    const Span rows = cells_of (at.row, pool.window, pool.h);
    const Span columns = cells_of (at.column, pool.window, pool.w);
    const float *map = x + at.example * pool.h * pool.w * pool.c + at.c;
    int32_t winner = rows.first * pool.w + columns.first;
    float best = map[(int64_t)winner * pool.c];

    for (int32_t a = rows.first; a < rows.end; a++)
      for (int32_t b = columns.first; b < columns.end; b++) {
        const int32_t pixel = a * pool.w + b;
        const float value = map[(int64_t)pixel * pool.c];

        if (value > best || isnan (value)) {
          best = value;
          winner = pixel;
        }
      }
    y[t] = best;
    if (winners != nullptr)
      winners[t] = winner;
  }
}

__global__ void
max_backward (Pool pool, const float *dy, const int32_t *winners, float *dx, bool accumulate)
{
  const int64_t n = pool.n * pool.h * pool.w * pool.c;

  for (int64_t t = lw_each_first (); t < n; t += lw_each_stride ()) {
    const Place at = place_of (t, pool.c, pool.h, pool.w);
    const Span rows = outputs_of (at.row, pool.window, pool.rows);
    const Span columns = outputs_of (at.column, pool.window, pool.columns);
    float sum = 0;

    for (int32_t i = rows.first; i < rows.end; i++)
      for (int32_t j = columns.first; j < columns.end; j++) {
        const int64_t output = ((at.example * pool.rows + i) * pool.columns + j) * pool.c + at.c;

        if (winners[output] == at.row * pool.w + at.column)
          sum += dy[output];
      }
    lw_each_store (&dx[t], sum, accumulate);
  }
}

__global__ void
average_forward (Pool pool, const float *x, float *y)
{
  const float share = 1 / ((float)pool.window.kernel * (float)pool.window.kernel);
  const int64_t n = pool.n * pool.rows * pool.columns * pool.c;

  for (int64_t t = lw_each_first (); t < n; t += lw_each_stride ()) {
    const Place at = place_of (t, pool.c, pool.rows, pool.columns);
    const Span rows = cells_of (at.row, pool.window, pool.h);
    const Span columns = cells_of (at.column, pool.window, pool.w);
    const float *map = x + at.example * pool.h * pool.w * pool.c + at.c;
    float sum = 0;

    for (int32_t a = rows.first; a < rows.end; a++)
      for (int32_t b = columns.first; b < columns.end; b++)
        sum += map[((int64_t)a * pool.w + b) * pool.c];
    y[t] = sum * share;
  }
}

__global__ void
average_backward (Pool pool, const float *dy, float *dx, bool accumulate)
{
  const float share = 1 / ((float)pool.window.kernel * (float)pool.window.kernel);
  const int64_t n = pool.n * pool.h * pool.w * pool.c;

  for (int64_t t = lw_each_first (); t < n; t += lw_each_stride ()) {
    const Place at = place_of (t, pool.c, pool.h, pool.w);
    const Span rows = outputs_of (at.row, pool.window, pool.rows);
    const Span columns = outputs_of (at.column, pool.window, pool.columns);
    float sum = 0;

    for (int32_t i = rows.first; i < rows.end; i++)
      for (int32_t j = columns.first; j < columns.end; j++)
        sum += dy[((at.example * pool.rows + i) * pool.columns + j) * pool.c + at.c];
    lw_each_store (&dx[t], sum * share, accumulate);
  }
}

/* --- the mean of a whole map ------------------------------------------------------------------ */

enum { LANES = 32, ROWS = 8 };

/* Grid (examples, channels / 32), since there can be more than 65535 examples; block (32, 8). */
__global__ void
global_forward (const float *x, float *y, int32_t channels, int64_t pixels)
{
  LW_SHARED (float, sums, [ROWS][LANES]);
  const int32_t c = (int32_t)(blockIdx.y * LANES + threadIdx.x);
  const float *map = x + (int64_t)blockIdx.x * pixels * channels;
  float sum = 0;

  if (c < channels)
    for (int64_t pixel = threadIdx.y; pixel < pixels; pixel += ROWS)
      sum += map[pixel * channels + c];
  sums[threadIdx.y][threadIdx.x] = sum;
  for (unsigned half = ROWS / 2; half > 0; half /= 2) {
    __syncthreads ();
    if (threadIdx.y < half)
      sums[threadIdx.y][threadIdx.x] += sums[threadIdx.y + half][threadIdx.x];
  }
  if (threadIdx.y == 0 && c < channels)
    y[(int64_t)blockIdx.x * channels + c] = sums[0][threadIdx.x] / (float)pixels;
}

__global__ void
global_backward (const float *dy, float *dx, int32_t channels, int64_t pixels, bool accumulate,
                 int64_t n)
{
  for (int64_t t = lw_each_first (); t < n; t += lw_each_stride ())
    lw_each_store (&dx[t], dy[t / channels / pixels * channels + t % channels] / (float)pixels,
                   accumulate);
}

Pool
pool_of (const LwStep *step)
{
  const LwShape from = step->x_shape[0], to = step->y_shape;

  return { step->node->window, from.c, from.h, from.w, to.h, to.w, step->n };
}

int64_t
cells_in (const LwStep *step)
{
  return step->n * lw_shape_size (step->x_shape[0]);
}

} // namespace

size_t
lw_cuda_max_pool_state_bytes (LwDevice *device, const LwStep *step)
{
  (void)device;
  return sizeof (int32_t) * (size_t)(step->batch * lw_shape_size (step->y_shape));
}

bool
lw_cuda_max_pool_forward (LwDevice *device, const LwStep *step, GError **error)
{
  return lw_cuda_check (lw_launch (max_forward, lw_each_blocks (lw_cuda_step_size (step)),
                                   LW_EACH_THREADS, 0, device->stream, pool_of (step),
                                   (const float *)step->x[0], (float *)step->y,
                                   step->training ? (int32_t *)step->state : nullptr),
                        "maximum pooling", error);
}

bool
lw_cuda_max_pool_backward (LwDevice *device, const LwStep *step, GError **error)
{
  return step->dx[0] == NULL ||
         lw_cuda_check (lw_launch (max_backward, lw_each_blocks (cells_in (step)), LW_EACH_THREADS,
                                   0, device->stream, pool_of (step), (const float *)step->dy,
                                   (const int32_t *)step->state, (float *)step->dx[0],
                                   step->accumulate & 1),
                        "maximum pooling's gradient", error);
}

bool
lw_cuda_avg_pool_forward (LwDevice *device, const LwStep *step, GError **error)
{
  return lw_cuda_check (lw_launch (average_forward, lw_each_blocks (lw_cuda_step_size (step)),
                                   LW_EACH_THREADS, 0, device->stream, pool_of (step),
                                   (const float *)step->x[0], (float *)step->y),
                        "average pooling", error);
}

bool
lw_cuda_avg_pool_backward (LwDevice *device, const LwStep *step, GError **error)
{
  return step->dx[0] == NULL ||
         lw_cuda_check (lw_launch (average_backward, lw_each_blocks (cells_in (step)),
                                   LW_EACH_THREADS, 0, device->stream, pool_of (step),
                                   (const float *)step->dy, (float *)step->dx[0],
                                   step->accumulate & 1),
                        "average pooling's gradient", error);
}

bool
lw_cuda_global_avg_pool_forward (LwDevice *device, const LwStep *step, GError **error)
{
  if (lw_cuda_link_tail_of (step) != NULL)
    return true; /* at the loss */

  const LwShape map = step->x_shape[0];
  const dim3 grid ((unsigned)step->n, (unsigned)((map.c + LANES - 1) / LANES));

  return lw_cuda_check (lw_launch (global_forward, grid, dim3 (LANES, ROWS), 0, device->stream,
                                   (const float *)step->x[0], (float *)step->y, map.c,
                                   (int64_t)map.h * map.w),
                        "global average pooling", error);
}

bool
lw_cuda_global_avg_pool_backward (LwDevice *device, const LwStep *step, GError **error)
{
  const LwCudaTail *tail = lw_cuda_link_tail_of (step);

  if (tail != NULL && tail->backward)
    return lw_cuda_tail_data_gradient (device, tail, error);

  const LwShape map = step->x_shape[0];
  const int64_t n = cells_in (step);

  return step->dx[0] == NULL ||
         lw_cuda_check (lw_launch (global_backward, lw_each_blocks (n), LW_EACH_THREADS, 0,
                                   device->stream, (const float *)step->dy, (float *)step->dx[0],
                                   map.c, (int64_t)map.h * map.w, step->accumulate & 1, n),
                        "global average pooling's gradient", error);
}
