/* Rung 5: a thread computes a square.
 *
 * Idea: register tiles in two dimensions, an outer product in registers: 8 numbers of A and 8 of B
 * make 64 multiply-adds. Reads grow with the square's side, work with its area.
 * Cost: tiles of 128 × 128 with steps of 8 bring 8 KiB for 2 · 128² · 8 = 262144 FLOPs: 32 FLOPs a
 * byte of global memory, beyond the 20 that an H100 has FLOPs (fp32) for a byte. A thread reads 64
 * bytes of shared memory for 128 FLOPs, 2 a byte. Its 64 sums and 16 operands take registers, so
 * that fewer warps fit: from here on work within a thread hides latency, not the number of
 * threads. */
#include "kernels/cuda/study/tiles.cuh"

namespace {

enum { ROWS = 128, COLUMNS = 128, DEPTH = 8, SIDE = 8, THREADS = 256 };

__global__ void
registers_2d (int m, int n, int k, const float *a, const float *b, float *c)
{
  LW_SHARED (float, a_tile, [ROWS][DEPTH]);
  LW_SHARED (float, b_tile, [DEPTH][COLUMNS]);
  const int t = (int)threadIdx.x, x = t % (COLUMNS / SIDE) * SIDE, y = t / (COLUMNS / SIDE) * SIDE;
  const int top = (int)blockIdx.y * ROWS, left = (int)blockIdx.x * COLUMNS;
  float sums[SIDE][SIDE] = {};

  for (int first = 0; first < k; first += DEPTH) {
    for (int e = t; e < ROWS * DEPTH; e += THREADS)
      a_tile[e / DEPTH][e % DEPTH] = lw_study_at (a, top + e / DEPTH, first + e % DEPTH, m, k);
    for (int e = t; e < DEPTH * COLUMNS; e += THREADS)
      b_tile[e / COLUMNS][e % COLUMNS] =
          lw_study_at (b, first + e / COLUMNS, left + e % COLUMNS, k, n);
    __syncthreads ();
    for (int i = 0; i < DEPTH; i++) {
      float mine[SIDE], other[SIDE];

      for (int r = 0; r < SIDE; r++) {
        mine[r] = a_tile[y + r][i];
        other[r] = b_tile[i][x + r];
      }
      for (int r = 0; r < SIDE; r++)
        for (int s = 0; s < SIDE; s++)
          sums[r][s] += mine[r] * other[s];
    }
    __syncthreads ();
  }
  for (int r = 0; r < SIDE; r++)
    for (int s = 0; s < SIDE; s++)
      if (top + y + r < m && left + x + s < n)
        c[(size_t)(top + y + r) * (size_t)n + (size_t)(left + x + s)] = sums[r][s];
}

cudaError_t
run (const LwStudyProblem *p, cudaStream_t stream)
{
  return lw_study_launch (registers_2d, p, ROWS, COLUMNS, THREADS, stream);
}

} // namespace

extern const LwStudyRung lw_study_registers_2d = {
  "register tiles 2D", LW_STUDY_FP32, nullptr, nullptr, nullptr, run
};
