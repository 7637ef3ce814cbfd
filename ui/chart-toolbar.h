/* LwChartToolbar: what the Train page's charts are drawn with: smoothing, logarithmic loss, fit,
 * the health of the run, and in narrow windows the button of the settings. */
#pragma once

#include "ui/chart-view.h"
#include "ui/workbench.h"

G_BEGIN_DECLS

#define LW_TYPE_CHART_TOOLBAR (lw_chart_toolbar_get_type ())
G_DECLARE_FINAL_TYPE (LwChartToolbar, lw_chart_toolbar, LW, CHART_TOOLBAR, GtkWidget)

GtkWidget *lw_chart_toolbar_new (LwWorkbench *workbench, LwChartView *charts);
/* Shows how the charts are drawn now. */
void lw_chart_toolbar_update (LwChartToolbar *self);
/* A toggle, hidden at first. */
GtkWidget *lw_chart_toolbar_settings_button (LwChartToolbar *self);

G_END_DECLS
