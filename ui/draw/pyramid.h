/* LwPyramid: extremes of any stretch of a long row of numbers, without reading the stretch.
 *
 * Level 0 has a node for every 16 numbers, each level above one for 16 nodes; a node holds minimum,
 * maximum, sum and count of its finite numbers. A query takes whole nodes in the middle and single
 * numbers or small nodes at the ends: at most 30 reads a level, and no extreme is ever lost,
 * because nothing is sampled. Only complete nodes are stored, so growing costs amortized constant
 * time. NaN and infinities are gaps: no node counts them.
 *
 * The numbers themselves belong to the caller, who passes the same array each time. Not
 * thread-safe; a pyramid that nobody grows may be read from several threads. */
#pragma once

#include <glib.h>
#include <stdbool.h>

G_BEGIN_DECLS

typedef struct {
  double min, max; /* NaN when n is 0 */
  double sum;
  size_t n; /* finite numbers */
} LwExtremes;

typedef struct LwPyramid LwPyramid;

LwPyramid *lw_pyramid_new (void);
void lw_pyramid_free (LwPyramid *pyramid);
void lw_pyramid_clear (LwPyramid *pyramid);
/* Takes in the numbers that have come since the last call; `n` is the new total, never less. */
void lw_pyramid_grow (LwPyramid *pyramid, const double *values, size_t n);

/* Over values[begin … end − 1]; `end` is at most the n of the last lw_pyramid_grow. */
LwExtremes
lw_pyramid_query (const LwPyramid *pyramid, const double *values, size_t begin, size_t end);
/* How many finite numbers of the stretch are < `low` or > `high`. Reads single numbers only where a
 * node straddles a bound. */
size_t lw_pyramid_count_outside (const LwPyramid *pyramid, const double *values, size_t begin,
                                 size_t end, double low, double high);

/* The lowest finite number > `bound` of the stretch; NaN when there is none. For logarithmic axes:
 * the lowest positive one. */
double lw_pyramid_lowest_above (const LwPyramid *pyramid, const double *values, size_t begin,
                                size_t end, double bound);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwPyramid, lw_pyramid_free)
G_END_DECLS
