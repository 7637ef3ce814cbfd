/* Kernels that do something for each of n numbers: how many threads, and which numbers are whose.
 * Neighbouring threads take neighbouring numbers, so that a warp reads and writes whole lines of
 * memory; a thread goes on in strides of the grid, so that a grid need not be as large as n. */
#pragma once

#include "kernels/cuda/launch.cuh"

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
