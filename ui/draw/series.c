#include "ui/draw/series.h"

#include <math.h>
#include <stdint.h>
#include <stdatomic.h>
#include <string.h>

/* How many values of a stretch lie outside of a range: while it is panned only what comes and goes
 * is counted. Values never change, so what was counted holds until the series is cleared. */
typedef struct {
  double low, high;
  size_t begin, end, n;
} Counted;

enum { N_COUNTED = 2 /* a chart asks for two ranges: its own and what a log axis can show */ };

struct LwSeries {
  double *x, *y;
  size_t n, capacity;
  guint generation;
  LwPyramid *pyramid; /* of y */
  Counted *counted;   /* [N_COUNTED] */
};

/* Unlike an address, which the next series may get again, never the same twice: who follows a
 * series can tell it from a later one. */
static guint
next_generation (void)
{
  static atomic_uint generations;

  return atomic_fetch_add_explicit (&generations, 1, memory_order_relaxed);
}

LwSeries *
lw_series_new (void)
{
  LwSeries *series = g_new0 (LwSeries, 1);

  series->generation = next_generation ();
  series->pyramid = lw_pyramid_new ();
  series->counted = g_new0 (Counted, N_COUNTED);
  return series;
}

void
lw_series_free (LwSeries *series)
{
  if (series == NULL)
    return;
  lw_pyramid_free (series->pyramid);
  g_free (series->x);
  g_free (series->y);
  g_free (series->counted);
  g_free (series);
}

void
lw_series_clear (LwSeries *series)
{
  lw_pyramid_clear (series->pyramid);
  g_clear_pointer (&series->x, g_free);
  g_clear_pointer (&series->y, g_free);
  series->n = series->capacity = 0;
  memset (series->counted, 0, N_COUNTED * sizeof (Counted));
  series->generation = next_generation ();
}

bool
lw_series_append (LwSeries *series, double x, double y)
{
  if (!isfinite (x) || (series->n > 0 && x < series->x[series->n - 1]))
    return false;
  if (series->n == series->capacity) {
    series->capacity = MAX (64, series->capacity * 2);
    series->x = g_renew (double, series->x, series->capacity);
    series->y = g_renew (double, series->y, series->capacity);
  }
  series->x[series->n] = x;
  series->y[series->n] = y;
  series->n++;
  lw_pyramid_grow (series->pyramid, series->y, series->n);
  return true;
}

size_t
lw_series_length (const LwSeries *series)
{
  return series->n;
}

const double *
lw_series_x (const LwSeries *series)
{
  return series->x;
}

const double *
lw_series_y (const LwSeries *series)
{
  return series->y;
}

guint
lw_series_generation (const LwSeries *series)
{
  return series->generation;
}

size_t
lw_series_lower_bound (const LwSeries *series, double x)
{
  size_t low = 0, high = series->n;

  while (low < high) {
    size_t middle = low + (high - low) / 2;

    if (series->x[middle] < x)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

size_t
lw_series_upper_bound (const LwSeries *series, double x)
{
  size_t low = 0, high = series->n;

  while (low < high) {
    size_t middle = low + (high - low) / 2;

    if (series->x[middle] <= x)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

LwExtremes
lw_series_extremes (const LwSeries *series, size_t begin, size_t end)
{
  return lw_pyramid_query (series->pyramid, series->y, begin, MIN (end, series->n));
}

LwExtremes
lw_series_extremes_in (const LwSeries *series, double x_min, double x_max)
{
  return lw_series_extremes (series, lw_series_lower_bound (series, x_min),
                             lw_series_upper_bound (series, x_max));
}

static size_t
count_anew (const LwSeries *series, size_t begin, size_t end, const Counted *range)
{
  return lw_pyramid_count_outside (series->pyramid, series->y, begin, end, range->low, range->high);
}

/* From what is counted to another stretch, unless that is more work than to begin anew. */
static void
count_on (const LwSeries *series, size_t begin, size_t end, Counted *counted)
{
  const size_t overlap_begin = MAX (begin, counted->begin), overlap_end = MIN (end, counted->end);
  const size_t overlap = overlap_end > overlap_begin ? overlap_end - overlap_begin : 0;
  const size_t differ = (end - begin) + (counted->end - counted->begin) - 2 * overlap;

  if (overlap == 0 || differ >= end - begin) {
    counted->n = count_anew (series, begin, end, counted);
  } else {
    if (counted->begin < begin)
      counted->n -= count_anew (series, counted->begin, begin, counted);
    else
      counted->n += count_anew (series, begin, counted->begin, counted);
    if (counted->end > end)
      counted->n -= count_anew (series, end, counted->end, counted);
    else
      counted->n += count_anew (series, counted->end, end, counted);
  }
  counted->begin = begin;
  counted->end = end;
}

size_t
lw_series_count_outside (const LwSeries *series, double x_min, double x_max, double low,
                         double high)
{
  const size_t begin = lw_series_lower_bound (series, x_min);
  const size_t end = lw_series_upper_bound (series, x_max);
  Counted *counted = series->counted;

  if (end <= begin)
    return 0;
  if (counted[0].low != low || counted[0].high != high) {
    const Counted first = counted[0];

    /* The one asked for last comes first. */
    counted[0] = counted[1].low == low && counted[1].high == high
                     ? counted[1]
                     : (Counted){ .low = low, .high = high };
    counted[1] = first;
  }
  count_on (series, begin, end, &counted[0]);
  return counted[0].n;
}

double
lw_series_lowest_above (const LwSeries *series, double x_min, double x_max, double bound)
{
  return lw_pyramid_lowest_above (series->pyramid, series->y, lw_series_lower_bound (series, x_min),
                                  lw_series_upper_bound (series, x_max), bound);
}

bool
lw_series_at_x (const LwSeries *series, double x, LwSeriesAt how, size_t *ret_index)
{
  size_t after;

  if (series->n == 0 || isnan (x))
    return false;
  after = lw_series_upper_bound (series, x);
  if (how == LW_AT_LAST_BEFORE) {
    *ret_index = after - 1;
    return after > 0;
  }
  if (after == series->n || (after > 0 && x - series->x[after - 1] <= series->x[after] - x))
    after--;
  *ret_index = lw_series_lower_bound (series, series->x[after]);
  return true;
}

struct LwSmoothing {
  double weight;
  double sum;  /* s(t) */
  double mass; /* 1 − w^t */
  LwSeries *smoothed;
  guint generation; /* of the series that is followed */
};

static void
start_anew (LwSmoothing *smoothing)
{
  lw_series_clear (smoothing->smoothed);
  smoothing->sum = smoothing->mass = 0.0;
}

LwSmoothing *
lw_smoothing_new (double weight)
{
  LwSmoothing *smoothing = g_new0 (LwSmoothing, 1);

  smoothing->smoothed = lw_series_new ();
  lw_smoothing_set_weight (smoothing, weight);
  return smoothing;
}

void
lw_smoothing_free (LwSmoothing *smoothing)
{
  if (smoothing == NULL)
    return;
  lw_series_free (smoothing->smoothed);
  g_free (smoothing);
}

void
lw_smoothing_set_weight (LwSmoothing *smoothing, double weight)
{
  weight = isnan (weight) ? 0.0 : CLAMP (weight, 0.0, 0.999);
  if (weight == smoothing->weight)
    return;
  smoothing->weight = weight;
  start_anew (smoothing);
}

double
lw_smoothing_weight (const LwSmoothing *smoothing)
{
  return smoothing->weight;
}

const LwSeries *
lw_smoothing_update (LwSmoothing *smoothing, const LwSeries *raw)
{
  return lw_smoothing_update_some (smoothing, raw, SIZE_MAX);
}

const LwSeries *
lw_smoothing_update_some (LwSmoothing *smoothing, const LwSeries *raw, size_t most)
{
  const double w = smoothing->weight;
  size_t end;

  if (w == 0.0)
    return raw;
  if (lw_series_generation (raw) != smoothing->generation) {
    smoothing->generation = lw_series_generation (raw);
    start_anew (smoothing);
  }
  end = smoothing->smoothed->n + MIN (most, raw->n - smoothing->smoothed->n);
  for (size_t i = smoothing->smoothed->n; i < end; i++) {
    double y = raw->y[i];

    if (isfinite (y)) {
      smoothing->sum = w * smoothing->sum + (1.0 - w) * y;
      smoothing->mass = w * smoothing->mass + (1.0 - w);
      y = smoothing->sum / smoothing->mass;
    }
    lw_series_append (smoothing->smoothed, raw->x[i], y);
  }
  return smoothing->smoothed;
}
