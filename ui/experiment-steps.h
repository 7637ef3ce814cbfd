/* LwExperimentSteps: the three next steps of an experiment as cards, each of which leads somewhere:
 * to another experiment, to a run in Inspect or Explore, to a draft with a changed setting. Signal
 * `open` (the index of the experiment that a card leads to). Main thread. */
#pragma once

#include "ui/experiment-set.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define LW_TYPE_EXPERIMENT_STEPS (lw_experiment_steps_get_type ())
G_DECLARE_FINAL_TYPE (LwExperimentSteps, lw_experiment_steps, LW, EXPERIMENT_STEPS, GtkWidget)

GtkWidget *lw_experiment_steps_new (LwExperimentSet *set);
/* Cards that need a run are insensitive while it is not there. */
void lw_experiment_steps_show (LwExperimentSteps *self, const LwExperiment *experiment,
                               LwExperimentSize size);
void lw_experiment_steps_set_narrow (LwExperimentSteps *self, bool narrow);

G_END_DECLS
