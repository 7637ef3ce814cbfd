/* The product is computed in tiles of 6 × 16 numbers, which a processor with 16 vector registers of
 * 8 lanes can hold: 12 for the tile, 2 for a row of the panel, 1 for a factor of a. So the inner
 * loop reads 2 + 6 numbers' worth of memory for 12 multiply-adds and writes nothing. */
#include "kernels/reference/matmul.h"
#include "kernels/reference/clones.h"

#include <string.h>

enum { TILE_ROWS = 6, VECTOR = 8, VECTORS = LW_LANES / VECTOR };

/* Eight numbers that are added and multiplied at once (a GCC extension; where the processor has
 * narrower vectors the compiler uses several). */
typedef float Vector __attribute__ ((vector_size (VECTOR * sizeof (float)), may_alias));

static inline __attribute__ ((always_inline)) void
add_tile (const float *const a[TILE_ROWS], int64_t step, int64_t depth, const float *panel,
          float *const sum[TILE_ROWS])
{
  Vector tile[TILE_ROWS][VECTORS] = { 0 };

  for (int64_t k = 0; k < depth; k++) {
    const Vector *b = (const Vector *)(panel + k * LW_LANES);

#pragma GCC unroll 6
    for (int i = 0; i < TILE_ROWS; i++) {
#pragma GCC unroll 2
      for (int j = 0; j < VECTORS; j++)
        tile[i][j] += a[i][k * step] * b[j];
    }
  }
#pragma GCC unroll 6
  for (int i = 0; i < TILE_ROWS; i++) {
#pragma GCC unroll 2
    for (int j = 0; j < VECTORS; j++)
      ((Vector *)sum[i])[j] += tile[i][j];
  }
}

LW_CLONES void
lw_ref_multiply_panel (int64_t m, int64_t depth, const float *a, int64_t row, int64_t step,
                       const float *panel, float (*sum)[LW_LANES])
{
  _Alignas(64) float unused[LW_LANES] = { 0 };

  for (int64_t k = 0; k < depth; k += LW_PANEL_DEPTH)
    for (int64_t i = 0; i < m; i += TILE_ROWS) {
      const float *a_rows[TILE_ROWS];
      float *sums[TILE_ROWS];

      /* A tile that reaches below the last row repeats it, and nobody reads the result. */
      for (int r = 0; r < TILE_ROWS; r++) {
        a_rows[r] = a + MIN (i + r, m - 1) * row + k * step;
        sums[r] = i + r < m ? sum[i + r] : unused;
      }
      add_tile (a_rows, step, MIN (depth - k, LW_PANEL_DEPTH), panel + k * LW_LANES, sums);
    }
}

/* panel[k][j] = b[k·b_row + (column + j)·b_step]; columns past the end are zeros. */
LW_CLONES static void
copy_panel (const LwMatmul *job, int64_t k, int64_t depth, int64_t column, float (*panel)[LW_LANES])
{
  const int64_t columns = MIN (job->n - column, LW_LANES);
  const float *b = job->b + k * job->b_row + column * job->b_step;

  for (int64_t i = 0; i < depth; i++, b += job->b_row) {
    if (columns == LW_LANES && job->b_step == 1)
      memcpy (panel[i], b, sizeof panel[i]);
    else
      for (int64_t j = 0; j < LW_LANES; j++)
        panel[i][j] = j < columns ? b[j * job->b_step] : 0;
  }
}

/* Item number: (block of rows) × (panels of the width) + panel. */
static void
matmul_blocks (const void *data, int64_t first, int64_t last, int thread)
{
  const LwMatmul *job = data;
  const int64_t panels = (job->n + LW_LANES - 1) / LW_LANES;
  _Alignas(64) float panel[LW_PANEL_DEPTH][LW_LANES];
  LwPanelSums sums;

  (void)thread;
  for (int64_t item = first; item < last; item++) {
    const int64_t row = item / panels * LW_PANEL_ROWS, column = item % panels * LW_LANES;
    const int64_t rows = MIN (job->m - row, LW_PANEL_ROWS);
    const int64_t columns = MIN (job->n - column, LW_LANES);

    memset (&sums, 0, sizeof sums.at[0] * (size_t)rows);
    for (int64_t k = 0; k < job->depth; k += LW_PANEL_DEPTH) {
      const int64_t depth = MIN (job->depth - k, LW_PANEL_DEPTH);

      copy_panel (job, k, depth, column, panel);
      lw_ref_multiply_panel (rows, depth, job->a + row * job->a_row + k * job->a_step, job->a_row,
                             job->a_step, panel[0], sums.at);
    }
    for (int64_t i = 0; i < rows; i++) {
      float *c = job->c + (row + i) * job->n + column;

      for (int64_t j = 0; j < columns; j++)
        c[j] =
            sums.at[i][j] + (job->bias ? job->bias[column + j] : 0) + (job->accumulate ? c[j] : 0);
    }
  }
}

void
lw_ref_matmul (LwDevice *device, const LwMatmul *job)
{
  const int64_t panels = (job->n + LW_LANES - 1) / LW_LANES;
  const int64_t blocks = (job->m + LW_PANEL_ROWS - 1) / LW_PANEL_ROWS;

  lw_ref_parallel_for (device, panels * blocks, matmul_blocks, job);
}
