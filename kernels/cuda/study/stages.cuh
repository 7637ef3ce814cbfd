/* Tiles of 128 × 8 of A and 8 × 128 of B in a ring of stages, and the asynchronous copies that fill
 * them: what gemm_09_async.cu introduces and gemm_10_tf32.cu takes over. */
#pragma once

#include "kernels/cuda/study/tiles.cuh"
#include "kernels/cuda/tensor.cuh"

enum { LW_STUDY_STAGES = 4, LW_STUDY_STAGE_DEPTH = 8 };

/* Rows have numbers beside them, so that what a warp reads at once lies in different banks. */
struct alignas (16) LwStudyARow {
  float at[LW_STUDY_STAGE_DEPTH + 4];
};

struct alignas (16) LwStudyBRow {
  float at[LW_STUDY_SIDE + 8];
};

struct LwStudyStage {
  LwStudyARow a[LW_STUDY_SIDE];
  LwStudyBRow b[LW_STUDY_STAGE_DEPTH];
};

/* Of a block of 256 threads: where its tiles are. */
struct LwStudyCopies {
  const float *a, *b;
  int m, n, k, top, left;

  /* A group of copies: the tiles from depth `first` on. Beyond k they are zeros, but ordered all
   * the same: there is a group for every step to wait for. */
  __device__ void order (LwStudyStage *stage, int first) const
  {
    const int t = (int)threadIdx.x;
    const int row = t / 2, depth = t % 2 * 4, b_depth = t / 32, column = t % 32 * 4;
    const bool a_there = top + row < m && first + depth < k;
    const bool b_there = first + b_depth < k && left + column < n;
    const size_t a_at = (size_t)(top + row) * (size_t)k + (size_t)(first + depth);
    const size_t b_at = (size_t)(first + b_depth) * (size_t)n + (size_t)(left + column);

    lw_copy_async<16> (&stage->a[row].at[depth], a_there ? a + a_at : a, a_there ? 16 : 0);
    lw_copy_async<16> (&stage->b[b_depth].at[column], b_there ? b + b_at : b, b_there ? 16 : 0);
    lw_copy_commit ();
  }
};
