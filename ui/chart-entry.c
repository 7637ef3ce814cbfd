#include "ui/chart-entry.h"

#include "ui/draw/spread.h"

/* Points smoothed at once: some milliseconds. */
#define MOST_POINTS 400000

struct LwChartEntry {
  char *name;
  int series;
  GPtrArray *runs;               /* LwRunCurves */
  LwSpread *spread[LW_N_CURVES]; /* of a group */
  LwSmoothing *smoothing[LW_N_CURVES], *low[LW_N_CURVES], *high[LW_N_CURVES];
  LwEntryCurve curves[LW_N_CURVES];
};

static bool
is_test (LwCurve curve)
{
  return curve == LW_CURVE_TEST_LOSS || curve == LW_CURVE_TEST_ACCURACY;
}

LwChartEntry *
lw_chart_entry_new (const LwChartGroup *group)
{
  LwChartEntry *entry = g_new0 (LwChartEntry, 1);

  g_return_val_if_fail (group->n_runs > 0, NULL);
  lw_chart_entry_set_name (entry, group);
  entry->series = MAX (group->series, 0);
  entry->runs = g_ptr_array_new_with_free_func ((GDestroyNotify)lw_run_curves_free);
  for (int i = 0; i < group->n_runs; i++)
    g_ptr_array_add (entry->runs, lw_run_curves_new (group->runs[i]));
  for (int i = 0; i < LW_N_CURVES; i++) {
    entry->spread[i] = lw_spread_new ();
    entry->smoothing[i] = lw_smoothing_new (0);
    entry->low[i] = lw_smoothing_new (0);
    entry->high[i] = lw_smoothing_new (0);
  }
  return entry;
}

void
lw_chart_entry_free (LwChartEntry *entry)
{
  if (entry == NULL)
    return;
  for (int i = 0; i < LW_N_CURVES; i++) {
    lw_spread_free (entry->spread[i]);
    lw_smoothing_free (entry->smoothing[i]);
    lw_smoothing_free (entry->low[i]);
    lw_smoothing_free (entry->high[i]);
  }
  g_ptr_array_unref (entry->runs);
  g_free (entry->name);
  g_free (entry);
}

void
lw_chart_entry_set_name (LwChartEntry *entry, const LwChartGroup *group)
{
  char *name = g_strdup (group->name != NULL ? group->name : lw_run_item_title (group->runs[0]));

  g_free (entry->name);
  entry->name = name;
}

const char *
lw_chart_entry_name (const LwChartEntry *entry)
{
  return entry->name;
}

int
lw_chart_entry_series (const LwChartEntry *entry)
{
  return entry->series;
}

int
lw_chart_entry_n_runs (const LwChartEntry *entry)
{
  return (int)entry->runs->len;
}

LwRunCurves *
lw_chart_entry_run (const LwChartEntry *entry, int index)
{
  return entry->runs->pdata[index];
}

void
lw_chart_entry_set_x (LwChartEntry *entry, LwChartX x)
{
  for (guint i = 0; i < entry->runs->len; i++)
    lw_run_curves_set_x (entry->runs->pdata[i], x);
}

void
lw_chart_entry_set_smoothing (LwChartEntry *entry, double weight)
{
  for (int i = 0; i < LW_N_CURVES; i++) {
    if (is_test ((LwCurve)i))
      continue;
    lw_smoothing_set_weight (entry->smoothing[i], weight);
    lw_smoothing_set_weight (entry->low[i], weight);
    lw_smoothing_set_weight (entry->high[i], weight);
  }
}

/* A smoothed series, and whether it is up to date with the one it follows. */
static const LwSeries *
smooth (LwSmoothing *smoothing, const LwSeries *raw, bool *done)
{
  const LwSeries *smoothed = lw_smoothing_update_some (smoothing, raw, MOST_POINTS);

  *done = *done && lw_series_length (smoothed) == lw_series_length (raw);
  return smoothed;
}

static void
update_curve (LwChartEntry *entry, LwCurve curve, bool *done)
{
  const guint n = entry->runs->len;
  LwEntryCurve *now = &entry->curves[curve];

  *now = (LwEntryCurve){ 0 };
  if (n == 1) {
    now->raw = lw_run_curves_series (entry->runs->pdata[0], curve);
  } else {
    g_autofree const LwSeries **all = g_new (const LwSeries *, n);

    for (guint i = 0; i < n; i++)
      all[i] = lw_run_curves_series (entry->runs->pdata[i], curve);
    if (!lw_spread_update (entry->spread[curve], all, (int)n, g_get_monotonic_time ()))
      *done = false;
    now->raw = lw_spread_mean (entry->spread[curve]);
    now->low = smooth (entry->low[curve], lw_spread_low (entry->spread[curve]), done);
    now->high = smooth (entry->high[curve], lw_spread_high (entry->spread[curve]), done);
  }
  now->smoothed = smooth (entry->smoothing[curve], now->raw, done);
}

bool
lw_chart_entry_update (LwChartEntry *entry)
{
  bool done = true;

  for (guint i = 0; i < entry->runs->len; i++)
    done = lw_run_curves_update (entry->runs->pdata[i]) && done;
  for (int i = 0; i < LW_N_CURVES; i++)
    update_curve (entry, (LwCurve)i, &done);
  return done;
}

LwEntryCurve
lw_chart_entry_curve (const LwChartEntry *entry, LwCurve curve)
{
  return entry->curves[curve];
}
