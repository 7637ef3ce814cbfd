#include "kernels/cpu/gradient_tile.h"
#include "kernels/cpu/patches.h"

/* sum [columns][vectors] += a pair of rows of the patches × a pair of rows of the panel */
LW_INLINE void
multiply_one (int columns, int vectors, const LwNumber *strip, const LwNumber *panel,
              LwVec sum[16][2])
{
  LwFactors dy[2];

#pragma GCC unroll 2
  for (int i = 0; i < vectors; i++)
    dy[i] = lw_factors (panel + i * LW_LANES * LW_PAIR);
#pragma GCC unroll 16
  for (int c = 0; c < columns; c++)
#pragma GCC unroll 2
    for (int i = 0; i < vectors; i++)
      sum[c][i] = lw_multiply_add (sum[c][i], strip + c * LW_PAIR, dy[i]);
#pragma GCC unroll 16
  for (int c = 0; c < columns; c++)
#pragma GCC unroll 2
    for (int i = 0; i < vectors; i++)
      lw_vec_keep (&sum[c][i]);
}

/* The loops with constant bounds vanish; the sums live in registers. */
LW_INLINE void
multiply (int columns, int vectors, const LwGradientTile *tile)
{
  const LwNumber *strip = tile->strip, *panel = tile->panel;
  const int step = vectors * LW_LANES * LW_PAIR, down = LW_STRIP * LW_PAIR;
  int64_t pairs = lw_pairs (tile->rows);
  LwAhead ahead = *tile->ahead;
  LwVec sum[16][2];

#pragma GCC unroll 16
  for (int c = 0; c < columns; c++)
#pragma GCC unroll 2
    for (int i = 0; i < vectors; i++)
      sum[c][i] = (LwVec){ 0 };

  lw_finish_begin (columns, vectors, tile->finish, tile->offset);
  for (; pairs >= 4; pairs -= 4, strip += 4 * down, panel += 4 * step)
#pragma GCC unroll LW_REPEATS
    for (int k = 0; k < 4; k++) {
      if (k % 2 == 0)
        lw_ahead_step (&ahead);
      multiply_one (columns, vectors, strip + k * down, panel + k * step, sum);
    }
  for (; pairs > 0; pairs--, strip += down, panel += step)
    multiply_one (columns, vectors, strip, panel, sum);

  tile->ahead->at = ahead.at;
  tile->ahead->end = ahead.end;
  tile->ahead->runs = ahead.runs;
  lw_finish_tile (columns, vectors, sum, tile->finish, tile->offset);
}

typedef void (*Kernel) (const LwGradientTile *tile);

#define NARROW(COLUMNS)                                                                            \
  static void narrow_##COLUMNS (const LwGradientTile *tile)                                        \
  {                                                                                                \
    multiply (COLUMNS, 1, tile);                                                                   \
  }
#define WIDE(COLUMNS)                                                                              \
  static void wide_##COLUMNS (const LwGradientTile *tile)                                          \
  {                                                                                                \
    multiply (COLUMNS, 2, tile);                                                                   \
  }
NARROW (1)
NARROW (2)
NARROW (3)
NARROW (4)
NARROW (5)
NARROW (6)
NARROW (7)
NARROW (8)
WIDE (1)
WIDE (2)
WIDE (3)
WIDE (4)
WIDE (5)
WIDE (6)
#if LW_LANES == 16
NARROW (9)
NARROW (10)
NARROW (11)
NARROW (12)
NARROW (13)
NARROW (14)
NARROW (15)
NARROW (16)
WIDE (7)
WIDE (8)
#endif

/* By columns − 1. */
static const Kernel narrow[LW_TILE_NARROW] = {
  narrow_1, narrow_2,  narrow_3,  narrow_4,  narrow_5,  narrow_6,  narrow_7,  narrow_8,
#if LW_LANES == 16
  narrow_9, narrow_10, narrow_11, narrow_12, narrow_13, narrow_14, narrow_15, narrow_16,
#endif
};
static const Kernel wide[LW_TILE_WIDE] = {
  wide_1, wide_2, wide_3, wide_4, wide_5, wide_6,
#if LW_LANES == 16
  wide_7, wide_8,
#endif
};

void
LW_CPU (gradient_tile) (int64_t columns, bool is_wide, const LwGradientTile *tile)
{
  (is_wide ? wide : narrow)[columns - 1](tile);
}
