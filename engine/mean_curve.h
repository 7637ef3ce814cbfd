/* The spread of curves that belong together, as of runs that differ in their seed alone: at common
 * places x the mean of what they have there, its lowest and highest, and the standard deviation.
 * Pure functions, any thread.
 *
 * Places are those of the curve that reaches farthest; of a curve that has no point just there the
 * value lies on the line between its neighbours. Nothing is made up: a curve counts only between
 * its first and its last point, and not at a gap (NaN, as after a divergence). */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

G_BEGIN_DECLS

typedef struct {
  const double *x; /* does not fall */
  const double *y; /* NaN: a gap */
  size_t n;
} LwSampledCurve;

typedef struct {
  double x, mean, low, high;
  double deviation; /* of the sample, √(Σ (y − mean)² ÷ (n − 1)); 0 for a single curve */
  int n;            /* curves that have a value here, at least 1 */
} LwMeanPoint;

/* Points where at least `least` of the curves have a value; x does not fall. Elements are
 * LwMeanPoint; g_array_unref. Costs one pass over all curves. */
GArray *lw_mean_curve (const LwSampledCurve *curves, int n_curves, int least);

G_END_DECLS
