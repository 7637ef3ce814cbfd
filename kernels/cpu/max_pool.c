/* Maximum pooling; the formulas are in ../reference/pool.c. A vector of channels is compared over
 * all cells of its window in registers. `state` holds each output's winner, the number of its cell
 * in the window, in one byte where the window has at most 15 × 15 cells, else in four; NOBODY where
 * the gradient belongs to none, because the input is an activation max (0, ·) that is not positive
 * there (link.h). Backward, a pixel of dx collects from all windows that contain it, which needs no
 * second pass. Items are rows of a map, counted through the batch. */
#include "kernels/cpu/pool.h"

enum { NOBODY = 255, BYTE_SIDE = 15 };

typedef uint8_t LwBytes __attribute__ ((vector_size (LW_LANES)));
typedef uint8_t LwBytesAny __attribute__ ((vector_size (LW_LANES), aligned (1), may_alias));
typedef int32_t LwVecBitsAny __attribute__ ((vector_size (LW_LANES * 4), aligned (4), may_alias));

typedef struct {
  const LwStep *step;
  LwWindow window;
  LwShape from, to;
  int64_t x_pixel, y_pixel, dx_pixel, dy_pixel;
  bool wide;     /* winners of four bytes */
  bool winners;  /* to be written */
  bool positive; /* only positive winners */
} Job;

static Job
job_new (const LwStep *step)
{
  const LwShape from = step->x_shape[0], to = step->y_shape;

  return (Job){ .step = step,
                .window = step->node->window,
                .from = from,
                .to = to,
                .x_pixel = lw_pixel (step->x_pixel[0], from),
                .y_pixel = lw_pixel (step->y_pixel, to),
                .dx_pixel = lw_pixel (step->dx_pixel[0], from),
                .dy_pixel = lw_pixel (step->dy_pixel, to),
                .wide = step->node->window.kernel > BYTE_SIDE,
                .winners = step->training,
                .positive = lw_link (step).mask[0] && !(step->accumulate & 1) };
}

LW_INLINE void
store_winners (bool wide, void *state, int64_t at, LwVecBits winner)
{
  if (wide)
    *(LwVecBitsAny *)((int32_t *)state + at) = winner;
  else
    *(LwBytesAny *)((uint8_t *)state + at) = __builtin_convertvector(winner, LwBytes);
}

LW_INLINE LwVecBits
load_winners (bool wide, const void *state, int64_t at)
{
  if (wide)
    return *(const LwVecBitsAny *)((const int32_t *)state + at);
  return __builtin_convertvector(*(const LwBytesAny *)((const uint8_t *)state + at), LwVecBits);
}

/* --- forward ---------------------------------------------------------------------------------- */

/* One vector of channels of one window: the largest of x [cells], `line` and `pixel` numbers apart.
 * A NaN wins too, so that a run that diverges can be seen. */
LW_INLINE LwVec
largest (const float *x, int64_t line, int64_t pixel, LwPoolPart rows, LwPoolPart columns,
         int32_t kernel, LwVecBits *ret_winner)
{
  LwVec best = lw_vec_load (x);
  LwVecBits winner = (LwVecBits){ 0 } + (rows.first * kernel + columns.first);

  for (int32_t u = rows.first; u < rows.last; u++, x += line)
    for (int32_t v = columns.first; v < columns.last; v++) {
      const LwVec value = lw_vec_load (x + (v - columns.first) * pixel);
      const LwVecBits better = (value > best) | (value != value);

      best = (LwVec)(((LwVecBits)value & better) | ((LwVecBits)best & ~better));
      winner = ((u * kernel + v) & better) | (winner & ~better);
    }
  *ret_winner = winner;
  return best;
}

/* The same for one channel. */
static float
largest_one (const float *x, int64_t line, int64_t pixel, LwPoolPart rows, LwPoolPart columns,
             int32_t kernel, int32_t *ret_winner)
{
  float best = x[0];
  int32_t winner = rows.first * kernel + columns.first;

  for (int32_t u = rows.first; u < rows.last; u++, x += line)
    for (int32_t v = columns.first; v < columns.last; v++) {
      const float value = x[(v - columns.first) * pixel];

      if (value > best || value != value)
        best = value, winner = u * kernel + v;
    }
  *ret_winner = winner;
  return best;
}

/* All channels of one window, whose first cell inside is at x. */
LW_INLINE void
take_largest (bool wide, const Job *job, const float *x, LwPoolPart rows, LwPoolPart columns,
              float *y, int64_t state)
{
  const int64_t line = job->from.w * job->x_pixel, channels = job->to.c;
  int64_t c = 0;

  for (; c + LW_LANES <= channels; c += LW_LANES) {
    LwVecBits winner;
    const LwVec best =
        largest (x + c, line, job->x_pixel, rows, columns, job->window.kernel, &winner);

    lw_vec_store (y + c, best);
    if (job->winners) {
      if (job->positive) {
        const LwVecBits none = best <= 0;

        winner = (winner & ~none) | (none & NOBODY);
      }
      store_winners (wide, job->step->state, state + c, winner);
    }
  }
  for (; c < channels; c++) {
    int32_t winner;

    y[c] = largest_one (x + c, line, job->x_pixel, rows, columns, job->window.kernel, &winner);
    if (!job->winners)
      continue;
    if (job->positive && y[c] <= 0)
      winner = NOBODY;
    if (wide)
      ((int32_t *)job->step->state)[state + c] = winner;
    else
      ((uint8_t *)job->step->state)[state + c] = (uint8_t)winner;
  }
}

static void
forward_rows (const void *data, int64_t item, int64_t last, int thread)
{
  const Job *job = data;
  const LwShape from = job->from, to = job->to;

  (void)thread;
  for (; item < last; item++) {
    const float *image =
        (const float *)job->step->x[0] + item / to.h * lw_pixels (from) * job->x_pixel;
    const LwPoolPart rows = lw_pool_cells (job->window, from.h, (int32_t)(item % to.h));

    for (int32_t j = 0; j < to.w; j++) {
      const LwPoolPart columns = lw_pool_cells (job->window, from.w, j);
      const float *x =
          image + ((int64_t)(rows.start + rows.first) * from.w + columns.start + columns.first) *
                      job->x_pixel;
      const int64_t at = item * to.w + j;
      float *y = (float *)job->step->y + at * job->y_pixel;

      if (job->wide)
        take_largest (true, job, x, rows, columns, y, at * to.c);
      else
        take_largest (false, job, x, rows, columns, y, at * to.c);
    }
  }
}

/* --- backward --------------------------------------------------------------------------------- */

/* One pixel (y, x) of dx, all channels, from the windows that contain it. `image`: number of the
 * example's first output. */
LW_INLINE void
collect (bool wide, const Job *job, int64_t image, LwPoolPart rows, LwPoolPart columns, int32_t y,
         int32_t x, float *dx)
{
  const LwStep *step = job->step;
  const LwWindow window = job->window;
  const bool accumulate = step->accumulate & 1;
  const int64_t channels = job->from.c;
  int64_t c = 0;

  for (; c + LW_LANES <= channels; c += LW_LANES) {
    LwVec sum = accumulate ? lw_vec_load (dx + c) : (LwVec){ 0 };

    for (int32_t i = rows.first; i < rows.last; i++)
      for (int32_t j = columns.first; j < columns.last; j++) {
        const int64_t at = image + (int64_t)i * job->to.w + j;
        const int32_t cell = (y + window.padding - window.stride * i) * window.kernel + x +
                             window.padding - window.stride * j;
        const LwVecBits won = load_winners (wide, step->state, at * channels + c) == cell;

        sum += (LwVec)((LwVecBits)lw_vec_load ((const float *)step->dy + at * job->dy_pixel + c) &
                       won);
      }
    lw_vec_store (dx + c, sum);
  }
  for (; c < channels; c++) {
    float sum = accumulate ? dx[c] : 0;

    for (int32_t i = rows.first; i < rows.last; i++)
      for (int32_t j = columns.first; j < columns.last; j++) {
        const int64_t at = image + (int64_t)i * job->to.w + j;
        const int32_t cell = (y + window.padding - window.stride * i) * window.kernel + x +
                             window.padding - window.stride * j;
        const int32_t winner = wide ? ((const int32_t *)step->state)[at * channels + c]
                                    : ((const uint8_t *)step->state)[at * channels + c];

        sum += winner == cell ? ((const float *)step->dy)[at * job->dy_pixel + c] : 0;
      }
    dx[c] = sum;
  }
}

static void
backward_rows (const void *data, int64_t item, int64_t last, int thread)
{
  const Job *job = data;
  const LwShape from = job->from, to = job->to;

  (void)thread;
  for (; item < last; item++) {
    const int32_t y = (int32_t)(item % from.h);
    const LwPoolPart rows = lw_pool_windows (job->window, to.h, y);
    const int64_t image = item / from.h * lw_pixels (to);

    for (int32_t x = 0; x < from.w; x++) {
      const LwPoolPart columns = lw_pool_windows (job->window, to.w, x);
      float *dx = (float *)job->step->dx[0] + (item * from.w + x) * job->dx_pixel;

      if (job->wide)
        collect (true, job, image, rows, columns, y, x, dx);
      else
        collect (false, job, image, rows, columns, y, x, dx);
    }
  }
}

/* --- the table's rows ------------------------------------------------------------------------- */

size_t
LW_CPU (max_pool_state_bytes) (LwDevice *device, const LwStep *step)
{
  const size_t winner = step->node->window.kernel > BYTE_SIDE ? sizeof (int32_t) : 1;

  (void)device;
  return winner * (size_t)(step->batch * lw_shape_size (step->y_shape));
}

bool
LW_CPU (max_pool_forward) (LwDevice *device, const LwStep *step, GError **error)
{
  const Job job = job_new (step);

  (void)error;
  lw_pool_run (device->pool, (int64_t)step->n * step->y_shape.h, forward_rows, &job);
  return true;
}

bool
LW_CPU (max_pool_backward) (LwDevice *device, const LwStep *step, GError **error)
{
  const Job job = job_new (step);

  (void)error;
  if (!step->dx[0])
    return true;
  lw_pool_run (device->pool, (int64_t)step->n * step->x_shape[0].h, backward_rows, &job);
  if (!job.positive)
    LW_CPU (clear_gradient) (device, step, 0);
  return true;
}
