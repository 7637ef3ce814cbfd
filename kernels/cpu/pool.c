/* Pooling; the formulas are in ../reference/pool.c. Windows take whole pixels, so that channels
 * fill the vectors. Maximum pooling's `state` holds each output's winner, the number of its cell in
 * the window, as int32. Backward, a pixel of dx collects from all windows that contain it. Items
 * are rows of a map, counted through the batch. */
#include "kernels/cpu/kernels.h"

#include <string.h>

/* Cells first … last − 1 of a window along one dimension lie inside the map; cell 0 is at `start`.
 */
typedef struct {
  int32_t start, first, last;
} Part;

static inline Part
part_of (LwWindow window, int32_t size, int32_t i)
{
  const int32_t start = window.stride * i - window.padding;

  return (Part){ start, MAX (0, -start), MIN (window.kernel, size - start) };
}

/* Windows first … last − 1 along one dimension contain place `at`. */
static inline Part
windows_of (LwWindow window, int32_t windows, int32_t at)
{
  const int32_t end = at + window.padding; /* window i covers s·i … s·i + k − 1 here */
  const int32_t first = end < window.kernel ? 0 : (end - window.kernel) / window.stride + 1;

  return (Part){ 0, first, MIN (windows, end / window.stride + 1) };
}

/* --- maximum ---------------------------------------------------------------------------------- */

/* A NaN wins too, so that a run that diverges can be seen. */
static void
take_larger (const float *restrict x, float *restrict best, int32_t *restrict winner, int32_t cell,
             int64_t n)
{
  for (int64_t c = 0; c < n; c++) {
    const bool better = (x[c] > best[c]) | (x[c] != x[c]);

    best[c] = better ? x[c] : best[c];
    winner[c] = better ? cell : winner[c];
  }
}

static void
take_larger_only (const float *restrict x, float *restrict best, int64_t n)
{
  for (int64_t c = 0; c < n; c++)
    best[c] = (x[c] > best[c]) | (x[c] != x[c]) ? x[c] : best[c];
}

static void
max_pool_pixel (const LwStep *step, const float *image, Part rows, Part columns, float *y,
                int32_t *winner)
{
  const LwShape from = step->x_shape[0];
  const int32_t kernel = step->node->window.kernel;
  const int64_t channels = from.c;

  for (int32_t u = rows.first; u < rows.last; u++)
    for (int32_t v = columns.first; v < columns.last; v++) {
      const float *x = image + ((int64_t)(rows.start + u) * from.w + columns.start + v) * channels;

      if (u == rows.first && v == columns.first) {
        memcpy (y, x, sizeof (float) * (size_t)channels);
        for (int64_t c = 0; winner && c < channels; c++)
          winner[c] = u * kernel + v;
      } else if (winner)
        take_larger (x, y, winner, u * kernel + v, channels);
      else
        take_larger_only (x, y, channels);
    }
}

static void
max_pool_rows (const void *data, int64_t item, int64_t last, int thread)
{
  const LwStep *step = data;
  const LwShape from = step->x_shape[0], to = step->y_shape;

  (void)thread;
  for (; item < last; item++) {
    const float *image = (const float *)step->x[0] + item / to.h * lw_shape_size (from);
    const Part rows = part_of (step->node->window, from.h, (int32_t)(item % to.h));

    for (int32_t j = 0; j < to.w; j++) {
      const int64_t at = (item * to.w + j) * to.c;

      max_pool_pixel (step, image, rows, part_of (step->node->window, from.w, j),
                      (float *)step->y + at, step->training ? (int32_t *)step->state + at : NULL);
    }
  }
}

static void
add_won (const float *restrict dy, const int32_t *restrict winner, int32_t cell, float *restrict dx,
         int64_t n)
{
  for (int64_t c = 0; c < n; c++)
    dx[c] += winner[c] == cell ? dy[c] : 0;
}

static void
max_pool_gradient_rows (const void *data, int64_t item, int64_t last, int thread)
{
  const LwStep *step = data;
  const LwShape from = step->x_shape[0], to = step->y_shape;
  const LwWindow window = step->node->window;

  (void)thread;
  for (; item < last; item++) {
    const int32_t y = (int32_t)(item % from.h);
    const Part rows = windows_of (window, to.h, y);
    const int64_t image = item / from.h * lw_shape_size (to);

    for (int32_t x = 0; x < from.w; x++) {
      const Part columns = windows_of (window, to.w, x);
      float *dx = (float *)step->dx[0] + (item * from.w + x) * from.c;

      if (!(step->accumulate & 1))
        memset (dx, 0, sizeof (float) * (size_t)from.c);
      for (int32_t i = rows.first; i < rows.last; i++)
        for (int32_t j = columns.first; j < columns.last; j++) {
          const int64_t at = image + ((int64_t)i * to.w + j) * to.c;
          const int32_t u = y + window.padding - window.stride * i;
          const int32_t v = x + window.padding - window.stride * j;

          add_won ((const float *)step->dy + at, (const int32_t *)step->state + at,
                   u * window.kernel + v, dx, from.c);
        }
    }
  }
}

/* --- average ---------------------------------------------------------------------------------- */

static void
avg_pool_rows (const void *data, int64_t item, int64_t last, int thread)
{
  const LwStep *step = data;
  const LwShape from = step->x_shape[0], to = step->y_shape;
  const LwWindow window = step->node->window;
  const float share = 1 / ((float)window.kernel * (float)window.kernel);

  (void)thread;
  for (; item < last; item++) {
    const float *image = (const float *)step->x[0] + item / to.h * lw_shape_size (from);
    const Part rows = part_of (window, from.h, (int32_t)(item % to.h));

    for (int32_t j = 0; j < to.w; j++) {
      const Part columns = part_of (window, from.w, j);
      float *y = (float *)step->y + (item * to.w + j) * to.c;

      memset (y, 0, sizeof (float) * (size_t)to.c);
      for (int32_t u = rows.first; u < rows.last; u++)
        for (int32_t v = columns.first; v < columns.last; v++) {
          const float *x =
              image + ((int64_t)(rows.start + u) * from.w + columns.start + v) * from.c;

          for (int32_t c = 0; c < to.c; c++)
            y[c] += x[c];
        }
      for (int32_t c = 0; c < to.c; c++)
        y[c] *= share;
    }
  }
}

static void
avg_pool_gradient_rows (const void *data, int64_t item, int64_t last, int thread)
{
  const LwStep *step = data;
  const LwShape from = step->x_shape[0], to = step->y_shape;
  const LwWindow window = step->node->window;
  const float share = 1 / ((float)window.kernel * (float)window.kernel);

  (void)thread;
  for (; item < last; item++) {
    const Part rows = windows_of (window, to.h, (int32_t)(item % from.h));
    const float *image = (const float *)step->dy + item / from.h * lw_shape_size (to);

    for (int32_t x = 0; x < from.w; x++) {
      const Part columns = windows_of (window, to.w, x);
      float *dx = (float *)step->dx[0] + (item * from.w + x) * from.c;

      if (!(step->accumulate & 1))
        memset (dx, 0, sizeof (float) * (size_t)from.c);
      for (int32_t i = rows.first; i < rows.last; i++)
        for (int32_t j = columns.first; j < columns.last; j++) {
          const float *dy = image + ((int64_t)i * to.w + j) * to.c;

          for (int32_t c = 0; c < from.c; c++)
            dx[c] += dy[c] * share;
        }
    }
  }
}

/* --- global average: items are examples ------------------------------------------------------- */

static void
global_avg_pool_examples (const void *data, int64_t first, int64_t last, int thread)
{
  const LwStep *step = data;
  const int64_t pixels = lw_pixels (step->x_shape[0]), channels = step->y_shape.c;

  (void)thread;
  for (int64_t n = first; n < last; n++) {
    const float *x = (const float *)step->x[0] + n * pixels * channels;
    float *y = (float *)step->y + n * channels;

    memset (y, 0, sizeof (float) * (size_t)channels);
    for (int64_t pixel = 0; pixel < pixels; pixel++)
      for (int64_t c = 0; c < channels; c++)
        y[c] += x[pixel * channels + c];
    for (int64_t c = 0; c < channels; c++)
      y[c] /= (float)pixels;
  }
}

static void
global_avg_pool_gradient_examples (const void *data, int64_t first, int64_t last, int thread)
{
  const LwStep *step = data;
  const int64_t pixels = lw_pixels (step->x_shape[0]), channels = step->y_shape.c;
  const float share = 1 / (float)pixels;

  (void)thread;
  for (int64_t n = first; n < last; n++) {
    const float *dy = (const float *)step->dy + n * channels;
    float *dx = (float *)step->dx[0] + n * pixels * channels;

    for (int64_t pixel = 0; pixel < pixels; pixel++, dx += channels)
      if (step->accumulate & 1)
        for (int64_t c = 0; c < channels; c++)
          dx[c] += dy[c] * share;
      else
        for (int64_t c = 0; c < channels; c++)
          dx[c] = dy[c] * share;
  }
}

/* --- the table's rows ------------------------------------------------------------------------- */

size_t
LW_CPU (max_pool_state_bytes) (LwDevice *device, const LwStep *step)
{
  (void)device;
  return sizeof (int32_t) * (size_t)(step->batch * lw_shape_size (step->y_shape));
}

bool
LW_CPU (max_pool_forward) (LwDevice *device, const LwStep *step, GError **error)
{
  (void)error;
  lw_pool_run (device->pool, (int64_t)step->n * step->y_shape.h, max_pool_rows, step);
  return true;
}

bool
LW_CPU (max_pool_backward) (LwDevice *device, const LwStep *step, GError **error)
{
  (void)error;
  if (step->dx[0])
    lw_pool_run (device->pool, (int64_t)step->n * step->x_shape[0].h, max_pool_gradient_rows, step);
  return true;
}

bool
LW_CPU (avg_pool_forward) (LwDevice *device, const LwStep *step, GError **error)
{
  (void)error;
  lw_pool_run (device->pool, (int64_t)step->n * step->y_shape.h, avg_pool_rows, step);
  return true;
}

bool
LW_CPU (avg_pool_backward) (LwDevice *device, const LwStep *step, GError **error)
{
  (void)error;
  if (step->dx[0])
    lw_pool_run (device->pool, (int64_t)step->n * step->x_shape[0].h, avg_pool_gradient_rows, step);
  return true;
}

bool
LW_CPU (global_avg_pool_forward) (LwDevice *device, const LwStep *step, GError **error)
{
  (void)error;
  lw_pool_run (device->pool, step->n, global_avg_pool_examples, step);
  return true;
}

bool
LW_CPU (global_avg_pool_backward) (LwDevice *device, const LwStep *step, GError **error)
{
  (void)error;
  if (step->dx[0])
    lw_pool_run (device->pool, step->n, global_avg_pool_gradient_examples, step);
  return true;
}
