/* The stack of charts of one or more runs: what LwChartView paints and exports. Filled anew for
 * each paint; it points at the entries' series, so it lives no longer than that paint. */
#pragma once

#include "ui/chart-entry.h"
#include "ui/chart-zoom.h"
#include "ui/draw/chart.h"

G_BEGIN_DECLS

typedef enum { LW_RUN_CHART_LOSS, LW_RUN_CHART_ACCURACY, LW_N_RUN_CHARTS } LwRunChart;

/* Which curves of several runs are drawn. */
typedef enum {
  LW_CURVES_TRAIN = 1,
  LW_CURVES_TEST = 2,
  LW_CURVES_BOTH = 3, /* the training curve is thin */
} LwChartCurves;

/* What is kept of an entry of the legend: train and test of a single run, else a run or group. */
typedef struct {
  bool hidden;
  int colour; /* of the theme's series, 0 to 5 */
} LwChartStyle;

/* Typed ends are NAN where the data decide. */
typedef struct {
  LwChartAxis loss, accuracy;
  bool log_x;
  bool log_chosen; /* false: a loss over more than four decades is drawn on a log axis by itself */
} LwChartAxes;

/* Loss from 0, accuracy from 0 to 1, nothing logarithmic. */
LwChartAxes lw_chart_axes_default (void);

typedef struct {
  GPtrArray *entries;         /* LwChartEntry; empty: empty charts */
  bool by_role;               /* one entry, whose train and test curves have colours of their own */
  LwChartCurves curves;       /* else */
  const LwChartStyle *styles; /* by role: of train and test; else one an entry */
  LwChartAxes axes;
  LwChartX x;
  LwChartRange range;
  double rule_x, pointer_y; /* NAN: none */
  bool pinned;
  int highlighted; /* a key: the others are dimmed; −1: none */
  bool no_legend;
  int only;    /* 1 + LwRunChart: that chart alone; 0: both */
  bool queues; /* what is trained next waits for its turn */
} LwRunPictureOptions;

typedef struct {
  LwChartLine *lines[LW_N_RUN_CHARTS];
  int *keys[LW_N_RUN_CHARTS]; /* of each line: the style it has */
  LwChartSpec charts[LW_N_RUN_CHARTS];
  GArray *stars, *events;
  GPtrArray *texts;
  LwChartStack stack;
} LwRunPicture;

void lw_run_picture_fill (LwRunPicture *picture, const LwRunPictureOptions *options,
                          const LwTheme *theme);
void lw_run_picture_clear (LwRunPicture *picture);
/* Whether the loss axis is logarithmic under these options: chosen, or by LW_LINEAR_DECADES. */
bool lw_run_picture_log_loss (const LwRunPictureOptions *options);

G_END_DECLS
