/* LwBnWeights: a run's newest weights for a worker thread: copied from a live training between two
 * of its steps, or read from its last checkpoint; with all else that is needed to look into them.
 * Fetched on the main thread, then used by one thread at a time. */
#pragma once

#include "ui/workbench.h"

G_BEGIN_DECLS

typedef struct {
  LwGraph *graph;
  LwSettings *settings;
  const LwBackend *backend;
  char *folder;
  int64_t step;       /* optimizer steps that they have gone through */
  LwDataset *dataset; /* NULL: opened by lw_bn_weights_open */
  void **tensors;     /* [tensors of the graph]; NULL: they are in the folder */
} LwBnWeights;

/* Calls `ready` from the main loop, never before this returns; it gets the weights. */
void lw_bn_weights_fetch (LwWorkbench *workbench, LwRunItem *run,
                          void (*ready) (LwBnWeights *weights, gpointer data), gpointer data);
void lw_bn_weights_free (LwBnWeights *weights);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwBnWeights, lw_bn_weights_free)

/* Worker: the data set, and an inference session with the weights in batches of `batch`. */
LwSession *lw_bn_weights_open (LwBnWeights *weights, int32_t batch, GError **error);

G_END_DECLS
