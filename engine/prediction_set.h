/* LwPredictionSet: what a network said about the test's images at one moment of its training: the
 * predicted class of each and the probabilities of the classes. A value of its own: made by
 * lw_predictions_get (record_predictions.h), read by any one thread at a time.
 *
 * Probabilities are kept as log-odds, ln (p / (1 − p)), in 16 bits from −20 to 20, which is as fine
 * near 0 and 1, where confident answers differ, as in the middle: p is off by at most 0.0001. */
#pragma once

#include "engine/error.h"
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

typedef struct {
  int32_t n, classes;
  int64_t step; /* optimizer steps done */
  double epoch; /* epochs done */
  /* Numbers an example: `classes`, or 2 where all would take too much memory: the probability of
   * the prediction, then that of the true class. */
  int32_t width;
  int32_t *labels;     /* [n] */
  uint16_t *predicted; /* [n]; the largest logit, the first on ties */
  uint16_t *log_odds;  /* [n][width] */
} LwPredictionSet;

void lw_prediction_set_free (LwPredictionSet *set);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwPredictionSet, lw_prediction_set_free)

/* Of the softmax of `logits` [classes]; what is no number counts as −∞. */
void lw_log_odds_pack (const float *logits, int32_t classes, uint16_t *ret_log_odds);
float lw_log_odds_probability (uint16_t log_odds);

/* 0 to 1; NaN where it was not kept. */
float lw_prediction_set_probability (const LwPredictionSet *set, int32_t example, int32_t label);
/* How many images of class `row` were taken for class `column`: [classes][classes]; g_free. */
int32_t *lw_prediction_set_confusion (const LwPredictionSet *set);
/* The examples of a cell of that matrix, the most confident prediction first; `label` or
 * `predicted` −1: any. g_free. */
int32_t *lw_prediction_set_cell (const LwPredictionSet *set, int32_t label, int32_t predicted,
                                 int32_t *ret_n);
/* At most `most` examples that were taken for another class, the most confident first; g_free. */
int32_t *lw_prediction_set_mistakes (const LwPredictionSet *set, int32_t most, int32_t *ret_n);

G_END_DECLS
