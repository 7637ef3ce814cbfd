/* LwRunMoments: of which moments of a run weights are kept (engine/snapshots.h): listed on a
 * thread, and again after each epoch and when the run has ended. Signal `changed`: they are others.
 * Main thread only. */
#pragma once

#include "ui/epoch-bar.h"
#include "ui/run-item.h"

G_BEGIN_DECLS

#define LW_TYPE_RUN_MOMENTS (lw_run_moments_get_type ())
G_DECLARE_FINAL_TYPE (LwRunMoments, lw_run_moments, LW, RUN_MOMENTS, GObject)

LwRunMoments *lw_run_moments_new (void);
/* NULL: none. What was known is forgotten, without `changed`. */
void lw_run_moments_set_run (LwRunMoments *self, LwRunItem *run);
/* While inactive (at first) it lists nothing. */
void lw_run_moments_set_active (LwRunMoments *self, bool active);
/* LwWeightsMoment, ascending; NULL: there is no run, or they are not known yet. Until `changed`. */
GPtrArray *lw_run_moments_get (LwRunMoments *self);
bool lw_run_moments_is_busy (LwRunMoments *self);
/* The index of the one after `step`; −1: there is none. */
int lw_run_moments_find (LwRunMoments *self, int64_t step);
/* Into a slider, which is hidden while there is nothing to choose from. */
void lw_run_moments_show_in (LwRunMoments *self, LwEpochBar *bar);

G_END_DECLS
