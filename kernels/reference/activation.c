/* Activations, number by number. Each gradient needs only the output y:
 *
 *   ReLU      y = max (0, x)                        dx = dy if y > 0, else 0
 *   sigmoid   y = 1 / (1 + exp (−x))                dx = dy · y (1 − y)
 *   tanh      y = (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ)           dx = dy · (1 − y²)
 *
 * ReLU: Nair and Hinton, "Rectified linear units improve restricted Boltzmann machines", ICML 2010;
 * its gradient at 0 is taken as 0. y may share its memory with x, and dx with dy. */
#include "kernels/reference/clones.h"
#include "kernels/reference/device.h"

#include <math.h>

/* A comparison with NaN is false, so that NaN stays NaN and a run that diverges can be seen. */
LW_CLONES static void
relu (const float *x, float *y, int64_t n)
{
  for (int64_t i = 0; i < n; i++)
    y[i] = x[i] < 0 ? 0 : x[i];
}

static void
sigmoid (const float *x, float *y, int64_t n)
{
  for (int64_t i = 0; i < n; i++)
    y[i] = 1 / (1 + expf (-x[i]));
}

static void
hyperbolic_tangent (const float *x, float *y, int64_t n)
{
  for (int64_t i = 0; i < n; i++)
    y[i] = tanhf (x[i]);
}

static void
forward_blocks (const void *data, int64_t first, int64_t last, int thread)
{
  const LwStep *step = data;
  const int64_t start = first * LW_BLOCK;
  const int64_t n = lw_blocks_size (lw_ref_step_size (step), first, last);
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

static inline float
gradient (LwOp op, float y, float dy)
{
  if (op == LW_OP_RELU)
    return y <= 0 ? 0 : dy;
  return op == LW_OP_SIGMOID ? dy * (y * (1 - y)) : dy * (1 - y * y);
}

LW_CLONES static void
backward_blocks (const void *data, int64_t first, int64_t last, int thread)
{
  const LwStep *step = data;
  const int64_t start = first * LW_BLOCK;
  const int64_t n = lw_blocks_size (lw_ref_step_size (step), first, last);
  const float *y = (const float *)step->y + start, *dy = (const float *)step->dy + start;
  float *dx = (float *)step->dx[0] + start;
  const LwOp op = step->op;

  (void)thread;
  if (step->accumulate & 1)
    for (int64_t i = 0; i < n; i++)
      dx[i] += gradient (op, y[i], dy[i]);
  else
    for (int64_t i = 0; i < n; i++)
      dx[i] = gradient (op, y[i], dy[i]);
}

bool
lw_ref_activation_forward (LwDevice *device, const LwStep *step, GError **error)
{
  (void)error;
  lw_ref_parallel_for (device, lw_blocks (lw_ref_step_size (step)), forward_blocks, step);
  return true;
}

bool
lw_ref_activation_backward (LwDevice *device, const LwStep *step, GError **error)
{
  (void)error;
  if (step->dx[0])
    lw_ref_parallel_for (device, lw_blocks (lw_ref_step_size (step)), backward_blocks, step);
  return true;
}
