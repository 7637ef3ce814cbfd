/* A run's folder from the writer's side: where it is, who may write it, and run.json.
 *
 * Order of writing, so that a kill at any instant leaves a run that can go on: run.json is there
 * before anything else. Then for each checkpoint metrics.csv is flushed, then the checkpoint is
 * written beside and renamed, then run.json names it, then older checkpoints are deleted. Each
 * waits until the disk has it. One thread. */
#pragma once

#include "engine/algorithms.h"
#include "engine/run_group.h"
#include "engine/run_log.h"
#include "engine/settings.h"

G_BEGIN_DECLS

/* What run.json says. */
typedef struct {
  char *name;
  LwSettings *settings;
  char *device;
  int32_t threads;             /* of the processor; 0: the file does not say */
  int32_t workers;             /* processes that share each batch; 1 */
  LwAlgorithmList *algorithms; /* of its layers; NULL: the file does not say */
  LwRunGroup group;            /* of runs that it was started with */
  char *message;               /* as lw_trainer_message says it; or NULL */
  LwRunState state;            /* as last written */
  int64_t started_unix;        /* seconds */
  int64_t step, total_steps, steps_per_epoch;
  int64_t last_checkpoint, best_checkpoint; /* steps; −1: none */
  int32_t best_epoch;
  float best_test_accuracy;
  bool stopped_early;    /* FINISHED because its patience was at an end */
  int32_t patience_from; /* the epoch that patience counts from, where no better one came after */
  int64_t peak_memory;   /* bytes on the device while it trained; 0: the file does not say */
  char *data_name;
  int32_t train_examples, test_examples;
  GArray *changes; /* of LwEvent: settings that a resumed run has still to repeat; NULL: none */
  char **classes;  /* the data's class names, NULL-terminated */
} LwRunRecord;

void lw_run_record_clear (LwRunRecord *record);
/* The graph goes into the file too, for readers that are not this program. */
bool lw_run_record_write (const LwRunRecord *record, const LwGraph *graph, const char *folder,
                          GError **error);
/* `ret_record` is empty after a failure. */
bool lw_run_record_read (const char *folder, LwRunRecord *ret_record, GError **error);

/* Makes the folder of a new run and returns its absolute path (g_free). `output`: must not exist
 * or be empty; NULL: "MODEL-DATE-TIME-seedN" under lw_runs_folder. */
char *
lw_run_folder_make (const char *output, const LwSettings *settings, bool *ret_made, GError **error);
/* What a run is called as long as nobody says: as its folder, whose name may be any bytes, in plain
 * text; g_free. */
char *lw_run_default_name (const char *folder);
/* Takes the right to write a run's folder; held until the descriptor is closed, or the process
 * ends, however it does: a lock that a killed program left binds nobody. −1: another holds it,
 * which the sentence names, or the folder cannot be written. */
int lw_run_lock (const char *folder, GError **error);
/* Whether the folder in which `lock` was taken lies elsewhere now, or nowhere. */
bool lw_run_is_lost (const char *folder, int lock);
/* Whether somebody holds it, this process included. */
bool lw_run_is_locked (const char *folder);
/* Whether somebody trains it: the lock is held, or the folder lies in a file system that may not
 * pass locks on to us (shared by NFS, SMB, FUSE…) and its metrics were written in the last minute
 * or two. */
bool lw_run_is_trained (const char *folder);
/* Whether metrics.csv or run.json was written in the last `seconds`. */
bool lw_run_is_fresh (const char *folder, int seconds);
/* Whether this program may write what people keep with a run (notes, a name): not while another one
 * trains it; the sentence says which. */
bool lw_run_may_write (const char *folder, GError **error);
/* Removes what a run that never began left: lock, run.json, empty folders. Nothing of a folder
 * whose lock is held, by whoever began a run there meanwhile. */
void lw_run_folder_discard (const char *folder, bool made);

G_END_DECLS
