/* What the address sanitizer is told, where the program holds it: which stack runs, and which
 * device and shared memory belongs to nobody. It looks at host code too, which `checked` does not.
 * The names are weak: without the sanitizer they are null. */
#include "tests/device/emulation/internal.hpp"

#include <cstdlib>

extern "C" {
void __asan_poison_memory_region (const volatile void *start, size_t bytes) __attribute__ ((weak));
void
__asan_unpoison_memory_region (const volatile void *start, size_t bytes) __attribute__ ((weak));
void *__asan_region_is_poisoned (void *start, size_t bytes) __attribute__ ((weak));
void __sanitizer_start_switch_fiber (void **fake_stack, const void *bottom, size_t bytes)
    __attribute__ ((weak));
void __sanitizer_finish_switch_fiber (void *fake_stack, const void **old_bottom, size_t *old_bytes)
    __attribute__ ((weak));
}

namespace lw_emulation {

void
poison (const void *start, size_t bytes)
{
  if (__asan_poison_memory_region != nullptr)
    __asan_poison_memory_region (start, bytes);
}

void
unpoison (const void *start, size_t bytes)
{
  if (__asan_unpoison_memory_region != nullptr)
    __asan_unpoison_memory_region (start, bytes);
}

bool
is_poisoned (const void *start, size_t bytes)
{
  return __asan_region_is_poisoned != nullptr &&
         __asan_region_is_poisoned (const_cast<void *> (start), bytes) != nullptr;
}

bool
has_address_sanitizer ()
{
  return __asan_poison_memory_region != nullptr;
}

void
switch_begins (void **fake_stack, const void *bottom, size_t bytes)
{
  if (__sanitizer_start_switch_fiber != nullptr)
    __sanitizer_start_switch_fiber (fake_stack, bottom, bytes);
}

void
switch_ends (void *fake_stack, const void **ret_old_bottom, size_t *ret_old_bytes)
{
  if (__sanitizer_finish_switch_fiber != nullptr)
    __sanitizer_finish_switch_fiber (fake_stack, ret_old_bottom, ret_old_bytes);
}

} // namespace lw_emulation

using namespace lw_emulation;

LwEmulationBuild
lw_emulation_build (void)
{
  return lw_emulation_checks_accesses () ? LW_EMULATION_CHECKED
         : has_address_sanitizer ()      ? LW_EMULATION_ASAN
                                         : LW_EMULATION_FAST;
}

int
lw_emulation_orders (void)
{
  return has_address_sanitizer () && getenv ("LAYERWISE_ALL_ORDERS") == nullptr ? 1 : LW_N_ORDERS;
}
