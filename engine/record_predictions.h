/* LwPredictions: what a run's network said about each image of the test after each epoch: the
 * predicted class and the probabilities of all classes, 2 bytes each. A record (record.h), saved
 * with each checkpoint as predictions.safetensors.
 *
 * Memory is bounded (LW_PREDICTIONS_BYTES: for 10,000 images of 10 classes about 70 epochs). Of a
 * longer run epochs are left out, those nearest to their neighbours first; the first, the newest
 * and the best always stay. Where not even three epochs fit, only the probabilities of the
 * prediction and of the true class are kept.
 *
 * Threads: the trainer writes; all below from any thread, copying under a short pthread lock. */
#pragma once

#include "engine/data/dataset.h"
#include "engine/prediction_set.h"
#include "engine/record.h"

#include <gio/gio.h>

G_BEGIN_DECLS

#define LW_PREDICTIONS_FILE  "predictions.safetensors"
#define LW_PREDICTIONS_BYTES (16 << 20)

typedef struct LwPredictions LwPredictions;

/* That of a run's records; NULL: none is kept. */
LwPredictions *lw_records_predictions (const LwRecords *records);

typedef struct {
  int64_t step;
  double epoch;
  int32_t correct; /* of the examples */
} LwPredictionMoment;

int32_t lw_predictions_examples (LwPredictions *predictions); /* of the test; 0: not known yet */
int32_t lw_predictions_classes (const LwPredictions *predictions);
/* Epochs that were left out so far. */
int32_t lw_predictions_left_out (LwPredictions *predictions);
/* Those that are there, oldest first; g_array_unref (of LwPredictionMoment). */
GArray *lw_predictions_moments (LwPredictions *predictions);
/* A copy of the moment after `step`; NULL: there is none. */
LwPredictionSet *lw_predictions_get (LwPredictions *predictions, int64_t step);
/* The probabilities of one example over the moments, [moments][classes], NaN where not kept, and
 * their epochs; g_free both. Returns the number of moments. */
int32_t lw_predictions_series (LwPredictions *predictions, int32_t example, double **ret_epochs,
                               float **ret_probabilities);

/* For a run that kept none: asks its checkpoints (the best and the last) about the test's images
 * and writes the file, on the calling thread, which should be one of the program's workers.
 * `progress` may be NULL; 0 to 1. Fails with a sentence, or G_IO_ERROR_CANCELLED. */
bool lw_predictions_compute (const char *run_folder, LwGraph *graph, const LwSettings *settings,
                             const LwBackend *backend, LwDataset *dataset,
                             void (*progress) (double done, void *data), void *data,
                             GCancellable *cancellable, GError **error);

G_END_DECLS
