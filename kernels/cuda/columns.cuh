/* Sums over the rows of a matrix [rows][columns], one pair of them for each column: what batch
 * normalization and biases need of maps whose channels lie together.
 *
 * Two launches. In the first a block takes 32 columns and one of `splits` stretches of rows: 8
 * threads a column, 8 rows apart, whose sums meet in shared memory, pairwise; a warp reads 32
 * neighbouring numbers of a row. In the second, one thread a column adds up the stretches in order,
 * in double precision. No atomics: the order of a sum follows from the shapes. A thread keeps what
 * rounding takes from its sum (Kahan, "Further remarks on reducing truncation errors", CACM 1965),
 * which costs nothing beside the reads. */
#pragma once

#include "kernels/cuda/launch.cuh"

#include <stdint.h>

enum { LW_COLUMN_LANES = 32, LW_COLUMN_ROWS = 8 };
static const int64_t LW_COLUMN_SPLITS = 64; /* at most */

/* Of 32 rows a thread at least. */
static inline int32_t
lw_column_splits (int64_t rows)
{
  const int64_t splits = rows / (LW_COLUMN_ROWS * 32);

  return (int32_t)(splits < 1 ? 1 : splits > LW_COLUMN_SPLITS ? LW_COLUMN_SPLITS : splits);
}

static inline dim3
lw_column_grid (int64_t rows, int32_t columns)
{
  return dim3 ((unsigned)((columns + LW_COLUMN_LANES - 1) / LW_COLUMN_LANES),
               (unsigned)lw_column_splits (rows));
}

static inline dim3
lw_column_block ()
{
  return dim3 (LW_COLUMN_LANES, LW_COLUMN_ROWS);
}

/* A sum, and what was added to it too much. */
struct LwSum {
  float value, excess;
};

__device__ static inline void
lw_sum_add (LwSum *sum, float value)
{
  const float wanted = value - sum->excess, reached = sum->value + wanted;

  sum->excess = (reached - sum->value) - wanted;
  sum->value = reached;
}

/* Rows first … end − 1 of a split. */
struct LwRowSpan {
  int64_t first, end;
};

__device__ static inline LwRowSpan
lw_column_span (int64_t rows, int32_t split, int32_t splits)
{
  return { rows * split / splits, rows * (split + 1) / splits };
}

/* partial [splits][columns] ← Σ of values (row, column), which gives a float2. */
template <class Values>
__global__ void
lw_column_sums (Values values, int64_t rows, int32_t columns, float2 *partial)
{
  LW_SHARED (float2, sums, [LW_COLUMN_ROWS][LW_COLUMN_LANES]);
  const int32_t column = (int32_t)(blockIdx.x * LW_COLUMN_LANES + threadIdx.x);
  const LwRowSpan span = lw_column_span (rows, (int32_t)blockIdx.y, (int32_t)gridDim.y);
  LwSum x = { 0, 0 }, y = { 0, 0 };

  if (column < columns)
    for (int64_t row = span.first + threadIdx.y; row < span.end; row += LW_COLUMN_ROWS) {
      const float2 value = values (row, column);

      lw_sum_add (&x, value.x);
      lw_sum_add (&y, value.y);
    }

  float2 sum = make_float2 (x.value, y.value);

  sums[threadIdx.y][threadIdx.x] = sum;
  for (unsigned half = LW_COLUMN_ROWS / 2; half > 0; half /= 2) {
    __syncthreads ();
    if (threadIdx.y < half) {
      sum.x += sums[threadIdx.y + half][threadIdx.x].x;
      sum.y += sums[threadIdx.y + half][threadIdx.x].y;
      sums[threadIdx.y][threadIdx.x] = sum;
    }
  }
  if (threadIdx.y == 0 && column < columns)
    partial[(int64_t)blockIdx.y * columns + column] = sum;
}

/* Of one column, the stretches together. */
__device__ static inline double2
lw_column_total (const float2 *partial, int32_t splits, int32_t columns, int32_t column)
{
  double2 total = make_double2 (0, 0);

  for (int32_t split = 0; split < splits; split++) {
    total.x += (double)partial[(int64_t)split * columns + column].x;
    total.y += (double)partial[(int64_t)split * columns + column].y;
  }
  return total;
}
