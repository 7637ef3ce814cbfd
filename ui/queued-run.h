/* LwQueuedRun: one entry of the queue: settings that wait to be trained, are being trained, or
 * were. Properties that widgets bind: `title` ("LeNet + BN"), `label` (what it differs in from the
 * rest of its group, "continues to epoch 10" of a run that is to go on, else "lr 0.1 · seed 42"),
 * `state` (LwQueuedState). Only LwRunQueue changes it.
 * Main thread. */
#pragma once

#include "engine/queue_file.h"
#include "ui/run-item.h"

G_BEGIN_DECLS

#define LW_TYPE_QUEUED_RUN (lw_queued_run_get_type ())
G_DECLARE_FINAL_TYPE (LwQueuedRun, lw_queued_run, LW, QUEUED_RUN, GObject)

/* Takes ownership of the entry. */
LwQueuedRun *lw_queued_run_new (LwQueueEntry *entry);

/* State, settings, group, the run's folder (NULL before it begins), why it failed. */
const LwQueueEntry *lw_queued_run_entry (LwQueuedRun *self);
LwQueuedState lw_queued_run_state (LwQueuedRun *self);
/* The run that it became, while this program remembers it; NULL before, and for one of an earlier
 * session (lw_workbench_find_run with the entry's folder finds that). */
LwRunItem *lw_queued_run_item (LwQueuedRun *self);
const char *lw_queued_run_title (LwQueuedRun *self);
const char *lw_queued_run_label (LwQueuedRun *self);

/* For the queue: `item` and `message` may be NULL. */
void lw_queued_run_begin (LwQueuedRun *self, LwRunItem *item);
void lw_queued_run_set_state (LwQueuedRun *self, LwQueuedState state, const char *message);

G_END_DECLS
