/* What the files of LwExperiment share. */
#pragma once

#include "engine/experiment.h"

#include "engine/i18n.h"

G_BEGIN_DECLS

struct LwAnswer {
  const LwExperiment *experiment;
  const LwNumbers *numbers; /* [n] */
  int n;
  LwTranslate translate;
  GString *text;
};

/* Adds a sentence. In it {MEASURE:RUN} is that number ("{best:0}"; the names are in
 * experiment_numbers.c), {diff:MEASURE:A:B} the absolute difference, {target} the experiment's. */
void lw_answer_say (LwAnswer *answer, const char *sentence);
double lw_answer_value (const LwAnswer *answer, LwMeasure measure, int run); /* NAN: unknown */
/* Whether run `a` is better than `b` by more than noise (test accuracies); false where unknown. */
bool lw_answer_beats (const LwAnswer *answer, LwMeasure measure, int a, int b);
bool lw_answer_diverged (const LwAnswer *answer, int run);
const char *lw_experiment_translate (LwTranslate translate, const char *phrase);

/* By name; what an experiment's `answer` points at. */
void lw_answer_lenet (LwAnswer *answer);
void lw_answer_dropout (LwAnswer *answer);
void lw_answer_filters (LwAnswer *answer);
void lw_answer_depth (LwAnswer *answer);
void lw_answer_pooling (LwAnswer *answer);
void lw_answer_paths (LwAnswer *answer);
void lw_answer_bn_faster (LwAnswer *answer);
void lw_answer_bn_jump (LwAnswer *answer);
void lw_answer_bn_batch (LwAnswer *answer);
void lw_answer_shortcuts (LwAnswer *answer);
void lw_answer_dense (LwAnswer *answer);

G_END_DECLS
