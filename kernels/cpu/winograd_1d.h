/* Products of a small constant matrix with a vector of vectors. The matrix is known when the
 * compiler inlines these functions: loops vanish, zeros cost nothing, ones no multiplication.
 * Private to this folder. */
#pragma once

#include "kernels/cpu/winograd_stages.h"
#include "kernels/cpu/winograd_tables.h"

/* Σ of row[j] · in[j] over j = first, first + step, … below columns. */
LW_INLINE void
lw_winograd_dot (const float *row, int columns, int first, int step, LwVec *out, const LwVec *in)
{
  bool begun = false;
  LwVec sum = { 0 };

  LW_UNROLL
  for (int j = first; j < columns; j += step)
    if (row[j] != 0) {
      sum = begun ? sum + row[j] * in[j] : row[j] * in[j];
      begun = true;
    }
  *out = sum;
}

/* out = T in, T [rows][columns]. The rows of a pair agree in even columns and are opposite in odd
 * ones, so that their products are e + o and e − o. */
LW_INLINE void
lw_winograd_apply (const float (*t)[8], int rows, int columns, int pairs, LwVec *out,
                   const LwVec *in)
{
  lw_winograd_dot (t[0], columns, 0, 1, &out[0], in);
  LW_UNROLL
  for (int i = 1; i <= 2 * pairs; i += 2) {
    LwVec even, odd;

    lw_winograd_dot (t[i], columns, 0, 2, &even, in);
    lw_winograd_dot (t[i], columns, 1, 2, &odd, in);
    out[i] = even + odd;
    out[i + 1] = even - odd;
  }
  LW_UNROLL
  for (int i = 1 + 2 * pairs; i < rows; i++)
    lw_winograd_dot (t[i], columns, 0, 1, &out[i], in);
}

/* out = Tᵀ in: a pair of rows gives its even columns the sum and its odd columns the difference of
 * the two inputs. */
LW_INLINE void
lw_winograd_apply_transposed (const float (*t)[8], int rows, int columns, int pairs, LwVec *out,
                              const LwVec *in)
{
  LwVec sums[3], differences[3];

  LW_UNROLL
  for (int q = 0; q < pairs; q++) {
    sums[q] = in[2 * q + 1] + in[2 * q + 2];
    differences[q] = in[2 * q + 1] - in[2 * q + 2];
  }
  LW_UNROLL
  for (int j = 0; j < columns; j++) {
    bool begun = false;
    LwVec sum = { 0 };

    if (t[0][j] != 0) {
      sum = t[0][j] * in[0];
      begun = true;
    }
    LW_UNROLL
    for (int q = 0; q < pairs; q++) {
      const LwVec term = t[2 * q + 1][j] * (j % 2 == 0 ? sums[q] : differences[q]);

      sum = begun ? sum + term : term;
      begun = true;
    }
    LW_UNROLL
    for (int i = 1 + 2 * pairs; i < rows; i++)
      if (t[i][j] != 0) {
        sum = begun ? sum + t[i][j] * in[i] : t[i][j] * in[i];
        begun = true;
      }
    out[j] = sum;
  }
}
