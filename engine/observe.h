/* What a network computes for one image: every layer's output in evaluation mode, from a run's
 * checkpoint or from initial weights. Makes its own session, so it never disturbs a training; meant
 * for a worker thread of the program. */
#pragma once

#include "engine/session.h"

G_BEGIN_DECLS

typedef struct LwObservation LwObservation;

/* `weights`: a safetensors file, or NULL for initial weights from `seed`. `image`: the network's
 * input, [C][H][W]. Fails with a sentence. */
LwObservation *lw_observe (LwGraph *graph, const LwBackend *backend, const char *weights,
                           uint64_t seed, const float *image, GError **error);
void lw_observation_free (LwObservation *observation);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwObservation, lw_observation_free)

LwGraph *lw_observation_graph (const LwObservation *observation);
/* [c][h][w] of the layer's shape. */
const float *lw_observation_values (const LwObservation *observation, LwNodeId node);
/* Softmax of the logits, [classes]. */
const float *lw_observation_probabilities (const LwObservation *observation);

G_END_DECLS
