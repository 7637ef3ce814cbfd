/* LwExplanation: maps of what in an image speaks for a class (engine/explain.h), computed on a
 * worker thread from a run's saved weights. The network stays loaded between questions; a new
 * question replaces the one that is being answered. Until its answer is there the last one stays if
 * it is of the same image, classes, layer and method: only the weights are others then.
 *
 * Signal `changed`: an answer, a problem, or work has begun. Main thread only. */
#pragma once

#include "engine/explain.h"
#include "ui/run-weights.h"

G_BEGIN_DECLS

#define LW_TYPE_EXPLANATION (lw_explanation_get_type ())
G_DECLARE_FINAL_TYPE (LwExplanation, lw_explanation, LW, EXPLANATION, GObject)

#define LW_EXPLAINED_CLASSES 2

typedef struct {
  LwRunWeights *weights; /* saved ones; the nearest to their step are taken */
  LwExplainMethod method;
  LwNodeId layer;
  int32_t classes[LW_EXPLAINED_CLASSES]; /* −1: none; or one of these: */
} LwQuestion;

/* Of an image that nothing is known of yet. */
#define LW_LIKELIEST_CLASS (-2)
#define LW_RUNNER_UP_CLASS (-3)

LwExplanation *lw_explanation_new (void);
/* `input`: the network's, [C][H][W]; it and the weights are taken over. The last answer stays
 * only where the same is asked of other weights. */
void lw_explanation_ask (LwExplanation *self, const LwQuestion *question, float *input);
/* Stops what is being computed; there is no answer then. */
void lw_explanation_cancel (LwExplanation *self);
/* Stops, and lets the network and its memory go. */
void lw_explanation_forget (LwExplanation *self);

bool lw_explanation_is_busy (LwExplanation *self);
const char *lw_explanation_problem (LwExplanation *self); /* a sentence, or NULL */
/* The map of the i-th class of the last answer, [rows][columns]; NULL: none. */
const float *lw_explanation_map (LwExplanation *self, int i, int *ret_rows, int *ret_columns);
/* The i-th class of the last answer, −1: none; and its score. */
int32_t lw_explanation_class (LwExplanation *self, int i);
double lw_explanation_score (LwExplanation *self, int i);
/* Softmax of the last answer's scores, [classes]; NULL: there is none. */
const float *lw_explanation_probabilities (LwExplanation *self);
/* Of the weights of the last answer; −1: none. */
int64_t lw_explanation_step (LwExplanation *self);

G_END_DECLS
