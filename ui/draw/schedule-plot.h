/* The learning rate over the epochs of a run, as one small chart: the line, filled below, where the
 * run stands, and a thin dashed rule at each change. Threads: the LwText's. */
#pragma once

#include "engine/schedule.h"
#include "ui/draw/text.h"

G_BEGIN_DECLS

typedef struct {
  const LwRatePoint *points; /* lw_schedule_points; at least 2, or nothing is drawn */
  int n_points;
  double now;            /* epochs done; negative: it has not begun */
  const LwEvent *events; /* changes that were made: LW_EVENT_SETTING */
  guint n_events;
  bool log;
} LwSchedulePlot;

typedef struct {
  double x, y, width, height; /* of the axes, in the picture */
  double epochs;              /* at the right end */
  double low, high;           /* rates at the bottom and the top */
} LwScheduleArea;

/* Whether a logarithmic axis shows more: the highest rate is at least 30 times what it is below for
 * a fifth of the run, and never 0. A cosine falls as far only at its very end. */
bool lw_schedule_plot_wants_log (const LwSchedulePlot *plot);
/* Where things lie in a picture of this size. */
LwScheduleArea lw_schedule_plot_area (const LwSchedulePlot *plot, double width, double height);
/* The rate at an epoch; 0 without points. */
double lw_schedule_plot_rate (const LwSchedulePlot *plot, double epoch);
void lw_schedule_plot_paint (cairo_t *cr, LwText *text, const LwTheme *theme,
                             const LwSchedulePlot *plot, double width, double height);
/* "0.1 at the beginning, 0.001 after 10 epochs; now, at epoch 3.2, 0.1; …" for assistive tools and
 * below the picture; g_free. */
char *lw_schedule_plot_describe (const LwSchedulePlot *plot);

G_END_DECLS
