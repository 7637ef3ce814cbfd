/* LwBnAccuracies: how well the same weights recognize the same test images in three ways: each
 * batch normalized by its own statistics, by the running ones, and by running ones that were
 * measured afresh on training images (bn_pass.h). Kept in the run's folder as bn-study.json. */
#pragma once

#include "engine/bn_pass.h"

G_BEGIN_DECLS

typedef enum { LW_BN_WITH_BATCH, LW_BN_WITH_RUNNING, LW_BN_WITH_FRESH, LW_N_BN_WAYS } LwBnWay;

typedef struct {
  int64_t step;          /* optimizer steps that the weights had gone through */
  int32_t images;        /* tested */
  int32_t batch;         /* in batches of so many */
  int32_t fresh_batches; /* of training images, for the fresh ones */
  double accuracy[LW_N_BN_WAYS];
} LwBnAccuracies;

/* What the numbers say. */
typedef enum {
  LW_BN_AGREE, /* batch and running differ by less than 0.01 */
  LW_BN_LAG,   /* running ones are worse, and measuring them afresh repairs it */
  LW_BN_SMALL, /* running ones are worse, and fresh ones as well */
  LW_BN_NOISE, /* the batch's own are the worse ones */
} LwBnVerdict;

/* Repaired: at least half of what was lost is there again, or all but 0.01. Pure. */
LwBnVerdict lw_bn_verdict (const LwBnAccuracies *accuracies);

/* Of the first `images` test images (0: as many as the settings say), fresh ones over up to
 * `fresh_batches` batches. The session (lw_bn_session_new) has the weights of `step`; its running
 * values are the fresh ones after it. */
bool
lw_bn_accuracies (LwSession *session, LwDataset *dataset, const LwSettings *settings, int64_t step,
                  int32_t images, int32_t fresh_batches, const LwBnProgress *progress,
                  LwBnAccuracies *ret_accuracies, GError **error);

bool
lw_bn_accuracies_save (const LwBnAccuracies *accuracies, const char *run_folder, GError **error);
/* False: there is no such file, or it makes no sense. */
bool lw_bn_accuracies_load (const char *run_folder, LwBnAccuracies *ret_accuracies);

G_END_DECLS
