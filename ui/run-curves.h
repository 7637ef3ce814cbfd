/* LwRunCurves: the curves of one run over a chosen x axis, smoothed on request. By epoch they are
 * the run item's own series; else they are read anew from its log, a part each frame, so that no
 * frame waits for a long run. Main thread. */
#pragma once

#include "ui/run-item.h"

G_BEGIN_DECLS

typedef enum {
  LW_X_EPOCH,
  LW_X_STEP,     /* optimizer steps, iterations */
  LW_X_TIME,     /* seconds in steps: without tests and pauses */
  LW_X_EXAMPLES, /* steps × batch size */
  LW_X_MACS, /* 3 × forward MACs of an example × examples: a backward pass takes about twice as
                many as a forward pass, for the inputs' and the weights' gradients */
  LW_N_X
} LwChartX;

/* Under the axis and as a choice: "iteration", "Iteration". */
const char *lw_chart_x_name (LwChartX x);
const char *lw_chart_x_title (LwChartX x);

/* Where an event lies on an axis; `step`: what one step counts in examples or MACs. Any thread. */
double lw_chart_x_place (LwChartX x, double step, const LwEvent *event);

typedef struct LwRunCurves LwRunCurves;

/* Holds a reference to the run. */
LwRunCurves *lw_run_curves_new (LwRunItem *run);
void lw_run_curves_free (LwRunCurves *curves);
LwRunItem *lw_run_curves_run (LwRunCurves *curves);
void lw_run_curves_set_x (LwRunCurves *curves, LwChartX x);
/* Takes in what is new; false when there is more to take in: call again in the next frame. */
bool lw_run_curves_update (LwRunCurves *curves);
const LwSeries *lw_run_curves_series (LwRunCurves *curves, LwCurve curve);
/* Where an event of the run lies on the axis. */
double lw_run_curves_place (LwRunCurves *curves, const LwEvent *event);
double lw_run_curves_scale (LwRunCurves *curves); /* see lw_chart_x_place */
/* The best test result so far; false before the first. */
bool lw_run_curves_best (LwRunCurves *curves, double *ret_x, double *ret_accuracy);
/* Where its last step lies; 0 before the first. */
double lw_run_curves_end (LwRunCurves *curves);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwRunCurves, lw_run_curves_free)
G_END_DECLS
