/* LwChartEntry: what has one colour in charts of several runs: a run, or a group of runs that
 * differ in their seed alone, of which the mean is drawn with a band from the lowest to the
 * highest. Main thread. */
#pragma once

#include "ui/run-curves.h"

G_BEGIN_DECLS

typedef struct {
  LwRunItem *const *runs; /* at least one; several: a group */
  int n_runs;
  const char *name; /* in legend and table; NULL: the first run's title */
  int series;       /* colour and dash: 0 to 5; beyond they repeat, with other markers */
} LwChartGroup;

typedef struct LwChartEntry LwChartEntry;

/* Copies the description and holds references to the runs. */
LwChartEntry *lw_chart_entry_new (const LwChartGroup *group);
void lw_chart_entry_free (LwChartEntry *entry);
const char *lw_chart_entry_name (const LwChartEntry *entry);
/* As the group is named now. */
void lw_chart_entry_set_name (LwChartEntry *entry, const LwChartGroup *group);
int lw_chart_entry_series (const LwChartEntry *entry);
int lw_chart_entry_n_runs (const LwChartEntry *entry);
LwRunCurves *lw_chart_entry_run (const LwChartEntry *entry, int index);
void lw_chart_entry_set_x (LwChartEntry *entry, LwChartX x);
/* Of the training curves; test results, one an epoch, are never smoothed. */
void lw_chart_entry_set_smoothing (LwChartEntry *entry, double weight);
/* Takes in what is new; false when there is more to take in. */
bool lw_chart_entry_update (LwChartEntry *entry);

/* As the last update left it. `raw`: as measured, the mean of a group; `low`, `high`: NULL for one
 * run. */
typedef struct {
  const LwSeries *raw, *smoothed, *low, *high;
} LwEntryCurve;
LwEntryCurve lw_chart_entry_curve (const LwChartEntry *entry, LwCurve curve);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwChartEntry, lw_chart_entry_free)
G_END_DECLS
