/* Matrix products: where convolutions and linear layers spend their time. Private to this folder.
 */
#pragma once

#include "kernels/reference/device.h"

/* Columns are computed sixteen at a time: a panel is k rows of sixteen numbers, one after another,
 * aligned to 64 bytes. Rows are computed in blocks of LW_PANEL_ROWS, whose sums fit a stack. */
enum { LW_LANES = 16, LW_PANEL_ROWS = 192, LW_PANEL_DEPTH = 256 };

typedef struct {
  _Alignas(64) float at[LW_PANEL_ROWS][LW_LANES];
} LwPanelSums;

/* sum[i][j] += Σ_k a[i·row + k·step] · panel[k][j],  0 ≤ i < m, 0 ≤ k < depth, 0 ≤ j < 16.
 *
 * Products are added up in stretches of LW_PANEL_DEPTH and each stretch is then added to the sum,
 * which keeps a panel in the first-level cache and, over thousands of products, keeps the rounding
 * error near that of one stretch. */
void lw_ref_multiply_panel (int64_t m, int64_t depth, const float *a, int64_t row, int64_t step,
                            const float *panel, float (*sum)[LW_LANES]);

/* c[i][j] (+)= bias[j] + Σ_k a[i·a_row + k·a_step] · b[k·b_row + j·b_step],
 * 0 ≤ i < m, 0 ≤ j < n, 0 ≤ k < depth; c contiguous. A matrix is transposed by exchanging its row
 * and step. */
typedef struct {
  int64_t m, n, depth;
  const float *a;
  int64_t a_row, a_step;
  const float *b;
  int64_t b_row, b_step;
  const float *bias; /* NULL: zeros */
  float *c;
  bool accumulate;
} LwMatmul;

void lw_ref_matmul (LwDevice *device, const LwMatmul *job);
