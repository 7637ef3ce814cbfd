/* Functions of whole vectors. Private to this folder. */
#pragma once

#include "kernels/cpu/lanes.h"

#if defined __x86_64__
#include <immintrin.h>
#endif

/* The larger one; x where x is NaN. */
LW_INLINE LwVec
lw_vec_larger (LwVec other, LwVec x)
{
#if defined __AVX512F__
  return (LwVec)_mm512_max_ps ((__m512)other, (__m512)x);
#elif defined __AVX2__
  return (LwVec)_mm256_max_ps ((__m256)other, (__m256)x);
#elif defined __x86_64__
  return (LwVec)_mm_max_ps ((__m128)other, (__m128)x);
#else
  const LwVecInt other_wins = other > x;

  return (LwVec)((other_wins & (LwVecInt)other) | (~other_wins & (LwVecInt)x));
#endif
}

LW_INLINE LwVec
lw_vec_smaller (LwVec other, LwVec x)
{
#if defined __AVX512F__
  return (LwVec)_mm512_min_ps ((__m512)other, (__m512)x);
#elif defined __AVX2__
  return (LwVec)_mm256_min_ps ((__m256)other, (__m256)x);
#elif defined __x86_64__
  return (LwVec)_mm_min_ps ((__m128)other, (__m128)x);
#else
  const LwVecInt other_wins = other < x;

  return (LwVec)((other_wins & (LwVecInt)other) | (~other_wins & (LwVecInt)x));
#endif
}

/* mask ? a : b, the mask's lanes all ones or all zeros */
LW_INLINE LwVec
lw_vec_choose (LwVecInt mask, LwVec a, LwVec b)
{
  return (LwVec)((mask & (LwVecInt)a) | (~mask & (LwVecInt)b));
}

/* exp (x) between −87 and 88; x beyond counts as these. As lw_exponential in exponential.h, x is
 * n log 2 + r, |r| ≤ log 2 / 2; exp (r) is 1 + r + r² q (r), q of degree 4 with the least largest
 * error, 3e-9 of the result (by Remez's exchange). */
LW_INLINE LwVec
lw_vec_exponential (LwVec x)
{
  const LwVec inside = lw_vec_larger (lw_vec_all (-87), lw_vec_smaller (lw_vec_all (88), x));
  const LwVec shift = lw_vec_all (0x1.8p23f);
  const LwVec shifted = inside * 0x1.715476p0f + shift;
  const LwVec n = shifted - shift;
  const LwVec r = (inside - n * 0x1.62e4p-1f) - n * 0x1.7f7d1cp-20f;
  LwVec q = lw_vec_all (0x1.6a23dp-10f), p;

  q = q * r + 0x1.123a2p-7f;
  q = q * r + 0x1.5558f2p-5f;
  q = q * r + 0x1.555492p-3f;
  q = q * r + 0x1.fffffcp-2f;
  p = q * (r * r) + r + 1;
  /* p ≥ 0.7 and n > −127: adding n to the exponent's bits multiplies by 2ⁿ. n stands in the last
   * bits of `shifted`. */
  return (LwVec)((LwVecInt)p + ((LwVecInt)shifted << 23));
}

LW_INLINE LwVec
lw_vec_sigmoid (LwVec x)
{
  return 1 / (1 + lw_vec_exponential (-x));
}

/* activation.c has the formula. */
LW_INLINE LwVec
lw_vec_tanh (LwVec x)
{
  const LwVecInt sign = (LwVecInt)x & INT32_MIN;
  const LwVec a = (LwVec)((LwVecInt)x & INT32_MAX), e = lw_vec_exponential (-2 * a), s = a * a;
  const LwVec far = (1 - e) / (1 + e);
  const LwVec series = s * 0x1.664f48p-6f - 0x1.ba1ba2p-5f;
  const LwVec near = a + a * s * (s * (s * series + 0x1.111112p-3f) - 0x1.555556p-2f);

  return (LwVec)((LwVecInt)lw_vec_choose (a < 0.25f, near, far) | sign);
}

LW_INLINE LwVec
lw_vec_activation (LwOp op, LwVec x)
{
  switch (op) {
  case LW_OP_RELU:
    return lw_vec_larger (lw_vec_all (0), x);
  case LW_OP_SIGMOID:
    return lw_vec_sigmoid (x);
  case LW_OP_TANH:
    return lw_vec_tanh (x);
  default:
    return x;
  }
}

/* dx of an activation, from its y. */
LW_INLINE LwVec
lw_vec_activation_gradient (LwOp op, LwVec y, LwVec dy)
{
  switch (op) {
  case LW_OP_RELU:
    return (LwVec)(~(y <= 0) & (LwVecInt)dy);
  case LW_OP_SIGMOID:
    return dy * (y * (1 - y));
  case LW_OP_TANH:
    return dy * (1 - y * y);
  default:
    return dy;
  }
}
