/* Maximum pooling; the formulas are in ../reference/pool.c. A vector of channels is compared over
 * all cells of its window in registers. Backward, a pixel of dx collects from all windows that
 * contain it, in order; the usual windows have a faster way (max_pool_walk.c). */
#include "kernels/cpu/max_pool.h"

#if LW_LANES == 4
typedef int64_t LwPairs __attribute__ ((vector_size (16)));
#endif
typedef int32_t LwVecBitsAny __attribute__ ((vector_size (LW_LANES * 4), aligned (4), may_alias));

/* Few examples are divided so that all threads have something to do. */
static int32_t
bands_of (const LwDevice *device, const LwStep *step)
{
  const int32_t wanted = (4 * device->threads + step->n - 1) / step->n;

  return CLAMP (step->x_shape[0].h / 8, 1, wanted);
}

static LwMaxPool
job_new (const LwDevice *device, const LwStep *step)
{
  const LwShape from = step->x_shape[0], to = step->y_shape;

  return (LwMaxPool){ .step = step,
                      .window = step->node->window,
                      .from = from,
                      .to = to,
                      .x_pixel = lw_pixel (step->x_pixel[0], from),
                      .y_pixel = lw_pixel (step->y_pixel, to),
                      .dx_pixel = lw_pixel (step->dx_pixel[0], from),
                      .dy_pixel = lw_pixel (step->dy_pixel, to),
                      .wide = step->node->window.kernel > LW_POOL_BYTE_SIDE,
                      .winners = step->training,
                      .positive = lw_link (step).mask[0] && !(step->accumulate & 1),
                      .accumulate = step->accumulate & 1,
                      .stream = !(step->accumulate & 1) &&
                                lw_may_stream (step->dx[0], lw_pixel (step->dx_pixel[0], from),
                                               step->n * lw_shape_size (from)),
                      .bands = bands_of (device, step),
                      .scratch = LW_CPU (max_pool_scratch) (step) };
}

LW_INLINE LwVecBits
load_winners (bool wide, const void *state, int64_t at, int64_t count)
{
  LwVecBits winner = { 0 };

  if (!wide)
    return __builtin_convertvector(lw_bytes_load_some ((const uint8_t *)state + at, count),
                                   LwVecBits);
  if (count >= LW_LANES)
    return *(const LwVecBitsAny *)((const int32_t *)state + at);
  __builtin_memcpy (&winner, (const int32_t *)state + at, sizeof (int32_t) * (size_t)count);
  return winner;
}

/* --- forward ---------------------------------------------------------------------------------- */

#if defined __AVX512F__
typedef __mmask16 Better;
#else
typedef LwVecBits Better;
#endif

/* Whether another cell's value is larger. */
LW_INLINE Better
is_better (LwVec value, LwVec best)
{
#if defined __AVX512F__
  return _mm512_cmp_ps_mask ((__m512)value, (__m512)best, _CMP_GT_OQ);
#else
  return value > best;
#endif
}

LW_INLINE bool
has_nan (LwVec value)
{
#if defined __AVX512F__
  return _mm512_cmp_ps_mask ((__m512)value, (__m512)value, _CMP_UNORD_Q) != 0;
#elif defined __AVX2__
  return _mm256_movemask_ps ((__m256)(value != value)) != 0;
#else
  const LwPairs is_nan = (LwPairs)(value != value);

  return (is_nan[0] | is_nan[1]) != 0;
#endif
}

LW_INLINE LwVec
take_value (Better better, LwVec value, LwVec best)
{
#if defined __AVX512F__
  return (LwVec)_mm512_mask_mov_ps ((__m512)best, better, (__m512)value);
#else
  return (LwVec)(((LwVecBits)value & better) | ((LwVecBits)best & ~better));
#endif
}

LW_INLINE LwWinners
take_cell (Better better, int32_t cell, LwWinners winner)
{
#if defined __AVX512F__
  return (LwWinners)_mm_mask_mov_epi8 ((__m128i)winner, better, _mm_set1_epi8 ((char)cell));
#else
  return (cell & better) | (winner & ~better);
#endif
}

LW_INLINE LwWinners
nobody_unless_positive (LwVec best, LwWinners winner)
{
#if defined __AVX512F__
  return take_cell (_mm512_cmp_ps_mask ((__m512)best, _mm512_setzero_ps (), _CMP_LE_OQ),
                    LW_POOL_NOBODY, winner);
#else
  return take_cell (best <= 0, LW_POOL_NOBODY, winner);
#endif
}

LW_INLINE void
winners_store (uint8_t *at, LwWinners winners, int64_t count)
{
#if defined __AVX512F__
  lw_bytes_store_some (at, winners, count);
#else
  lw_bytes_store_some (at, __builtin_convertvector(winners, LwBytes), count);
#endif
}

/* `count` channels of one window, from the first cell inside, at x, to y, number by number: where
 * winners take four bytes, or where there are NaNs. These win, so that a run that diverges can be
 * seen. */
static void
take_slowly (const LwMaxPool *job, const LwNumber *x, LwPoolPart rows, LwPoolPart columns,
             LwNumber *y, int64_t state, int64_t count)
{
  for (int64_t c = 0; c < count; c++) {
    float best = lw_number (x[c]);
    int32_t winner = rows.first * job->window.kernel + columns.first;

    for (int32_t u = rows.first; u < rows.last; u++)
      for (int32_t v = columns.first; v < columns.last; v++) {
        const int64_t at = (int64_t)(u - rows.first) * job->from.w + v - columns.first;
        const float value = lw_number (x[at * job->x_pixel + c]);

        if (value > best || value != value)
          best = value, winner = u * job->window.kernel + v;
      }
    y[c] = lw_number_of (best);
    if (job->positive && best <= 0)
      winner = job->wide ? -1 : LW_POOL_NOBODY;
    if (job->winners && job->wide)
      ((int32_t *)job->step->state)[state + c] = winner;
    else if (job->winners)
      ((uint8_t *)job->step->state)[state + c] = (uint8_t)winner;
  }
}

/* The same of `vectors` vectors of channels, or of the `count` channels of one. The sum of all
 * cells tells whether one is NaN, which costs less than to ask each. */
LW_INLINE void
take_vectors (int vectors, const LwMaxPool *job, const LwNumber *x, LwPoolPart rows,
              LwPoolPart columns, int32_t kernel, LwNumber *y, int64_t state, int64_t count)
{
  const int64_t line = job->from.w * job->x_pixel, pixel = job->x_pixel;
  LwVec best[LW_POOL_VECTORS], sum[LW_POOL_VECTORS];
  LwWinners winner[LW_POOL_VECTORS];

#pragma GCC unroll 2
  for (int i = 0; i < vectors; i++) {
    best[i] = lw_load_some (x + i * LW_LANES, count);
    sum[i] = (LwVec){ 0 };
    winner[i] = (LwWinners){ 0 } + (uint8_t)(rows.first * kernel + columns.first);
  }
#pragma GCC unroll 3
  for (int32_t u = rows.first; u < rows.last; u++)
#pragma GCC unroll 3
    for (int32_t v = columns.first; v < columns.last; v++)
#pragma GCC unroll 2
      for (int i = 0; i < vectors; i++) {
        const int64_t at = (u - rows.first) * line + (v - columns.first) * pixel;
        const LwVec value = lw_load_some (x + at + i * LW_LANES, count);
        const Better better = is_better (value, best[i]);

        sum[i] += value;
        best[i] = take_value (better, value, best[i]);
        winner[i] = take_cell (better, u * kernel + v, winner[i]);
      }
#pragma GCC unroll 2
  for (int i = 0; i < vectors; i++) {
    if (__builtin_expect (has_nan (sum[i]), 0)) {
      take_slowly (job, x + i * LW_LANES, rows, columns, y + i * LW_LANES, state + i * LW_LANES,
                   count);
      continue;
    }
    lw_store_some (y + i * LW_LANES, best[i], count);
    if (job->positive)
      winner[i] = nobody_unless_positive (best[i], winner[i]);
    if (job->winners)
      winners_store ((uint8_t *)job->step->state + state + i * LW_LANES, winner[i], count);
  }
}

/* All channels. */
LW_INLINE void
take_largest (const LwMaxPool *job, const LwNumber *x, LwPoolPart rows, LwPoolPart columns,
              int32_t kernel, LwNumber *y, int64_t state)
{
  const int64_t channels = job->to.c;
  int64_t c = 0;

  for (; c + LW_POOL_VECTORS * LW_LANES <= channels; c += LW_POOL_VECTORS * LW_LANES)
    take_vectors (LW_POOL_VECTORS, job, x + c, rows, columns, kernel, y + c, state + c, LW_LANES);
  for (; c + LW_LANES <= channels; c += LW_LANES)
    take_vectors (1, job, x + c, rows, columns, kernel, y + c, state + c, LW_LANES);
  if (c < channels)
    take_vectors (1, job, x + c, rows, columns, kernel, y + c, state + c, channels - c);
}

/* Asks for what the window below the one at x will be the first to read. */
LW_INLINE void
ask_ahead (const LwMaxPool *job, const LwNumber *x)
{
  const int64_t pixel = job->x_pixel, line = job->from.w * pixel;
  const LwNumber *next = x + job->window.kernel * line;

  for (int32_t u = 0; u < job->window.stride; u++, next += line)
    for (int32_t v = 0; v < job->window.stride; v++)
      for (int32_t c = 0; c < job->from.c; c += 64 / (int32_t)sizeof (LwNumber))
        __builtin_prefetch (next + v * pixel + c);
}

/* A whole window of a usual size. */
LW_INLINE void
take_whole (int32_t kernel, const LwMaxPool *job, const LwNumber *x, LwNumber *y, int64_t state)
{
  const LwPoolPart all = { 0, 0, kernel };

  if (kernel > 2) /* else the processor sees by itself what comes */
    ask_ahead (job, x);
  take_largest (job, x, all, all, kernel, y, state);
}

static void
forward_rows (const void *data, int64_t item, int64_t last, int thread)
{
  const LwMaxPool *job = data;
  const LwShape from = job->from, to = job->to;
  const int32_t kernel = job->window.kernel;

  (void)thread;
  for (; item < last; item++) {
    const LwNumber *image =
        (const LwNumber *)job->step->x[0] + item / to.h * lw_pixels (from) * job->x_pixel;
    const LwPoolPart rows = lw_pool_cells (job->window, from.h, (int32_t)(item % to.h));

    for (int32_t j = 0; j < to.w; j++) {
      const LwPoolPart columns = lw_pool_cells (job->window, from.w, j);
      const LwNumber *x =
          image + ((int64_t)(rows.start + rows.first) * from.w + columns.start + columns.first) *
                      job->x_pixel;
      const int64_t at = item * to.w + j, state = at * to.c;
      const bool whole = rows.last - rows.first == kernel && columns.last - columns.first == kernel;
      LwNumber *y = (LwNumber *)job->step->y + at * job->y_pixel;

      if (job->wide)
        take_slowly (job, x, rows, columns, y, state, to.c);
      else if (whole && kernel == 3)
        take_whole (3, job, x, y, state);
      else if (whole && kernel == 2)
        take_whole (2, job, x, y, state);
      else
        take_largest (job, x, rows, columns, kernel, y, state);
    }
  }
}

/* --- backward, other windows: items are rows of dx ----------------------------------------------
 */

/* `count` channels from c on of a pixel, from all windows that contain it. `image`: number of the
 * example's first output; `corner`: of the pixel's cell in window 0, 0. */
LW_INLINE void
collect (bool wide, const LwMaxPool *job, int64_t image, LwPoolPart rows, LwPoolPart columns,
         int32_t corner, int64_t c, LwNumber *dx, int64_t count)
{
  const LwWindow window = job->window;
  LwVec sum = job->accumulate ? lw_load_some (dx, count) : (LwVec){ 0 };

  for (int32_t i = rows.first; i < rows.last; i++)
    for (int32_t j = columns.first; j < columns.last; j++) {
      const int64_t at = image + (int64_t)i * job->to.w + j;
      const int32_t cell = corner - window.stride * (i * window.kernel + j);
      const LwVecBits won =
          load_winners (wide, job->step->state, at * job->to.c + c, count) == cell;
      const LwNumber *dy = (const LwNumber *)job->step->dy + at * job->dy_pixel + c;

      sum += (LwVec)((LwVecBits)lw_load_some (dy, count) & won);
    }
  lw_store_some (dx, sum, count);
}

LW_INLINE void
collect_pixel (bool wide, const LwMaxPool *job, int64_t image, LwPoolPart rows, LwPoolPart columns,
               int32_t corner, LwNumber *dx)
{
  const int64_t channels = job->from.c;
  int64_t c = 0;

  for (; c + LW_LANES <= channels; c += LW_LANES)
    collect (wide, job, image, rows, columns, corner, c, dx + c, LW_LANES);
  if (c < channels)
    collect (wide, job, image, rows, columns, corner, c, dx + c, channels - c);
}

static void
collect_rows (const void *data, int64_t item, int64_t last, int thread)
{
  const LwMaxPool *job = data;
  const LwShape from = job->from, to = job->to;
  const LwWindow window = job->window;

  (void)thread;
  for (; item < last; item++) {
    const int32_t y = (int32_t)(item % from.h);
    const LwPoolPart rows = lw_pool_windows (window, to.h, y);
    const int64_t image = item / from.h * lw_pixels (to);
    LwNumber *dx = (LwNumber *)job->step->dx[0] + item * from.w * job->dx_pixel;

    for (int32_t x = 0; x < from.w; x++, dx += job->dx_pixel) {
      const LwPoolPart columns = lw_pool_windows (window, to.w, x);
      const int32_t corner = (y + window.padding) * window.kernel + x + window.padding;

      if (job->wide)
        collect_pixel (true, job, image, rows, columns, corner, dx);
      else
        collect_pixel (false, job, image, rows, columns, corner, dx);
    }
  }
}

/* --- the table's rows ------------------------------------------------------------------------- */

size_t
LW_CPU (max_pool_state_bytes) (LwDevice *device, const LwStep *step)
{
  const size_t winner = step->node->window.kernel > LW_POOL_BYTE_SIDE ? sizeof (int32_t) : 1;

  (void)device;
  return winner * (size_t)(step->batch * lw_shape_size (step->y_shape));
}

size_t
LW_CPU (max_pool_workspace_bytes) (LwDevice *device, const LwStep *step)
{
  return step->training ? (size_t)device->threads * LW_CPU (max_pool_scratch) (step) : 0;
}

bool
LW_CPU (max_pool_forward) (LwDevice *device, const LwStep *step, GError **error)
{
  const LwMaxPool job = job_new (device, step);

  (void)error;
  lw_pool_run (device->pool, (int64_t)step->n * step->y_shape.h, forward_rows, &job);
  return true;
}

bool
LW_CPU (max_pool_backward) (LwDevice *device, const LwStep *step, GError **error)
{
  const LwMaxPool job = job_new (device, step);

  (void)error;
  if (!step->dx[0])
    return true;
  if (job.scratch > 0)
    LW_CPU (max_pool_walk) (device, &job);
  else
    lw_pool_run (device->pool, (int64_t)step->n * step->x_shape[0].h, collect_rows, &job);
  if (!job.positive)
    LW_CPU (clear_gradient) (device, step, 0);
  return true;
}
