/* The gradient of maximum pooling over the usual windows, 3 × 3 with stride 2 and 1 and 2 × 2 with
 * stride 2: all is read and written once. Row by row of outputs, a few channels at a time are
 * walked through, windows in order. The sums of the k × k pixels of a window are in registers; at
 * each window s columns of them are finished, and k − s stay for the next one. Of the rows, s are
 * finished and k − s are held in memory, which the first cache keeps. */
#include "kernels/cpu/max_pool.h"

enum { SIDE = 3, VECTORS = LW_POOL_VECTORS };

/* What becomes of a pixel's sum. */
typedef enum { STORE, STREAM, ADD } Mode;

/* Rows `first` … last − 1 of dx, an example's, which outputs start … end − 1 reach. */
typedef struct {
  const LwMaxPool *job;
  LwNumber *dx;
  int64_t example;
  int32_t first, last, start, end;
} Band;

/* A row of outputs, and the rows of dx that its windows cover, from the first channel on that is
 * walked through. */
typedef struct {
  const LwNumber *dy;
  const uint8_t *winners;
  LwNumber *dx[SIDE]; /* with the numbers from pixel to pixel; of a row outside the band, a pixel */
  int64_t pixel[SIDE]; /* that nobody wants, and 0 */
} Line;

LW_INLINE LwWinners
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
add_where (LwVec sum, LwWinners winners, int cell, LwVec dy)
{
#if defined __AVX512F__
  return (LwVec)_mm512_mask_add_ps (
      (__m512)sum, _mm_cmpeq_epi8_mask ((__m128i)winners, _mm_set1_epi8 ((char)cell)), (__m512)sum,
      (__m512)dy);
#else
  return sum + (LwVec)((LwVecBits)dy & (winners == cell));
#endif
}

/* What is added to; −0 becomes 0 as if something were added. */
LW_INLINE LwVec
before (Mode mode, const LwNumber *dx, int64_t count)
{
  return mode == ADD ? lw_load_some (dx, count) + 0.0f : (LwVec){ 0 };
}

/* A column of pixels: where its rows are in dx, and what is held of them, `row` numbers apart. */
typedef struct {
  LwNumber *dx[SIDE];
  float *held;
  int64_t row;
} Column;

LW_INLINE Column
column_of (int k, const Line *line, float *held, int32_t w, int32_t x)
{
  Column column = { .held = held + (int64_t)x * VECTORS * LW_LANES,
                    .row = (int64_t)w * VECTORS * LW_LANES };

#pragma GCC unroll 3
  for (int u = 0; u < k; u++)
    column.dx[u] = line->dx[u] + x * line->pixel[u];
  return column;
}

/* It comes into the window; what is not `inside` the map is 0. */
LW_INLINE void
enter (int k, int s, int vectors, Mode mode, const Column *column, bool inside, int64_t count,
       LwVec sum[SIDE][VECTORS])
{
#pragma GCC unroll 3
  for (int u = 0; u < k; u++)
#pragma GCC unroll 2
    for (int i = 0; i < vectors; i++)
      if (!inside)
        sum[u][i] = (LwVec){ 0 };
      else if (u < k - s)
        sum[u][i] = lw_vec_load (column->held + u * column->row + i * LW_LANES);
      else
        sum[u][i] = before (mode, column->dx[u] + i * LW_LANES, count);
}

/* It leaves it. */
LW_INLINE void
leave (int k, int s, int vectors, Mode mode, const Column *column, bool inside, int64_t count,
       LwVec sum[SIDE][VECTORS])
{
  if (!inside)
    return;
#pragma GCC unroll 3
  for (int u = 0; u < k; u++)
#pragma GCC unroll 2
    for (int i = 0; i < vectors; i++)
      if (u >= s)
        lw_vec_store (column->held + (u - s) * column->row + i * LW_LANES, sum[u][i]);
      else if (mode == STREAM)
        lw_store_past (column->dx[u] + i * LW_LANES, sum[u][i]);
      else
        lw_store_some (column->dx[u] + i * LW_LANES, sum[u][i], count);
}

/* `vectors` vectors of channels, or the `count` channels of one. `held` [k − s][w]
 * [VECTORS]: of the first rows before, of the last ones afterwards. */
LW_INLINE void
walk (int k, int s, int vectors, Mode mode, const LwMaxPool *job, const Line *given, float *held,
      int64_t count)
{
  const Line line = *given;
  const int32_t w = job->from.w, n = job->to.w;
  const int64_t dy_pixel = job->dy_pixel, winners_pixel = job->to.c;
  const LwNumber *dy = line.dy;
  const uint8_t *winners = line.winners;
  LwVec sum[SIDE][SIDE][VECTORS];
  int32_t x = -job->window.padding;

#pragma GCC unroll 3
  for (int v = 0; v < k - s; v++) {
    const bool inside = x + v >= 0 && x + v < w;
    const Column column = column_of (k, &line, held, w, inside ? x + v : 0);

    enter (k, s, vectors, mode, &column, inside, count, sum[v]);
  }
  for (int32_t j = 0; j < n; j++, x += s) {
#pragma GCC unroll 3
    for (int v = k - s; v < k; v++) {
      const Column column = column_of (k, &line, held, w, x + v);

      enter (k, s, vectors, mode, &column, x + v >= 0 && x + v < w, count, sum[v]);
    }
#pragma GCC unroll 2
    for (int i = 0; i < vectors; i++) {
      const LwVec gradient = lw_load_some (dy + j * dy_pixel + i * LW_LANES, count);
      const LwWinners winner = winners_load (winners + j * winners_pixel + i * LW_LANES, count);

#pragma GCC unroll 3
      for (int u = 0; u < k; u++)
#pragma GCC unroll 3
        for (int v = 0; v < k; v++)
          sum[v][u][i] = add_where (sum[v][u][i], winner, u * k + v, gradient);
    }
#pragma GCC unroll 3
    for (int v = 0; v < s; v++) {
      const Column column = column_of (k, &line, held, w, x + v);

      leave (k, s, vectors, mode, &column, x + v >= 0 && x + v < w, count, sum[v]);
    }
#pragma GCC unroll 3
    for (int v = 0; v < k - s; v++)
#pragma GCC unroll 3
      for (int u = 0; u < k; u++)
#pragma GCC unroll 2
        for (int i = 0; i < vectors; i++)
          sum[v][u][i] = sum[v + s][u][i];
  }
#pragma GCC unroll 3
  for (int v = 0; v < k - s; v++) {
    const Column column = column_of (k, &line, held, w, x + v);

    leave (k, s, vectors, mode, &column, x + v >= 0 && x + v < w, count, sum[v]);
  }
}

/* Of a held row, column x. */
LW_INLINE float *
held_at (const LwMaxPool *job, float *held, int32_t row, int32_t x)
{
  return held + ((int64_t)row * job->from.w + x) * VECTORS * LW_LANES;
}

/* Numbers that are held of a group of channels: rows, and a pixel for what nobody wants. */
static int64_t
group_size (const LwStep *step)
{
  const int64_t rows = step->node->window.kernel - step->node->window.stride;

  return (rows * step->x_shape[0].w + 1) * VECTORS * LW_LANES;
}

static LwNumber *
row_of (const Band *band, int32_t y)
{
  return band->dx + (int64_t)y * band->job->from.w * band->job->dx_pixel;
}

static Line
line_of (const Band *band, int32_t i, int64_t c, float *held)
{
  const LwMaxPool *job = band->job;
  const LwWindow window = job->window;
  const int64_t at = (band->example * job->to.h + i) * job->to.w;
  Line line = { .dy = (const LwNumber *)job->step->dy + at * job->dy_pixel + c,
                .winners = (const uint8_t *)job->step->state + at * job->to.c + c };

  for (int32_t u = 0; u < window.kernel; u++) {
    const int32_t y = window.stride * i - window.padding + u;
    const bool inside = y >= band->first && y < band->last;

    line.dx[u] = inside ? row_of (band, y) + c
                        : (LwNumber *)held_at (job, held, window.kernel - window.stride, 0);
    line.pixel[u] = inside ? job->dx_pixel : 0;
  }
  return line;
}

/* What is done for each group of channels: before the first row of outputs, in row i, behind the
 * last one. */
typedef enum { BEGIN, ROW, END } Stage;

/* As many channels as walk takes; `held` are theirs. */
LW_INLINE void
walk_group (int k, int s, int vectors, Mode mode, const Band *band, Stage stage, int32_t i,
            int64_t c, int64_t count, float *held)
{
  const LwMaxPool *job = band->job;
  const int32_t p = job->window.padding, w = job->from.w, next = s * band->end - p;
  const int32_t covered = MIN (w, s * (job->to.w - 1) - p + k);

  if (stage == ROW) {
    const Line line = line_of (band, i, c, held);

    walk (k, s, vectors, mode, job, &line, held, count);
    return;
  }
  for (int32_t r = 0; stage == BEGIN && r < k - s; r++)
    for (int32_t x = 0, y = s * band->start - p + r; x < covered; x++)
      for (int v = 0; v < vectors; v++) {
        const bool inside = y >= band->first && y < band->last;

        lw_vec_store (
            held_at (job, held, r, x) + v * LW_LANES,
            inside ? before (mode, row_of (band, y) + x * job->dx_pixel + c + v * LW_LANES, count)
                   : (LwVec){ 0 });
      }
  for (int32_t y = MAX (band->first, next); stage == END && y < MIN (band->last, next + k - s); y++)
    for (int32_t x = 0; x < covered; x++)
      for (int v = 0; v < vectors; v++)
        lw_store_some (row_of (band, y) + x * job->dx_pixel + c + v * LW_LANES,
                       lw_vec_load (held_at (job, held, y - next, x) + v * LW_LANES), count);
}

/* What does not fill VECTORS vectors. */
static __attribute__ ((noinline)) void
walk_few (int k, int s, const Band *band, Stage stage, int32_t i, int64_t c, float *held,
          int64_t group)
{
  const int64_t channels = band->job->to.c;
  const Mode mode = band->job->accumulate ? ADD : STORE;

#define WALK(K, S)                                                                                 \
  if (k == (K) && s == (S)) {                                                                      \
    for (; c + LW_LANES <= channels; c += LW_LANES, held += group)                                 \
      walk_group (K, S, 1, mode, band, stage, i, c, LW_LANES, held);                               \
    if (c < channels)                                                                              \
      walk_group (K, S, 1, mode, band, stage, i, c, channels - c, held);                           \
  }
  WALK (2, 2)
  WALK (3, 2)
  WALK (3, 1)
#undef WALK
}

LW_INLINE void
walk_channels (int k, int s, Mode mode, const Band *band, Stage stage, int32_t i, float *held)
{
  const int64_t channels = band->job->to.c, group = group_size (band->job->step);
  int64_t c = 0;

  for (; c + VECTORS * LW_LANES <= channels; c += VECTORS * LW_LANES, held += group)
    walk_group (k, s, VECTORS, mode, band, stage, i, c, LW_LANES, held);
  if (c < channels)
    walk_few (k, s, band, stage, i, c, held, group);
}

/* What row i of outputs and its windows read, or write through the caches, in order (pool.h). Rows
 * of other bands are written by other threads meanwhile. */
static void
read_row (const Band *band, int32_t i)
{
  const LwMaxPool *job = band->job;
  const LwShape own = { job->from.c, band->last, job->from.w, false };
  const int64_t at = (band->example * job->to.h + i) * job->to.w;
  const uint8_t *winners = (const uint8_t *)job->step->state + at * job->to.c;

  if (job->to.c * (int64_t)sizeof (LwNumber) <= 256)
    return; /* a processor sees by itself what comes */
  lw_pool_read ((const LwNumber *)job->step->dy + at * job->dy_pixel, job->to.w, job->dy_pixel,
                job->to.c);
  for (int64_t k = 0; k < job->to.w * (int64_t)job->to.c; k += 64)
    (void)*(const volatile uint8_t *)(winners + k);
  if (!job->stream)
    lw_pool_read_rows (job->window, own, band->first, band->dx, job->dx_pixel, i, i == band->start);
}

LW_INLINE void
walk_band (int k, int s, Mode mode, const Band *band, float *held)
{
  walk_channels (k, s, mode, band, BEGIN, 0, held);
  for (int32_t i = band->start; i < band->end; i++) {
    read_row (band, i);
    walk_channels (k, s, mode, band, ROW, i, held);
  }
  walk_channels (k, s, mode, band, END, 0, held);
}

LW_INLINE void
walk_as_wanted (int k, int s, const Band *band, float *held)
{
  if (band->job->accumulate)
    walk_band (k, s, ADD, band, held);
  else if (band->job->stream)
    walk_band (k, s, STREAM, band, held);
  else
    walk_band (k, s, STORE, band, held);
}

/* Pixels in no window get no gradient. */
static void
clear_rest (const Band *band)
{
  const LwMaxPool *job = band->job;
  const LwWindow window = job->window;
  const int32_t h = window.stride * (job->to.h - 1) - window.padding + window.kernel;
  const int32_t w = window.stride * (job->to.w - 1) - window.padding + window.kernel;

  for (int32_t y = band->first; !job->accumulate && y < band->last; y++)
    for (int32_t x = y < h ? w : 0; x < job->from.w; x++)
      for (int32_t c = 0; c < job->from.c; c++)
        row_of (band, y)[x * job->dx_pixel + c] = 0;
}

static void
walk_bands (const void *data, int64_t item, int64_t last, int thread)
{
  const LwMaxPool *job = data;
  const LwShape from = job->from;
  float *held = (float *)((char *)job->step->workspace + (size_t)thread * job->scratch);

  for (; item < last; item++) {
    const int64_t example = item / job->bands, i = item % job->bands;
    Band band = { .job = job,
                  .dx = (LwNumber *)job->step->dx[0] + example * lw_pixels (from) * job->dx_pixel,
                  .example = example,
                  .first = (int32_t)(from.h * i / job->bands),
                  .last = (int32_t)(from.h * (i + 1) / job->bands) };

    band.start = lw_pool_windows (job->window, job->to.h, band.first).first;
    band.end = lw_pool_windows (job->window, job->to.h, band.last - 1).last;
    if (job->window.kernel == 2)
      walk_as_wanted (2, 2, &band, held);
    else if (job->window.stride == 2)
      walk_as_wanted (3, 2, &band, held);
    else
      walk_as_wanted (3, 1, &band, held);
    clear_rest (&band);
  }
  lw_vec_stream_end ();
}

/* Memory for all groups of channels. */
size_t
LW_CPU (max_pool_scratch) (const LwStep *step)
{
  const int32_t k = step->node->window.kernel, s = step->node->window.stride;
  const int64_t groups = step->x_shape[0].c / (VECTORS * LW_LANES) + VECTORS;
  const bool is_usual = (k == 3 && s <= 2) || (k == 2 && s == 2);

  return is_usual ? sizeof (float) * (size_t)(groups * group_size (step)) : 0;
}

void
LW_CPU (max_pool_walk) (LwDevice *device, const LwMaxPool *job)
{
  lw_pool_run (device->pool, job->step->n * job->bands, walk_bands, job);
}
