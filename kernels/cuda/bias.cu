/* Biases of convolutions and linear layers:
 *
 *   y[row][c] += b[c]            db[c] += Σ over the rows of dy[row][c]
 *
 * Shapes: y, dy [rows][columns]; a row is an example, or a pixel of a map with its channels.
 * Ideas: forward one thread a number; backward sums of columns in two launches (columns.cuh).
 * Reference twin: the biases of kernels/reference/linear.c and conv2d.c. */
#include "kernels/cuda/columns.cuh"
#include "kernels/cuda/device.h"
#include "kernels/cuda/each.cuh"

namespace {

__global__ void
add_bias (float *y, const float *bias, int64_t n, int32_t columns)
{
  for (int64_t i = lw_each_first (); i < n; i += lw_each_stride ())
    y[i] += bias[i % columns];
}

struct Gradient {
  const float *dy;
  int32_t columns;

  __device__ float2 operator() (int64_t row, int32_t column) const
  {
    return make_float2 (dy[row * columns + column], 0);
  }
};

__global__ void
add_totals (const float2 *partial, int32_t splits, int32_t columns, float *dbias)
{
  for (int64_t c = lw_each_first (); c < columns; c += lw_each_stride ())
    dbias[c] += (float)lw_column_total (partial, splits, columns, (int32_t)c).x;
}

} // namespace

size_t
lw_cuda_column_bytes (int64_t rows, int32_t columns)
{
  return sizeof (float2) * (size_t)lw_column_splits (rows) * (size_t)columns;
}

bool
lw_cuda_add_bias (LwDevice *device, float *y, const float *bias, int64_t rows, int32_t columns,
                  GError **error)
{
  return bias == NULL ||
         lw_cuda_check (lw_launch (add_bias, lw_each_blocks (rows * columns), LW_EACH_THREADS, 0,
                                   device->stream, y, bias, rows * columns, columns),
                        "bias", error);
}

bool
lw_cuda_bias_gradient (LwDevice *device, const float *dy, float *dbias, int64_t rows,
                       int32_t columns, void *partial, GError **error)
{
  float2 *sums = (float2 *)partial;

  return dbias == NULL ||
         (lw_cuda_check (lw_launch (lw_column_sums<Gradient>, lw_column_grid (rows, columns),
                                    lw_column_block (), 0, device->stream, Gradient{ dy, columns },
                                    rows, columns, sums),
                         "bias gradient", error) &&
          lw_cuda_check (lw_launch (add_totals, lw_each_blocks (columns), LW_EACH_THREADS, 0,
                                    device->stream, sums, lw_column_splits (rows), columns, dbias),
                         "bias gradient", error));
}
