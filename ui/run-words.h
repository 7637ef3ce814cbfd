/* The short texts about a run in the sidebar and in titles. Pure functions; g_free. */
#pragma once

#include "ui/run-item.h"

G_BEGIN_DECLS

/* Ready, starting, running or paused. */
bool lw_run_state_is_live (LwRunState state);
/* The model and the choices by which this variant differs from the book's: "LeNet, ReLU". */
char *lw_run_title (const LwSettings *settings);
/* "0:08", "12:30", "1:02:05". */
char *lw_clock_text (double seconds);
/* "Stopped early at epoch 7: best test accuracy 0.870 at epoch 4." */
char *lw_run_early_text (const LwRunProgress *progress);
/* "0.874" and, in `ret_detail`, "at epoch 9"; "training" or "testing", "epoch 2 / 10"; "!
 * diverged", … */
char *lw_run_status (LwRunState state, const LwRunProgress *progress, char **ret_detail);

G_END_DECLS
