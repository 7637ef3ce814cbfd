#include "kernels/cpu/gemm_tile.h"
#include "kernels/cpu/patches.h"

/* Depths between two lines that are asked for ahead: seldom enough not to be felt, often enough
 * for products that read few numbers more than once. */
#ifdef LW_BF16
enum { WIDE_AHEAD = 1, NARROW_AHEAD = 1 };
#elif LW_LANES == 16
enum { WIDE_AHEAD = 2, NARROW_AHEAD = 1 };
#else
enum { WIDE_AHEAD = 4, NARROW_AHEAD = 2 };
#endif

/* sum [rows][vectors] += a pair of columns of the patches × a pair of rows of the panel */
LW_INLINE void
multiply_one (int rows, int vectors, const LwNumber *patches, const LwNumber *panel,
              LwVec sum[LW_TILE][2])
{
  LwFactors weight[2];

#pragma GCC unroll 2
  for (int i = 0; i < vectors; i++)
    weight[i] = lw_factors (panel + i * LW_LANES * LW_PAIR);
#pragma GCC unroll 16
  for (int r = 0; r < rows; r++)
#pragma GCC unroll 2
    for (int i = 0; i < vectors; i++)
      sum[r][i] = lw_multiply_add (sum[r][i], patches + r * LW_STRIP, weight[i]);
#pragma GCC unroll 16
  for (int r = 0; r < rows; r++)
#pragma GCC unroll 2
    for (int i = 0; i < vectors; i++)
      lw_vec_keep (&sum[r][i]);
}

/* The loops with constant bounds vanish; the sums live in registers. */
LW_INLINE void
multiply (int rows, int vectors, const LwTile *tile)
{
  const int every = vectors == 2 ? WIDE_AHEAD : NARROW_AHEAD;
  const LwNumber *patches = tile->patches, *panel = tile->panel;
  const int64_t strip = tile->strip;
  const int step = vectors * LW_LANES * LW_PAIR;
  int64_t depth = tile->depth;
  LwAhead ahead = *tile->ahead;
  LwVec sum[LW_TILE][2];

#pragma GCC unroll 16
  for (int r = 0; r < rows; r++)
#pragma GCC unroll 2
    for (int i = 0; i < vectors; i++)
      sum[r][i] = (LwVec){ 0 };

  lw_finish_begin (rows, vectors, tile->finish, tile->offset);
  for (; depth >= LW_STRIP; depth -= LW_STRIP, patches += strip)
    for (int k = 0; k < LW_STRIP; k += 4 * LW_PAIR)
#pragma GCC unroll LW_REPEATS
      for (int j = 0; j < 4; j++, panel += step) {
        if (j % every == 0)
          lw_ahead_step (&ahead);
        multiply_one (rows, vectors, patches + k + j * LW_PAIR, panel, sum);
      }
  for (int64_t k = 0; k < depth; k += LW_PAIR, panel += step)
    multiply_one (rows, vectors, patches + k, panel, sum);

  tile->ahead->at = ahead.at;
  tile->ahead->end = ahead.end;
  tile->ahead->runs = ahead.runs;
  lw_finish_tile (rows, vectors, sum, tile->finish, tile->offset);
}

typedef void (*Kernel) (const LwTile *tile);

#define KERNELS(ROWS)                                                                              \
  static void narrow_##ROWS (const LwTile *tile)                                                   \
  {                                                                                                \
    multiply (ROWS, 1, tile);                                                                      \
  }                                                                                                \
  static void wide_##ROWS (const LwTile *tile)                                                     \
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
LW_CPU (multiply_tile) (int64_t rows, bool wide, const LwTile *tile)
{
  kernels[rows - 1][wide](tile);
}
