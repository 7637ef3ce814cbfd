#include "kernels/cpu/direct_cells.h"

/* The loops with constant bounds vanish; the sums live in registers. */
LW_INLINE void
multiply (int rows, int cells, int vectors, const LwCells *job)
{
  const int64_t step = job->step, pixel = job->pixel;
  const float *at = job->at, *dy = job->dy;
  LwAhead ahead = *job->ahead;
  LwVec sum[LW_CELLS_NARROW][2];

#pragma GCC unroll 16
  for (int c = 0; c < rows * cells; c++)
#pragma GCC unroll 2
    for (int i = 0; i < vectors; i++)
      sum[c][i] = (LwVec){ 0 };

  lw_finish_begin (rows * cells, vectors, job->finish, job->offset);
  for (int64_t y = 0; y < job->windows_h; y++, at += job->down) {
    const float *x[LW_CELL_ROWS];

#pragma GCC unroll 3
    for (int r = 0; r < rows; r++)
      x[r] = at + r * job->line;
    for (int64_t w = 0; w < job->windows_w; w++, dy += pixel) {
      LwVec gradient[2];

      lw_ahead_step (&ahead);
#pragma GCC unroll 2
      for (int i = 0; i < vectors; i++)
        gradient[i] = lw_vec_load (dy + i * LW_LANES);
#pragma GCC unroll 16
      for (int c = 0; c < rows * cells; c++)
#pragma GCC unroll 2
        for (int i = 0; i < vectors; i++)
          sum[c][i] = lw_multiply_add_word (sum[c][i], x[c / cells][c % cells], gradient[i]);
#pragma GCC unroll 16
      for (int c = 0; c < rows * cells; c++)
#pragma GCC unroll 2
        for (int i = 0; i < vectors; i++)
          lw_vec_keep (&sum[c][i]);
#pragma GCC unroll 3
      for (int r = 0; r < rows; r++)
        x[r] += step;
    }
  }
  job->ahead->at = ahead.at;
  job->ahead->end = ahead.end;
  job->ahead->runs = ahead.runs;
  lw_finish_tile (rows * cells, vectors, sum, job->finish, job->offset);
}

typedef void (*Kernel) (const LwCells *job);

#define NARROW(ROWS, CELLS)                                                                        \
  static void narrow_##ROWS##_##CELLS (const LwCells *job)                                         \
  {                                                                                                \
    multiply (ROWS, CELLS, 1, job);                                                                \
  }
#define WIDE(ROWS, CELLS)                                                                          \
  static void wide_##ROWS##_##CELLS (const LwCells *job)                                           \
  {                                                                                                \
    multiply (ROWS, CELLS, 2, job);                                                                \
  }
/* What the registers of every instruction set hold. */
#define FEW(KERNEL)                                                                                \
  KERNEL (1, 1)                                                                                    \
  KERNEL (1, 2)                                                                                    \
  KERNEL (1, 3)                                                                                    \
  KERNEL (1, 4)                                                                                    \
  KERNEL (1, 5)                                                                                    \
  KERNEL (1, 6)                                                                                    \
  KERNEL (2, 1)                                                                                    \
  KERNEL (2, 2)                                                                                    \
  KERNEL (2, 3)                                                                                    \
  KERNEL (3, 1)                                                                                    \
  KERNEL (3, 2)
/* Narrow panels only, but for AVX-512. */
#define MORE(KERNEL)                                                                               \
  KERNEL (1, 7)                                                                                    \
  KERNEL (1, 8)                                                                                    \
  KERNEL (1, 9)                                                                                    \
  KERNEL (1, 10)                                                                                   \
  KERNEL (1, 11)                                                                                   \
  KERNEL (1, 12)                                                                                   \
  KERNEL (2, 4)                                                                                    \
  KERNEL (2, 5)                                                                                    \
  KERNEL (2, 6)                                                                                    \
  KERNEL (3, 3)                                                                                    \
  KERNEL (3, 4)
#define MOST(KERNEL)                                                                               \
  KERNEL (1, 13)                                                                                   \
  KERNEL (1, 14)                                                                                   \
  KERNEL (2, 7)
FEW (NARROW)
FEW (WIDE)
MORE (NARROW)
#if LW_LANES == 16
MORE (WIDE)
MOST (NARROW)
MOST (WIDE)
#endif

/* By rows − 1 and cells − 1. */
#define NAME_NARROW(ROWS, CELLS) [ROWS - 1][CELLS - 1] = narrow_##ROWS##_##CELLS,
#define NAME_WIDE(ROWS, CELLS)   [ROWS - 1][CELLS - 1] = wide_##ROWS##_##CELLS,
static const Kernel narrow[LW_CELL_ROWS][LW_CELLS_NARROW] = { FEW (NAME_NARROW) MORE (NAME_NARROW)
#if LW_LANES == 16
                                                                  MOST (NAME_NARROW)
#endif
};
static const Kernel wide[LW_CELL_ROWS][LW_CELLS_WIDE] = { FEW (NAME_WIDE)
#if LW_LANES == 16
                                                              MORE (NAME_WIDE) MOST (NAME_WIDE)
#endif
};

void
LW_CPU (multiply_cells) (int64_t rows, int64_t cells, bool is_wide, const LwCells *job)
{
  (is_wide ? wide[rows - 1][cells - 1] : narrow[rows - 1][cells - 1]) (job);
}
