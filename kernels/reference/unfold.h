/* Unfolding ("im2col"): writes out which numbers of an image a sliding window sees, so that a
 * convolution becomes a matrix product. Column q of the unfolded matrix is one position (n, i, j)
 * of the window, counted through the whole batch; row (c, u, v) is one cell of the window:
 *
 *   U[(c,u,v), (n,i,j)] = x[n, c, s·i + u − p, s·j + v − p],  0 where that is outside the image.
 *
 * The gradient of a convolution's input asks the other way round, which positions (i, j) of the
 * window had the cell (y, x) of the image under their cell (u, v). That is a matrix of the same
 * kind, with the roles of the two images exchanged:
 *
 *   Ũ[(o,u,v), (n,y,x)] = dy[n, o, (y + p − u) / s, (x + p − v) / s],  0 where that is no whole
 *                         number or outside.
 *
 * Never all of U exists at once (it is k² times as large as x), only a panel of it a thread.
 * At most INT32_MAX / 16 numbers an example. Private to this folder. */
#pragma once

#include "kernels/reference/matmul.h"

typedef struct {
  LwShape from; /* of the image that is read */
  LwShape to;   /* of the image whose positions are the columns */
  LwWindow window;
  bool adjoint; /* Ũ instead of U */
  int64_t n;    /* examples */
  const float *x;
} LwUnfold;

/* Rows of the unfolded matrix. */
static inline int64_t
lw_ref_unfold_depth (const LwUnfold *unfold)
{
  return (int64_t)unfold->from.c * unfold->window.kernel * unfold->window.kernel;
}

/* panel[k][lane] = U[k, column + lane], all rows k. Lanes past the last column repeat it. */
void lw_ref_unfold_panel (const LwUnfold *unfold, int64_t column, float (*panel)[LW_LANES]);

/* rows[i][lane] = U[k + lane, position + i] of one example, 0 ≤ i < count: U transposed. Lanes past
 * the last row repeat it. Not for Ũ. */
void lw_ref_unfold_rows (const LwUnfold *unfold, int64_t example, int64_t position, int64_t count,
                         int64_t k, float (*rows)[LW_LANES]);
