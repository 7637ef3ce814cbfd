/* LwRunQueue: the runs that wait for their turn, as a GListModel of LwQueuedRun: those that ended
 * (the last few hundred), the one that trains, those that wait, in the order of training. One
 * trains at a time; when it has ended the next begins, unless the queue is paused. What a person
 * starts directly is in it too, so that it can go on after a restart.
 *
 *   id = lw_run_queue_add_group (queue, runs, "Does batch norm help?");
 *   …  `changed`: lw_run_queue_progress (queue, id, &p) for a progress line
 *   `group-finished` (id): lw_run_queue_group (queue, id) → entries, their states and folders
 *
 * The queue is kept in $XDG_DATA_HOME/layerwise/queue.json after each change. After a restart it is
 * there again, paused, until lw_run_queue_set_paused (…, false); a run that was training then waits
 * at its place and goes on from its last checkpoint. A run that is stopped by hand does not take
 * the rest with it (lw_run_queue_stop_all does).
 *
 * Signals: `changed` (anything, also the number that waits), `entry-started` and `entry-ended`
 * (LwQueuedRun), `group-finished` (the id: none of it waits or trains any more). Owned by the
 * workbench (lw_workbench_queue). Main thread. */
#pragma once

#include "engine/sweep.h"
#include "ui/queued-run.h"
#include "ui/workbench.h"

G_BEGIN_DECLS

#define LW_TYPE_RUN_QUEUE (lw_run_queue_get_type ())
G_DECLARE_FINAL_TYPE (LwRunQueue, lw_run_queue, LW, RUN_QUEUE, GObject)

/* For the workbench. Reads the file. */
LwRunQueue *lw_run_queue_new (LwWorkbench *workbench);
/* The window goes: nothing is started any more, and what trains is kept as to be resumed. */
void lw_run_queue_close (LwRunQueue *self);

/* Appends a run, `group` (copied) or NULL; starts it when nothing else trains. The queue keeps it:
 * ref to hold it for longer than until the next signal. */
LwQueuedRun *
lw_run_queue_add (LwRunQueue *self, const LwSettings *settings, const LwRunGroup *group);
/* Appends several (LwSweepRun) as one group of that name; returns its id, g_free. */
char *lw_run_queue_add_group (LwRunQueue *self, const GPtrArray *runs, const char *name);
/* The same from the run `first` on, for a group that has begun. */
void lw_run_queue_add_to_group (LwRunQueue *self, const GPtrArray *runs, guint first,
                                const char *id, const char *name);

/* Of one that waits: away with it; by so many places to the front (negative) or the back, as far as
 * there are others that wait. False for any other. */
bool lw_run_queue_remove (LwRunQueue *self, LwQueuedRun *run);
bool lw_run_queue_move (LwRunQueue *self, LwQueuedRun *run, int by);
void lw_run_queue_clear (LwRunQueue *self);    /* all that wait */
void lw_run_queue_stop_all (LwRunQueue *self); /* these, and the one that trains */

/* A person who asked for runs wants to see them: the next that begins is selected. */
void lw_run_queue_show_next (LwRunQueue *self);

/* Paused: what trains goes on, the next does not begin. */
void lw_run_queue_set_paused (LwRunQueue *self, bool paused);
bool lw_run_queue_is_paused (LwRunQueue *self);
/* Paused since the program's start, with what an earlier session left. */
bool lw_run_queue_is_restored (LwRunQueue *self);
guint lw_run_queue_n_waiting (LwRunQueue *self);
/* The place of one that waits, from 1; 0: it does not. */
guint lw_run_queue_position (LwRunQueue *self, LwQueuedRun *run);

/* Entries of a group in the order of training; elements are LwQueuedRun, owned. */
GPtrArray *lw_run_queue_group (LwRunQueue *self, const char *group);
/* Forgets a group's ended entries, when nobody needs them any more; the runs stay. */
void lw_run_queue_forget_group (LwRunQueue *self, const char *group);

typedef struct {
  int total, waiting, running, done, failed, cancelled; /* entries */
  double fraction;    /* 0 to 1: runs that ended, and the part of the one that trains */
  double remaining_s; /* by what the group's runs took so far; negative: not known yet */
} LwQueueProgress;
/* Of a group, or of the whole queue for NULL. */
LwQueueProgress lw_run_queue_progress (LwRunQueue *self, const char *group);

G_END_DECLS
