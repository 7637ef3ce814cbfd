/* Sums and copies over all processes of a link, as engine/collective.h has them. All processes call
 * the same with the same sizes. Private to this folder and its tests. */
#pragma once

#include "distributed/link.h"
#include "engine/collective.h"

G_BEGIN_DECLS

/* Memory that grows to what was needed at most; all zero at first, freed with lw_scratch_clear. */
typedef struct {
  void *memory;
  int64_t bytes;
} LwScratch;
void lw_scratch_clear (LwScratch *scratch);

/* values [n] ← Σ over the processes: by a ring where they are many. */
bool lw_rings_sum (LwLink *link, float *values, int64_t n, LwScratch *scratch, GError **error);
bool lw_rings_reduce (LwLink *link, double *values, int64_t n, LwReduction reduction,
                      LwScratch *scratch, GError **error);
bool lw_rings_broadcast (LwLink *link, void *data, int64_t bytes, GError **error);
bool lw_rings_gather (LwLink *link, const void *own, void *all, int64_t bytes, GError **error);

G_END_DECLS
