/* LwRunsCurves: loss and accuracy of the ticked runs, each in its colour, repeated seeds as a mean
 * in a band on request; a colour chosen in the legend is stored with the run. Main thread. */
#pragma once

#include "ui/chart-view.h"
#include "ui/run-ticks.h"

G_BEGIN_DECLS

#define LW_TYPE_RUNS_CURVES (lw_runs_curves_get_type ())
G_DECLARE_FINAL_TYPE (LwRunsCurves, lw_runs_curves, LW, RUNS_CURVES, GtkWidget)

GtkWidget *lw_runs_curves_new (LwRunTicks *ticks);
/* Names of each run, in the legend. */
void lw_runs_curves_set_runs (LwRunsCurves *self, const GPtrArray *runs, char *const *names);
LwChartView *lw_runs_curves_charts (LwRunsCurves *self);
/* Leaves smoothing out where there is little room. */
void lw_runs_curves_set_compact (LwRunsCurves *self, bool compact);

G_END_DECLS
