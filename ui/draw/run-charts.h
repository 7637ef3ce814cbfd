/* LwRunCharts: a stack of line charts that owns what it points at, for pages and files: a run's
 * loss and accuracy with what happened on the way, or what batch normalization did to a channel.
 * The caller may add lines and change axes before it paints the stack. Threads: the LwText's. */
#pragma once

#include "engine/bn_history.h"
#include "engine/run_log.h"
#include "ui/draw/chart.h"

G_BEGIN_DECLS

enum { LW_RUN_LOSS, LW_RUN_ACCURACY, LW_RUN_N_CURVES };

typedef struct {
  LwText *text;
  GPtrArray *series, *strings;
  LwChartLine *lines[LW_MAX_CHARTS];
  LwChartSpec charts[LW_MAX_CHARTS];
  LwChartStar star;
  GArray *events; /* LwChartEvent */
  LwChartStack stack;
} LwRunCharts;

void lw_run_charts_free (LwRunCharts *charts);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwRunCharts, lw_run_charts_free)

/* Takes the string; it lives as long as the charts. */
const char *lw_run_charts_keep (LwRunCharts *charts, char *string);
/* A curve in the light theme's colour; `name` has to live, NULL: not in the legend. */
LwChartLine *lw_run_charts_add_line (LwRunCharts *charts, int chart, const char *name, int colour);
/* Puts a run's losses and accuracies into the two newest lines of both charts: train, then test. */
void lw_run_charts_fill (LwRunCharts *charts, const LwRunLog *run_log);
/* Loss above accuracy of several runs, 2 × `n_runs` lines a chart; no line yet. Takes `text`. */
LwRunCharts *lw_run_charts_new_curves (LwText *text, int n_runs);
/* The same of one run, whole: curves, changed settings, the best test (`best_epoch` 0: none), where
 * it diverged. */
LwRunCharts *lw_run_charts_of_run (LwText *text, const LwRunLog *run_log, int best_epoch,
                                   double best_test_accuracy);
/* A logarithmic loss where it explodes, whole epochs on the axis. After all lines are filled. */
void lw_run_charts_choose_axes (LwRunCharts *charts);
/* Mean and variance of the batches and running, of one channel; with `parameters` γ and β too. */
LwRunCharts *lw_run_charts_of_norm (LwText *text, LwBnHistory *history, LwNodeId node,
                                    int32_t channel, bool parameters);

G_END_DECLS
