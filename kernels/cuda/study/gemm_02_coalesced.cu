/* Rung 2: neighbouring threads read neighbouring numbers.
 *
 * Idea: coalescing. Memory comes in lines of 128 bytes. With a warp's 32 threads along a row of C,
 * one load of B is one line, one store to C is one line, and the number of A is the same for all:
 * one access that the warp shares.
 * Cost: still 8 bytes asked for 2 FLOPs by each thread, 0.25 FLOP a byte; but a warp's step now
 * moves 128 + 4 bytes for 64 FLOPs instead of 17 lines. Only two subscripts changed places. */
#include "kernels/cuda/study/tiles.cuh"

namespace {

enum { COLUMNS = 32, ROWS = 8 };

__global__ void
coalesced (int m, int n, int k, const float *a, const float *b, float *c)
{
  const int row = (int)(blockIdx.y * ROWS + threadIdx.y);
  const int column = (int)(blockIdx.x * COLUMNS + threadIdx.x);
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
  return lw_study_launch (coalesced, p, ROWS, COLUMNS, dim3 (COLUMNS, ROWS), stream);
}

} // namespace

extern const LwStudyRung lw_study_coalesced = { "coalesced", LW_STUDY_FP32, nullptr,
                                                nullptr,     nullptr,       run };
