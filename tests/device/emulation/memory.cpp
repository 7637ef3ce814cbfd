/* Device memory. Each buffer lies in pages of its own, ends right before one that nobody may touch,
 * and is NaN at first: nothing is zero by luck. While host code runs the pages are out of its
 * reach. Addresses are not used twice while others are left, so that late uses fault. */
#include "tests/device/emulation/internal.hpp"

#include <cstdlib>
#include <map>
#include <sys/mman.h>

namespace lw_emulation {

enum : size_t { PAGE = 4096, ALIGNMENT = 256 };
enum : unsigned char { SLACK = 0xa5 };

/* By start. Behind the buffer up to the page's end lies slack. */
struct Pages {
  char *pages;
  size_t pages_bytes, bytes;
  int device;
};

static std::map<const char *, Pages> &
buffers ()
{
  static std::map<const char *, Pages> all;

  return all;
}

static size_t used_space;
/* Of the device that is current; pages of several devices lie in one space. */
static size_t
used_bytes ()
{
  size_t bytes = 0;

  for (const auto &buffer : buffers ())
    bytes += buffer.second.device == current_device () ? buffer.second.pages_bytes : 0;
  return bytes;
}

static bool open_to_all;
enum { MAX_OPENED = 65536 };
static Pages opened[MAX_OPENED];
static size_t n_opened;

static size_t
round_up (size_t n, size_t to)
{
  return (n + to - 1) / to * to;
}

char *
device_space ()
{
  static char *space;

  if (space == nullptr) {
    void *memory =
        mmap (nullptr, DEVICE_SPACE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (memory == MAP_FAILED)
      refuse ("there are no addresses for the memory of the device");
    space = static_cast<char *> (memory);
  }
  return space;
}

/* Buffers are opened one by one, when a kernel first comes to them: most of what runs touches few.
 */
void
memory_open (bool open)
{
  open_to_all = open;
  for (size_t i = 0; !open && i < n_opened; i++)
    mprotect (opened[i].pages, opened[i].pages_bytes, PROT_NONE);
  n_opened = open ? n_opened : 0;
}

bool
memory_open_at (const char *address)
{
  const Buffer buffer = open_to_all ? memory_find (address) : Buffer{ nullptr, 0, 0 };

  if (buffer.start == nullptr)
    return false;

  const Pages &pages = buffers ()[buffer.start];

  if (address >= pages.pages + pages.pages_bytes || n_opened == MAX_OPENED)
    return false;
  for (size_t i = 0; i < n_opened; i++)
    if (opened[i].pages == pages.pages)
      return false;
  mprotect (pages.pages, pages.pages_bytes, PROT_READ | PROT_WRITE);
  opened[n_opened++] = pages;
  return true;
}

bool
memory_is_open ()
{
  return open_to_all;
}

Buffer
memory_find (const void *address)
{
  const char *wanted = static_cast<const char *> (address);
  auto next = buffers ().upper_bound (wanted);

  if (next == buffers ().begin ())
    return { nullptr, 0, 0 };
  --next;
  if (wanted > next->first + next->second.bytes)
    return { nullptr, 0, 0 };
  return { const_cast<char *> (next->first), next->second.bytes, next->second.device };
}

bool
memory_holds (const void *address)
{
  const char *at = static_cast<const char *> (address), *space = device_space ();

  return at >= space && at < space + DEVICE_SPACE;
}

void
memory_check_range (const void *address, size_t bytes, const char *what)
{
  const Buffer buffer = memory_find (address);

  if (buffer.start == nullptr)
    refuse ("%s: %p is no device memory", what, address);
  if (buffer.device != current_device ())
    refuse ("%s: memory of device %d, where device %d is current", what, buffer.device,
            current_device ());
  if (static_cast<const char *> (address) + bytes > buffer.start + buffer.bytes)
    refuse ("%s: %zu bytes from byte %td of a buffer of %zu", what, bytes,
            static_cast<const char *> (address) - buffer.start, buffer.bytes);
}

void
memory_check_host (const void *address, size_t bytes, const char *what)
{
  const char *start = static_cast<const char *> (address), *space = device_space ();

  if (start < space + DEVICE_SPACE && start + bytes > space)
    refuse ("%s: %p is device memory where host memory must stand", what, address);
}

/* Of buffers that something came to; the others could not be written. With each access looked at,
 * nothing comes that far. */
void
memory_check_ends (const char *after)
{
  if (lw_emulation_checks_accesses ())
    return;
  for (size_t i = 0; i < n_opened; i++) {
    const Pages &pages = opened[i];
    const char *end = pages.pages + pages.pages_bytes;
    const char *start = end - round_up (pages.bytes, ALIGNMENT);

    for (const char *at = start + pages.bytes; at < end; at++)
      if (static_cast<unsigned char> (*at) != SLACK)
        refuse ("byte %td of a buffer of %zu bytes was written, behind its end, seen after %s",
                at - start, pages.bytes, after);
  }
}

std::string
memory_describe (const char *address)
{
  char text[256];
  const char *space = device_space ();

  for (const auto &buffer : buffers ())
    if (address >= buffer.second.pages - PAGE &&
        address < buffer.second.pages + buffer.second.pages_bytes + PAGE) {
      snprintf (text, sizeof text, "byte %td of a buffer of %zu bytes", address - buffer.first,
                buffer.second.bytes);
      return text;
    }
  if (address >= space && address < space + DEVICE_SPACE)
    return "memory of the device that belongs to no buffer, perhaps freed";
  return shared_describe (address);
}

static cudaError_t
allocate (void **ret_memory, size_t bytes)
{
  const size_t length = round_up (bytes, ALIGNMENT), pages_bytes = round_up (length, PAGE);

  if (buffers ().empty ())
    used_space = 0;
  if (bytes == 0 || bytes > DEVICE_SPACE || used_bytes () + pages_bytes > device_bytes () ||
      used_space + pages_bytes + 2 * PAGE > size_t (DEVICE_SPACE)) {
    *ret_memory = nullptr;
    return bytes == 0 ? cudaSuccess : remember (cudaErrorMemoryAllocation);
  }

  char *pages = device_space () + used_space + PAGE, *start = pages + pages_bytes - length;

  mprotect (pages, pages_bytes, PROT_READ | PROT_WRITE);
  unpoison (pages, pages_bytes);
  memset (start, 0xff, bytes);
  memset (start + bytes, SLACK, length - bytes);
  poison (pages, size_t (start - pages));
  poison (start + bytes, length - bytes);
  shadow_allocated (start, bytes);
  mprotect (pages, pages_bytes, PROT_NONE);
  buffers ()[start] = { pages, pages_bytes, bytes, current_device () };
  used_space += pages_bytes + PAGE;
  count_live (&LwEmulationLive::buffers, 1);
  count_live (&LwEmulationLive::bytes, int64_t (bytes));
  *ret_memory = start;
  return cudaSuccess;
}

} // namespace lw_emulation

using namespace lw_emulation;

extern "C" {

cudaError_t
cudaMalloc (void **ret_memory, size_t bytes)
{
  LW_ALONE;
  LW_CALL;
  if (capturing ())
    refuse ("cudaMalloc while a stream is captured");
  return allocate (ret_memory, bytes);
}

/* Waits for all work, as CUDA does. Frees also where it is told to fail: nobody could try again. */
cudaError_t
cudaFree (void *memory)
{
  LW_ALONE;
  if (memory == nullptr)
    return cudaSuccess;

  const auto found = buffers ().find (static_cast<const char *> (memory));

  if (found == buffers ().end ())
    refuse ("cudaFree: %p is not the start of a buffer, or was freed before", memory);
  drain_everything ();
  refuse_hanging ("cudaFree");

  const Pages pages = found->second;

  shadow_freed (found->first, pages.bytes);
  count_live (&LwEmulationLive::buffers, -1);
  count_live (&LwEmulationLive::bytes, -int64_t (pages.bytes));
  buffers ().erase (found);
  poison (pages.pages, pages.pages_bytes);
  madvise (pages.pages, pages.pages_bytes, MADV_DONTNEED);
  LW_CALL;
  return cudaSuccess;
}

cudaError_t
cudaMemGetInfo (size_t *ret_free, size_t *ret_total)
{
  LW_ALONE;
  LW_CALL;
  *ret_total = device_bytes ();
  *ret_free = device_bytes () - used_bytes ();
  return cudaSuccess;
}

} // extern "C"
