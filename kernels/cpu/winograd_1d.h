/* Products of a small constant matrix with a vector of vectors. The matrix is known when the
 * compiler inlines these functions: loops vanish, zeros cost nothing, ones no multiplication.
 * Private to this folder. */
#pragma once

#include "kernels/cpu/winograd_stages.h"
#include "kernels/cpu/winograd_tables.h"

/* A table's Bᵀ, G or A. */
typedef struct {
  const float (*t)[8];
  int rows, columns, first, pairs; /* as in the table */
} LwWinogradMatrix;

LW_INLINE LwWinogradMatrix
lw_winograd_bt (const LwWinogradTable *t)
{
  return (LwWinogradMatrix){ t->bt, t->alpha, t->alpha, t->first, t->pairs };
}

LW_INLINE LwWinogradMatrix
lw_winograd_g (const LwWinogradTable *t)
{
  return (LwWinogradMatrix){ t->g, t->alpha, t->r, t->first, t->pairs };
}

LW_INLINE LwWinogradMatrix
lw_winograd_a (const LwWinogradTable *t)
{
  return (LwWinogradMatrix){ t->a, t->alpha, t->m, t->first, t->pairs };
}

/* Calls CALL (variant's table down, across) for the plan's variant, one of this compilation. */
#ifdef LW_BF16
#define LW_WINOGRAD_SWITCH(plan, CALL)                                                             \
  switch ((plan)->variant) {                                                                       \
  case LW_WINOGRAD_F43:                                                                            \
    CALL (&lw_winograd_bf16_f43, &lw_winograd_bf16_f43);                                           \
    break;                                                                                         \
  case LW_WINOGRAD_F33:                                                                            \
    CALL (&lw_winograd_bf16_f33, &lw_winograd_bf16_f33);                                           \
    break;                                                                                         \
  case LW_WINOGRAD_F63_33:                                                                         \
    CALL (&lw_winograd_f63, &lw_winograd_bf16_f33);                                                \
    break;                                                                                         \
  case LW_WINOGRAD_F42:                                                                            \
    CALL (&lw_winograd_f42, &lw_winograd_f42);                                                     \
    break;                                                                                         \
  case LW_WINOGRAD_F32:                                                                            \
    CALL (&lw_winograd_f32, &lw_winograd_f32);                                                     \
    break;                                                                                         \
  default:                                                                                         \
    CALL (&lw_winograd_bf16_f35, &lw_winograd_bf16_f35);                                           \
  }
#else
#define LW_WINOGRAD_SWITCH(plan, CALL)                                                             \
  switch ((plan)->variant) {                                                                       \
  case LW_WINOGRAD_F63:                                                                            \
    CALL (&lw_winograd_f63, &lw_winograd_f63);                                                     \
    break;                                                                                         \
  case LW_WINOGRAD_F43:                                                                            \
    CALL (&lw_winograd_f43, &lw_winograd_f43);                                                     \
    break;                                                                                         \
  case LW_WINOGRAD_F33:                                                                            \
    CALL (&lw_winograd_f33, &lw_winograd_f33);                                                     \
    break;                                                                                         \
  case LW_WINOGRAD_F62:                                                                            \
    CALL (&lw_winograd_f62, &lw_winograd_f62);                                                     \
    break;                                                                                         \
  case LW_WINOGRAD_F42:                                                                            \
    CALL (&lw_winograd_f42, &lw_winograd_f42);                                                     \
    break;                                                                                         \
  case LW_WINOGRAD_F32:                                                                            \
    CALL (&lw_winograd_f32, &lw_winograd_f32);                                                     \
    break;                                                                                         \
  default:                                                                                         \
    CALL (&lw_winograd_f45, &lw_winograd_f45);                                                     \
  }
#endif

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

/* out = T in. The rows of a pair agree in even columns and are opposite in odd ones, so that their
 * products are e + o and e − o. */
LW_INLINE void
lw_winograd_apply (LwWinogradMatrix m, LwVec *out, const LwVec *in)
{
  LW_UNROLL
  for (int i = 0; i < m.rows; i++)
    if (i < m.first || i >= m.first + 2 * m.pairs)
      lw_winograd_dot (m.t[i], m.columns, 0, 1, &out[i], in);
  LW_UNROLL
  for (int i = m.first; i < m.first + 2 * m.pairs; i += 2) {
    LwVec even, odd;

    lw_winograd_dot (m.t[i], m.columns, 0, 2, &even, in);
    lw_winograd_dot (m.t[i], m.columns, 1, 2, &odd, in);
    out[i] = even + odd;
    out[i + 1] = even - odd;
  }
}

/* out = Tᵀ in: a pair of rows gives its even columns the sum and its odd columns the difference of
 * the two inputs. */
LW_INLINE void
lw_winograd_apply_transposed (LwWinogradMatrix m, LwVec *out, const LwVec *in)
{
  LwVec sums[3], differences[3];

  LW_UNROLL
  for (int q = 0; q < m.pairs; q++) {
    sums[q] = in[m.first + 2 * q] + in[m.first + 2 * q + 1];
    differences[q] = in[m.first + 2 * q] - in[m.first + 2 * q + 1];
  }
  LW_UNROLL
  for (int j = 0; j < m.columns; j++) {
    bool begun = false;
    LwVec sum = { 0 };

    if (m.first && m.t[0][j] != 0) {
      sum = m.t[0][j] * in[0];
      begun = true;
    }
    LW_UNROLL
    for (int q = 0; q < m.pairs; q++) {
      const LwVec term = m.t[m.first + 2 * q][j] * (j % 2 == 0 ? sums[q] : differences[q]);

      sum = begun ? sum + term : term;
      begun = true;
    }
    LW_UNROLL
    for (int i = m.first + 2 * m.pairs; i < m.rows; i++)
      if (m.t[i][j] != 0) {
        sum = begun ? sum + m.t[i][j] * in[i] : m.t[i][j] * in[i];
        begun = true;
      }
    out[j] = sum;
  }
}
