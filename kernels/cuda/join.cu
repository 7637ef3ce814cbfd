/* Operations that only move numbers or add them up:
 *
 *   input     y is what was uploaded; there is nothing to compute
 *   flatten   y = x in the order [c][h][w], one row an example     dx = dy likewise
 *   sum       y = Σ_k x_k                                          dx_k = dy
 *   concat    y[pixel] = x_0[pixel], x_1[pixel], … one after another, dx_k = its channels of dy
 *
 * Shapes: maps are [n][h][w][c]. PyTorch flattens [c][h][w], and the weights behind are in its
 * order, so flattening a map moves its numbers: a pixel's channels no longer lie together. Ideas:
 * one thread a number (each.cuh). A sum reads all its inputs at once, so y may be any of them.
 * Reference twin: kernels/reference/join.c. */
#include "kernels/cuda/device.h"
#include "kernels/cuda/each.cuh"

namespace {

struct Inputs {
  const float *x[LW_MAX_INPUTS];
  int32_t n;
};

__global__ void
add (Inputs inputs, float *y, int64_t n)
{
  for (int64_t i = lw_each_first (); i < n; i += lw_each_stride ()) {
    float sum = inputs.x[0][i];

    for (int32_t k = 1; k < inputs.n; k++)
      sum += inputs.x[k][i];
    y[i] = sum;
  }
}

/* Columns of one matrix become columns of another: to[r][to_first + c] (+)= from[r][from_first +
 * c], c < columns. */
__global__ void
move_columns (const float *from, int64_t from_width, int64_t from_first, float *to,
              int64_t to_width, int64_t to_first, int64_t rows, int64_t columns, bool accumulate)
{
  for (int64_t i = lw_each_first (); i < rows * columns; i += lw_each_stride ()) {
    const int64_t row = i / columns, column = i % columns;

    lw_each_store (&to[row * to_width + to_first + column],
                   from[row * from_width + from_first + column], accumulate);
  }
}

/* to[k][j][i] (+)= from[k][i][j]: n matrices [rows][columns], each transposed. Reads are together.
 */
__global__ void
transpose (const float *from, float *to, int64_t n, int64_t rows, int64_t columns, bool accumulate)
{
  for (int64_t i = lw_each_first (); i < n * rows * columns; i += lw_each_stride ()) {
    const int64_t column = i % columns, row = i / columns % rows, k = i / columns / rows;

    lw_each_store (&to[(k * columns + column) * rows + row], from[i], accumulate);
  }
}

bool
move (LwDevice *device, const void *from, int64_t from_width, int64_t from_first, void *to,
      int64_t to_width, int64_t to_first, int64_t rows, int64_t columns, bool accumulate,
      GError **error)
{
  if (from == to && !accumulate)
    return true;
  return lw_cuda_check (lw_launch (move_columns, lw_each_blocks (rows * columns), LW_EACH_THREADS,
                                   0, device->stream, (const float *)from, from_width, from_first,
                                   (float *)to, to_width, to_first, rows, columns, accumulate),
                        "move", error);
}

int64_t
pixels_of (const LwStep *step)
{
  return (int64_t)step->n * step->y_shape.h * step->y_shape.w;
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
  const int64_t n = lw_cuda_step_size (step);
  Inputs inputs = {};

  inputs.n = step->n_x;
  for (int32_t k = 0; k < step->n_x; k++)
    inputs.x[k] = (const float *)step->x[k];
  return lw_cuda_check (lw_launch (add, lw_each_blocks (n), LW_EACH_THREADS, 0, device->stream,
                                   inputs, (float *)step->y, n),
                        "sum", error);
}

/* Where dx_0 is dy it has all it needs; the others are done before it could change. */
bool
lw_cuda_add_backward (LwDevice *device, const LwStep *step, GError **error)
{
  const int64_t n = lw_cuda_step_size (step);

  for (int32_t k = 0; k < step->n_x; k++)
    if (step->dx[k] != NULL &&
        !move (device, step->dy, n, 0, step->dx[k], n, 0, 1, n, step->accumulate >> k & 1, error))
      return false;
  return true;
}

bool
lw_cuda_concat_forward (LwDevice *device, const LwStep *step, GError **error)
{
  int64_t first = 0;

  for (int32_t k = 0; k < step->n_x; k++) {
    const int64_t channels = step->x_shape[k].c;

    if (!move (device, step->x[k], channels, 0, step->y, step->y_shape.c, first, pixels_of (step),
               channels, false, error))
      return false;
    first += channels;
  }
  return true;
}

bool
lw_cuda_concat_backward (LwDevice *device, const LwStep *step, GError **error)
{
  int64_t first = 0;

  for (int32_t k = 0; k < step->n_x; k++) {
    const int64_t channels = step->x_shape[k].c;

    if (step->dx[k] != NULL &&
        !move (device, step->dy, step->y_shape.c, first, step->dx[k], channels, 0, pixels_of (step),
               channels, step->accumulate >> k & 1, error))
      return false;
    first += channels;
  }
  return true;
}

bool
lw_cuda_flatten_forward (LwDevice *device, const LwStep *step, GError **error)
{
  const LwShape map = step->x_shape[0];
  const int64_t pixels = (int64_t)map.h * map.w;

  if (step->x[0] == step->y)
    return true;
  return lw_cuda_check (lw_launch (transpose, lw_each_blocks (lw_cuda_step_size (step)),
                                   LW_EACH_THREADS, 0, device->stream, (const float *)step->x[0],
                                   (float *)step->y, step->n, pixels, map.c, false),
                        "flatten", error);
}

bool
lw_cuda_flatten_backward (LwDevice *device, const LwStep *step, GError **error)
{
  const LwShape map = step->x_shape[0];
  const int64_t pixels = (int64_t)map.h * map.w;

  if (step->dx[0] == NULL || step->dx[0] == step->dy)
    return true;
  return lw_cuda_check (lw_launch (transpose, lw_each_blocks (lw_cuda_step_size (step)),
                                   LW_EACH_THREADS, 0, device->stream, (const float *)step->dy,
                                   (float *)step->dx[0], step->n, map.c, pixels,
                                   step->accumulate & 1),
                        "flatten gradient", error);
}
