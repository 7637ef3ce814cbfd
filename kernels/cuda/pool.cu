/* Pooling: windows of k × k cells, stride s, padding p, each channel of each example by itself.
 *
 *   maximum   y[i,j] = max_{u,v} x[s·i + u − p, s·j + v − p]       cells of the padding never win
 *             dx[a,b] = Σ dy[i,j] over the windows whose winner is (a,b); the first of equals wins
 *   average   y[i,j] = 1/k² Σ_{u,v} x[s·i + u − p, s·j + v − p]    the padding counts as zeros
 *             dx[a,b] = Σ 1/k² dy[i,j] over the windows that contain (a,b)
 *   global    y = 1/(h·w) Σ x             dx = dy / (h·w)
 *
 * Where sides are rounded up the last windows reach past the padded map; k² is the number of a
 * window's cells that are on it.
 *
 * Shapes: x [n][h][w][c], y likewise, of either type (number.cuh), some channels of wider maps
 * perhaps. Maximum pooling's `state` holds each output's winner, its place in the window, in y's
 * order: a byte where windows have at most 256 cells, else an int32. Ideas:
 *  1. A thread takes neighbouring channels of an output, 128 bits of each cell; reads and writes of
 *     neighbouring threads are together (each.cuh).
 *  2. Backward gathers: a thread has one cell and asks the windows that contain it. To scatter from
 *     the outputs would need atomics, and sums would come in any order.
 *  3. Sums are float32 and rounded once.
 *  4. The global mean: a block has some channels of an example and divides the pixels among its
 *     rows; sums meet in shared memory, pairwise.
 * Reference twin: kernels/reference/pool.c. */
#include "kernels/cuda/each.cuh"
#include "kernels/cuda/link.h"

#include <math.h>

namespace {

struct Pool {
  LwWindow window;
  int32_t c, h, w;       /* of x */
  int32_t rows, columns; /* of y */
  /* 1 / cells on the padded map: of most windows, in the last column, in the last row, in both. */
  float share, column_share, row_share, corner_share;
};

/* Pixel number t of maps: which one it is. */
struct Place {
  int64_t example;
  int32_t row, column;
};

__device__ Place
place_of (int64_t t, int32_t rows, int32_t columns)
{
  const int64_t line = t / columns;

  return { line / rows, (int32_t)(line % rows), (int32_t)(t % columns) };
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

__device__ float
share_of (const Pool &pool, int32_t i, int32_t j)
{
  const bool last = j == pool.columns - 1;

  if (i == pool.rows - 1)
    return last ? pool.corner_share : pool.row_share;
  return last ? pool.column_share : pool.share;
}

/* V winners, as many as there are numbers: at once, since V divides the channels. */
template <class Winner, int V>
struct alignas (sizeof (Winner) * V < 16 ? sizeof (Winner) * V : 16) Winners {
  Winner at[V];
};

template <int V, class Winner>
__device__ void
store_winners (Winner *at, const int32_t (&from)[V])
{
  Winners<Winner, V> winners;

  for (int i = 0; i < V; i++)
    winners.at[i] = (Winner)from[i];
  *reinterpret_cast<Winners<Winner, V> *> (at) = winners;
}

template <int V, class Winner>
__device__ void
load_winners (const Winner *at, int32_t (&to)[V])
{
  const Winners<Winner, V> winners = *reinterpret_cast<const Winners<Winner, V> *> (at);

  for (int i = 0; i < V; i++)
    to[i] = winners.at[i];
}

/* NaN wins too, so that a run that diverges can be seen. */
template <class T, int V, class Winner>
__global__ void
max_forward (LwEach each, Pool pool, LwMap<const T> x, LwMap<T> y, Winner *winners)
{
  lw_each<V> (each, [&] (int64_t pixel, int32_t c, int count) {
    const Place at = place_of (pixel, pool.rows, pool.columns);
    const Span rows = cells_of (at.row, pool.window, pool.h);
    const Span columns = cells_of (at.column, pool.window, pool.w);
    const int32_t top = at.row * pool.window.stride - pool.window.padding;
    const int32_t left = at.column * pool.window.stride - pool.window.padding;
    float best[V] = {}, value[V];
    int32_t winner[V] = {};

    for (int32_t a = rows.first; a < rows.end; a++)
      for (int32_t b = columns.first; b < columns.end; b++) {
        const bool first = a == rows.first && b == columns.first;
        const int32_t place = (a - top) * pool.window.kernel + (b - left);

        lw_load<V> (x ((at.example * pool.h + a) * pool.w + b, c), count, value);
        for (int i = 0; i < V; i++)
          if (first || value[i] > best[i] || isnan (value[i])) {
            best[i] = value[i];
            winner[i] = place;
          }
      }
    lw_store<V> (y (pixel, c), count, best, false);
    if (winners != nullptr)
      store_winners<V> (winners + pixel * pool.c + c, winner);
  });
}

template <class T, int V, class Winner>
__global__ void
max_backward (LwEach each, Pool pool, LwMap<const T> dy, const Winner *winners, LwMap<T> dx,
              bool accumulate, LwMap<const T> mask)
{
  lw_each<V> (each, [&] (int64_t pixel, int32_t c, int count) {
    const Place at = place_of (pixel, pool.h, pool.w);
    const Span rows = outputs_of (at.row, pool.window, pool.rows);
    const Span columns = outputs_of (at.column, pool.window, pool.columns);
    float sum[V] = {}, value[V];
    int32_t winner[V];

    for (int32_t i = rows.first; i < rows.end; i++)
      for (int32_t j = columns.first; j < columns.end; j++) {
        const int64_t output = (at.example * pool.rows + i) * pool.columns + j;
        const int32_t u = at.row + pool.window.padding - i * pool.window.stride;
        const int32_t v = at.column + pool.window.padding - j * pool.window.stride;

        load_winners<V> (winners + output * pool.c + c, winner);
        lw_load<V> (dy (output, c), count, value);
        for (int k = 0; k < V; k++)
          if (winner[k] == u * pool.window.kernel + v)
            sum[k] += value[k];
      }
    lw_store_cleared<V> (dx (pixel, c), count, sum, accumulate, mask.of (pixel, c));
  });
}

template <class T, int V>
__global__ void
average_forward (LwEach each, Pool pool, LwMap<const T> x, LwMap<T> y)
{
  lw_each<V> (each, [&] (int64_t pixel, int32_t c, int count) {
    const Place at = place_of (pixel, pool.rows, pool.columns);
    const Span rows = cells_of (at.row, pool.window, pool.h);
    const Span columns = cells_of (at.column, pool.window, pool.w);
    float sum[V] = {}, value[V];

    for (int32_t a = rows.first; a < rows.end; a++)
      for (int32_t b = columns.first; b < columns.end; b++) {
        lw_load<V> (x ((at.example * pool.h + a) * pool.w + b, c), count, value);
        for (int i = 0; i < V; i++)
          sum[i] += value[i];
      }
    const float share = share_of (pool, at.row, at.column);

    for (int i = 0; i < V; i++)
      sum[i] *= share;
    lw_store<V> (y (pixel, c), count, sum, false);
  });
}

template <class T, int V>
__global__ void
average_backward (LwEach each, Pool pool, LwMap<const T> dy, LwMap<T> dx, bool accumulate,
                  LwMap<const T> mask)
{
  lw_each<V> (each, [&] (int64_t pixel, int32_t c, int count) {
    const Place at = place_of (pixel, pool.h, pool.w);
    const Span rows = outputs_of (at.row, pool.window, pool.rows);
    const Span columns = outputs_of (at.column, pool.window, pool.columns);
    float sum[V] = {}, value[V];

    for (int32_t i = rows.first; i < rows.end; i++)
      for (int32_t j = columns.first; j < columns.end; j++) {
        const float share = share_of (pool, i, j);

        lw_load<V> (dy ((at.example * pool.rows + i) * pool.columns + j, c), count, value);
        for (int k = 0; k < V; k++)
          sum[k] += value[k] * share;
      }
    lw_store_cleared<V> (dx (pixel, c), count, sum, accumulate, mask.of (pixel, c));
  });
}

/* --- the mean of a whole map ------------------------------------------------------------------ */

enum { LANES = 32, ROWS = 8 };

/* Grid (examples, groups of channels / 32), since there can be more than 65535 examples; block
 * (32, 8). */
template <class T, int V>
__global__ void
global_forward (LwMap<const T> x, T *y, int32_t channels, int64_t pixels)
{
  LW_SHARED (float, sums, [V][ROWS][LANES]);
  const int32_t c = (int32_t)(blockIdx.y * LANES + threadIdx.x) * V;
  const int64_t first = (int64_t)blockIdx.x * pixels;
  float sum[V] = {}, value[V];

  if (c < channels)
    for (int64_t pixel = threadIdx.y; pixel < pixels; pixel += ROWS) {
      lw_load<V> (x (first + pixel, c), V, value);
      for (int i = 0; i < V; i++)
        sum[i] += value[i];
    }
  for (int i = 0; i < V; i++)
    sums[i][threadIdx.y][threadIdx.x] = sum[i];
  for (unsigned half = ROWS / 2; half > 0; half /= 2) {
    __syncthreads ();
    if (threadIdx.y < half)
      for (int i = 0; i < V; i++)
        sums[i][threadIdx.y][threadIdx.x] += sums[i][threadIdx.y + half][threadIdx.x];
  }
  if (threadIdx.y == 0 && c < channels) {
    for (int i = 0; i < V; i++)
      sum[i] = sums[i][0][threadIdx.x] / (float)pixels;
    lw_store<V> (y + (int64_t)blockIdx.x * channels + c, V, sum, false);
  }
}

template <class T, int V>
__global__ void
global_backward (LwEach each, const T *dy, LwMap<T> dx, int64_t pixels, bool accumulate,
                 LwMap<const T> mask)
{
  lw_each<V> (each, [&] (int64_t row, int32_t c, int count) {
    float value[V];

    lw_load<V> (dy + row / pixels * each.columns + c, count, value);
    for (int i = 0; i < V; i++)
      value[i] /= (float)pixels;
    lw_store_cleared<V> (dx (row, c), count, value, accumulate, mask.of (row, c));
  });
}

/* --- launches --------------------------------------------------------------------------------- */

/* Cells along one side of a window on the padded map. */
int32_t
cells_on (LwWindow window, int32_t side, int32_t output)
{
  return MIN (window.kernel, side + 2 * window.padding - output * window.stride);
}

Pool
pool_of (const LwStep *step)
{
  const LwShape from = step->x_shape[0], to = step->y_shape;
  const LwWindow window = step->node->window;
  const float k = (float)window.kernel;
  const float rows = (float)cells_on (window, from.h, to.h - 1);
  const float columns = (float)cells_on (window, from.w, to.w - 1);

  return { window,         from.c,
           from.h,         from.w,
           to.h,           to.w,
           1 / (k * k),    1 / (k * columns),
           1 / (rows * k), 1 / (rows * columns) };
}

int64_t
cells_in (const LwStep *step)
{
  return (int64_t)step->n * step->x_shape[0].h * step->x_shape[0].w;
}

bool
has_small_windows (const LwStep *step)
{
  return step->node->window.kernel <= 16;
}

/* A step's maps. */
template <class T> struct Maps {
  LwMap<const T> x, dy, mask; /* where dx is cleared (link.h) */
  LwMap<T> y, dx;

  explicit Maps (const LwStep *step)
      : x (lw_map<T> (step->x[0], step->x_pixel[0], step->x_shape[0].c)),
        dy (lw_map<T> (step->dy, step->dy_pixel, step->x_shape[0].c)),
        mask (lw_map<T> (lw_cuda_link_mask (step), step->x_pixel[0], step->x_shape[0].c)),
        y (lw_map<T> (step->y, step->y_pixel, step->x_shape[0].c)),
        dx (lw_map<T> (step->dx[0], step->dx_pixel[0], step->x_shape[0].c))
  {
  }
};

template <class T, class Winner>
cudaError_t
launch_max (LwDevice *device, const LwStep *step)
{
  const Maps<T> maps (step);
  const LwEach each = lw_each_of<T> (lw_cuda_step_rows (step), step->y_shape.c, maps.x, maps.y);
  const auto kernel =
      each.vector ? max_forward<T, LwNumber<T>::VECTOR, Winner> : max_forward<T, 1, Winner>;

  return lw_launch (kernel, each.grid, each.block, 0, device->stream, each, pool_of (step), maps.x,
                    maps.y, step->training ? (Winner *)step->state : nullptr);
}

template <class T, class Winner>
cudaError_t
launch_max_gradient (LwDevice *device, const LwStep *step)
{
  const Maps<T> maps (step);
  const LwEach each = lw_each_of<T> (cells_in (step), step->y_shape.c, maps.dy, maps.dx, maps.mask);
  const auto kernel =
      each.vector ? max_backward<T, LwNumber<T>::VECTOR, Winner> : max_backward<T, 1, Winner>;

  return lw_launch (kernel, each.grid, each.block, 0, device->stream, each, pool_of (step), maps.dy,
                    (const Winner *)step->state, maps.dx, step->accumulate & 1, maps.mask);
}

template <class T>
cudaError_t
launch_average (LwDevice *device, const LwStep *step)
{
  const Maps<T> maps (step);
  const LwEach each = lw_each_of<T> (lw_cuda_step_rows (step), step->y_shape.c, maps.x, maps.y);
  const auto kernel = each.vector ? average_forward<T, LwNumber<T>::VECTOR> : average_forward<T, 1>;

  return lw_launch (kernel, each.grid, each.block, 0, device->stream, each, pool_of (step), maps.x,
                    maps.y);
}

template <class T>
cudaError_t
launch_average_gradient (LwDevice *device, const LwStep *step)
{
  const Maps<T> maps (step);
  const LwEach each = lw_each_of<T> (cells_in (step), step->y_shape.c, maps.dy, maps.dx, maps.mask);
  const auto kernel =
      each.vector ? average_backward<T, LwNumber<T>::VECTOR> : average_backward<T, 1>;

  return lw_launch (kernel, each.grid, each.block, 0, device->stream, each, pool_of (step), maps.dy,
                    maps.dx, step->accumulate & 1, maps.mask);
}

template <class T>
cudaError_t
launch_global (LwDevice *device, const LwStep *step)
{
  const Maps<T> maps (step);
  const LwShape map = step->x_shape[0];
  const bool vector = map.c % LwNumber<T>::VECTOR == 0 && lw_map_has_vectors (maps.x) &&
                      (uintptr_t)step->y % 16 == 0;
  const int32_t wide = LANES * (vector ? LwNumber<T>::VECTOR : 1);
  const auto kernel = vector ? global_forward<T, LwNumber<T>::VECTOR> : global_forward<T, 1>;

  return lw_launch (kernel, dim3 ((unsigned)step->n, (unsigned)((map.c + wide - 1) / wide)),
                    dim3 (LANES, ROWS), 0, device->stream, maps.x, (T *)step->y, map.c,
                    (int64_t)map.h * map.w);
}

template <class T>
cudaError_t
launch_global_gradient (LwDevice *device, const LwStep *step)
{
  const Maps<T> maps (step);
  const LwShape map = step->x_shape[0];
  const LwEach each =
      lw_each_of<T> (cells_in (step), map.c, maps.dx, maps.mask, lw_map<T> (step->dy, 0, map.c));
  const auto kernel = each.vector ? global_backward<T, LwNumber<T>::VECTOR> : global_backward<T, 1>;

  return lw_launch (kernel, each.grid, each.block, 0, device->stream, each, (const T *)step->dy,
                    maps.dx, (int64_t)map.h * map.w, step->accumulate & 1, maps.mask);
}

} // namespace

size_t
lw_cuda_max_pool_state_bytes (LwDevice *device, const LwStep *step)
{
  (void)device;
  return (has_small_windows (step) ? 1 : sizeof (int32_t)) *
         (size_t)(step->batch * lw_shape_size (step->y_shape));
}

bool
lw_cuda_max_pool_forward (LwDevice *device, const LwStep *step, GError **error)
{
  if (lw_cuda_link_stage_of (step, false) != NULL)
    return true; /* with the convolution */

  const bool small = has_small_windows (step);
  const auto launch = device->bf16
                          ? (small ? launch_max<LwBf16, uint8_t> : launch_max<LwBf16, int32_t>)
                          : (small ? launch_max<float, uint8_t> : launch_max<float, int32_t>);

  return lw_cuda_check (launch (device, step), "maximum pooling", error);
}

bool
lw_cuda_max_pool_backward (LwDevice *device, const LwStep *step, GError **error)
{
  if (lw_cuda_link_stage_of (step, true) != NULL)
    return lw_cuda_conv_stage_gradient (device, lw_cuda_link_stage_of (step, true), error);

  const bool small = has_small_windows (step);
  const auto launch =
      device->bf16
          ? (small ? launch_max_gradient<LwBf16, uint8_t> : launch_max_gradient<LwBf16, int32_t>)
          : (small ? launch_max_gradient<float, uint8_t> : launch_max_gradient<float, int32_t>);

  return step->dx[0] == NULL ||
         lw_cuda_check (launch (device, step), "maximum pooling's gradient", error);
}

bool
lw_cuda_avg_pool_forward (LwDevice *device, const LwStep *step, GError **error)
{
  if (lw_cuda_link_stage_of (step, false) != NULL)
    return true; /* with the convolution */

  const auto launch = device->bf16 ? launch_average<LwBf16> : launch_average<float>;

  return lw_cuda_check (launch (device, step), "average pooling", error);
}

bool
lw_cuda_avg_pool_backward (LwDevice *device, const LwStep *step, GError **error)
{
  if (lw_cuda_link_stage_of (step, true) != NULL)
    return lw_cuda_conv_stage_gradient (device, lw_cuda_link_stage_of (step, true), error);

  const auto launch =
      device->bf16 ? launch_average_gradient<LwBf16> : launch_average_gradient<float>;

  return step->dx[0] == NULL ||
         lw_cuda_check (launch (device, step), "average pooling's gradient", error);
}

bool
lw_cuda_global_avg_pool_forward (LwDevice *device, const LwStep *step, GError **error)
{
  if (lw_cuda_link_tail_of (step) != NULL)
    return true; /* at the loss */

  const auto launch = device->bf16 ? launch_global<LwBf16> : launch_global<float>;

  return lw_cuda_check (launch (device, step), "global average pooling", error);
}

bool
lw_cuda_global_avg_pool_backward (LwDevice *device, const LwStep *step, GError **error)
{
  const LwCudaTail *tail = lw_cuda_link_tail_of (step);

  if (tail != NULL && tail->gradient != NULL)
    return lw_cuda_tail_data_gradient (device, tail, error);

  const auto launch = device->bf16 ? launch_global_gradient<LwBf16> : launch_global_gradient<float>;

  return step->dx[0] == NULL ||
         lw_cuda_check (launch (device, step), "global average pooling's gradient", error);
}
