/* Batch normalization as the files that compute it share it; the formulas are in
 * ../reference/batch_norm.c. Few channels are treated as more: `fold` pixels side by side count as
 * one with fold × channels, so that vectors are full. Private to this folder. */
#pragma once

#include "kernels/cpu/kernels.h"

G_BEGIN_DECLS

enum {
  LW_NORM_STRETCH = 64, /* rows whose sums are made in float32 */
  LW_NORM_ITEMS = 32,   /* at most; each has sums of its own, added up in order */
  LW_NORM_WIDE = 4,     /* vectors side by side */
};

typedef struct {
  const LwStep *step;
  int64_t channels, pixels;
  int64_t fold, width, rows;            /* whole rows of fold pixels, of width = fold × channels */
  int64_t x_row, y_row, dx_row, dy_row; /* numbers from a row to the next */
  int64_t items, stretches;
  int64_t first, last; /* columns first … last − 1: to be summed; others have measured the rest */
  bool backward;
  bool relu;    /* y is max (0, ·): dy counts where it is positive */
  double *sums; /* [items][2][width] */
  float *mean, *factor, *offset, *slope, *shift; /* [width] */
} LwNorm;

/* In `state`, behind the mean and 1 / √(variance + ε): the two sums of each channel, [2][c]. */
static inline double *
lw_norm_sums (const LwStep *step)
{
  return (double *)((float *)step->state + 2 * step->y_shape.c);
}

LwNorm LW_CPU (norm_new) (const LwStep *step, bool backward);
/* Sums of all items: means and squared differences, or Σ dy and Σ dy (x − mean) with mean, factor
 * and shift as the forward pass had them. */
void LW_CPU (norm_sum) (LwDevice *device, const LwNorm *norm);
/* The two sums of channel c over all pixels. */
void LW_CPU (norm_add_up) (const LwNorm *norm, int64_t c, double *ret_a, double *ret_b);

/* y ← what the batch normalization in front of this sum leaves to it, plus the other input. */
void LW_CPU (normalize_and_add) (LwDevice *device, const LwStep *sum);

/* The gradient that arrives at y = (x − mean) · factor + shift, or at max (0, y). */
LW_INLINE float
lw_norm_gradient (bool relu, float dy, float x, float mean, float factor, float shift)
{
  return relu && (x - mean) * factor + shift <= 0 ? 0 : dy;
}

G_END_DECLS
