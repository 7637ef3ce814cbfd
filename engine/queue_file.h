/* The queue of runs as a file: what waits, runs and ran, so that it is there again after a restart
 * of the program: $XDG_DATA_HOME/layerwise/queue.json, written beside and renamed, read as hostile
 * input. Plain functions, any thread. */
#pragma once

#include "engine/run_group.h"
#include "engine/settings.h"

G_BEGIN_DECLS

typedef enum {
  LW_QUEUED_WAITING,
  LW_QUEUED_RUNNING,
  LW_QUEUED_DONE,      /* trained to its end, or to where it diverged */
  LW_QUEUED_FAILED,    /* could not be trained: `message` says why */
  LW_QUEUED_CANCELLED, /* stopped by hand */
  LW_N_QUEUED_STATES
} LwQueuedState;

#define LW_QUEUE_MOST        1024    /* entries of a file */
#define LW_QUEUE_MOST_EPOCHS 1000000 /* as of a run's settings */

typedef struct {
  LwQueuedState state;
  LwSettings *settings;
  LwRunGroup group; /* empty: none */
  char *folder;     /* of the run, once it has begun; NULL before. WAITING with a folder: a run that
                       was interrupted and goes on from its last checkpoint */
  int32_t epochs; /* with a folder: the run is to go on to this epoch; 0: to where it was to end */
  char *message;  /* or NULL */
} LwQueueEntry;

void lw_queue_entry_free (LwQueueEntry *entry);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwQueueEntry, lw_queue_entry_free)

/* $XDG_DATA_HOME/layerwise/queue.json; g_free. */
char *lw_queue_path (void);
/* The file's text for these LwQueueEntry; g_free. */
char *lw_queue_to_json (const GPtrArray *entries);
/* Writes it; the folder is made if need be. Waits for the disk: on a thread. */
bool lw_queue_write (const char *path, const char *json, GError **error);
/* The file's entries in order, owned by the array. A missing file is an empty queue. Entries that
 * cannot be (a model of a newer version, a batch of 0) are left out and counted in `ret_skipped`
 * (may be NULL); fails with a sentence when the file as a whole is no queue. */
GPtrArray *lw_queue_read (const char *path, int *ret_skipped, GError **error);

G_END_DECLS
