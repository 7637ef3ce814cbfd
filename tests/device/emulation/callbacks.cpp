/* What compilers call where a source is compiled with -fsanitize=thread: a function before each
 * read and each write. Here these are ours and there is no other thread sanitizer; that a program
 * holds such sources turns checking on. */
#include "tests/device/emulation/internal.hpp"

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

extern "C" {

void
__tsan_init ()
{
  check_accesses ();
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

} // extern "C"
