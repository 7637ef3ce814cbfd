/* Whether two runs are the same bits: what their steps and tests measured, and every tensor of the
 * last checkpoint with the optimizer's copies. Times and speeds are not compared. Reentrant. */
#pragma once

#include "engine/run.h"

G_BEGIN_DECLS

typedef struct {
  bool same;
  int64_t steps, epochs, tensors; /* compared, up to the first difference */
  char *difference;               /* where that is: a sentence; NULL: none */
  int64_t step;                   /* its step; −1: none */
  double loss;                    /* the largest difference of a step's loss, relative to it */
} LwRunSame;

/* As far as `first` goes; `again` may go on. False: files cannot be read. */
bool lw_run_same (const LwRun *first, const LwRun *again, LwRunSame *ret_same, GError **error);
void lw_run_same_clear (LwRunSame *same);

G_END_DECLS
