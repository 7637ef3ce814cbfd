/* What the files of LwRunQueue share. Not for anybody else.
 *
 *   run-queue.c         the list, the file, one run after the other
 *   run-queue-edit.c    moving, removing, stopping
 *   run-queue-groups.c  groups and what is left of the time */
#pragma once

#include "ui/queue-writer.h"
#include "ui/run-queue.h"

G_BEGIN_DECLS

struct _LwRunQueue {
  GObject parent;
  LwWorkbench *workbench; /* borrowed: it owns the queue */
  GPtrArray *runs;        /* LwQueuedRun: ended, training, waiting */
  LwQueuedRun *current;   /* the one that trains or is about to; or NULL */
  LwRunItem *followed;    /* the run that the next one takes the selection from */
  LwQueueWriter *writer;
  GCancellable *gone; /* cancelled with the queue */
  bool paused, restored, closed, complained, show_next;
  guint next_id, watch_id;
};

/* Where the waiting ones begin. */
guint lw_run_queue_first_waiting (LwRunQueue *self);
/* Takes the reference. */
void lw_run_queue_insert (LwRunQueue *self, guint index, LwQueuedRun *run);
void lw_run_queue_take_out (LwRunQueue *self, guint index);
/* After each change: writes the file, emits `changed`. */
void lw_run_queue_changed (LwRunQueue *self);
/* Emits `group-finished` where nothing of it waits or trains; NULL: no group. */
void lw_run_queue_tell_of_group (LwRunQueue *self, const char *group);
/* Starts the next when it is its turn, as soon as all others have seen what happened. */
void lw_run_queue_start_soon (LwRunQueue *self);

G_END_DECLS
