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

/* The walk writes some channels of pixel after pixel: past the caches that is fast where they fill
 * lines, and the next ones of a pixel follow soon. */
static bool
may_stream (const LwStep *step)
{
  const int64_t pixel = lw_pixel (step->dx_pixel[0], step->x_shape[0]);
  const int64_t size = (int64_t)sizeof (LwNumber);

  return LW_POOL_VECTORS * LW_LANES * size % 64 == 0 && pixel * size <= 1024 &&
         lw_may_stream (step->dx[0], pixel, step->n * lw_shape_size (step->x_shape[0]));
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
                      .stream = !(step->accumulate & 1) && may_stream (step),
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

/* The value where it is better; else the best so far. */
LW_INLINE LwVec
take_value (Better better, LwVec value, LwVec best)
{
#if defined __AVX512F__
  return (LwVec)_mm512_mask_mov_ps ((__m512)best, better, (__m512)value);
#elif defined __AVX2__
  (void)better;
  return (LwVec)_mm256_max_ps ((__m256)value, (__m256)best); /* best where they are equal */
#else
  return (LwVec)(((LwVecBits)value & better) | ((LwVecBits)best & ~better));
#endif
}

LW_INLINE LwWinners
take_cell (Better better, LwWinners cell, LwWinners winner)
{
#if defined __AVX512F__
  return (LwWinners)_mm_mask_mov_epi8 ((__m128i)winner, better, (__m128i)cell);
#elif defined __AVX2__
  return (LwWinners)_mm256_blendv_epi8 ((__m256i)winner, (__m256i)cell, (__m256i)better);
#else
  return (cell & better) | (winner & ~better);
#endif
}

/* The number of a cell, or NOBODY. */
LW_INLINE LwWinners
cell_of (int32_t cell)
{
#if defined __AVX512F__
  return (LwWinners){ 0 } + (uint8_t)cell;
#else
  return (LwWinners){ 0 } + cell;
#endif
}

LW_INLINE LwWinners
nobody_unless_positive (LwVec best, LwWinners winner)
{
#if defined __AVX512F__
  return take_cell (_mm512_cmp_ps_mask ((__m512)best, _mm512_setzero_ps (), _CMP_LE_OQ),
                    cell_of (LW_POOL_NOBODY), winner);
#else
  return take_cell (best <= 0, cell_of (LW_POOL_NOBODY), winner);
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

/* The part of a window inside the map: its first cell's number, and how many follow. */
typedef struct {
  int32_t base, rows, columns;
} Part;

/* `count` channels of one window, from the first cell inside, at x, to y, number by number: where
 * winners take four bytes, or where there are NaNs. These win, so that a run that diverges can be
 * seen. */
static void
take_slowly (const LwMaxPool *job, const LwNumber *x, Part part, LwNumber *y, int64_t state,
             int64_t count)
{
  for (int64_t c = 0; c < count; c++) {
    float best = lw_number (x[c]);
    int32_t winner = part.base;

    for (int32_t u = 0; u < part.rows; u++)
      for (int32_t v = 0; v < part.columns; v++) {
        const float value = lw_number (x[((int64_t)u * job->from.w + v) * job->x_pixel + c]);

        if (value > best || value != value)
          best = value, winner = part.base + u * job->window.kernel + v;
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

/* The largest of `columns` cells, the first of which has the number `cell`; their sum. */
LW_INLINE LwVec
take_row (const LwNumber *x, int64_t pixel, int32_t columns, int32_t cell, int64_t count,
          LwWinners *ret_winner, LwVec *ret_sum)
{
  LwVec best = lw_load_some (x, count), sum = best;
  LwWinners winner = cell_of (cell);

#pragma GCC unroll 3
  for (int32_t v = 1; v < columns; v++) {
    const LwVec value = lw_load_some (x + v * pixel, count);
    const Better better = is_better (value, best);

    winner = take_cell (better, cell_of (cell + v), winner);
    best = take_value (better, value, best);
    sum += value;
  }
  *ret_winner = winner;
  *ret_sum = sum;
  return best;
}

/* `vectors` vectors of channels of a window, or the `count` channels of one. Each row by itself
 * first: chains of operations are shorter. The sum of all cells tells whether one is NaN, which
 * costs less than to ask each. */
LW_INLINE void
take_vectors (int vectors, const LwMaxPool *job, const LwNumber *x, Part part, int32_t kernel,
              LwNumber *y, uint8_t *winners, int64_t count)
{
  const int64_t line = job->from.w * job->x_pixel, pixel = job->x_pixel;
  LwVec best[LW_POOL_VECTORS], sum[LW_POOL_VECTORS];
  LwWinners winner[LW_POOL_VECTORS];

#pragma GCC unroll 2
  for (int i = 0; i < vectors; i++)
    best[i] = take_row (x + i * LW_LANES, pixel, part.columns, 0, count, &winner[i], &sum[i]);
#pragma GCC unroll 3
  for (int32_t u = 1; u < part.rows; u++)
#pragma GCC unroll 2
    for (int i = 0; i < vectors; i++) {
      LwWinners row_winner;
      LwVec row_sum;
      const LwVec row = take_row (x + u * line + i * LW_LANES, pixel, part.columns, u * kernel,
                                  count, &row_winner, &row_sum);
      const Better better = is_better (row, best[i]);

      sum[i] += row_sum;
      winner[i] = take_cell (better, row_winner, winner[i]);
      best[i] = take_value (better, row, best[i]);
    }
#pragma GCC unroll 2
  for (int i = 0; i < vectors; i++) {
    if (__builtin_expect (has_nan (sum[i]), 0)) {
      take_slowly (job, x + i * LW_LANES, part, y + i * LW_LANES,
                   winners ? winners + i * LW_LANES - (uint8_t *)job->step->state : 0,
                   MIN (count, LW_LANES));
      continue;
    }
    lw_store_some (y + i * LW_LANES, best[i], count);
    winner[i] += cell_of (part.base);
    if (job->positive)
      winner[i] = nobody_unless_positive (best[i], winner[i]);
    if (winners)
      winners_store (winners + i * LW_LANES, winner[i], count);
  }
}

/* Where the winners of output `at` go, or NULL. */
LW_INLINE uint8_t *
winners_at (const LwMaxPool *job, int64_t at)
{
  return job->winners ? (uint8_t *)job->step->state + at * job->to.c : NULL;
}

/* All channels of `n` windows side by side. */
LW_INLINE void
take_windows (const LwMaxPool *job, const LwNumber *x, Part part, int32_t kernel, int64_t at,
              int32_t n)
{
  const int64_t channels = job->to.c, step = job->window.stride * job->x_pixel;
  const int64_t y_pixel = job->y_pixel;
  LwNumber *y = (LwNumber *)job->step->y + at * y_pixel;
  uint8_t *winners = winners_at (job, at);

  for (int32_t j = 0; j < n; j++, x += step, y += y_pixel, winners += winners ? channels : 0) {
    int64_t c = 0;

    for (; c + LW_POOL_VECTORS * LW_LANES <= channels; c += LW_POOL_VECTORS * LW_LANES)
      take_vectors (LW_POOL_VECTORS, job, x + c, part, kernel, y + c, winners ? winners + c : NULL,
                    LW_LANES);
    for (; c + LW_LANES <= channels; c += LW_LANES)
      take_vectors (1, job, x + c, part, kernel, y + c, winners ? winners + c : NULL, LW_LANES);
    if (c < channels)
      take_vectors (1, job, x + c, part, kernel, y + c, winners ? winners + c : NULL, channels - c);
  }
}

/* Sizes that the compiler sees. */
static void
take_usual (const LwMaxPool *job, const LwNumber *x, Part part, int64_t at, int32_t n)
{
#define TAKE(KERNEL, ROWS, COLUMNS)                                                                \
  if (job->window.kernel == (KERNEL) && part.rows == (ROWS) && part.columns == (COLUMNS)) {        \
    take_windows (job, x, (Part){ part.base, ROWS, COLUMNS }, KERNEL, at, n);                      \
    return;                                                                                        \
  }
  TAKE (3, 3, 3)
  TAKE (2, 2, 2)
  TAKE (3, 3, 2)
  TAKE (3, 2, 3)
  TAKE (3, 2, 2)
#undef TAKE
  take_windows (job, x, part, job->window.kernel, at, n);
}

/* `n` windows side by side, of which the same cells lie inside the map, in a row of outputs that
 * begins with number `at`. */
static void
take_part (const LwMaxPool *job, const LwNumber *image, LwPoolPart rows, int64_t at, int32_t j,
           int32_t n)
{
  const LwPoolPart columns = lw_pool_cells (job->window, job->from.w, j);
  const LwNumber *x =
      image + ((int64_t)(rows.start + rows.first) * job->from.w + columns.start + columns.first) *
                  job->x_pixel;
  const Part part = { rows.first * job->window.kernel + columns.first, rows.last - rows.first,
                      columns.last - columns.first };

  if (!job->wide)
    take_usual (job, x, part, at + j, n);
  else
    for (int32_t i = 0; i < n; i++)
      take_slowly (job, x + i * job->window.stride * job->x_pixel, part,
                   (LwNumber *)job->step->y + (at + j + i) * job->y_pixel, (at + j + i) * job->to.c,
                   job->to.c);
}

static void
forward_rows (const void *data, int64_t item, int64_t last, int thread)
{
  const LwMaxPool *job = data;
  const LwShape from = job->from, to = job->to;
  const LwWindow window = job->window;
  /* Windows first … end − 1 of a row are whole. */
  const int32_t first = MIN (to.w, (window.padding + window.stride - 1) / window.stride);
  const int32_t room = from.w + window.padding - window.kernel;
  const int32_t end = CLAMP (room < 0 ? 0 : room / window.stride + 1, first, to.w);

  (void)thread;
  for (const int64_t begin = item; item < last; item++) {
    const int32_t i = (int32_t)(item % to.h);
    const LwNumber *image =
        (const LwNumber *)job->step->x[0] + item / to.h * lw_pixels (from) * job->x_pixel;
    const LwPoolPart rows = lw_pool_cells (window, from.h, i);

    lw_pool_read_rows (window, from, 0, image, job->x_pixel, i, item == begin);
    for (int32_t j = 0; j < first; j++)
      take_part (job, image, rows, item * to.w, j, 1);
    if (first < end)
      take_part (job, image, rows, item * to.w, first, end - first);
    for (int32_t j = end; j < to.w; j++)
      take_part (job, image, rows, item * to.w, j, 1);
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
