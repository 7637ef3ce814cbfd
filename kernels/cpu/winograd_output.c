/* Points to pixels: Y = Aᵀ S A, for one tile and 16 channels, or 32, at a time, and what becomes of
 * them. */
#include "kernels/cpu/stretch_sums.h"
#include "kernels/cpu/winograd_1d.h"

#include <immintrin.h>

/* v + bias, and its positive part where `relu` has all bits set. NaN stays NaN: a comparison with
 * it is false. */
LW_INLINE void
finish (LwVec *v, const LwVec *bias, const LwVecBits *relu)
{
  *v += *bias;
  *v = (LwVec)((LwVecBits)*v & ~((*v < 0) & *relu));
}

/* What is written where, and how: most tiles are whole and need no questions. */
typedef struct {
  LwNumber *at;
  int64_t row, pixel;          /* numbers from one to the next */
  int rows, columns, channels; /* that there are */
  int top, left;               /* the first row and column that there are */
  LwWinogradPoints points;     /* where there are sums */
  const float *bias;           /* 16 numbers a panel */
  bool relu, accumulate;
  const LwNumber *positive; /* as in LwWinogradTarget */
  int64_t positive_row, positive_pixel;
  float *sums; /* of the stretch, or NULL */
  int64_t sums_width;
  bool begins; /* with the first row, the stretch's sums */
} Pixels;

/* Whole vectors: stored, stored past the caches, added and cleared; ANY asks for each number. */
typedef enum { WHOLE, STREAMED, CHANGED, ANY } Writing;

#ifdef LW_BF16
/* Two panels at once: a cache line. As 16-bit integers, numbers have their signs. */
LW_INLINE void
write_line (const Pixels *pixels, LwNumber *at, const LwNumber *positive, LwVec *v, Writing writing)
{
  __m512i both;

  if (writing == CHANGED && pixels->accumulate) {
    v[0] += lw_load (at);
    v[1] += lw_load (at + LW_PANEL);
    if (pixels->relu) {
      v[0] = lw_vec_relu (v[0]);
      v[1] = lw_vec_relu (v[1]);
    }
  }
  both = (__m512i)_mm512_cvtne2ps_pbh ((__m512)v[1], (__m512)v[0]);
  if (writing == CHANGED && positive)
    both = _mm512_maskz_mov_epi16 (
        _mm512_cmpgt_epi16_mask (_mm512_loadu_si512 (positive), _mm512_setzero_si512 ()), both);
  if (writing == STREAMED)
    _mm512_stream_si512 ((__m512i *)(void *)at, both);
  else
    _mm512_storeu_si512 (at, both);
}
#endif

/* Whole vectors of LW_FACTORS or fewer panels. */
LW_INLINE void
write_whole (const Pixels *pixels, int panels, LwNumber *at, const LwNumber *positive, LwVec *v,
             Writing writing)
{
#ifdef LW_BF16
  if (panels == LW_FACTORS) {
    write_line (pixels, at, positive, v, writing);
    return;
  }
#else
  (void)panels;
#endif
  if (writing == CHANGED && pixels->accumulate) {
    v[0] += lw_load (at);
    if (pixels->relu)
      v[0] = lw_vec_relu (v[0]);
  }
  if (writing == CHANGED && positive)
    v[0] = (LwVec)((LwVecBits)v[0] & ~(lw_load (positive) <= 0));
  if (writing == STREAMED)
    lw_store_past (at, v[0]);
  else
    lw_store (at, v[0]);
}

/* The first `left` channels of the row's pixels, one by one. */
static void
write_any (const Pixels *pixels, LwNumber *at, const LwNumber *positive, int left,
           float values[8][LW_LANES])
{
  at += pixels->left * pixels->pixel;
  for (int j = pixels->left; j < pixels->columns; j++, at += pixels->pixel)
    for (int c = 0; c < left; c++) {
      const float sum = pixels->accumulate ? lw_number (at[c]) + values[j][c] : values[j][c];
      const float value = pixels->relu && sum < 0 ? 0 : sum;
      const bool cleared = positive && lw_number (positive[j * pixels->positive_pixel + c]) <= 0;

      at[c] = lw_number_of (cleared ? 0 : value);
    }
}

/* A row that is not whole, to the sums of its stretch. */
static void
add_some (const Pixels *pixels, int row, int channel, float values[8][LW_LANES])
{
  float *at = pixels->sums + channel;
  const bool begins = pixels->begins && row == pixels->top;
  LwStretch stretch = lw_stretch_load (at, pixels->sums_width, begins);
  LwVec sum = { 0 };

  for (int j = 0; j < pixels->columns && begins; j++)
    sum += lw_vec_load (values[j]);
  if (begins)
    stretch.near = lw_rounded (sum * (1 / (float)pixels->columns));
  for (int j = 0; j < pixels->columns; j++) {
    const LwVec value = lw_vec_load (values[j]);

    lw_stretch_add (&stretch, 1, &value, 1);
  }
  lw_stretch_store (&stretch, at, pixels->sums_width);
}

/* half [m][α] = Aᵀ s for 16 channels; s [α][α], `step` numbers apart, 0 where there are no sums. */
LW_INLINE void
sum_columns (const LwWinogradTable *down, int alpha, LwWinogradPoints points, const float *s,
             int64_t step, float *half)
{
  for (int j = 0; j < alpha; j++)
    for (int lane = 0; lane < LW_PANEL; lane += LW_LANES) {
      LwVec from[8], to[8];

      LW_UNROLL
      for (int i = 0; i < down->alpha; i++)
        from[i] = i < points.rows && j < points.columns
                      ? lw_vec_load (s + (i * alpha + j) * step + lane)
                      : (LwVec){ 0 };
      lw_winograd_apply_transposed (lw_winograd_a (down), to, from);
      LW_UNROLL
      for (int i = 0; i < down->m; i++)
        lw_vec_store (half + (i * alpha + j) * LW_PANEL + lane, to[i]);
    }
}

/* Whole rows of the stretch that the tile belongs to. */
LW_INLINE void
load_stretch (const Pixels *pixels, int panels, LwStretch stretch[LW_FACTORS][LW_VECS])
{
  LW_UNROLL
  for (int k = 0; k < panels; k++)
    for (int v = 0; v < LW_VECS; v++)
      stretch[k][v] = lw_stretch_load (pixels->sums + k * LW_PANEL + v * LW_LANES,
                                       pixels->sums_width, pixels->begins);
}

LW_INLINE void
store_stretch (const Pixels *pixels, int panels, LwStretch stretch[LW_FACTORS][LW_VECS])
{
  LW_UNROLL
  for (int k = 0; k < panels; k++)
    for (int v = 0; v < LW_VECS; v++)
      lw_stretch_store (&stretch[k][v], pixels->sums + k * LW_PANEL + v * LW_LANES,
                        pixels->sums_width);
}

/* The pixels = half A. With `measured`, of whole rows that are not changed, they are added to the
 * sums of their stretch, too. */
LW_INLINE void
sum_rows (const LwWinogradTable *across, int panels, float half[LW_FACTORS][64 * LW_PANEL],
          const Pixels *pixels, Writing writing, bool measured)
{
  /* What is added comes before the activation. */
  const LwVecBits relu = (LwVecBits){ 0 } - (int32_t)(pixels->relu && !pixels->accumulate);
  const int64_t pixel = pixels->pixel;
  const int alpha = across->alpha;
  LwStretch stretch[LW_FACTORS][LW_VECS];

  if (measured)
    load_stretch (pixels, panels, stretch);
  for (int i = pixels->top; i < pixels->rows; i++)
    for (int lane = 0; lane < LW_PANEL; lane += LW_LANES) {
      LwNumber *at = pixels->at + i * pixels->row + lane;
      const LwNumber *positive =
          pixels->positive ? pixels->positive + i * pixels->positive_row + lane : NULL;
      LwVec to[LW_FACTORS][8];

      LW_UNROLL
      for (int k = 0; k < panels; k++) {
        const LwVec bias = lw_vec_load (pixels->bias + k * LW_PANEL + lane);
        LwVec from[8];

        LW_UNROLL
        for (int j = 0; j < alpha; j++)
          from[j] = lw_vec_load (half[k] + (i * alpha + j) * LW_PANEL + lane);
        lw_winograd_apply_transposed (lw_winograd_a (across), to[k], from);
        LW_UNROLL
        for (int j = 0; j < across->m; j++)
          finish (&to[k][j], &bias, &relu);
      }
      if (writing == ANY) {
        const int left = pixels->channels - lane < LW_LANES ? pixels->channels - lane : LW_LANES;
        float values[8][LW_LANES];

        LW_UNROLL
        for (int j = 0; j < across->m; j++)
          lw_vec_store (values[j], to[0][j]);
        write_any (pixels, at, positive, left, values);
        if (pixels->sums)
          add_some (pixels, i, lane, values);
        continue;
      }
      if (measured) {
        LW_UNROLL
        for (int k = 0; k < panels; k++) {
          if (pixels->begins && i == pixels->top)
            lw_stretch_begin (&stretch[k][lane / LW_LANES], across->m, to[k], 1);
          lw_stretch_add (&stretch[k][lane / LW_LANES], across->m, to[k], 1);
        }
      }
      LW_UNROLL
      for (int j = 0; j < across->m; j++) {
        LwVec v[LW_FACTORS];

        LW_UNROLL
        for (int k = 0; k < panels; k++)
          v[k] = to[k][j];
        write_whole (pixels, panels, at + j * pixel,
                     positive ? positive + j * pixels->positive_pixel : NULL, v, writing);
      }
    }
  if (measured)
    store_stretch (pixels, panels, stretch);
}

/* Panels of one tile: one, or LW_FACTORS that are whole. */
LW_INLINE void
output_panels (const LwWinogradPlan *plan, const LwWinogradTable *down,
               const LwWinogradTable *across, int panels, const float *s, const Pixels *pixels,
               bool streamed)
{
  float half[LW_FACTORS][64 * LW_PANEL] __attribute__ ((aligned (64)));

  for (int k = 0; k < panels; k++)
    sum_columns (down, across->alpha, pixels->points, s + k * plan->group * LW_PANEL,
                 plan->out_step, half[k]);
  if (panels == 1 &&
      (pixels->left > 0 || pixels->columns < across->m || pixels->channels < LW_PANEL))
    sum_rows (across, panels, half, pixels, ANY, false);
  else if (pixels->accumulate || pixels->positive)
    sum_rows (across, panels, half, pixels, CHANGED, false);
  else if (pixels->sums && streamed && panels == LW_FACTORS)
    sum_rows (across, panels, half, pixels, STREAMED, true);
  else if (pixels->sums)
    sum_rows (across, panels, half, pixels, WHOLE, true);
  else if (streamed && panels == LW_FACTORS)
    sum_rows (across, panels, half, pixels, STREAMED, false);
  else
    sum_rows (across, panels, half, pixels, WHOLE, false);
}

LW_INLINE void
output_tiles (const LwWinogradPlan *plan, const LwWinogradTable *down,
              const LwWinogradTable *across, const float *s, int64_t first, int64_t count, int from,
              int to, const LwWinogradTarget *target)
{
  static const float none[LW_FACTORS * LW_PANEL] __attribute__ ((aligned (64)));
  const LwNumber *positive = target->positive;
  const int step = plan->out_phases > 1 ? 2 : 1,
            panels_of_phase = plan->out_panels / plan->out_phases;
  float last[LW_PANEL] __attribute__ ((aligned (64))) = { 0 };

  /* The last panel's bias with zeros behind it. */
  if (target->bias && to * LW_PANEL > plan->out_c)
    for (int c = (to - 1) * LW_PANEL; c < plan->out_c; c++)
      last[c % LW_PANEL] = target->bias[c];
  for (int64_t i = 0; i < count; i++) {
    const LwWinogradTile tile = lw_winograd_tile (plan, first + i);
    int panels;

    for (int panel = from; panel < to; panel += panels) {
      const int number = panel / panels_of_phase, channel = panel % panels_of_phase * LW_PANEL;
      const LwWinogradPhase phase = lw_winograd_phase (plan->out_phases, number);
      /* Of two phases the odd one comes first: see describe () of winograd.c. */
      const int y = step * tile.y - plan->before + (step == 2 && !phase.odd_y);
      const int x = step * tile.x - plan->before + (step == 2 && !phase.odd_x);
      const int64_t pixel = (tile.n * plan->out_h + y) * plan->out_w + x;
      const float *sums = s + (panel * plan->group + i) * LW_PANEL;
      Pixels pixels = { .at = (LwNumber *)target->pixels + pixel * plan->out_stride + channel,
                        .row = step * plan->out_w * plan->out_stride,
                        .pixel = step * plan->out_stride,
                        .top = lw_winograd_count (y, 0, step, down->m),
                        .left = lw_winograd_count (x, 0, step, across->m),
                        .rows = lw_winograd_count (y, plan->out_h, step, down->m),
                        .columns = lw_winograd_count (x, plan->out_w, step, across->m),
                        .channels = plan->out_c - channel,
                        .points = lw_winograd_points (phase, down->alpha, across->alpha),
                        .bias = none,
                        .relu = target->relu,
                        .accumulate = target->accumulate,
                        .positive_row = step * plan->out_w * target->positive_stride,
                        .positive_pixel = step * target->positive_stride };

      if (target->sums.at) {
        const int64_t stretch = (first + i) / LW_WINOGRAD_STRETCH;
        const int count = pixels.rows * pixels.columns;

        pixels.begins = (first + i) % LW_WINOGRAD_STRETCH == 0;
        pixels.sums_width = target->sums.width;
        pixels.sums = target->sums.at + 3 * stretch * pixels.sums_width + channel;
        if (panel == 0)
          target->sums.counts[stretch] =
              (pixels.begins ? 0 : target->sums.counts[stretch]) + (float)count;
      }
      if (positive)
        pixels.positive = positive + pixel * target->positive_stride + channel;
      if (target->bias)
        pixels.bias = pixels.channels < LW_PANEL ? last : target->bias + channel;
      panels = panel + LW_FACTORS <= to && pixels.left == 0 && pixels.columns == across->m &&
                       pixels.channels >= LW_FACTORS * LW_PANEL
                   ? LW_FACTORS
                   : 1;
      if (panels == LW_FACTORS)
        output_panels (plan, down, across, LW_FACTORS, sums, &pixels, target->stream);
      else
        output_panels (plan, down, across, 1, sums, &pixels, target->stream);
    }
  }
}

void
LW_CPU (winograd_output) (const LwWinogradPlan *plan, const float *s, int64_t first, int64_t count,
                          int from, int to, const LwWinogradTarget *target)
{
#define OUTPUT(down, across) output_tiles (plan, down, across, s, first, count, from, to, target)
  LW_WINOGRAD_SWITCH (plan, OUTPUT)
}
