/* LwBnPass: an inference session whose batch normalizations can use the statistics of the batch at
 * hand, as in training, or their running ones; and running values measured afresh.
 *
 * With the batch's statistics each batch normalization gets, just before it runs, the mean and the
 * (biased) variance of what arrives at it, summed in double precision. So a deeper one reads what
 * the upper ones made of the same batch with its own statistics, as in a training step. Everything
 * else is as in evaluation: dropout does nothing, no value or weight of a training changes.
 *
 * Measured afresh: means over some batches of training images of the batches' means and unbiased
 * variances, all with the same weights: what the running values would be if they did not lag
 * (Wu and Johnson, "Rethinking 'Batch' in BatchNorm", 2021, section 3, "PreciseBN").
 *
 * Threads: one at a time, the session's. */
#pragma once

#include "engine/data/dataset.h"
#include "engine/session.h"
#include "engine/settings.h"

G_BEGIN_DECLS

typedef enum { LW_BN_BATCH, LW_BN_RUNNING, LW_N_BN_STATISTICS } LwBnStatistics;

/* Called now and then; `share` in [0, 1]. False: stop, with LW_ERROR_CANCELLED. */
typedef struct {
  bool (*tell) (double share, void *data);
  void *data;
} LwBnProgress;

/* Tells it; false and an error: stop. NULL hears nothing and goes on. */
bool lw_bn_progress_tell (const LwBnProgress *progress, double share, GError **error);

/* What arrives at a batch normalization. Valid during the call. */
typedef struct {
  LwNodeId node;
  LwShape shape;
  int32_t n;
  const float *x;                /* [n][c][h][w] */
  const double *mean, *variance; /* [c], of this batch, biased */
} LwBnInput;

typedef struct {
  LwNodeId node; /* the only one to look at; LW_NO_NODE: all */
  bool last;     /* the pass ends there: nobody needs what comes after */
  bool (*see) (const LwBnInput *input, void *data, GError **error);
  void *data;
} LwBnLook;

typedef struct LwBnPass LwBnPass;

/* A session for it: inference in batches of `batch`, without weights yet. */
LwSession *lw_bn_session_new (LwGraph *graph, const LwBackend *backend, int device_index,
                              int32_t batch, LwPrecision precision, GError **error);

/* The session has its weights and stays the caller's; it must live longer. */
LwBnPass *lw_bn_pass_new (LwSession *session, GError **error);
/* The session's running values are then those that the pass uses last. */
void lw_bn_pass_free (LwBnPass *pass);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwBnPass, lw_bn_pass_free)

/* One batch. `look`, `ret_logits` and `ret_result` may be NULL. */
bool lw_bn_pass_infer (LwBnPass *pass, const LwBatch *batch, LwBnStatistics statistics,
                       const LwBnLook *look, float *ret_logits, LwBatchResult *ret_result,
                       GError **error);
/* Logits [n][classes] of the first n images of a split, in their order. They are put into batches
 * of the session's size in an order drawn from `seed`, since files may be sorted by class; the last
 * batch is filled up with images before it, so that each is normalized in a whole one. */
bool lw_bn_pass_predict (LwBnPass *pass, LwDataset *dataset, LwSplit split, int32_t n,
                         uint64_t seed, LwBnStatistics statistics, const LwBnProgress *progress,
                         float *ret_logits, GError **error);
/* Replaces the running values, of the pass and of its session, by those measured afresh on up to
 * `batches` batches of the training images in the order of the settings' first epoch. Returns how
 * many batches there were; 0: failed. */
int32_t lw_bn_pass_refresh (LwBnPass *pass, LwDataset *dataset, const LwSettings *settings,
                            int32_t batches, const LwBnProgress *progress, GError **error);
/* The running mean and variance in use, [c] each; false: no batch normalization. */
bool lw_bn_pass_running (const LwBnPass *pass, LwNodeId node, const float **ret_mean,
                         const float **ret_variance);

/* Images of a split as the network reads them, [n][C][H][W], and their labels; `order`: their
 * numbers, NULL: the first n. */
void lw_bn_gather (LwDataset *dataset, LwSplit split, LwShape input, const int32_t *order,
                   int32_t n, float *ret_images, int32_t *ret_labels);
/* Training images as the network meets them in `epoch`: augmented where the settings say so. */
void
lw_bn_gather_training (LwDataset *dataset, const LwSettings *settings, int64_t epoch,
                       const int32_t *order, int32_t n, float *ret_images, int32_t *ret_labels);

G_END_DECLS
