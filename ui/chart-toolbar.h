/* LwChartToolbar: what the Train page's charts are drawn with: x axis, smoothing, logarithmic loss,
 * axes, following, fit, export, the health of the run, and in narrow windows the button of the
 * settings. Its parts that other pages need for their charts are made here too. */
#pragma once

#include "ui/chart-view.h"
#include "ui/workbench.h"

G_BEGIN_DECLS

#define LW_TYPE_CHART_TOOLBAR (lw_chart_toolbar_get_type ())
G_DECLARE_FINAL_TYPE (LwChartToolbar, lw_chart_toolbar, LW, CHART_TOOLBAR, GtkWidget)

GtkWidget *lw_chart_toolbar_new (LwWorkbench *workbench, LwChartView *charts);
/* Shows how the charts are drawn now. */
void lw_chart_toolbar_update (LwChartToolbar *self);
/* The room there is, in pixels: words are left out where it is little. */
void lw_chart_toolbar_set_width (LwChartToolbar *self, int width);
/* A toggle, hidden at first. */
GtkWidget *lw_chart_toolbar_settings_button (LwChartToolbar *self);

/* "Seeds as a band": a toggle, hidden at first, for a run that was repeated with other seeds. */
GtkWidget *lw_chart_toolbar_seeds_button (LwChartToolbar *self);

/* "Epoch ▾": what x is; follows the view. */
GtkWidget *lw_chart_x_choice_new (LwChartView *charts);
/* A slider to 0.99 and a field that takes 0.999; follows the view. */
GtkWidget *lw_chart_smoothing_new (LwChartView *charts);

G_END_DECLS
