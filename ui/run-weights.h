/* LwRunWeights: a run's weights for a worker thread, with all else that is needed to look into
 * them: those that a live training has now, copied between two of its steps, or saved ones
 * (snapshots and checkpoints, engine/snapshots.h). Made on the main thread, then used by one thread
 * at a time. */
#pragma once

#include "ui/workbench.h"

G_BEGIN_DECLS

#define LW_NEWEST_STEP G_MAXINT64

typedef struct {
  LwGraph *graph;
  LwSettings *settings;
  const LwBackend *backend;
  char *folder;
  int64_t step;       /* optimizer steps: that are wanted; once they are found, their own */
  LwDataset *dataset; /* NULL: opened by lw_run_weights_dataset */
  void **tensors;     /* [tensors of the graph]; NULL: they are in the folder */
} LwRunWeights;

/* Saved ones, nearest to `step`; LW_NEWEST_STEP: the last. */
LwRunWeights *lw_run_weights_new (LwWorkbench *workbench, LwRunItem *run, int64_t step);
/* The same, but the newest of a live run are those that it has now. Calls `ready` from the main
 * loop, never before this returns; it gets the weights. */
void lw_run_weights_fetch (LwWorkbench *workbench, LwRunItem *run, int64_t step,
                           void (*ready) (LwRunWeights *weights, gpointer data), gpointer data);
void lw_run_weights_free (LwRunWeights *weights);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwRunWeights, lw_run_weights_free)

/* Worker: the data set that the run was trained with; borrowed. */
LwDataset *lw_run_weights_dataset (LwRunWeights *weights, GError **error);
/* Worker: the file of the saved ones nearest to the wanted step, which becomes theirs. False: there
 * is none, with a sentence. `ret_path`: g_free; NULL: initial weights of the settings' seed, which
 * only step 0 means. */
bool lw_run_weights_find (LwRunWeights *weights, char **ret_path, GError **error);
/* Worker: the data set, and a session for batch normalization's statistics (engine/bn_pass.h) with
 * the weights, in batches of `batch`. */
LwSession *lw_run_weights_open (LwRunWeights *weights, int32_t batch, GError **error);

G_END_DECLS
