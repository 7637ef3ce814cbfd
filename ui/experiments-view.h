/* LwExperimentsView: questions that a few short trainings answer, and what they measured. */
#pragma once

#include "ui/experiment-set.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define LW_TYPE_EXPERIMENTS_VIEW (lw_experiments_view_get_type ())
G_DECLARE_FINAL_TYPE (LwExperimentsView, lw_experiments_view, LW, EXPERIMENTS_VIEW, GtkWidget)

GtkWidget *lw_experiments_view_new (LwWorkbench *workbench);
LwExperimentSet *lw_experiments_view_set (LwExperimentsView *self);
/* Of the experiment that is chosen. */
GtkWidget *lw_experiments_view_export_dialog (LwExperimentsView *self);

G_END_DECLS
