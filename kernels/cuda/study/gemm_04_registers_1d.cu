/* Rung 4: a thread computes a piece of a column.
 *
 * Idea: register tiles in one dimension. A number of B that is in a register serves 16 rows of C
 * before the next is read: 1 + 16 reads of shared memory for 16 multiply-adds instead of 32, and
 * all threads of a warp read the same number of A, which is one access for all of them.
 * Cost: tiles of 64 × 64 with steps of 16 bring (64 + 64) · 16 · 4 = 8 KiB for 2 · 64² · 16 =
 * 131072 FLOPs: 16 FLOPs a byte of global memory. A thread reads 68 bytes of shared memory for 32
 * FLOPs, 0.47 a byte. 16 registers hold its sums: work for which there were 16 threads is one's,
 * and its 16 sums are independent, so that it need not wait for one addition to begin the next. */
#include "kernels/cuda/study/tiles.cuh"

namespace {

enum { ROWS = 64, COLUMNS = 64, DEPTH = 16, THREADS = 256, MINE = ROWS * COLUMNS / THREADS };

__global__ void
registers_1d (int m, int n, int k, const float *a, const float *b, float *c)
{
  LW_SHARED (float, a_tile, [ROWS][DEPTH]);
  LW_SHARED (float, b_tile, [DEPTH][COLUMNS]);
  const int t = (int)threadIdx.x, x = t % COLUMNS, y = t / COLUMNS * MINE;
  const int top = (int)blockIdx.y * ROWS, left = (int)blockIdx.x * COLUMNS;
  float sums[MINE] = {};

  for (int first = 0; first < k; first += DEPTH) {
    for (int e = t; e < ROWS * DEPTH; e += THREADS)
      a_tile[e / DEPTH][e % DEPTH] = lw_study_at (a, top + e / DEPTH, first + e % DEPTH, m, k);
    for (int e = t; e < DEPTH * COLUMNS; e += THREADS)
      b_tile[e / COLUMNS][e % COLUMNS] =
          lw_study_at (b, first + e / COLUMNS, left + e % COLUMNS, k, n);
    __syncthreads ();
    for (int i = 0; i < DEPTH; i++) {
      const float other = b_tile[i][x];

      for (int r = 0; r < MINE; r++)
        sums[r] += a_tile[y + r][i] * other;
    }
    __syncthreads ();
  }
  for (int r = 0; r < MINE; r++)
    if (top + y + r < m && left + x < n)
      c[(size_t)(top + y + r) * (size_t)n + (size_t)(left + x)] = sums[r];
}

cudaError_t
run (const LwStudyProblem *p, cudaStream_t stream)
{
  return lw_study_launch (registers_1d, p, ROWS, COLUMNS, THREADS, stream);
}

} // namespace

extern const LwStudyRung lw_study_registers_1d = {
  "register tiles 1D", LW_STUDY_FP32, nullptr, nullptr, nullptr, run
};
