/* Sums over the rows of a matrix [rows][columns], one pair of them for each column: what batch
 * normalization and biases need of maps whose channels lie together.
 *
 * Two launches. In the first a block takes some columns, V neighbouring ones a thread, and one of
 * `splits` stretches of rows; threads beside each other read what lies together, those of a column
 * take every `depth`th row, and their sums meet in shared memory, pairwise. In the second, one
 * thread a column adds up the stretches in order, in double precision. No atomics: the order of a
 * sum follows from the shapes.
 *
 * Of float32 a thread keeps what rounding takes from its sum (Kahan, "Further remarks on reducing
 * truncation errors", CACM 1965), which costs nothing beside the reads, and a column has 8 threads
 * of a block. Of bfloat16 twice as many numbers come with the same bytes and are known to 8 bits:
 * sums are plain there, and where columns are few a block has more rows of threads, so that enough
 * reads are on their way. */
#pragma once

#include "kernels/cuda/number.cuh"

#include <stdint.h>

enum { LW_COLUMN_LANES = 32, LW_COLUMN_ROWS = 8, LW_COLUMN_THREADS = 256 };
static const int64_t LW_COLUMN_SPLITS = 64, LW_COLUMN_BF16_SPLITS = 128; /* at most */

struct LwColumns {
  int64_t rows;
  int32_t columns, splits;
  bool vector; /* V is VECTOR, or else 1 */
  dim3 grid, block;
};

/* At least `least` rows a thread. */
static inline int32_t
lw_column_splits (int64_t rows, int64_t least, int64_t most)
{
  const int64_t splits = rows / least;

  return (int32_t)(splits < 1 ? 1 : splits > most ? most : splits);
}

/* `vector`: maps and `columns` allow for vectors. */
template <class T>
LwColumns
lw_columns_of (int64_t rows, int32_t columns, bool vector)
{
  const bool bf16 = sizeof (T) == 2, wide = vector && columns % LwNumber<T>::VECTOR == 0;
  const int32_t groups = wide ? columns / LwNumber<T>::VECTOR : columns;
  int32_t lanes = LW_COLUMN_LANES, depth = LW_COLUMN_ROWS;

  while (lanes / 2 >= groups)
    lanes /= 2;
  if (bf16)
    depth = LW_COLUMN_THREADS / lanes;

  const int32_t splits = bf16 ? lw_column_splits (rows, depth * 16, LW_COLUMN_BF16_SPLITS)
                              : lw_column_splits (rows, LW_COLUMN_ROWS * 32, LW_COLUMN_SPLITS);

  return { rows,
           columns,
           splits,
           wide,
           dim3 ((unsigned)((groups + lanes - 1) / lanes), (unsigned)splits),
           dim3 ((unsigned)lanes, (unsigned)depth) };
}

/* A sum, and what was added to it too much. */
struct LwSum {
  float value, excess;
};

template <class T>
__device__ inline void
lw_sum_add (LwSum *sum, float value)
{
  if (sizeof (T) == 2) {
    sum->value += value;
    return;
  }

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

/* partial [splits][columns] ← Σ of what values (row, column, …) gives: two numbers for each of V
 * columns. It is a copy for the thread's columns, which begin (column) has told it. */
template <class T, int V, class Values>
__global__ void
lw_column_sums (LwColumns shape, Values values, float2 *partial)
{
  LW_SHARED (float2, sums, [V][LW_COLUMN_THREADS]);
  const int32_t column = (int32_t)(blockIdx.x * blockDim.x + threadIdx.x) * V;
  const LwRowSpan span = lw_column_span (shape.rows, (int32_t)blockIdx.y, shape.splits);
  const unsigned lanes = blockDim.x, own = threadIdx.y * lanes + threadIdx.x;
  LwSum x[V] = {}, y[V] = {};

  if (column < shape.columns) {
    values.begin (column);
    for (int64_t row = span.first + threadIdx.y; row < span.end; row += blockDim.y) {
      float a[V], b[V];

      values (row, column, a, b);
      for (int i = 0; i < V; i++) {
        lw_sum_add<T> (&x[i], a[i]);
        lw_sum_add<T> (&y[i], b[i]);
      }
    }
  }
  for (int i = 0; i < V; i++)
    sums[i][own] = make_float2 (x[i].value, y[i].value);
  for (unsigned half = blockDim.y / 2; half > 0; half /= 2) {
    __syncthreads ();
    if (threadIdx.y < half)
      for (int i = 0; i < V; i++) {
        sums[i][own].x += sums[i][own + half * lanes].x;
        sums[i][own].y += sums[i][own + half * lanes].y;
      }
  }
  if (threadIdx.y == 0 && column < shape.columns)
    for (int i = 0; i < V; i++)
      partial[(int64_t)blockIdx.y * shape.columns + column + i] = sums[i][own];
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
