/* The passes. A training plan shares memory among values and normalizes by the batch; here every
 * value and gradient has memory of its own, and each step says by its `training` what mode means
 * for it: pooling must remember its winners, normalization and dropout must do as in evaluation. */
#include "engine/explain.h"

#include "engine/i18n.h"
#include "engine/run.h"
#include "engine/session_private.h"

#include <string.h>

typedef struct {
  void *memory;
  size_t bytes;
} Block;

enum { VALUES, GRADIENTS, STATES, WORKSPACE, N_BLOCKS };

struct LwExplainer {
  LwSession *session; /* inference only: device, weights */
  int32_t n;
  LwStep *steps; /* [n] */
  int32_t n_prepared;
  bool *arrived; /* [n]: a gradient has been written */
  bool looked;
  size_t *offsets; /* [n]: of values, and of gradients, in their blocks */
  Block blocks[N_BLOCKS];
};

const LwBackend *
lw_explaining_backend (const LwBackend *const *backends)
{
  for (; *backends != NULL; backends++)
    if ((*backends)->explains && (*backends)->count (NULL) > 0)
      return *backends;
  return NULL;
}

static bool
take (LwExplainer *e, int which, size_t bytes, GError **error)
{
  const LwSession *session = e->session;
  Block *block = &e->blocks[which];

  block->bytes = MAX (bytes, LW_ALIGNMENT);
  block->memory = session->backend->alloc (session->device, block->bytes, error);
  return block->memory != NULL;
}

static size_t
aligned (size_t bytes)
{
  return (bytes + LW_ALIGNMENT - 1) / LW_ALIGNMENT * LW_ALIGNMENT;
}

static void
describe_step (LwExplainer *e, LwNodeId id)
{
  const LwGraph *graph = e->session->graph;
  const LwNode *node = lw_graph_node (graph, id);
  LwStep *step = &e->steps[id];

  *step = (LwStep){ .op = node->op,
                    .graph = graph,
                    .node = node,
                    .id = id,
                    .batch = 1,
                    .n = 1,
                    .training = node->op != LW_OP_BATCH_NORM && node->op != LW_OP_DROPOUT,
                    .n_x = node->n_inputs,
                    .y_shape = node->shape };
  for (int32_t i = 0; i < node->n_inputs; i++)
    step->x_shape[i] = lw_graph_node (graph, node->inputs[i])->shape;
  for (int32_t i = 0; i < node->n_tensors; i++) {
    const int32_t index = node->tensors[i];

    step->param[lw_graph_tensor (graph, index)->role] =
        e->session->tensors + e->session->offsets[index];
  }
}

static bool
take_memory (LwExplainer *e, GError **error)
{
  const LwBackend *backend = e->session->backend;
  LwDevice *device = e->session->device;
  g_autofree size_t *states = g_new0 (size_t, e->n);
  size_t values = 0, state = 0, workspace = 0;

  for (LwNodeId id = 0; id < e->n; id++) {
    const LwStep *step = &e->steps[id];
    const LwKernel *kernel = &backend->kernels[step->op];

    e->offsets[id] = values;
    values += aligned (backend->value_bytes (device, step->y_shape, 1));
    states[id] = state;
    if (kernel->state_bytes != NULL)
      state += aligned (kernel->state_bytes (device, step));
    if (kernel->workspace_bytes != NULL)
      workspace = MAX (workspace, kernel->workspace_bytes (device, step));
  }
  if (!take (e, VALUES, values, error) || !take (e, GRADIENTS, values, error) ||
      !take (e, STATES, state, error) || !take (e, WORKSPACE, workspace, error))
    return false;
  for (LwNodeId id = 0; id < e->n; id++) {
    LwStep *step = &e->steps[id];

    step->y = (char *)e->blocks[VALUES].memory + e->offsets[id];
    step->dy = (char *)e->blocks[GRADIENTS].memory + e->offsets[id];
    step->state = (char *)e->blocks[STATES].memory + states[id];
    step->workspace = e->blocks[WORKSPACE].memory;
    for (int32_t i = 0; i < step->n_x; i++)
      step->x[i] = (char *)e->blocks[VALUES].memory + e->offsets[step->node->inputs[i]];
  }
  return true;
}

static bool
prepare (LwExplainer *e, GError **error)
{
  for (; e->n_prepared < e->n; e->n_prepared++) {
    LwStep *step = &e->steps[e->n_prepared];
    const LwKernel *kernel = &e->session->backend->kernels[step->op];

    if (step->op != LW_OP_INPUT && kernel->backward == NULL) {
      g_set_error (error, LW_ERROR, LW_ERROR_UNSUPPORTED,
                   _ ("The device \"%s\" cannot run the layer \"%s\" backwards."),
                   e->session->backend->name, step->node->name);
      return false;
    }
    if (kernel->prepare != NULL && !kernel->prepare (e->session->device, step, error))
      return false;
  }
  return true;
}

LwExplainer *
lw_explainer_new (LwGraph *graph, const LwBackend *backend, const char *weights, uint64_t seed,
                  GError **error)
{
  const LwSessionOptions options = { .inference_batch = 1, .links = LW_LINKS_NEVER };
  g_autoptr (LwExplainer) e = g_new0 (LwExplainer, 1);

  if (!backend->explains) {
    g_set_error (error, LW_ERROR, LW_ERROR_UNSUPPORTED,
                 _ ("The device \"%s\" computes no gradients in evaluation; the reference does."),
                 backend->name);
    return NULL;
  }
  e->session = lw_session_new (graph, backend, 0, &options, error);
  if (e->session == NULL)
    return NULL;
  if (!(weights != NULL ? lw_session_load (e->session, weights, error)
                        : lw_session_initialize (e->session, seed, error)))
    return NULL;
  e->n = lw_graph_n_nodes (graph);
  e->steps = g_new0 (LwStep, e->n);
  e->offsets = g_new0 (size_t, e->n);
  e->arrived = g_new0 (bool, e->n);
  for (LwNodeId id = 0; id < e->n; id++)
    describe_step (e, id);
  if (!take_memory (e, error) || !prepare (e, error))
    return NULL;
  return g_steal_pointer (&e);
}

void
lw_explainer_free (LwExplainer *e)
{
  if (e == NULL)
    return;
  for (int32_t i = 0; i < e->n_prepared; i++) {
    const LwKernel *kernel = &e->session->backend->kernels[e->steps[i].op];

    if (kernel->release != NULL)
      kernel->release (e->session->device, &e->steps[i]);
  }
  for (int i = 0; i < N_BLOCKS; i++)
    if (e->blocks[i].memory != NULL)
      e->session->backend->free (e->session->device, e->blocks[i].memory, e->blocks[i].bytes);
  lw_session_free (e->session);
  g_free (e->steps);
  g_free (e->offsets);
  g_free (e->arrived);
  g_free (e);
}

LwGraph *
lw_explainer_graph (const LwExplainer *e)
{
  return e->session->graph;
}

/* --- the passes ---------------------------------------------------------------------------------
 */

/* Layers `from` to the last. */
static bool
forward (LwExplainer *e, LwNodeId from, GCancellable *cancellable, GError **error)
{
  for (LwNodeId id = MAX (from, 1); id < e->n; id++) {
    const LwStep *step = &e->steps[id];

    if (g_cancellable_set_error_if_cancelled (cancellable, error))
      return false;
    if (!e->session->backend->kernels[step->op].forward (e->session->device, step, error)) {
      g_prefix_error (error, _ ("Layer \"%s\": "), step->node->name);
      return false;
    }
  }
  return true;
}

static bool
put (LwExplainer *e, LwNodeId id, const float *values, GCancellable *cancellable, GError **error)
{
  LwStep *step = &e->steps[id];

  memset (e->arrived, 0, sizeof *e->arrived * (gsize)e->n);
  e->looked = e->session->backend->upload_value (e->session->device, step->y, step->y_shape, 1,
                                                 values, error) &&
              forward (e, id + 1, cancellable, error);
  return e->looked;
}

static bool
check_looked (const LwExplainer *e, LwNodeId layer, GError **error)
{
  if (e->looked && layer >= 0 && layer < e->n)
    return true;
  g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
               _ ("There is no forward pass of this layer to explain: look at an image first."));
  return false;
}

bool
lw_explainer_look (LwExplainer *e, const float *image, GCancellable *cancellable, GError **error)
{
  const LwBatch batch = { .images = image, .n = 1 };
  const float *values = lw_session_normalize (e->session, &batch, error);

  return values != NULL && put (e, 0, values, cancellable, error);
}

bool
lw_explainer_replace (LwExplainer *e, LwNodeId layer, const float *values,
                      GCancellable *cancellable, GError **error)
{
  return check_looked (e, layer, error) && put (e, layer, values, cancellable, error);
}

/* One layer's backward: the first gradient that arrives at a value is written, others are added. */
static bool
step_back (LwExplainer *e, LwNodeId id, GError **error)
{
  LwStep *step = &e->steps[id];

  step->accumulate = 0;
  for (int32_t i = 0; i < step->n_x; i++) {
    const LwNodeId input = step->node->inputs[i];

    step->dx[i] = (char *)e->blocks[GRADIENTS].memory + e->offsets[input];
    if (e->arrived[input])
      step->accumulate |= 1u << i;
    e->arrived[input] = true;
  }
  if (e->session->backend->kernels[step->op].backward (e->session->device, step, error))
    return true;
  g_prefix_error (error, _ ("Layer \"%s\": "), step->node->name);
  return false;
}

bool
lw_explainer_follow (LwExplainer *e, int32_t label, LwNodeId down_to, GCancellable *cancellable,
                     GError **error)
{
  const LwNodeId output = lw_graph_output (e->session->graph);
  const int32_t classes = lw_graph_classes (e->session->graph);
  g_autofree float *one = g_new0 (float, classes);

  if (!check_looked (e, down_to, error))
    return false;
  if (label < 0 || label >= classes) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID, _ ("Class %d: this network knows 0 to %d."),
                 label, classes - 1);
    return false;
  }
  memset (e->arrived, 0, sizeof *e->arrived * (gsize)e->n);
  one[label] = 1;
  if (!e->session->backend->upload_value (e->session->device, (void *)e->steps[output].dy,
                                          e->steps[output].y_shape, 1, one, error))
    return false;
  e->arrived[output] = true;
  for (LwNodeId id = output; id > down_to; id--) {
    if (!e->arrived[id])
      continue;
    if (g_cancellable_set_error_if_cancelled (cancellable, error) || !step_back (e, id, error))
      return false;
  }
  return true;
}

/* --- results ------------------------------------------------------------------------------------
 */

static bool
download (LwExplainer *e, LwNodeId id, const void *from, float *ret_values, GError **error)
{
  return e->session->backend->download_value (e->session->device, from, e->steps[id].y_shape, 1,
                                              ret_values, error);
}

bool
lw_explainer_value (LwExplainer *e, LwNodeId layer, float *ret_values, GError **error)
{
  return check_looked (e, layer, error) &&
         download (e, layer, e->steps[layer].y, ret_values, error);
}

bool
lw_explainer_gradient (LwExplainer *e, LwNodeId layer, float *ret_values, GError **error)
{
  if (!check_looked (e, layer, error))
    return false;
  if (e->arrived[layer])
    return download (e, layer, e->steps[layer].dy, ret_values, error);
  memset (ret_values, 0, sizeof (float) * (gsize)lw_shape_size (e->steps[layer].y_shape));
  return true;
}

bool
lw_explainer_scores (LwExplainer *e, float *ret_scores, GError **error)
{
  return lw_explainer_value (e, lw_graph_output (e->session->graph), ret_scores, error);
}
