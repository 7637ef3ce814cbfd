/* Fisher and Yates's shuffle (Durstenfeld, Communications of the ACM 7, 1964): for i from n − 1
 * down to 1, swap elements i and j, where j is the i-th number of the stream scaled to [0, i]. */
#include "engine/data/loader.h"
#include "engine/rng.h"

void
lw_shuffled_order (uint64_t seed, int64_t epoch, int32_t n, int32_t *ret_order)
{
  const LwStream stream = lw_stream (seed, LW_STREAM_SHUFFLE, (uint32_t)epoch, 0);

  for (int32_t i = 0; i < n; i++)
    ret_order[i] = i;
  for (int32_t i = n - 1; i > 0; i--) {
    /* ⌊bits · (i + 1) / 2³²⌋: uneven by less than n / 2³², a thousandth of a percent at 40,000 */
    const uint64_t bits = lw_stream_bits (&stream, (uint64_t)(n - 1 - i));
    const int32_t j = (int32_t)(bits * ((uint64_t)i + 1) >> 32);
    const int32_t swapped = ret_order[i];

    ret_order[i] = ret_order[j];
    ret_order[j] = swapped;
  }
}
