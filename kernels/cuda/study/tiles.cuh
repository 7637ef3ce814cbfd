/* What several rungs share, each introduced by the rung that first needs it. */
#pragma once

#include "kernels/cuda/launch.cuh"
#include "kernels/cuda/study/study.h"

/* Before a loop over the depth of a tile: the compiler, which would write all of it out, reads
 * operands long before they are needed then, for which there are not registers enough. */
#ifdef __CUDACC__
#define LW_STUDY_BY_TWOS _Pragma ("unroll 2")
#else
#define LW_STUDY_BY_TWOS
#endif

/* Blocks of `tile` that cover n. */
static inline unsigned
lw_study_blocks (int n, int tile)
{
  return (unsigned)((n + tile - 1) / tile);
}

/* Launches a kernel whose blocks have a tile of rows × columns of C each. */
static inline cudaError_t
lw_study_launch (void (*kernel) (int m, int n, int k, const float *a, const float *b, float *c),
                 const LwStudyProblem *p, int rows, int columns, dim3 block, cudaStream_t stream)
{
  return lw_launch (kernel, dim3 (lw_study_blocks (p->n, columns), lw_study_blocks (p->m, rows)),
                    block, 0, stream, p->m, p->n, p->k, p->a, p->b, p->c);
}

/* x [rows][columns], and zeros around it. */
__device__ static inline float
lw_study_at (const float *x, int row, int column, int rows, int columns)
{
  return row < rows && column < columns ? x[(size_t)row * (size_t)columns + (size_t)column] : 0;
}

/* Four numbers of a row at once (gemm_06_vectors.cu); columns and column are multiples of 4. */
__device__ static inline float4
lw_study_four_at (const float *x, int row, int column, int rows, int columns)
{
  return row < rows && column < columns ? *reinterpret_cast<const float4 *> (
                                              &x[(size_t)row * (size_t)columns + (size_t)column])
                                        : float4{ 0, 0, 0, 0 };
}

/* The same for arrays of a thread. */
__device__ static inline void
lw_study_get_four (float *to, const float *from)
{
  const float4 four = *reinterpret_cast<const float4 *> (from);

  to[0] = four.x, to[1] = four.y, to[2] = four.z, to[3] = four.w;
}

__device__ static inline void
lw_study_put_four (float *to, const float *from)
{
  *reinterpret_cast<float4 *> (to) = float4{ from[0], from[1], from[2], from[3] };
}

/* A row of 128 numbers in shared memory and 4 beside it: rows begin in other banks, and four
 * numbers lie where they can be read at once. */
enum { LW_STUDY_SIDE = 128 };
struct alignas (16) LwStudyRow {
  float at[LW_STUDY_SIDE + 4];
};

/* Whether rows can be read four numbers at a time. */
static inline bool
lw_study_has_fours (const LwStudyProblem *p)
{
  return p->k % 4 == 0 && p->n % 4 == 0;
}
