/* Rung 8: a warp computes a rectangle that is nearly square.
 *
 * Idea: warp tiles. In rung 7 the 32 threads of a warp lie 2 × 16: they read 16 + 128 different
 * numbers of the tiles for a step. As 8 × 4 threads they read 64 + 32: the warp's tile is 64 × 32.
 * And a thread's 8 × 8 numbers of C are four squares of 4 × 4 that lie apart, so that lanes which
 * read at once read neighbouring vectors: 16 bytes a lane without a gap fall into different banks,
 * where vectors 32 bytes apart fell twice into the same.
 * Cost: global memory as before; a warp's step reads 384 different bytes of shared memory for 4096
 * FLOPs instead of 576. This is the shape that tensor cores ask for: there the warp's tile is what
 * one instruction multiplies.
 * The code is in warp_tiles.cuh, since implicit convolution and Winograd's take it too. */
#include "kernels/cuda/study/warp_tiles.cuh"

namespace {

__global__ void
__launch_bounds__ (LW_STUDY_THREADS, 2)
    warp_tiles (int m, int n, int k, const float *a, const float *b, float *c)
{
  LW_SHARED (LwStudyTiles, tiles, [1]);

  lw_study_warp_tiles (tiles, LwStudyMatrix{ a, m, k }, b, c, m, n, k);
}

cudaError_t
run (const LwStudyProblem *p, cudaStream_t stream)
{
  return lw_study_launch (warp_tiles, p, LW_STUDY_SIDE, LW_STUDY_SIDE, LW_STUDY_THREADS, stream);
}

} // namespace

extern const LwStudyRung lw_study_warp_tiles_rung = {
  "warp tiles", LW_STUDY_FP32, lw_study_has_fours, nullptr, nullptr, run
};
