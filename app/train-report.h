/* LwTrainReport: reads a trainer's run log and prints it: JSON Lines, or a table of epochs with a
 * progress line below it. One thread. */
#pragma once

#include "engine/trainer.h"

G_BEGIN_DECLS

typedef struct LwTrainReport LwTrainReport;

/* Events that are in the log already (of a resumed run) are not printed again. */
LwTrainReport *lw_train_report_new (LwTrainer *trainer, LwDataset *dataset, bool json);
void lw_train_report_free (LwTrainReport *report);

/* Prints what is new. False when standard output takes no more. */
bool lw_train_report_update (LwTrainReport *report);
/* Prints the end; returns the program's exit status. */
int lw_train_report_finish (LwTrainReport *report, bool interrupted, GError **error);

/* Compares a repeated run with the first one and says so; the program's exit status. `differs`: the
 * second was to be computed otherwise, so that a difference is no failure. */
int lw_train_report_same (const char *first, const char *again, bool json, bool differs,
                          GError **error);

/* {"event":"error","message":…} */
void lw_train_report_error (const char *message);

G_END_DECLS
