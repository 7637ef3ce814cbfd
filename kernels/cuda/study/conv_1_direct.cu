/* Convolution, rung 1: a thread a number of y, by the formula.
 *
 *   y[i,j,o] = Σ_{u,v,c} x[i + u − 1, j + v − 1, c] · w[u,v,c,o]
 *
 * Idea: neighbouring threads have neighbouring o, so that w and y are read and written in whole
 * lines and x is one number for all of them (rung 2 of the products is the same).
 * Cost: 8 bytes asked for 2 FLOPs, 0.25 FLOP a byte, nearly all from the caches: x is asked for
 * 9 · n times, w once for each pixel. */
#include "kernels/cuda/study/tiles.cuh"

namespace {

enum { THREADS = 256 };

__global__ void
direct (LwStudyProblem p)
{
  const size_t t = (size_t)blockIdx.x * THREADS + threadIdx.x;
  const int o = (int)(t % (size_t)p.n), pixel = (int)(t / (size_t)p.n);
  const int image = pixel / (p.h * p.w), i = pixel / p.w % p.h, j = pixel % p.w;
  float sum = 0;

  if (pixel >= p.m)
    return;
  for (int u = 0; u < 3; u++)
    for (int v = 0; v < 3; v++) {
      const int a = i + u - 1, b = j + v - 1;
      const float *x = p.a + (size_t)((image * p.h + a) * p.w + b) * (size_t)p.channels;
      const float *w = p.b + (size_t)(u * 3 + v) * (size_t)p.channels * (size_t)p.n + o;

      if (a < 0 || a >= p.h || b < 0 || b >= p.w)
        continue;
      for (int c = 0; c < p.channels; c++)
        sum += x[c] * w[(size_t)c * (size_t)p.n];
    }
  p.c[t] = sum;
}

cudaError_t
run (const LwStudyProblem *p, cudaStream_t stream)
{
  return lw_launch (direct, (unsigned)(((size_t)p->m * (size_t)p->n + THREADS - 1) / THREADS),
                    THREADS, 0, stream, *p);
}

} // namespace

extern const LwStudyRung lw_study_direct = {
  "direct", LW_STUDY_FP32, nullptr, nullptr, nullptr, run
};
