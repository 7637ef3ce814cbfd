/* Operations that only move numbers or add them up:
 *
 *   input     y is what was uploaded; there is nothing to compute
 *   flatten   y = x in the order [c][h][w], one row an example     dx = dy likewise
 *   sum       y = Σ_k x_k                                          dx_k = dy
 *   concat    y[pixel] = x_0[pixel], x_1[pixel], … one after another, dx_k = its channels of dy
 *
 * Shapes: maps are [n][h][w][c]. PyTorch flattens [c][h][w], and the weights behind are in its
 * order, so flattening a map moves its numbers: a pixel's channels no longer lie together. Ideas:
 *  1. 128 bits a thread at a time (each.cuh). A sum reads all its inputs at once, so y may be any
 *     of them; bfloat16 is rounded once, behind the whole sum.
 *  2. What a concat joins lies in it already where it could be computed there (engine/backend.h,
 *     slice_bytes); then nothing is moved.
 *  3. A map is flattened in squares of 32 × 32 numbers, which turn in shared memory, so that both
 *     reads and writes are of neighbours; a square has a column more than it needs, and so its
 *     columns are not all in the same bank.
 * Reference twin: kernels/reference/join.c. */
#include "kernels/cuda/batch_norm.cuh"
#include "kernels/cuda/link.h"

namespace {

template <class T> struct Inputs {
  LwMap<const T> x[LW_MAX_INPUTS];
  int32_t n;
};

/* What is behind a sum: it is rounded, and with `relu` max (0, ·) of that. */
template <class T>
__device__ float
finish (float sum, bool relu)
{
  const float y = lw_rounded<T> (sum);

  return relu && y < 0 ? 0 : y;
}

template <class T, int V>
__global__ void
add (LwEach each, Inputs<T> inputs, LwMap<T> y, bool relu)
{
  lw_each<V> (each, [&] (int64_t row, int32_t column, int count) {
    float sum[V], value[V];

    lw_load<V> (inputs.x[0](row, column), count, sum);
    for (int32_t k = 1; k < inputs.n; k++) {
      lw_load<V> (inputs.x[k](row, column), count, value);
      for (int i = 0; i < V; i++)
        sum[i] += value[i];
    }
    for (int i = 0; i < V; i++)
      sum[i] = finish<T> (sum[i], relu);
    lw_store<V> (y (row, column), count, sum, false);
  });
}

/* y ← what a batch normalization makes of x, + other */
template <class T, int V>
__global__ void
add_normalized (LwEach each, LwNormScale scale, LwMap<const T> x, LwMap<const T> other, LwMap<T> y,
                bool relu)
{
  LwNorm<V> norm;

  norm.begin (scale, (int32_t)(blockIdx.y * blockDim.x + threadIdx.x) * V);
  lw_each<V> (each, [&] (int64_t row, int32_t column, int count) {
    float value[V], sum[V];

    lw_load<V> (x (row, column), count, value);
    lw_load<V> (other (row, column), count, sum);
    for (int i = 0; i < V; i++)
      sum[i] = finish<T> (norm.template apply<T> (i, value[i], false) + sum[i], relu);
    lw_store<V> (y (row, column), count, sum, false);
  });
}

/* The gradient of max (0, ·) behind a sum of two, handed on to both: dx_k (+)= dy where y > 0. One
 * that is not wanted is null; bit k of `accumulate`: add. */
template <class T, int V>
__global__ void
hand_on (LwEach each, LwMap<const T> y, LwMap<const T> dy, LwMap<T> dx_0, LwMap<T> dx_1,
         uint32_t accumulate)
{
  lw_each<V> (each, [&] (int64_t row, int32_t column, int count) {
    float value[V], slope[V];

    lw_load<V> (y (row, column), count, value);
    lw_load<V> (dy (row, column), count, slope);
    for (int i = 0; i < V; i++)
      slope[i] = value[i] <= 0 ? 0 : slope[i];
    if (dx_1.at != nullptr)
      lw_store<V> (dx_1 (row, column), count, slope, accumulate & 2);
    if (dx_0.at != nullptr)
      lw_store<V> (dx_0 (row, column), count, slope, accumulate & 1);
  });
}

template <class T, int V>
__global__ void
copy (LwEach each, LwMap<const T> from, LwMap<T> to, bool accumulate)
{
  lw_each<V> (each, [&] (int64_t row, int32_t column, int count) {
    float value[V];

    lw_load<V> (from (row, column), count, value);
    lw_store<V> (to (row, column), count, value, accumulate);
  });
}

enum { SIDE = 32, SQUARE_ROWS = 8 }; /* a block is (32, 8) */

/* to[k][j][i] (+)= from[k][i][j]: n matrices [rows][columns], each transposed; a square a block. */
template <class T>
__global__ void
transpose (const T *from, T *to, int32_t rows, int32_t columns, bool accumulate)
{
  LW_SHARED (float, square, [SIDE][SIDE + 1]);
  const int32_t across = (columns + SIDE - 1) / SIDE, down = (rows + SIDE - 1) / SIDE;
  const int32_t place = (int32_t)(blockIdx.x % (unsigned)(across * down));
  const int64_t k = blockIdx.x / (unsigned)(across * down);
  const int32_t row = place / across * SIDE, column = place % across * SIDE;
  const int32_t x = (int32_t)threadIdx.x, y = (int32_t)threadIdx.y;

  for (int32_t i = y; i < SIDE; i += SQUARE_ROWS)
    if (row + i < rows && column + x < columns)
      square[i][x] = LwNumber<T>::get (from[(k * rows + row + i) * columns + column + x]);
  __syncthreads ();
  for (int32_t i = y; i < SIDE; i += SQUARE_ROWS)
    if (column + i < columns && row + x < rows) {
      const float value[1] = { square[x][i] };

      lw_store<1> (&to[(k * columns + column + i) * rows + row + x], 1, value, accumulate);
    }
}

template <class T>
cudaError_t
launch_add_normalized (LwDevice *device, const LwStep *step, const LwStep *before)
{
  const int32_t channels = step->y_shape.c;
  const LwMap<const T> x = lw_map<T> (before->x[0], before->x_pixel[0], channels);
  const LwMap<const T> other = lw_map<T> (step->x[1], step->x_pixel[1], channels);
  const LwMap<T> y = lw_map<T> (step->y, step->y_pixel, channels);
  const LwEach each = lw_each_of<T> (lw_cuda_step_rows (step), channels, x, other, y);
  const auto kernel = each.vector ? add_normalized<T, LwNumber<T>::VECTOR> : add_normalized<T, 1>;

  return lw_launch (kernel, each.grid, each.block, 0, device->stream, each, lw_norm_scale (before),
                    x, other, y, lw_cuda_link_relu (step));
}

template <class T>
cudaError_t
launch_hand_on (LwDevice *device, const LwStep *step)
{
  const int32_t channels = step->y_shape.c;
  LwMap<const T> y = lw_map<T> ((const void *)step->y, step->y_pixel, channels);
  LwMap<const T> dy = lw_map<T> (step->dy, step->dy_pixel, channels);
  LwMap<T> dx_0 = lw_map<T> (step->dx[0], step->dx_pixel[0], channels);
  LwMap<T> dx_1 = lw_map<T> (step->dx[1], step->dx_pixel[1], channels);
  const LwEach each = lw_each_plan<T> (lw_cuda_step_rows (step), channels, y, dy, dx_0, dx_1);
  const auto kernel = each.vector ? hand_on<T, LwNumber<T>::VECTOR> : hand_on<T, 1>;

  return lw_launch (kernel, each.grid, each.block, 0, device->stream, each, y, dy, dx_0, dx_1,
                    step->accumulate);
}

template <class T>
cudaError_t
launch_add (LwDevice *device, const LwStep *step)
{
  if (lw_cuda_link_norm (step) != NULL)
    return launch_add_normalized<T> (device, step, lw_cuda_link_norm (step));

  const int32_t channels = step->y_shape.c;
  LwMap<T> y = lw_map<T> (step->y, step->y_pixel, channels);
  LwEachMap all[LW_MAX_INPUTS + 1] = { { y.at, &y.pixel } };
  Inputs<T> inputs = {};

  inputs.n = step->n_x;
  for (int32_t k = 0; k < step->n_x; k++) {
    inputs.x[k] = lw_map<T> (step->x[k], step->x_pixel[k], channels);
    all[k + 1] = { inputs.x[k].at, &inputs.x[k].pixel };
  }

  const LwEach each =
      lw_each_layout (lw_cuda_step_rows (step), channels, sizeof (T), all, step->n_x + 1);
  const auto kernel = each.vector ? add<T, LwNumber<T>::VECTOR> : add<T, 1>;

  return lw_launch (kernel, each.grid, each.block, 0, device->stream, each, inputs, y,
                    lw_cuda_link_relu (step));
}

/* to (+)= from, maps of `channels`. */
template <class T>
cudaError_t
launch_copy (LwDevice *device, LwMap<const T> from, LwMap<T> to, int64_t rows, int32_t channels,
             bool accumulate)
{
  if (from.at == to.at && !accumulate)
    return cudaSuccess;

  const LwEach each = lw_each_plan<T> (rows, channels, from, to);
  const auto kernel = each.vector ? copy<T, LwNumber<T>::VECTOR> : copy<T, 1>;

  return lw_launch (kernel, each.grid, each.block, 0, device->stream, each, from, to, accumulate);
}

/* Where dx_0 is dy it has all it needs; the others are done before it could change. */
template <class T>
cudaError_t
launch_add_gradient (LwDevice *device, const LwStep *step)
{
  if (lw_cuda_link_relu_gradient (step))
    return launch_hand_on<T> (device, step);

  const int32_t channels = step->y_shape.c;
  const LwMap<const T> dy = lw_map<T> (step->dy, step->dy_pixel, channels);
  cudaError_t code = cudaSuccess;

  for (int32_t k = 0; k < step->n_x && code == cudaSuccess; k++)
    if (step->dx[k] != NULL)
      code = launch_copy (device, dy, lw_map<T> (step->dx[k], step->dx_pixel[k], channels),
                          lw_cuda_step_rows (step), channels, step->accumulate >> k & 1);
  return code;
}

/* Input k's channels of a map [pixels][all channels]. */
template <class T>
cudaError_t
launch_concat (LwDevice *device, const LwStep *step)
{
  const LwMap<T> y = lw_map<T> (step->y, step->y_pixel, step->y_shape.c);
  cudaError_t code = cudaSuccess;
  int64_t first = 0;

  for (int32_t k = 0; k < step->n_x && code == cudaSuccess; k++) {
    const int32_t channels = step->x_shape[k].c;

    code = launch_copy (device, lw_map<T> (step->x[k], step->x_pixel[k], channels),
                        { y.at + first, y.pixel }, lw_cuda_step_rows (step), channels, false);
    first += channels;
  }
  return code;
}

template <class T>
cudaError_t
launch_concat_gradient (LwDevice *device, const LwStep *step)
{
  const LwMap<const T> dy = lw_map<T> (step->dy, step->dy_pixel, step->y_shape.c);
  cudaError_t code = cudaSuccess;
  int64_t first = 0;

  for (int32_t k = 0; k < step->n_x && code == cudaSuccess; k++) {
    const int32_t channels = step->x_shape[k].c;

    if (step->dx[k] != NULL)
      code = launch_copy<T> (device, { dy.at + first, dy.pixel },
                             lw_map<T> (step->dx[k], step->dx_pixel[k], channels),
                             lw_cuda_step_rows (step), channels, step->accumulate >> k & 1);
    first += channels;
  }
  return code;
}

/* Of each example a matrix [rows][columns]. */
template <class T>
cudaError_t
launch_transpose (LwDevice *device, const void *from, void *to, int32_t n, int32_t rows,
                  int32_t columns, bool accumulate)
{
  const int64_t squares = (int64_t)((rows + SIDE - 1) / SIDE) * ((columns + SIDE - 1) / SIDE);

  return lw_launch (transpose<T>, dim3 ((unsigned)(n * squares)), dim3 (SIDE, SQUARE_ROWS), 0,
                    device->stream, (const T *)from, (T *)to, rows, columns, accumulate);
}

} // namespace

bool
lw_cuda_nothing (LwDevice *device, const LwStep *step, GError **error)
{
  (void)device;
  (void)step;
  (void)error;
  return true;
}

bool
lw_cuda_add_forward (LwDevice *device, const LwStep *step, GError **error)
{
  return lw_cuda_link_done (step, false) ||
         lw_cuda_check (device->bf16 ? launch_add<LwBf16> (device, step)
                                     : launch_add<float> (device, step),
                        "sum", error);
}

bool
lw_cuda_add_backward (LwDevice *device, const LwStep *step, GError **error)
{
  return lw_cuda_check (device->bf16 ? launch_add_gradient<LwBf16> (device, step)
                                     : launch_add_gradient<float> (device, step),
                        "sum's gradient", error);
}

bool
lw_cuda_concat_forward (LwDevice *device, const LwStep *step, GError **error)
{
  return lw_cuda_check (device->bf16 ? launch_concat<LwBf16> (device, step)
                                     : launch_concat<float> (device, step),
                        "concat", error);
}

bool
lw_cuda_concat_backward (LwDevice *device, const LwStep *step, GError **error)
{
  return lw_cuda_check (device->bf16 ? launch_concat_gradient<LwBf16> (device, step)
                                     : launch_concat_gradient<float> (device, step),
                        "concat's gradient", error);
}

bool
lw_cuda_flatten_forward (LwDevice *device, const LwStep *step, GError **error)
{
  const LwShape map = step->x_shape[0];
  const auto launch = device->bf16 ? launch_transpose<LwBf16> : launch_transpose<float>;

  return step->x[0] == step->y ||
         lw_cuda_check (launch (device, step->x[0], step->y, step->n, map.h * map.w, map.c, false),
                        "flatten", error);
}

bool
lw_cuda_flatten_backward (LwDevice *device, const LwStep *step, GError **error)
{
  const LwShape map = step->x_shape[0];
  const auto launch = device->bf16 ? launch_transpose<LwBf16> : launch_transpose<float>;

  return step->dx[0] == NULL || step->dx[0] == step->dy ||
         lw_cuda_check (launch (device, step->dy, step->dx[0], step->n, map.c, map.h * map.w,
                                step->accumulate & 1),
                        "flatten gradient", error);
}
