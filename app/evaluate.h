/* LwEvaluation: what a network says about labelled images, in evaluation mode and in file order. */
#pragma once

#include "engine/data/dataset.h"
#include "engine/bn_pass.h"
#include "engine/session.h"

G_BEGIN_DECLS

typedef struct {
  int32_t count, classes;
  double accuracy, loss; /* means; NaN without labels */
  int32_t *labels;       /* [count]; −1: not known */
  int32_t *predicted;    /* [count] */
  float *logits;         /* [count][classes] */
  int32_t *confusion;    /* [classes][classes]: label, predicted */
} LwEvaluation;

/* The first `limit` images of a split (0: all). Fails when images and network do not fit. */
LwEvaluation *lw_evaluate_split (LwSession *session, LwDataset *dataset, LwSplit split,
                                 int32_t limit, GError **error);
/* The same with each batch of the pass's session normalized by its own statistics (bn_pass.h). */
LwEvaluation *
lw_evaluate_split_by_batch (LwBnPass *pass, LwSession *session, LwDataset *dataset, LwSplit split,
                            int32_t limit, uint64_t seed, GError **error);
/* One image, [C][H][W] of the network's input. */
LwEvaluation *lw_evaluate_image (LwSession *session, const float *image, GError **error);
void lw_evaluation_free (LwEvaluation *evaluation);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwEvaluation, lw_evaluation_free)

/* softmax (logits of one image), [classes]. */
void lw_evaluation_probabilities (const LwEvaluation *evaluation, int32_t index,
                                  double *ret_probabilities);

G_END_DECLS
