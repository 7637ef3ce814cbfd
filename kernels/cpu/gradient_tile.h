/* The innermost part of a weight gradient: a few columns of packed patches, transposed, times a
 * panel of dy, with all sums in registers. Private to this folder. */
#pragma once

#include "kernels/cpu/ahead.h"
#include "kernels/cpu/finish.h"
#include "kernels/cpu/pairs.h"

#include <stdbool.h>
#include <stdint.h>

/* Most columns of the patches at once, beside a panel of one vector and of two. */
#if LW_LANES == 16
enum { LW_TILE_NARROW = 16, LW_TILE_WIDE = 8 };
#else
enum { LW_TILE_NARROW = 8, LW_TILE_WIDE = 6 };
#endif

typedef struct {
  const LwNumber *strip; /* [rows / LW_PAIR][16][LW_PAIR], from the tile's first column on */
  const LwNumber *panel; /* [rows / LW_PAIR][LW_LANES or 2 · LW_LANES][LW_PAIR] */
  int64_t rows;
  const LwFinish *finish;
  const int64_t *offset; /* of each column of the patches, which is a row of dw */
  LwAhead *ahead;
} LwGradientTile;

void LW_CPU (gradient_tile) (int64_t columns, bool wide, const LwGradientTile *tile);
