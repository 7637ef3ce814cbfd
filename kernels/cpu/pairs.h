/* What a product multiplies in one instruction, sixteen sums at once: float32 numbers with one
 * number, or pairs of bfloat16 numbers with a pair, whose two products both go to the sum. A pair
 * lies together in memory: packed factors are [depth / LW_PAIR][width][LW_PAIR], and where the
 * depth is odd, the last pair's second number is zero on both sides: what is not a number would
 * make the sum one that is not. Private to this folder. */
#pragma once

#include "kernels/cpu/simd.h"

#include <stddef.h>

#ifdef LW_BF16
enum { LW_PAIR = 2 };
typedef __m512bh LwFactors;
typedef int32_t LwPairAny __attribute__ ((aligned (2), may_alias));
#else
enum { LW_PAIR = 1 };
typedef LwVec LwFactors;
#endif

LW_INLINE int64_t
lw_pairs (int64_t depth)
{
  return (depth + LW_PAIR - 1) / LW_PAIR;
}

/* Numbers of whole pairs. */
LW_INLINE int64_t
lw_paired (int64_t depth)
{
  return lw_pairs (depth) * LW_PAIR;
}

/* at [LW_LANES][LW_PAIR] */
LW_INLINE LwFactors
lw_factors (const LwNumber *at)
{
#ifdef LW_BF16
  return (__m512bh)_mm512_loadu_si512 (at);
#else
  return lw_vec_load (at);
#endif
}

/* sum + Σ over the pair of number [LW_PAIR] × factors */
LW_INLINE LwVec
lw_multiply_add (LwVec sum, const LwNumber *number, LwFactors factors)
{
#ifdef LW_BF16
  return (LwVec)_mm512_dpbf16_ps ((__m512)sum, factors,
                                  (__m512bh)_mm512_set1_epi32 (*(const LwPairAny *)number));
#else
  return sum + number[0] * factors;
#endif
}

#ifdef LW_BF16
/* [2][16] → [16][2] */
LW_INLINE __m512i
lw_interleave (__m512i rows)
{
  const __m512i order =
      _mm512_set_epi16 (31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8, 23, 7, 22, 6,
                        21, 5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0);

  return _mm512_permutexvar_epi16 (order, rows);
}
#endif

/* Moves the numbers of a vector without looking at them. */
LW_INLINE void
lw_copy_vec (LwNumber *to, const LwNumber *from)
{
#ifdef LW_BF16
  *(LwNumbersAny *)to = *(const LwNumbersAny *)from;
#else
  lw_vec_store (to, lw_vec_load (from));
#endif
}

/* The same of a number, or a pair with the first one in the lower half, that lies in 32 bits. */
LW_INLINE LwVec
lw_multiply_add_word (LwVec sum, float word, LwVec factors)
{
#ifdef LW_BF16
  return (LwVec)_mm512_dpbf16_ps ((__m512)sum, (__m512bh)factors, (__m512bh)_mm512_set1_ps (word));
#else
  return sum + word * factors;
#endif
}

#ifdef LW_BF16
/* Pairs of the LW_LANES numbers at `first` and at `second`. */
LW_INLINE LwVec
lw_load_pairs (const LwNumber *first, const LwNumber *second)
{
  return (LwVec)_mm512_or_si512 (
      _mm512_cvtepu16_epi32 (*(const LwNumbersAny *)first),
      _mm512_slli_epi32 (_mm512_cvtepu16_epi32 (*(const LwNumbersAny *)second), 16));
}
#endif

/* The first `count` ≤ LW_LANES, and zeros to the end of a vector. */
LW_INLINE void
lw_copy_part (LwNumber *to, const LwNumber *from, int64_t count)
{
#ifdef LW_BF16
  *(LwNumbersAny *)to = _mm256_maskz_loadu_epi16 ((__mmask16)((1U << count) - 1), from);
#else
  lw_vec_store (to, lw_vec_load_part (from, count));
#endif
}

/* to [LW_LANES][LW_PAIR] ← `count` ≤ LW_LANES numbers of a row, or of a pair of rows of which the
 * second may be NULL, and zeros. */
LW_INLINE void
lw_copy_rows (const LwNumber *first, const LwNumber *second, int64_t count, LwNumber *to)
{
#ifdef LW_BF16
  const __mmask16 there = (__mmask16)((1U << count) - 1);
  const __m256i a = _mm256_maskz_loadu_epi16 (there, first);
  const __m256i b = second ? _mm256_maskz_loadu_epi16 (there, second) : _mm256_setzero_si256 ();

  _mm512_storeu_si512 (to, lw_interleave (_mm512_inserti64x4 (_mm512_castsi256_si512 (a), b, 1)));
#else
  (void)second;
  lw_vec_store (to, count >= LW_LANES ? lw_vec_load (first) : lw_vec_load_part (first, count));
#endif
}
