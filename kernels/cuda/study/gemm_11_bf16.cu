/* Rung 11: half the bytes.
 *
 * Idea: bfloat16, float32 without its lower 16 bits. Memory, caches and shared memory carry twice
 * as many numbers, and an instruction multiplies 16 × 16 by 16 × 8 of them: 4096 FLOPs. A lane's
 * parts of A and B are pairs of neighbours, which ldmatrix brings: one instruction reads four
 * pieces of 8 rows of 16 bytes and spreads them over the lanes as the multiplication wants them,
 * also transposed, which B by rows needs. A warp's step of 16 is 6 such reads for 16
 * multiplications. Sums are float32 as ever; training keeps float32 weights beside (Micikevicius et
 * al. 2018, section 3.1). The conversion of A and B is made before and not timed: in a network the
 * layer before writes bfloat16. Cost: tiles of 128 × 128 bring 16 KiB for a step of 32 and 2 · 128²
 * · 32 = 1048576 FLOPs: 64 FLOPs a byte. The tensor cores of an H100 do 295 for a byte of its
 * memory: to come near their peak takes larger tiles, and instructions that read shared memory by
 * themselves (wgmma). Rows of 32 and 128 numbers with 16 bytes beside them begin 20 and 68 banks
 * apart, so that 8 rows of 16 bytes never meet in a bank. */
#include "kernels/cuda/study/stages.cuh"

#include <cuda_bf16.h>

namespace {

enum {
  SIDE = LW_STUDY_SIDE,
  DEPTH = 32,
  STAGES = 2,
  THREADS = LW_STUDY_COPIERS,
  DOWN = 4,
  ACROSS = 4
};

using Copies = LwStudyCopies<__nv_bfloat16, DEPTH>;
using Stage = Copies::Stage;

/* A warp's 64 × 32 numbers of C, 16 deep. Lane i names row i % 16 and, from i = 16 on, the second 8
 * numbers of it. */
__device__ void
multiply (const Stage *stage, int y, int x, int depth, float (&sums)[DOWN][ACROSS][4])
{
  const int lane = (int)threadIdx.x % 32, row = lane % 16, half = lane / 16 * 8;
  uint32_t b[ACROSS / 2][4];

  for (int j = 0; j < ACROSS / 2; j++)
    lw_load_matrices_transposed (b[j], &stage->b[depth + row].at[x + 16 * j + half]);
  for (int i = 0; i < DOWN; i++) {
    uint32_t a[4];

    lw_load_matrices (a, &stage->a[y + 16 * i + row].at[depth + half]);
    for (int j = 0; j < ACROSS; j++)
      lw_mma_bf16 (sums[i][j], a, b[j / 2][j % 2 * 2], b[j / 2][j % 2 * 2 + 1]);
  }
}

__global__ void
__launch_bounds__ (THREADS, 2)
    bf16 (int m, int n, int k, const __nv_bfloat16 *a, const __nv_bfloat16 *b, float *c)
{
  LW_SHARED (Stage, stages, [STAGES]);
  const int warp = (int)threadIdx.x / 32, y = warp / 4 * 64, x = warp % 4 * 32;
  const Copies copies = { a, b, m, n, k, (int)blockIdx.y * SIDE, (int)blockIdx.x * SIDE };
  float sums[DOWN][ACROSS][4] = {};

  copies.order (&stages[0], 0);
  for (int first = 0, now = 0; first < k; first += DEPTH, now ^= 1) {
    lw_copy_wait<0> ();
    __syncthreads ();
    copies.order (&stages[now ^ 1], first + DEPTH);
    for (int depth = 0; depth < DEPTH; depth += 16)
      multiply (&stages[now], y, x, depth, sums);
  }
  lw_copy_wait<0> ();
  lw_study_put_sums (sums, c, m, n, copies.top + y, copies.left + x);
}

__global__ void
narrow (const float *from, __nv_bfloat16 *to, int n)
{
  const int t = (int)(blockIdx.x * THREADS + threadIdx.x);

  if (t < n)
    to[t] = __float2bfloat16_rn (from[t]);
}

bool
fits (const LwStudyProblem *p)
{
  return p->k % 8 == 0 && p->n % 8 == 0;
}

size_t
scratch_bytes (const LwStudyProblem *p)
{
  return ((size_t)p->m + (size_t)p->n) * (size_t)p->k * sizeof (__nv_bfloat16);
}

/* A, and behind it B. */
cudaError_t
prepare (const LwStudyProblem *p, cudaStream_t stream)
{
  __nv_bfloat16 *a = (__nv_bfloat16 *)p->scratch, *b = a + (size_t)p->m * (size_t)p->k;
  const int a_size = p->m * p->k, b_size = p->k * p->n;
  const cudaError_t code =
      lw_launch (narrow, lw_study_blocks (a_size, THREADS), THREADS, 0, stream, p->a, a, a_size);

  return code == cudaSuccess ? lw_launch (narrow, lw_study_blocks (b_size, THREADS), THREADS, 0,
                                          stream, p->b, b, b_size)
                             : code;
}

cudaError_t
run (const LwStudyProblem *p, cudaStream_t stream)
{
  const __nv_bfloat16 *a = (const __nv_bfloat16 *)p->scratch;

  return lw_launch (bf16, dim3 (lw_study_blocks (p->n, SIDE), lw_study_blocks (p->m, SIDE)),
                    THREADS, 0, stream, p->m, p->n, p->k, a, a + (size_t)p->m * (size_t)p->k, p->c);
}

} // namespace

extern const LwStudyRung lw_study_bf16 = {
  "tensor cores, bfloat16", LW_STUDY_BF16, fits, scratch_bytes, prepare, run
};
