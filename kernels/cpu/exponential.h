/* exp (x) in plain arithmetic, so that a loop over it becomes vectors. Private to this folder. */
#pragma once

#include <stdint.h>
#include <string.h>

/* exp (x) = 2ⁿ · 2ᶠ, n a whole number, |f| ≤ 1/2; 2ᶠ by the Taylor polynomial of degree 7 in
 * f · log 2, whose remainder is below 2⁻²⁷. Below −87.3 it is 0, above 88.7 infinite; NaN stays. */
static inline float
lw_exponential (float x)
{
  const float most = 88.72283f, least = -87.33654f;
  const float inside = x > most ? most : x < least ? least : x;
  const float shift = 0x1.8p23f; /* adding and subtracting it rounds to a whole number */
  const float n = (inside * 0x1.715476p0f + shift) - shift;
  /* log 2 in two parts, of which the first times n is exact */
  const float r = (inside - n * 0x1.62e4p-1f) - n * 0x1.7f7d1cp-20f;
  float p = 0x1.a01a02p-13f;
  int32_t bits;
  float power;

  p = p * r + 0x1.6c16c2p-10f;
  p = p * r + 0x1.111112p-7f;
  p = p * r + 0x1.555556p-5f;
  p = p * r + 0x1.555556p-3f;
  p = p * r + 0.5f;
  p = p * r + 1;
  p = p * r + 1;
  /* 2ⁿ in two factors: 2¹²⁸ is none */
  bits = (int32_t)((uint32_t)((int32_t)n - 1 + 127) << 23);
  memcpy (&power, &bits, sizeof power);
  p = p * power * 2;
  return x < least ? 0 : x > most ? __builtin_inff () : x != x ? x : p;
}
