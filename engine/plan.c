#include "engine/i18n.h"
#include "engine/plan_private.h"

#include <string.h>

#define LARGEST_BATCH  65536
#define LARGEST_BUFFER ((int64_t)1 << 60)

/* --- lifetimes ------------------------------------------------------------------------------ */

static void
extend (LwLifetime *life, int32_t step)
{
  life->first = MIN (life->first, step);
  life->last = MAX (life->last, step);
}

/* From the forward step to the last reader; in training also to every backward that reads it. */
static void
add_value_life (const LwPlan *plan, LwNodeId id, LwLifetime *life)
{
  bool training = plan->mode == LW_MODE_TRAINING;
  const LwNode *node = lw_graph_node (plan->graph, id);
  int32_t n_readers;
  const LwNodeId *readers = lw_graph_readers (plan->graph, id, &n_readers);

  extend (life, id);
  for (int32_t i = 0; i < n_readers; i++) {
    const LwNode *reader = lw_graph_node (plan->graph, readers[i]);
    extend (life, readers[i]);
    if (training && (lw_op_info (reader->op)->saves & LW_SAVES_INPUT) != 0)
      extend (life, lw_plan_backward_step (plan, readers[i]));
  }
  if (training && (lw_op_info (node->op)->saves & LW_SAVES_OUTPUT) != 0)
    extend (life, lw_plan_backward_step (plan, id));
  if (id == lw_graph_output (plan->graph)) /* the loss reads it, forward and backward */
    extend (life, training ? plan->n + 1 : plan->n);
}

/* From the first backward that writes it to the node's own. */
static void
add_gradient_life (const LwPlan *plan, LwNodeId id, LwLifetime *life)
{
  int32_t n_readers;
  const LwNodeId *readers = lw_graph_readers (plan->graph, id, &n_readers);

  extend (life, lw_plan_backward_step (plan, id));
  for (int32_t i = 0; i < n_readers; i++)
    extend (life, lw_plan_backward_step (plan, readers[i]));
  if (id == lw_graph_output (plan->graph))
    extend (life, plan->n + 1);
}

/* --- sizes ---------------------------------------------------------------------------------- */

typedef struct {
  const LwBackend *backend; /* or NULL: plain float32 */
  LwDevice *device;
} Sizes;

static bool
too_large (const LwPlan *plan, LwNodeId id, GError **error)
{
  g_set_error (error, LW_ERROR, LW_ERROR_MEMORY,
               _ ("%s: one batch of %d needs more than 2⁶⁰ bytes; make the batch smaller"),
               id < plan->n ? lw_graph_node (plan->graph, id)->name : "loss", plan->batch);
  return false;
}

static bool
value_bytes (const LwPlan *plan, Sizes sizes, LwNodeId id, int64_t *ret_bytes, GError **error)
{
  LwShape shape = { 2, 1, 1, true }; /* the loss: two numbers for the whole batch */
  int32_t batch = 1;
  if (id < plan->n) {
    shape = lw_graph_node (plan->graph, id)->shape;
    batch = plan->batch;
  }
  int64_t bytes;
  if (__builtin_mul_overflow (lw_shape_size (shape), (int64_t)sizeof (float) * batch, &bytes) ||
      bytes > LARGEST_BUFFER)
    return too_large (plan, id, error);
  if (sizes.backend != NULL && id < plan->n) { /* the loss is float32 everywhere */
    size_t own = sizes.backend->value_bytes (sizes.device, shape, batch);
    if (own > (size_t)LARGEST_BUFFER)
      return too_large (plan, id, error);
    bytes = (int64_t)own;
  }
  *ret_bytes = bytes;
  return true;
}

static bool
state_bytes (const LwPlan *plan, Sizes sizes, LwNodeId id, int64_t *ret_bytes, GError **error)
{
  *ret_bytes = 0;
  if (sizes.backend == NULL) {
    if (id < plan->n)
      *ret_bytes = lw_node_state_bytes (plan->graph, id, plan->batch);
    return true;
  }
  LwStep step;
  lw_plan_describe_step (plan, id, &step);
  const LwKernel *kernel = &sizes.backend->kernels[step.op];
  if (kernel->state_bytes == NULL)
    return true;
  size_t bytes = kernel->state_bytes (sizes.device, &step);
  if (bytes > (size_t)LARGEST_BUFFER)
    return too_large (plan, id, error);
  *ret_bytes = (int64_t)bytes;
  return true;
}

static bool
workspace_bytes (const LwPlan *plan, Sizes sizes, LwNodeId id, int64_t *ret_bytes, GError **error)
{
  *ret_bytes = 0;
  if (sizes.backend == NULL)
    return true;
  LwStep step;
  lw_plan_describe_step (plan, id, &step);
  const LwKernel *kernel = &sizes.backend->kernels[step.op];
  size_t bytes =
      kernel->workspace_bytes != NULL ? kernel->workspace_bytes (sizes.device, &step) : 0;
  if (bytes > (size_t)LARGEST_BUFFER)
    return too_large (plan, id, error);
  *ret_bytes = (int64_t)bytes;
  return true;
}

static int32_t *
new_indices (int32_t n)
{
  int32_t *indices = g_new (int32_t, (size_t)n + 1);
  memset (indices, -1, sizeof *indices * ((size_t)n + 1));
  return indices;
}

/* --- buffers -------------------------------------------------------------------------------- */

static int32_t
add_buffer (LwPlan *plan, LwBufferKind kind, LwNodeId node, LwLifetime life)
{
  LwBuffer buffer = { .kind = kind, .node = node, .life = life };
  g_array_append_val (plan->buffers, buffer);
  return (int32_t)plan->buffers->len - 1;
}

static LwLifetime *
life_of (LwPlan *plan, int32_t buffer)
{
  return &g_array_index (plan->buffers, LwBuffer, buffer).life;
}

/* Opens the buffer of a value or gradient, or lets the node join the one that it shares. */
static bool
join_buffer (LwPlan *plan, Sizes sizes, LwBufferKind kind, LwNodeId id, int32_t *index,
             GError **error)
{
  int64_t bytes;
  if (!value_bytes (plan, sizes, id, &bytes, error))
    return false;
  if (*index < 0)
    *index = add_buffer (plan, kind, id, (LwLifetime){ 0, G_MAXINT32, 0 });
  life_of (plan, *index)->bytes = MAX (life_of (plan, *index)->bytes, bytes);
  return true;
}

/* `owners`: the buffer of each owner, so far. */
static bool
add_value (LwPlan *plan, Sizes sizes, LwNodeId id, int32_t *owners, GError **error)
{
  int32_t *shared = &owners[plan->value_owners[id]];
  if (!join_buffer (plan, sizes, LW_BUFFER_VALUE, id, shared, error))
    return false;
  add_value_life (plan, id, life_of (plan, *shared));
  plan->values[id] = *shared;
  return true;
}

/* `peers`: the buffer of each peer, so far; a gradient's number is its first node. */
static bool
add_gradient (LwPlan *plan, Sizes sizes, LwNodeId id, int32_t *peers, GError **error)
{
  if (lw_graph_node (plan->graph, plan->contents[id])->op == LW_OP_INPUT)
    return true;
  int32_t *shared = &peers[plan->gradient_peers[id]];
  if (!join_buffer (plan, sizes, LW_BUFFER_GRADIENT, id, shared, error))
    return false;
  add_gradient_life (plan, id, life_of (plan, *shared));
  plan->gradients[id] = *shared;
  return true;
}

static bool
add_state (LwPlan *plan, Sizes sizes, LwNodeId id, GError **error)
{
  int32_t last = id < plan->n ? lw_plan_backward_step (plan, id) : plan->n + 1;
  int64_t bytes;
  /* Nobody can ask for a batch's statistics in the midst of a step that is one piece: they stay
   * until it is over. */
  if (sizes.backend != NULL && sizes.backend->begin_step != NULL && id < plan->n &&
      lw_graph_node (plan->graph, id)->op == LW_OP_BATCH_NORM)
    last = 2 * plan->n + 2;
  if (!state_bytes (plan, sizes, id, &bytes, error))
    return false;
  if (bytes > 0)
    plan->states[id] = add_buffer (plan, LW_BUFFER_STATE, id, (LwLifetime){ bytes, id, last });
  return true;
}

/* In inference a step's workspace is alive in that step only, so that it may lie where values of
 * other steps do. A training's steps keep one pointer for both directions and share one; so does
 * everybody where the input, which computes nothing, asks for some: that is for the whole pass. */
static bool
add_workspaces (LwPlan *plan, Sizes sizes, int32_t last_step, GError **error)
{
  g_autofree int64_t *bytes = g_new (int64_t, (size_t)plan->n + 1);
  int64_t most = 0;

  for (LwNodeId id = 0; id <= plan->n; id++) {
    if (!workspace_bytes (plan, sizes, id, &bytes[id], error))
      return false;
    most = MAX (most, bytes[id]);
  }
  const bool shared = plan->mode == LW_MODE_TRAINING || bytes[0] > 0;
  const int32_t whole = shared && most > 0 ? add_buffer (plan, LW_BUFFER_WORKSPACE, plan->n,
                                                         (LwLifetime){ most, 0, last_step })
                                           : -1;
  for (LwNodeId id = 0; id <= plan->n; id++)
    if (shared)
      plan->workspaces[id] = whole;
    else if (bytes[id] > 0)
      plan->workspaces[id] =
          add_buffer (plan, LW_BUFFER_WORKSPACE, id, (LwLifetime){ bytes[id], id, id });
  return true;
}

static bool
add_buffers (LwPlan *plan, Sizes sizes, GError **error)
{
  bool training = plan->mode == LW_MODE_TRAINING;
  int32_t last_step = training ? 2 * plan->n + 2 : plan->n;
  int64_t bytes;
  g_autofree int32_t *owners = new_indices (plan->n), *peers = new_indices (plan->n);

  for (LwNodeId id = 0; id < plan->n; id++)
    if (!add_value (plan, sizes, id, owners, error) ||
        (training && !add_state (plan, sizes, id, error)) ||
        (training && !add_gradient (plan, sizes, id, peers, error)))
      return false;
  if (!value_bytes (plan, sizes, plan->n, &bytes, error))
    return false;
  plan->values[plan->n] =
      add_buffer (plan, LW_BUFFER_VALUE, plan->n, (LwLifetime){ bytes, plan->n, last_step });
  if (training && !add_state (plan, sizes, plan->n, error))
    return false;
  return add_workspaces (plan, sizes, last_step, error);
}

static bool
place_buffers (LwPlan *plan, GError **error)
{
  int32_t n = (int32_t)plan->buffers->len;
  g_autofree LwLifetime *lives = g_new (LwLifetime, (size_t)n);
  g_autofree int64_t *offsets = g_new (int64_t, (size_t)n);
  for (int32_t i = 0; i < n; i++)
    lives[i] = g_array_index (plan->buffers, LwBuffer, i).life;
  if (!lw_memplan_solve (lives, n, offsets, &plan->arena, error))
    return false;
  for (int32_t i = 0; i < n; i++)
    g_array_index (plan->buffers, LwBuffer, i).offset = offsets[i];
  return true;
}

LwPlan *
lw_plan_new (LwGraph *graph, int32_t batch, LwMode mode, const LwBackend *backend, LwDevice *device,
             GError **error)
{
  if (batch < 1 || batch > LARGEST_BATCH) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                 _ ("the batch size must be from 1 to %d, not %d"), LARGEST_BATCH, batch);
    return NULL;
  }
  int32_t n = lw_graph_n_nodes (graph);
  g_autoptr (LwPlan) plan = g_new0 (LwPlan, 1);
  plan->graph = lw_graph_ref (graph);
  plan->n = n;
  plan->batch = batch;
  plan->mode = mode;
  plan->channels_last = backend != NULL && backend->channels_last;
  plan->buffers = g_array_new (FALSE, TRUE, sizeof (LwBuffer));
  plan->values = new_indices (n);
  plan->gradients = new_indices (n);
  plan->states = new_indices (n);
  plan->workspaces = new_indices (n);
  plan->accumulate = g_new0 (uint32_t, (size_t)n + 1);
  plan->contents = new_indices (n);
  plan->value_owners = new_indices (n);
  plan->gradient_peers = new_indices (n);
  plan->value_slices = g_new0 (LwSlice, (size_t)n + 1);
  plan->gradient_slices = g_new0 (LwSlice, (size_t)n + 1);

  lw_plan_share_memory (plan, backend, device);
  if (!add_buffers (plan, (Sizes){ backend, device }, error) || !place_buffers (plan, error))
    return NULL;
  return g_steal_pointer (&plan);
}

void
lw_plan_free (LwPlan *plan)
{
  if (plan == NULL)
    return;
  lw_graph_unref (plan->graph);
  g_array_unref (plan->buffers);
  g_free (plan->values);
  g_free (plan->gradients);
  g_free (plan->states);
  g_free (plan->workspaces);
  g_free (plan->accumulate);
  g_free (plan->contents);
  g_free (plan->value_owners);
  g_free (plan->gradient_peers);
  g_free (plan->value_slices);
  g_free (plan->gradient_slices);
  g_free (plan);
}

/* --- reading -------------------------------------------------------------------------------- */

LwGraph *
lw_plan_graph (const LwPlan *plan)
{
  return plan->graph;
}

int32_t
lw_plan_batch (const LwPlan *plan)
{
  return plan->batch;
}

LwMode
lw_plan_mode (const LwPlan *plan)
{
  return plan->mode;
}

int32_t
lw_plan_n_steps (const LwPlan *plan)
{
  return plan->n + 1;
}

LwArenaSize
lw_plan_arena (const LwPlan *plan)
{
  return plan->arena;
}

int64_t
lw_plan_kept_bytes (const LwPlan *plan)
{
  const int32_t last_step = plan->mode == LW_MODE_TRAINING ? 2 * plan->n + 2 : plan->n;
  int64_t most = 0;

  for (int32_t step = 0; step <= last_step; step++) {
    int64_t alive = 0;

    for (int32_t i = 0; i < lw_plan_n_buffers (plan); i++) {
      const LwBuffer *buffer = lw_plan_buffer (plan, i);

      if (buffer->kind != LW_BUFFER_WORKSPACE && buffer->life.first <= step &&
          step <= buffer->life.last)
        alive += (buffer->life.bytes + LW_ALIGNMENT - 1) / LW_ALIGNMENT * LW_ALIGNMENT;
    }
    most = MAX (most, alive);
  }
  return most;
}

int32_t
lw_plan_n_buffers (const LwPlan *plan)
{
  return (int32_t)plan->buffers->len;
}

const LwBuffer *
lw_plan_buffer (const LwPlan *plan, int32_t index)
{
  g_return_val_if_fail (index >= 0 && (guint)index < plan->buffers->len, NULL);
  return &g_array_index (plan->buffers, LwBuffer, index);
}

int32_t
lw_plan_value (const LwPlan *plan, LwNodeId id)
{
  g_return_val_if_fail (id >= 0 && id <= plan->n, -1);
  return plan->values[id];
}

int32_t
lw_plan_gradient (const LwPlan *plan, LwNodeId id)
{
  g_return_val_if_fail (id >= 0 && id <= plan->n, -1);
  return plan->gradients[id];
}

int32_t
lw_plan_state (const LwPlan *plan, LwNodeId id)
{
  g_return_val_if_fail (id >= 0 && id <= plan->n, -1);
  return plan->states[id];
}

int32_t
lw_plan_workspace (const LwPlan *plan, LwNodeId id)
{
  g_return_val_if_fail (id >= 0 && id <= plan->n, -1);
  return plan->workspaces[id];
}

LwSlice
lw_plan_value_slice (const LwPlan *plan, LwNodeId id)
{
  g_return_val_if_fail (id >= 0 && id <= plan->n, (LwSlice){ 0 });
  return plan->value_slices[id];
}

LwSlice
lw_plan_gradient_slice (const LwPlan *plan, LwNodeId id)
{
  g_return_val_if_fail (id >= 0 && id <= plan->n, (LwSlice){ 0 });
  return plan->gradient_slices[id];
}

uint32_t
lw_plan_accumulate (const LwPlan *plan, LwNodeId id)
{
  g_return_val_if_fail (id >= 0 && id <= plan->n, 0);
  return plan->accumulate[id];
}

void
lw_plan_describe_step (const LwPlan *plan, LwNodeId id, LwStep *ret_step)
{
  g_return_if_fail (id >= 0 && id <= plan->n);
  LwStep step = {
    .op = LW_OP_CROSS_ENTROPY,
    .graph = plan->graph,
    .id = id,
    .batch = plan->batch,
    .n = plan->batch,
    .training = plan->mode == LW_MODE_TRAINING,
    .n_x = 1,
    .y_shape = { 2, 1, 1, true },
    .accumulate = plan->accumulate[id],
  };
  if (id == plan->n) {
    step.x_shape[0] = lw_graph_node (plan->graph, lw_graph_output (plan->graph))->shape;
  } else {
    step.node = lw_graph_node (plan->graph, id);
    step.op = step.node->op;
    step.n_x = step.node->n_inputs;
    step.y_shape = step.node->shape;
    step.y_pixel = plan->value_slices[id].pixel;
    step.dy_pixel = plan->gradient_slices[id].pixel;
    for (int32_t i = 0; i < step.n_x; i++) {
      const LwNodeId input = step.node->inputs[i];
      step.x_shape[i] = lw_graph_node (plan->graph, input)->shape;
      step.x_pixel[i] = plan->value_slices[input].pixel;
      step.dx_pixel[i] = plan->gradient_slices[input].pixel;
    }
  }
  *ret_step = step;
}
