/* Rung 11, for all who take its A from somewhere: matrices in gemm_11_bf16.cu, which says what the
 * idea is, windows of a map in conv_6_tensor.cu. */
#pragma once

#include "kernels/cuda/study/stages.cuh"

#include <cuda_bf16.h>

enum { LW_STUDY_BF16_DEPTH = 32, LW_STUDY_BF16_STAGES = 2 };
enum { LW_STUDY_BF16_DOWN = 4, LW_STUDY_BF16_ACROSS = 4 }; /* pieces of 16 × 8 of a warp */

using LwStudyBf16Stage = LwStudyStage<__nv_bfloat16, LW_STUDY_BF16_DEPTH>;
using LwStudyBf16Sums = float[LW_STUDY_BF16_DOWN][LW_STUDY_BF16_ACROSS][4];

/* A warp's 64 × 32 numbers of C, 16 deep. Lane i names row i % 16 and, from i = 16 on, the second 8
 * numbers of it. */
__device__ static inline void
lw_study_bf16_multiply (const LwStudyBf16Stage *stage, int y, int x, int depth,
                        LwStudyBf16Sums &sums)
{
  const int lane = (int)threadIdx.x % 32, row = lane % 16, half = lane / 16 * 8;
  uint32_t b[LW_STUDY_BF16_ACROSS / 2][4];

  for (int j = 0; j < LW_STUDY_BF16_ACROSS / 2; j++)
    lw_load_matrices_transposed (b[j], &stage->b[depth + row].at[x + 16 * j + half]);
  for (int i = 0; i < LW_STUDY_BF16_DOWN; i++) {
    uint32_t a[4];

    lw_load_matrices (a, &stage->a[y + 16 * i + row].at[depth + half]);
    for (int j = 0; j < LW_STUDY_BF16_ACROSS; j++)
      lw_mma_bf16 (sums[i][j], a, b[j / 2][j % 2 * 2], b[j / 2][j % 2 * 2 + 1]);
  }
}

/* C [m][n] = A [m][k] · B [k][n], a block a tile of 128 × 128. */
template <class Source>
__device__ static void
lw_study_bf16_tiles (LwStudyBf16Stage *stages, const Source &source, const __nv_bfloat16 *b,
                     float *c, int m, int n, int k)
{
  const int warp = (int)threadIdx.x / 32, y = warp / 4 * 64, x = warp % 4 * 32;
  const LwStudyCopies<__nv_bfloat16, LW_STUDY_BF16_DEPTH, Source> copies = {
    source, b, n, k, (int)blockIdx.y * LW_STUDY_SIDE, (int)blockIdx.x * LW_STUDY_SIDE
  };
  LwStudyBf16Sums sums = {};

  copies.order (&stages[0], 0);
  for (int first = 0, now = 0; first < k; first += LW_STUDY_BF16_DEPTH, now ^= 1) {
    lw_copy_wait<0> ();
    __syncthreads ();
    copies.order (&stages[now ^ 1], first + LW_STUDY_BF16_DEPTH);
    for (int depth = 0; depth < LW_STUDY_BF16_DEPTH; depth += 16)
      lw_study_bf16_multiply (&stages[now], y, x, depth, sums);
  }
  lw_copy_wait<0> ();
  lw_study_put_sums (sums, c, m, n, copies.top + y, copies.left + x);
}

/* Numbers to bfloat16, a thread each. In an anonymous namespace, as kernels are. */
namespace {

__global__ void
narrow (const float *from, __nv_bfloat16 *to, int n)
{
  const int t = (int)(blockIdx.x * LW_STUDY_COPIERS + threadIdx.x);

  if (t < n)
    to[t] = __float2bfloat16_rn (from[t]);
}

} // namespace

static inline cudaError_t
lw_study_narrow (const float *from, __nv_bfloat16 *to, int n, cudaStream_t stream)
{
  return lw_launch (narrow, lw_study_blocks (n, LW_STUDY_COPIERS), LW_STUDY_COPIERS, 0, stream,
                    from, to, n);
}
