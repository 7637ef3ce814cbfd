/* What compilers call where a source is compiled with -fsanitize=bounds,alignment and an index is
 * beyond an array's type or a vector is misaligned. */
#include "tests/device/emulation/internal.hpp"

using namespace lw_emulation;

/* As the runtime of the undefined behaviour sanitizer has them. */
struct SourceLocation {
  const char *file;
  uint32_t line, column;
};

extern "C" {

void
__ubsan_handle_out_of_bounds_abort (const SourceLocation *location, uintptr_t index)
{
  refuse ("%s:%u: index %td is out of the array's bounds", location->file, location->line,
          ptrdiff_t (index));
}

void
__ubsan_handle_type_mismatch_v1_abort (const SourceLocation *location, uintptr_t address)
{
  refuse ("%s:%u: address %#zx is not aligned as its type must be", location->file, location->line,
          size_t (address));
}

} // extern "C"
