/* The legend as a popover: for each curve whether it is shown, "Only", and the six colours. What a
 * right click on an entry and the menu key open. */
#pragma once

#include "ui/chart-view.h"

G_BEGIN_DECLS

/* `key` −1: of all entries. Points at (x, y); NAN: at the legend. */
void lw_chart_legend_menu_open (LwChartView *view, int key, double x, double y);

G_END_DECLS
