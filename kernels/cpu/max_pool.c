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
  bool stream;   /* dx is written past the caches */
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
                .positive = lw_link (step).mask[0] && !(step->accumulate & 1),
                .stream = !(step->accumulate & 1) &&
                          lw_may_stream (step->dx[0], lw_pixel (step->dx_pixel[0], from),
                                         step->n * lw_shape_size (from)) };
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

/* A window that contains the pixel, and the number of the pixel's cell in it. */
typedef struct {
  const float *dy;
  const void *state; /* of its first channel */
  int32_t cell;
} Source;

enum { SOURCES = 16 }; /* that are collected at once */

LW_INLINE const void *
state_at (bool wide, const Job *job, int64_t at)
{
  return wide ? (const void *)((const int32_t *)job->step->state + at)
              : (const void *)((const uint8_t *)job->step->state + at);
}

/* dx (+)= what the sources give to a pixel, all channels. */
LW_INLINE void
collect (bool wide, int n, const Source *sources, bool add, bool stream, int64_t channels,
         float *dx)
{
  int64_t c = 0;

  for (; c + LW_LANES <= channels; c += LW_LANES) {
    LwVec sum = add ? lw_vec_load (dx + c) : (LwVec){ 0 };

    for (int i = 0; i < n; i++) {
      const LwVecBits won = load_winners (wide, sources[i].state, c) == sources[i].cell;

      sum += (LwVec)((LwVecBits)lw_vec_load (sources[i].dy + c) & won);
    }
    if (stream)
      lw_vec_stream (dx + c, sum);
    else
      lw_vec_store (dx + c, sum);
  }
  for (; c < channels; c++) {
    float sum = add ? dx[c] : 0;

    for (int i = 0; i < n; i++) {
      const int32_t winner =
          wide ? ((const int32_t *)sources[i].state)[c] : ((const uint8_t *)sources[i].state)[c];

      sum += winner == sources[i].cell ? sources[i].dy[c] : 0;
    }
    dx[c] = sum;
  }
}

/* Windows `first` … ⌊(x + p) / s⌋ contain place x: the divisions by turns of counters. */
typedef struct {
  int32_t first, first_rest; /* ⌊(x + p − k) / s⌋ + 1 and what is left, from x + p = k on */
  int32_t end, end_rest;     /* ⌊(x + p) / s⌋ + 1 and what is left */
  int32_t before;            /* x + p − k */
} Walk;

static inline Walk
walk_begin (LwWindow window)
{
  const int32_t before = window.padding - window.kernel;
  Walk walk = { .end = window.padding / window.stride + 1,
                .end_rest = window.padding % window.stride,
                .before = before };

  if (before >= 0) {
    walk.first = before / window.stride + 1;
    walk.first_rest = before % window.stride;
  }
  return walk;
}

static inline void
walk_on (Walk *walk, int32_t stride)
{
  if (++walk->end_rest == stride) {
    walk->end_rest = 0;
    walk->end++;
  }
  if (++walk->before == 0)
    walk->first = 1;
  else if (walk->before > 0 && ++walk->first_rest == stride) {
    walk->first_rest = 0;
    walk->first++;
  }
}

/* Pixel (y, x) of dx. `image`: number of the example's first output. */
LW_INLINE void
collect_pixel (bool wide, const Job *job, int64_t image, LwPoolPart rows, LwPoolPart columns,
               int32_t y, int32_t x, float *dx)
{
  const LwWindow window = job->window;
  bool add = job->step->accumulate & 1, written = false;
  Source sources[SOURCES];
  int n = 0;

  for (int32_t i = rows.first; i < rows.last; i++)
    for (int32_t j = columns.first; j < columns.last; j++) {
      const int64_t at = image + (int64_t)i * job->to.w + j;

      sources[n++] = (Source){ (const float *)job->step->dy + at * job->dy_pixel,
                               state_at (wide, job, at * job->to.c),
                               (y + window.padding - window.stride * i) * window.kernel + x +
                                   window.padding - window.stride * j };
      if (n == SOURCES) {
        collect (wide, n, sources, add, false, job->from.c, dx);
        add = written = true;
        n = 0;
      }
    }
  if (n == 1 && job->stream && !written)
    collect (wide, 1, sources, false, true, job->from.c, dx);
  else if (job->stream && !written)
    collect (wide, n, sources, false, true, job->from.c, dx);
  else if (n > 0 || !written)
    collect (wide, n, sources, add, false, job->from.c, dx);
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
    float *dx = (float *)job->step->dx[0] + item * from.w * job->dx_pixel;
    Walk walk = walk_begin (job->window);

    for (int32_t x = 0; x < from.w; x++, dx += job->dx_pixel) {
      const LwPoolPart columns = { 0, walk.first, MIN (walk.end, to.w) };

      if (job->wide)
        collect_pixel (true, job, image, rows, columns, y, x, dx);
      else
        collect_pixel (false, job, image, rows, columns, y, x, dx);
      walk_on (&walk, job->window.stride);
    }
  }
  lw_vec_stream_end ();
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
