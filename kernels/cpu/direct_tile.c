#include "kernels/cpu/direct_tile.h"

/* Rows r, r + 1 and r + 2 are read through one pointer and one register with the step, which the
 * addresses of a processor may take once and twice. */
enum { POINTERS = (LW_TILE + 2) / 3 };

/* The loops with constant bounds vanish; the sums live in registers. */
LW_INLINE void
multiply (int rows, int vectors, const LwDirectTile *tile)
{
  const int pointers = (rows + 2) / 3;
  const int64_t step = tile->step;
  const float *at = tile->at, *panel = tile->panel;
  LwVec sum[LW_TILE][2];

#pragma GCC unroll 16
  for (int r = 0; r < rows; r++)
#pragma GCC unroll 2
    for (int i = 0; i < vectors; i++)
      sum[r][i] = (LwVec){ 0 };

  lw_finish_begin (rows, vectors, tile->finish, tile->offset);
  for (int64_t n = 0; n < tile->runs; n++, at += tile->line) {
    const float *x[POINTERS];

#pragma GCC unroll 5
    for (int p = 0; p < pointers; p++)
      x[p] = at + 3 * p * step;
    for (int64_t k = 0; k < tile->run; k += LW_PAIR, panel += vectors * LW_LANES) {
      LwVec weight[2];

#pragma GCC unroll 2
      for (int i = 0; i < vectors; i++)
        weight[i] = lw_vec_load (panel + i * LW_LANES);
#pragma GCC unroll 16
      for (int r = 0; r < rows; r++)
#pragma GCC unroll 2
        for (int i = 0; i < vectors; i++)
          sum[r][i] = lw_multiply_add_word (sum[r][i], x[r / 3][r % 3 * step], weight[i]);
#pragma GCC unroll 16
      for (int r = 0; r < rows; r++)
#pragma GCC unroll 2
        for (int i = 0; i < vectors; i++)
          lw_vec_keep (&sum[r][i]);
#pragma GCC unroll 5
      for (int p = 0; p < pointers; p++) {
        x[p] += LW_PAIR;
        lw_pointer_keep (&x[p]);
      }
    }
  }
  lw_finish_tile (rows, vectors, sum, tile->finish, tile->offset);
}

typedef void (*Kernel) (const LwDirectTile *tile);

#define KERNELS(ROWS)                                                                              \
  static void narrow_##ROWS (const LwDirectTile *tile)                                             \
  {                                                                                                \
    multiply (ROWS, 1, tile);                                                                      \
  }                                                                                                \
  static void wide_##ROWS (const LwDirectTile *tile)                                               \
  {                                                                                                \
    multiply (ROWS, 2, tile);                                                                      \
  }
KERNELS (1)
KERNELS (2)
KERNELS (3)
KERNELS (4)
KERNELS (5)
KERNELS (6)
#if LW_LANES == 16
KERNELS (7)
KERNELS (8)
KERNELS (9)
KERNELS (10)
KERNELS (11)
KERNELS (12)
KERNELS (13)
KERNELS (14)
#endif

/* By rows − 1, for a panel of one vector and of two. */
static const Kernel kernels[LW_TILE][2] = {
  { narrow_1, wide_1 },   { narrow_2, wide_2 },   { narrow_3, wide_3 },   { narrow_4, wide_4 },
  { narrow_5, wide_5 },   { narrow_6, wide_6 },
#if LW_LANES == 16
  { narrow_7, wide_7 },   { narrow_8, wide_8 },   { narrow_9, wide_9 },   { narrow_10, wide_10 },
  { narrow_11, wide_11 }, { narrow_12, wide_12 }, { narrow_13, wide_13 }, { narrow_14, wide_14 },
#endif
};

void
LW_CPU (direct_tile) (int64_t rows, bool wide, const LwDirectTile *tile)
{
  kernels[rows - 1][wide](tile);
}
