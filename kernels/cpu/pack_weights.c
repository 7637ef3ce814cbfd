/* Panels of weights, LW_PANEL columns wide, in the order in which the kernels read them. */
#include "kernels/cpu/gemm.h"

enum {
  TOGETHER = 4, /* panels that are written at once: a row of the matrix is read in long runs */
  ROWS_AHEAD = 8,
};

#ifdef LW_BF16
/* The first vector in the lower half, rounded. */
LW_INLINE __m512i
round_two (LwVec first, LwVec second)
{
  return (__m512i)_mm512_cvtne2ps_pbh ((__m512)second, (__m512)first);
}

/* `count` numbers, at most `width`, and zeros, of this row and the next or, if that is not there,
 * of zeros. */
LW_INLINE void
copy_rows (const float *from, int64_t row, bool second, int64_t count, int64_t width, LwNumber *to)
{
  for (int64_t i = 0; i < width; i += LW_LANES) {
    const int64_t there = CLAMP (count - i, 0, LW_LANES);
    const LwVec a = lw_vec_load_part (from + i, there);
    const LwVec b = lw_vec_load_part (from + i + (second ? row : 0), second ? there : 0);

    _mm512_storeu_si512 (to + i * LW_PAIR, lw_interleave (round_two (a, b)));
  }
}
#else
/* `count` numbers, at most `width`, and zeros. */
LW_INLINE void
copy_rows (const float *from, int64_t row, bool second, int64_t count, int64_t width, float *to)
{
  (void)row;
  (void)second;
  if (count >= LW_PANEL)
    for (int i = 0; i < LW_PANEL; i += LW_LANES)
      lw_vec_store (to + i, lw_vec_load (from + i));
  else
    for (int64_t i = 0; i < width; i += LW_LANES)
      lw_vec_store (to + i, lw_vec_load_part (from + i, CLAMP (count - i, 0, LW_LANES)));
}
#endif

/* Where a panel's first row goes. */
static LwNumber *
panel_at (const LwWeights *weights, const LwPanels *panels, int64_t column, LwNumber *to)
{
  return to + (panels->to_column + column - panels->left) * panels->height +
         panels->to_row * lw_panel_width (weights->columns, column);
}

static void
pack_plain (const LwWeights *weights, const LwPanels *panels, LwNumber *to)
{
  for (int64_t left = panels->left; left < panels->right; left += TOGETHER * LW_PANEL) {
    const int64_t right = MIN (left + TOGETHER * LW_PANEL, panels->right);

    for (int64_t k = 0; k < panels->depth; k += LW_PAIR) {
      const float *row = weights->w + (panels->first + k) * weights->columns;

      for (int64_t column = left; column < right; column += LW_PANEL) {
        const int64_t width = lw_panel_width (weights->columns, column);

        for (int64_t r = ROWS_AHEAD; r < ROWS_AHEAD + LW_PAIR; r++)
          if (k + r < panels->depth)
            for (int i = 0; i < LW_PANEL; i += LW_STRIP)
              __builtin_prefetch (row + r * weights->columns + column + i, 0, 3);
        copy_rows (row + column, weights->columns, k + 1 < panels->depth, weights->columns - column,
                   width, panel_at (weights, panels, column, to) + k * width);
      }
    }
  }
}

#ifdef LW_BF16
/* Sixteen columns of a panel, 32 rows in pairs ← the transpose of from [16][32]; `blocks` times,
 * row after row. */
static __attribute__ ((noinline)) void
transpose_pairs (const float *from, int64_t inner, int64_t blocks, int64_t width, LwNumber *to)
{
  enum { ROWS = LW_PAIR * LW_LANES };

  for (; blocks > 0; blocks--, from += ROWS, to += ROWS * width) {
    LwVec square[LW_LANES]; /* of pairs */

#pragma GCC unroll 16
    for (int r = 0; r < LW_LANES; r++)
      square[r] = (LwVec)round_two (lw_vec_load (from + r * inner),
                                    lw_vec_load (from + r * inner + LW_LANES));
    lw_vec_transpose (square);
#pragma GCC unroll 16
    for (int p = 0; p < LW_LANES; p++)
      _mm512_storeu_si512 (to + LW_PAIR * p * width, (__m512i)square[p]);
  }
}

/* The same of `count` columns and `rows` rows; in the panel, zeros for other columns, and nothing
 * behind the last pair. */
static void
transpose_some (const float *from, int64_t inner, int64_t count, int64_t rows, int64_t width,
                LwNumber *to)
{
  const int64_t first = MIN (rows, LW_LANES), second = rows - first;
  LwVec square[LW_LANES]; /* of pairs */

  for (int64_t r = 0; r < LW_LANES; r++) {
    const float *at = from + r * inner;

    square[r] = (LwVec){ 0 };
    if (r < count)
      square[r] =
          (LwVec)round_two (lw_vec_load_part (at, first), lw_vec_load_part (at + first, second));
  }
  lw_vec_transpose (square);
  for (int64_t p = 0; p < lw_pairs (rows); p++)
    _mm512_storeu_si512 (to + LW_PAIR * p * width, (__m512i)square[p]);
}
#endif

/* Row k of the panel and the next rows ← the transpose of from [count][rows]. */
#ifdef LW_BF16
static void
transpose (const float *from, int64_t inner, int64_t count, int64_t rows, int64_t width, int64_t k,
           LwNumber *panel)
{
  enum { ROWS = LW_PAIR * LW_LANES };
  const int64_t odd = MIN (k % 2, rows);

  /* The second of a pair whose first was of the window's cell before. */
  for (int64_t r = 0; odd > 0 && r < width; r++)
    panel[(k - 1) * width + 2 * r + 1] = lw_number_of (r < count ? from[r * inner] : 0);
  panel += (k + odd) * width;
  for (int64_t i = 0; i < width; i += LW_LANES, panel += LW_PAIR * LW_LANES) {
    const int64_t blocks = i + LW_LANES <= count ? (rows - odd) / ROWS : 0;

    transpose_pairs (from + i * inner + odd, inner, blocks, width, panel);
    for (int64_t j = odd + blocks * ROWS; j < rows; j += ROWS)
      transpose_some (from + i * inner + j, inner, CLAMP (count - i, 0, LW_LANES),
                      MIN (rows - j, ROWS), width, panel + (j - odd) * width);
  }
}
#else
static void
transpose (const float *from, int64_t inner, int64_t count, int64_t rows, int64_t width, int64_t k,
           float *panel)
{
  float *to = panel + k * width;

  for (int64_t i = 0; i < width; i += LW_LANES) {
    int64_t j = 0;

    for (; i + LW_LANES <= count && j + LW_LANES <= rows; j += LW_LANES) {
      LwVec square[LW_LANES];

#pragma GCC unroll 16
      for (int r = 0; r < LW_LANES; r++)
        square[r] = lw_vec_load (from + (i + r) * inner + j);
      lw_vec_transpose (square);
#pragma GCC unroll 16
      for (int r = 0; r < LW_LANES; r++)
        lw_vec_store (to + (j + r) * width + i, square[r]);
    }
    for (; j < rows; j++)
      for (int64_t r = i; r < i + LW_LANES; r++)
        to[j * width + r] = r < count ? from[r * inner + j] : 0;
  }
}
#endif

static void
pack_turned (const LwWeights *weights, const LwPanels *panels, LwNumber *to)
{
  for (int64_t column = panels->left; column < panels->right; column += LW_PANEL) {
    const int64_t width = lw_panel_width (weights->columns, column);
    const int64_t count = MIN (width, weights->columns - column);
    LwNumber *panel = panel_at (weights, panels, column, to);
    int64_t k = 0;

    /* A cell of the window, or what this block holds of it, is one matrix. */
    while (k < panels->depth) {
      const int64_t cell = (panels->first + k) / weights->inner;
      const int64_t o = (panels->first + k) % weights->inner;
      const int64_t u = weights->first_u - weights->step * (cell / weights->window_w);
      const int64_t v = weights->first_v - weights->step * (cell % weights->window_w);
      const int64_t rows = MIN (weights->inner - o, panels->depth - k);

      transpose (weights->w +
                     ((u * weights->kernel + v) * weights->columns + column) * weights->inner + o,
                 weights->inner, count, rows, width, k, panel);
      k += rows;
    }
  }
}

void
LW_CPU (pack_weights) (const LwWeights *weights, const LwPanels *panels, LwNumber *to)
{
  (weights->turned ? pack_turned : pack_plain) (weights, panels, to);
}
