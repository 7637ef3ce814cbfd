/* Convolution, rung 6: tensor cores on windows that nobody has stored.
 *
 * Idea: the two ladders meet. Rung 4 found that only the loads must know of windows; the copies of
 * the products' rung 9 are loads, too. So the asynchronous copies that fill rung 11's tiles of
 * bfloat16 go to x by themselves: a copy of 16 bytes is 8 channels of one place of one window, and
 * one whose place lies outside of the map reads nothing and writes zeros, which cp.async does when
 * it is told that there are 0 bytes: the border costs neither a branch nor a register. All behind
 * the copies, ldmatrix and tensor cores, is the product's. Channels and outputs must be multiples
 * of 8. The conversion of x and w is made before and not timed, as in rung 11: the layer before
 * writes bfloat16.
 * Cost: intensity of rung 11, 64 FLOPs a byte asked for. x is asked for 9 times, mostly of the
 * cache; of memory 2 · channels bytes a pixel must be read and 4 · n written, for 18 · channels · n
 * FLOPs: with as many outputs as channels 3 · n FLOPs a byte, so that from about 100 channels on
 * memory could feed an H100's tensor cores (295 FLOPs a byte). What is left: divisions for each
 * copy, which kernels/cuda/conv_implicit.cuh makes once a row; larger tiles; y in bfloat16, and
 * what comes behind it done before it is written. */
#include "kernels/cuda/study/bf16_tiles.cuh"

namespace {

enum { THREADS = LW_STUDY_COPIERS };

struct Windows {
  const __nv_bfloat16 *x;
  int m, k, h, w, channels;

  __device__ const __nv_bfloat16 *at (int pixel, int tap, int *present) const
  {
    const int c = tap % channels, place = tap / channels;
    const int image = pixel / (h * w), a = pixel / w % h + place / 3 - 1;
    const int b = pixel % w + place % 3 - 1;
    const bool inside = pixel < m && tap < k && a >= 0 && a < h && b >= 0 && b < w;

    *present = inside ? 16 : 0;
    return inside ? &x[(size_t)((image * h + a) * w + b) * (size_t)channels + (size_t)c] : x;
  }
};

__global__ void
__launch_bounds__ (THREADS, 2)
    implicit_bf16 (LwStudyProblem p, const __nv_bfloat16 *x, const __nv_bfloat16 *w)
{
  LW_SHARED (LwStudyBf16Stage, stages, [LW_STUDY_BF16_STAGES]);

  lw_study_bf16_tiles (stages, Windows{ x, p.m, p.k, p.h, p.w, p.channels }, w, p.c, p.m, p.n, p.k);
}

bool
fits (const LwStudyProblem *p)
{
  return p->channels % 8 == 0 && p->n % 8 == 0;
}

size_t
scratch_bytes (const LwStudyProblem *p)
{
  return ((size_t)p->m * (size_t)p->channels + (size_t)p->k * (size_t)p->n) *
         sizeof (__nv_bfloat16);
}

/* x, and behind it w. */
cudaError_t
prepare (const LwStudyProblem *p, cudaStream_t stream)
{
  __nv_bfloat16 *x = (__nv_bfloat16 *)p->scratch, *w = x + (size_t)p->m * (size_t)p->channels;
  const cudaError_t code = lw_study_narrow (p->a, x, p->m * p->channels, stream);

  return code == cudaSuccess ? lw_study_narrow (p->b, w, p->k * p->n, stream) : code;
}

cudaError_t
run (const LwStudyProblem *p, cudaStream_t stream)
{
  const __nv_bfloat16 *x = (const __nv_bfloat16 *)p->scratch;

  return lw_launch (
      implicit_bf16,
      dim3 (lw_study_blocks (p->n, LW_STUDY_SIDE), lw_study_blocks (p->m, LW_STUDY_SIDE)), THREADS,
      0, stream, *p, x, x + (size_t)p->m * (size_t)p->channels);
}

} // namespace

extern const LwStudyRung lw_study_implicit_bf16 = {
  "implicit GEMM, tensor cores", LW_STUDY_BF16, fits, scratch_bytes, prepare, run
};
