/* An experiment's page as files: its curves, and its question, numbers and answer as a table,
 * through the window that exports charts. Main thread. */
#pragma once

#include "engine/text_table.h"
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
/* For people: a heading, what was trained, the answer, the table, what it does not show. As CSV the
 * table with numbers as they are, the folders of the runs, and the same sentences in rows below it.
 * g_free. */
char *lw_experiment_text (const LwExperimentPaper *paper, LwTextForm form);

G_END_DECLS
