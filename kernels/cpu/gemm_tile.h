/* The innermost part of a product: a few rows of packed patches times a panel of weights, with all
 * sums in registers. Private to this folder. */
#pragma once

#include "kernels/cpu/ahead.h"
#include "kernels/cpu/finish.h"
#include "kernels/cpu/pairs.h"

#include <stdbool.h>
#include <stdint.h>

/* Rows and columns of sums that fit in the registers, two vectors wide. */
#if LW_LANES == 16
enum { LW_TILE = 14 };
#else
enum { LW_TILE = 6 };
#endif
enum { LW_PANEL = 2 * LW_LANES };

typedef struct {
  const LwNumber *patches; /* [strip][row][16] */
  int64_t strip;           /* numbers from a strip to the next */
  const LwNumber *panel;   /* [depth / LW_PAIR][LW_LANES or LW_PANEL][LW_PAIR] */
  int64_t depth;           /* may be 0 */
  const LwFinish *finish;
  const int64_t *offset; /* of each row */
  LwAhead *ahead;
} LwTile;

/* 1 ≤ rows ≤ LW_TILE; `wide`: is the panel LW_PANEL wide? */
void LW_CPU (multiply_tile) (int64_t rows, bool wide, const LwTile *tile);
