/* The language of kernels, for a C++ compiler: included before everything else when a .cu file is
 * compiled for the processor (-include). NVIDIA's headers give types and prototypes; here are the
 * built-in variables, barriers, warp operations and atomics, which the compiler for graphics cards
 * knows by itself, and kernels/cuda/launch.cuh's part for the processor.
 *
 * A thread of a block is a fiber. What needs other threads gives up the processor until they are
 * there; the place in the source (__builtin_FILE, __builtin_LINE) tells barriers apart. */
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <cuda_runtime.h>
#include <new>
#include <tuple>
#include <type_traits>

namespace lw_emulation {

struct Site {
  const char *file;
  int line;
};

/* A variable in shared memory: where the block that runs has it. */
struct SharedVariable {
  const char *name;
  Site site;
  uint64_t block; /* for which `memory` was given */
  char *memory;
};

/* A kernel with its arguments, bound. */
struct Kernel {
  const char *text; /* the arguments of lw_launch, which begin with the kernel's name */
  Site site;
  dim3 grid, block;
  size_t shared_bytes;
  void *arguments; /* a copy, as CUDA makes it */
  size_t arguments_bytes;
  void (*call) (void *kernel, void *arguments);
  void (*release) (void *arguments);
  void *function;
};

/* The block's and the thread's place; constant for the fiber that asks. */
uint3 thread_index () __attribute__ ((const));
uint3 block_index () __attribute__ ((const));
dim3 block_size () __attribute__ ((const));
dim3 grid_size () __attribute__ ((const));

enum class Vote { NONE, COUNT, AND, OR };
enum class Shuffle { INDEX, UP, DOWN, XOR };
enum class Atomic { ADD, MIN, MAX, EXCHANGE, COMPARE };

int block_barrier (int predicate, Vote vote, Site site);
uint64_t warp_shuffle (unsigned mask, uint64_t bits, int lane, Shuffle how, int width, Site site);
unsigned warp_ballot (unsigned mask, int predicate, Site site);
void warp_barrier (unsigned mask, Site site);
void *shared_variable (SharedVariable *variable, size_t bytes, size_t alignment);
void *dynamic_shared ();
float atomic_float (float *at, float value, Atomic what);
int atomic_int (int *at, int value, int compared, Atomic what);
unsigned atomic_unsigned (unsigned *at, unsigned value, unsigned compared, Atomic what);

void check_argument (const Kernel &kernel, int index, const void *pointer);
cudaError_t enqueue_kernel (const Kernel &kernel, cudaStream_t stream);

template <class T>
uint64_t
bits_of (T value)
{
  uint64_t bits = 0;

  static_assert (sizeof value <= sizeof bits, "at most 8 bytes go through a shuffle");
  memcpy (&bits, &value, sizeof value);
  return bits;
}

template <class T>
T
value_of (uint64_t bits)
{
  T value;

  memcpy (&value, &bits, sizeof value);
  return value;
}

template <class T>
void
check_pointer (const Kernel &kernel, int index, const T &argument)
{
  if constexpr (std::is_pointer_v<T>)
    check_argument (kernel, index, (const void *)argument);
}

template <class... Parameters, class... Arguments>
[[nodiscard]] cudaError_t
launch (const char *text, Site site, void (*function) (Parameters...), dim3 grid, dim3 block,
        size_t shared_bytes, cudaStream_t stream, Arguments... arguments)
{
  using Bound = std::tuple<std::decay_t<Parameters>...>;
  static_assert (sizeof...(Parameters) == sizeof...(Arguments), "as many as the kernel takes");
  Bound *bound = new Bound (static_cast<Parameters> (arguments)...);
  const Kernel kernel = { text,
                          site,
                          grid,
                          block,
                          shared_bytes,
                          bound,
                          sizeof *bound,
                          [] (void *called, void *with) {
                            std::apply (reinterpret_cast<void (*) (Parameters...)> (called),
                                        *static_cast<Bound *> (with));
                          },
                          [] (void *with) { delete static_cast<Bound *> (with); },
                          reinterpret_cast<void *> (function) };
  int index = 0;

  std::apply ([&] (const auto &...each) { (check_pointer (kernel, index++, each), ...); }, *bound);
  return enqueue_kernel (kernel, stream);
}

} // namespace lw_emulation

#define LW_SITE_PARAMETERS const char *lw_file = __builtin_FILE(), int lw_line = __builtin_LINE()
#define LW_SITE            (lw_emulation::Site{ lw_file, lw_line })

/* --- launch.cuh ------------------------------------------------------------------------------- */

#define lw_launch(...)                                                                             \
  lw_emulation::launch (#__VA_ARGS__, lw_emulation::Site{ __FILE__, __LINE__ }, __VA_ARGS__)

template <class... Parameters>
[[nodiscard]] cudaError_t
lw_allow_shared (void (*kernel) (Parameters...), size_t bytes)
{
  return cudaFuncSetAttribute (reinterpret_cast<const void *> (kernel),
                               cudaFuncAttributeMaxDynamicSharedMemorySize, int (bytes));
}

#define LW_SHARED(type, name, ...)                                                                 \
  static lw_emulation::SharedVariable lw_shared_##name = { #name, { __FILE__, __LINE__ }, 0, 0 };  \
  using lw_shared_type_##name = type __VA_ARGS__;                                                  \
  lw_shared_type_##name &name =                                                                    \
      *static_cast<lw_shared_type_##name *> (lw_emulation::shared_variable (                       \
          &lw_shared_##name, sizeof (lw_shared_type_##name), alignof (lw_shared_type_##name)))

#define LW_DYNAMIC_SHARED(type, name)                                                              \
  type *const name = static_cast<type *> (lw_emulation::dynamic_shared ())

/* Shared memory that the emulation would not see. */
#undef __shared__
#define __shared__ static_assert (false, "write LW_SHARED instead of __shared__");
#undef __launch_bounds__
#define __launch_bounds__(...)

/* --- built-in variables and functions --------------------------------------------------------- */

#define threadIdx (lw_emulation::thread_index ())
#define blockIdx  (lw_emulation::block_index ())
#define blockDim  (lw_emulation::block_size ())
#define gridDim   (lw_emulation::grid_size ())

using std::max;
using std::min;

inline void
__syncthreads (LW_SITE_PARAMETERS)
{
  lw_emulation::block_barrier (0, lw_emulation::Vote::NONE, LW_SITE);
}

inline int
__syncthreads_count (int predicate, LW_SITE_PARAMETERS)
{
  return lw_emulation::block_barrier (predicate, lw_emulation::Vote::COUNT, LW_SITE);
}

inline int
__syncthreads_and (int predicate, LW_SITE_PARAMETERS)
{
  return lw_emulation::block_barrier (predicate, lw_emulation::Vote::AND, LW_SITE);
}

inline int
__syncthreads_or (int predicate, LW_SITE_PARAMETERS)
{
  return lw_emulation::block_barrier (predicate, lw_emulation::Vote::OR, LW_SITE);
}

inline void
__syncwarp (unsigned mask = ~0u, LW_SITE_PARAMETERS)
{
  lw_emulation::warp_barrier (mask, LW_SITE);
}

#define LW_SHUFFLE(name, how)                                                                      \
  template <class T> T name (unsigned mask, T value, int lane, int width = 32, LW_SITE_PARAMETERS) \
  {                                                                                                \
    return lw_emulation::value_of<T> (lw_emulation::warp_shuffle (                                 \
        mask, lw_emulation::bits_of (value), lane, lw_emulation::Shuffle::how, width, LW_SITE));   \
  }
LW_SHUFFLE (__shfl_sync, INDEX)
LW_SHUFFLE (__shfl_up_sync, UP)
LW_SHUFFLE (__shfl_down_sync, DOWN)
LW_SHUFFLE (__shfl_xor_sync, XOR)
#undef LW_SHUFFLE

inline unsigned
__ballot_sync (unsigned mask, int predicate, LW_SITE_PARAMETERS)
{
  return lw_emulation::warp_ballot (mask, predicate, LW_SITE);
}

inline int
__any_sync (unsigned mask, int predicate, LW_SITE_PARAMETERS)
{
  return lw_emulation::warp_ballot (mask, predicate, LW_SITE) != 0;
}

inline int
__all_sync (unsigned mask, int predicate, LW_SITE_PARAMETERS)
{
  return lw_emulation::warp_ballot (mask, !predicate, LW_SITE) == 0;
}

inline float
atomicAdd (float *at, float value)
{
  return lw_emulation::atomic_float (at, value, lw_emulation::Atomic::ADD);
}

#define LW_ATOMIC(type, name, what)                                                                \
  inline type name (type *at, type value)                                                          \
  {                                                                                                \
    return lw_emulation::atomic_##type (at, value, 0, lw_emulation::Atomic::what);                 \
  }
LW_ATOMIC (int, atomicAdd, ADD)
LW_ATOMIC (int, atomicMin, MIN)
LW_ATOMIC (int, atomicMax, MAX)
LW_ATOMIC (int, atomicExch, EXCHANGE)
LW_ATOMIC (unsigned, atomicAdd, ADD)
LW_ATOMIC (unsigned, atomicMin, MIN)
LW_ATOMIC (unsigned, atomicMax, MAX)
LW_ATOMIC (unsigned, atomicExch, EXCHANGE)
#undef LW_ATOMIC

inline int
atomicCAS (int *at, int compared, int value)
{
  return lw_emulation::atomic_int (at, value, compared, lw_emulation::Atomic::COMPARE);
}

template <class T>
inline T
__ldg (const T *at)
{
  return *at;
}

inline unsigned
__float_as_uint (float value)
{
  return lw_emulation::value_of<unsigned> (lw_emulation::bits_of (value));
}

inline float
__uint_as_float (unsigned bits)
{
  return lw_emulation::value_of<float> (bits);
}

inline int
__float_as_int (float value)
{
  return lw_emulation::value_of<int> (lw_emulation::bits_of (value));
}

inline float
__int_as_float (int bits)
{
  return lw_emulation::value_of<float> (lw_emulation::bits_of (bits));
}

#include "tests/device/emulation/tensor.hpp"
