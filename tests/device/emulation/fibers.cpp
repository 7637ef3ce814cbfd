/* Fibers: a block's threads, each with a stack of its own, of which one runs at a time. A switch
 * saves what a called function must keep, and takes the other's stack. Stacks end at a page that
 * nobody may touch. */
#include "tests/device/emulation/internal.hpp"

#include <sys/mman.h>

#ifndef __x86_64__
#include <ucontext.h>
#endif

namespace lw_emulation {

enum : size_t { GUARD_BYTES = 1 << 14 };

static std::vector<char *> &
unused_stacks ()
{
  static std::vector<char *> stacks;

  return stacks;
}

/* The scheduler's stack, as far as the sanitizer has told. */
static void *scheduler_fake_stack;
static const void *scheduler_bottom;
static size_t scheduler_bytes;

static char *
take_stack ()
{
  std::vector<char *> &unused = unused_stacks ();

  if (!unused.empty ()) {
    char *stack = unused.back ();

    unused.pop_back ();
    return stack;
  }

  void *memory = mmap (nullptr, GUARD_BYTES + STACK_BYTES, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

  if (memory == MAP_FAILED)
    refuse ("there is no memory for the stacks of a block's threads");
  mprotect (memory, GUARD_BYTES, PROT_NONE);
  return static_cast<char *> (memory) + GUARD_BYTES;
}

void
fiber_free (Fiber fiber)
{
#ifndef __x86_64__
  delete static_cast<ucontext_t *> (fiber.stopped_at);
#endif
  unused_stacks ().push_back (fiber.stack);
}

#ifdef __x86_64__

/* System V ABI for AMD64: rbx, rbp and r12 to r15 are the caller's. */
extern "C" void lw_emulation_switch (void **stopped_at, void *go_on_at);
asm(".text\n"
    ".globl lw_emulation_switch\n"
    ".hidden lw_emulation_switch\n"
    ".type lw_emulation_switch, @function\n"
    "lw_emulation_switch:\n"
    "  pushq %rbp\n"
    "  pushq %rbx\n"
    "  pushq %r12\n"
    "  pushq %r13\n"
    "  pushq %r14\n"
    "  pushq %r15\n"
    "  movq %rsp, (%rdi)\n"
    "  movq %rsi, %rsp\n"
    "  popq %r15\n"
    "  popq %r14\n"
    "  popq %r13\n"
    "  popq %r12\n"
    "  popq %rbx\n"
    "  popq %rbp\n"
    "  ret\n"
    ".size lw_emulation_switch, . - lw_emulation_switch\n");

static void *scheduler;

Fiber
fiber_new (void (*entry) (), int number)
{
  char *stack = take_stack ();
  void **top = reinterpret_cast<void **> (stack + STACK_BYTES);

  *--top = nullptr; /* a function begins with its stack 8 bytes off a multiple of 16 */
  *--top = reinterpret_cast<void *> (entry);
  for (int kept = 0; kept < 6; kept++)
    *--top = nullptr;
  return { stack, top, nullptr, thread_fiber (number) };
}

static void
go_to_fiber (Fiber *fiber)
{
  lw_emulation_switch (&scheduler, fiber->stopped_at);
}

static void
go_to_scheduler (Fiber *fiber)
{
  lw_emulation_switch (&fiber->stopped_at, scheduler);
}

#else

static ucontext_t scheduler;

Fiber
fiber_new (void (*entry) (), int number)
{
  ucontext_t *context = new ucontext_t;
  char *stack = take_stack ();

  getcontext (context);
  context->uc_stack.ss_sp = stack;
  context->uc_stack.ss_size = STACK_BYTES;
  context->uc_link = nullptr;
  makecontext (context, entry, 0);
  return { stack, context, nullptr, thread_fiber (number) };
}

static void
go_to_fiber (Fiber *fiber)
{
  swapcontext (&scheduler, static_cast<ucontext_t *> (fiber->stopped_at));
}

static void
go_to_scheduler (Fiber *fiber)
{
  swapcontext (static_cast<ucontext_t *> (fiber->stopped_at), &scheduler);
}

#endif

void
fiber_resume (Fiber *fiber)
{
  switch_begins (&scheduler_fake_stack, fiber->stack, STACK_BYTES);
  thread_runs (fiber->thread);
  go_to_fiber (fiber);
  switch_ends (scheduler_fake_stack, nullptr, nullptr);
}

void
fiber_begin ()
{
  switch_ends (nullptr, &scheduler_bottom, &scheduler_bytes);
  thread_begins ();
}

void
fiber_yield (Fiber *fiber)
{
  switch_begins (&fiber->fake_stack, scheduler_bottom, scheduler_bytes);
  scheduler_runs ();
  go_to_scheduler (fiber);
  switch_ends (fiber->fake_stack, &scheduler_bottom, &scheduler_bytes);
}

void
fiber_end (Fiber *fiber)
{
  thread_ends ();
  switch_begins (nullptr, scheduler_bottom, scheduler_bytes);
  scheduler_runs ();
  go_to_scheduler (fiber);
  __builtin_trap ();
}

} // namespace lw_emulation
