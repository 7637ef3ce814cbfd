/* What a network computes for one image: every layer's output in evaluation mode, from a file of
 * weights or from initial ones. Makes its own session, so it never disturbs a training; meant for a
 * worker thread of the program. An observer keeps the session and the weights it has loaded, for
 * many images or many files; it belongs to one thread at a time. An observation is immutable and
 * atomically counted. */
#pragma once

#include "engine/session.h"

G_BEGIN_DECLS

typedef struct LwObservation LwObservation;
typedef struct LwObserver LwObserver;

LwObserver *lw_observer_new (LwGraph *graph, const LwBackend *backend, GError **error);
void lw_observer_free (LwObserver *observer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwObserver, lw_observer_free)
/* `weights`: a safetensors file, or NULL for initial weights from `seed`. Does nothing when it has
 * them already: files of runs are never changed, only replaced by other names. */
bool lw_observer_load (LwObserver *observer, const char *weights, uint64_t seed, GError **error);
/* The same with weights from elsewhere, which `fill` puts into the session. */
typedef bool (*LwObserverFill) (LwSession *session, gconstpointer data, GError **error);
bool
lw_observer_fill (LwObserver *observer, LwObserverFill fill, gconstpointer data, GError **error);
/* `image`: the network's input, [C][H][W]. */
LwObservation *lw_observer_look (LwObserver *observer, const float *image, GError **error);
/* The class with the largest logit alone: cheaper. −1 with an error. */
int32_t lw_observer_classify (LwObserver *observer, const float *image, GError **error);
/* A tensor of the graph or a part of one, as lw_session_get_part has it. */
bool lw_observer_part (LwObserver *observer, LwTensorPart part, float *ret_data, GError **error);

/* All at once, with an observer of its own. Fails with a sentence. */
LwObservation *lw_observe (LwGraph *graph, const LwBackend *backend, const char *weights,
                           uint64_t seed, const float *image, GError **error);
LwObservation *lw_observation_ref (LwObservation *observation);
void lw_observation_free (LwObservation *observation); /* drops a reference */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwObservation, lw_observation_free)

LwGraph *lw_observation_graph (const LwObservation *observation);
int64_t lw_observation_bytes (const LwObservation *observation); /* of memory, nearly */
/* [c][h][w] of the layer's shape. What changes no value in evaluation mode (dropout, flatten) has
 * its input's. */
const float *lw_observation_values (const LwObservation *observation, LwNodeId node);
/* Softmax of the logits, [classes]. */
const float *lw_observation_probabilities (const LwObservation *observation);
/* Softmax in place; the largest is taken off first, so that no exponential overflows. */
void lw_softmax (float *values, int64_t n);

G_END_DECLS
