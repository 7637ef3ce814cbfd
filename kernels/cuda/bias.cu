/* Biases of convolutions and linear layers:
 *
 *   y[row][c] += b[c]            db[c] += Σ over the rows of dy[row][c]
 *
 * Shapes: y, dy [rows][columns], some columns of wider ones perhaps; a row is an example, or a
 * pixel of a map with its channels. Biases and their gradients are float32. Ideas: forward 128 bits
 * a thread, whose biases stay in registers (each.cuh); max (0, ·) in the same pass where that is
 * what follows (link.h). Backward sums of columns in two launches (columns.cuh). Reference twin:
 * the biases of kernels/reference/linear.c and conv2d.c. */
#include "kernels/cuda/columns.cuh"
#include "kernels/cuda/device.h"
#include "kernels/cuda/each.cuh"

namespace {

template <class T, int V>
__global__ void
add_bias (LwEach each, LwMap<T> y, const float *bias, bool relu)
{
  float own[V] = {};
  const int32_t first = (int32_t)(blockIdx.y * blockDim.x + threadIdx.x) * V;

  if (bias != nullptr && first < each.columns)
    lw_load<V> (bias + first, V, own);
  lw_each<V> (each, [&] (int64_t row, int32_t column, int count) {
    float value[V];

    lw_load<V> (y (row, column), count, value);
    for (int i = 0; i < V; i++) {
      value[i] = lw_rounded<T> (value[i] + own[i]);
      value[i] = relu && value[i] < 0 ? 0 : value[i];
    }
    lw_store<V> (y (row, column), count, value, false);
  });
}

template <class T, int V> struct Gradient {
  LwMap<const T> dy;

  __device__ void begin (int32_t column)
  {
    (void)column;
  }
  __device__ void operator() (int64_t row, int32_t column, float (&a)[V], float (&b)[V]) const
  {
    lw_load<V> (dy (row, column), V, a);
    for (int i = 0; i < V; i++)
      b[i] = 0;
  }
};

__global__ void
add_totals (const float2 *partial, int32_t splits, int32_t columns, float *dbias)
{
  for (int64_t c = lw_each_first (); c < columns; c += lw_each_stride ())
    dbias[c] += (float)lw_column_total (partial, splits, columns, (int32_t)c).x;
}

/* What a product summed beside its work (matmul_lt.c). */
__global__ void
add_sums (const float *sums, int32_t columns, float *dbias)
{
  for (int64_t c = lw_each_first (); c < columns; c += lw_each_stride ())
    dbias[c] += sums[c];
}

template <class T>
cudaError_t
launch_bias (LwDevice *device, void *to, int64_t pixel, const float *bias, int64_t rows,
             int32_t columns, bool relu)
{
  const LwMap<T> y = lw_map<T> (to, pixel, columns);
  const LwEach each = lw_each_of<T> (rows, columns, y);
  const auto kernel = each.vector ? add_bias<T, LwNumber<T>::VECTOR> : add_bias<T, 1>;

  return lw_launch (kernel, each.grid, each.block, 0, device->stream, each, y, bias, relu);
}

template <class T, int V>
cudaError_t
launch_sums (LwDevice *device, const LwColumns &shape, const LwMap<const T> &dy, float2 *partial)
{
  return lw_launch (lw_column_sums<T, V, Gradient<T, V>>, shape.grid, shape.block, 0,
                    device->stream, shape, Gradient<T, V>{ dy }, partial);
}

template <class T>
cudaError_t
launch_gradient (LwDevice *device, const void *from, int64_t pixel, float *dbias, int64_t rows,
                 int32_t columns, float2 *partial)
{
  const LwMap<const T> dy = lw_map<T> (from, pixel, columns);
  const LwColumns shape = lw_columns_of<T> (rows, columns, lw_map_has_vectors (dy));
  const cudaError_t code = shape.vector
                               ? launch_sums<T, LwNumber<T>::VECTOR> (device, shape, dy, partial)
                               : launch_sums<T, 1> (device, shape, dy, partial);

  return code != cudaSuccess
             ? code
             : lw_launch (add_totals, lw_each_blocks (columns), LW_EACH_THREADS, 0, device->stream,
                          (const float2 *)partial, shape.splits, columns, dbias);
}

} // namespace

size_t
lw_cuda_column_bytes (int64_t rows, int32_t columns)
{
  return sizeof (float2) * (size_t)columns *
         (size_t)lw_column_splits (rows, LW_COLUMN_ROWS * 16, LW_COLUMN_BF16_SPLITS);
}

bool
lw_cuda_add_bias (LwDevice *device, void *y, int64_t pixel, const float *bias, int64_t rows,
                  int32_t columns, bool relu, GError **error)
{
  const auto launch = device->bf16 ? launch_bias<LwBf16> : launch_bias<float>;

  return (bias == NULL && !relu) ||
         lw_cuda_check (launch (device, y, pixel, bias, rows, columns, relu), "bias", error);
}

bool
lw_cuda_bias_gradient (LwDevice *device, const void *dy, int64_t pixel, float *dbias, int64_t rows,
                       int32_t columns, void *partial, GError **error)
{
  const auto launch = device->bf16 ? launch_gradient<LwBf16> : launch_gradient<float>;

  return dbias == NULL ||
         lw_cuda_check (launch (device, dy, pixel, dbias, rows, columns, (float2 *)partial),
                        "bias gradient", error);
}

bool
lw_cuda_add_sums (LwDevice *device, float *dbias, const float *sums, int32_t columns,
                  GError **error)
{
  return lw_cuda_check (lw_launch (add_sums, lw_each_blocks (columns), LW_EACH_THREADS, 0,
                                   device->stream, sums, columns, dbias),
                        "bias gradient", error);
}
