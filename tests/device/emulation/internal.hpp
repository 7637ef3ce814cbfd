/* What the files of the emulation share. Private to this folder. */
#pragma once

#include "tests/device/emulation/device.hpp"
#include "tests/device/emulation/emulation.h"

#undef threadIdx
#undef blockIdx
#undef blockDim
#undef gridDim

#include <functional>
#include <mutex>
#include <string>
#include <vector>

namespace lw_emulation {

/* --- failure.cpp ------------------------------------------------------------------------------ */

/* Says what the program does wrong, where, and ends the process. */
[[noreturn]] void refuse (const char *format, ...) __attribute__ ((format (printf, 1, 2)));
/* "add_bias": the kernel's name without template arguments' commas getting in the way. */
std::string kernel_name (const Kernel &kernel);

/* --- order.cpp -------------------------------------------------------------------------------- */

LwOrder order ();
uint64_t random_number ();
/* One of `n`: the first, the last or any. */
size_t choose (size_t n);
/* 0 … n − 1 in the order that was asked for. */
std::vector<size_t> sequence (size_t n);

/* --- fibers.cpp ------------------------------------------------------------------------------- */

/* A stack of its own, and where it stopped. Between two fibers stands the scheduler. */
struct Fiber {
  char *stack;
  void *stopped_at;
  void *fake_stack, *thread; /* sanitizers.cpp's */
};
enum : size_t { STACK_BYTES = 128 << 10 };

Fiber fiber_new (void (*entry) (), int number); /* its stack may be one that was used before */
void fiber_free (Fiber fiber);
void fiber_resume (Fiber *fiber);           /* from the scheduler; returns when the fiber yields */
void fiber_begin ();                        /* the fiber's first act */
void fiber_yield (Fiber *fiber);            /* from the fiber; returns when it is resumed */
[[noreturn]] void fiber_end (Fiber *fiber); /* from the fiber: for good */

/* --- block.cpp, warp.cpp ---------------------------------------------------------------------- */

enum class State : uint8_t { RUNS, AT_BARRIER, IN_WARP, DONE };

struct WarpOperation; /* warp.cpp */

struct Thread {
  Fiber fiber;
  State state;
  uint3 index;
  int number, lane;
  /* How many barriers of the block lie behind it, and its clock within the warp: what orders its
   * accesses. */
  uint16_t barriers, warp_barriers;
  Site site; /* the barrier where it waits */
  int vote;
  Vote vote_kind;
  WarpOperation *operation;
};

struct Block {
  const Kernel *kernel;
  uint3 index;
  uint32_t number; /* in the grid */
  uint64_t serial; /* among all blocks, from 1 */
  std::vector<Thread> threads;
};

extern Block current_block;
extern Thread *current_thread; /* nullptr: host code runs, or the scheduler */

void run_grid (const Kernel &kernel); /* all its blocks, one after another */
/* The block cannot go on: says who waits where. */
[[noreturn]] void refuse_divergence ();
Site site_of (const Thread &thread);
unsigned mask_of (const Thread &thread);
const char *name_of (const Thread &thread);
/* An instruction of all 32 lanes: `work` gets what each lane brings, when the last one is there. */
void warp_together (void (*work) (void *const *lanes), void *lane, const char *name, Site site);

/* --- async.cpp -------------------------------------------------------------------------------- */

void copies_end_thread (); /* the thread that runs has returned: all copies must be over */

/* --- shared.cpp ------------------------------------------------------------------------------- */

enum : size_t { STATIC_SHARED_LIMIT = 48 << 10 }; /* without asking for more */

void shared_begin_block (size_t dynamic_bytes); /* NaN everywhere, no variables */
/* The variable or the dynamic memory that holds the address, for messages. */
std::string shared_describe (const char *address);
bool shared_holds (const void *address); /* somewhere in its addresses */

/* --- memory.cpp ------------------------------------------------------------------------------- */

/* Whether kernels may touch device memory, or host code runs, for which it is out of reach. */
void memory_open (bool open);
bool memory_is_open ();
/* The processor refused an access: whether it may be tried again. */
bool memory_open_at (const char *address);
struct Buffer {
  char *start;
  size_t bytes;
  int device;
};
/* The buffer that `address` points into, or just behind; start = nullptr: none. */
Buffer memory_find (const void *address);
bool memory_holds (const void *address); /* somewhere in its addresses */
void memory_check_range (const void *address, size_t bytes, const char *what);
void memory_check_host (const void *address, size_t bytes, const char *what);
void memory_check_ends (const char *after); /* what lies between a buffer and its guard page */
std::string memory_describe (const char *address);

/* --- sanitizers.cpp ------------------------------------------------------------------------- */

/* Memory that nobody may touch, and may touch again. */
void poison (const void *start, size_t bytes);
void unpoison (const void *start, size_t bytes);
bool is_poisoned (const void *start, size_t bytes); /* any of it */
/* Another stack runs. The fake stack is what the sanitizer keeps of the one that is left; nullptr:
 * it is left for good. */
void switch_begins (void **fake_stack, const void *bottom, size_t bytes);
void switch_ends (void *fake_stack, const void **ret_old_bottom, size_t *ret_old_bytes);
/* Which thread runs, and what comes after what. */
void *thread_fiber (int number); /* nullptr: nobody wants to know */
void thread_runs (void *fiber);
void scheduler_runs ();
void scheduler_begins_block ();
void thread_begins ();
void thread_ends ();
void scheduler_ends_block ();
void order_threads (const std::vector<void *> &fibers);
/* What the emulation itself does while a thread runs is not the kernel's; what it does for the
 * kernel it says. */
struct Unwatched {
  Unwatched ();
  ~Unwatched ();
};
void kernel_reads (const void *address, size_t bytes);
void kernel_writes (const void *address, size_t bytes);

/* --- shadow.cpp: what is known about each byte -------------------------------------------------
 */

enum class Kind { READ, WRITE, ATOMIC };
/* The operation that runs: its number, and which ones of earlier numbers come before it for sure.
 */
struct Operation {
  uint32_t number; /* from 1 */
  uint32_t chain, place;
  std::vector<uint32_t> before; /* by chain: the places up to this one are over */
};

void check_accesses (); /* from now on */
void shadow_begin_operation (uint32_t chain, const std::vector<uint32_t> &before,
                             const std::string &name);
void shadow_end_operation ();
void shadow_access (const void *address, size_t bytes, Kind kind); /* of a kernel */
void shadow_range (const void *address, size_t bytes, Kind kind);  /* of a copy or a product */
void shadow_copy (void *to, const void *from, size_t bytes);       /* also what is not written */
/* An asynchronous copy to shared memory: nobody may come to the target in between. Its two writes,
 * when it begins and when its thread has waited, are told apart from this. */
void shadow_copy_begins (const void *to, size_t bytes);
void shadow_copy_ends (const void *to, size_t bytes);
void shadow_allocated (const char *start, size_t bytes);
void shadow_freed (const char *start, size_t bytes);
void shadow_shared (const char *start, size_t bytes); /* a variable of this block begins */
void shadow_shared_clear ();

enum : size_t { DEVICE_SPACE = size_t (4) << 30 };
char *device_space ();                  /* DEVICE_SPACE bytes of addresses */
char *shared_space (size_t *ret_bytes); /* the block's */

/* --- devices.cpp ------------------------------------------------------------------------------ */

int current_device ();
size_t device_bytes (); /* of memory that each device has */
bool has_tensor_cores ();
size_t shared_limit (const void *function); /* bytes of shared memory that the kernel may have */

/* --- stream.cpp ------------------------------------------------------------------------------- */

/* Work for a stream, in order; the name is for messages. */
void enqueue (cudaStream_t stream, std::string name, std::function<void ()> work);
bool capturing (const CUgraph_st *graph = nullptr); /* any stream, into this graph or into any */
void drain_everything ();
void lose_everything (); /* what waits in streams never runs */
/* An operation waits for a process that is gone: nothing runs any more, and nothing is ever ready,
 * until a communicator is aborted (nccl.cpp). Who waits in CUDA itself is refused. */
void device_hangs (bool hangs);
bool is_hanging ();
void refuse_hanging (const char *what);

/* --- calls.cpp -------------------------------------------------------------------------------- */

/* A call that can fail begins: whether it shall. If one that waits for work fails, the work has
 * failed, and so has all where the device is lost. */
bool call_fails (bool waits = false, const char *function = __builtin_FUNCTION());
std::recursive_mutex &call_lock ();
/* By which code the call that fails now does. */
cudaError_t failing_code ();
/* The code becomes what cudaGetLastError says. */
cudaError_t remember (cudaError_t code);
void count_live (int64_t LwEmulationLive::*what, int64_t change);

} // namespace lw_emulation

/* What changes anything begins with this: calls of several threads, which CUDA allows, come one
 * after the other. Memory is open to whoever is in one, and whoever waits runs what others have
 * begun. */
#define LW_ALONE const std::lock_guard<std::recursive_mutex> alone (lw_emulation::call_lock ())
/* Every function of the runtime that can fail has this. */
#define LW_CALL LW_CALL_THAT (false)
#define LW_CALL_THAT(waits)                                                                        \
  do {                                                                                             \
    if (lw_emulation::call_fails (waits))                                                          \
      return lw_emulation::remember (lw_emulation::failing_code ());                               \
  } while (0)
