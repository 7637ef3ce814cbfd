/* Σ over the rows of a gradient: what a bias is changed by. Private to this folder. */
#pragma once

#include "kernels/cpu/simd.h"

/* sum[i] += Σ over `rows` rows of at[row · stride + i], `columns` ≤ LW_LANES of them. The sum is
 * often much less than its parts: it is taken over short stretches, and over these in double
 * precision. */
LW_INLINE void
lw_sum_rows (const float *at, int64_t stride, int64_t rows, int64_t columns, double *sum)
{
  enum { STRETCH = 32 };
  double total[LW_LANES] = { 0 };

  for (int64_t row = 0; row < rows; row += STRETCH) {
    const int64_t end = row + STRETCH < rows ? row + STRETCH : rows;
    LwVec part[2] = { { 0 }, { 0 } };
    int64_t r = row;

    if (columns >= LW_LANES) {
      for (; r + 2 <= end; r += 2)
        for (int i = 0; i < 2; i++)
          part[i] += lw_vec_load (at + (r + i) * stride);
      for (; r < end; r++)
        part[0] += lw_vec_load (at + r * stride);
    } else {
      for (; r < end; r++)
        part[0] += lw_vec_load_part (at + r * stride, columns);
    }
    part[0] += part[1];
    for (int i = 0; i < LW_LANES; i++)
      total[i] += (double)part[0][i];
  }
  for (int64_t i = 0; i < columns && i < LW_LANES; i++)
    sum[i] += total[i];
}
