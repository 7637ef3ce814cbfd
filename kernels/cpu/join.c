/* Operations that only move numbers or add them up; the formulas are in ../reference/join.c.
 * Channels are innermost, so concatenation interleaves its inputs pixel by pixel, and flattening a
 * map transposes each example to channels first, the order of a vector's numbers. */
#include "kernels/cpu/kernels.h"

#include <string.h>

/* to (+)= from; they may be the same memory. */
static void
move (const float *from, float *to, int64_t n, bool accumulate)
{
  if (accumulate)
    for (int64_t i = 0; i < n; i++)
      to[i] += from[i];
  else if (to != from)
    memcpy (to, from, sizeof (float) * (size_t)n);
}

bool
LW_CPU (nothing) (LwDevice *device, const LwStep *step, GError **error)
{
  (void)device;
  (void)step;
  (void)error;
  return true;
}

/* --- sum -------------------------------------------------------------------------------------- */

static void
add_blocks (const void *data, int64_t first, int64_t last, int thread)
{
  const LwStep *step = data;
  const int64_t start = first * LW_BLOCK;
  const int64_t n = lw_blocks_size (lw_step_size (step), first, last);
  const float *a = (const float *)step->x[0] + start;
  float *y = (float *)step->y + start;

  (void)thread;
  if (step->n_x == 2) {
    const float *b = (const float *)step->x[1] + start;

    for (int64_t i = 0; i < n; i++)
      y[i] = a[i] + b[i];
    return;
  }
  for (int32_t k = 0; k < step->n_x; k++)
    move ((const float *)step->x[k] + start, y, n, k > 0);
}

static void
add_gradient_blocks (const void *data, int64_t first, int64_t last, int thread)
{
  const LwStep *step = data;
  const int64_t start = first * LW_BLOCK;
  const int64_t n = lw_blocks_size (lw_step_size (step), first, last);

  (void)thread;
  for (int32_t k = 0; k < step->n_x; k++)
    if (step->dx[k])
      move ((const float *)step->dy + start, (float *)step->dx[k] + start, n,
            step->accumulate >> k & 1);
}

bool
LW_CPU (add_forward) (LwDevice *device, const LwStep *step, GError **error)
{
  (void)error;
  lw_pool_run (device->pool, lw_blocks (lw_step_size (step)), add_blocks, step);
  return true;
}

bool
LW_CPU (add_backward) (LwDevice *device, const LwStep *step, GError **error)
{
  (void)error;
  lw_pool_run (device->pool, lw_blocks (lw_step_size (step)), add_gradient_blocks, step);
  return true;
}

/* --- concat: items are rows of a map ---------------------------------------------------------- */

static void
concat_rows (const void *data, int64_t first, int64_t last, int thread)
{
  const LwStep *step = data;
  const int64_t width = step->y_shape.w, channels = step->y_shape.c;
  int64_t at = 0;

  (void)thread;
  for (int32_t k = 0; k < step->n_x; at += step->x_shape[k++].c) {
    const int64_t own = step->x_shape[k].c;

    for (int64_t pixel = first * width; pixel < last * width; pixel++)
      move ((const float *)step->x[k] + pixel * own, (float *)step->y + pixel * channels + at, own,
            false);
  }
}

static void
concat_gradient_rows (const void *data, int64_t first, int64_t last, int thread)
{
  const LwStep *step = data;
  const int64_t width = step->y_shape.w, channels = step->y_shape.c;
  int64_t at = 0;

  (void)thread;
  for (int32_t k = 0; k < step->n_x; at += step->x_shape[k++].c) {
    const int64_t own = step->x_shape[k].c;

    for (int64_t pixel = first * width; step->dx[k] && pixel < last * width; pixel++)
      move ((const float *)step->dy + pixel * channels + at, (float *)step->dx[k] + pixel * own,
            own, step->accumulate >> k & 1);
  }
}

bool
LW_CPU (concat_forward) (LwDevice *device, const LwStep *step, GError **error)
{
  (void)error;
  lw_pool_run (device->pool, (int64_t)step->n * step->y_shape.h, concat_rows, step);
  return true;
}

bool
LW_CPU (concat_backward) (LwDevice *device, const LwStep *step, GError **error)
{
  (void)error;
  lw_pool_run (device->pool, (int64_t)step->n * step->y_shape.h, concat_gradient_rows, step);
  return true;
}

/* --- flatten ---------------------------------------------------------------------------------- */

bool
LW_CPU (flatten_forward) (LwDevice *device, const LwStep *step, GError **error)
{
  const LwShape map = step->x_shape[0];

  (void)error;
  if (step->y != step->x[0])
    lw_cpu_transpose (device, &(LwTransposition){ .from = step->x[0],
                                                  .to = step->y,
                                                  .n = step->n,
                                                  .rows = lw_pixels (map),
                                                  .columns = map.c });
  return true;
}

bool
LW_CPU (flatten_backward) (LwDevice *device, const LwStep *step, GError **error)
{
  const LwShape map = step->x_shape[0];

  (void)error;
  if (step->dx[0] && step->dx[0] != step->dy)
    lw_cpu_transpose (device, &(LwTransposition){ .from = step->dy,
                                                  .to = step->dx[0],
                                                  .n = step->n,
                                                  .rows = map.c,
                                                  .columns = lw_pixels (map),
                                                  .accumulate = step->accumulate & 1 });
  return true;
}
