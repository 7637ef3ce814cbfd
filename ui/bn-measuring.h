/* LwBnMeasuring: test accuracy with the batch's statistics, with running ones and with running ones
 * measured afresh (engine/bn_accuracy.h), for one run at a time on a worker thread: on request, and
 * by itself when a small network's training has finished. What was measured is kept in the run's
 * folder. Signal `changed`: progress, a result, a problem. Main thread only. */
#pragma once

#include "engine/bn_accuracy.h"
#include "ui/workbench.h"

G_BEGIN_DECLS

#define LW_TYPE_BN_MEASURING (lw_bn_measuring_get_type ())
G_DECLARE_FINAL_TYPE (LwBnMeasuring, lw_bn_measuring, LW, BN_MEASURING, GObject)

LwBnMeasuring *lw_bn_measuring_new (LwWorkbench *workbench);
/* The run that is asked about; reads what was measured earlier. NULL: none. */
void lw_bn_measuring_set_run (LwBnMeasuring *self, LwRunItem *run);
/* Of that run. Another one that is being measured is given up. */
void lw_bn_measuring_start (LwBnMeasuring *self);
void lw_bn_measuring_cancel (LwBnMeasuring *self);
/* Whether that run is being measured, and how far. */
bool lw_bn_measuring_is_busy (LwBnMeasuring *self, double *ret_share);
/* NULL: not measured. Valid until `changed`. */
const LwBnAccuracies *lw_bn_measuring_result (LwBnMeasuring *self);
const char *lw_bn_measuring_problem (LwBnMeasuring *self); /* a sentence, or NULL */

G_END_DECLS
