/* Maximum pooling; the formulas are in ../reference/pool.c. A vector of channels is compared over
 * all cells of its window in registers. `state` holds each output's winner, the number of its cell
 * in the window, in one byte where the window has at most 15 × 15 cells, else in four; NOBODY where
 * the gradient belongs to none, because the input is an activation max (0, ·) that is not positive
 * there (link.h).
 *
 * Backward, the usual windows (3 × 3 with stride 2 and 1, 2 × 2 with stride 2) are walked through
 * in order, a few channels of a row of outputs at a time: the sums of the window's k × k pixels are
 * in registers, s columns of them are finished at each window and k − s stay for the next one; of
 * the rows, s are finished and k − s are held in memory, which the first cache keeps. So all is
 * read and written once. For other windows, a pixel of dx collects from all windows that contain
 * it. Either way the windows of a pixel are added up in order. */
#include "kernels/cpu/pool.h"

enum {
  NOBODY = 255,
  BYTE_SIDE = 15,
  SIDE = 3,                         /* of windows that are walked through, at most */
  VECTORS = LW_LANES == 16 ? 2 : 1, /* of channels at a time: as many as there are registers for */
};

typedef int32_t LwVecBitsAny __attribute__ ((vector_size (LW_LANES * 4), aligned (4), may_alias));

typedef struct {
  const LwStep *step;
  LwWindow window;
  LwShape from, to;
  int64_t x_pixel, y_pixel, dx_pixel, dy_pixel;
  bool wide;       /* winners of four bytes */
  bool winners;    /* to be written */
  bool positive;   /* only positive winners */
  bool accumulate; /* into dx */
  bool stream;     /* dx is written past the caches */
  int32_t bands;   /* an example's rows are divided into, backward */
  size_t scratch;  /* bytes of a thread's memory */
} Job;

static bool
is_walked (LwWindow window)
{
  return (window.kernel == 3 && window.stride <= 2) || (window.kernel == 2 && window.stride == 2);
}

/* Rows that are held, and a pixel for what nobody wants. */
static size_t
scratch_bytes (const LwStep *step)
{
  const LwWindow window = step->node->window;
  const LwShape from = step->x_shape[0];
  const int64_t rows = window.kernel - window.stride;

  if (!is_walked (window))
    return 0;
  return (size_t)lw_round_up (4 * (rows * from.w * from.c + from.c), 64);
}

/* Few examples are divided so that all threads have something to do. */
static int32_t
bands_of (const LwDevice *device, const LwStep *step)
{
  const int32_t wanted = (4 * device->threads + step->n - 1) / step->n;

  return CLAMP (step->x_shape[0].h / 8, 1, wanted);
}

static Job
job_new (const LwDevice *device, const LwStep *step)
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
                .accumulate = step->accumulate & 1,
                .stream = !(step->accumulate & 1) &&
                          lw_may_stream (step->dx[0], lw_pixel (step->dx_pixel[0], from),
                                         step->n * lw_shape_size (from)),
                .bands = bands_of (device, step),
                .scratch = scratch_bytes (step) };
}

LW_INLINE void
store_winners (bool wide, void *state, int64_t at, LwVecBits winner, int64_t count)
{
  if (!wide)
    lw_bytes_store_some ((uint8_t *)state + at, __builtin_convertvector(winner, LwBytes), count);
  else if (count >= LW_LANES)
    *(LwVecBitsAny *)((int32_t *)state + at) = winner;
  else
    __builtin_memcpy ((int32_t *)state + at, &winner, sizeof (int32_t) * (size_t)count);
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

/* Another cell's value: the larger one wins. A NaN wins too, so that a run that diverges can be
 * seen. */
LW_INLINE void
compare (LwVec value, int32_t cell, LwVec *best, LwVecBits *winner)
{
#if defined __AVX512F__
  const __m512 a = (__m512)value, b = (__m512)*best;
  const __mmask16 better =
      _mm512_cmp_ps_mask (a, b, _CMP_GT_OQ) | _mm512_cmp_ps_mask (a, a, _CMP_UNORD_Q);

  *best = (LwVec)_mm512_mask_mov_ps (b, better, a);
  *winner = (LwVecBits)_mm512_mask_mov_epi32 ((__m512i)*winner, better, _mm512_set1_epi32 (cell));
#else
  const LwVecBits better = (value > *best) | (value != value);

  *best = (LwVec)(((LwVecBits)value & better) | ((LwVecBits)*best & ~better));
  *winner = (cell & better) | (*winner & ~better);
#endif
}

/* One vector of channels of one window: the largest of x [cells], `line` and `pixel` numbers
 * apart, to y. */
LW_INLINE void
take_vector (bool wide, const Job *job, const LwNumber *x, LwPoolPart rows, LwPoolPart columns,
             int32_t kernel, LwNumber *y, int64_t state, int64_t count)
{
  const int64_t line = job->from.w * job->x_pixel, pixel = job->x_pixel;
  LwVec best = lw_load_some (x, count);
  LwVecBits winner = (LwVecBits){ 0 } + (rows.first * kernel + columns.first);

#pragma GCC unroll 3
  for (int32_t u = rows.first; u < rows.last; u++)
#pragma GCC unroll 3
    for (int32_t v = columns.first; v < columns.last; v++)
      compare (lw_load_some (x + (u - rows.first) * line + (v - columns.first) * pixel, count),
               u * kernel + v, &best, &winner);
  lw_store_some (y, best, count);
  if (!job->winners)
    return;
  if (job->positive) {
    const LwVecBits none = best <= 0;

    winner = (winner & ~none) | (none & NOBODY);
  }
  store_winners (wide, job->step->state, state, winner, count);
}

/* All channels of one window, whose first cell inside is at x. */
LW_INLINE void
take_largest (bool wide, const Job *job, const LwNumber *x, LwPoolPart rows, LwPoolPart columns,
              int32_t kernel, LwNumber *y, int64_t state)
{
  const int64_t channels = job->to.c;
  int64_t c = 0;

  for (; c + LW_LANES <= channels; c += LW_LANES)
    take_vector (wide, job, x + c, rows, columns, kernel, y + c, state + c, LW_LANES);
  if (c < channels)
    take_vector (wide, job, x + c, rows, columns, kernel, y + c, state + c, channels - c);
}

/* A whole window of a usual size. */
LW_INLINE void
take_whole (int32_t kernel, const Job *job, const LwNumber *x, LwNumber *y, int64_t state)
{
  const LwPoolPart all = { 0, 0, kernel };

  take_largest (false, job, x, all, all, kernel, y, state);
}

static void
forward_rows (const void *data, int64_t item, int64_t last, int thread)
{
  const Job *job = data;
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

      if (whole && kernel == 3)
        take_whole (3, job, x, y, state);
      else if (whole && kernel == 2)
        take_whole (2, job, x, y, state);
      else if (job->wide)
        take_largest (true, job, x, rows, columns, kernel, y, state);
      else
        take_largest (false, job, x, rows, columns, kernel, y, state);
    }
  }
}

/* --- backward, usual windows: items are bands of rows of dx -------------------------------------
 */

/* A row of outputs, and the rows of dx that its windows cover. */
typedef struct {
  const Job *job;
  const LwNumber *dy;
  const uint8_t *winners;
  LwNumber *dx[SIDE]; /* with the numbers from pixel to pixel; of a row outside the band, a pixel */
  int64_t pixel[SIDE]; /* that nobody wants, and 0 */
  float *held;         /* [k − s][w][c]: of the first rows before, of the last ones afterwards */
} Line;

#if defined __AVX512F__
typedef LwBytes Winners;
#else
typedef LwVecBits Winners;
#endif

LW_INLINE Winners
winners_load (const uint8_t *at, int64_t count)
{
  const LwBytes winners = lw_bytes_load_some (at, count);

#if defined __AVX512F__
  return winners;
#else
  return __builtin_convertvector(winners, LwVecBits);
#endif
}

LW_INLINE LwVec
add_where (LwVec sum, Winners winners, int cell, LwVec dy)
{
#if defined __AVX512F__
  return (LwVec)_mm512_mask_add_ps (
      (__m512)sum, _mm_cmpeq_epi8_mask ((__m128i)winners, _mm_set1_epi8 ((char)cell)), (__m512)sum,
      (__m512)dy);
#else
  return sum + (LwVec)((LwVecBits)dy & (winners == cell));
#endif
}

/* What dx adds to; −0 becomes 0 as if something were added. */
LW_INLINE LwVec
before (const Job *job, const LwNumber *dx, int64_t count)
{
  return job->accumulate ? lw_load_some (dx, count) + 0.0f : (LwVec){ 0 };
}

/* Column x comes into the window. */
LW_INLINE void
enter_column (int k, int s, int vectors, const Line *line, int64_t c, int64_t count, int32_t x,
              LwVec sum[SIDE][VECTORS])
{
  const LwShape from = line->job->from;

#pragma GCC unroll 3
  for (int u = 0; u < k; u++)
#pragma GCC unroll 2
    for (int i = 0; i < vectors; i++)
      sum[u][i] = (LwVec){ 0 };
  if (x < 0 || x >= from.w)
    return;
#pragma GCC unroll 3
  for (int u = 0; u < k; u++)
#pragma GCC unroll 2
    for (int i = 0; i < vectors; i++) {
      const int64_t at = c + i * LW_LANES;

      if (u < k - s)
        sum[u][i] = lw_vec_load_some (line->held + ((int64_t)u * from.w + x) * from.c + at, count);
      else
        sum[u][i] = before (line->job, line->dx[u] + x * line->pixel[u] + at, count);
    }
}

/* Column x leaves it. */
LW_INLINE void
leave_column (int k, int s, int vectors, const Line *line, int64_t c, int64_t count, int32_t x,
              LwVec sum[SIDE][VECTORS])
{
  const LwShape from = line->job->from;

  if (x < 0 || x >= from.w)
    return;
#pragma GCC unroll 3
  for (int u = 0; u < k; u++)
#pragma GCC unroll 2
    for (int i = 0; i < vectors; i++) {
      const int64_t at = c + i * LW_LANES;

      if (u >= s)
        lw_vec_store_some (line->held + ((int64_t)(u - s) * from.w + x) * from.c + at, sum[u][i],
                           count);
      else if (line->job->stream)
        lw_store_past (line->dx[u] + x * line->pixel[u] + at, sum[u][i]);
      else
        lw_store_some (line->dx[u] + x * line->pixel[u] + at, sum[u][i], count);
    }
}

/* `vectors` vectors of channels from c on, or the `count` channels of one. */
LW_INLINE void
walk (int k, int s, int vectors, const Line *line, int64_t c, int64_t count)
{
  const Job *job = line->job;
  const LwShape to = job->to;
  const int64_t dy_line = to.w * job->dy_pixel, winners_line = (int64_t)to.w * to.c;
  LwVec sum[SIDE][SIDE][VECTORS];
  int32_t x = -job->window.padding;

#pragma GCC unroll 3
  for (int v = 0; v < k - s; v++)
    enter_column (k, s, vectors, line, c, count, x + v, sum[v]);
  for (int32_t j = 0; j < to.w; j++, x += s) {
    const LwNumber *dy = line->dy + j * job->dy_pixel + c;
    const uint8_t *winners = line->winners + (int64_t)j * to.c + c;

    __builtin_prefetch (dy + dy_line);
    __builtin_prefetch (winners + winners_line);
#pragma GCC unroll 3
    for (int v = k - s; v < k; v++)
      enter_column (k, s, vectors, line, c, count, x + v, sum[v]);
#pragma GCC unroll 2
    for (int i = 0; i < vectors; i++) {
      const LwVec gradient = lw_load_some (dy + i * LW_LANES, count);
      const Winners winner = winners_load (winners + i * LW_LANES, count);

#pragma GCC unroll 3
      for (int u = 0; u < k; u++)
#pragma GCC unroll 3
        for (int v = 0; v < k; v++)
          sum[v][u][i] = add_where (sum[v][u][i], winner, u * k + v, gradient);
    }
#pragma GCC unroll 3
    for (int v = 0; v < s; v++)
      leave_column (k, s, vectors, line, c, count, x + v, sum[v]);
#pragma GCC unroll 3
    for (int v = 0; v < k - s; v++)
#pragma GCC unroll 3
      for (int u = 0; u < k; u++)
#pragma GCC unroll 2
        for (int i = 0; i < vectors; i++)
          sum[v][u][i] = sum[v + s][u][i];
  }
#pragma GCC unroll 3
  for (int v = 0; v < k - s; v++)
    leave_column (k, s, vectors, line, c, count, x + v, sum[v]);
}

LW_INLINE void
walk_channels (int k, int s, const Line *line)
{
  const int64_t channels = line->job->to.c;
  int64_t c = 0;

  for (; c + VECTORS * LW_LANES <= channels; c += VECTORS * LW_LANES)
    walk (k, s, VECTORS, line, c, LW_LANES);
  for (; c + LW_LANES <= channels; c += LW_LANES)
    walk (k, s, 1, line, c, LW_LANES);
  if (c < channels)
    walk (k, s, 1, line, c, channels - c);
}

static void
walk_line (const Line *line)
{
  const LwWindow window = line->job->window;

  if (window.kernel == 2)
    walk_channels (2, 2, line);
  else if (window.stride == 2)
    walk_channels (3, 2, line);
  else
    walk_channels (3, 1, line);
}

/* Pixels `first` … w − 1 of a row of dx are in no window. */
static void
clear_pixels (const Job *job, LwNumber *dx, int32_t first)
{
  for (int32_t x = first; !job->accumulate && x < job->from.w; x++)
    for (int32_t c = 0; c < job->from.c; c++)
      dx[x * job->dx_pixel + c] = 0;
}

/* Rows `first` … last − 1 of dx, an example's. */
static void
walk_band (const Job *job, int64_t example, int32_t first, int32_t last, float *held)
{
  const LwShape from = job->from, to = job->to;
  const int32_t k = job->window.kernel, s = job->window.stride, p = job->window.padding;
  const int32_t start = lw_pool_windows (job->window, to.h, first).first;
  const int32_t end = lw_pool_windows (job->window, to.h, last - 1).last;
  const int32_t covered = MIN (from.w, s * (to.w - 1) - p + k);
  const int64_t row = (int64_t)from.w * from.c;
  LwNumber *dx = (LwNumber *)job->step->dx[0] + example * lw_pixels (from) * job->dx_pixel;
  LwNumber *nobody = (LwNumber *)(held + (k - s) * row);
  Line line = { .job = job, .held = held };

#define AT(y) (dx + (int64_t)(y)*from.w * job->dx_pixel)
  for (int32_t r = 0; r < k - s; r++)
    for (int32_t x = 0, y = s * start - p + r; x < from.w; x++)
      for (int32_t c = 0; c < from.c; c++)
        held[r * row + (int64_t)x * from.c + c] =
            job->accumulate && y >= first && y < last
                ? lw_number (AT (y)[x * job->dx_pixel + c]) + 0.0f
                : 0;
  for (int32_t i = start; i < end; i++) {
    const int64_t at = (example * to.h + i) * to.w;

    line.dy = (const LwNumber *)job->step->dy + at * job->dy_pixel;
    line.winners = (const uint8_t *)job->step->state + at * to.c;
    for (int32_t u = 0; u < k; u++) {
      const int32_t y = s * i - p + u;
      const bool inside = y >= first && y < last;

      line.dx[u] = inside ? AT (y) : nobody;
      line.pixel[u] = inside ? job->dx_pixel : 0;
    }
    walk_line (&line);
    for (int32_t u = 0; u < s; u++)
      if (line.pixel[u])
        clear_pixels (job, line.dx[u], covered);
  }
  /* Rows that no window follows. */
  for (int32_t y = MAX (first, s * end - p); y < last; y++) {
    const int32_t r = y - (s * end - p);

    clear_pixels (job, AT (y), r < k - s ? covered : 0);
    for (int32_t x = 0; r < k - s && x < covered; x++)
      for (int32_t c = 0; c < from.c; c++)
        AT (y)[x * job->dx_pixel + c] = lw_number_of (held[r * row + (int64_t)x * from.c + c]);
  }
#undef AT
}

static void
walk_bands (const void *data, int64_t item, int64_t end, int thread)
{
  const Job *job = data;
  const int64_t h = job->from.h, bands = job->bands;
  float *held = (float *)((char *)job->step->workspace + (size_t)thread * job->scratch);

  for (; item < end; item++) {
    const int64_t band = item % bands;

    walk_band (job, item / bands, (int32_t)(h * band / bands), (int32_t)(h * (band + 1) / bands),
               held);
  }
  lw_vec_stream_end ();
}

/* --- backward, other windows: items are rows of dx ----------------------------------------------
 */

/* `count` channels from c on of a pixel, from all windows that contain it. `image`: number of the
 * example's first output; `corner`: of the pixel's cell in window 0, 0. */
LW_INLINE void
collect (bool wide, const Job *job, int64_t image, LwPoolPart rows, LwPoolPart columns,
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
collect_pixel (bool wide, const Job *job, int64_t image, LwPoolPart rows, LwPoolPart columns,
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
  const Job *job = data;
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
  const size_t winner = step->node->window.kernel > BYTE_SIDE ? sizeof (int32_t) : 1;

  (void)device;
  return winner * (size_t)(step->batch * lw_shape_size (step->y_shape));
}

size_t
LW_CPU (max_pool_workspace_bytes) (LwDevice *device, const LwStep *step)
{
  return step->training ? (size_t)device->threads * scratch_bytes (step) : 0;
}

bool
LW_CPU (max_pool_forward) (LwDevice *device, const LwStep *step, GError **error)
{
  const Job job = job_new (device, step);

  (void)error;
  lw_pool_run (device->pool, (int64_t)step->n * step->y_shape.h, forward_rows, &job);
  return true;
}

bool
LW_CPU (max_pool_backward) (LwDevice *device, const LwStep *step, GError **error)
{
  const Job job = job_new (device, step);

  (void)error;
  if (!step->dx[0])
    return true;
  if (is_walked (job.window))
    lw_pool_run (device->pool, (int64_t)step->n * job.bands, walk_bands, &job);
  else
    lw_pool_run (device->pool, (int64_t)step->n * step->x_shape[0].h, collect_rows, &job);
  if (!job.positive)
    LW_CPU (clear_gradient) (device, step, 0);
  return true;
}
