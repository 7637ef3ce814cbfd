/* Rung 1: a thread a number of C.
 *
 *   C[i,j] = Σ_k A[i,k] · B[k,j]
 *
 * Idea: parallelism. All m · n sums are independent, so each gets a thread, tens of thousands of
 * which are in flight at once.
 * Cost: each multiply-add (2 FLOPs) asks for one number of A and one of B, 8 bytes: 0.25 FLOP a
 * byte. An H100 could feed about 0.8 TFLOP/s at that from memory, of 67; what the caches save is
 * all that it can be faster.
 * What is wrong beside that: neighbouring threads of a warp take neighbouring rows, so that one
 * load of A touches 16 lines of memory (k numbers apart) for 4 bytes of each, and one store to C
 * likewise. */
#include "kernels/cuda/study/tiles.cuh"

namespace {

enum { SIDE = 16 };

__global__ void
naive (int m, int n, int k, const float *a, const float *b, float *c)
{
  const int row = (int)(blockIdx.x * SIDE + threadIdx.x);
  const int column = (int)(blockIdx.y * SIDE + threadIdx.y);
  float sum = 0;

  if (row >= m || column >= n)
    return;
  for (int i = 0; i < k; i++)
    sum += a[(size_t)row * (size_t)k + (size_t)i] * b[(size_t)i * (size_t)n + (size_t)column];
  c[(size_t)row * (size_t)n + (size_t)column] = sum;
}

cudaError_t
run (const LwStudyProblem *p, cudaStream_t stream)
{
  return lw_launch (naive, dim3 (lw_study_blocks (p->m, SIDE), lw_study_blocks (p->n, SIDE)),
                    dim3 (SIDE, SIDE), 0, stream, p->m, p->n, p->k, p->a, p->b, p->c);
}

} // namespace

extern const LwStudyRung lw_study_naive = {
  "naive", LW_STUDY_FP32, nullptr, nullptr, nullptr, run
};
