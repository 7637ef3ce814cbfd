/* Many numbers are added up in a ring (Patarasuk and Yuan, "Bandwidth optimal all-reduce algorithms
 * for clusters of workstations", JPDC 2009): they are cut into as many chunks as there are
 * processes. Chunk c starts at process c and goes once around; each process adds its own and passes
 * it on, and the last one has the sum (reduce-scatter). The sums go around once more (all-gather).
 * Each process sends 2 (P − 1) / P of its numbers, whatever P is. A chunk is added up in one order,
 * by one process at a time, and then copied: all have the same bits.
 *
 * Few numbers go by recursive doubling (Thakur, Rabenseifner and Gropp, "Optimization of collective
 * communication operations in MPICH", 2005): log₂ P exchanges with the process whose number differs
 * in one bit. What two processes make of two values must not depend on whose is whose; then all
 * have the same bits here too. The processes beyond the largest power of two give theirs to another
 * one first and are told the result. */
#include "distributed/rings.h"

#include "engine/i18n.h"

#include <string.h>

/* Up to so many float32 are few: a message's delay counts more than its length then. */
#define FEW 2048

void
lw_scratch_clear (LwScratch *scratch)
{
  g_free (scratch->memory);
  *scratch = (LwScratch){ 0 };
}

static void *
take (LwScratch *scratch, int64_t bytes, GError **error)
{
  if (scratch->bytes < bytes) {
    lw_scratch_clear (scratch);
    scratch->memory = g_try_malloc ((gsize)bytes);
    scratch->bytes = scratch->memory != NULL ? bytes : 0;
  }
  if (scratch->memory == NULL)
    g_set_error (error, LW_ERROR, LW_ERROR_MEMORY,
                 _ ("There is no memory left to exchange gradients with the other processes."));
  return scratch->memory;
}

/* --- recursive doubling ----------------------------------------------------------------------- */

/* One channel of LW_REDUCE_MOMENTS; the same for a, b as for b, a. */
static void
merge_moments (double count_a, double count_b, double *mean, double *squares, double mean_b,
               double squares_b)
{
  const double difference = *mean - mean_b, count = count_a + count_b;

  *squares = (*squares + squares_b) + difference * difference * (count_a * count_b / count);
  *mean = (*mean * count_a + mean_b * count_b) / count;
}

static void
combine (double *own, const double *other, int64_t n, LwReduction reduction)
{
  const int64_t channels = (n - 1) / 2;

  switch (reduction) {
  case LW_REDUCE_SUM:
    for (int64_t i = 0; i < n; i++)
      own[i] += other[i];
    return;
  case LW_REDUCE_MIN:
    for (int64_t i = 0; i < n; i++)
      own[i] = MIN (own[i], other[i]);
    return;
  case LW_REDUCE_MAX:
    for (int64_t i = 0; i < n; i++)
      own[i] = MAX (own[i], other[i]);
    return;
  case LW_REDUCE_MOMENTS:
    if (other[0] <= 0)
      return;
    if (own[0] <= 0) {
      memcpy (own, other, sizeof *own * (size_t)n);
      return;
    }
    for (int64_t i = 1; i <= channels; i++)
      merge_moments (own[0], other[0], &own[i], &own[channels + i], other[i], other[channels + i]);
    own[0] += other[0];
    return;
  }
}

bool
lw_rings_reduce (LwLink *link, double *values, int64_t n, LwReduction reduction, LwScratch *scratch,
                 GError **error)
{
  const int64_t bytes = (int64_t)sizeof *values * n;
  const int32_t rank = link->rank;
  int32_t power = 1;
  double *other;

  if (link->size == 1 || n == 0)
    return true;
  other = take (scratch, bytes, error);
  if (other == NULL)
    return false;
  while (2 * power <= link->size)
    power *= 2;
  if (rank >= power)
    return lw_link_exchange (link, rank - power, values, bytes, -1, NULL, 0, error) &&
           lw_link_exchange (link, -1, NULL, 0, rank - power, values, bytes, error);
  if (rank + power < link->size) {
    if (!lw_link_exchange (link, -1, NULL, 0, rank + power, other, bytes, error))
      return false;
    combine (values, other, n, reduction);
  }
  for (int32_t bit = 1; bit < power; bit *= 2) {
    if (!lw_link_exchange (link, rank ^ bit, values, bytes, rank ^ bit, other, bytes, error))
      return false;
    combine (values, other, n, reduction);
  }
  return rank + power >= link->size ||
         lw_link_exchange (link, rank + power, values, bytes, -1, NULL, 0, error);
}

static bool
sum_few (LwLink *link, float *values, int64_t n, LwScratch *scratch, GError **error)
{
  double sums[FEW];

  for (int64_t i = 0; i < n; i++)
    sums[i] = (double)values[i];
  if (!lw_rings_reduce (link, sums, n, LW_REDUCE_SUM, scratch, error))
    return false;
  for (int64_t i = 0; i < n; i++)
    values[i] = (float)sums[i];
  return true;
}

/* --- rings ------------------------------------------------------------------------------------ */

typedef struct {
  float *values;
  int64_t n;
} Chunk;

static Chunk
chunk_of (const LwLink *link, float *values, int64_t n, int32_t number)
{
  const int64_t size = link->size, c = ((number % size) + size) % size;
  const int64_t first = n * c / size;

  return (Chunk){ values + first, n * (c + 1) / size - first };
}

static void
add (float *restrict to, const float *restrict from, int64_t n)
{
  for (int64_t i = 0; i < n; i++)
    to[i] += from[i];
}

bool
lw_rings_sum (LwLink *link, float *values, int64_t n, LwScratch *scratch, GError **error)
{
  const int32_t size = link->size, rank = link->rank;
  const int32_t next = (rank + 1) % size, before = (rank + size - 1) % size;
  const int64_t number = sizeof *values;
  float *arrived;

  if (size == 1)
    return true;
  if (n <= FEW)
    return sum_few (link, values, n, scratch, error);
  arrived = take (scratch, number * (n / size + 1), error);
  if (arrived == NULL)
    return false;
  for (int32_t i = 0; i < size - 1; i++) {
    const Chunk out = chunk_of (link, values, n, rank - i);
    const Chunk in = chunk_of (link, values, n, rank - i - 1);

    if (!lw_link_exchange (link, next, out.values, number * out.n, before, arrived, number * in.n,
                           error))
      return false;
    add (in.values, arrived, in.n);
  }
  for (int32_t i = 0; i < size - 1; i++) {
    const Chunk out = chunk_of (link, values, n, rank + 1 - i);
    const Chunk in = chunk_of (link, values, n, rank - i);

    if (!lw_link_exchange (link, next, out.values, number * out.n, before, in.values, number * in.n,
                           error))
      return false;
  }
  return true;
}

bool
lw_rings_gather (LwLink *link, const void *own, void *all, int64_t bytes, GError **error)
{
  const int32_t size = link->size, rank = link->rank;
  char *parts = all;

  memcpy (parts + bytes * rank, own, (size_t)bytes);
  for (int32_t i = 0; i < size - 1; i++) {
    const int32_t out = (rank - i + size) % size, in = (rank - i - 1 + size) % size;

    if (!lw_link_exchange (link, (rank + 1) % size, parts + bytes * out, bytes,
                           (rank + size - 1) % size, parts + bytes * in, bytes, error))
      return false;
  }
  return true;
}

/* Process r has the data from r without its lowest bit, and gives it to r + each lower one. */
bool
lw_rings_broadcast (LwLink *link, void *data, int64_t bytes, GError **error)
{
  const int32_t rank = link->rank;
  int32_t bit = 1;

  while (bit < link->size && (rank & bit) == 0)
    bit *= 2;
  if (rank > 0 && !lw_link_exchange (link, -1, NULL, 0, rank - bit, data, bytes, error))
    return false;
  for (bit /= 2; bit > 0; bit /= 2)
    if (rank + bit < link->size &&
        !lw_link_exchange (link, rank + bit, data, bytes, -1, NULL, 0, error))
      return false;
  return true;
}
