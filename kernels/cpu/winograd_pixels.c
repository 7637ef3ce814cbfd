/* Pixels to points and back: V = Bᵀ d B, D = A dY Aᵀ, Y = Aᵀ S A, for one tile and 16 channels at a
 * time. A matrix on both sides is applied to the columns and then to the rows. */
#include "kernels/cpu/winograd_1d.h"

#include <immintrin.h>
#include <string.h>

/* --- pixels → points -------------------------------------------------------------------------- */

/* The pixels d [side][side] under a tile, all channels. Rows outside of the image are rows of zeros
 * that do not move from pixel to pixel; so are the columns before left and from right on. With a
 * mask, what it does not have above 0 is zero, too. */
typedef struct {
  const float *row[8], *mask[8];
  int64_t moves[8]; /* all bits, or none */
  int64_t pixel;    /* numbers from one to the next */
  int left, right;
} Patch;

static const float zeros[LW_PANEL] __attribute__ ((aligned (64)));

/* out [α][α], `step` numbers apart, = T d Tᵀ for 16 channels from `channel` on. T is Bᵀ with
 * side = α, or A with side = m. */
LW_INLINE void
transform (const float (*t)[8], int alpha, int side, int pairs, const Patch *d, int64_t channel,
           bool masked, float *out, int64_t step)
{
  float half[64 * LW_PANEL] __attribute__ ((aligned (64)));

  for (int j = 0; j < side; j++)
    for (int lane = 0; lane < LW_PANEL; lane += LW_LANES) {
      const int64_t offset = channel + j * d->pixel;
      LwVec from[8], to[8];

      if (j < d->left || j >= d->right) {
        LW_UNROLL
        for (int i = 0; i < alpha; i++)
          lw_vec_store (half + (i * side + j) * LW_PANEL + lane, (LwVec){ 0 });
        continue;
      }
      LW_UNROLL
      for (int i = 0; i < side; i++) {
        from[i] = lw_vec_load (d->row[i] + (offset & d->moves[i]) + lane);
        if (masked) {
          const LwVecBits counts = lw_vec_load (d->mask[i] + (offset & d->moves[i]) + lane) > 0;

          from[i] = (LwVec)((LwVecBits)from[i] & counts);
        }
      }
      lw_winograd_apply (t, alpha, side, pairs, to, from);
      LW_UNROLL
      for (int i = 0; i < alpha; i++)
        lw_vec_store (half + (i * side + j) * LW_PANEL + lane, to[i]);
    }
  for (int i = 0; i < alpha; i++)
    for (int lane = 0; lane < LW_PANEL; lane += LW_LANES) {
      LwVec from[8], to[8];

      LW_UNROLL
      for (int j = 0; j < side; j++)
        from[j] = lw_vec_load (half + (i * side + j) * LW_PANEL + lane);
      lw_winograd_apply (t, alpha, side, pairs, to, from);
      LW_UNROLL
      for (int j = 0; j < alpha; j++)
        lw_vec_store (out + (i * alpha + j) * step + lane, to[j]);
    }
}

/* Copies `channels` channels of the patch, the mask applied, to [side][side][16], zeros behind. */
static Patch
gather (const Patch *patch, int64_t channel, int channels, int side, float *to)
{
  Patch copied = { .pixel = LW_PANEL, .right = side };

  memset (to, 0, (size_t)(side * side) * LW_PANEL * sizeof (float));
  for (int i = 0; i < side; i++) {
    copied.row[i] = to + i * side * LW_PANEL;
    copied.moves[i] = -1;
    for (int j = patch->left; j < patch->right && patch->moves[i]; j++) {
      const int64_t from = channel + j * patch->pixel;

      for (int c = 0; c < channels; c++)
        if (!patch->mask[i] || patch->mask[i][from + c] > 0)
          to[(i * side + j) * LW_PANEL + c] = patch->row[i][from + c];
    }
  }
  return copied;
}

typedef struct {
  int h, w, c, padding;
  int64_t stride;
} Image;

static Patch
patch_at (Image image, LwWinogradSource source, LwWinogradTile tile, int side)
{
  const int y = tile.y - image.padding, x = tile.x - image.padding;
  Patch patch = { .pixel = image.stride };

  patch.left = x < 0 ? -x : 0;
  patch.right = image.w - x < side ? image.w - x : side;
  for (int i = 0; i < side; i++) {
    const int64_t at = ((tile.n * image.h + y + i) * image.w + x) * image.stride;
    const bool inside = y + i >= 0 && y + i < image.h;

    patch.row[i] = inside ? source.pixels + at : zeros;
    patch.mask[i] = inside && source.mask ? source.mask + at : source.mask ? zeros : NULL;
    patch.moves[i] = inside ? -1 : 0;
  }
  return patch;
}

LW_INLINE void
transform_tiles (const LwWinogradPlan *plan, const float (*t)[8], int alpha, int side, int pairs,
                 LwWinogradSource source, Image image, int64_t first, int64_t count, int from,
                 int to, float *points, int64_t step)
{
  float copy[64 * LW_PANEL] __attribute__ ((aligned (64)));

  for (int64_t i = 0; i < count; i++) {
    const Patch patch = patch_at (image, source, lw_winograd_tile (plan, first + i), side);

    for (int panel = from; panel < to; panel++) {
      const int channel = panel * LW_PANEL, channels = image.c - channel;
      float *out = points + (panel * plan->group + i) * LW_PANEL;

      if (source.mask && channels >= LW_PANEL) {
        transform (t, alpha, side, pairs, &patch, channel, true, out, step);
      } else {
        const bool whole = channels >= LW_PANEL;
        Patch copied;

        if (!whole)
          copied = gather (&patch, channel, channels, side, copy);
        transform (t, alpha, side, pairs, whole ? &patch : &copied, whole ? channel : 0, false, out,
                   step);
      }
    }
  }
}

#define TABLE(variant) (&lw_winograd_tables[LW_WINOGRAD_##variant])
#define INPUT(variant)                                                                             \
  transform_tiles (plan, TABLE (variant)->bt, TABLE (variant)->alpha, TABLE (variant)->alpha,      \
                   TABLE (variant)->pairs, in, image, first, count, 0, plan->in_panels, v,         \
                   plan->in_step)

void
LW_CPU (winograd_input) (const LwWinogradPlan *plan, LwWinogradSource in, int64_t first,
                         int64_t count, float *v)
{
  const Image image = { plan->in_h, plan->in_w, plan->in_c, plan->padding, plan->in_stride };

  switch (plan->variant) {
  case LW_WINOGRAD_F43:
    INPUT (F43);
    break;
  case LW_WINOGRAD_F33:
    INPUT (F33);
    break;
  default: /* F63 and F45 have the same points, so the same Bᵀ */
    INPUT (F63);
  }
}

#define GRADIENT(variant)                                                                          \
  transform_tiles (plan, TABLE (variant)->a, TABLE (variant)->alpha, TABLE (variant)->m,           \
                   TABLE (variant)->pairs, out, image, first, count, from, to, d, plan->out_step)

void
LW_CPU (winograd_gradient) (const LwWinogradPlan *plan, LwWinogradSource out, int64_t first,
                            int64_t count, int from, int to, float *d)
{
  const Image image = { plan->out_h, plan->out_w, plan->out_c, 0, plan->out_stride };

  switch (plan->variant) {
  case LW_WINOGRAD_F63:
    GRADIENT (F63);
    break;
  case LW_WINOGRAD_F43:
    GRADIENT (F43);
    break;
  case LW_WINOGRAD_F33:
    GRADIENT (F33);
    break;
  default:
    GRADIENT (F45);
  }
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

LW_INLINE void
stream (float *at, const LwVec *v)
{
#if LW_LANES == 16
  _mm512_stream_ps (at, (__m512)*v);
#else
  _mm256_stream_ps (at, (__m256)*v);
#endif
}

/* What is written where, and how: most tiles are whole and need no questions. */
typedef struct {
  float *at;
  int64_t row, pixel;          /* numbers from one to the next */
  int rows, columns, channels; /* that there are */
  const float *bias;           /* 16 numbers */
  bool relu, accumulate;
  const float *positive; /* as in LwWinogradTarget */
  int64_t positive_row, positive_pixel;
} Pixels;

/* Whole vectors: stored, stored past the caches, added and cleared; ANY asks for each number. */
typedef enum { WHOLE, STREAMED, CHANGED, ANY } Writing;

/* Whole vectors, added to what is there, and cleared. */
LW_INLINE LwVec
change (const Pixels *pixels, const float *at, const float *positive, const LwVec *v)
{
  LwVec value = *v;

  if (pixels->accumulate)
    value += lw_vec_load (at);
  if (positive)
    value = (LwVec)((LwVecBits)value & ~(lw_vec_load (positive) <= 0));
  return value;
}

/* The first `left` channels of the row's pixels, one by one. */
static void
write_any (const Pixels *pixels, float *at, const float *positive, int left,
           float values[8][LW_LANES])
{
  for (int j = 0; j < pixels->columns; j++, at += pixels->pixel)
    for (int c = 0; c < left; c++) {
      const float value = pixels->accumulate ? at[c] + values[j][c] : values[j][c];

      at[c] = positive && positive[j * pixels->positive_pixel + c] <= 0 ? 0 : value;
    }
}

/* half [m][α] = Aᵀ s for 16 channels; s [α][α], `step` numbers apart. */
LW_INLINE void
transform_columns (const float (*t)[8], int alpha, int m, int pairs, const float *s, int64_t step,
                   float *half)
{
  for (int j = 0; j < alpha; j++)
    for (int lane = 0; lane < LW_PANEL; lane += LW_LANES) {
      LwVec from[8], to[8];

      LW_UNROLL
      for (int i = 0; i < alpha; i++)
        from[i] = lw_vec_load (s + (i * alpha + j) * step + lane);
      lw_winograd_apply_transposed (t, alpha, m, pairs, to, from);
      LW_UNROLL
      for (int i = 0; i < m; i++)
        lw_vec_store (half + (i * alpha + j) * LW_PANEL + lane, to[i]);
    }
}

/* The pixels = half A. */
LW_INLINE void
transform_rows (const float (*t)[8], int alpha, int m, int pairs, const float *half,
                const Pixels *pixels, Writing writing)
{
  const LwVecBits relu = (LwVecBits){ 0 } - (int32_t)pixels->relu;
  const int64_t pixel = pixels->pixel;

  for (int i = 0; i < pixels->rows; i++)
    for (int lane = 0; lane < LW_PANEL; lane += LW_LANES) {
      const LwVec bias = lw_vec_load (pixels->bias + lane);
      float *at = pixels->at + i * pixels->row + lane;
      const float *positive =
          pixels->positive ? pixels->positive + i * pixels->positive_row + lane : NULL;
      LwVec from[8], to[8];

      LW_UNROLL
      for (int j = 0; j < alpha; j++)
        from[j] = lw_vec_load (half + (i * alpha + j) * LW_PANEL + lane);
      lw_winograd_apply_transposed (t, alpha, m, pairs, to, from);
      LW_UNROLL
      for (int j = 0; j < m; j++) {
        finish (&to[j], &bias, &relu);
        if (writing == STREAMED)
          stream (at + j * pixel, &to[j]);
        else if (writing == WHOLE)
          lw_vec_store (at + j * pixel, to[j]);
        else if (writing == CHANGED)
          lw_vec_store (at + j * pixel,
                        change (pixels, at + j * pixel,
                                positive ? positive + j * pixels->positive_pixel : NULL, &to[j]));
      }
      if (writing == ANY) {
        const int left = pixels->channels - lane < LW_LANES ? pixels->channels - lane : LW_LANES;
        float values[8][LW_LANES];

        LW_UNROLL
        for (int j = 0; j < m; j++)
          lw_vec_store (values[j], to[j]);
        write_any (pixels, at, positive, left, values);
      }
    }
}

LW_INLINE void
output_tiles (const LwWinogradPlan *plan, const LwWinogradTable *t, const float *s, int64_t first,
              int64_t count, int from, int to, const LwWinogradTarget *target)
{
  const int64_t row = plan->out_w * plan->out_stride;
  float half[64 * LW_PANEL] __attribute__ ((aligned (64)));
  float last[LW_PANEL] __attribute__ ((aligned (64))) = { 0 };

  /* The last panel's bias with zeros behind it. */
  if (target->bias && to * LW_PANEL > plan->out_c)
    for (int c = (to - 1) * LW_PANEL; c < plan->out_c; c++)
      last[c % LW_PANEL] = target->bias[c];
  for (int64_t i = 0; i < count; i++) {
    const LwWinogradTile tile = lw_winograd_tile (plan, first + i);
    const int rows = plan->out_h - tile.y, columns = plan->out_w - tile.x;
    const int64_t pixel = (tile.n * plan->out_h + tile.y) * plan->out_w + tile.x;
    float *out = target->pixels + pixel * plan->out_stride;

    for (int panel = from; panel < to; panel++) {
      const float *sums = s + (panel * plan->group + i) * LW_PANEL;
      Pixels pixels = { .at = out + panel * LW_PANEL,
                        .row = row,
                        .pixel = plan->out_stride,
                        .rows = rows < t->m ? rows : t->m,
                        .columns = columns < t->m ? columns : t->m,
                        .channels = plan->out_c - panel * LW_PANEL,
                        .bias = zeros,
                        .relu = target->relu,
                        .accumulate = target->accumulate,
                        .positive_row = plan->out_w * target->positive_stride,
                        .positive_pixel = target->positive_stride };

      if (target->positive)
        pixels.positive = target->positive + pixel * target->positive_stride + panel * LW_PANEL;

      if (target->bias)
        pixels.bias = pixels.channels < LW_PANEL ? last : target->bias + panel * LW_PANEL;
      transform_columns (t->a, t->alpha, t->m, t->pairs, sums, plan->out_step, half);
      if (pixels.columns < t->m || pixels.channels < LW_PANEL)
        transform_rows (t->a, t->alpha, t->m, t->pairs, half, &pixels, ANY);
      else if (target->accumulate || target->positive)
        transform_rows (t->a, t->alpha, t->m, t->pairs, half, &pixels, CHANGED);
      else if (target->stream)
        transform_rows (t->a, t->alpha, t->m, t->pairs, half, &pixels, STREAMED);
      else
        transform_rows (t->a, t->alpha, t->m, t->pairs, half, &pixels, WHOLE);
    }
  }
}

void
LW_CPU (winograd_output) (const LwWinogradPlan *plan, const float *s, int64_t first, int64_t count,
                          int from, int to, const LwWinogradTarget *target)
{
  switch (plan->variant) {
  case LW_WINOGRAD_F63:
    output_tiles (plan, TABLE (F63), s, first, count, from, to, target);
    break;
  case LW_WINOGRAD_F43:
    output_tiles (plan, TABLE (F43), s, first, count, from, to, target);
    break;
  case LW_WINOGRAD_F33:
    output_tiles (plan, TABLE (F33), s, first, count, from, to, target);
    break;
  default:
    output_tiles (plan, TABLE (F45), s, first, count, from, to, target);
  }
}
