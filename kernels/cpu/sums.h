/* Σ over the rows of a gradient: what a bias is changed by. Private to this folder. */
#pragma once

#include "kernels/cpu/pairs.h"

/* sum[i] += Σ over `rows` rows of at[row · stride + i], `columns` ≤ LW_LANES of them. The sum is
 * often much less than its parts: it is taken over short stretches, and over these in double
 * precision. */
LW_INLINE void
lw_sum_rows (const LwNumber *at, int64_t stride, int64_t rows, int64_t columns, double *sum)
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
          part[i] += lw_load (at + (r + i) * stride);
      for (; r < end; r++)
        part[0] += lw_load (at + r * stride);
    } else {
      for (; r < end; r++)
        part[0] += lw_load_part (at + r * stride, columns);
    }
    part[0] += part[1];
    for (int i = 0; i < LW_LANES; i++)
      total[i] += (double)part[0][i];
  }
  for (int64_t i = 0; i < columns && i < LW_LANES; i++)
    sum[i] += total[i];
}

/* The same of rows that are packed in pairs, at [row / LW_PAIR][width][LW_PAIR] with zeros beyond
 * the last row and the last column. */
LW_INLINE void
lw_sum_packed_rows (const LwNumber *at, int64_t width, int64_t rows, int64_t columns, double *sum)
{
#ifdef LW_BF16
  enum { STRETCH = 16 };
  static const LwNumber ones[LW_PAIR] = { 0x3f80, 0x3f80 };
  const int64_t pairs = lw_pairs (rows);
  double total[LW_LANES] = { 0 };

  for (int64_t pair = 0; pair < pairs; pair += STRETCH) {
    const int64_t end = pair + STRETCH < pairs ? pair + STRETCH : pairs;
    LwVec part[2] = { { 0 }, { 0 } };

    for (int64_t p = pair; p < end; p++)
      part[p % 2] = lw_multiply_add (part[p % 2], ones, lw_factors (at + p * width * LW_PAIR));
    part[0] += part[1];
    for (int i = 0; i < LW_LANES; i++)
      total[i] += (double)part[0][i];
  }
  for (int64_t i = 0; i < columns && i < LW_LANES; i++)
    sum[i] += total[i];
#else
  lw_sum_rows (at, width, rows, columns, sum);
#endif
}
