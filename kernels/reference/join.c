/* Operations that only move numbers or add them up:
 *
 *   input     y is what was uploaded; there is nothing to compute
 *   flatten   y = x, read as one row an example             dx = dy
 *   sum       y = Σ_k x_k                                   dx_k = dy
 *   concat    y[n] = x_0[n], x_1[n], … one after another    dx_k = its channels of dy
 *
 * Concatenation along channels: in NCHW an example's channels are contiguous, so each input gives
 * one contiguous piece of each example. */
#include "kernels/reference/clones.h"
#include "kernels/reference/device.h"

#include <string.h>

/* to (+)= from; they may be the same memory. */
LW_CLONES static void
move (const float *from, float *to, int64_t n, bool accumulate)
{
  if (accumulate)
    for (int64_t i = 0; i < n; i++)
      to[i] += from[i];
  else if (to != from)
    memcpy (to, from, sizeof (float) * (size_t)n);
}

bool
lw_ref_nothing (LwDevice *device, const LwStep *step, GError **error)
{
  (void)device;
  (void)step;
  (void)error;
  return true;
}

/* --- flatten and sum -------------------------------------------------------------------------- */

/* y ← Σ x; where y is one of the x, that one comes first. */
static void
add_blocks (const void *data, int64_t first, int64_t last, int thread)
{
  const LwStep *step = data;
  const int64_t start = first * LW_BLOCK;
  const int64_t n = lw_blocks_size (lw_ref_step_size (step), first, last);
  int32_t kept = 0;

  for (int32_t k = 1; k < step->n_x; k++)
    if (step->x[k] == step->y)
      kept = k;
  (void)thread;
  move ((const float *)step->x[kept] + start, (float *)step->y + start, n, false);
  for (int32_t k = 0; k < step->n_x; k++)
    if (k != kept)
      move ((const float *)step->x[k] + start, (float *)step->y + start, n, true);
}

static void
add_gradient_blocks (const void *data, int64_t first, int64_t last, int thread)
{
  const LwStep *step = data;
  const int64_t start = first * LW_BLOCK;
  const int64_t n = lw_blocks_size (lw_ref_step_size (step), first, last);

  (void)thread;
  for (int32_t k = 0; k < step->n_x; k++)
    if (step->dx[k])
      move ((const float *)step->dy + start, (float *)step->dx[k] + start, n,
            step->accumulate >> k & 1);
}

bool
lw_ref_add_forward (LwDevice *device, const LwStep *step, GError **error)
{
  (void)error;
  lw_ref_parallel_for (device, lw_blocks (lw_ref_step_size (step)), add_blocks, step);
  return true;
}

bool
lw_ref_add_backward (LwDevice *device, const LwStep *step, GError **error)
{
  (void)error;
  lw_ref_parallel_for (device, lw_blocks (lw_ref_step_size (step)), add_gradient_blocks, step);
  return true;
}

/* --- concat ----------------------------------------------------------------------------------- */

static void
concat_examples (const void *data, int64_t first, int64_t last, int thread)
{
  const LwStep *step = data;

  (void)thread;
  for (int64_t n = first; n < last; n++) {
    float *y = (float *)step->y + n * lw_shape_size (step->y_shape);

    for (int32_t k = 0; k < step->n_x; k++) {
      const int64_t size = lw_shape_size (step->x_shape[k]);

      move ((const float *)step->x[k] + n * size, y, size, false);
      y += size;
    }
  }
}

static void
concat_gradient_examples (const void *data, int64_t first, int64_t last, int thread)
{
  const LwStep *step = data;

  (void)thread;
  for (int64_t n = first; n < last; n++) {
    const float *dy = (const float *)step->dy + n * lw_shape_size (step->y_shape);

    for (int32_t k = 0; k < step->n_x; k++) {
      const int64_t size = lw_shape_size (step->x_shape[k]);

      if (step->dx[k])
        move (dy, (float *)step->dx[k] + n * size, size, step->accumulate >> k & 1);
      dy += size;
    }
  }
}

bool
lw_ref_concat_forward (LwDevice *device, const LwStep *step, GError **error)
{
  (void)error;
  lw_ref_parallel_for (device, step->n, concat_examples, step);
  return true;
}

bool
lw_ref_concat_backward (LwDevice *device, const LwStep *step, GError **error)
{
  (void)error;
  lw_ref_parallel_for (device, step->n, concat_gradient_examples, step);
  return true;
}
