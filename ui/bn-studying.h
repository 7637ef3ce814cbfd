/* LwBnStudying: one batch on its way through a batch-normalization layer of the selected run
 * (engine/bn_study.h), measured on a worker thread with the run's newest weights, renewed in a
 * small share of the time while the run is live, or with those that were saved of a moment. Another
 * run, layer or moment cancels what is under way. Signal `changed`: another study, or a problem.
 * Main thread only. */
#pragma once

#include "engine/bn_study.h"
#include "ui/workbench.h"

G_BEGIN_DECLS

#define LW_TYPE_BN_STUDYING (lw_bn_studying_get_type ())
G_DECLARE_FINAL_TYPE (LwBnStudying, lw_bn_studying, LW, BN_STUDYING, GObject)

LwBnStudying *lw_bn_studying_new (LwWorkbench *workbench);
/* `run` NULL or `layer` LW_NO_NODE: nothing. `step`: of the saved weights, LW_NEWEST_STEP: the
 * newest. The same again: nothing changes, but that new weights are looked at when it is time. Of
 * another moment of the same layer the study stays until the next is there. */
void lw_bn_studying_look (LwBnStudying *self, LwRunItem *run, LwNodeId layer, int64_t step);
bool lw_bn_studying_is_busy (LwBnStudying *self);
/* NULL: none yet. Valid until `changed`. */
const LwBnStudy *lw_bn_studying_study (LwBnStudying *self);
/* Why there is none, a sentence, or NULL. */
const char *lw_bn_studying_problem (LwBnStudying *self);

G_END_DECLS
