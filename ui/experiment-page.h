/* LwExperimentPage: one experiment: its question and settings, the answer in a card, two charts,
 * the numbers, what it does not show, and what to try next. It fills while the runs train. Signals
 * `open` (the index of another experiment), `size-changed`. Main thread. */
#pragma once

#include "ui/experiment-set.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define LW_TYPE_EXPERIMENT_PAGE (lw_experiment_page_get_type ())
G_DECLARE_FINAL_TYPE (LwExperimentPage, lw_experiment_page, LW, EXPERIMENT_PAGE, GtkWidget)

GtkWidget *lw_experiment_page_new (LwExperimentSet *set);
void lw_experiment_page_show (LwExperimentPage *self, const LwExperiment *experiment,
                              LwExperimentSize size);
const LwExperiment *lw_experiment_page_experiment (LwExperimentPage *self);
LwExperimentSize lw_experiment_page_size (LwExperimentPage *self);
/* The window that exports what the page shows. */
GtkWidget *lw_experiment_page_export_dialog (LwExperimentPage *self);

G_END_DECLS
