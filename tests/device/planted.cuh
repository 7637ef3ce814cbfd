/* What the planted programs share: a stream, one input and one output of 128 numbers each. */
#pragma once

#include "kernels/cuda/launch.cuh"
#include "tests/device/planted.h"

#include <cstdio>
#include <cstdlib>
#include <cuda_runtime.h>

namespace {

enum { THREADS = 128, ROUNDS = 4, INPUTS = THREADS * ROUNDS };

/* Planted programs do not handle errors; they end. */
inline void
check (cudaError_t code)
{
  if (code != cudaSuccess) {
    fprintf (stderr, "%s\n", cudaGetErrorString (code));
    exit (1);
  }
}

struct Bench {
  cudaStream_t stream;
  float *x, *y; /* x: 0, 1, 2, … to 97 and again; y: not written */
  float host[INPUTS];

  Bench ()
  {
    check (cudaStreamCreateWithFlags (&stream, cudaStreamNonBlocking));
    check (cudaMalloc (reinterpret_cast<void **> (&x), INPUTS * sizeof (float)));
    check (cudaMalloc (reinterpret_cast<void **> (&y), THREADS * sizeof (float)));
    for (int i = 0; i < INPUTS; i++)
      host[i] = float (i % 97);
    check (cudaMemcpyAsync (x, host, sizeof host, cudaMemcpyHostToDevice, stream));
    check (cudaStreamSynchronize (stream));
  }
  ~Bench ()
  {
    check (cudaFree (x));
    check (cudaFree (y));
    check (cudaStreamDestroy (stream));
  }
  /* Whether y[i] = expected (i). */
  template <class F> bool is (F expected)
  {
    float result[THREADS];

    check (cudaMemcpyAsync (result, y, sizeof result, cudaMemcpyDeviceToHost, stream));
    check (cudaStreamSynchronize (stream));
    for (int i = 0; i < THREADS; i++)
      if (!(result[i] == expected (i)))
        return false;
    return true;
  }
  bool is_input (int shift)
  {
    return is ([&] (int i) { return host[(i + shift) % THREADS]; });
  }
};

} // namespace
