/* Pinned host memory, and copies between the host and the device. */
#include "tests/device/emulation/stream.hpp"

#include <cstdlib>
#include <memory>

namespace lw_emulation {

enum : size_t { PAGE = 4096 };

/* Pinned host memory: start and bytes. */
static std::map<const char *, size_t> &
pinned ()
{
  static std::map<const char *, size_t> all;

  return all;
}

static int64_t waiting_copies;

/* Whether the memory is pinned; a range that leaves it is refused. */
static bool
is_pinned (const void *address, size_t bytes, const char *what)
{
  const char *start = static_cast<const char *> (address);
  auto next = pinned ().upper_bound (start);

  if (next == pinned ().begin ())
    return false;
  --next;
  if (start >= next->first + next->second)
    return false;
  if (start + bytes > next->first + next->second)
    refuse ("%s: %zu bytes from byte %td of pinned memory of %zu", what, bytes, start - next->first,
            next->second);
  return true;
}

/* A copy in host memory that may be pageable. From there it is taken at once, as CUDA does ("API
 * synchronization behavior" in the runtime's manual), and later changes do not matter. */
static void
copy_to_device (void *to, const void *from, size_t bytes, cudaStream_t stream)
{
  std::shared_ptr<void> taken;

  if (!is_pinned (from, bytes, "source of a copy") && stream_of (stream)->capture == nullptr) {
    taken.reset (malloc (bytes), free);
    memcpy (taken.get (), from, bytes);
    waiting_copies++;
  }
  enqueue (stream, "a copy", [=] {
    shadow_range (to, bytes, Kind::WRITE);
    memcpy (to, taken != nullptr ? taken.get () : from, bytes);
  });
}

/* `rows` of `width` bytes, `pitch` apart on the device and together on the host. To pageable
 * memory: the host waits until it is over. */
static void
copy_to_host (void *to, const void *from, size_t pitch, size_t width, size_t rows,
              cudaStream_t handle)
{
  CUstream_st *stream = stream_of (handle);
  const bool waits =
      !is_pinned (to, width * rows, "target of a copy") && stream->capture == nullptr;

  enqueue (handle, "a copy", [=] {
    for (size_t row = 0; row < rows; row++) {
      const char *source = static_cast<const char *> (from) + row * pitch;

      shadow_range (source, width, Kind::READ);
      memcpy (static_cast<char *> (to) + row * width, source, width);
    }
  });
  if (waits) {
    waiting_copies++;
    drain (stream);
    refuse_hanging ("a copy to pageable memory");
    host_learns (stream->clock);
  }
}

static void
copy_on_device (void *to, const void *from, size_t bytes, cudaStream_t stream)
{
  const char *first = static_cast<const char *> (from), *target = static_cast<char *> (to);

  if (first < target + bytes && target < first + bytes)
    refuse ("a copy of %zu bytes whose source and target overlap", bytes);
  enqueue (stream, "a copy", [=] {
    shadow_copy (to, from, bytes);
    memcpy (to, from, bytes);
  });
}

} // namespace lw_emulation

using namespace lw_emulation;

int64_t
lw_emulation_waiting_copies (void)
{
  return waiting_copies;
}

extern "C" {

cudaError_t
cudaHostAlloc (void **ret_memory, size_t bytes, unsigned flags)
{
  LW_ALONE;
  LW_CALL;
  if ((flags & ~unsigned (cudaHostAllocPortable)) != 0)
    refuse ("cudaHostAlloc: flags %u are not emulated: kernels have no host memory", flags);

  const size_t length = (std::max (bytes, size_t (1)) + PAGE - 1) / PAGE * PAGE;

  *ret_memory = aligned_alloc (PAGE, length);
  memset (*ret_memory, 0xff, length);
  pinned ()[static_cast<char *> (*ret_memory)] = bytes;
  count_live (&LwEmulationLive::pinned, 1);
  return cudaSuccess;
}

cudaError_t
cudaMallocHost (void **ret_memory, size_t bytes)
{
  LW_ALONE;
  return cudaHostAlloc (ret_memory, bytes, cudaHostAllocDefault);
}

cudaError_t
cudaFreeHost (void *memory)
{
  LW_ALONE;
  if (memory == nullptr)
    return cudaSuccess;

  const auto found = pinned ().find (static_cast<const char *> (memory));

  if (found == pinned ().end ())
    refuse ("cudaFreeHost: %p is no pinned memory, or was freed before", memory);
  drain_everything ();
  pinned ().erase (found);
  count_live (&LwEmulationLive::pinned, -1);
  free (memory);
  LW_CALL;
  return cudaSuccess;
}

cudaError_t
cudaMemcpyAsync (void *to, const void *from, size_t bytes, cudaMemcpyKind kind, cudaStream_t stream)
{
  LW_ALONE;
  LW_CALL;
  if (kind == cudaMemcpyHostToDevice || kind == cudaMemcpyDeviceToDevice)
    memory_check_range (to, bytes, "target of a copy");
  else
    memory_check_host (to, bytes, "target of a copy");
  if (kind == cudaMemcpyDeviceToHost || kind == cudaMemcpyDeviceToDevice)
    memory_check_range (from, bytes, "source of a copy");
  else
    memory_check_host (from, bytes, "source of a copy");
  if (kind == cudaMemcpyHostToDevice)
    copy_to_device (to, from, bytes, stream);
  else if (kind == cudaMemcpyDeviceToHost)
    copy_to_host (to, from, bytes, bytes, 1, stream);
  else if (kind == cudaMemcpyDeviceToDevice)
    copy_on_device (to, from, bytes, stream);
  else
    refuse ("a copy of kind %d: say whether it goes to or from the device", int (kind));
  return cudaSuccess;
}

cudaError_t
cudaMemcpy2DAsync (void *to, size_t to_pitch, const void *from, size_t from_pitch, size_t width,
                   size_t rows, cudaMemcpyKind kind, cudaStream_t stream)
{
  LW_ALONE;
  LW_CALL;
  if (kind != cudaMemcpyDeviceToHost || to_pitch != width || from_pitch < width || rows == 0)
    refuse (
        "cudaMemcpy2D: only rows from the device to rows without gaps on the host are emulated");
  memory_check_range (from, (rows - 1) * from_pitch + width, "source of a copy");
  memory_check_host (to, rows * width, "target of a copy");
  copy_to_host (to, from, from_pitch, width, rows, stream);
  return cudaSuccess;
}

cudaError_t
cudaMemsetAsync (void *to, int value, size_t bytes, cudaStream_t stream)
{
  LW_ALONE;
  LW_CALL;
  memory_check_range (to, bytes, "target of cudaMemset");
  enqueue (stream, "cudaMemset", [=] {
    shadow_range (to, bytes, Kind::WRITE);
    memset (to, value, bytes);
  });
  return cudaSuccess;
}

} // extern "C"
