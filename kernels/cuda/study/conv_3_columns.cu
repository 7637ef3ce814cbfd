/* Convolution, rung 3: make it a product.
 *
 *   U [m][9 · channels]: the window of each pixel as a row      Y = U · W
 *
 * Idea: what was learnt on the first ladder serves at once. A kernel writes the windows of x one
 * below another ("im2col"); then the product of rung 8 does the work, whatever the shape of the
 * map. Cost: U is 9 times as large as x, written and read: 72 · channels bytes a pixel for 18 ·
 * channels · n FLOPs, n / 4 FLOPs a byte beside what the product costs; with few outputs that is
 * most of the time. It also needs that memory: scratch of 36 · m · channels bytes. */
#include "kernels/cuda/study/tiles.cuh"

namespace {

enum { THREADS = 256 };

/* A thread a number of U: neighbours have neighbouring channels. */
__global__ void
unfold (LwStudyProblem p, float *u)
{
  const size_t t = (size_t)blockIdx.x * THREADS + threadIdx.x;
  const int tap = (int)(t % (size_t)p.k), pixel = (int)(t / (size_t)p.k);
  const int c = tap % p.channels, place = tap / p.channels;
  const int image = pixel / (p.h * p.w), a = pixel / p.w % p.h + place / 3 - 1;
  const int b = pixel % p.w + place % 3 - 1;

  if (pixel < p.m)
    u[t] = a >= 0 && a < p.h && b >= 0 && b < p.w
               ? p.a[(size_t)((image * p.h + a) * p.w + b) * (size_t)p.channels + (size_t)c]
               : 0;
}

size_t
scratch_bytes (const LwStudyProblem *p)
{
  return (size_t)p->m * (size_t)p->k * sizeof (float);
}

cudaError_t
run (const LwStudyProblem *p, cudaStream_t stream)
{
  const size_t n = (size_t)p->m * (size_t)p->k;
  LwStudyProblem product = *p;
  const cudaError_t code = lw_launch (unfold, (unsigned)((n + THREADS - 1) / THREADS), THREADS, 0,
                                      stream, *p, (float *)p->scratch);

  product.a = (const float *)p->scratch;
  return code == cudaSuccess ? lw_study_warp_tiles_rung.run (&product, stream) : code;
}

} // namespace

extern const LwStudyRung lw_study_columns = {
  "columns + product", LW_STUDY_FP32, lw_study_has_fours, scratch_bytes, nullptr, run
};
