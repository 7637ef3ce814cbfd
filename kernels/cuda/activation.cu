/* Activations, number by number:
 *
 *   ReLU      y = max (0, x)                        dx = dy if y > 0, else 0
 *   sigmoid   y = 1 / (1 + exp (−x))                dx = dy · y (1 − y)
 *   tanh      y = (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ)           dx = dy · (1 − y²)
 *
 * Shapes: n numbers, whatever they mean. y may be x, and dx may be dy.
 * Ideas: one thread a number (each.cuh); nothing else can help, memory is the bound: 8 bytes a
 * number forward, 12 backward. What would help is not to run at all, but as part of the layer
 * before. Reference twin: kernels/reference/activation.c. */
#include "kernels/cuda/device.h"
#include "kernels/cuda/each.cuh"

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

template <LwOp op>
__global__ void
forward (const float *x, float *y, int64_t n)
{
  for (int64_t i = lw_each_first (); i < n; i += lw_each_stride ())
    y[i] = activate<op> (x[i]);
}

template <LwOp op>
__global__ void
backward (const float *y, const float *dy, float *dx, bool accumulate, int64_t n)
{
  for (int64_t i = lw_each_first (); i < n; i += lw_each_stride ())
    lw_each_store (&dx[i], gradient<op> (y[i], dy[i]), accumulate);
}

} // namespace

bool
lw_cuda_activation_forward (LwDevice *device, const LwStep *step, GError **error)
{
  const int64_t n = lw_cuda_step_size (step);
  const auto kernel = step->op == LW_OP_RELU      ? forward<LW_OP_RELU>
                      : step->op == LW_OP_SIGMOID ? forward<LW_OP_SIGMOID>
                                                  : forward<LW_OP_TANH>;

  return lw_cuda_check (lw_launch (kernel, lw_each_blocks (n), LW_EACH_THREADS, 0, device->stream,
                                   (const float *)step->x[0], (float *)step->y, n),
                        "activation", error);
}

bool
lw_cuda_activation_backward (LwDevice *device, const LwStep *step, GError **error)
{
  const int64_t n = lw_cuda_step_size (step);
  const auto kernel = step->op == LW_OP_RELU      ? backward<LW_OP_RELU>
                      : step->op == LW_OP_SIGMOID ? backward<LW_OP_SIGMOID>
                                                  : backward<LW_OP_TANH>;

  return step->dx[0] == NULL ||
         lw_cuda_check (lw_launch (kernel, lw_each_blocks (n), LW_EACH_THREADS, 0, device->stream,
                                   (const float *)step->y, (const float *)step->dy,
                                   (float *)step->dx[0], step->accumulate & 1, n),
                        "activation gradient", error);
}
