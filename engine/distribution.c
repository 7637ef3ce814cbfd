#include "engine/distribution.h"

#include <math.h>
#include <string.h>

#define LEAST_REACH 0x1p-100f /* below, 1 / reach is near what a float can hold */
#define MOST        0x1p126f  /* beyond, twice the axis is no float */
#define PART        1024      /* values that stay in the cache between the passes over them */
#define LANES       8         /* sums that do not wait for each other */

/* --- reading ---------------------------------------------------------------------------------- */

double
lw_distribution_rms (const LwDistribution *d)
{
  return hypot ((double)d->mean, (double)d->deviation);
}

static double
bin_edge (const LwDistribution *d, int bin)
{
  return (double)d->low + ((double)d->high - (double)d->low) * bin / LW_DISTRIBUTION_BINS;
}

double
lw_distribution_share (const LwDistribution *d, double from, double to)
{
  const double width = ((double)d->high - (double)d->low) / LW_DISTRIBUTION_BINS;
  const int64_t finite = d->count - d->not_finite;
  double sum = 0;

  if (finite <= 0 || !(width > 0))
    return 0;
  for (int i = 0; i < LW_DISTRIBUTION_BINS; i++) {
    const double left = bin_edge (d, i);

    sum += d->bins[i] * CLAMP ((MIN (to, left + width) - MAX (from, left)) / width, 0.0, 1.0);
  }
  return sum / (double)finite;
}

double
lw_distribution_reach (const LwDistribution *d, double outside)
{
  const double allowed = outside * (double)(d->count - d->not_finite);
  double seen = 0;
  int first = 0, last = LW_DISTRIBUTION_BINS - 1;

  /* Takes off the outermost bin again and again. */
  while (first <= last) {
    const bool left = fabs (bin_edge (d, first)) > fabs (bin_edge (d, last + 1));

    seen += d->bins[left ? first : last];
    if (seen > allowed)
      break;
    if (left)
      first++;
    else
      last--;
  }
  return first > last ? 0 : MAX (fabs (bin_edge (d, first)), fabs (bin_edge (d, last + 1)));
}

bool
lw_distribution_is_sound (const LwDistribution *d)
{
  int64_t sum = d->not_finite;

  if (d->count < 0 || d->not_finite < 0 || d->not_finite > d->count || d->flat < 0 ||
      d->flat > d->count || d->units < 0 || d->dead < 0 || d->dead > d->units)
    return false;
  for (int i = 0; i < LW_DISTRIBUTION_BINS; i++)
    sum += d->bins[i];
  if (sum != d->count)
    return false;
  return d->count == d->not_finite ||
         (isfinite (d->low) && isfinite (d->high) && d->low < d->high && d->min <= d->max &&
          d->min >= d->low && d->max <= d->high && isfinite (d->mean) && isfinite (d->deviation) &&
          d->deviation >= 0);
}

/* --- the tally -------------------------------------------------------------------------------- */

void
lw_tally_begin (LwTally *tally, LwOp op)
{
  memset (tally, 0, sizeof *tally);
  tally->op = op;
  tally->min = INFINITY;
  tally->max = -INFINITY;
  tally->reach = op == LW_OP_SIGMOID || op == LW_OP_TANH ? 1 : LEAST_REACH;
}

/* Twice the axis: each pair of bins becomes one. The value at the end comes into the bin that
 * begins there. */
static void
widen (LwTally *tally)
{
  uint32_t *fine = tally->fine;
  uint32_t half[LW_TALLY_BINS / 2 + 1] = { 0 };

  for (int i = 0; i <= LW_TALLY_BINS; i++)
    half[i / 2] += fine[i];
  memset (fine, 0, sizeof tally->fine);
  memcpy (fine + LW_TALLY_BINS / 4, half, sizeof half);
  tally->reach *= 2;
}

static void
reach_out (LwTally *tally, float largest)
{
  int exponent;

  if (largest <= tally->reach)
    return;
  if (tally->count == tally->not_finite) { /* no bin has a value yet */
    const float fraction = frexpf (largest, &exponent);

    tally->reach = ldexpf (1, fraction > 0.5f ? exponent : exponent - 1);
    return;
  }
  while (largest > tally->reach)
    widen (tally);
}

/* Of finite values; adds their sums. Inlined for a whole part, whose loops are unrolled. */
static inline void
add_sums (LwTally *tally, const float *values, int n)
{
  double sum[LANES] = { 0 }, squares[LANES] = { 0 };
  float min[LANES], max[LANES];
  int first;

  for (int i = 0; i < LANES; i++) {
    min[i] = tally->min;
    max[i] = tally->max;
  }
  for (first = 0; first + LANES <= n; first += LANES)
    for (int i = 0; i < LANES; i++) {
      const float value = values[first + i];

      sum[i] += (double)value;
      squares[i] += (double)value * (double)value;
      min[i] = value < min[i] ? value : min[i];
      max[i] = value > max[i] ? value : max[i];
    }
  for (; first < n; first++) {
    sum[0] += (double)values[first];
    squares[0] += (double)values[first] * (double)values[first];
    min[0] = MIN (min[0], values[first]);
    max[0] = MAX (max[0], values[first]);
  }
  for (int i = 0; i < LANES; i++) {
    tally->sum += sum[i];
    tally->squares += squares[i];
    tally->min = MIN (tally->min, min[i]);
    tally->max = MAX (tally->max, max[i]);
  }
}

static int64_t
count_flat (LwOp op, const float *values, int n)
{
  int flat = 0;

  if (op == LW_OP_SIGMOID)
    for (int i = 0; i < n; i++)
      flat += (values[i] < 0.05f) | (values[i] > 0.95f);
  else if (op == LW_OP_TANH)
    for (int i = 0; i < n; i++)
      flat += fabsf (values[i]) > 0.9f;
  else if (op == LW_OP_RELU)
    for (int i = 0; i < n; i++)
      flat += values[i] == 0;
  return flat;
}

static inline void
add_bins (LwTally *tally, const float *values, int n)
{
  const float scale = LW_TALLY_BINS / 2 / tally->reach; /* a power of two: products are exact */
  int32_t places[PART];

  for (int i = 0; i < n; i++) {
    const float place = values[i] * scale;
    const int32_t whole = (int32_t)place;

    places[i] = whole - (place < (float)whole) + LW_TALLY_BINS / 2;
  }
  for (int i = 0; i < n; i++)
    tally->fine[places[i]]++;
}

static void
add_finite (LwTally *tally, const float *values, int n)
{
  if (n < 1)
    return;
  if (n == PART)
    add_sums (tally, values, PART);
  else
    add_sums (tally, values, n);
  reach_out (tally, fmaxf (fabsf (tally->min), fabsf (tally->max)));
  if (n == PART)
    add_bins (tally, values, PART);
  else
    add_bins (tally, values, n);
  tally->flat += count_flat (tally->op, values, n);
  tally->count += n;
}

/* Floats without their sign are ordered as their bits are; NaN is above all. */
static inline bool
all_finite (const float *values, int n)
{
  const float most = MOST;
  uint32_t largest = 0, end;

  memcpy (&end, &most, sizeof end);
  for (int i = 0; i < n; i++) {
    uint32_t bits;

    memcpy (&bits, &values[i], sizeof bits);
    bits &= 0x7fffffff;
    largest = bits > largest ? bits : largest;
  }
  return largest <= end;
}

void
lw_tally_add (LwTally *tally, const float *values, int64_t n)
{
  for (int64_t first = 0; first < n; first += PART) {
    const int part = (int)MIN (n - first, PART);
    float finite[PART];
    int kept = 0;

    if (part == PART ? all_finite (values + first, PART) : all_finite (values + first, part)) {
      add_finite (tally, values + first, part);
      continue;
    }
    for (int i = 0; i < part; i++)
      if (fabsf (values[first + i]) <= MOST)
        finite[kept++] = values[first + i];
    tally->not_finite += part - kept;
    tally->count += part - kept;
    add_finite (tally, finite, kept);
  }
}

void
lw_tally_end (const LwTally *tally, LwDistribution *d)
{
  const int64_t finite = tally->count - tally->not_finite;
  float largest;
  int eighths, step, from;
  bool negative;

  memset (d, 0, sizeof *d);
  d->count = tally->count;
  d->not_finite = tally->not_finite;
  d->flat = tally->flat;
  d->high = 1;
  if (finite == 0)
    return;
  d->min = tally->min;
  d->max = tally->max;
  d->mean = (float)(tally->sum / (double)finite);
  d->deviation = (float)sqrt (fmax (tally->squares / (double)finite -
                                        tally->sum / (double)finite * (tally->sum / (double)finite),
                                    0));
  largest = fmaxf (fabsf (d->min), fabsf (d->max));
  if (largest == 0 && tally->op != LW_OP_SIGMOID && tally->op != LW_OP_TANH) {
    d->bins[0] = (uint32_t)finite;
    return;
  }
  eighths = tally->op == LW_OP_SIGMOID || tally->op == LW_OP_TANH
                ? (largest > 1 ? (int)ceilf (largest / tally->reach * 8) : 8)
                : MAX (1, (int)ceilf (largest / tally->reach * 8));
  negative = d->min < 0;
  d->high = tally->reach * (float)eighths / 8;
  d->low = negative ? -d->high : 0;
  /* A bin is so many fine ones. */
  step = negative ? 2 * eighths : eighths;
  step = step * (LW_TALLY_BINS / 16) / LW_DISTRIBUTION_BINS;
  from = LW_TALLY_BINS / 2 + (negative ? -(LW_TALLY_BINS / 16) * eighths : 0);
  for (int i = MAX (from, 0); i <= LW_TALLY_BINS; i++)
    d->bins[MIN ((i - from) / step, LW_DISTRIBUTION_BINS - 1)] += tally->fine[i];
}

/* --- units ------------------------------------------------------------------------------------ */

void
lw_units_add (const float *values, int32_t n, int32_t units, int64_t places, float *lows,
              float *highs)
{
  for (int32_t image = 0; image < n; image++)
    for (int32_t unit = 0; unit < units; unit++, values += places) {
      float low = lows[unit], high = highs[unit];

      for (int64_t i = 0; i < places; i++) {
        low = values[i] < low ? values[i] : low;
        high = values[i] > high ? values[i] : high;
      }
      lows[unit] = low;
      highs[unit] = high;
    }
}

int32_t
lw_units_dead (LwOp op, int32_t units, const float *lows, const float *highs)
{
  int32_t dead = 0;

  for (int32_t i = 0; i < units; i++)
    dead += op == LW_OP_RELU ? highs[i] == 0 : highs[i] - lows[i] <= 1e-4f;
  return dead;
}
