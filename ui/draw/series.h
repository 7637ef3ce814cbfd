/* LwSeries: a curve that grows, such as the training loss: x and y as doubles, NaN in y is a gap.
 * x never falls, so that a place is found by bisection, and extremes of y come from an LwPyramid:
 * a chart of ten million points reads a few numbers a pixel column.
 *
 * LwSmoothing follows a series with a debiased exponential average, reading only what is new.
 *
 * Not thread-safe: the thread that paints also appends. Memory: 17 bytes a point. */
#pragma once

#include "ui/draw/pyramid.h"

G_BEGIN_DECLS

typedef struct LwSeries LwSeries;

LwSeries *lw_series_new (void);
void lw_series_free (LwSeries *series);
void lw_series_clear (LwSeries *series);
/* False, and nothing is kept, when x is not finite or below the last x. */
bool lw_series_append (LwSeries *series, double x, double y);
size_t lw_series_length (const LwSeries *series);
/* Arrays of lw_series_length numbers, valid until the next append. */
const double *lw_series_x (const LwSeries *series);
const double *lw_series_y (const LwSeries *series);
/* Unique among all series, and new after each lw_series_clear: who has read part of a series of
 * another generation must start anew. */
guint lw_series_generation (const LwSeries *series);

/* The first index whose x is ≥ `x` (or > `x`); the length when there is none. */
size_t lw_series_lower_bound (const LwSeries *series, double x);
size_t lw_series_upper_bound (const LwSeries *series, double x);
/* Extremes of y over indices, and over x in [x_min, x_max]. */
LwExtremes lw_series_extremes (const LwSeries *series, size_t begin, size_t end);
LwExtremes lw_series_extremes_in (const LwSeries *series, double x_min, double x_max);
/* Finite y that are < `low` or > `high`, over x in [x_min, x_max]. */
size_t lw_series_count_outside (const LwSeries *series, double x_min, double x_max, double low,
                                double high);
/* The lowest finite y > `bound` over x in [x_min, x_max]; NaN when there is none. */
double lw_series_lowest_above (const LwSeries *series, double x_min, double x_max, double bound);

typedef enum {
  LW_AT_NEAREST,     /* the point whose x is nearest; of equals the earlier */
  LW_AT_LAST_BEFORE, /* the last point with x ≤ the place: test results */
} LwSeriesAt;

/* The point to read out at `x`. False when there is none. */
bool lw_series_at_x (const LwSeries *series, double x, LwSeriesAt how, size_t *ret_index);

/* s(t) = w · s(t−1) + (1 − w) · y(t) from s(0) = 0, divided by 1 − w^t: without the division the
 * curve would start near 0 (Kingma and Ba, "Adam", section 3). t counts finite y only; a NaN stays
 * a NaN at its place and leaves s as it is. */
typedef struct LwSmoothing LwSmoothing;

/* `weight` w in [0, 0.999], clamped; 0: no smoothing. */
LwSmoothing *lw_smoothing_new (double weight);
void lw_smoothing_free (LwSmoothing *smoothing);
void lw_smoothing_set_weight (LwSmoothing *smoothing, double weight);
double lw_smoothing_weight (const LwSmoothing *smoothing);
/* Takes in what `raw` has gained and returns the smoothed series, or `raw` itself at weight 0. It
 * belongs to `smoothing`. A cleared or another `raw`, and a new weight, start anew. */
const LwSeries *lw_smoothing_update (LwSmoothing *smoothing, const LwSeries *raw);
/* The same for at most `most` new points, so that no frame waits for millions of them; the series
 * then ends earlier than `raw`, and another call goes on. */
const LwSeries *lw_smoothing_update_some (LwSmoothing *smoothing, const LwSeries *raw, size_t most);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwSeries, lw_series_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwSmoothing, lw_smoothing_free)
G_END_DECLS
