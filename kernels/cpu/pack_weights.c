/* Panels of weights, LW_PANEL columns wide, in the order in which the kernels read them. */
#include "kernels/cpu/gemm.h"

enum {
  TOGETHER = 4, /* panels that are written at once: a row of the matrix is read in long runs */
  ROWS_AHEAD = 8,
};

/* `count` numbers, at most `width`, and zeros. */
LW_INLINE void
copy_row (const float *from, int64_t count, int64_t width, float *to)
{
  if (count >= LW_PANEL)
    for (int i = 0; i < LW_PANEL; i += LW_LANES)
      lw_vec_store (to + i, lw_vec_load (from + i));
  else
    for (int64_t i = 0; i < width; i += LW_LANES)
      lw_vec_store (to + i, lw_vec_load_part (from + i, CLAMP (count - i, 0, LW_LANES)));
}

/* Where a panel's first row goes. */
static float *
panel_at (const LwWeights *weights, const LwPanels *panels, int64_t column, float *to)
{
  return to + (panels->to_column + column - panels->left) * panels->height +
         panels->to_row * lw_panel_width (weights->columns, column);
}

static void
pack_plain (const LwWeights *weights, const LwPanels *panels, float *to)
{
  for (int64_t left = panels->left; left < panels->right; left += TOGETHER * LW_PANEL) {
    const int64_t right = MIN (left + TOGETHER * LW_PANEL, panels->right);

    for (int64_t k = 0; k < panels->depth; k++) {
      const float *row = weights->w + (panels->first + k) * weights->columns;

      for (int64_t column = left; column < right; column += LW_PANEL) {
        const int64_t width = lw_panel_width (weights->columns, column);

        if (k + ROWS_AHEAD < panels->depth)
          for (int i = 0; i < LW_PANEL; i += LW_STRIP)
            __builtin_prefetch (row + ROWS_AHEAD * weights->columns + column + i, 0, 3);
        copy_row (row + column, weights->columns - column, width,
                  panel_at (weights, panels, column, to) + k * width);
      }
    }
  }
}

/* to [rows][width] ← the transpose of from [count][rows]. */
static void
transpose (const float *from, int64_t inner, int64_t count, int64_t rows, int64_t width, float *to)
{
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

static void
pack_turned (const LwWeights *weights, const LwPanels *panels, float *to)
{
  for (int64_t column = panels->left; column < panels->right; column += LW_PANEL) {
    const int64_t width = lw_panel_width (weights->columns, column);
    const int64_t count = MIN (width, weights->columns - column);
    float *panel = panel_at (weights, panels, column, to);
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
                 weights->inner, count, rows, width, panel + k * width);
      k += rows;
    }
  }
}

void
LW_CPU (pack_weights) (const LwWeights *weights, const LwPanels *panels, float *to)
{
  (weights->turned ? pack_turned : pack_plain) (weights, panels, to);
}
