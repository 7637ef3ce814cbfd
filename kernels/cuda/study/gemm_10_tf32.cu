/* Rung 10: tensor cores, with the range of float32 and fewer digits.
 *
 * Idea: one instruction of a warp multiplies 16 × 8 by 8 × 8 numbers (mma.sync, from Ampere on):
 * 2048 FLOPs where 32 fused multiply-adds are 64. It takes TF32: float32 with 10 instead of 23 bits
 * behind the point, the products exact, the sums float32. A warp's tile of 64 × 32 is 4 × 4 such
 * pieces. Lanes hold what tensor.cuh says: with g = lane / 4 and t = lane % 4, of A the rows g and
 * g + 8 at depths t and t + 4, of B column g at depths t and t + 4.
 * Copies and stages are rung 9's. Rows of A lie 12 numbers apart and rows of B 136: 12 · g + t and
 * 8 · t + g are different modulo 32 for the 32 lanes, so that no two meet in a bank.
 * Cost: 8 KiB a step of 8 for 262144 FLOPs as before, 32 FLOPs a byte of global memory; but the
 * tensor cores of an H100 do 148 FLOPs (TF32) for a byte of its memory, so that only the cache, in
 * which neighbouring blocks find what others brought, can feed them. A warp reads 64 + 32 numbers
 * of shared memory for each depth, and rounds them itself. */
#include "kernels/cuda/study/stages.cuh"

namespace {

enum {
  SIDE = LW_STUDY_SIDE,
  DEPTH = 8,
  STAGES = 4,
  THREADS = LW_STUDY_COPIERS,
  DOWN = 4,
  ACROSS = 4
};

using Copies = LwStudyCopies<float, DEPTH>;
using Stage = Copies::Stage;

/* A warp's 64 × 32 numbers of C, 8 deep. */
__device__ void
multiply (const Stage *stage, int y, int x, float (&sums)[DOWN][ACROSS][4])
{
  const int g = (int)threadIdx.x % 32 / 4, t = (int)threadIdx.x % 4;
  uint32_t b[ACROSS][2];

  for (int j = 0; j < ACROSS; j++) {
    b[j][0] = lw_tf32 (stage->b[t].at[x + 8 * j + g]);
    b[j][1] = lw_tf32 (stage->b[t + 4].at[x + 8 * j + g]);
  }
  for (int i = 0; i < DOWN; i++) {
    const Stage::ARow *upper = &stage->a[y + 16 * i + g], *lower = upper + 8;
    const uint32_t a[4] = { lw_tf32 (upper->at[t]), lw_tf32 (lower->at[t]),
                            lw_tf32 (upper->at[t + 4]), lw_tf32 (lower->at[t + 4]) };

    for (int j = 0; j < ACROSS; j++)
      lw_mma_tf32 (sums[i][j], a, b[j][0], b[j][1]);
  }
}

__global__ void
__launch_bounds__ (THREADS, 2) tf32 (int m, int n, int k, const float *a, const float *b, float *c)
{
  LW_SHARED (Stage, stages, [STAGES]);
  const int warp = (int)threadIdx.x / 32, y = warp / 4 * 64, x = warp % 4 * 32;
  const Copies copies = { { a, m, k }, b, n, k, (int)blockIdx.y * SIDE, (int)blockIdx.x * SIDE };
  float sums[DOWN][ACROSS][4] = {};

  for (int s = 0; s < STAGES - 1; s++)
    copies.order (&stages[s], s * DEPTH);
  for (int first = 0, now = 0; first < k; first += DEPTH, now = (now + 1) % STAGES) {
    lw_copy_wait<STAGES - 2> ();
    __syncthreads ();
    copies.order (&stages[(now + STAGES - 1) % STAGES], first + (STAGES - 1) * DEPTH);
    multiply (&stages[now], y, x, sums);
  }
  lw_copy_wait<0> ();
  lw_study_put_sums (sums, c, m, n, copies.top + y, copies.left + x);
}

cudaError_t
run (const LwStudyProblem *p, cudaStream_t stream)
{
  return lw_study_launch (tf32, p, SIDE, SIDE, THREADS, stream);
}

} // namespace

extern const LwStudyRung lw_study_tf32 = {
  "tensor cores, TF32", LW_STUDY_TF32, lw_study_has_fours, nullptr, nullptr, run
};
