/* A grid's blocks one after another; of a block, one warp runs as far as it can before the next
 * begins. That is the greatest distance that threads may have between two barriers, so a barrier
 * that is missing shows; in random order warps go in step now and then instead. */
#include "tests/device/emulation/internal.hpp"

#include <map>
#include <memory>

namespace lw_emulation {

enum { WARP = 32, MAX_THREADS = 1024 };

Block current_block;
Thread *current_thread;

uint3
thread_index ()
{
  return current_thread->index;
}

uint3
block_index ()
{
  return current_block.index;
}

dim3
block_size ()
{
  return current_block.kernel->block;
}

dim3
grid_size ()
{
  return current_block.kernel->grid;
}

/* --- threads ---------------------------------------------------------------------------------- */

static void
run_thread ()
{
  const Kernel &kernel = *current_block.kernel;

  fiber_begin ();
  kernel.call (kernel.function, kernel.arguments);
  copies_end_thread ();
  current_thread->state = State::DONE;
  fiber_end (&current_thread->fiber);
}

static void
resume (Thread *thread)
{
  current_thread = thread;
  fiber_resume (&thread->fiber);
  current_thread = nullptr;
}

static std::string
waits_where (const Thread &thread)
{
  char text[512];
  const Site site = site_of (thread);

  if (thread.state == State::DONE)
    return "have returned from the kernel";
  if (thread.state == State::AT_BARRIER)
    snprintf (text, sizeof text, "wait in __syncthreads at %s:%d", site.file, site.line);
  else
    snprintf (text, sizeof text, "wait in %s with mask %08x at %s:%d", name_of (thread),
              mask_of (thread), site.file, site.line);
  return text;
}

void
refuse_divergence ()
{
  std::map<std::string, std::vector<int>> groups;
  std::string text;

  for (const Thread &thread : current_block.threads)
    groups[waits_where (thread)].push_back (thread.number);
  for (const auto &group : groups)
    text += "; " + std::to_string (group.second.size ()) + " (the first is number " +
            std::to_string (group.second.front ()) + ") " + group.first;
  current_thread = nullptr;
  refuse ("divergent barrier: the threads of a block wait for each other for ever%s",
          text.c_str ());
}

/* --- barriers --------------------------------------------------------------------------------- */

int
block_barrier (int predicate, Vote vote, Site site)
{
  Thread *thread = current_thread;

  thread->state = State::AT_BARRIER;
  thread->site = site;
  thread->vote = predicate != 0;
  thread->vote_kind = vote;
  fiber_yield (&thread->fiber);
  return thread->vote;
}

/* All are at a barrier: it must be the same one. */
static void
pass_barrier ()
{
  std::vector<Thread> &threads = current_block.threads;
  std::vector<void *> fibers;
  int votes = 0;

  for (const Thread &thread : threads) {
    if (thread.site.line != threads[0].site.line ||
        strcmp (thread.site.file, threads[0].site.file) != 0)
      refuse_divergence ();
    votes += thread.vote;
  }
  for (Thread &thread : threads) {
    thread.state = State::RUNS;
    thread.barriers++;
    thread.vote = thread.vote_kind == Vote::AND  ? votes == int (threads.size ())
                  : thread.vote_kind == Vote::OR ? votes > 0
                                                 : votes;
    fibers.push_back (thread.fiber.thread);
  }
  order_threads (fibers);
}

/* --- scheduling ------------------------------------------------------------------------------- */

/* Lets a warp's threads run, each as far as it can, until none can go on. */
static void
run_warp (size_t first)
{
  const size_t n = std::min (current_block.threads.size () - first, size_t (WARP));

  for (bool again = true; again;) {
    again = false;
    for (size_t lane : sequence (n)) {
      Thread *thread = &current_block.threads[first + lane];

      if (thread->state == State::RUNS) {
        resume (thread);
        again = true;
      }
    }
  }
}

/* Each thread of the block once. */
static void
run_in_step ()
{
  for (size_t i : sequence (current_block.threads.size ()))
    if (current_block.threads[i].state == State::RUNS)
      resume (&current_block.threads[i]);
}

static void
run_threads ()
{
  const size_t n = current_block.threads.size ();

  for (;;) {
    size_t done = 0, waiting = 0, running = 0;

    if (order () == LW_ORDER_RANDOM && random_number () % 4 == 0)
      run_in_step ();
    else
      for (size_t warp : sequence ((n + WARP - 1) / WARP))
        run_warp (warp * WARP);
    for (const Thread &thread : current_block.threads) {
      done += thread.state == State::DONE;
      waiting += thread.state == State::AT_BARRIER;
      running += thread.state == State::RUNS;
    }
    if (done == n)
      return;
    if (waiting == n)
      pass_barrier ();
    else if (running == 0)
      refuse_divergence ();
  }
}

static void
run_block (const Kernel &kernel, size_t number)
{
  const dim3 grid = kernel.grid, block = kernel.block;
  const size_t n = size_t (block.x) * block.y * block.z;

  current_block.index = { unsigned (number % grid.x), unsigned (number / grid.x % grid.y),
                          unsigned (number / grid.x / grid.y) };
  current_block.number = uint32_t (number);
  current_block.serial++;
  current_block.threads.resize (n);
  for (size_t i = 0; i < n; i++) {
    Thread &thread = current_block.threads[i];

    thread = {};
    thread.fiber = fiber_new (run_thread, int (i));
    thread.index = { unsigned (i % block.x), unsigned (i / block.x % block.y),
                     unsigned (i / block.x / block.y) };
    thread.number = int (i);
    thread.lane = int (i % WARP);
  }
  shared_begin_block (kernel.shared_bytes);
  scheduler_begins_block ();
  run_threads ();
  scheduler_ends_block ();
  for (Thread &thread : current_block.threads)
    fiber_free (thread.fiber);
}

void
run_grid (const Kernel &kernel)
{
  const size_t n = size_t (kernel.grid.x) * kernel.grid.y * kernel.grid.z;

  current_block.kernel = &kernel;
  for (size_t number : sequence (n))
    run_block (kernel, number);
  memory_check_ends (kernel_name (kernel).c_str ());
  current_block.kernel = nullptr;
}

/* --- launches --------------------------------------------------------------------------------- */

/* The sizes that every device of compute capability 7.5 and later takes (CUDA C++ Programming
 * Guide, "Compute Capabilities"). Sizes out of these ranges are mistakes of the host code. */
static void
check_sizes (const Kernel &kernel)
{
  const dim3 grid = kernel.grid, block = kernel.block;
  const size_t n = size_t (block.x) * block.y * block.z;

  if (n == 0 || n > MAX_THREADS || block.z > 64)
    refuse ("launch of %s at %s:%d with blocks of %u × %u × %u threads: 1 to %d are possible",
            kernel_name (kernel).c_str (), kernel.site.file, kernel.site.line, block.x, block.y,
            block.z, MAX_THREADS);
  if (grid.x == 0 || grid.y == 0 || grid.z == 0 || grid.x > INT32_MAX || grid.y > 65535 ||
      grid.z > 65535)
    refuse ("launch of %s at %s:%d with a grid of %u × %u × %u blocks",
            kernel_name (kernel).c_str (), kernel.site.file, kernel.site.line, grid.x, grid.y,
            grid.z);
  if (kernel.shared_bytes > shared_limit (kernel.function))
    refuse ("launch of %s at %s:%d with %zu bytes of shared memory: %zu are possible, or what "
            "lw_allow_shared was given",
            kernel_name (kernel).c_str (), kernel.site.file, kernel.site.line, kernel.shared_bytes,
            shared_limit (kernel.function));
}

void
check_argument (const Kernel &kernel, int index, const void *pointer)
{
  const Buffer buffer = memory_find (pointer);

  if (pointer != nullptr && buffer.start != nullptr && buffer.device != current_device ())
    refuse (
        "argument %d of %s, launched at %s:%d, is memory of device %d, and device %d is current",
        index, kernel_name (kernel).c_str (), kernel.site.file, kernel.site.line, buffer.device,
        current_device ());
  if (pointer != nullptr && buffer.start == nullptr)
    refuse ("argument %d of %s, launched at %s:%d, is %p, a host pointer or one that was freed",
            index, kernel_name (kernel).c_str (), kernel.site.file, kernel.site.line, pointer);
}

cudaError_t
enqueue_kernel (const Kernel &kernel, cudaStream_t stream)
{
  LW_ALONE;
  check_sizes (kernel);
  if (call_fails ()) {
    kernel.release (kernel.arguments);
    remember (failing_code ());
    return cudaGetLastError ();
  }

  /* A captured launch may be replayed: its arguments live as long as the work. */
  const std::shared_ptr<void> arguments (kernel.arguments, kernel.release);

  enqueue (stream, kernel_name (kernel), [kernel, arguments] { run_grid (kernel); });
  /* As kernels/cuda/launch.cuh does: what an earlier call left is taken for this launch's. */
  return cudaGetLastError ();
}

} // namespace lw_emulation
