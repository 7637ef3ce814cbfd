/* The innermost part of a product whose rows are read where they lie: windows side by side in a
 * bordered image, or pixels. All sums stay in registers. Private to this folder. */
#pragma once

#include "kernels/cpu/finish.h"
#include "kernels/cpu/pairs.h"
#include "kernels/cpu/gemm_tile.h"

/* A row is `runs` stretches of `run` numbers, each `line` numbers after the one before. With
 * bfloat16 a number stands for its pair with the next one, and an odd run has a weight of 0 behind
 * it. */
typedef struct {
  const float *at; /* the first row */
  int64_t step;    /* numbers from a row to the next */
  int64_t runs, run, line;
  const float *panel; /* [runs][⌈run / LW_PAIR⌉][LW_LANES or LW_PANEL] */
  const LwFinish *finish;
  const int64_t *offset; /* of each row */
} LwDirectTile;

/* 1 ≤ rows ≤ LW_TILE; `wide`: is the panel LW_PANEL wide? */
void LW_CPU (direct_tile) (int64_t rows, bool wide, const LwDirectTile *tile);
