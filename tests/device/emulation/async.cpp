/* Copies from global to shared memory beside the threads, cp.async. Until its thread has waited for
 * the group that a copy belongs to, its target is NaN and out of everyone's reach; then it is as if
 * the thread wrote it: others need a barrier. The source is read at any time in between, so at the
 * start or at the end, by order. */
#include "tests/device/emulation/internal.hpp"

namespace lw_emulation {

struct Copy {
  char *to;
  const char *from;
  int bytes, present;
  Site site;
  uint32_t group; /* of this thread: 0, 1, … */
  bool is_read;
  char data[16];
};

/* Of a thread of the block that runs. */
struct Copies {
  std::vector<Copy> pending; /* in order */
  uint32_t groups;           /* how many were committed */
};

static std::vector<Copies> threads;

static Copies &
copies_of (const Thread *thread)
{
  const size_t number = size_t (thread->number);

  if (threads.size () <= number)
    threads.resize (number + 1);
  return threads[number];
}

static void
read_source (Copy *copy)
{
  memcpy (copy->data, copy->from, size_t (copy->present));
  copy->is_read = true;
}

void
copy_async (void *shared, const void *global, int bytes, int present, Site site)
{
  Copy copy = { static_cast<char *> (shared),
                static_cast<const char *> (global),
                bytes,
                present,
                site,
                0,
                false,
                {} };

  if (present < 0 || present > bytes)
    refuse ("%s:%d: cp.async copies %d of %d bytes", site.file, site.line, present, bytes);
  if (!shared_holds (shared))
    refuse ("%s:%d: cp.async to %p, which is not in shared memory", site.file, site.line, shared);
  if (present > 0 && !memory_holds (global))
    refuse ("%s:%d: cp.async from %p, which is not in global memory", site.file, site.line, global);
  if ((reinterpret_cast<uintptr_t> (shared) | reinterpret_cast<uintptr_t> (global)) %
          uintptr_t (bytes) !=
      0)
    refuse ("%s:%d: cp.async from %p to %p: both must be multiples of %d", site.file, site.line,
            global, shared, bytes);
  if (present > 0)
    kernel_reads (global, size_t (present));
  kernel_writes (shared, size_t (bytes));

  const Unwatched unwatched;

  shadow_copy_begins (shared, size_t (bytes));
  if (choose (2) == 0)
    read_source (&copy);
  memset (shared, 0xff, size_t (bytes));
  poison (shared, size_t (bytes));

  Copies &copies = copies_of (current_thread);

  copy.group = copies.groups;
  copies.pending.push_back (copy);
}

void
copy_commit ()
{
  const Unwatched unwatched;

  copies_of (current_thread).groups++;
}

/* The oldest copy arrives, if at most n groups are newer than its own: its target. */
static char *
finish_one (int n, size_t *ret_bytes)
{
  const Unwatched unwatched;
  Copies &copies = copies_of (current_thread);

  if (copies.pending.empty () || int64_t (copies.pending.front ().group) + n >= copies.groups)
    return nullptr;

  Copy copy = copies.pending.front ();

  if (!copy.is_read)
    read_source (&copy);
  unpoison (copy.to, size_t (copy.bytes));
  memcpy (copy.to, copy.data, size_t (copy.bytes));
  shadow_copy_ends (copy.to, size_t (copy.bytes));
  copies.pending.erase (copies.pending.begin ());
  *ret_bytes = size_t (copy.bytes);
  return copy.to;
}

void
copy_wait (int n)
{
  size_t bytes;

  while (char *target = finish_one (n, &bytes))
    kernel_writes (target, bytes);
}

void
copies_end_thread ()
{
  const Unwatched unwatched;
  Copies &copies = copies_of (current_thread);

  if (!copies.pending.empty ()) {
    const Copy &copy = copies.pending.front ();

    refuse ("the kernel ends and nobody waited for %zu of its copies, the first from %s:%d%s",
            copies.pending.size (), copy.site.file, copy.site.line,
            copy.group == copies.groups ? ", which was never committed" : "");
  }
  copies.groups = 0;
}

} // namespace lw_emulation
