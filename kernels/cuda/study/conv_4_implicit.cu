/* Convolution, rung 4: the product without U.
 *
 * Idea: implicit GEMM. Rung 3's U is only ever read by the loads that bring A's tiles; so these
 * loads find the numbers in x themselves. Row and column of U say which pixel, which place of the
 * window and which channel: two divisions, a few comparisons, and zeros outside. Since channels lie
 * together, four numbers of a row are one load (channels must be a multiple of 4).
 * Cost: product and intensity of rung 8, 32 FLOPs a byte asked for; x is asked for 9 times, but by
 * blocks that run at the same time, so that most of it comes from the cache. No scratch, no second
 * kernel. Kernels for real use precompute the divisions: kernels/cuda/conv_implicit*.cu. */
#include "kernels/cuda/study/warp_tiles.cuh"

namespace {

struct Windows {
  const float *x;
  int m, k, h, w, channels;

  __device__ float4 four (int pixel, int tap) const
  {
    const int c = tap % channels, place = tap / channels;
    const int image = pixel / (h * w), a = pixel / w % h + place / 3 - 1;
    const int b = pixel % w + place % 3 - 1;
    const bool inside = pixel < m && tap < k && a >= 0 && a < h && b >= 0 && b < w;

    return inside ? *reinterpret_cast<const float4 *> (
                        &x[(size_t)((image * h + a) * w + b) * (size_t)channels + (size_t)c])
                  : float4{ 0, 0, 0, 0 };
  }
};

__global__ void
__launch_bounds__ (LW_STUDY_THREADS, 2) implicit (LwStudyProblem p)
{
  LW_SHARED (LwStudyTiles, tiles, [1]);

  lw_study_warp_tiles (tiles, Windows{ p.a, p.m, p.k, p.h, p.w, p.channels }, p.b, p.c, p.m, p.n,
                       p.k);
}

bool
fits (const LwStudyProblem *p)
{
  return p->channels % 4 == 0 && p->n % 4 == 0;
}

cudaError_t
run (const LwStudyProblem *p, cudaStream_t stream)
{
  return lw_launch (implicit, lw_study_tile_grid (p->m, p->n), LW_STUDY_THREADS, 0, stream, *p);
}

} // namespace

extern const LwStudyRung lw_study_implicit = { "implicit GEMM", LW_STUDY_FP32, fits,
                                               nullptr,         nullptr,       run };
