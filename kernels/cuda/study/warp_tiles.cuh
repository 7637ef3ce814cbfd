/* Rung 8, for all who take its A from somewhere: matrices here, windows of a map in
 * conv_4_implicit.cu. gemm_08_warp_tiles.cu says what the idea is. */
#pragma once

#include "kernels/cuda/study/tiles.cuh"

enum { LW_STUDY_DEPTH = 8, LW_STUDY_MINE = 8, LW_STUDY_THREADS = 256 };

/* The two tiles, each twice (gemm_07_double_buffer.cu); A's transposed. */
struct LwStudyTiles {
  LwStudyRow a[2][LW_STUDY_DEPTH], b[2][LW_STUDY_DEPTH];
};

/* A as a matrix. Others have the same function: four numbers of a row, zeros outside. */
struct LwStudyMatrix {
  const float *a;
  int m, k;

  __device__ float4 four (int row, int depth) const
  {
    return lw_study_four_at (a, row, depth, m, k);
  }
};

/* What a thread brings of the next tiles, and where it has its numbers of C: rows y + 0 … 3 and
 * y + 32 … 35, columns x + 0 … 3 and x + 16 … 19 of the block's. */
template <class Source> struct LwStudyThread {
  int a_row, a_depth, b_depth, b_column, y, x, top, left;
  float4 a, b;

  __device__ LwStudyThread ()
  {
    const int t = (int)threadIdx.x, warp = t / 32, lane = t % 32;

    a_row = t / 2, a_depth = t % 2 * 4, b_depth = t / 32, b_column = t % 32 * 4;
    y = warp / 4 * 64 + lane / 4 * 4, x = warp % 4 * 32 + lane % 4 * 4;
    top = (int)blockIdx.y * LW_STUDY_SIDE, left = (int)blockIdx.x * LW_STUDY_SIDE;
  }
  __device__ void bring (const Source &source, const float *from, int n, int k, int first)
  {
    a = source.four (top + a_row, first + a_depth);
    b = lw_study_four_at (from, first + b_depth, left + b_column, k, n);
  }
  __device__ void store (LwStudyTiles *tiles, int buffer) const
  {
    LwStudyRow *column = &tiles->a[buffer][a_depth];

    column[0].at[a_row] = a.x;
    column[1].at[a_row] = a.y;
    column[2].at[a_row] = a.z;
    column[3].at[a_row] = a.w;
    *reinterpret_cast<float4 *> (&tiles->b[buffer][b_depth].at[b_column]) = b;
  }
  __device__ static int row (int r)
  {
    return r % 4 + r / 4 * 32;
  }
  __device__ static int column (int s)
  {
    return s % 4 + s / 4 * 16;
  }
};

/* C [m][n] = A [m][k] · B [k][n], a block a tile of 128 × 128. */
template <class Source>
__device__ static void
lw_study_warp_tiles (LwStudyTiles *tiles, const Source &source, const float *b, float *c, int m,
                     int n, int k)
{
  LwStudyThread<Source> me;
  float sums[LW_STUDY_MINE][LW_STUDY_MINE] = {};

  me.bring (source, b, n, k, 0);
  me.store (tiles, 0);
  __syncthreads ();
  for (int first = 0, now = 0; first < k; first += LW_STUDY_DEPTH, now ^= 1) {
    me.bring (source, b, n, k, first + LW_STUDY_DEPTH);
    LW_STUDY_BY_TWOS
    for (int i = 0; i < LW_STUDY_DEPTH; i++) {
      float mine[LW_STUDY_MINE], other[LW_STUDY_MINE];

      lw_study_get_four (mine, &tiles->a[now][i].at[me.y]);
      lw_study_get_four (mine + 4, &tiles->a[now][i].at[me.y + 32]);
      lw_study_get_four (other, &tiles->b[now][i].at[me.x]);
      lw_study_get_four (other + 4, &tiles->b[now][i].at[me.x + 16]);
      for (int r = 0; r < LW_STUDY_MINE; r++)
        for (int s = 0; s < LW_STUDY_MINE; s++)
          sums[r][s] += mine[r] * other[s];
    }
    me.store (tiles, now ^ 1);
    __syncthreads ();
  }
  for (int r = 0; r < LW_STUDY_MINE; r++)
    for (int s = 0; s < LW_STUDY_MINE; s += 4) {
      const int row = me.top + me.y + me.row (r), column = me.left + me.x + me.column (s);

      if (row < m && column < n)
        lw_study_put_four (&c[(size_t)row * (size_t)n + (size_t)column], &sums[r][s]);
    }
}

/* One block a tile of C. */
static inline dim3
lw_study_tile_grid (int m, int n)
{
  return dim3 (lw_study_blocks (n, LW_STUDY_SIDE), lw_study_blocks (m, LW_STUDY_SIDE));
}
