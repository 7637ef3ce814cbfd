/* LwProbabilityChart: the marked image's probability of each class over the epochs. A click, or the
 * arrow keys, show another epoch. Main thread only. */
#pragma once

#include "ui/predictions-source.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define LW_TYPE_PROBABILITY_CHART (lw_probability_chart_get_type ())
G_DECLARE_FINAL_TYPE (LwProbabilityChart, lw_probability_chart, LW, PROBABILITY_CHART, GtkWidget)

GtkWidget *lw_probability_chart_new (LwPredictionsSource *source);

G_END_DECLS
