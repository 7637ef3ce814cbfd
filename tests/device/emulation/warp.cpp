/* What the lanes of a warp do together: shuffles, votes, __syncwarp, the instructions of tensor
 * cores. Every lane that the mask names must come to the same operation; the last one to arrive
 * does the work for all. */
#include "tests/device/emulation/internal.hpp"

namespace lw_emulation {

enum { WARP = 32 };

enum class What { SHUFFLE, BALLOT, BARRIER, TOGETHER };

struct WarpOperation {
  What what;
  const char *name;
  Site site;
  unsigned mask;
  uint64_t value = 0, result = 0;
  int lane = 0;
  Shuffle how = Shuffle::INDEX;
  int width = WARP;
  /* TOGETHER */
  void (*work) (void *const *lanes) = nullptr;
  void *brings = nullptr;
};

Site
site_of (const Thread &thread)
{
  return thread.state == State::IN_WARP ? thread.operation->site : thread.site;
}

unsigned
mask_of (const Thread &thread)
{
  return thread.operation->mask;
}

const char *
name_of (const Thread &thread)
{
  return thread.operation->name;
}

/* The lane that `lane` takes its value from; out of the segment: its own. */
static int
source_of (const WarpOperation &operation, int lane)
{
  const int first = lane & ~(operation.width - 1), end = first + operation.width;

  switch (operation.how) {
  case Shuffle::INDEX:
    return first + (operation.lane & (operation.width - 1));
  case Shuffle::UP:
    return lane - operation.lane >= first ? lane - operation.lane : lane;
  case Shuffle::DOWN:
    return lane + operation.lane < end ? lane + operation.lane : lane;
  case Shuffle::XOR:
    return (lane ^ operation.lane) < end ? lane ^ operation.lane : lane;
  }
  return lane;
}

static void
perform (Thread *warp, unsigned mask)
{
  uint64_t ballot = 0;

  if (warp->operation->what == What::TOGETHER) {
    void *brings[WARP];

    for (int lane = 0; lane < WARP; lane++)
      brings[lane] = warp[lane].operation->brings;
    warp->operation->work (brings);
    return;
  }
  for (int lane = 0; lane < WARP; lane++)
    if (mask >> lane & 1)
      ballot |= uint64_t (warp[lane].operation->value != 0) << lane;
  for (int lane = 0; lane < WARP; lane++) {
    if (!(mask >> lane & 1))
      continue;

    WarpOperation &operation = *warp[lane].operation;

    operation.result = ballot;
    if (operation.what == What::SHUFFLE) {
      const int source = source_of (operation, lane);

      if (!(mask >> source & 1))
        refuse ("%s:%d: lane %d shuffles from lane %d, which is not in mask %08x",
                operation.site.file, operation.site.line, lane, source, mask);
      operation.result = warp[source].operation->value;
    }
  }
}

static bool
same_operation (const WarpOperation &a, const WarpOperation &b)
{
  return a.what == b.what && a.mask == b.mask && a.work == b.work && a.site.line == b.site.line &&
         strcmp (a.site.file, b.site.file) == 0;
}

/* Whether all lanes of the mask are here; those that can never come are refused. */
static bool
all_arrived (const WarpOperation &operation, const Thread *warp, size_t lanes)
{
  bool all = true;

  for (int lane = 0; lane < WARP; lane++) {
    if (!(operation.mask >> lane & 1) || warp + lane == current_thread)
      continue;
    if (size_t (lane) >= lanes)
      refuse ("%s:%d: mask %08x names lane %d, but the block's last warp has %zu lanes",
              operation.site.file, operation.site.line, operation.mask, lane, lanes);
    if (warp[lane].state == State::DONE)
      refuse ("%s:%d: mask %08x names lane %d, which has returned from the kernel",
              operation.site.file, operation.site.line, operation.mask, lane);
    if (warp[lane].state != State::IN_WARP) {
      all = false;
      continue;
    }

    const WarpOperation &other = *warp[lane].operation;

    if (!same_operation (operation, other))
      refuse ("lanes of a warp meet in different operations: %s with mask %08x at %s:%d and, lane "
              "%d, %s with mask %08x at %s:%d",
              operation.name, operation.mask, operation.site.file, operation.site.line, lane,
              other.name, other.mask, other.site.file, other.site.line);
  }
  return all;
}

/* Memory is ordered by __syncwarp alone (CUDA C++ Programming Guide, "Synchronization Functions"),
 * for the lanes of the mask: their clocks go on from the latest. What is behind another access has
 * the greater clock (Lamport, "Time, Clocks, and the Ordering of Events in a Distributed System",
 * 1978). */
static void
order_lanes (Thread *warp, unsigned mask)
{
  const Unwatched unwatched;
  std::vector<void *> fibers;
  uint16_t clock = current_thread->warp_barriers;

  for (int lane = 0; lane < WARP; lane++)
    if (mask >> lane & 1 && int16_t (warp[lane].warp_barriers - clock) > 0)
      clock = warp[lane].warp_barriers;
  for (int lane = 0; lane < WARP; lane++)
    if (mask >> lane & 1) {
      warp[lane].warp_barriers = uint16_t (clock + 1);
      fibers.push_back (warp[lane].fiber.thread);
    }
  order_threads (fibers);
}

static void
operate (WarpOperation *operation)
{
  Thread *thread = current_thread, *warp = thread - thread->lane;
  const size_t lanes =
      std::min (size_t (WARP), current_block.threads.size () - size_t (warp->number));

  if (!(operation->mask >> thread->lane & 1))
    refuse ("%s:%d: lane %d is not in its own mask %08x", operation->site.file,
            operation->site.line, thread->lane, operation->mask);
  thread->operation = operation;
  if (!all_arrived (*operation, warp, lanes)) {
    thread->state = State::IN_WARP;
    fiber_yield (&thread->fiber);
  } else {
    perform (warp, operation->mask);
    if (operation->what == What::BARRIER)
      order_lanes (warp, operation->mask);
    for (size_t lane = 0; lane < lanes; lane++)
      if (operation->mask >> lane & 1)
        warp[lane].state = State::RUNS;
  }
  thread->operation = nullptr;
}

uint64_t
warp_shuffle (unsigned mask, uint64_t bits, int lane, Shuffle how, int width, Site site)
{
  WarpOperation operation = { What::SHUFFLE, "a shuffle", site, mask };

  operation.value = bits;
  operation.lane = lane;
  operation.how = how;
  operation.width = width;
  operate (&operation);
  return operation.result;
}

unsigned
warp_ballot (unsigned mask, int predicate, Site site)
{
  WarpOperation operation = { What::BALLOT, "a vote", site, mask };

  operation.value = predicate != 0;
  operate (&operation);
  return unsigned (operation.result);
}

void
warp_together (void (*work) (void *const *lanes), void *lane, const char *name, Site site)
{
  WarpOperation operation = { What::TOGETHER, name, site, ~0u };

  operation.work = work;
  operation.brings = lane;
  operate (&operation);
}

/* The full mask means all lanes that there are. */
void
warp_barrier (unsigned mask, Site site)
{
  const size_t first = size_t (current_thread->number - current_thread->lane);
  const size_t lanes = std::min (size_t (WARP), current_block.threads.size () - first);
  WarpOperation operation = { What::BARRIER, "__syncwarp", site, mask };

  if (mask == ~0u && lanes < WARP)
    operation.mask = (1u << lanes) - 1;
  operate (&operation);
}

} // namespace lw_emulation
