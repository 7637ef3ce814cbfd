/* The sums of a stretch (stretches.h), a few pixels at a time. Private to this folder. */
#pragma once

#include "kernels/cpu/simd.h"
#include "kernels/cpu/stretches.h"

/* Of the channels of one vector. */
typedef struct {
  LwVec near, sum, square;
} LwStretch;

/* What is at `at`, or, where a stretch begins, nothing. */
LW_INLINE LwStretch
lw_stretch_load (const float *at, int64_t width, bool begins)
{
  LwStretch stretch = { .near = { 0 } };

  if (!begins) {
    stretch.near = lw_vec_load (at);
    stretch.sum = lw_vec_load (at + width);
    stretch.square = lw_vec_load (at + 2 * width);
  }
  return stretch;
}

/* s ← the mean of values[0], values[step], … of `n` pixels. Here and below `n` is a constant. */
LW_INLINE void
lw_stretch_begin (LwStretch *stretch, int n, const LwVec *values, int step)
{
  LwVec sum[2] = { { 0 }, { 0 } };

#pragma GCC unroll 16
  for (int i = 0; i < n; i++)
    sum[i % 2] += values[i * step];
  stretch->near = lw_rounded ((sum[0] + sum[1]) * (1 / (float)n));
}

/* Adds values, as memory will hold them. Additions of every second one need not wait for others. */
LW_INLINE void
lw_stretch_add (LwStretch *stretch, int n, const LwVec *values, int step)
{
  LwVec sum[2] = { stretch->sum, { 0 } }, square[2] = { stretch->square, { 0 } };

#pragma GCC unroll 16
  for (int i = 0; i < n; i++) {
    const LwVec d = lw_rounded (values[i * step]) - stretch->near;

    sum[i % 2] += d;
    square[i % 2] += d * d;
  }
  stretch->sum = sum[0] + sum[1];
  stretch->square = square[0] + square[1];
}

LW_INLINE void
lw_stretch_store (const LwStretch *stretch, float *at, int64_t width)
{
  lw_vec_store (at, stretch->near);
  lw_vec_store (at + width, stretch->sum);
  lw_vec_store (at + 2 * width, stretch->square);
}
