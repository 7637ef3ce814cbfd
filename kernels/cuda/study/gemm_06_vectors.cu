/* Rung 6: four numbers an instruction.
 *
 * Idea: vectors of 128 bits. A thread brings four numbers of A and four of B by one load each, and
 * reads its 8 + 8 operands of a step by four loads instead of sixteen. For that A's tile is stored
 * transposed: the 8 rows of a thread lie together. Rows of tiles have 4 numbers beside them, so
 * that the columns in which A's numbers are written lie in different banks. Cost: bytes and FLOPs
 * as before, 32 FLOPs a byte of global memory and 2 of shared memory; a quarter of the load
 * instructions, which had shared the issue slots with multiply-adds: 4 loads for 64 of them. Sizes
 * must be multiples of 4, so that each row begins on 16 bytes. */
#include "kernels/cuda/study/tiles.cuh"

namespace {

enum { SIDE = LW_STUDY_SIDE, DEPTH = 8, MINE = 8, THREADS = 256 };

__global__ void
vectors (int m, int n, int k, const float *a, const float *b, float *c)
{
  LW_SHARED (LwStudyRow, a_tile, [DEPTH]);
  LW_SHARED (LwStudyRow, b_tile, [DEPTH]);
  const int t = (int)threadIdx.x, x = t % 16 * MINE, y = t / 16 * MINE;
  const int top = (int)blockIdx.y * SIDE, left = (int)blockIdx.x * SIDE;
  const int a_row = t / 2, a_depth = t % 2 * 4, b_depth = t / 32, b_column = t % 32 * 4;
  float sums[MINE][MINE] = {};

  for (int first = 0; first < k; first += DEPTH) {
    const float4 brought = lw_study_four_at (a, top + a_row, first + a_depth, m, k);

    a_tile[a_depth].at[a_row] = brought.x;
    a_tile[a_depth + 1].at[a_row] = brought.y;
    a_tile[a_depth + 2].at[a_row] = brought.z;
    a_tile[a_depth + 3].at[a_row] = brought.w;
    *reinterpret_cast<float4 *> (&b_tile[b_depth].at[b_column]) =
        lw_study_four_at (b, first + b_depth, left + b_column, k, n);
    __syncthreads ();
    for (int i = 0; i < DEPTH; i++) {
      float mine[MINE], other[MINE];

      lw_study_get_four (mine, &a_tile[i].at[y]);
      lw_study_get_four (mine + 4, &a_tile[i].at[y + 4]);
      lw_study_get_four (other, &b_tile[i].at[x]);
      lw_study_get_four (other + 4, &b_tile[i].at[x + 4]);
      for (int r = 0; r < MINE; r++)
        for (int s = 0; s < MINE; s++)
          sums[r][s] += mine[r] * other[s];
    }
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
  return lw_study_launch (vectors, p, SIDE, SIDE, THREADS, stream);
}

} // namespace

extern const LwStudyRung lw_study_vectors = { "128-bit loads", LW_STUDY_FP32, lw_study_has_fours,
                                              nullptr,         nullptr,       run };
