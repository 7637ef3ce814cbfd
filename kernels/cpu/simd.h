/* Every source of this folder but device.c is compiled once for each instruction set. This header
 * says which one is meant: the width of a vector and the names of what is exported. Vectors are
 * GCC's; most loops are plain C that the compiler turns into vectors by itself. */
#pragma once

#ifdef LW_BF16
#include "kernels/common/bf16.h"
#endif

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#ifdef __AVX2__
#include <immintrin.h>
#endif

/* LW_CPU (conv2d_forward) is lw_cpu_avx2_conv2d_forward in the library for AVX2. */
#ifndef LW_ISA
#define LW_ISA baseline
#endif
#define LW_CPU_PASTE(isa, name)  lw_cpu_##isa##_##name
#define LW_CPU_EXPAND(isa, name) LW_CPU_PASTE (isa, name)
#define LW_CPU(name)             LW_CPU_EXPAND (LW_ISA, name)

/* Numbers in a vector. */
#if defined __AVX512F__
#define LW_LANES 16
#elif defined __AVX2__
#define LW_LANES 8
#else
#define LW_LANES 4
#endif

typedef float LwVec __attribute__ ((vector_size (LW_LANES * 4)));
/* For comparisons of vectors, which are integers: −1 where true. */
typedef int32_t LwVecBits __attribute__ ((vector_size (LW_LANES * 4)));
/* The same at any address. */
typedef float LwVecAny __attribute__ ((vector_size (LW_LANES * 4), aligned (4), may_alias));

/* Before a loop whose iterations do not depend on each other though its pointers may be equal. */
#if defined __clang__
#define LW_INDEPENDENT _Pragma ("clang loop vectorize(assume_safety)")
#else
#define LW_INDEPENDENT _Pragma ("GCC ivdep")
#endif

/* How often a loop is repeated for speed alone. Sanitizers need not check it several times. */
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
enum { LW_REPEATS = 1 };
#else
enum { LW_REPEATS = 4 };
#endif

#define LW_INLINE static inline __attribute__ ((always_inline))

LW_INLINE LwVec
lw_vec_load (const float *at)
{
  return *(const LwVecAny *)at;
}

LW_INLINE void
lw_vec_store (float *at, LwVec value)
{
  *(LwVecAny *)at = value;
}

/* The first `count` numbers, 0 ≤ count ≤ LW_LANES, and zeros; nothing else is touched. */
LW_INLINE LwVec
lw_vec_load_part (const float *at, int64_t count)
{
#if defined __AVX512F__
  return (LwVec)_mm512_maskz_loadu_ps ((__mmask16)((1U << count) - 1), at);
#elif defined __AVX2__
  const LwVecBits lanes = { 0, 1, 2, 3, 4, 5, 6, 7 };

  return (LwVec)_mm256_maskload_ps (at, (__m256i)(lanes < (int32_t)count));
#else
  LwVec value = { 0 };

  for (int i = 0; i < LW_LANES; i++)
    value[i] = i < count ? at[i] : 0;
  return value;
#endif
}

/* A whole vector where the compiler sees that `count` is one; else a part. Either way without a
 * branch: a product and a sum in the same block become one instruction, and all columns are
 * rounded alike. */
#define LW_IS_WHOLE(count) (__builtin_constant_p (count) && (count) == LW_LANES)

LW_INLINE LwVec
lw_vec_load_some (const float *at, int64_t count)
{
  return LW_IS_WHOLE (count) ? lw_vec_load (at) : lw_vec_load_part (at, count);
}

LW_INLINE void
lw_vec_store_part (float *at, LwVec value, int64_t count)
{
#if defined __AVX512F__
  _mm512_mask_storeu_ps (at, (__mmask16)((1U << count) - 1), (__m512)value);
#elif defined __AVX2__
  const LwVecBits lanes = { 0, 1, 2, 3, 4, 5, 6, 7 };

  _mm256_maskstore_ps (at, (__m256i)(lanes < (int32_t)count), (__m256)value);
#else
  for (int i = 0; i < LW_LANES; i++)
    if (i < count)
      at[i] = value[i];
#endif
}

/* Past the caches; `at` is aligned to a vector. Other threads see it after lw_vec_stream_end. */
LW_INLINE void
lw_vec_stream (float *at, LwVec value)
{
#if defined __AVX512F__
  _mm512_stream_ps (at, (__m512)value);
#elif defined __AVX2__
  _mm256_stream_ps (at, (__m256)value);
#else
  lw_vec_store (at, value);
#endif
}

LW_INLINE void
lw_vec_stream_end (void)
{
#if defined __AVX2__
  _mm_sfence ();
#endif
}

/* --- what memory holds -------------------------------------------------------------------------
 * Values and their gradients are float32 or, in the table for bfloat16 (LW_BF16), the upper halves
 * of float32 numbers, rounded to the nearest, ties to even. Sums, parameters and their gradients
 * are float32 in both: what is read becomes float32, what is written is rounded once. Numbers below
 * 2⁻¹²⁶ in absolute value may become 0. */
#ifdef LW_BF16
typedef uint16_t LwNumber;
typedef __m256i LwNumbersAny __attribute__ ((aligned (2), may_alias));
#else
typedef float LwNumber;
#endif

LW_INLINE float
lw_number (LwNumber number)
{
#ifdef LW_BF16
  return lw_bf16_value (number);
#else
  return number;
#endif
}

/* NaN stays NaN. */
LW_INLINE LwNumber
lw_number_of (float value)
{
#ifdef LW_BF16
  return lw_bf16_of (value);
#else
  return value;
#endif
}

LW_INLINE LwVec
lw_load (const LwNumber *at)
{
#ifdef LW_BF16
  return (LwVec)_mm512_slli_epi32 (_mm512_cvtepu16_epi32 (*(const LwNumbersAny *)at), 16);
#else
  return lw_vec_load (at);
#endif
}

LW_INLINE void
lw_store (LwNumber *at, LwVec value)
{
#ifdef LW_BF16
  *(LwNumbersAny *)at = (__m256i)_mm512_cvtneps_pbh ((__m512)value);
#else
  lw_vec_store (at, value);
#endif
}

/* As lw_vec_load_part and lw_vec_store_part. */
LW_INLINE LwVec
lw_load_part (const LwNumber *at, int64_t count)
{
#ifdef LW_BF16
  return (LwVec)_mm512_slli_epi32 (
      _mm512_cvtepu16_epi32 (_mm256_maskz_loadu_epi16 ((__mmask16)((1U << count) - 1), at)), 16);
#else
  return lw_vec_load_part (at, count);
#endif
}

LW_INLINE void
lw_store_part (LwNumber *at, LwVec value, int64_t count)
{
#ifdef LW_BF16
  _mm256_mask_storeu_epi16 (at, (__mmask16)((1U << count) - 1),
                            (__m256i)_mm512_cvtneps_pbh ((__m512)value));
#else
  lw_vec_store_part (at, value, count);
#endif
}

/* As lw_vec_stream; `at` is aligned to the numbers of a vector as memory holds them. */
LW_INLINE void
lw_store_past (LwNumber *at, LwVec value)
{
#ifdef LW_BF16
  _mm256_stream_si256 ((__m256i *)(void *)at, (__m256i)_mm512_cvtneps_pbh ((__m512)value));
#else
  lw_vec_stream (at, value);
#endif
}

/* As lw_vec_load_some. */
LW_INLINE LwVec
lw_load_some (const LwNumber *at, int64_t count)
{
  return LW_IS_WHOLE (count) ? lw_load (at) : lw_load_part (at, count);
}

LW_INLINE void
lw_store_some (LwNumber *at, LwVec value, int64_t count)
{
  if (LW_IS_WHOLE (count))
    lw_store (at, value);
  else
    lw_store_part (at, value, count);
}

/* What memory would hold. */
LW_INLINE LwVec
lw_rounded (LwVec value)
{
#ifdef LW_BF16
  return (LwVec)_mm512_slli_epi32 (
      _mm512_cvtepu16_epi32 ((__m256i)_mm512_cvtneps_pbh ((__m512)value)), 16);
#else
  return value;
#endif
}

/* A byte for each number of a vector. */
typedef uint8_t LwBytes __attribute__ ((vector_size (LW_LANES)));
typedef uint8_t LwBytesAny __attribute__ ((vector_size (LW_LANES), aligned (1), may_alias));

LW_INLINE LwBytes
lw_bytes_load_some (const uint8_t *at, int64_t count)
{
  LwBytes bytes = { 0 };

  if (LW_IS_WHOLE (count))
    return *(const LwBytesAny *)at;
#if defined __AVX512F__
  bytes = (LwBytes)_mm_maskz_loadu_epi8 ((__mmask16)((1U << count) - 1), at);
#else
  __builtin_memcpy (&bytes, at, (size_t)count);
#endif
  return bytes;
}

LW_INLINE void
lw_bytes_store_some (uint8_t *at, LwBytes bytes, int64_t count)
{
  if (LW_IS_WHOLE (count))
    *(LwBytesAny *)at = bytes;
  else
#if defined __AVX512F__
    _mm_mask_storeu_epi8 (at, (__mmask16)((1U << count) - 1), (__m128i)bytes);
#else
    __builtin_memcpy (at, &bytes, (size_t)count);
#endif
}

/* Keeps a sum in a register here. Left alone, GCC 12 now and then moves one to the stack and back
 * in the middle of an unrolled loop, and every addition behind it waits. */
LW_INLINE void
lw_vec_keep (LwVec *value)
{
#if defined __AVX512F__
  __asm__("" : "+v"(*value));
#elif defined __x86_64__
  __asm__("" : "+x"(*value));
#else
  (void)value;
#endif
}

/* Keeps a pointer in a register: the addresses made from it are not worked out one by one. */
LW_INLINE void
lw_pointer_keep (const float **pointer)
{
  __asm__("" : "+r"(*pointer));
}

/* value where mask > 0, else 0. */
LW_INLINE LwVec
lw_vec_where_positive (LwVec mask, LwVec value)
{
#if defined __AVX512F__
  return (LwVec)_mm512_maskz_mov_ps (
      _mm512_cmp_ps_mask ((__m512)mask, _mm512_setzero_ps (), _CMP_GT_OQ), (__m512)value);
#else
  return (LwVec)((LwVecBits)value & (mask > (LwVec){ 0 }));
#endif
}

/* The gradient of y = max (0, ·): 0 where y ≤ 0, else dy; also where y is NaN. */
LW_INLINE LwVec
lw_vec_relu_gradient (LwVec y, LwVec dy)
{
#if defined __AVX512F__
  return (LwVec)_mm512_maskz_mov_ps (
      _mm512_cmp_ps_mask ((__m512)y, _mm512_setzero_ps (), _CMP_NLE_UQ), (__m512)dy);
#else
  return (LwVec)((LwVecBits)dy & ~(y <= (LwVec){ 0 }));
#endif
}

/* max (0, value); NaN stays. */
LW_INLINE LwVec
lw_vec_relu (LwVec value)
{
#if defined __AVX512F__
  return (LwVec)_mm512_max_ps (_mm512_setzero_ps (), (__m512)value);
#else
  return (LwVec)((LwVecBits)value & ~(value < (LwVec){ 0 }));
#endif
}

/* v[i][j] ↔ v[j][i]: squares of s × s numbers beside the diagonal change places, s halving. */
LW_INLINE void
lw_vec_transpose (LwVec v[LW_LANES])
{
#pragma GCC unroll 4
  for (int s = LW_LANES / 2; s > 0; s /= 2) {
    LwVecBits low, high;

#pragma GCC unroll 16
    for (int j = 0; j < LW_LANES; j++) {
      low[j] = j & s ? LW_LANES + j - s : j;
      high[j] = j & s ? LW_LANES + j : j + s;
    }
#pragma GCC unroll 16
    for (int i = 0; i < LW_LANES; i++)
      if ((i & s) == 0) {
        const LwVec a = v[i], b = v[i + s];

        v[i] = __builtin_shuffle (a, b, low);
        v[i + s] = __builtin_shuffle (a, b, high);
      }
  }
}

/* Whether all pixels begin and end at cache lines, and there are more numbers than a cache holds.
 */
LW_INLINE bool
lw_may_stream (const void *pixels, int64_t pixel, int64_t numbers)
{
  const int64_t size = (int64_t)sizeof (LwNumber);

  return (uintptr_t)pixels % 64 == 0 && pixel * size % 64 == 0 && numbers * size >= 8 << 20;
}
