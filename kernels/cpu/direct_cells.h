/* The innermost part of a weight gradient over a bordered image: a few cells of the window times a
 * panel of dy, summed over a band of windows in registers. With bfloat16 windows go in pairs, side
 * by side, and each cell's number stands beside that of the next window. Private to this folder. */
#pragma once

#include "kernels/cpu/ahead.h"
#include "kernels/cpu/finish.h"
#include "kernels/cpu/pairs.h"

#include <stdbool.h>
#include <stdint.h>

/* Most cells at once beside a panel of one vector and of two, and rows of the window. */
#if LW_LANES == 16
enum { LW_CELLS_NARROW = 14, LW_CELLS_WIDE = 14 };
#else
enum { LW_CELLS_NARROW = 12, LW_CELLS_WIDE = 6 };
#endif
enum { LW_CELL_ROWS = 3 };

typedef struct {
  const float *at;    /* the first cell, for the first window or the first two */
  int64_t line;       /* from a row of the window to the next */
  int64_t step, down; /* from a window, or pair of windows, to the next, and to the one below */
  const float *dy;    /* [windows_h · windows_w][…] */
  int64_t pixel;      /* from a window's dy to the next */
  int64_t windows_h, windows_w; /* or pairs */
  const LwFinish *finish;
  const int64_t *offset; /* of each cell, row by row */
  LwAhead *ahead;
} LwCells;

/* `rows` × `cells` of the window; no more than the constants above. */
void LW_CPU (multiply_cells) (int64_t rows, int64_t cells, bool wide, const LwCells *job);
