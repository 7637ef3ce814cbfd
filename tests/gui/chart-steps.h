/* What a person does with the charts, as the tests of them need it. */
#pragma once

#include "tests/gui/harness.h"
#include "ui/chart-view.h"

G_BEGIN_DECLS

/* Trains to the end and shows it on the Train page: `epochs` of five steps. */
LwRunItem *charts_finish_run (Gui *gui, int epochs);
/* The charts that are shown, after they were painted. */
LwChartView *charts_view (Gui *gui);

/* Pixels in the view of a place in the data, in the middle of a chart (0: loss). */
double charts_x (LwChartView *view, double x);
double charts_y (LwChartView *view, int chart);
/* Of an entry of the first legend. */
void charts_legend_place (LwChartView *view, int key, double *ret_x, double *ret_y);

void charts_move (LwChartView *view, double x, double y);
/* A click, or a double one. */
void charts_click (LwChartView *view, int n, double x, double y);
void charts_click_right (LwChartView *view, double x, double y);
void charts_drag (LwChartView *view, double from, double to);
/* Whether the key was used. */
bool charts_key (LwChartView *view, guint key, GdkModifierType state);

G_END_DECLS
