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
#include "kernels/cuda/study/bf16_tiles.cuh"

namespace {

enum { SIDE = LW_STUDY_SIDE, THREADS = LW_STUDY_COPIERS };

__global__ void
__launch_bounds__ (THREADS, 2)
    bf16 (int m, int n, int k, const __nv_bfloat16 *a, const __nv_bfloat16 *b, float *c)
{
  LW_SHARED (LwStudyBf16Stage, stages, [LW_STUDY_BF16_STAGES]);

  lw_study_bf16_tiles (stages, LwStudyRows<__nv_bfloat16>{ a, m, k }, b, c, m, n, k);
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
  const cudaError_t code = lw_study_narrow (p->a, a, p->m * p->k, stream);

  return code == cudaSuccess ? lw_study_narrow (p->b, b, p->k * p->n, stream) : code;
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
