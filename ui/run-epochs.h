/* LwRunEpochs: an epoch bar over the moments of which a run has kept weights. Its right end is now,
 * or what a run that has ended has come to, and that is what it stands at first. Signal `moved`:
 * another moment is chosen. Main thread only. */
#pragma once

#include "ui/run-moments.h"

G_BEGIN_DECLS

#define LW_TYPE_RUN_EPOCHS (lw_run_epochs_get_type ())
G_DECLARE_FINAL_TYPE (LwRunEpochs, lw_run_epochs, LW, RUN_EPOCHS, GtkWidget)

GtkWidget *lw_run_epochs_new (void);
/* Stands at its end then, without `moved`. */
void lw_run_epochs_set_run (LwRunEpochs *self, LwRunItem *run);
/* Optimizer steps of the chosen moment, and its epoch; false: it is the end. */
bool lw_run_epochs_chosen (LwRunEpochs *self, int64_t *ret_step, double *ret_epoch);
LwEpochBar *lw_run_epochs_bar (LwRunEpochs *self);

G_END_DECLS
