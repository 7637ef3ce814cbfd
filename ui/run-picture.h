/* The stack of charts of one run: what LwChartView paints and exports. Filled anew for each paint;
 * it points at the run's series, so it lives no longer than that paint. */
#pragma once

#include "ui/draw/chart.h"
#include "ui/run-item.h"

G_BEGIN_DECLS

typedef enum { LW_RUN_CHART_LOSS, LW_RUN_CHART_ACCURACY, LW_N_RUN_CHARTS } LwRunChart;

typedef struct {
  LwRunItem *run;                /* NULL: empty charts */
  LwSmoothing *const *smoothing; /* [LW_N_CURVES] */
  bool log_loss;
  bool log_chosen;          /* false: log_loss is decided by the data */
  double x_min, x_max;      /* epochs; NAN: all */
  double rule_x, pointer_y; /* NAN: none */
} LwRunPictureOptions;

typedef struct {
  LwChartLine lines[LW_N_RUN_CHARTS][2];
  LwChartSpec charts[LW_N_RUN_CHARTS];
  LwChartStar star;
  LwChartStack stack;
  LwChartEvent *events;
  char *star_text, *diverged_text;
  GPtrArray *event_texts;
} LwRunPicture;

void lw_run_picture_fill (LwRunPicture *picture, const LwRunPictureOptions *options,
                          const LwTheme *theme);
void lw_run_picture_clear (LwRunPicture *picture);
/* Whether the loss axis is logarithmic under these options: beyond four decades a linear axis shows
 * nothing but the explosion. */
bool lw_run_picture_log_loss (const LwRunPictureOptions *options);

G_END_DECLS
