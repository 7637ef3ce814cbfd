/* Rung 3: what the threads of a block need in common is read once.
 *
 * Idea: tiles in shared memory. The 16 × 16 numbers of C of a block need 16 rows of A and 16
 * columns of B, each number of them 16 times. The block brings a 16 × 16 tile of both, each thread
 * one number of each, waits, multiplies them, waits until nobody reads them any more, and goes on.
 * Cost: a step of 16 brings 2 · 16² · 4 bytes = 2 KiB for 2 · 16³ = 8192 FLOPs: 4 FLOPs a byte of
 * global memory, 16 times as many as before (T / 4 for tiles of T). From shared memory a thread
 * still reads 8 bytes for 2 FLOPs: that is the next bottleneck. Two barriers a step. */
#include "kernels/cuda/study/tiles.cuh"

namespace {

enum { TILE = 16 };

/* Beyond the matrices are zeros, which add nothing; every thread reaches every barrier. */
__global__ void
shared_tiles (int m, int n, int k, const float *a, const float *b, float *c)
{
  LW_SHARED (float, a_tile, [TILE][TILE]);
  LW_SHARED (float, b_tile, [TILE][TILE]);
  const int x = (int)threadIdx.x, y = (int)threadIdx.y;
  const int row = (int)blockIdx.y * TILE + y, column = (int)blockIdx.x * TILE + x;
  float sum = 0;

  for (int first = 0; first < k; first += TILE) {
    a_tile[y][x] = lw_study_at (a, row, first + x, m, k);
    b_tile[y][x] = lw_study_at (b, first + y, column, k, n);
    __syncthreads ();
    for (int i = 0; i < TILE; i++)
      sum += a_tile[y][i] * b_tile[i][x];
    __syncthreads ();
  }
  if (row < m && column < n)
    c[(size_t)row * (size_t)n + (size_t)column] = sum;
}

cudaError_t
run (const LwStudyProblem *p, cudaStream_t stream)
{
  return lw_study_launch (shared_tiles, p, TILE, TILE, dim3 (TILE, TILE), stream);
}

} // namespace

extern const LwStudyRung lw_study_shared = {
  "shared-memory tiles", LW_STUDY_FP32, nullptr, nullptr, nullptr, run
};
