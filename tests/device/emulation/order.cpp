/* Orders of execution where CUDA promises none. */
#include "tests/device/emulation/internal.hpp"

namespace lw_emulation {

static LwOrder chosen = LW_ORDER_FORWARD;
static uint64_t random_state = 88172645463325252u;

LwOrder
order ()
{
  return chosen;
}

/* xorshift64 (Marsaglia, "Xorshift RNGs", Journal of Statistical Software 2003). */
uint64_t
random_number ()
{
  random_state ^= random_state << 13;
  random_state ^= random_state >> 7;
  random_state ^= random_state << 17;
  return random_state;
}

size_t
choose (size_t n)
{
  return chosen == LW_ORDER_FORWARD   ? 0
         : chosen == LW_ORDER_REVERSE ? n - 1
                                      : size_t (random_number () % n);
}

std::vector<size_t>
sequence (size_t n)
{
  std::vector<size_t> numbers (n);

  for (size_t i = 0; i < n; i++)
    numbers[i] = chosen == LW_ORDER_REVERSE ? n - 1 - i : i;
  for (size_t i = n; chosen == LW_ORDER_RANDOM && i > 1; i--)
    std::swap (numbers[i - 1], numbers[random_number () % i]);
  return numbers;
}

} // namespace lw_emulation

void
lw_emulation_set_order (LwOrder order, uint64_t seed)
{
  lw_emulation::chosen = order;
  lw_emulation::random_state = seed * 2654435769u + 1;
}
