#include "engine/observe.h"

#include "engine/i18n.h"
#include "engine/run.h"

#include <math.h>
#include <string.h>

struct LwObserver {
  LwSession *session;
  char *weights; /* what is loaded; NULL: initial weights */
  uint64_t seed;
  bool loaded;
};

struct LwObservation {
  gatomicrefcount references;
  LwGraph *graph;
  float **values; /* [nodes] */
  bool *seen;     /* [nodes]: a step computed it */
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
  observation->seen[step->id] = true;
  return lw_session_download (session, step, 1, observation->values[step->id], error);
}

void
lw_softmax (float *values, int64_t n)
{
  double sum = 0, largest = -INFINITY;

  for (int64_t i = 0; i < n; i++)
    largest = MAX (largest, (double)values[i]);
  for (int64_t i = 0; i < n; i++)
    sum += exp ((double)values[i] - largest);
  for (int64_t i = 0; i < n; i++)
    values[i] = (float)(exp ((double)values[i] - largest) / sum);
}

/* --- observers -----------------------------------------------------------------------------------
 */

LwObserver *
lw_observer_new (LwGraph *graph, const LwBackend *backend, GError **error)
{
  const LwSessionOptions options = { .batch = 0, .inference_batch = 1 };
  LwSession *session = lw_session_new (graph, backend, 0, &options, error);
  LwObserver *observer;

  if (session == NULL)
    return NULL;
  observer = g_new0 (LwObserver, 1);
  observer->session = session;
  return observer;
}

void
lw_observer_free (LwObserver *observer)
{
  if (observer == NULL)
    return;
  lw_session_free (observer->session);
  g_free (observer->weights);
  g_free (observer);
}

bool
lw_observer_load (LwObserver *observer, const char *weights, uint64_t seed, GError **error)
{
  if (observer->loaded && g_strcmp0 (weights, observer->weights) == 0 &&
      (weights != NULL || seed == observer->seed))
    return true;
  observer->loaded = false;
  if (!(weights != NULL ? lw_session_load (observer->session, weights, error)
                        : lw_session_initialize (observer->session, seed, error)))
    return false;
  g_free (observer->weights);
  observer->weights = g_strdup (weights);
  observer->seed = seed;
  observer->loaded = true;
  return true;
}

bool
lw_observer_fill (LwObserver *observer, LwObserverFill fill, gconstpointer data, GError **error)
{
  observer->loaded = false;
  return fill (observer->session, data, error);
}

static LwObservation *
new_observation (LwGraph *graph, GError **error)
{
  const int32_t n = lw_graph_n_nodes (graph);
  LwObservation *observation = g_new0 (LwObservation, 1);

  g_atomic_ref_count_init (&observation->references);
  observation->graph = lw_graph_ref (graph);
  observation->values = g_new0 (float *, n);
  observation->seen = g_new0 (bool, n);
  observation->probabilities = g_new0 (float, lw_graph_classes (graph));
  for (LwNodeId id = 0; id < n; id++) {
    const gsize size = (gsize)lw_shape_size (lw_graph_node (graph, id)->shape);

    observation->values[id] = g_try_new0 (float, size);
    if (observation->values[id] != NULL)
      continue;
    g_set_error (
        error, LW_ERROR, LW_ERROR_MEMORY,
        _ ("There is not enough memory to look into every layer of this network at once."));
    lw_observation_free (observation);
    return NULL;
  }
  return observation;
}

/* Layers that no step computes pass their input on. */
static void
pass_on (LwObservation *observation)
{
  for (LwNodeId id = 0; id < lw_graph_n_nodes (observation->graph); id++) {
    const LwNode *node = lw_graph_node (observation->graph, id);
    const int64_t size = lw_shape_size (node->shape);

    if (!observation->seen[id] && node->n_inputs == 1 &&
        lw_shape_size (lw_graph_node (observation->graph, node->inputs[0])->shape) == size)
      memcpy (observation->values[id], observation->values[node->inputs[0]],
              sizeof (float) * (gsize)size);
  }
}

LwObservation *
lw_observer_look (LwObserver *observer, const float *image, GError **error)
{
  LwGraph *graph = lw_session_graph (observer->session);
  const LwBatch batch = { .images = image, .labels = NULL, .n = 1 };
  g_autoptr (LwObservation) observation = new_observation (graph, error);

  if (observation == NULL)
    return NULL;
  memcpy (observation->values[0], image,
          sizeof (float) * (gsize)lw_shape_size (lw_graph_input_shape (graph)));
  if (!lw_session_infer (observer->session, &batch, keep_value, observation,
                         observation->probabilities, NULL, error))
    return NULL;
  pass_on (observation);
  lw_softmax (observation->probabilities, lw_graph_classes (graph));
  return g_steal_pointer (&observation);
}

int32_t
lw_observer_classify (LwObserver *observer, const float *image, GError **error)
{
  const int32_t classes = lw_graph_classes (lw_session_graph (observer->session));
  const LwBatch batch = { .images = image, .labels = NULL, .n = 1 };
  g_autofree float *logits = g_new0 (float, classes);
  int32_t best = 0;

  if (!lw_session_infer (observer->session, &batch, NULL, NULL, logits, NULL, error))
    return -1;
  for (int32_t i = 1; i < classes; i++)
    if (logits[i] > logits[best])
      best = i;
  return best;
}

bool
lw_observer_part (LwObserver *observer, LwTensorPart part, float *ret_data, GError **error)
{
  return lw_session_get_part (observer->session, part, ret_data, error);
}

LwObservation *
lw_observe (LwGraph *graph, const LwBackend *backend, const char *weights, uint64_t seed,
            const float *image, GError **error)
{
  g_autoptr (LwObserver) observer = lw_observer_new (graph, backend, error);

  return observer != NULL && lw_observer_load (observer, weights, seed, error)
             ? lw_observer_look (observer, image, error)
             : NULL;
}

/* --- observations --------------------------------------------------------------------------------
 */

LwObservation *
lw_observation_ref (LwObservation *observation)
{
  g_atomic_ref_count_inc (&observation->references);
  return observation;
}

void
lw_observation_free (LwObservation *observation)
{
  if (observation == NULL || !g_atomic_ref_count_dec (&observation->references))
    return;
  for (LwNodeId id = 0; id < lw_graph_n_nodes (observation->graph); id++)
    g_free (observation->values[id]);
  g_free (observation->values);
  g_free (observation->seen);
  g_free (observation->probabilities);
  lw_graph_unref (observation->graph);
  g_free (observation);
}

LwGraph *
lw_observation_graph (const LwObservation *observation)
{
  return observation->graph;
}

int64_t
lw_observation_bytes (const LwObservation *observation)
{
  int64_t bytes = 0;

  for (LwNodeId id = 0; id < lw_graph_n_nodes (observation->graph); id++)
    bytes += lw_shape_size (lw_graph_node (observation->graph, id)->shape) * 4;
  return bytes;
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
