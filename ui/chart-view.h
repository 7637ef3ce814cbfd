/* LwChartView: loss above accuracy over one x axis for one run, live. Hover reads all curves out, a
 * drag zooms the x axis, a double click fits again. It pulls: the run item's `synced` redraws it.
 */
#pragma once

#include "ui/run-item.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define LW_TYPE_CHART_VIEW (lw_chart_view_get_type ())
G_DECLARE_FINAL_TYPE (LwChartView, lw_chart_view, LW, CHART_VIEW, GtkWidget)

GtkWidget *lw_chart_view_new (void);
/* NULL: empty charts that say "Press Train". */
void lw_chart_view_set_run (LwChartView *self, LwRunItem *run);
/* 0 to 0.999; 0 at first. */
void lw_chart_view_set_smoothing (LwChartView *self, double weight);
void lw_chart_view_set_log_loss (LwChartView *self, bool log_loss);
bool lw_chart_view_log_loss (LwChartView *self);
void lw_chart_view_fit (LwChartView *self);
bool lw_chart_view_is_zoomed (LwChartView *self); /* property "zoomed" */
/* "Loss chart, …. Accuracy chart, …." g_free. */
char *lw_chart_view_describe (LwChartView *self);
bool lw_chart_view_export (LwChartView *self, const char *path, GError **error);

G_END_DECLS
