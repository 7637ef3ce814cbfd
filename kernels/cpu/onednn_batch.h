/* LwOnednnBatch: the convolution of a batch in one direction by oneDNN (onednn.h). The batch is
 * divided into slices that follow from the shape alone, and the threads of our pool compute whole
 * slices, each with the library on one thread: so there is one pool, and results are the same bits
 * for every number of threads. Weights are reordered in the workspace, in each call.
 *
 * Threads: one at a time, with a pool of as many threads as it was made for. */
#pragma once

#include "kernels/common/threads.h"
#include "kernels/cpu/onednn.h"

G_BEGIN_DECLS

typedef struct LwOnednnBatch LwOnednnBatch;

/* NULL: the library has no fast code for it. */
LwOnednnBatch *
lw_onednn_batch_new (const LwOnednnShape *shape, LwOnednnDirection direction, int threads);
void lw_onednn_batch_free (LwOnednnBatch *batch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwOnednnBatch, lw_onednn_batch_free)

/* Bytes, a multiple of 64; the workspace begins at such an address. */
size_t lw_onednn_batch_workspace (const LwOnednnBatch *batch);

/* Of the whole batch. False: the library failed, and results are undefined. */

/* y = x ∗ w + bias, then max (0, y) with `relu` (NaN stays NaN). */
bool lw_onednn_batch_forward (LwOnednnBatch *batch, LwPool *pool, const void *x, const float *w,
                              const float *bias, bool relu, void *y, void *workspace);
/* dx = the gradient, or dx += it; with bfloat16 it is rounded before it is added. */
bool lw_onednn_batch_data (LwOnednnBatch *batch, LwPool *pool, const void *dy, const float *w,
                           void *dx, bool accumulate, void *workspace);
/* dw += the weights' gradient, dbias += Σ dy; dbias may be NULL. */
bool lw_onednn_batch_weights (LwOnednnBatch *batch, LwPool *pool, const void *x, const void *dy,
                              float *dw, float *dbias, void *workspace);

G_END_DECLS
