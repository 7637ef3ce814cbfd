/* The end of a program that does what CUDA forbids: a sentence, the place, the exit status. Also
 * for memory that the processor itself refuses: guard pages and device memory in host code. */
#include "tests/device/emulation/internal.hpp"

#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <unistd.h>

namespace lw_emulation {

/* The text is "(kernel<1, 2>), grid, …": up to the first comma outside of brackets. */
std::string
kernel_name (const Kernel &kernel)
{
  std::string name;
  int depth = 0;

  for (const char *c = kernel.text; *c != '\0' && (*c != ',' || depth > 0); c++) {
    depth += (*c == '<' || *c == '(') - (*c == '>' || *c == ')');
    name += *c;
  }
  return name;
}

void
refuse (const char *format, ...)
{
  char text[1024];
  va_list arguments;

  va_start (arguments, format);
  vsnprintf (text, sizeof text, format, arguments);
  va_end (arguments);
  fflush (stdout);
  fprintf (stderr, "emulation: %s\n", text);
  if (current_block.kernel != nullptr) {
    const Kernel &kernel = *current_block.kernel;
    const uint3 b = current_block.index;

    fprintf (stderr, "emulation: in %s, launched at %s:%d, block (%u, %u, %u)",
             kernel_name (kernel).c_str (), kernel.site.file, kernel.site.line, b.x, b.y, b.z);
    if (current_thread != nullptr)
      fprintf (stderr, ", thread (%u, %u, %u)", current_thread->index.x, current_thread->index.y,
               current_thread->index.z);
    fputc ('\n', stderr);
  }
  _exit (LW_EMULATION_REFUSED);
}

static void
on_fault (int, siginfo_t *info, void *)
{
  const char *address = static_cast<const char *> (info->si_addr);

  if (memory_open_at (address))
    return;

  const std::string what = memory_describe (address);

  if (current_thread == nullptr && what.empty ())
    refuse ("host code reads or writes at %p, which is no memory", info->si_addr);
  if (current_thread == nullptr)
    refuse ("host code reads or writes device memory: %s", what.c_str ());
  if (what.empty ())
    refuse ("a kernel reads or writes at %p, which is no memory of the device", info->si_addr);
  refuse ("a kernel reads or writes out of bounds: %s", what.c_str ());
}

/* On a stack of its own, because the one that overflows has no room. */
__attribute__ ((constructor)) static void
catch_faults ()
{
  static char stack[1 << 16];
  stack_t alternative = {};
  struct sigaction action = {};

  alternative.ss_sp = stack;
  alternative.ss_size = sizeof stack;
  sigaltstack (&alternative, nullptr);
  action.sa_sigaction = on_fault;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigaction (SIGSEGV, &action, nullptr);
  sigaction (SIGBUS, &action, nullptr);
}

} // namespace lw_emulation
