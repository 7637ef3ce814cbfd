/* Rung 7: the next tile is on its way while this one is multiplied.
 *
 * Idea: double buffering. With few warps on a multiprocessor nobody else has work while a block
 * waits for memory (hundreds of cycles). So each thread asks for its part of the next tile, into
 * registers, before it multiplies this one, and stores it into the other of two buffers afterwards.
 * Who writes the buffer of the step before last is separated from its readers by the barrier of the
 * step between, so that one barrier a step is enough instead of two.
 * Cost: bytes and FLOPs as before; 8 registers more for what is on its way, twice the shared memory
 * (17 KiB). */
#include "kernels/cuda/study/tiles.cuh"

namespace {

enum { SIDE = LW_STUDY_SIDE, DEPTH = 8, MINE = 8, THREADS = 256 };

struct Place {
  int a_row, a_depth, b_depth, b_column;
};

__device__ void
store (LwStudyRow *a_tile, LwStudyRow *b_tile, Place at, float4 a, float4 b)
{
  a_tile[at.a_depth].at[at.a_row] = a.x;
  a_tile[at.a_depth + 1].at[at.a_row] = a.y;
  a_tile[at.a_depth + 2].at[at.a_row] = a.z;
  a_tile[at.a_depth + 3].at[at.a_row] = a.w;
  *reinterpret_cast<float4 *> (&b_tile[at.b_depth].at[at.b_column]) = b;
}

__global__ void
__launch_bounds__ (THREADS, 2)
    double_buffer (int m, int n, int k, const float *a, const float *b, float *c)
{
  LW_SHARED (LwStudyRow, a_tile, [2][DEPTH]);
  LW_SHARED (LwStudyRow, b_tile, [2][DEPTH]);
  const int t = (int)threadIdx.x, x = t % 16 * MINE, y = t / 16 * MINE;
  const int top = (int)blockIdx.y * SIDE, left = (int)blockIdx.x * SIDE;
  const Place at = { t / 2, t % 2 * 4, t / 32, t % 32 * 4 };
  float4 next_a = lw_study_four_at (a, top + at.a_row, at.a_depth, m, k);
  float4 next_b = lw_study_four_at (b, at.b_depth, left + at.b_column, k, n);
  float sums[MINE][MINE] = {};

  store (a_tile[0], b_tile[0], at, next_a, next_b);
  __syncthreads ();
  for (int first = 0, now = 0; first < k; first += DEPTH, now ^= 1) {
    /* Beyond k these are zeros, and nobody reads them. */
    next_a = lw_study_four_at (a, top + at.a_row, first + DEPTH + at.a_depth, m, k);
    next_b = lw_study_four_at (b, first + DEPTH + at.b_depth, left + at.b_column, k, n);
    LW_STUDY_BY_TWOS
    for (int i = 0; i < DEPTH; i++) {
      float mine[MINE], other[MINE];

      lw_study_get_four (mine, &a_tile[now][i].at[y]);
      lw_study_get_four (mine + 4, &a_tile[now][i].at[y + 4]);
      lw_study_get_four (other, &b_tile[now][i].at[x]);
      lw_study_get_four (other + 4, &b_tile[now][i].at[x + 4]);
      for (int r = 0; r < MINE; r++)
        for (int s = 0; s < MINE; s++)
          sums[r][s] += mine[r] * other[s];
    }
    store (a_tile[now ^ 1], b_tile[now ^ 1], at, next_a, next_b);
    __syncthreads ();
  }
  for (int r = 0; r < MINE; r++)
    for (int s = 0; s < MINE; s += 4)
      if (top + y + r < m && left + x + s < n)
        lw_study_put_four (&c[(size_t)(top + y + r) * (size_t)n + (size_t)(left + x + s)],
                           &sums[r][s]);
}

cudaError_t
run (const LwStudyProblem *p, cudaStream_t stream)
{
  return lw_study_launch (double_buffer, p, SIDE, SIDE, THREADS, stream);
}

} // namespace

extern const LwStudyRung lw_study_double_buffer = {
  "double buffering", LW_STUDY_FP32, lw_study_has_fours, nullptr, nullptr, run
};
