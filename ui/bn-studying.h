/* LwBnStudying: one batch on its way through a batch-normalization layer of the selected run
 * (engine/bn_study.h), measured on a worker thread with the run's newest weights; while the run is
 * live it is renewed in a small share of the time. Another run or layer cancels what is under way.
 * Signal `changed`: another study, or a problem. Main thread only. */
#pragma once

#include "engine/bn_study.h"
#include "ui/workbench.h"

G_BEGIN_DECLS

#define LW_TYPE_BN_STUDYING (lw_bn_studying_get_type ())
G_DECLARE_FINAL_TYPE (LwBnStudying, lw_bn_studying, LW, BN_STUDYING, GObject)

LwBnStudying *lw_bn_studying_new (LwWorkbench *workbench);
/* `run` NULL or `layer` LW_NO_NODE: nothing. The same again: nothing changes, but that new weights
 * are looked at when it is time. */
void lw_bn_studying_look (LwBnStudying *self, LwRunItem *run, LwNodeId layer);
/* NULL: none yet. Valid until `changed`. */
const LwBnStudy *lw_bn_studying_study (LwBnStudying *self);
/* Why there is none, a sentence, or NULL. */
const char *lw_bn_studying_problem (LwBnStudying *self);

G_END_DECLS
