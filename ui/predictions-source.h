/* LwPredictionsSource: the predictions of the selected run at one of its epochs, and what is marked
 * of them: a cell of the confusion matrix and an image. The parts of the Predictions view share it.
 * While a run trains it follows the newest epoch until another one is chosen; of a saved run it
 * begins with the best.
 *
 * Signals: `moments-changed` (other epochs, or another run), `changed` (another epoch is shown, or
 * none), `cell-changed`, `image-changed`. Main thread only. */
#pragma once

#include "engine/record_predictions.h"
#include "ui/workbench.h"

G_BEGIN_DECLS

#define LW_TYPE_PREDICTIONS_SOURCE (lw_predictions_source_get_type ())
G_DECLARE_FINAL_TYPE (LwPredictionsSource, lw_predictions_source, LW, PREDICTIONS_SOURCE, GObject)

LwPredictionsSource *lw_predictions_source_new (LwWorkbench *workbench);

LwWorkbench *lw_predictions_source_workbench (LwPredictionsSource *self);
LwRunItem *lw_predictions_source_run (LwPredictionsSource *self); /* NULL: none is selected */
/* While it is inactive (its page is hidden) it reads nothing. */
void lw_predictions_source_set_active (LwPredictionsSource *self, bool active);
/* Why there is nothing: a saved run's file is being read; it has none; no epoch has ended yet. */
typedef enum {
  LW_PREDICTIONS_THERE,
  LW_PREDICTIONS_NO_RUN,
  LW_PREDICTIONS_READING,
  LW_PREDICTIONS_NOT_YET,
  LW_PREDICTIONS_NOT_KEPT
} LwPredictionsState;
LwPredictionsState lw_predictions_source_state (LwPredictionsSource *self);
/* Reads a saved run's file again. */
void lw_predictions_source_reload (LwPredictionsSource *self);

/* The epochs that are there, oldest first; borrowed, until `moments-changed`. */
const LwPredictionMoment *lw_predictions_source_moments (LwPredictionsSource *self, int *ret_n);
int lw_predictions_source_best (LwPredictionsSource *self); /* of them; −1: none */
int lw_predictions_source_left_out (LwPredictionsSource *self);
int lw_predictions_source_moment (LwPredictionsSource *self); /* the shown one; −1: none */
void lw_predictions_source_show (LwPredictionsSource *self, int moment);

/* What is shown; NULL: nothing. Until `changed`. */
const LwPredictionSet *lw_predictions_source_set (LwPredictionsSource *self);
const int32_t *lw_predictions_source_counts (LwPredictionsSource *self); /* [classes][classes] */
/* [classes], NULL-terminated; the data set's, or numbers. */
const char *const *lw_predictions_source_names (LwPredictionsSource *self);
/* The set that its images come from; NULL: not loaded, or another than the run's. */
LwDataset *lw_predictions_source_dataset (LwPredictionsSource *self);
/* One image's probabilities over the epochs, as lw_predictions_series. */
int lw_predictions_source_series (LwPredictionsSource *self, int32_t example, double **ret_epochs,
                                  float **ret_probabilities);

/* The marked cell; false: none. */
bool
lw_predictions_source_cell (LwPredictionsSource *self, int32_t *ret_label, int32_t *ret_predicted);
void lw_predictions_source_mark_cell (LwPredictionsSource *self, int32_t label, int32_t predicted);
/* The marked image, by its index in the test. */
int32_t lw_predictions_source_image (LwPredictionsSource *self);
void lw_predictions_source_mark_image (LwPredictionsSource *self, int32_t example);

G_END_DECLS
