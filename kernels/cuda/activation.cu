/* Activations, number by number:
 *
 *   ReLU      y = max (0, x)                        dx = dy if y > 0, else 0
 *   sigmoid   y = 1 / (1 + exp (−x))                dx = dy · y (1 − y)
 *   tanh      y = (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ)           dx = dy · (1 − y²)
 *
 * Shapes: n numbers, whatever they mean. y may be x, and dx may be dy.
 * Ideas: memory is the bound, two numbers forward and three backward for each, so a thread moves
 * 128 bits at a time (each.cuh). What would help more is not to run at all, but as part of the
 * layer before (link.h). Reference twin: kernels/reference/activation.c. */
#include "kernels/cuda/device.h"
#include "kernels/cuda/each.cuh"
#include "kernels/cuda/link.h"

#include <math.h>

namespace {

/* A comparison with NaN is false, so that NaN stays NaN and a run that diverges can be seen. */
template <LwOp op>
__device__ float
activate (float x)
{
  if (op == LW_OP_RELU)
    return x < 0 ? 0 : x;
  return op == LW_OP_SIGMOID ? 1 / (1 + expf (-x)) : tanhf (x);
}

template <LwOp op>
__device__ float
gradient (float y, float dy)
{
  if (op == LW_OP_RELU)
    return y <= 0 ? 0 : dy;
  return op == LW_OP_SIGMOID ? dy * (y * (1 - y)) : dy * (1 - y * y);
}

template <class T, int V, LwOp op>
__global__ void
forward (LwEach each, LwMap<const T> x, LwMap<T> y)
{
  lw_each<V> (each, [&] (int64_t row, int32_t column, int count) {
    float value[V];

    lw_load<V> (x (row, column), count, value);
    for (int i = 0; i < V; i++)
      value[i] = activate<op> (value[i]);
    lw_store<V> (y (row, column), count, value, false);
  });
}

template <class T, int V, LwOp op>
__global__ void
backward (LwEach each, LwMap<const T> y, LwMap<const T> dy, LwMap<T> dx, bool accumulate)
{
  lw_each<V> (each, [&] (int64_t row, int32_t column, int count) {
    float value[V], slope[V];

    lw_load<V> (y (row, column), count, value);
    lw_load<V> (dy (row, column), count, slope);
    for (int i = 0; i < V; i++)
      slope[i] = gradient<op> (value[i], slope[i]);
    lw_store<V> (dx (row, column), count, slope, accumulate);
  });
}

template <class T, LwOp op>
cudaError_t
launch_forward (LwDevice *device, const LwStep *step)
{
  const int32_t channels = step->y_shape.c;
  LwMap<const T> x = lw_map<T> (step->x[0], step->x_pixel[0], channels);
  LwMap<T> y = lw_map<T> (step->y, step->y_pixel, channels);
  const LwEach each = lw_each_plan<T> (lw_cuda_step_rows (step), channels, x, y);
  const auto kernel = each.vector ? forward<T, LwNumber<T>::VECTOR, op> : forward<T, 1, op>;

  return lw_launch (kernel, each.grid, each.block, 0, device->stream, each, x, y);
}

template <class T, LwOp op>
cudaError_t
launch_backward (LwDevice *device, const LwStep *step)
{
  const int32_t channels = step->y_shape.c;
  LwMap<const T> y = lw_map<T> ((const void *)step->y, step->y_pixel, channels);
  LwMap<const T> dy = lw_map<T> (step->dy, step->dy_pixel, channels);
  LwMap<T> dx = lw_map<T> (step->dx[0], step->dx_pixel[0], channels);
  const LwEach each = lw_each_plan<T> (lw_cuda_step_rows (step), channels, y, dy, dx);
  const auto kernel = each.vector ? backward<T, LwNumber<T>::VECTOR, op> : backward<T, 1, op>;

  return lw_launch (kernel, each.grid, each.block, 0, device->stream, each, y, dy, dx,
                    step->accumulate & 1);
}

template <class T>
cudaError_t
launch (LwDevice *device, const LwStep *step, bool is_forward)
{
  switch (step->op) {
  case LW_OP_RELU:
    return is_forward ? launch_forward<T, LW_OP_RELU> (device, step)
                      : launch_backward<T, LW_OP_RELU> (device, step);
  case LW_OP_SIGMOID:
    return is_forward ? launch_forward<T, LW_OP_SIGMOID> (device, step)
                      : launch_backward<T, LW_OP_SIGMOID> (device, step);
  default:
    return is_forward ? launch_forward<T, LW_OP_TANH> (device, step)
                      : launch_backward<T, LW_OP_TANH> (device, step);
  }
}

} // namespace

bool
lw_cuda_activation_forward (LwDevice *device, const LwStep *step, GError **error)
{
  return lw_cuda_link_done (step, false) ||
         lw_cuda_check (device->bf16 ? launch<LwBf16> (device, step, true)
                                     : launch<float> (device, step, true),
                        "activation", error);
}

bool
lw_cuda_activation_backward (LwDevice *device, const LwStep *step, GError **error)
{
  return step->dx[0] == NULL || lw_cuda_link_done (step, true) ||
         lw_cuda_check (device->bf16 ? launch<LwBf16> (device, step, false)
                                     : launch<float> (device, step, false),
                        "activation gradient", error);
}
