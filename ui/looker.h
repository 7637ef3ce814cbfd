/* LwLooker: what a network makes of images with weights of any moment, on a thread: one question at
 * a time, and of those that wait only the newest is answered, so that dragging over the epochs of a
 * run never queues up. Recent answers are kept, up to a budget of memory, and are there at once.
 *
 * Signals: `looked` (the question that was asked last is answered, or failed), `searched` (int: the
 * index that a search has found, −1: none, LW_SEARCH_GIVEN_UP). Main thread only; the work runs on
 * GTask's threads. */
#pragma once

#include "engine/data/dataset.h"
#include "engine/observe.h"
#include "onnx/onnx.h"
#include <gio/gio.h>

G_BEGIN_DECLS

#define LW_TYPE_LOOKER (lw_looker_get_type ())
G_DECLARE_FINAL_TYPE (LwLooker, lw_looker, LW, LOOKER, GObject)

/* Instead of an index: another question came, or the weights could not be read. */
#define LW_SEARCH_GIVEN_UP (-2)

/* A question. */
typedef struct {
  const char *weights; /* a safetensors file; NULL: initial weights of `seed` */
  uint64_t seed;
  guint picture;      /* a number of the picture: another picture has another */
  const float *input; /* [C][H][W] of the network's input */
  LwNodeId layer;     /* whose parameters are wanted */
  int32_t row;        /* of which unit, where not all are copied (engine/tensor_part.h) */
} LwLookWanted;

/* An answer, and to which question. */
typedef struct {
  char *weights;
  uint64_t seed;
  guint picture;
  LwObservation *observation;
  LwNodeId layer;
  int32_t row;
  LwTensorPart parts[LW_MAX_TENSORS]; /* of the layer, by role */
  float *tensors[LW_MAX_TENSORS];     /* their numbers; NULL: none */
} LwLook;

LwLooker *lw_looker_new (LwGraph *graph, const LwBackend *backend);
/* With the weights of an ONNX file, whatever a question says of weights; takes a reference. */
LwLooker *lw_looker_new_onnx (LwGraph *graph, const LwBackend *backend, LwOnnxNetwork *network);
/* Answers at once what is known, else NULL, and `looked` follows. Valid until the next question. */
const LwLook *lw_looker_ask (LwLooker *self, const LwLookWanted *wanted);
/* The last answer, or NULL. */
const LwLook *lw_looker_last (LwLooker *self);
/* Whether the last question waits for its answer. */
bool lw_looker_is_busy (LwLooker *self);
bool lw_looker_is_searching (LwLooker *self);
/* Gives up what is being worked on: a search holds its looker, and may take minutes. */
void lw_looker_stop (LwLooker *self);
/* Why the last question could not be answered, a sentence; NULL: it could, or will. */
const char *lw_looker_problem (LwLooker *self);
/* Looks for the next example after `index` (`by` −1: before) that these weights take for another
 * class than its label; goes once around the split. `only`: of this class alone, −1: any. Another
 * question ends it. */
void lw_looker_search (LwLooker *self, const LwLookWanted *wanted, LwDataset *dataset,
                       LwSplit split, int32_t index, int by, int32_t only);

G_END_DECLS
