/* Pixels to points and back: V = Bᵀ d B, D = A dY Aᵀ, Y = Aᵀ S A, for one tile and 16 channels at a
 * time. A matrix on both sides is applied to the columns and then to the rows. */
#include "kernels/cpu/winograd_1d.h"

#include <immintrin.h>
#include <string.h>

/* The values of a phase at the points, the first so many down and across. */
typedef struct {
  int rows, columns;
} Points;

static Points
points_of (LwWinogradPhase phase, int rows, int columns)
{
  return (Points){ rows - phase.odd_y, columns - phase.odd_x };
}

/* --- pixels → points -------------------------------------------------------------------------- */

/* The pixels d [side][side] under a tile, all channels. Rows outside of the image are rows of zeros
 * that do not move from pixel to pixel; so are the columns before left and from right on. With a
 * mask, what it does not have above 0 is zero, too. */
typedef struct {
  const LwNumber *row[8], *mask[8];
  int64_t moves[8]; /* all bits, or none */
  int64_t pixel;    /* numbers from one to the next */
  int left, right;
} Patch;

static const LwNumber outside[LW_PANEL] __attribute__ ((aligned (64)));

/* half [rows][side] = T d for 16 channels from `channel` on; sum += all numbers of d, if wanted. */
LW_INLINE void
transform_columns (LwWinogradMatrix t, int side, const Patch *d, int64_t channel, bool masked,
                   float *half, LwVec *sum)
{
  for (int j = 0; j < side; j++)
    for (int lane = 0; lane < LW_PANEL; lane += LW_LANES) {
      const int64_t offset = channel + j * d->pixel;
      LwVec from[8], to[8];

      if (j < d->left || j >= d->right) {
        LW_UNROLL
        for (int i = 0; i < t.rows; i++)
          lw_vec_store (half + (i * side + j) * LW_PANEL + lane, (LwVec){ 0 });
        continue;
      }
      LW_UNROLL
      for (int i = 0; i < t.columns; i++) {
        from[i] = lw_load (d->row[i] + (offset & d->moves[i]) + lane);
        if (masked) {
          const LwVecBits counts = lw_load (d->mask[i] + (offset & d->moves[i]) + lane) > 0;

          from[i] = (LwVec)((LwVecBits)from[i] & counts);
        }
        if (sum)
          *sum += from[i];
      }
      lw_winograd_apply (t, to, from);
      LW_UNROLL
      for (int i = 0; i < t.rows; i++)
        lw_vec_store (half + (i * side + j) * LW_PANEL + lane, to[i]);
    }
}

/* out [α][α], `step` numbers apart, = T d Tᵀ for 16 channels from `channel` on of LW_FACTORS tiles;
 * T is Bᵀ or A, down and across the image; `paired` as in winograd_stages.h; sum += all numbers of
 * d, if wanted. */
LW_INLINE void
transform (LwWinogradMatrix down, LwWinogradMatrix across, Points points, const Patch *d,
           int64_t channel, bool masked, LwNumber *out, int64_t step, bool paired, LwVec *sum)
{
  const int side = across.columns;
  float half[LW_FACTORS][64 * LW_PANEL] __attribute__ ((aligned (64)));

  for (int k = 0; k < LW_FACTORS; k++)
    transform_columns (down, side, &d[k], channel, masked, half[k], sum);
  for (int i = 0; i < points.rows; i++)
    for (int lane = 0; lane < LW_PANEL; lane += LW_LANES) {
      LwVec to[LW_FACTORS][8];

      LW_UNROLL
      for (int k = 0; k < LW_FACTORS; k++) {
        LwVec from[8];

        LW_UNROLL
        for (int j = 0; j < side; j++)
          from[j] = lw_vec_load (half[k] + (i * side + j) * LW_PANEL + lane);
        lw_winograd_apply (across, to[k], from);
      }
      LW_UNROLL
      for (int j = 0; j < across.rows; j++)
        if (j < points.columns)
          lw_winograd_store (out + (i * across.rows + j) * step + lane, to[0][j],
                             to[LW_FACTORS - 1][j], paired);
    }
}

/* Copies `channels` channels of the patch, the mask applied, to [rows][columns][16], zeros behind.
 */
static Patch
gather (const Patch *patch, int64_t channel, int channels, int rows, int columns, LwNumber *to)
{
  Patch copied = { .pixel = LW_PANEL, .right = columns };

  memset (to, 0, (size_t)(rows * columns) * LW_PANEL * sizeof *to);
  for (int i = 0; i < rows; i++) {
    copied.row[i] = to + i * columns * LW_PANEL;
    copied.moves[i] = -1;
    for (int j = patch->left; j < patch->right && patch->moves[i]; j++) {
      const int64_t from = channel + j * patch->pixel;

      for (int c = 0; c < channels; c++)
        if (!patch->mask[i] || lw_number (patch->mask[i][from + c]) > 0)
          to[(i * columns + j) * LW_PANEL + c] = patch->row[i][from + c];
    }
  }
  return copied;
}

typedef struct {
  int h, w, c, padding, phases;
  int64_t stride;
} Image;

/* Numbers from 0 on that are left of x + step · number = end, at most `most`. */
static int
count_below (int x, int end, int step, int most)
{
  const int count = x < end ? (end - x + step - 1) / step : 0;

  return count < most ? count : most;
}

static Patch
patch_at (Image image, LwWinogradPhase phase, LwWinogradSource source, LwWinogradTile tile,
          int rows, int columns)
{
  const LwNumber *pixels = source.pixels, *mask = source.mask;
  const int step = image.phases > 1 ? 2 : 1;
  const int y = step * tile.y - image.padding + phase.odd_y;
  const int x = step * tile.x - image.padding + phase.odd_x;
  Patch patch = { .pixel = step * image.stride };

  patch.left = count_below (x, 0, step, columns);
  patch.right = count_below (x, image.w, step, columns);
  for (int i = 0; i < rows; i++) {
    const int row = y + step * i;
    const int64_t at = ((tile.n * image.h + row) * image.w + x) * image.stride;
    const bool inside = row >= 0 && row < image.h;

    patch.row[i] = inside ? pixels + at : outside;
    patch.mask[i] = inside && mask ? mask + at : mask ? outside : NULL;
    patch.moves[i] = inside ? -1 : 0;
  }
  return patch;
}

/* A tile behind the last one. */
static Patch
no_patch (LwWinogradSource source, int rows)
{
  Patch patch = { 0 };

  for (int i = 0; i < rows; i++) {
    patch.row[i] = outside;
    patch.mask[i] = source.mask ? outside : NULL;
  }
  return patch;
}

/* The panels from … to − 1 of each phase. */
LW_INLINE void
transform_tiles (const LwWinogradPlan *plan, LwWinogradMatrix down, LwWinogradMatrix across,
                 LwWinogradSource source, Image image, int64_t first, int64_t count, int from,
                 int to, LwNumber *v, int64_t step, bool paired, float *sums)
{
  const int rows = down.columns, columns = across.columns;
  LwNumber copy[LW_FACTORS][64 * LW_PANEL] __attribute__ ((aligned (64)));

  for (int64_t number = 0; number < lw_winograd_divide_up (count, LW_FACTORS) * image.phases;
       number++) {
    const int64_t i = number / image.phases * LW_FACTORS;
    const int phase_number = (int)(number % image.phases);
    const LwWinogradPhase phase = lw_winograd_phase (image.phases, phase_number);
    const Points points = points_of (phase, down.rows, across.rows);
    Patch patch[LW_FACTORS];

    for (int k = 0; k < LW_FACTORS; k++)
      patch[k] = i + k < count ? patch_at (image, phase, source,
                                           lw_winograd_tile (plan, first + i + k), rows, columns)
                               : no_patch (source, rows);
    for (int panel = from; panel < to; panel++) {
      const int channel = panel * LW_PANEL, channels = image.c - channel;
      LwNumber *out = v + ((phase_number * to + panel) * plan->group + i) * LW_PANEL;
      LwVec sum = { 0 }, *wanted = sums ? &sum : NULL;

      if (channels < LW_PANEL) {
        Patch copied[LW_FACTORS];

        for (int k = 0; k < LW_FACTORS; k++)
          copied[k] = gather (&patch[k], channel, channels, rows, columns, copy[k]);
        transform (down, across, points, copied, 0, false, out, step, paired, wanted);
      } else if (source.mask)
        transform (down, across, points, patch, channel, true, out, step, paired, wanted);
      else
        transform (down, across, points, patch, channel, false, out, step, paired, wanted);
      if (wanted)
        lw_vec_store (sums + channel, lw_vec_load (sums + channel) + sum);
    }
  }
}

void
LW_CPU (winograd_input) (const LwWinogradPlan *plan, LwWinogradSource in, int64_t first,
                         int64_t count, bool paired, LwNumber *v)
{
  const Image image = { plan->in_h,    plan->in_w,      plan->in_c,
                        plan->padding, plan->in_phases, plan->in_stride };

#define INPUT(down, across)                                                                        \
  transform_tiles (plan, lw_winograd_bt (down), lw_winograd_bt (across), in, image, first, count,  \
                   0, plan->in_panels / plan->in_phases, v, plan->in_step, paired, NULL)
  LW_WINOGRAD_SWITCH (plan, INPUT)
}

void
LW_CPU (winograd_gradient) (const LwWinogradPlan *plan, LwWinogradSource out, int64_t first,
                            int64_t count, int from, int to, LwNumber *d, float *sums)
{
  const Image image = { plan->out_h, plan->out_w, plan->out_c, 0, 1, plan->out_stride };

#define GRADIENT(down, across)                                                                     \
  transform_tiles (plan, lw_winograd_a (down), lw_winograd_a (across), out, image, first, count,   \
                   from, to, d, plan->out_step, true, sums)
  LW_WINOGRAD_SWITCH (plan, GRADIENT)
}

/* --- points → pixels -------------------------------------------------------------------------- */

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
  Points points;               /* where there are sums */
  const float *bias;           /* 16 numbers a panel */
  bool relu, accumulate;
  const LwNumber *positive; /* as in LwWinogradTarget */
  int64_t positive_row, positive_pixel;
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

/* half [m][α] = Aᵀ s for 16 channels; s [α][α], `step` numbers apart, 0 where there are no sums. */
LW_INLINE void
sum_columns (const LwWinogradTable *down, int alpha, Points points, const float *s, int64_t step,
             float *half)
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

/* The pixels = half A. */
LW_INLINE void
sum_rows (const LwWinogradTable *across, int panels, float half[LW_FACTORS][64 * LW_PANEL],
          const Pixels *pixels, Writing writing)
{
  /* What is added comes before the activation. */
  const LwVecBits relu = (LwVecBits){ 0 } - (int32_t)(pixels->relu && !pixels->accumulate);
  const int64_t pixel = pixels->pixel;
  const int alpha = across->alpha;

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
        continue;
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
    sum_rows (across, panels, half, pixels, ANY);
  else if (pixels->accumulate || pixels->positive)
    sum_rows (across, panels, half, pixels, CHANGED);
  else if (streamed && panels == LW_FACTORS)
    sum_rows (across, panels, half, pixels, STREAMED);
  else
    sum_rows (across, panels, half, pixels, WHOLE);
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
                        .top = count_below (y, 0, step, down->m),
                        .left = count_below (x, 0, step, across->m),
                        .rows = count_below (y, plan->out_h, step, down->m),
                        .columns = count_below (x, plan->out_w, step, across->m),
                        .channels = plan->out_c - channel,
                        .points = points_of (phase, down->alpha, across->alpha),
                        .bias = none,
                        .relu = target->relu,
                        .accumulate = target->accumulate,
                        .positive_row = step * plan->out_w * target->positive_stride,
                        .positive_pixel = step * target->positive_stride };

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
