/* Kernels that do something for each of n numbers: how many threads, and which numbers are whose.
 * Neighbouring threads take neighbouring numbers, so that a warp reads and writes whole lines of
 * memory; a thread goes on in strides of the grid, so that a grid need not be as large as n.
 *
 * lw_each_first, lw_each_stride: one number a thread, of an array.
 *
 * LwEach, lw_each: V numbers a thread (number.cuh), of maps. Block (x, y): x groups of a row's
 * numbers, as many as there are where that fits, and y rows; a thread keeps its columns, so what
 * belongs to a channel is read once, and no index needs a division. Maps that are contiguous, of
 * which no channel means anything to the kernel (lw_each_plan), are one array: rows of V numbers,
 * the last of which may be shorter. */
#pragma once

#include "kernels/cuda/number.cuh"

#include <stdint.h>

enum { LW_EACH_THREADS = 256 };
static const int64_t LW_EACH_BLOCKS = 4096; /* at most */

static inline dim3
lw_each_blocks (int64_t n)
{
  const int64_t blocks = (n + LW_EACH_THREADS - 1) / LW_EACH_THREADS;

  return dim3 ((unsigned)(blocks < LW_EACH_BLOCKS ? blocks : LW_EACH_BLOCKS));
}

__device__ static inline int64_t
lw_each_first ()
{
  return (int64_t)blockIdx.x * blockDim.x + threadIdx.x;
}

__device__ static inline int64_t
lw_each_stride ()
{
  return (int64_t)gridDim.x * blockDim.x;
}

/* *to (+)= value */
__device__ static inline void
lw_each_store (float *to, float value, bool accumulate)
{
  *to = accumulate ? *to + value : value;
}

/* --- maps ------------------------------------------------------------------------------------- */

struct LwEach {
  int64_t n, rows; /* numbers; rows of them */
  int32_t columns; /* of a row; a multiple of V, but for the last row's */
  bool vector;     /* V is VECTOR, or else 1 */
  dim3 grid, block;
};

static inline LwEach
lw_each_grid (int64_t n, int64_t rows, int32_t columns, bool vector, int32_t width)
{
  const int32_t groups = (columns + width - 1) / width;
  const int32_t chunks = (groups + LW_EACH_THREADS - 1) / LW_EACH_THREADS;
  const int32_t across = (groups + chunks - 1) / chunks, down = LW_EACH_THREADS / across;
  const int64_t blocks = (rows + down - 1) / down;
  const dim3 grid ((unsigned)(blocks < LW_EACH_BLOCKS ? blocks : LW_EACH_BLOCKS), (unsigned)chunks);

  return { n, rows, columns, vector, grid, dim3 ((unsigned)across, (unsigned)down) };
}

/* Of maps of which a kernel has to know the channels. */
template <class T, class... Maps>
LwEach
lw_each_of (int64_t rows, int32_t columns, const Maps &...maps)
{
  const int32_t vector = LwNumber<T>::VECTOR;
  const bool wide = columns % vector == 0 && (lw_map_has_vectors (maps) && ...);

  return lw_each_grid (rows * columns, rows, columns, wide, wide ? vector : 1);
}

/* Of others, which become rows of V numbers where all are contiguous: `pixel` changes then. */
struct LwEachMap {
  const void *at;
  int64_t *pixel;
};

static inline LwEach
lw_each_layout (int64_t rows, int32_t columns, size_t number_bytes, const LwEachMap *maps, int n)
{
  const int32_t vector = (int32_t)(16 / number_bytes);
  bool flat = true, aligned = true, wide = columns % vector == 0;

  for (int k = 0; k < n; k++) {
    flat = flat && *maps[k].pixel == columns;
    aligned = aligned && (uintptr_t)maps[k].at % 16 == 0;
    wide = wide && *maps[k].pixel % vector == 0;
  }
  wide = aligned && (wide || flat);

  const int32_t width = wide ? vector : 1;

  if (!flat)
    return lw_each_grid (rows * columns, rows, columns, wide, width);
  for (int k = 0; k < n; k++)
    *maps[k].pixel = width;
  return lw_each_grid (rows * columns, (rows * columns + width - 1) / width, width, wide, width);
}

template <class T, class... Maps>
LwEach
lw_each_plan (int64_t rows, int32_t columns, Maps &...maps)
{
  const LwEachMap all[] = { { maps.at, &maps.pixel }... };

  return lw_each_layout (rows, columns, sizeof (T), all, (int)sizeof...(maps));
}

/* body (row, column, count) for each group of V numbers that is this thread's. No barriers. */
template <int V, class Body>
__device__ inline void
lw_each (const LwEach &each, Body body)
{
  const int32_t column = (int32_t)(blockIdx.y * blockDim.x + threadIdx.x) * V;

  if (column >= each.columns)
    return;
  for (int64_t row = (int64_t)blockIdx.x * blockDim.y + threadIdx.y; row < each.rows;
       row += (int64_t)gridDim.x * blockDim.y) {
    const int64_t left = each.n - row * each.columns - column;

    body (row, column, V == 1 || left >= V ? V : (int)left);
  }
}
