/* What is known about each byte that kernels can touch: whether it belongs to a buffer or variable,
 * whether it was ever written, and who wrote and read it last. A second access that no barrier, no
 * end of a launch and no event puts behind the first is a race, whatever came out of it.
 *
 * Cells are words of 4 bytes with a mask of the bytes that were touched. Of several readers a cell
 * keeps how far they are spread. Where smaller accesses of several threads share a word, an older
 * one may be forgotten: a race can be missed there, a right program is never refused. */
#include "tests/device/emulation/internal.hpp"
#include "tests/device/emulation/shadow.hpp"

#include <sys/mman.h>

namespace lw_emulation {

static bool checks;

void
check_accesses ()
{
  checks = true;
}

static void *
reserve (size_t bytes)
{
  void *memory = mmap (nullptr, bytes, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

  if (memory == MAP_FAILED)
    refuse ("there are no addresses for what is known about the device's memory");
  return memory;
}

static Region
new_region (char *start, size_t bytes, bool shared)
{
  return { start, bytes, static_cast<uint8_t *> (reserve (bytes)),
           static_cast<Cell *> (reserve (bytes / WORD * sizeof (Cell))), shared };
}

Region &
shadow_device ()
{
  static Region region = new_region (device_space (), DEVICE_SPACE, false);

  return region;
}

Region &
shadow_block ()
{
  static size_t bytes;
  static char *start = shared_space (&bytes);
  static Region region = new_region (start, bytes, true);

  return region;
}

/* --- what exists and what is written ---------------------------------------------------------- */

void
shadow_allocated (const char *start, size_t bytes)
{
  if (lw_emulation_checks_accesses ())
    memset (shadow_device ().state + (start - shadow_device ().start), UNWRITTEN, bytes);
}

void
shadow_freed (const char *start, size_t bytes)
{
  if (!lw_emulation_checks_accesses ())
    return;

  Region &region = shadow_device ();
  const size_t at = size_t (start - region.start);

  memset (region.state + at, NOTHING, bytes);
  memset (static_cast<void *> (region.cells + at / WORD), 0, (bytes + 3) / WORD * sizeof (Cell));
}

void
shadow_shared (const char *start, size_t bytes)
{
  if (lw_emulation_checks_accesses ())
    memset (shadow_block ().state + (start - shadow_block ().start), UNWRITTEN, bytes);
}

void
shadow_shared_clear ()
{
  if (lw_emulation_checks_accesses ())
    memset (shadow_block ().state, NOTHING, shadow_block ().bytes);
}

static void
check_state (Region &region, const char *address, size_t bytes, Kind kind)
{
  uint8_t *state = region.state + (address - region.start);

  for (size_t i = 0; i < bytes; i++) {
    if (state[i] == NOTHING)
      refuse ("a kernel %s out of bounds: %s", kind == Kind::READ ? "reads" : "writes",
              memory_describe (address + i).c_str ());
    if (state[i] == COPIED)
      refuse ("a kernel %s what cp.async copies, before its thread has waited for it: %s",
              kind == Kind::READ ? "reads" : "writes", memory_describe (address + i).c_str ());
    if (state[i] == UNWRITTEN && kind != Kind::WRITE)
      refuse ("reads what was never written: %s", memory_describe (address + i).c_str ());
    state[i] = kind == Kind::READ ? state[i] : uint8_t (WRITTEN);
  }
}

/* --- accesses --------------------------------------------------------------------------------- */

static void
touch (Region &region, const char *address, size_t bytes, Access access, Kind kind)
{
  const size_t first = size_t (address - region.start), end = first + bytes;

  check_state (region, address, bytes, kind);
  for (size_t word = first / WORD; word * WORD < end; word++) {
    const size_t from = std::max (first, word * WORD) - word * WORD;
    const size_t to = std::min (end, (word + 1) * WORD) - word * WORD;

    access.bytes = uint8_t ((1u << to) - (1u << from));
    shadow_touch_cell (region, word, access, kind);
  }
}

/* Constant tables of the program, which a GPU has in memory of its own. */
extern "C" char __executable_start[], __data_start[];

static bool
is_constant (const char *address)
{
  return address >= __executable_start && address < __data_start;
}

void
shadow_access (const void *address, size_t bytes, Kind kind)
{
  const Thread *thread = current_thread;
  const char *at = static_cast<const char *> (address);

  if (thread == nullptr)
    return; /* of host code: the pages keep it off */
  if (at >= thread->fiber.stack && at + bytes <= thread->fiber.stack + STACK_BYTES)
    return;

  const Access access = { shadow_operation (),
                          current_block.number,
                          uint16_t (thread->number),
                          thread->barriers,
                          thread->warp_barriers,
                          0,
                          kind == Kind::ATOMIC ? uint8_t (Spread::ATOMIC) : uint8_t (Spread::ONE) };

  if (at >= shadow_device ().start && at < shadow_device ().start + DEVICE_SPACE)
    touch (shadow_device (), at, bytes, access, kind);
  else if (at >= shadow_block ().start && at < shadow_block ().start + shadow_block ().bytes)
    touch (shadow_block (), at, bytes, access, kind);
  else {
    const Kernel &kernel = *current_block.kernel;
    const char *arguments = static_cast<const char *> (kernel.arguments);
    const bool argument = at >= arguments && at + bytes <= arguments + kernel.arguments_bytes;

    const bool constant = kind == Kind::READ && (argument || is_constant (at));

    if (!constant && !memory_describe (at).empty ())
      refuse ("a kernel %s out of bounds: %s", kind == Kind::READ ? "reads" : "writes",
              memory_describe (at).c_str ());
    if (!constant)
      refuse ("a kernel %s %p, which is host memory or none at all",
              kind == Kind::READ ? "reads" : "writes", address);
  }
}

void
shadow_copy_begins (const void *to, size_t bytes)
{
  if (checks)
    memset (shadow_block ().state + (static_cast<const char *> (to) - shadow_block ().start),
            COPIED, bytes);
}

void
shadow_copy_ends (const void *to, size_t bytes)
{
  if (checks)
    memset (shadow_block ().state + (static_cast<const char *> (to) - shadow_block ().start),
            WRITTEN, bytes);
}

void
shadow_range (const void *address, size_t bytes, Kind kind)
{
  if (lw_emulation_checks_accesses ())
    touch (shadow_device (), static_cast<const char *> (address), bytes,
           { shadow_operation (), 0, 0, 0, 0, 0, uint8_t (Spread::ONE) }, kind);
}

void
shadow_copy (void *to, const void *from, size_t bytes)
{
  if (!lw_emulation_checks_accesses ())
    return;

  Region &region = shadow_device ();
  const uint8_t *source = region.state + (static_cast<const char *> (from) - region.start);
  const std::vector<uint8_t> state (source, source + bytes);

  for (size_t i = 0; i < bytes; i++)
    if (state[i] == WRITTEN)
      shadow_range (static_cast<const char *> (from) + i, 1, Kind::READ);
  shadow_range (to, bytes, Kind::WRITE);
  std::copy (state.begin (), state.end (),
             region.state + (static_cast<char *> (to) - region.start));
}

} // namespace lw_emulation

bool
lw_emulation_checks_accesses (void)
{
  return lw_emulation::checks;
}
