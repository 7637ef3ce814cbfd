/* What the sanitizers are told, where the program holds one. The address sanitizer: which stack
 * runs, and which device and shared memory belongs to nobody. The thread sanitizer: which CUDA
 * thread runs, each a fiber of its own, and what comes after what. Blocks of a launch come one
 * after another for it, and so do operations of different streams: shared memory is what it is
 * there for. The names are weak: without the sanitizer they are null. */
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
void *__tsan_get_current_fiber () __attribute__ ((weak));
void *__tsan_create_fiber (unsigned flags) __attribute__ ((weak));
void __tsan_switch_to_fiber (void *fiber, unsigned flags) __attribute__ ((weak));
void __tsan_acquire (void *at) __attribute__ ((weak));
void __tsan_release (void *at) __attribute__ ((weak));
void __tsan_read_range (void *address, size_t bytes) __attribute__ ((weak));
void __tsan_write_range (void *address, size_t bytes) __attribute__ ((weak));
void AnnotateIgnoreReadsBegin (const char *file, int line) __attribute__ ((weak));
void AnnotateIgnoreReadsEnd (const char *file, int line) __attribute__ ((weak));
void AnnotateIgnoreWritesBegin (const char *file, int line) __attribute__ ((weak));
void AnnotateIgnoreWritesEnd (const char *file, int line) __attribute__ ((weak));
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

bool
has_thread_sanitizer ()
{
  return __tsan_create_fiber != nullptr;
}

/* --- threads ---------------------------------------------------------------------------------- */

enum : unsigned { NO_ORDER = 1 }; /* a switch by itself puts nothing behind anything */

static void *scheduler;
static char block_begins, block_ends, barrier; /* the sanitizer knows them by address */

/* The same for thread number n of every block: making one takes long. */
void *
thread_fiber (int number)
{
  static std::vector<void *> fibers;

  while (has_thread_sanitizer () && fibers.size () <= size_t (number))
    fibers.push_back (__tsan_create_fiber (0));
  return has_thread_sanitizer () ? fibers[size_t (number)] : nullptr;
}

void
thread_runs (void *fiber)
{
  if (has_thread_sanitizer ())
    __tsan_switch_to_fiber (fiber, NO_ORDER);
}

void
scheduler_runs ()
{
  if (has_thread_sanitizer ())
    __tsan_switch_to_fiber (scheduler, NO_ORDER);
}

void
scheduler_begins_block ()
{
  if (!has_thread_sanitizer ())
    return;
  scheduler = __tsan_get_current_fiber ();
  __tsan_release (&block_begins);
}

void
thread_begins ()
{
  if (has_thread_sanitizer ())
    __tsan_acquire (&block_begins);
}

void
thread_ends ()
{
  if (has_thread_sanitizer ())
    __tsan_release (&block_ends);
}

void
scheduler_ends_block ()
{
  if (has_thread_sanitizer ())
    __tsan_acquire (&block_ends);
}

/* What one of these did is behind what another one will do. */
void
order_threads (const std::vector<void *> &fibers)
{
  if (!has_thread_sanitizer ())
    return;

  void *now = __tsan_get_current_fiber ();

  for (void *fiber : fibers) {
    __tsan_switch_to_fiber (fiber, NO_ORDER);
    __tsan_release (&barrier);
  }
  for (void *fiber : fibers) {
    __tsan_switch_to_fiber (fiber, NO_ORDER);
    __tsan_acquire (&barrier);
  }
  __tsan_switch_to_fiber (now, NO_ORDER);
}

Unwatched::Unwatched ()
{
  if (has_thread_sanitizer ()) {
    AnnotateIgnoreReadsBegin (__FILE__, __LINE__);
    AnnotateIgnoreWritesBegin (__FILE__, __LINE__);
  }
}

Unwatched::~Unwatched ()
{
  if (has_thread_sanitizer ()) {
    AnnotateIgnoreWritesEnd (__FILE__, __LINE__);
    AnnotateIgnoreReadsEnd (__FILE__, __LINE__);
  }
}

void
kernel_reads (const void *address, size_t bytes)
{
  if (lw_emulation_checks_accesses ())
    shadow_access (address, bytes, Kind::READ);
  else if (has_thread_sanitizer ())
    __tsan_read_range (const_cast<void *> (address), bytes);
}

void
kernel_writes (const void *address, size_t bytes)
{
  if (lw_emulation_checks_accesses ())
    shadow_access (address, bytes, Kind::WRITE);
  else if (has_thread_sanitizer ())
    __tsan_write_range (const_cast<void *> (address), bytes);
}

} // namespace lw_emulation

using namespace lw_emulation;

LwEmulationBuild
lw_emulation_build (void)
{
  return lw_emulation_checks_accesses () ? LW_EMULATION_CHECKED
         : has_address_sanitizer ()      ? LW_EMULATION_ASAN
         : has_thread_sanitizer ()       ? LW_EMULATION_TSAN
                                         : LW_EMULATION_FAST;
}

int
lw_emulation_orders (void)
{
  const bool sanitized = has_address_sanitizer () || has_thread_sanitizer ();

  return sanitized && getenv ("LAYERWISE_ALL_ORDERS") == nullptr ? 1 : LW_N_ORDERS;
}
