/* An experiment's page as files: its curves, and its question, numbers and answer as a table,
 * through the window that exports charts. Main thread. */
#pragma once

#include "ui/experiment-charts.h"

G_BEGIN_DECLS

/* What stands on the page. */
typedef struct {
  LwExperimentSet *set;
  const LwExperiment *experiment;
  LwExperimentSize size;
  const char *settings, *answer;
} LwExperimentPaper;

GtkWidget *
lw_experiment_export_dialog_new (const LwExperimentPaper *paper, LwExperimentCharts *charts);

G_END_DECLS
