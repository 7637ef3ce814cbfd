/* Pixels to points and back: V = Bᵀ d B, D = A dY Aᵀ, Y = Aᵀ S A, for one tile and 16 channels at a
 * time. A matrix on both sides is applied to the columns and then to the rows. */
#include "kernels/cpu/winograd_1d.h"

#include <immintrin.h>
#include <string.h>

/* --- pixels → points -------------------------------------------------------------------------- */

/* out [α][α], `step` numbers apart, = T in Tᵀ; in [side][side] with `row` and `pixel` numbers from
 * one to the next. T is Bᵀ with side = α, or A with side = m. */
LW_INLINE void
transform (const float (*t)[8], int alpha, int side, int pairs, const float *in, int64_t row,
           int64_t pixel, float *out, int64_t step)
{
  float half[64 * LW_PANEL] __attribute__ ((aligned (64)));

  for (int j = 0; j < side; j++)
    for (int lane = 0; lane < LW_PANEL; lane += LW_LANES) {
      LwVec from[8], to[8];

      LW_UNROLL
      for (int i = 0; i < side; i++)
        from[i] = lw_vec_load (in + i * row + j * pixel + lane);
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

/* Copies side × side pixels from (y, x) on, 16 channels or the `channels` that are left, to patch
 * [side][side][16]: zeros outside of the image, beyond the last channel, and where the mask is not
 * above 0. */
static void
gather (const float *image, const float *mask, int h, int w, int64_t stride, int y, int x, int side,
        int channels, float *patch)
{
  for (int i = 0; i < side; i++)
    for (int j = 0; j < side; j++, patch += LW_PANEL) {
      const int64_t at = ((int64_t)(y + i) * w + x + j) * stride;

      if (y + i < 0 || y + i >= h || x + j < 0 || x + j >= w) {
        memset (patch, 0, LW_PANEL * sizeof (float));
      } else if (channels < LW_PANEL) {
        for (int c = 0; c < LW_PANEL; c++)
          patch[c] = c < channels && (!mask || mask[at + c] > 0) ? image[at + c] : 0;
      } else if (mask) {
        for (int c = 0; c < LW_PANEL; c++)
          patch[c] = mask[at + c] > 0 ? image[at + c] : 0;
      } else {
        memcpy (patch, image + at, LW_PANEL * sizeof (float));
      }
    }
}

typedef struct {
  int h, w, c, padding;
  int64_t stride;
} Image;

LW_INLINE void
transform_tiles (const LwWinogradPlan *plan, const float (*t)[8], int alpha, int side, int pairs,
                 LwWinogradSource source, Image image, int64_t first, int64_t count, int from,
                 int to, float *points, int64_t step)
{
  float patch[64 * LW_PANEL] __attribute__ ((aligned (64)));

  for (int64_t i = 0; i < count; i++) {
    const LwWinogradTile tile = lw_winograd_tile (plan, first + i);
    const int y = tile.y - image.padding, x = tile.x - image.padding;
    const int64_t example = tile.n * image.h * image.w * image.stride;
    const bool inside = y >= 0 && x >= 0 && y + side <= image.h && x + side <= image.w;

    for (int panel = from; panel < to; panel++) {
      const int64_t at = example + panel * LW_PANEL;
      const int channels = image.c - panel * LW_PANEL;
      float *out = points + (panel * plan->group + i) * LW_PANEL;

      if (inside && channels >= LW_PANEL && !source.mask) {
        const float *in = source.pixels + at + ((int64_t)y * image.w + x) * image.stride;

        transform (t, alpha, side, pairs, in, image.w * image.stride, image.stride, out, step);
      } else {
        gather (source.pixels + at, source.mask ? source.mask + at : NULL, image.h, image.w,
                image.stride, y, x, side, channels, patch);
        transform (t, alpha, side, pairs, patch, side * LW_PANEL, LW_PANEL, out, step);
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

/* v + bias, its positive part, the sum with what is there. NaN stays NaN: a comparison with it is
 * false. */
LW_INLINE void
finish (const LwWinogradTarget *target, const LwVec *bias, LwVec *v, const float *there)
{
  *v += *bias;
  if (target->relu) {
    const LwVecBits negative = *v < 0;

    *v = (LwVec)((LwVecBits)*v & ~negative);
  }
  if (target->accumulate)
    *v += lw_vec_load (there);
}

LW_INLINE void
put (float *at, LwVec *v, bool stream)
{
#if LW_LANES == 16
  if (stream)
    _mm512_stream_ps (at, (__m512)*v);
#else
  if (stream)
    _mm256_stream_ps (at, (__m256)*v);
#endif
  else
    lw_vec_store (at, *v);
}

/* One tile: s [α][α], `step` apart → rows × columns pixels of 16 or, at the end, fewer channels. */
LW_INLINE void
transform_back (const float (*t)[8], int alpha, int m, int pairs, const float *s, int64_t step,
                const LwWinogradTarget *target, const float *bias, float *out, int64_t row,
                int64_t pixel, int rows, int columns, int channels)
{
  float half[64 * LW_PANEL] __attribute__ ((aligned (64)));

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
  for (int i = 0; i < rows; i++)
    for (int lane = 0; lane < LW_PANEL; lane += LW_LANES) {
      const LwVec offset = lw_vec_load (bias + lane);
      float *at = out + i * row + lane;
      LwVec from[8], to[8];

      LW_UNROLL
      for (int j = 0; j < alpha; j++)
        from[j] = lw_vec_load (half + (i * alpha + j) * LW_PANEL + lane);
      lw_winograd_apply_transposed (t, alpha, m, pairs, to, from);
      if (channels >= LW_PANEL) {
        LW_UNROLL
        for (int j = 0; j < m; j++)
          if (j < columns) {
            finish (target, &offset, &to[j], at + j * pixel);
            put (at + j * pixel, &to[j], target->stream);
          }
      } else {
        LW_UNROLL
        for (int j = 0; j < m; j++)
          if (j < columns) {
            const int left = channels - lane < LW_LANES ? channels - lane : LW_LANES;
            float whole[LW_LANES] = { 0 };

            if (left <= 0)
              continue;
            memcpy (whole, at + j * pixel, (size_t)left * sizeof (float));
            finish (target, &offset, &to[j], whole);
            memcpy (at + j * pixel, &to[j], (size_t)left * sizeof (float));
          }
      }
    }
}

LW_INLINE void
output_tiles (const LwWinogradPlan *plan, const LwWinogradTable *t, const float *s, int64_t first,
              int64_t count, int from, int to, const LwWinogradTarget *target)
{
  const int64_t row = plan->out_w * plan->out_stride;

  for (int panel = from; panel < to; panel++) {
    const int channels = plan->out_c - panel * LW_PANEL;
    float bias[LW_PANEL] __attribute__ ((aligned (64))) = { 0 };

    if (target->bias)
      memcpy (bias, target->bias + panel * LW_PANEL,
              (size_t)(channels < LW_PANEL ? channels : LW_PANEL) * sizeof (float));
    for (int64_t i = 0; i < count; i++) {
      const LwWinogradTile tile = lw_winograd_tile (plan, first + i);
      const int rows = plan->out_h - tile.y, columns = plan->out_w - tile.x;

      transform_back (t->a, t->alpha, t->m, t->pairs, s + (panel * plan->group + i) * LW_PANEL,
                      plan->out_step, target, bias,
                      target->pixels + (tile.n * plan->out_h + tile.y) * row +
                          tile.x * plan->out_stride + panel * LW_PANEL,
                      row, plan->out_stride, rows < t->m ? rows : t->m,
                      columns < t->m ? columns : t->m, channels);
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
