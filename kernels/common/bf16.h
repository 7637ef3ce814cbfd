/* bfloat16, the upper half of a float32, number by number, on the processor: for what is not
 * compiled for each instruction set. */
#pragma once

#include <stdint.h>
#include <string.h>

static inline float
lw_bf16_value (uint16_t number)
{
  const uint32_t bits = (uint32_t)number << 16;
  float value;

  memcpy (&value, &bits, sizeof value);
  return value;
}

/* Rounded to the nearest, ties to even; NaN stays NaN. */
static inline uint16_t
lw_bf16_of (float value)
{
  uint32_t bits;

  memcpy (&bits, &value, sizeof bits);
  return (uint16_t)(value != value ? bits >> 16 | 0x40U
                                   : (bits + 0x7fffU + (bits >> 16 & 1)) >> 16);
}
