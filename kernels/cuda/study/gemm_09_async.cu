/* Rung 9: copies that nobody waits for.
 *
 * Idea: asynchronous copies (cp.async, from Ampere on) go from global to shared memory by
 * themselves, past the registers, so that not one tile but three can be on their way: four stages
 * in a ring. In step s the block waits for the tile of s (the two younger copies may go on), meets
 * at one barrier, orders the tile of s + 3 into the stage that everybody left in step s − 1, and
 * multiplies.
 * What it asks for: a copy cannot transpose, so A's tile stays as it lies in memory, by rows, and a
 * thread reads its 8 rows one number each. Rows are 12 numbers apart, and neighbouring lanes have
 * neighbouring rows: 0, 12, 24, 36 … modulo 32 are different banks for the 8 rows that a warp reads
 * at once.
 * Cost: bytes and FLOPs as in rung 8; no registers for what is on its way; 42 KiB of shared memory;
 * A by 8 reads a step instead of 2, the price of not transposing, which tensor cores do not pay.
 * What the latency of memory asks for is bytes on their way: 3 · 8 KiB a block. */
#include "kernels/cuda/study/stages.cuh"

namespace {

enum { SIDE = LW_STUDY_SIDE, DEPTH = 8, STAGES = 4, MINE = 8, THREADS = LW_STUDY_COPIERS };

using Copies = LwStudyCopies<float, DEPTH>;
using Stage = Copies::Stage;

__global__ void
__launch_bounds__ (THREADS, 2)
    async_stages (int m, int n, int k, const float *a, const float *b, float *c)
{
  LW_SHARED (Stage, stages, [STAGES]);
  const int warp = (int)threadIdx.x / 32, lane = (int)threadIdx.x % 32;
  const int y = warp / 4 * 64 + lane / 4, x = warp % 4 * 32 + lane % 4 * 4;
  const Copies copies = { { a, m, k }, b, n, k, (int)blockIdx.y * SIDE, (int)blockIdx.x * SIDE };
  float sums[MINE][MINE] = {};

  for (int s = 0; s < STAGES - 1; s++)
    copies.order (&stages[s], s * DEPTH);
  for (int first = 0, now = 0; first < k; first += DEPTH, now = (now + 1) % STAGES) {
    const Stage *stage = &stages[now];

    lw_copy_wait<STAGES - 2> ();
    __syncthreads ();
    copies.order (&stages[(now + STAGES - 1) % STAGES], first + (STAGES - 1) * DEPTH);
    LW_STUDY_BY_TWOS
    for (int i = 0; i < DEPTH; i++) {
      float mine[MINE], other[MINE];

      for (int r = 0; r < MINE; r++)
        mine[r] = stage->a[y + 8 * r].at[i];
      lw_study_get_four (other, &stage->b[i].at[x]);
      lw_study_get_four (other + 4, &stage->b[i].at[x + 16]);
      for (int r = 0; r < MINE; r++)
        for (int s = 0; s < MINE; s++)
          sums[r][s] += mine[r] * other[s];
    }
  }
  lw_copy_wait<0> ();
  for (int r = 0; r < MINE; r++)
    for (int s = 0; s < MINE; s += 4) {
      const int row = copies.top + y + 8 * r, column = copies.left + x + s / 4 * 16;

      if (row < m && column < n)
        lw_study_put_four (&c[(size_t)row * (size_t)n + (size_t)column], &sums[r][s]);
    }
}

cudaError_t
run (const LwStudyProblem *p, cudaStream_t stream)
{
  return lw_study_launch (async_stages, p, SIDE, SIDE, THREADS, stream);
}

} // namespace

extern const LwStudyRung lw_study_async = {
  "asynchronous stages", LW_STUDY_FP32, lw_study_has_fours, nullptr, nullptr, run
};
