/* Numbers that follow from a name (tests/golden/README.md): element i of what is called s is
 * h = splitmix64 (fnv1a64 (s) + i), u = (h >> 40) / 2²⁴. Pure functions. */
#pragma once

#include <stdint.h>

/* fnv1a64 */
static inline uint64_t
lw_formula_seed (const char *name)
{
  uint64_t hash = UINT64_C (0xCBF29CE484222325);

  for (; *name != '\0'; name++)
    hash = (hash ^ (uint8_t)*name) * UINT64_C (0x100000001B3);
  return hash;
}

/* Vigna's splitmix64. */
static inline uint64_t
lw_formula_hash (uint64_t seed, int64_t i)
{
  uint64_t z = seed + (uint64_t)i + UINT64_C (0x9E3779B97F4A7C15);

  z = (z ^ (z >> 30)) * UINT64_C (0xBF58476D1CE4E5B9);
  z = (z ^ (z >> 27)) * UINT64_C (0x94D049BB133111EB);
  return z ^ (z >> 31);
}

/* u */
static inline double
lw_formula_uniform (uint64_t seed, int64_t i)
{
  return (double)(lw_formula_hash (seed, i) >> 40) / 0x1p24;
}

static inline int32_t
lw_formula_label (uint64_t seed, int64_t i, int32_t classes)
{
  return (int32_t)(lw_formula_hash (seed, i) % (uint64_t)classes);
}
