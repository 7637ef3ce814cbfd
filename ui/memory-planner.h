/* LwMemoryPlanner: what the Memory page shows: the selected network's memory for a device, an
 * optimizer and a batch that may be tried out without touching the draft, and the largest batches
 * that fit. Starts from the selection's settings and follows them.
 *
 * A plan takes milliseconds, so it is made in the main loop, once before each frame; the search for
 * the largest batch makes one plan at a time when there is nothing else to do. Nothing is
 * calculated while nobody looks (lw_memory_planner_set_active): the last plan may then be of
 * another network or batch.
 *
 * Signals: `planned` (the use, the error or the batch changed), `limits` (free memory or the
 * largest batches). Main thread. */
#pragma once

#include "engine/memory_use.h"
#include "ui/workbench.h"

G_BEGIN_DECLS

#define LW_TYPE_MEMORY_PLANNER (lw_memory_planner_get_type ())
G_DECLARE_FINAL_TYPE (LwMemoryPlanner, lw_memory_planner, LW, MEMORY_PLANNER, GObject)

LwMemoryPlanner *lw_memory_planner_new (LwWorkbench *workbench);
/* Whether anybody looks. */
void lw_memory_planner_set_active (LwMemoryPlanner *self, bool active);

/* Makes the plan at once where the last is not of what is asked for now, whether anybody looks or
 * not: for a file. */
void lw_memory_planner_plan_now (LwMemoryPlanner *self);

/* Valid until the next `planned` has been emitted; NULL: there is none, or not yet. */
const LwMemoryUse *lw_memory_planner_use (LwMemoryPlanner *self);
/* Why there is none; NULL where there is one or it is not known yet. */
const char *lw_memory_planner_error (LwMemoryPlanner *self);

int32_t lw_memory_planner_batch (LwMemoryPlanner *self);
void lw_memory_planner_set_batch (LwMemoryPlanner *self, int32_t batch);
/* Copies of the parameters that the optimizer keeps: 0 SGD, 1 momentum, 2 Adam. */
int32_t lw_memory_planner_slots (LwMemoryPlanner *self);
void lw_memory_planner_set_slots (LwMemoryPlanner *self, int32_t slots);
/* An index into the workbench's backends. */
int lw_memory_planner_backend (LwMemoryPlanner *self);
void lw_memory_planner_set_backend (LwMemoryPlanner *self, int index);

/* Bytes; −1: unknown. */
int64_t lw_memory_planner_available (LwMemoryPlanner *self);
/* −1: not known yet, or unknown at all. */
int32_t lw_memory_planner_largest (LwMemoryPlanner *self, LwMode mode);

G_END_DECLS
