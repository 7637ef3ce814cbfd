/* Counter-based random streams: a value depends only on (seed, purpose, two indices, position), so
 * shuffles, initial weights, augmentation and dropout masks are the same on every backend, at every
 * thread count, and after a resume. Generator: Philox4x32-10 (Salmon, Moraes, Dror, Shaw, "Parallel
 * random numbers: as easy as 1, 2, 3", SC 2011). Pure functions, any thread; the header is also
 * included by CUDA kernels. */
#pragma once

#include <stdint.h>

#ifdef __CUDACC__
#define LW_HOST_DEVICE __host__ __device__
#else
#define LW_HOST_DEVICE
#endif

typedef enum {
  LW_STREAM_WEIGHTS, /* a: tensor index, b: 0 */
  LW_STREAM_SHUFFLE, /* a: epoch, b: 0 */
  LW_STREAM_DROPOUT, /* a: node, b: iteration (from 0) */
  LW_STREAM_AUGMENT, /* a: epoch, b: example */
  LW_STREAM_DATA,    /* generated data sets: a: split, b: example */
} LwStreamPurpose;

typedef struct {
  uint32_t key[2];     /* from the seed */
  uint32_t purpose, a; /* counter words 3 and 2 */
  uint32_t b;          /* counter word 1; word 0 is position / 4 */
} LwStream;

/* Four 32-bit words of block `counter` under `key`. */
static inline LW_HOST_DEVICE void
lw_philox (const uint32_t counter[4], const uint32_t key[2], uint32_t ret[4])
{
  uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
  uint32_t k0 = key[0], k1 = key[1];

  for (int round = 0; round < 10; round++) {
    const uint64_t p0 = (uint64_t)0xD2511F53u * c0, p1 = (uint64_t)0xCD9E8D57u * c2;

    c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
    c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
    c1 = (uint32_t)p1;
    c3 = (uint32_t)p0;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  ret[0] = c0, ret[1] = c1, ret[2] = c2, ret[3] = c3;
}

static inline LW_HOST_DEVICE LwStream
lw_stream (uint64_t seed, LwStreamPurpose purpose, uint32_t a, uint32_t b)
{
  LwStream stream = { { (uint32_t)seed, (uint32_t)(seed >> 32) }, (uint32_t)purpose, a, b };
  return stream;
}

/* 32 random bits at `position` (0 to 2³⁴ − 1) of the stream. */
static inline LW_HOST_DEVICE uint32_t
lw_stream_bits (const LwStream *stream, uint64_t position)
{
  const uint32_t counter[4] = { (uint32_t)(position >> 2), stream->b, stream->a, stream->purpose };
  uint32_t block[4];

  lw_philox (counter, stream->key, block);
  return block[position & 3];
}

/* Uniform in [0, 1), multiples of 2⁻²⁴. */
static inline LW_HOST_DEVICE float
lw_stream_uniform (const LwStream *stream, uint64_t position)
{
  return (float)(lw_stream_bits (stream, position) >> 8) * 0x1p-24f;
}
