/* Tiles of 128 × DEPTH of A and DEPTH × 128 of B, the asynchronous copies that fill them, and where
 * a warp's sums go: what gemm_09_async.cu introduces and the rungs of tensor cores take over. */
#pragma once

#include "kernels/cuda/study/tiles.cuh"
#include "kernels/cuda/tensor.cuh"

enum { LW_STUDY_COPIERS = 256 }; /* threads of a block */

/* Rows have numbers beside them, so that what a warp reads at once lies in different banks. */
template <class Number, int DEPTH> struct LwStudyStage {
  static constexpr int VECTOR = 16 / (int)sizeof (Number); /* numbers in 16 bytes */

  struct alignas (16) ARow {
    Number at[DEPTH + VECTOR];
  };
  struct alignas (16) BRow {
    Number at[LW_STUDY_SIDE + 8];
  };

  ARow a[LW_STUDY_SIDE];
  BRow b[DEPTH];
};

/* A as a matrix. Others have the same function: where 16 bytes of a row are, and how many of them
 * there are; none outside. */
template <class Number> struct LwStudyRows {
  const Number *a;
  int m, k;

  __device__ const Number *at (int row, int depth, int *present) const
  {
    const bool there = row < m && depth < k;

    *present = there ? 16 : 0;
    return there ? a + (size_t)row * (size_t)k + (size_t)depth : a;
  }
};

/* Where a block's tiles are. */
template <class Number, int DEPTH, class Source = LwStudyRows<Number>> struct LwStudyCopies {
  using Stage = LwStudyStage<Number, DEPTH>;

  Source a;
  const Number *b;
  int n, k, top, left;

  /* A group of copies: the tiles from depth `first` on. Beyond k they are zeros, but ordered all
   * the same: there is a group for every step to wait for. */
  __device__ void order (Stage *stage, int first) const
  {
    constexpr int VECTOR = Stage::VECTOR, EACH = LW_STUDY_SIDE * DEPTH / VECTOR / LW_STUDY_COPIERS;

    for (int i = 0; i < EACH; i++) {
      const int e = (int)threadIdx.x + i * LW_STUDY_COPIERS;
      const int row = e / (DEPTH / VECTOR), depth = e % (DEPTH / VECTOR) * VECTOR;
      const int b_depth = e / (LW_STUDY_SIDE / VECTOR);
      const int column = e % (LW_STUDY_SIDE / VECTOR) * VECTOR;
      const bool b_there = first + b_depth < k && left + column < n;
      const size_t b_at = (size_t)(first + b_depth) * (size_t)n + (size_t)(left + column);
      int present;
      const Number *from = a.at (top + row, first + depth, &present);

      lw_copy_async<16> (&stage->a[row].at[depth], from, present);
      lw_copy_async<16> (&stage->b[b_depth].at[column], b_there ? b + b_at : b, b_there ? 16 : 0);
    }
    lw_copy_commit ();
  }
};

/* A warp's tiles of 16 × 8 sums (tensor.cuh), DOWN × ACROSS of them from (top, left) on, to C. */
template <int DOWN, int ACROSS>
__device__ inline void
lw_study_put_sums (const float (&sums)[DOWN][ACROSS][4], float *c, int m, int n, int top, int left)
{
  const int lane = (int)threadIdx.x % 32;

  for (int i = 0; i < DOWN; i++)
    for (int j = 0; j < ACROSS; j++)
      for (int half = 0; half < 2; half++) {
        const int row = top + 16 * i + 8 * half + lane / 4;
        const int column = left + 8 * j + lane % 4 * 2;

        if (row < m && column < n)
          *reinterpret_cast<float2 *> (&c[(size_t)row * (size_t)n + (size_t)column]) =
              float2{ sums[i][j][2 * half], sums[i][j][2 * half + 1] };
      }
}
