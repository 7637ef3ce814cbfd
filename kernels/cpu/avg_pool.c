/* Average pooling; the formulas are in ../reference/pool.c. Windows take whole pixels, so that
 * channels fill the vectors. Backward, a pixel of dx collects from all windows that contain it.
 * Items are rows of a map, counted through the batch. */
#include "kernels/cpu/pool.h"

#include <string.h>

/* --- average ---------------------------------------------------------------------------------- */

static void
avg_pool_rows (const void *data, int64_t item, int64_t last, int thread)
{
  const LwStep *step = data;
  const LwShape from = step->x_shape[0], to = step->y_shape;
  const LwWindow window = step->node->window;
  const int64_t x_pixel = lw_pixel (step->x_pixel[0], from), y_pixel = lw_pixel (step->y_pixel, to);
  const float share = 1 / ((float)window.kernel * (float)window.kernel);

  (void)thread;
  for (; item < last; item++) {
    const float *image = (const float *)step->x[0] + item / to.h * lw_pixels (from) * x_pixel;
    const LwPoolPart rows = lw_pool_cells (window, from.h, (int32_t)(item % to.h));

    for (int32_t j = 0; j < to.w; j++) {
      const LwPoolPart columns = lw_pool_cells (window, from.w, j);
      float *y = (float *)step->y + (item * to.w + j) * y_pixel;

      memset (y, 0, sizeof (float) * (size_t)to.c);
      for (int32_t u = rows.first; u < rows.last; u++)
        for (int32_t v = columns.first; v < columns.last; v++) {
          const float *x =
              image + ((int64_t)(rows.start + u) * from.w + columns.start + v) * x_pixel;

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
  const int64_t dx_pixel = lw_pixel (step->dx_pixel[0], from);
  const int64_t dy_pixel = lw_pixel (step->dy_pixel, to);
  const float share = 1 / ((float)window.kernel * (float)window.kernel);

  (void)thread;
  for (; item < last; item++) {
    const LwPoolPart rows = lw_pool_windows (window, to.h, (int32_t)(item % from.h));
    const float *image = (const float *)step->dy + item / from.h * lw_pixels (to) * dy_pixel;

    for (int32_t x = 0; x < from.w; x++) {
      const LwPoolPart columns = lw_pool_windows (window, to.w, x);
      float *dx = (float *)step->dx[0] + (item * from.w + x) * dx_pixel;

      if (!(step->accumulate & 1))
        memset (dx, 0, sizeof (float) * (size_t)from.c);
      for (int32_t i = rows.first; i < rows.last; i++)
        for (int32_t j = columns.first; j < columns.last; j++) {
          const float *dy = image + ((int64_t)i * to.w + j) * dy_pixel;

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
  const int64_t pixel_size = lw_pixel (step->x_pixel[0], step->x_shape[0]);

  (void)thread;
  for (int64_t n = first; n < last; n++) {
    const float *x = (const float *)step->x[0] + n * pixels * pixel_size;
    float *y = (float *)step->y + n * channels;

    memset (y, 0, sizeof (float) * (size_t)channels);
    for (int64_t pixel = 0; pixel < pixels; pixel++)
      for (int64_t c = 0; c < channels; c++)
        y[c] += x[pixel * pixel_size + c];
    for (int64_t c = 0; c < channels; c++)
      y[c] /= (float)pixels;
  }
}

static void
global_avg_pool_gradient_examples (const void *data, int64_t first, int64_t last, int thread)
{
  const LwStep *step = data;
  const int64_t pixels = lw_pixels (step->x_shape[0]), channels = step->y_shape.c;
  const int64_t pixel_size = lw_pixel (step->dx_pixel[0], step->x_shape[0]);
  const float share = 1 / (float)pixels;

  (void)thread;
  for (int64_t n = first; n < last; n++) {
    const float *dy = (const float *)step->dy + n * channels;
    float *dx = (float *)step->dx[0] + n * pixels * pixel_size;

    for (int64_t pixel = 0; pixel < pixels; pixel++, dx += pixel_size)
      if (step->accumulate & 1)
        for (int64_t c = 0; c < channels; c++)
          dx[c] += dy[c] * share;
      else
        for (int64_t c = 0; c < channels; c++)
          dx[c] = dy[c] * share;
  }
}

/* --- the table's rows ------------------------------------------------------------------------- */

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
