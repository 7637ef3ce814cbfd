/* What batch normalization has to know of a convolution's output, made where that is written.
 *
 * The pixels of the output are divided into stretches, which follow from the shapes alone. Of each
 * stretch and channel there are a number s, Σ (y − s) and Σ (y − s)², in float32. s is the mean of
 * k of the stretch's n numbers, so that the squares lose few digits whatever the numbers are:
 *
 *   Σ (y − s)²  =  Σ (y − mean)² + n (mean − s)²  ≤  (1 + n / k) Σ (y − mean)²
 *
 * since k (mean − s)² is at most the part of Σ (y − mean)² that these k have, by convexity. The
 * stretches are added up in double precision, in order (conv2d_sums.c). Private to this folder. */
#pragma once

#include <stdint.h>

typedef struct {
  int64_t n;     /* 0: no sums are made */
  int64_t width; /* numbers of one kind: a multiple of 16, the channels and what fills panels up */
} LwStretches;

/* The widest panel of the kernels. */
enum { LW_STRETCH_PANEL = 32 };

/* The width for so many channels. */
static inline int64_t
lw_stretch_width (int64_t channels)
{
  return (channels + LW_STRETCH_PANEL - 1) / LW_STRETCH_PANEL * LW_STRETCH_PANEL;
}

typedef struct {
  float *at;     /* [n][3][width]; or NULL: nothing is wanted */
  float *counts; /* [n] pixels of each stretch */
  int64_t width;
} LwSums;
