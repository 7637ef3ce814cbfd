/* Operations that only move numbers or add them up; the formulas are in ../reference/join.c.
 * Channels are innermost, so concatenation interleaves its inputs pixel by pixel, and flattening a
 * map transposes each example to channels first, the order of a vector's numbers. */
#include "kernels/cpu/batch_norm.h"
#include "kernels/cpu/conv2d.h"

#include <string.h>

/* to (+)= from; they may be the same memory. */
static void
move (const LwNumber *from, LwNumber *to, int64_t n, bool accumulate)
{
  int64_t i = 0;

  if (!accumulate) {
    if (to != from)
      memcpy (to, from, sizeof (LwNumber) * (size_t)n);
    return;
  }
  for (; i + LW_LANES <= n; i += LW_LANES)
    lw_store (to + i, lw_load (to + i) + lw_load (from + i));
  if (i < n)
    lw_store_part (to + i, lw_load_part (to + i, n - i) + lw_load_part (from + i, n - i), n - i);
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

typedef struct {
  const LwStep *step;
  LwRows rows;
  bool relu;
} Job;

static Job
job_new (const LwStep *step)
{
  bool strided = step->y_pixel || step->dy_pixel;

  for (int32_t k = 0; k < step->n_x; k++)
    strided = strided || step->x_pixel[k] || step->dx_pixel[k];
  return (Job){ step, lw_rows (step->n, step->y_shape, strided), lw_link (step).relu };
}

/* y ← Σ x, `count` numbers of a row */
LW_INLINE void
add_vector (const Job *job, int64_t row, int64_t i, int64_t count)
{
  const LwStep *step = job->step;
  LwVec sum = lw_load_some (
      (const LwNumber *)step->x[0] + row * lw_row_step (&job->rows, step->x_pixel[0]) + i, count);

  for (int32_t k = 1; k < step->n_x; k++)
    sum += lw_load_some (
        (const LwNumber *)step->x[k] + row * lw_row_step (&job->rows, step->x_pixel[k]) + i, count);
  lw_store_some ((LwNumber *)step->y + row * lw_row_step (&job->rows, step->y_pixel) + i,
                 job->relu ? lw_vec_relu (sum) : sum, count);
}

static void
add_rows (const void *data, int64_t first, int64_t last, int thread)
{
  const Job *job = data;
  const LwRows *rows = &job->rows;

  (void)thread;
  for (int64_t row = first * rows->group; row < MIN (last * rows->group, rows->rows); row++) {
    const int64_t n = lw_row_size (rows, row);
    int64_t i = 0;

    for (; i + LW_LANES <= n; i += LW_LANES)
      add_vector (job, row, i, LW_LANES);
    if (i < n)
      add_vector (job, row, i, n - i);
  }
}

static void
add_gradient_rows (const void *data, int64_t first, int64_t last, int thread)
{
  const Job *job = data;
  const LwStep *step = job->step;
  const LwRows *rows = &job->rows;

  (void)thread;
  for (int64_t row = first * rows->group; row < MIN (last * rows->group, rows->rows); row++) {
    const LwNumber *dy = (const LwNumber *)step->dy + row * lw_row_step (rows, step->dy_pixel);
    const int64_t n = lw_row_size (rows, row);

    for (int32_t k = 0; k < step->n_x; k++)
      if (step->dx[k])
        move (dy, (LwNumber *)step->dx[k] + row * lw_row_step (rows, step->dx_pixel[k]), n,
              step->accumulate >> k & 1);
  }
}

/* Is it the end of a convolution? */
static bool
is_added (const LwDevice *device, const LwStep *step)
{
  const LwStep *convolution = lw_link (step).added;

  return convolution && LW_CPU (conv2d_adds) (device, convolution);
}

const char *
LW_CPU (add_algorithm) (LwDevice *device, const LwStep *step, LwDirection direction)
{
  return direction == LW_FORWARD && is_added (device, step) ? "with its neighbour" : NULL;
}

bool
LW_CPU (add_forward) (LwDevice *device, const LwStep *step, GError **error)
{
  const Job job = job_new (step);

  (void)error;
  if (is_added (device, step))
    return true;
  if (lw_link (step).norm)
    LW_CPU (normalize_and_add) (device, step);
  else
    lw_pool_run (device->pool, lw_row_items (&job.rows), add_rows, &job);
  return true;
}

bool
LW_CPU (add_backward) (LwDevice *device, const LwStep *step, GError **error)
{
  const Job job = job_new (step);

  (void)error;
  lw_pool_run (device->pool, lw_row_items (&job.rows), add_gradient_rows, &job);
  return true;
}

/* --- concat: items are rows of a map. Inputs that lie in the output already stay there. --------
 */

static void
concat_rows (const void *data, int64_t first, int64_t last, int thread)
{
  const LwStep *step = data;
  const int64_t width = step->y_shape.w, y_pixel = lw_pixel (step->y_pixel, step->y_shape);
  LwNumber *y = step->y;

  (void)thread;
  for (int32_t k = 0; k < step->n_x; y += step->x_shape[k++].c) {
    const int64_t x_pixel = lw_pixel (step->x_pixel[k], step->x_shape[k]);
    const LwNumber *x = step->x[k];

    for (int64_t pixel = first * width; x != y && pixel < last * width; pixel++)
      move (x + pixel * x_pixel, y + pixel * y_pixel, step->x_shape[k].c, false);
  }
}

static void
concat_gradient_rows (const void *data, int64_t first, int64_t last, int thread)
{
  const LwStep *step = data;
  const int64_t width = step->y_shape.w, dy_pixel = lw_pixel (step->dy_pixel, step->y_shape);
  const LwNumber *dy = step->dy;

  (void)thread;
  for (int32_t k = 0; k < step->n_x; dy += step->x_shape[k++].c) {
    const int64_t dx_pixel = lw_pixel (step->dx_pixel[k], step->x_shape[k]);
    LwNumber *dx = step->dx[k];

    for (int64_t pixel = first * width; dx && dx != dy && pixel < last * width; pixel++)
      move (dy + pixel * dy_pixel, dx + pixel * dx_pixel, step->x_shape[k].c,
            step->accumulate >> k & 1);
  }
}

/* Whether all inputs, or their gradients, are slices of the whole. */
static bool
is_in_place (const LwStep *step, bool backward)
{
  const LwNumber *whole = backward ? step->dy : step->y;

  for (int32_t k = 0; k < step->n_x; whole += step->x_shape[k++].c)
    if (backward ? step->dx[k] != NULL && step->dx[k] != whole : step->x[k] != whole)
      return false;
  return true;
}

bool
LW_CPU (concat_forward) (LwDevice *device, const LwStep *step, GError **error)
{
  (void)error;
  if (!is_in_place (step, false))
    lw_pool_run (device->pool, (int64_t)step->n * step->y_shape.h, concat_rows, step);
  return true;
}

bool
LW_CPU (concat_backward) (LwDevice *device, const LwStep *step, GError **error)
{
  (void)error;
  if (!is_in_place (step, true))
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
                                                  .columns = map.c,
                                                  .from_bf16 = device->bf16,
                                                  .to_bf16 = device->bf16 });
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
                                                  .from_bf16 = device->bf16,
                                                  .to_bf16 = device->bf16,
                                                  .accumulate = step->accumulate & 1 });
  return true;
}
