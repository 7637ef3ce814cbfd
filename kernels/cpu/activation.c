/* Activations, number by number; the formulas are in ../reference/activation.c. Exponentials are
 * polynomials, so that the loops become vectors. */
#include "kernels/cpu/exponential.h"
#include "kernels/cpu/kernels.h"

/* A comparison with NaN is false, so that NaN stays NaN. */
static void
relu (const float *x, float *y, int64_t n)
{
  for (int64_t i = 0; i < n; i++)
    y[i] = x[i] < 0 ? 0 : x[i];
}

static void
sigmoid (const float *x, float *y, int64_t n)
{
  for (int64_t i = 0; i < n; i++)
    y[i] = 1 / (1 + lw_exponential (-x[i]));
}

/* (1 − e) / (1 + e), e = exp (−2|x|); near 0, where 1 − e loses its digits, x − x³/3 + … */
static void
hyperbolic_tangent (const float *x, float *y, int64_t n)
{
  for (int64_t i = 0; i < n; i++) {
    const float a = x[i] < 0 ? -x[i] : x[i], e = lw_exponential (-2 * a), s = a * a;
    const float far = (1 - e) / (1 + e);
    const float near = a + a * s *
                               (-0x1.555556p-2f +
                                s * (0x1.111112p-3f + s * (-0x1.ba1ba2p-5f + s * 0x1.664f48p-6f)));
    const float value = a < 0.25f ? near : far;

    y[i] = x[i] < 0 ? -value : value;
  }
}

static void
forward_blocks (const void *data, int64_t first, int64_t last, int thread)
{
  const LwStep *step = data;
  const int64_t start = first * LW_BLOCK;
  const int64_t n = lw_blocks_size (lw_step_size (step), first, last);
  const float *x = (const float *)step->x[0] + start;
  float *y = (float *)step->y + start;

  (void)thread;
  if (step->op == LW_OP_RELU)
    relu (x, y, n);
  else if (step->op == LW_OP_SIGMOID)
    sigmoid (x, y, n);
  else
    hyperbolic_tangent (x, y, n);
}

LW_INLINE float
gradient (LwOp op, float y, float dy)
{
  if (op == LW_OP_RELU)
    return y <= 0 ? 0 : dy;
  return op == LW_OP_SIGMOID ? dy * (y * (1 - y)) : dy * (1 - y * y);
}

LW_INLINE void
write_gradients (LwOp op, const float *y, const float *dy, float *dx, int64_t n, bool accumulate)
{
  if (accumulate)
    for (int64_t i = 0; i < n; i++)
      dx[i] += gradient (op, y[i], dy[i]);
  else
    for (int64_t i = 0; i < n; i++)
      dx[i] = gradient (op, y[i], dy[i]);
}

static void
backward_blocks (const void *data, int64_t first, int64_t last, int thread)
{
  const LwStep *step = data;
  const int64_t start = first * LW_BLOCK;
  const int64_t n = lw_blocks_size (lw_step_size (step), first, last);
  const float *y = (const float *)step->y + start, *dy = (const float *)step->dy + start;
  float *dx = (float *)step->dx[0] + start;
  const bool accumulate = step->accumulate & 1;

  (void)thread;
  if (step->op == LW_OP_RELU)
    write_gradients (LW_OP_RELU, y, dy, dx, n, accumulate);
  else if (step->op == LW_OP_SIGMOID)
    write_gradients (LW_OP_SIGMOID, y, dy, dx, n, accumulate);
  else
    write_gradients (LW_OP_TANH, y, dy, dx, n, accumulate);
}

bool
LW_CPU (activation_forward) (LwDevice *device, const LwStep *step, GError **error)
{
  (void)error;
  lw_pool_run (device->pool, lw_blocks (lw_step_size (step)), forward_blocks, step);
  return true;
}

bool
LW_CPU (activation_backward) (LwDevice *device, const LwStep *step, GError **error)
{
  (void)error;
  if (step->dx[0])
    lw_pool_run (device->pool, lw_blocks (lw_step_size (step)), backward_blocks, step);
  return true;
}
