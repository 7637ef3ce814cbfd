/* LwExperimentList: the questions by chapter, each with its runs and time, and a button that runs
 * it, its progress, or a tick. Signal `chosen` (the index of the experiment that is to be shown).
 * Main thread. */
#pragma once

#include "ui/experiment-set.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define LW_TYPE_EXPERIMENT_LIST (lw_experiment_list_get_type ())
G_DECLARE_FINAL_TYPE (LwExperimentList, lw_experiment_list, LW, EXPERIMENT_LIST, GtkWidget)

GtkWidget *lw_experiment_list_new (LwExperimentSet *set);
/* The size that its buttons run and its words are about, of one experiment. */
void lw_experiment_list_set_size (LwExperimentList *self, const LwExperiment *experiment,
                                  LwExperimentSize size);
/* Marks it, as if its row had been clicked; emits `chosen`. */
void lw_experiment_list_choose (LwExperimentList *self, const LwExperiment *experiment);

/* "about 2 min", "about 3 h"; g_free. */
char *lw_about_duration (double seconds);

G_END_DECLS
