/* Average pooling; the formulas are in ../reference/pool.c. Windows take whole pixels, so that
 * channels fill the vectors. Backward, a pixel of dx collects from all windows that contain it.
 * Items are rows of a map, counted through the batch. */
#include "kernels/cpu/pool.h"

/* --- average ---------------------------------------------------------------------------------- */

/* y ← share · Σ of the window's cells, whose first one inside is at x: `count` channels. */
LW_INLINE void
average (const LwNumber *x, int64_t line, int64_t pixel, int32_t rows, int32_t columns, float share,
         LwNumber *y, int64_t count)
{
  LwVec sum = { 0 };

  for (int32_t u = 0; u < rows; u++)
    for (int32_t v = 0; v < columns; v++)
      sum += lw_load_some (x + u * line + v * pixel, count);
  lw_store_some (y, sum * share, count);
}

/* All channels. */
LW_INLINE void
average_pixel (const LwNumber *x, int64_t line, int64_t pixel, int32_t rows, int32_t columns,
               float share, LwNumber *y, int64_t channels)
{
  int64_t c = 0;

  for (; c + LW_LANES <= channels; c += LW_LANES)
    average (x + c, line, pixel, rows, columns, share, y + c, LW_LANES);
  if (c < channels)
    average (x + c, line, pixel, rows, columns, share, y + c, channels - c);
}

static void
avg_pool_rows (const void *data, int64_t item, int64_t last, int thread)
{
  const LwStep *step = data;
  const LwShape from = step->x_shape[0], to = step->y_shape;
  const LwWindow window = step->node->window;
  const int64_t x_pixel = lw_pixel (step->x_pixel[0], from), y_pixel = lw_pixel (step->y_pixel, to);
  const int64_t line = from.w * x_pixel;
  const LwPoolShares shares = lw_pool_shares (window, from, to);

  (void)thread;
  for (const int64_t begin = item; item < last; item++) {
    const LwNumber *image = (const LwNumber *)step->x[0] + item / to.h * lw_pixels (from) * x_pixel;
    const LwPoolPart rows = lw_pool_cells (window, from.h, (int32_t)(item % to.h));
    const int32_t height = rows.last - rows.first;

    lw_pool_read_rows (window, from, 0, image, x_pixel, (int32_t)(item % to.h), item == begin);
    for (int32_t j = 0; j < to.w; j++) {
      const LwPoolPart columns = lw_pool_cells (window, from.w, j);
      const LwNumber *x = image + (int64_t)(rows.start + rows.first) * line +
                          (columns.start + columns.first) * x_pixel;
      const int32_t width = columns.last - columns.first;
      const float share = lw_pool_share (&shares, (int32_t)(item % to.h), j);
      LwNumber *y = (LwNumber *)step->y + (item * to.w + j) * y_pixel;

      if (height == 2 && width == 2) /* sizes that the compiler sees */
        average_pixel (x, line, x_pixel, 2, 2, share, y, to.c);
      else if (height == 3 && width == 3)
        average_pixel (x, line, x_pixel, 3, 3, share, y, to.c);
      else
        average_pixel (x, line, x_pixel, height, width, share, y, to.c);
    }
  }
}

/* dx (+)= Σ share · dy over the windows, the first of which is at dy. */
LW_INLINE void
spread (const LwNumber *dy, int64_t line, int64_t pixel, LwPoolPart rows, LwPoolPart columns,
        const LwPoolShares *shares, bool accumulate, LwNumber *dx, int64_t count)
{
  LwVec sum = accumulate ? lw_load_some (dx, count) : (LwVec){ 0 };

  for (int32_t i = rows.first; i < rows.last; i++, dy += line)
    for (int32_t j = columns.first; j < columns.last; j++)
      sum += lw_load_some (dy + (j - columns.first) * pixel, count) * lw_pool_share (shares, i, j);
  lw_store_some (dx, sum, count);
}

static void
avg_pool_gradient_rows (const void *data, int64_t item, int64_t last, int thread)
{
  const LwStep *step = data;
  const LwShape from = step->x_shape[0], to = step->y_shape;
  const LwWindow window = step->node->window;
  const bool accumulate = step->accumulate & 1;
  const int64_t dx_pixel = lw_pixel (step->dx_pixel[0], from);
  const int64_t dy_pixel = lw_pixel (step->dy_pixel, to), line = to.w * dy_pixel;
  const LwPoolShares shares = lw_pool_shares (window, from, to);

  (void)thread;
  for (; item < last; item++) {
    const LwPoolPart rows = lw_pool_windows (window, to.h, (int32_t)(item % from.h));
    const LwNumber *image = (const LwNumber *)step->dy + item / from.h * lw_pixels (to) * dy_pixel;

    for (int32_t x = 0; x < from.w; x++) {
      const LwPoolPart columns = lw_pool_windows (window, to.w, x);
      const LwNumber *dy = image + rows.first * line + columns.first * dy_pixel;
      LwNumber *dx = (LwNumber *)step->dx[0] + (item * from.w + x) * dx_pixel;
      int64_t c = 0;

      for (; c + LW_LANES <= from.c; c += LW_LANES)
        spread (dy + c, line, dy_pixel, rows, columns, &shares, accumulate, dx + c, LW_LANES);
      if (c < from.c)
        spread (dy + c, line, dy_pixel, rows, columns, &shares, accumulate, dx + c, from.c - c);
    }
  }
}

/* --- global average: items are examples ------------------------------------------------------- */

LW_INLINE void
average_all (const LwNumber *x, int64_t pixels, int64_t pixel_size, LwNumber *y, int64_t count)
{
  LwVec sum = { 0 };

  for (int64_t pixel = 0; pixel < pixels; pixel++)
    sum += lw_load_some (x + pixel * pixel_size, count);
  lw_store_some (y, sum / (float)pixels, count);
}

static void
global_avg_pool_examples (const void *data, int64_t first, int64_t last, int thread)
{
  const LwStep *step = data;
  const int64_t pixels = lw_pixels (step->x_shape[0]), channels = step->y_shape.c;
  const int64_t pixel_size = lw_pixel (step->x_pixel[0], step->x_shape[0]);

  (void)thread;
  for (int64_t n = first; n < last; n++) {
    const LwNumber *x = (const LwNumber *)step->x[0] + n * pixels * pixel_size;
    LwNumber *y = (LwNumber *)step->y + n * channels;
    int64_t c = 0;

    lw_pool_read (x, pixels, pixel_size, channels);
    for (; c + LW_LANES <= channels; c += LW_LANES)
      average_all (x + c, pixels, pixel_size, y + c, LW_LANES);
    if (c < channels)
      average_all (x + c, pixels, pixel_size, y + c, channels - c);
  }
}

/* dx [pixels][channels] (+)= share · dy [channels] */
LW_INLINE void
spread_all (const LwNumber *dy, float share, bool accumulate, int64_t pixels, int64_t pixel_size,
            int64_t channels, LwNumber *dx)
{
  for (int64_t pixel = 0; pixel < pixels; pixel++, dx += pixel_size) {
    int64_t c = 0;

    for (; c + LW_LANES <= channels; c += LW_LANES)
      lw_store (dx + c, accumulate ? lw_load (dx + c) + lw_load (dy + c) * share
                                   : lw_load (dy + c) * share);
    if (c < channels) {
      const LwVec part = lw_load_part (dy + c, channels - c);

      lw_store_part (dx + c,
                     accumulate ? lw_load_part (dx + c, channels - c) + part * share : part * share,
                     channels - c);
    }
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
    const LwNumber *dy = (const LwNumber *)step->dy + n * channels;
    LwNumber *dx = (LwNumber *)step->dx[0] + n * pixels * pixel_size;

    if (step->accumulate & 1)
      spread_all (dy, share, true, pixels, pixel_size, channels, dx);
    else
      spread_all (dy, share, false, pixels, pixel_size, channels, dx);
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
