#include "engine/mean_curve.h"

#include <math.h>

/* The one that reaches farthest; of equals the one with the fewest points: −1: none has any. */
static int
longest (const LwSampledCurve *curves, int n)
{
  int best = -1;

  for (int i = 0; i < n; i++) {
    double end, best_end;

    if (curves[i].n == 0)
      continue;
    end = curves[i].x[curves[i].n - 1];
    best_end = best >= 0 ? curves[best].x[curves[best].n - 1] : -INFINITY;
    if (best < 0 || end > best_end || (end == best_end && curves[i].n < curves[best].n))
      best = i;
  }
  return best;
}

/* A curve's value at x; `at` is the first index that may be ≥ x, and goes on. NaN: it has none. */
static double
value_at (const LwSampledCurve *curve, double x, size_t *at)
{
  double share;
  size_t i;

  while (*at < curve->n && curve->x[*at] < x)
    ++*at;
  i = *at;
  if (i == curve->n)
    return NAN;
  if (curve->x[i] == x)
    return curve->y[i];
  if (i == 0)
    return NAN;
  share = (x - curve->x[i - 1]) / (curve->x[i] - curve->x[i - 1]);
  return curve->y[i - 1] + share * (curve->y[i] - curve->y[i - 1]);
}

/* Mean and deviation in two passes: differences of squares would lose what a loss of 1e-4 has. */
static LwMeanPoint
point_of (double x, const double *values, int n)
{
  LwMeanPoint point = { .x = x, .low = values[0], .high = values[0], .n = n };
  double squares = 0;

  for (int i = 0; i < n; i++) {
    point.mean += values[i] / n;
    point.low = fmin (point.low, values[i]);
    point.high = fmax (point.high, values[i]);
  }
  for (int i = 0; i < n; i++)
    squares += (values[i] - point.mean) * (values[i] - point.mean);
  point.deviation = n > 1 ? sqrt (squares / (n - 1)) : 0;
  return point;
}

GArray *
lw_mean_curve (const LwSampledCurve *curves, int n_curves, int least)
{
  GArray *points = g_array_new (FALSE, FALSE, sizeof (LwMeanPoint));
  g_autofree size_t *at = g_new0 (size_t, (gsize)MAX (n_curves, 1));
  g_autofree double *values = g_new (double, (gsize)MAX (n_curves, 1));
  const int guide = longest (curves, n_curves);

  for (size_t k = 0; guide >= 0 && k < curves[guide].n; k++) {
    const double x = curves[guide].x[k];
    int n = 0;

    for (int i = 0; i < n_curves; i++) {
      const double y = i == guide ? curves[i].y[k] : value_at (&curves[i], x, &at[i]);

      if (isfinite (y))
        values[n++] = y;
    }
    if (n >= MAX (least, 1)) {
      const LwMeanPoint point = point_of (x, values, n);

      g_array_append_val (points, point);
    }
  }
  return points;
}
