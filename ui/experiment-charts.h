/* LwExperimentCharts: train loss and test accuracy of an experiment's runs beside each other, under
 * one legend; below each other where the page is narrow. Main thread. */
#pragma once

#include "ui/chart-view.h"
#include "ui/experiment-set.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define LW_TYPE_EXPERIMENT_CHARTS (lw_experiment_charts_get_type ())
G_DECLARE_FINAL_TYPE (LwExperimentCharts, lw_experiment_charts, LW, EXPERIMENT_CHARTS, GtkWidget)

GtkWidget *lw_experiment_charts_new (void);
/* The runs that there are, each in the colour of its place in the table. */
void lw_experiment_charts_show (LwExperimentCharts *self, LwExperimentSet *set,
                                const LwExperiment *experiment, LwExperimentSize size);
/* One of the two. */
LwChartView *lw_experiment_charts_view (LwExperimentCharts *self, LwRunChart chart);
void lw_experiment_charts_set_narrow (LwExperimentCharts *self, bool narrow);

G_END_DECLS
