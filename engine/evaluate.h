/* LwEvaluation: what a network says about labelled images, in evaluation mode and in file order:
 * predictions, accuracy, loss, confusion matrix. One thread: the session's. */
#pragma once

#include "engine/bn_pass.h"
#include "engine/data/dataset.h"
#include "engine/session.h"

G_BEGIN_DECLS

typedef struct {
  int32_t count, classes;
  int32_t correct;
  double accuracy, loss; /* means; NaN without labels */
  int32_t *labels;       /* [count]; −1: not known */
  int32_t *predicted;    /* [count]: the largest logit, the first on ties */
  float *logits;         /* [count][classes]; NULL: not kept */
  int32_t *confusion;    /* [classes][classes]: label, predicted */
} LwEvaluation;

/* The first `limit` images of a split (0: all). Fails when images and network do not fit, and with
 * LW_ERROR_CANCELLED when `progress`, which may be NULL, says so. */
LwEvaluation *
lw_evaluate_split (LwSession *session, LwDataset *dataset, LwSplit split, int32_t limit,
                   bool keep_logits, const LwBnProgress *progress, GError **error);
/* The same with these statistics of a pass over the session (lw_bn_pass_predict); keeps logits. */
LwEvaluation *
lw_evaluate_pass (LwBnPass *pass, LwSession *session, LwDataset *dataset, LwSplit split,
                  int32_t limit, uint64_t seed, LwBnStatistics statistics,
                  const LwBnProgress *progress, GError **error);
/* One image, [C][H][W] of the network's input; keeps logits. */
LwEvaluation *lw_evaluate_image (LwSession *session, const float *image, GError **error);
void lw_evaluation_free (LwEvaluation *evaluation);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwEvaluation, lw_evaluation_free)

/* softmax (logits of one image), [classes]; of an evaluation that keeps logits. */
void lw_evaluation_probabilities (const LwEvaluation *evaluation, int32_t index,
                                  double *ret_probabilities);

G_END_DECLS
