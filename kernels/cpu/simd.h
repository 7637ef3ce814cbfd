/* Every source of this folder but device.c is compiled once for each instruction set. This header
 * says which one is meant: the width of a vector and the names of what is exported. Vectors are
 * GCC's; most loops are plain C that the compiler turns into vectors by itself. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

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

/* Past the caches, for what they would not hold anyway: memory is not read before it is written.
 * `at` is aligned to 64 bytes. lw_stream_end () comes before others may read it. */
LW_INLINE void
lw_vec_stream (float *at, LwVec value)
{
#if LW_LANES == 16
  __builtin_ia32_movntps512 (at, value);
#elif LW_LANES == 8
  __builtin_ia32_movntps256 (at, value);
#else
  lw_vec_store (at, value);
#endif
}

LW_INLINE void
lw_stream_end (void)
{
#if LW_LANES > 4
  __builtin_ia32_sfence ();
#endif
}

/* Whether all pixels begin and end at cache lines, and there are more numbers than a cache holds.
 */
LW_INLINE bool
lw_may_stream (const void *pixels, int64_t pixel, int64_t numbers)
{
  return (uintptr_t)pixels % 64 == 0 && pixel % 16 == 0 && numbers >= 2 << 20;
}
