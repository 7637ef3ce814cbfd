/* The numbers of maps: float32, or bfloat16, its upper half (8 bits of mantissa, the same range).
 * Kernels are templates over the type and compute in float32; memory is read and written here.
 *
 * A map is seen as a matrix, a pixel a row: `pixel` numbers from one row to the next, which are
 * more than its channels where it is some channels of a wider one. A thread takes V neighbouring
 * numbers: VECTOR of them are 128 bits, the most that one instruction moves (Programming Guide,
 * "Device Memory Accesses"); where channels or addresses do not allow that, V is 1. What lies in a
 * group beyond the end (`count` < V) is neither read nor written. */
#pragma once

#include "kernels/cuda/launch.cuh"

#include <cuda_bf16.h>
#include <stdint.h>
#include <string.h>

typedef __nv_bfloat16 LwBf16;

template <class T> struct LwNumber;

template <> struct LwNumber<float> {
  enum { VECTOR = 4 };

  __device__ static float get (float number)
  {
    return number;
  }
  __device__ static float of (float value)
  {
    return value;
  }
  __device__ static void load (const float *at, float *to)
  {
    const float4 numbers = *reinterpret_cast<const float4 *> (at);

    to[0] = numbers.x;
    to[1] = numbers.y;
    to[2] = numbers.z;
    to[3] = numbers.w;
  }
  __device__ static void store (float *at, const float *from)
  {
    *reinterpret_cast<float4 *> (at) = make_float4 (from[0], from[1], from[2], from[3]);
  }
};

/* Rounded to the nearest, ties to even; NaN stays NaN. */
template <> struct LwNumber<LwBf16> {
  enum { VECTOR = 8 };

  __device__ static float get (LwBf16 number)
  {
    return __bfloat162float (number);
  }
  __device__ static LwBf16 of (float value)
  {
    return __float2bfloat16_rn (value);
  }
  __device__ static void unpack (uint32_t pair, float *to)
  {
    const uint32_t low = pair << 16, high = pair & 0xffff0000U;

    memcpy (&to[0], &low, sizeof low);
    memcpy (&to[1], &high, sizeof high);
  }
  __device__ static uint32_t pack (const float *from)
  {
    const __nv_bfloat162 pair = __floats2bfloat162_rn (from[0], from[1]);
    uint32_t bits;

    memcpy (&bits, &pair, sizeof bits);
    return bits;
  }
  __device__ static void load (const LwBf16 *at, float *to)
  {
    const uint4 pairs = *reinterpret_cast<const uint4 *> (at);

    unpack (pairs.x, to);
    unpack (pairs.y, to + 2);
    unpack (pairs.z, to + 4);
    unpack (pairs.w, to + 6);
  }
  __device__ static void store (LwBf16 *at, const float *from)
  {
    *reinterpret_cast<uint4 *> (at) =
        make_uint4 (pack (from), pack (from + 2), pack (from + 4), pack (from + 6));
  }
};

/* What `value` is once it was in memory. */
template <class T>
__device__ inline float
lw_rounded (float value)
{
  return LwNumber<T>::get (LwNumber<T>::of (value));
}

template <int V, class T>
__device__ inline void
lw_load (const T *at, int count, float (&to)[V])
{
  enum { VECTOR = LwNumber<T>::VECTOR };

  if constexpr (V % VECTOR == 0) {
    if (count == V) {
      for (int i = 0; i < V; i += VECTOR)
        LwNumber<T>::load (at + i, to + i);
      return;
    }
  }
  for (int i = 0; i < V; i++)
    to[i] = i < count ? LwNumber<T>::get (at[i]) : 0;
}

/* at[i] (+)= from[i] */
template <int V, class T>
__device__ inline void
lw_store (T *at, int count, const float (&from)[V], bool accumulate)
{
  enum { VECTOR = LwNumber<T>::VECTOR };
  float sum[V];

  if (accumulate)
    lw_load<V> (at, count, sum);
  for (int i = 0; i < V; i++)
    sum[i] = accumulate ? sum[i] + from[i] : from[i];
  if constexpr (V % VECTOR == 0) {
    if (count == V) {
      for (int i = 0; i < V; i += VECTOR)
        LwNumber<T>::store (at + i, sum + i);
      return;
    }
  }
  for (int i = 0; i < V; i++)
    if (i < count)
      at[i] = LwNumber<T>::of (sum[i]);
}

/* --- maps ------------------------------------------------------------------------------------- */

/* `pixel` numbers from one row to the next; T is const where the map is read. */
template <class T> struct LwMap {
  T *at;
  int64_t pixel;

  __device__ T *operator() (int64_t row, int32_t column) const
  {
    return at + row * pixel + column;
  }
};

/* `pixel` as a step says it: 0 for its own channels. */
template <class T>
inline LwMap<const T>
lw_map (const void *at, int64_t pixel, int32_t channels)
{
  return { (const T *)at, pixel != 0 ? pixel : channels };
}

template <class T>
inline LwMap<T>
lw_map (void *at, int64_t pixel, int32_t channels)
{
  return { (T *)at, pixel != 0 ? pixel : channels };
}

/* Whether groups of VECTOR numbers of a row can be moved at once. */
template <class T>
inline bool
lw_map_has_vectors (const LwMap<T> &map)
{
  return (uintptr_t)map.at % 16 == 0 && map.pixel * (int64_t)sizeof (T) % 16 == 0;
}
