/* How near a layer comes to what its device can do (Williams, Waterman, Patterson, "Roofline: an
 * insightful visual performance model for multicore architectures", CACM 2009):
 *
 *   shortest time = max (operations / peak, bytes / bandwidth)
 *
 * What is larger is the layer's limit. Both count what the operation's definition needs, so a share
 * can be above 1: an algorithm may multiply less (Winograd), and data may still be in a cache. A
 * layer may also be computed along with another; then there is no share. Pure functions. */
#pragma once

#include "engine/backend.h"

G_BEGIN_DECLS

/* Of one direction of a layer, for a batch. */
typedef struct {
  double flops; /* 2 × MACs forward; backward as many for each of the two gradients that is wanted.
                   0: neither convolution nor linear */
  double bytes; /* of numbers that must at least be read and written */
} LwWork;

/* `precision`: how its values are stored. */
LwWork lw_step_work (const LwStep *step, bool backward, LwPrecision precision);

typedef struct {
  double arithmetic_s,
      memory_s;  /* the shortest times; 0: nothing to do, or the peak is not known */
  double share;  /* of the larger one in the measured time; NaN: not known */
  bool together; /* nobody computes so much in that time: another layer's time holds some of it */
} LwRoofline;

/* Times below a microsecond are too short for a clock: then there is no share. */
LwRoofline lw_roofline (LwWork work, LwPeaks peaks, double seconds);

G_END_DECLS
