#include "ui/draw/spread.h"

#include <math.h>

struct LwSpread {
  LwSeries *mean, *low, *high;
  guint *generations; /* of the curves that were taken in */
  size_t *lengths;
  int n;
  gint64 ready_us; /* not anew before */
};

LwSpread *
lw_spread_new (void)
{
  LwSpread *spread = g_new0 (LwSpread, 1);

  spread->mean = lw_series_new ();
  spread->low = lw_series_new ();
  spread->high = lw_series_new ();
  return spread;
}

void
lw_spread_free (LwSpread *spread)
{
  if (spread == NULL)
    return;
  lw_series_free (spread->mean);
  lw_series_free (spread->low);
  lw_series_free (spread->high);
  g_free (spread->generations);
  g_free (spread->lengths);
  g_free (spread);
}

const LwSeries *
lw_spread_mean (const LwSpread *spread)
{
  return spread->mean;
}

const LwSeries *
lw_spread_low (const LwSpread *spread)
{
  return spread->low;
}

const LwSeries *
lw_spread_high (const LwSpread *spread)
{
  return spread->high;
}

static void
add_index (LwSpread *spread, const LwSeries *const *curves, int n, size_t index)
{
  double x = 0, sum = 0, low = NAN, high = NAN;
  int n_x = 0, n_y = 0;
  const size_t before = lw_series_length (spread->mean);

  for (int i = 0; i < n; i++) {
    double y;

    if (index >= lw_series_length (curves[i]))
      continue;
    x += lw_series_x (curves[i])[index];
    n_x++;
    y = lw_series_y (curves[i])[index];
    if (!isfinite (y))
      continue;
    sum += y;
    n_y++;
    low = fmin (low, y);
    high = fmax (high, y);
  }
  if (n_x == 0)
    return;
  x /= n_x;
  /* When a slower curve ends the mean time of the others may lie earlier. */
  if (before > 0)
    x = fmax (x, lw_series_x (spread->mean)[before - 1]);
  lw_series_append (spread->mean, x, n_y > 0 ? sum / n_y : NAN);
  lw_series_append (spread->low, x, low);
  lw_series_append (spread->high, x, high);
}

/* Whether the curves are those taken in before, and nothing was added below the end of the spread.
 */
static bool
goes_on (const LwSpread *spread, const LwSeries *const *curves, int n)
{
  const size_t done = lw_series_length (spread->mean);

  if (spread->n != n)
    return false;
  for (int i = 0; i < n; i++) {
    if (lw_series_generation (curves[i]) != spread->generations[i])
      return false;
    if (lw_series_length (curves[i]) != spread->lengths[i] && spread->lengths[i] < done)
      return false;
  }
  return true;
}

static bool
same_curves (const LwSpread *spread, const LwSeries *const *curves, int n)
{
  for (int i = 0; i < n && spread->n == n; i++) {
    if (lw_series_generation (curves[i]) != spread->generations[i])
      return false;
  }
  return spread->n == n;
}

bool
lw_spread_update (LwSpread *spread, const LwSeries *const *curves, int n, gint64 now_us)
{
  const gint64 begin = g_get_monotonic_time ();
  size_t length = 0;
  bool anew = !goes_on (spread, curves, n);

  if (anew && same_curves (spread, curves, n) && now_us < spread->ready_us)
    return false;
  if (anew) {
    lw_series_clear (spread->mean);
    lw_series_clear (spread->low);
    lw_series_clear (spread->high);
  }
  for (int i = 0; i < n; i++)
    length = MAX (length, lw_series_length (curves[i]));
  for (size_t i = lw_series_length (spread->mean); i < length; i++)
    add_index (spread, curves, n, i);
  spread->generations = g_renew (guint, spread->generations, MAX (n, 1));
  spread->lengths = g_renew (size_t, spread->lengths, MAX (n, 1));
  spread->n = n;
  for (int i = 0; i < n; i++) {
    spread->generations[i] = lw_series_generation (curves[i]);
    spread->lengths[i] = lw_series_length (curves[i]);
  }
  if (anew)
    spread->ready_us = now_us + 20 * (g_get_monotonic_time () - begin);
  return true;
}
