/* The gradient of batch normalization (batch_norm.cu has the formulas and their source):
 *
 *   dβ += Σ dy          dγ += Σ dy x̂
 *   dx = γ / √(σ² + ε) · (dy − 1/m Σ dy − x̂ · 1/m Σ dy x̂)
 *
 * Shapes: x, dy, dx are matrices [m][c], of either type (number.cuh), some columns of wider ones
 * perhaps; all else is float32. The workspace holds partial sums [splits][c] and the two means [c]
 * each. Ideas:
 *  1. Sums of columns in two launches (columns.cuh), and a third for dx: five numbers moved for
 * each of x. What belongs to a channel stays in registers.
 *  2. Of max (0, ·) behind it (link.h) it knows where y was positive by making y again from x,
 * which it reads anyway.
 *  3. Where processes share a batch and its statistics (sums.h), dβ and dγ are this process's; of
 *     the sums each has those of all, in double precision, adds them up in the order of the
 *     processes, and m is the whole batch's.
 * After an inference forward μ and σ² are constants and dx = γ dy / √(σ² + ε).
 * Reference twin: kernels/reference/batch_norm.c. */
#include "kernels/cuda/batch_norm.cuh"
#include "kernels/cuda/columns.cuh"
#include "kernels/cuda/link.h"
#include "kernels/cuda/sums.h"

namespace {

/* dy and dy · x̂, with `relu` where y is positive. */
template <class T, int V> struct Gradients {
  LwNormScale scale;
  LwMap<const T> x, dy;
  bool relu;
  LwNorm<V> norm;

  __device__ void begin (int32_t column)
  {
    norm.begin (scale, column);
  }
  __device__ void operator() (int64_t row, int32_t column, float (&a)[V], float (&b)[V]) const
  {
    float value[V];

    lw_load<V> (x (row, column), V, value);
    lw_load<V> (dy (row, column), V, a);
    for (int i = 0; i < V; i++) {
      if (relu && norm.template apply<T> (i, value[i], true) <= 0)
        a[i] = 0;
      b[i] = a[i] * norm.normal (i, value[i]);
    }
  }
};

/* dβ and dγ, and the means of dy and dy · x̂ for dx; or, for who gathers them, the sums. */
__global__ void
conclude_gradients (const float2 *partial, int32_t splits, int64_t rows, int32_t channels,
                    float *dgamma, float *dbeta, float2 *means, double2 *own)
{
  for (int64_t c = lw_each_first (); c < channels; c += lw_each_stride ()) {
    const double2 total = lw_column_total (partial, splits, channels, (int32_t)c);

    if (dbeta != nullptr)
      dbeta[c] += (float)total.x;
    if (dgamma != nullptr)
      dgamma[c] += (float)total.y;
    if (own != nullptr)
      own[c] = total;
    else
      means[c] = make_float2 ((float)(total.x / (double)rows), (float)(total.y / (double)rows));
  }
}

/* Of `count` processes their own [channels]; `values` are the whole batch's. */
__global__ void
conclude_all_gradients (const double2 *all, int32_t count, double values, int32_t channels,
                        float2 *means)
{
  for (int64_t c = lw_each_first (); c < channels; c += lw_each_stride ()) {
    double2 total = make_double2 (0, 0);

    for (int32_t i = 0; i < count; i++) {
      total.x += all[(int64_t)i * channels + c].x;
      total.y += all[(int64_t)i * channels + c].y;
    }
    means[c] = make_float2 ((float)(total.x / values), (float)(total.y / values));
  }
}

/* means = nullptr: μ and σ² do not depend on x. */
template <class T, int V>
__global__ void
write_gradient (LwEach each, LwNormScale scale, LwMap<const T> x, LwMap<const T> dy,
                const float2 *means, LwMap<T> dx, bool relu, bool accumulate)
{
  const int32_t first = (int32_t)(blockIdx.y * blockDim.x + threadIdx.x) * V;
  LwNorm<V> norm;
  float2 mean[V];

  norm.begin (scale, first);
  for (int i = 0; i < V; i++)
    mean[i] = means != nullptr && first < each.columns ? means[first + i] : make_float2 (0, 0);
  lw_each<V> (each, [&] (int64_t row, int32_t column, int count) {
    float value[V], slope[V];

    lw_load<V> (x (row, column), count, value);
    lw_load<V> (dy (row, column), count, slope);
    for (int i = 0; i < V; i++) {
      if (relu && norm.template apply<T> (i, value[i], true) <= 0)
        slope[i] = 0;
      slope[i] = norm.gamma[i] * norm.by[i] *
                 (slope[i] - mean[i].x - norm.normal (i, value[i]) * mean[i].y);
    }
    lw_store<V> (dx (row, column), count, slope, accumulate);
  });
}

template <class T, int V>
cudaError_t
launch_sums (LwDevice *device, const LwColumns &shape, const Gradients<T, V> &values,
             float2 *partial)
{
  return lw_launch (lw_column_sums<T, V, Gradients<T, V>>, shape.grid, shape.block, 0,
                    device->stream, shape, values, partial);
}

double2 *
own_sums (LwDevice *device, const LwStep *step)
{
  return lw_norm_is_shared (step) ? (double2 *)lw_cuda_own (device) : NULL;
}

struct GradientParts {
  LwColumns shape;
  float2 *partial, *means; /* in the workspace */
};

template <class T>
GradientParts
parts_of (const LwStep *step, const LwMap<const T> &x, const LwMap<const T> &dy)
{
  const int32_t channels = step->y_shape.c;
  const LwColumns shape = lw_columns_of<T> (lw_cuda_step_rows (step), channels,
                                            lw_map_has_vectors (x) && lw_map_has_vectors (dy));
  float2 *partial = (float2 *)step->workspace;

  return { shape, partial, partial + (int64_t)shape.splits * channels };
}

template <class T>
LwMap<const T>
input_of (const LwStep *step)
{
  return lw_map<T> (step->x[0], step->x_pixel[0], step->y_shape.c);
}

template <class T>
LwMap<const T>
slope_of (const LwStep *step)
{
  return lw_map<T> (step->dy, step->dy_pixel, step->y_shape.c);
}

/* The gradient's three launches: sums in two, and dx. */
template <class T>
cudaError_t
launch_gradient_sums (LwDevice *device, const LwStep *step)
{
  enum { VECTOR = LwNumber<T>::VECTOR };
  const int32_t channels = step->y_shape.c;
  const LwMap<const T> x = input_of<T> (step), dy = slope_of<T> (step);
  const GradientParts parts = parts_of<T> (step, x, dy);
  const LwColumns &shape = parts.shape;
  const LwNormScale scale = lw_norm_scale (step);
  const bool relu = lw_cuda_link_relu_gradient (step);
  const cudaError_t code =
      shape.vector
          ? launch_sums (device, shape, Gradients<T, VECTOR>{ scale, x, dy, relu, {} },
                         parts.partial)
          : launch_sums (device, shape, Gradients<T, 1>{ scale, x, dy, relu, {} }, parts.partial);

  return code != cudaSuccess
             ? code
             : lw_launch (conclude_gradients, lw_each_blocks (channels), LW_EACH_THREADS, 0,
                          device->stream, (const float2 *)parts.partial, shape.splits, shape.rows,
                          channels, (float *)step->dparam[LW_ROLE_WEIGHT],
                          (float *)step->dparam[LW_ROLE_BIAS], parts.means,
                          own_sums (device, step));
}

/* Over all processes; only then are the means there. An example that counts nothing has no part in
 * the means either, and no gradient. */
template <class T>
bool
gather_gradient_sums (LwDevice *device, const LwStep *step, GError **error)
{
  const int32_t channels = step->y_shape.c;
  float2 *means = parts_of<T> (step, input_of<T> (step), slope_of<T> (step)).means;
  const double *all;
  int32_t count;

  return lw_cuda_gather (device, step->collective, 2 * channels, LW_REDUCE_SUM, &all, &count,
                         error) &&
         lw_cuda_check (lw_launch (conclude_all_gradients, lw_each_blocks (channels),
                                   LW_EACH_THREADS, 0, device->stream, (const double2 *)all, count,
                                   lw_step_mean_values (step), channels, means),
                        "batch normalization's sums", error);
}

template <class T>
cudaError_t
launch_write_gradient (LwDevice *device, const LwStep *step)
{
  enum { VECTOR = LwNumber<T>::VECTOR };
  const int32_t channels = step->y_shape.c;
  const LwMap<const T> x = input_of<T> (step), dy = slope_of<T> (step);
  const LwMap<T> dx = lw_map<T> (step->dx[0], step->dx_pixel[0], channels);
  const LwEach each = lw_each_of<T> (lw_cuda_step_rows (step), channels, x, dy, dx);
  const auto kernel = each.vector ? write_gradient<T, VECTOR> : write_gradient<T, 1>;

  return lw_launch (kernel, each.grid, each.block, 0, device->stream, each, lw_norm_scale (step), x,
                    dy, step->training ? (const float2 *)parts_of<T> (step, x, dy).means : nullptr,
                    dx, lw_cuda_link_relu_gradient (step), step->accumulate & 1);
}

template <class T>
bool
make_gradient (LwDevice *device, const LwStep *step, GError **error)
{
  return lw_cuda_check (launch_gradient_sums<T> (device, step), "batch normalization's gradient",
                        error) &&
         (!lw_norm_is_shared (step) || gather_gradient_sums<T> (device, step, error)) &&
         (step->dx[0] == NULL || lw_cuda_check (launch_write_gradient<T> (device, step),
                                                "batch normalization's gradient", error));
}

} // namespace

bool
lw_cuda_batch_norm_backward (LwDevice *device, const LwStep *step, GError **error)
{
  return device->bf16 ? make_gradient<LwBf16> (device, step, error)
                      : make_gradient<float> (device, step, error);
}
