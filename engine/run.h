/* LwRun: a run's folder as a reader sees it: run.json (settings, model, resolved graph, device,
 * state), metrics.csv (one row an event), checkpoints/ and snapshots/ (safetensors), notes.json;
 * beside them bn-history.safetensors and those of record.h, which have readers of their own.
 * Reading never changes the folder and treats every file as hostile. One thread. */
#pragma once

#include "engine/bn_history.h"
#include "engine/metrics_tail.h"
#include "engine/run_group.h"
#include "engine/run_log.h"
#include "engine/run_notes.h"
#include "engine/session.h"
#include "engine/settings.h"

G_BEGIN_DECLS

typedef struct {
  char *folder;
  char *name; /* the notes' name, else run.json's, else the folder's last part */
  LwSettings *settings;
  LwGraph *graph;                       /* rebuilt from the settings */
  LwRunLog *log;                        /* all events */
  char *device;                         /* that it ran on */
  char **classes;                       /* its data's class names, NULL-terminated */
  LwAlgorithmList *algorithms;          /* of its layers; NULL: not known */
  LwRunState state;                     /* RUNNING while another program trains it */
  char *message;                        /* as lw_trainer_message says it; or NULL */
  LwRunGroup group;                     /* of runs that it was started with */
  LwRunNotes notes;                     /* nothing said where they cannot be read */
  int64_t started_unix;                 /* seconds */
  int64_t total_steps, steps_per_epoch; /* 0: not known */
  int32_t best_epoch;                   /* 0: no epoch finished yet */
  float best_test_accuracy;
  int64_t peak_memory; /* bytes that the training took on its device; 0: not known */
} LwRun;

/* Fails with a sentence when it is no run folder. */
LwRun *lw_run_open (const char *folder, GError **error);
/* The same for a run that another program may be training: `ret_tail` reads on in its metrics from
 * where the log ends (run->log), for as long as that goes on; lw_metrics_tail_free. */
LwRun *lw_run_open_growing (const char *folder, LwMetricsTail **ret_tail, GError **error);
void lw_run_free (LwRun *run);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwRun, lw_run_free)

/* $LAYERWISE_RUNS where it is an absolute path, else $XDG_DATA_HOME/layerwise/runs; g_free. */
char *lw_runs_folder (void);
/* Folders of all runs below `folder`, newest first; NULL-terminated, g_strfreev. Never fails: a
 * missing folder is an empty list. */
char **lw_runs_list (const char *folder);

/* "last", "best" or a step number → the checkpoint's path (g_free); fails with what there is. */
char *lw_run_checkpoint (const LwRun *run, const char *which, GError **error);
/* Loads a safetensors file's tensors into a session: strict: every name and shape must be there and
 * no other; the sentence lists the first that is not. Optimizer entries (prefix "optimizer.") are
 * ignored. */
bool lw_session_load (LwSession *session, const char *path, GError **error);
/* Whether it could be loaded into a session of this network, without one. Waits for the disk. */
bool lw_weights_fit (LwGraph *graph, const char *path, GError **error);
/* Writes every tensor of the graph under PyTorch's names; metadata: model, knobs as JSON, classes.
 */
bool
lw_session_save (LwSession *session, const LwSettings *settings, const char *path, GError **error);
/* Copies a checkpoint's tensors ("last", "best", a step) to a file of the model's tensors alone,
 * without optimizer state: what PyTorch's load_state_dict expects. */
bool
lw_run_export_weights (const LwRun *run, const char *checkpoint, const char *path, GError **error);
/* CSV in the long form: run,step,epoch,wall_time_s,split,metric,value. */
bool lw_run_export_csv (const LwRun *run, const char *path, GError **error);

G_END_DECLS
