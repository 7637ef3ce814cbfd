/* What compilers call where a source is compiled with -fsanitize=thread: a function before each
 * read and each write. Here these are ours and there is no other thread sanitizer; that a program
 * holds such sources turns checking on. The same for indices beyond an array's type and misaligned
 * vectors, -fsanitize=bounds,alignment. */
#include "tests/device/emulation/internal.hpp"

static bool checks;

bool
lw_emulation_checks_accesses (void)
{
  return checks;
}

using namespace lw_emulation;

#define LW_ACCESS(bytes)                                                                           \
  void __tsan_read##bytes (void *address)                                                          \
  {                                                                                                \
    shadow_access (address, bytes, Kind::READ);                                                    \
  }                                                                                                \
  void __tsan_write##bytes (void *address)                                                         \
  {                                                                                                \
    shadow_access (address, bytes, Kind::WRITE);                                                   \
  }                                                                                                \
  void __tsan_unaligned_read##bytes (void *address)                                                \
  {                                                                                                \
    shadow_access (address, bytes, Kind::READ);                                                    \
  }                                                                                                \
  void __tsan_unaligned_write##bytes (void *address)                                               \
  {                                                                                                \
    shadow_access (address, bytes, Kind::WRITE);                                                   \
  }

/* As the runtime of the undefined behaviour sanitizer has them. */
struct SourceLocation {
  const char *file;
  uint32_t line, column;
};

extern "C" {

void
__tsan_init ()
{
  checks = true;
}

void
__tsan_func_entry (void *)
{
}

void
__tsan_func_exit ()
{
}

LW_ACCESS (1)
LW_ACCESS (2)
LW_ACCESS (4)
LW_ACCESS (8)
LW_ACCESS (16)

void
__tsan_read_range (void *address, unsigned long bytes)
{
  shadow_access (address, bytes, Kind::READ);
}

void
__tsan_write_range (void *address, unsigned long bytes)
{
  shadow_access (address, bytes, Kind::WRITE);
}

void *
__tsan_memset (void *to, int value, unsigned long bytes)
{
  shadow_access (to, bytes, Kind::WRITE);
  return memset (to, value, bytes);
}

void *
__tsan_memcpy (void *to, const void *from, unsigned long bytes)
{
  shadow_access (from, bytes, Kind::READ);
  shadow_access (to, bytes, Kind::WRITE);
  return memcpy (to, from, bytes);
}

void *
__tsan_memmove (void *to, const void *from, unsigned long bytes)
{
  shadow_access (from, bytes, Kind::READ);
  shadow_access (to, bytes, Kind::WRITE);
  return memmove (to, from, bytes);
}

void
__ubsan_handle_out_of_bounds_abort (const SourceLocation *location, uintptr_t index)
{
  refuse ("%s:%u: index %td is out of the array's bounds", location->file, location->line,
          ptrdiff_t (index));
}

void
__ubsan_handle_type_mismatch_v1_abort (const SourceLocation *location, uintptr_t address)
{
  refuse ("%s:%u: address %#zx is not aligned as its type must be", location->file, location->line,
          size_t (address));
}

} // extern "C"

/* --- atomics: here, because the compiler would call the sanitizer's --------------------------- */

namespace lw_emulation {

template <class T>
static T
atomic (T *at, T value, T compared, Atomic what)
{
  if (checks)
    shadow_access (at, sizeof *at, Kind::ATOMIC);

  const T old = *at;

  switch (what) {
  case Atomic::ADD:
    *at = old + value;
    break;
  case Atomic::MIN:
    *at = std::min (old, value);
    break;
  case Atomic::MAX:
    *at = std::max (old, value);
    break;
  case Atomic::EXCHANGE:
    *at = value;
    break;
  case Atomic::COMPARE:
    *at = old == compared ? value : old;
    break;
  }
  return old;
}

float
atomic_float (float *at, float value, Atomic what)
{
  return atomic (at, value, 0.0f, what);
}

int
atomic_int (int *at, int value, int compared, Atomic what)
{
  return atomic (at, value, compared, what);
}

unsigned
atomic_unsigned (unsigned *at, unsigned value, unsigned compared, Atomic what)
{
  return atomic (at, value, compared, what);
}

} // namespace lw_emulation
