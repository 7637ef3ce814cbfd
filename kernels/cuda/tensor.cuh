/* Tensor cores, and copies from global to shared memory that run beside the threads: PTX
 * instructions as functions, for kernels. tests/device/emulation/tensor.hpp has the same ones for
 * the processor.
 *
 * Tensor cores: D [16][8] ← A [16][k] · B [k][8] + D, by all 32 lanes of a warp together, each with
 * its part of the matrices in registers. With g = lane / 4 and t = lane % 4 a lane has
 *
 *    D    d[0], d[1] = D [g][2t], D [g][2t + 1];  d[2], d[3] = D [g + 8][2t], D [g + 8][2t + 1]
 *    bf16, k = 16: two numbers in a register, the one of the lower index in its lower half
 *         a[0] = A [g][2t, 2t + 1]      a[1] = A [g + 8][2t, 2t + 1]
 *         a[2] = A [g][2t + 8, 2t + 9]  a[3] = A [g + 8][2t + 8, 2t + 9]
 *         b0 = B [2t, 2t + 1][g]        b1 = B [2t + 8, 2t + 9][g]
 *    TF32, k = 8: bits of floats that lw_tf32 has rounded
 *         a[0] = A [g][t]  a[1] = A [g + 8][t]  a[2] = A [g][t + 4]  a[3] = A [g + 8][t + 4]
 *         b0 = B [t][g]    b1 = B [t + 4][g]
 *
 * (PTX ISA 9.2, "Matrix Fragments for mma.m16n8k16 with floating point type" and "Matrix Fragments
 * for mma.m16n8k8"). Products are exact and sums float32, in an order that NVIDIA does not say.
 *
 * Parts of matrices from shared memory: lw_load_matrices brings four of 8 rows of 16 bytes at once.
 * Lane i gives the address, a multiple of 16, of row i % 8 of matrix i / 8. Of matrix j, lane 4g +
 * t gets bytes 4t … 4t + 3 of row g in fragment[j]: two bf16 or one float. So one call fills a[]
 * where A lies by rows, if lane i gives A [i % 16] from byte 16 · (i / 16) on. With _transposed,
 * for bf16, fragment[j] has the numbers [2t][g] and [2t + 1][g]: B as it lies by rows (PTX ISA 9.2,
 * "ldmatrix").
 *
 * Copies: lw_copy_async starts one and does not wait. lw_copy_commit makes a group of what the
 * thread has started since the last group; lw_copy_wait<n> waits until at most the n newest groups
 * of this thread are on their way. What was copied is then there for this thread, and after a
 * barrier for the others. Before that nobody reads or writes the target. A kernel waits for all of
 * its copies (PTX ISA 9.2, "Data Movement and Conversion Instructions: Asynchronous copy").
 *
 * All of this is there from compute capability 8.0 on. On 7.5, copies are plain ones, so that
 * kernels without tensor cores run; the host must not launch kernels that multiply with them. */
#pragma once

#include "kernels/cuda/launch.cuh"

#ifdef __CUDACC__

#include <stdint.h>

/* For device code: whether there are tensor cores for bf16 and TF32, and asynchronous copies. */
#if !defined(__CUDA_ARCH__) || __CUDA_ARCH__ >= 800
#define LW_HAS_TENSOR 1
#else
#define LW_HAS_TENSOR 0
#endif

/* --- tensor cores ----------------------------------------------------------------------------- */

__device__ inline void
lw_mma_bf16 (float (&d)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1)
{
#if LW_HAS_TENSOR
  asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, "
               "{%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
               : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
               : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
#else
  __trap ();
#endif
}

__device__ inline void
lw_mma_tf32 (float (&d)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1)
{
#if LW_HAS_TENSOR
  asm volatile("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0, %1, %2, %3}, "
               "{%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
               : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
               : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
#else
  __trap ();
#endif
}

/* The bits of the float that is nearest among those with 10 bits behind the point; of two that are
 * equally near, the one farther from 0. */
__device__ inline uint32_t
lw_tf32 (float value)
{
  uint32_t bits = __float_as_uint (value);

#if LW_HAS_TENSOR
  asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(bits) : "f"(value));
#endif
  return bits;
}

/* The same, of the bits of a float, as lw_load_matrices brings them. */
__device__ inline uint32_t
lw_tf32 (uint32_t bits)
{
  return lw_tf32 (__uint_as_float (bits));
}

/* The volatile and the memory clobber keep these behind barriers and waits. */
__device__ inline void
lw_load_matrices (uint32_t (&fragment)[4], const void *row)
{
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(fragment[0]), "=r"(fragment[1]), "=r"(fragment[2]), "=r"(fragment[3])
               : "r"((uint32_t)__cvta_generic_to_shared (row))
               : "memory");
}

__device__ inline void
lw_load_matrices_transposed (uint32_t (&fragment)[4], const void *row)
{
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(fragment[0]), "=r"(fragment[1]), "=r"(fragment[2]), "=r"(fragment[3])
               : "r"((uint32_t)__cvta_generic_to_shared (row))
               : "memory");
}

/* --- copies ----------------------------------------------------------------------------------- */

/* 4, 8 or 16 bytes, to and from multiples of that. The first `present` of them are copied, the
 * others become 0; with present = 0 nothing is read, so `global` may lie outside of its array. */
template <int bytes>
__device__ inline void
lw_copy_async (void *shared, const void *global, int present = bytes)
{
  static_assert (bytes == 4 || bytes == 8 || bytes == 16, "what cp.async copies");
#if LW_HAS_TENSOR
  const uint32_t to = (uint32_t)__cvta_generic_to_shared (shared);
  const size_t from = __cvta_generic_to_global (global);

  /* .cg passes the first level of cache by, which 16 bytes alone can. */
  if constexpr (bytes == 16)
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(to), "l"(from), "r"(present)
                 : "memory");
  else
    asm volatile("cp.async.ca.shared.global [%0], [%1], %2, %3;" ::"r"(to), "l"(from), "n"(bytes),
                 "r"(present)
                 : "memory");
#else
  for (int i = 0; i < bytes; i++)
    static_cast<char *> (shared)[i] = i < present ? static_cast<const char *> (global)[i] : 0;
#endif
}

__device__ inline void
lw_copy_commit ()
{
#if LW_HAS_TENSOR
  asm volatile("cp.async.commit_group;" ::: "memory");
#endif
}

template <int n>
__device__ inline void
lw_copy_wait ()
{
#if LW_HAS_TENSOR
  asm volatile("cp.async.wait_group %0;" ::"n"(n) : "memory");
#endif
}

#endif
