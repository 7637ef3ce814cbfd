/* Atomic operations: here, and not in device.hpp, because a compiler would call its sanitizer's. */
#include "tests/device/emulation/internal.hpp"

namespace lw_emulation {

template <class T>
static T
atomic (T *at, T value, T compared, Atomic what)
{
  if (lw_emulation_checks_accesses ())
    shadow_access (at, sizeof *at, Kind::ATOMIC);

  const T old = *at;

  switch (what) {
  case Atomic::ADD:
    *at = old + value;
    break;
  case Atomic::MIN:
    *at = std::min (old, value);
    break;
  case Atomic::MAX:
    *at = std::max (old, value);
    break;
  case Atomic::EXCHANGE:
    *at = value;
    break;
  case Atomic::COMPARE:
    *at = old == compared ? value : old;
    break;
  }
  return old;
}

float
atomic_float (float *at, float value, Atomic what)
{
  return atomic (at, value, 0.0f, what);
}

int
atomic_int (int *at, int value, int compared, Atomic what)
{
  return atomic (at, value, compared, what);
}

unsigned
atomic_unsigned (unsigned *at, unsigned value, unsigned compared, Atomic what)
{
  return atomic (at, value, compared, what);
}

} // namespace lw_emulation
