/* LwHealthChart: one number of one layer over a run as a small line chart, with the healthy range
 * as dashed lines. */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define LW_TYPE_HEALTH_CHART (lw_health_chart_get_type ())
G_DECLARE_FINAL_TYPE (LwHealthChart, lw_health_chart, LW, HEALTH_CHART, GtkWidget)

/* Copies `n` points; `x_name`: "epoch". `low`, `high`: NAN, none. */
GtkWidget *lw_health_chart_new (const char *title, const char *x_name, const double *x,
                                const float *y, int n, double low, double high, bool log);

G_END_DECLS
