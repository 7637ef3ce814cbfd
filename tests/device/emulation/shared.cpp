/* A block's shared memory. Variables lie in the order in which threads come to them, with gaps that
 * belong to nobody; dynamic memory ends at a page that nobody may touch. All of it is NaN when the
 * block begins. */
#include "tests/device/emulation/internal.hpp"

#include <sys/mman.h>

namespace lw_emulation {

enum : size_t { PAGE = 4096, GAP = 64, SPACE = 512 << 10 };

/* Of the variables of this block. */
static std::vector<std::pair<SharedVariable *, size_t>> variables;
/* Of variables with gaps and without, and of dynamic memory. */
static size_t used_bytes, bytes_of_variables, dynamic_bytes;

static size_t
round_up (size_t n, size_t to)
{
  return (n + to - 1) / to * to;
}

char *
shared_space (size_t *ret_bytes)
{
  static char *space;

  if (space == nullptr) {
    void *memory = mmap (nullptr, SPACE + 2 * PAGE, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (memory == MAP_FAILED)
      refuse ("there is no memory for a block's shared memory");
    mprotect (memory, PAGE, PROT_NONE);
    space = static_cast<char *> (memory) + PAGE;
    mprotect (space + SPACE, PAGE, PROT_NONE);
    poison (space, SPACE);
  }
  *ret_bytes = SPACE;
  return space;
}

static char *
dynamic_start ()
{
  size_t bytes;
  char *space = shared_space (&bytes);

  return space + bytes - round_up (dynamic_bytes, 128);
}

void
shared_begin_block (size_t bytes)
{
  for (const auto &variable : variables)
    poison (variable.first->memory, variable.second);
  poison (dynamic_start (), round_up (dynamic_bytes, 128));
  variables.clear ();
  used_bytes = bytes_of_variables = 0;
  dynamic_bytes = bytes;
  shadow_shared_clear ();
  if (bytes > 0) {
    unpoison (dynamic_start (), round_up (bytes, 128));
    memset (dynamic_start (), 0xff, round_up (bytes, 128));
    poison (dynamic_start () + bytes, round_up (bytes, 128) - bytes);
    shadow_shared (dynamic_start (), bytes);
  }
}

void *
dynamic_shared ()
{
  if (dynamic_bytes == 0)
    refuse ("the kernel uses dynamic shared memory, but the launch gives it none");
  return dynamic_start ();
}

void *
shared_variable (SharedVariable *variable, size_t bytes, size_t alignment)
{
  const Unwatched unwatched;

  if (variable->block == current_block.serial)
    return variable->memory;

  size_t space_bytes;
  char *space = shared_space (&space_bytes);
  const size_t at = round_up (used_bytes + GAP, std::max (alignment, size_t (GAP)));

  if (bytes_of_variables + bytes > STATIC_SHARED_LIMIT ||
      bytes_of_variables + bytes + dynamic_bytes > shared_limit (current_block.kernel->function))
    refuse ("%s at %s:%d: a block of this kernel has %zu bytes of shared memory, and this is more",
            variable->name, variable->site.file, variable->site.line,
            dynamic_bytes == 0 ? size_t (STATIC_SHARED_LIMIT)
                               : shared_limit (current_block.kernel->function));
  bytes_of_variables += bytes;
  variable->block = current_block.serial;
  variable->memory = space + at;
  used_bytes = at + bytes;
  unpoison (space + at, bytes + GAP);
  memset (space + at, 0xff, bytes + GAP);
  poison (space + at + bytes, GAP);
  shadow_shared (space + at, bytes);
  variables.push_back ({ variable, bytes });
  return space + at;
}

bool
shared_holds (const void *address)
{
  size_t bytes;
  const char *space = shared_space (&bytes), *at = static_cast<const char *> (address);

  return at >= space && at < space + bytes;
}

std::string
shared_describe (const char *address)
{
  size_t space_bytes;
  const char *space = shared_space (&space_bytes);
  char text[256];
  const char *name = "dynamic shared memory";
  ptrdiff_t at = address - dynamic_start ();
  size_t bytes = dynamic_bytes;

  if (address < space - PAGE || address >= space + space_bytes + PAGE)
    return "";
  for (const auto &variable : variables)
    if (address >= variable.first->memory - GAP / 2 &&
        address < variable.first->memory + variable.second + GAP / 2) {
      name = variable.first->name;
      at = address - variable.first->memory;
      bytes = variable.second;
    }
  snprintf (text, sizeof text, "byte %td of %s, which has %zu, in shared memory", at, name, bytes);
  return text;
}

} // namespace lw_emulation
