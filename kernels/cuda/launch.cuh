/* What kernels and the code that launches them share besides CUDA's own headers: the few places
 * where the language of the compiler for graphics cards is not plain C++. Everything else in a .cu
 * file compiles with any C++ compiler, so that the same sources also run on the processor, where
 * tests/device/emulation stands for this file and for CUDA's runtime.
 *
 *  - lw_launch (kernel, grid, block, shared_bytes, stream, arguments…) enqueues a kernel and says
 *    whether that worked. Arguments are converted to the kernel's parameters.
 *  - LW_SHARED (float, tile, [32][33]) is an array in the block's shared memory; its contents are
 *    undefined at first.
 *  - LW_DYNAMIC_SHARED (float, tile) is the shared memory of which the launch gave the size. Above
 *    48 KiB, static arrays included, the host must allow it first: lw_allow_shared (kernel, bytes).
 *    cudaDevAttrMaxSharedMemoryPerBlockOptin says how much there is: 64 KiB with compute capability
 *    7.5, 99 KiB with 8.6, 8.9 and 12.0.
 *
 * Inline PTX belongs here and into tensor.cuh, nowhere else.
 *
 * Rules for kernels: they stand in anonymous namespaces; every thread of a block reaches every
 * barrier, so nobody returns before one; blocks of one launch share nothing but what atomics
 * write. */
#pragma once

#ifdef __CUDACC__

#include <cuda_runtime.h>

template <class... Parameters, class... Arguments>
[[nodiscard]] inline cudaError_t
lw_launch (void (*kernel) (Parameters...), dim3 grid, dim3 block, size_t shared_bytes,
           cudaStream_t stream, Arguments... arguments)
{
  static_assert (sizeof...(Parameters) == sizeof...(Arguments), "as many as the kernel takes");
  // clang-format off
  kernel<<<grid, block, shared_bytes, stream>>> (static_cast<Parameters> (arguments)...);
  // clang-format on
  return cudaGetLastError ();
}

template <class... Parameters>
[[nodiscard]] inline cudaError_t
lw_allow_shared (void (*kernel) (Parameters...), size_t bytes)
{
  return cudaFuncSetAttribute (reinterpret_cast<const void *> (kernel),
                               cudaFuncAttributeMaxDynamicSharedMemorySize, (int)bytes);
}

#define LW_SHARED(type, name, ...) __shared__ type name __VA_ARGS__

#define LW_DYNAMIC_SHARED(type, name)                                                              \
  extern __shared__ __align__ (128) unsigned char lw_dynamic_shared[];                             \
  type *const name = reinterpret_cast<type *> (lw_dynamic_shared)

/* Before a loop of a constant count over arrays, which then become registers; and before one whose
 * body is long. */
#define LW_UNROLL      _Pragma ("unroll")
#define LW_UNROLL_NONE _Pragma ("unroll 1")

#else

#define LW_UNROLL
#define LW_UNROLL_NONE

#endif
