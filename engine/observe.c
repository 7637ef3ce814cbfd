#include "engine/observe.h"

#include "engine/run.h"

#include <math.h>
#include <string.h>

struct LwObservation {
  LwGraph *graph;
  float **values; /* [nodes], NULL until seen */
  float *probabilities;
};

/* The hook of the pass: copies each layer's output while it is fresh. */
static bool
keep_value (LwSession *session, const LwStep *step, bool backward, void *data, GError **error)
{
  LwObservation *observation = data;

  (void)backward;
  if (step->node == NULL)
    return true;
  return lw_session_download (session, step, 1, observation->values[step->id], error);
}

static void
softmax (float *values, int32_t n)
{
  float largest = values[0];
  double sum = 0;

  for (int32_t i = 1; i < n; i++)
    largest = MAX (largest, values[i]);
  for (int32_t i = 0; i < n; i++)
    sum += exp ((double)values[i] - largest);
  for (int32_t i = 0; i < n; i++)
    values[i] = (float)(exp ((double)values[i] - largest) / sum);
}

LwObservation *
lw_observe (LwGraph *graph, const LwBackend *backend, const char *weights, uint64_t seed,
            const float *image, GError **error)
{
  const LwSessionOptions options = { .batch = 0, .inference_batch = 1 };
  const int32_t n = lw_graph_n_nodes (graph), classes = lw_graph_classes (graph);
  g_autoptr (LwObservation) observation = NULL;
  g_autoptr (LwSession) session = lw_session_new (graph, backend, 0, &options, error);
  const LwBatch batch = { .images = image, .labels = NULL, .n = 1 };

  if (session == NULL)
    return NULL;
  if (!(weights != NULL ? lw_session_load (session, weights, error)
                        : lw_session_initialize (session, seed, error)))
    return NULL;

  observation = g_new0 (LwObservation, 1);
  observation->graph = lw_graph_ref (graph);
  observation->values = g_new0 (float *, n);
  observation->probabilities = g_new0 (float, classes);
  for (LwNodeId id = 0; id < n; id++) {
    const gsize size = (gsize)lw_shape_size (lw_graph_node (graph, id)->shape);

    observation->values[id] = g_try_new0 (float, size);
    if (observation->values[id] == NULL) {
      g_set_error (error, LW_ERROR, LW_ERROR_MEMORY,
                   "There is not enough memory to look into every layer of this network at once.");
      return NULL;
    }
  }
  memcpy (observation->values[0], image,
          sizeof (float) * (gsize)lw_shape_size (lw_graph_input_shape (graph)));

  if (!lw_session_infer (session, &batch, keep_value, observation, observation->probabilities, NULL,
                         error))
    return NULL;
  softmax (observation->probabilities, classes);
  return g_steal_pointer (&observation);
}

void
lw_observation_free (LwObservation *observation)
{
  if (observation == NULL)
    return;
  for (LwNodeId id = 0; id < lw_graph_n_nodes (observation->graph); id++)
    g_free (observation->values[id]);
  g_free (observation->values);
  g_free (observation->probabilities);
  lw_graph_unref (observation->graph);
  g_free (observation);
}

LwGraph *
lw_observation_graph (const LwObservation *observation)
{
  return observation->graph;
}

const float *
lw_observation_values (const LwObservation *observation, LwNodeId node)
{
  g_return_val_if_fail (node >= 0 && node < lw_graph_n_nodes (observation->graph), NULL);
  return observation->values[node];
}

const float *
lw_observation_probabilities (const LwObservation *observation)
{
  return observation->probabilities;
}
