/* What the poolings share: which cells of a window lie inside the map, and which windows contain a
 * pixel. Private to this folder. */
#pragma once

#include "kernels/cpu/kernels.h"

G_BEGIN_DECLS

/* Cells first … last − 1 of a window along one dimension lie inside the map; cell 0 is at `start`.
 */
typedef struct {
  int32_t start, first, last;
} LwPoolPart;

static inline LwPoolPart
lw_pool_cells (LwWindow window, int32_t size, int32_t i)
{
  const int32_t start = window.stride * i - window.padding;

  return (LwPoolPart){ start, MAX (0, -start), MIN (window.kernel, size - start) };
}

/* Windows first … last − 1 along one dimension contain place `at`. */
static inline LwPoolPart
lw_pool_windows (LwWindow window, int32_t windows, int32_t at)
{
  const int32_t end = at + window.padding; /* window i covers s·i … s·i + k − 1 here */
  const int32_t first = end < window.kernel ? 0 : (end - window.kernel) / window.stride + 1;

  return (LwPoolPart){ 0, first, MIN (windows, end / window.stride + 1) };
}

/* 1 / the number of cells that an average's window has on the padded map: k², but of the last
 * windows where sides are rounded up. */
typedef struct {
  int32_t rows, columns; /* of outputs */
  float of[2][2];        /* in the last row; in the last column */
} LwPoolShares;

LW_INLINE LwPoolShares
lw_pool_shares (LwWindow window, LwShape from, LwShape to)
{
  const float k = (float)window.kernel;
  const float rows =
      (float)MIN (window.kernel, from.h + 2 * window.padding - window.stride * (to.h - 1));
  const float columns =
      (float)MIN (window.kernel, from.w + 2 * window.padding - window.stride * (to.w - 1));

  return (LwPoolShares){
    to.h, to.w, { { 1 / (k * k), 1 / (k * columns) }, { 1 / (rows * k), 1 / (rows * columns) } }
  };
}

LW_INLINE float
lw_pool_share (const LwPoolShares *shares, int32_t i, int32_t j)
{
  return shares->of[i == shares->rows - 1][j == shares->columns - 1];
}

/* Reads pixels' channels in the order of memory and forgets them: they come into a cache as fast as
 * memory gives. A processor reads ahead of this, but hardly of windows, which jump from row to row.
 */
LW_INLINE void
lw_pool_read (const LwNumber *at, int64_t pixels, int64_t pixel, int64_t channels)
{
  const int64_t line = 64 / (int64_t)sizeof (LwNumber);

  if (pixel == channels) {
    channels *= pixels;
    pixels = MIN (pixels, 1);
  }
  for (; pixels > 0; pixels--, at += pixel)
    for (int64_t i = 0; i < channels; i += line)
      (void)*(const volatile LwNumber *)(at + i);
}

/* The rows of a map [h][w], from `top` on, that window row i has and the one before has not; all
 * where `whole`. */
LW_INLINE void
lw_pool_read_rows (LwWindow window, LwShape from, int32_t top, const LwNumber *image, int64_t pixel,
                   int32_t i, bool whole)
{
  const int32_t start = window.stride * i - window.padding;
  const int32_t known = whole || i == 0 ? top : MAX (top, start - window.stride + window.kernel);
  const int32_t first = MAX (known, start), end = MIN (from.h, start + window.kernel);

  if (first < end && pixel * (int64_t)sizeof (LwNumber) > 256)
    lw_pool_read (image + (int64_t)first * from.w * pixel, (int64_t)(end - first) * from.w, pixel,
                  from.c);
}

G_END_DECLS
