/* What predict found, as tables and as JSON. One thread. */
#pragma once

#include "engine/evaluate.h"

G_BEGIN_DECLS

/* What classes are called: as is given, or as the data have it; else by their numbers. */
typedef struct {
  const char *const *given; /* of all classes; or NULL */
  const LwDataset *dataset; /* whose classes are the network's, or some of them; or NULL */
} LwClassNames;

/* For data whose classes are others than the network's: no label, no accuracy. */
void lw_predict_report_forget_labels (LwEvaluation *evaluation);
/* `batch_norm`: what batch normalizations used; NULL: running statistics. */
void lw_predict_report_json (const LwEvaluation *evaluation, const LwClassNames *names,
                             const char *batch_norm);
/* How often each class was found, and the confusion matrix. */
void lw_predict_report_split (const LwEvaluation *evaluation, const LwClassNames *names);
/* Of one image: the classes, the most probable first; of many the first ten. */
void lw_predict_report_image (const LwEvaluation *evaluation, const LwClassNames *names);

G_END_DECLS
