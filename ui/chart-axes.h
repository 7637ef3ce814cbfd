/* The button "Axes" and its popover: logarithm, typed ends and "include zero" of each axis of the
 * charts. What is typed holds once Enter is pressed or the field is left. */
#pragma once

#include "ui/chart-view.h"

G_BEGIN_DECLS

GtkWidget *lw_chart_axes_button_new (LwChartView *charts);

G_END_DECLS
