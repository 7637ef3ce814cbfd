/* A training as it is now: one probe with the layer, its parameters, other layers that somebody
 * reads, and the prediction, all of one moment. */
#include "ui/activation-source-private.h"

#define POLL_MS     66
#define INTERVAL_MS 120

static gboolean
poll_probe (gpointer data)
{
  LwActivationSource *self = data;
  const LwProbeFrame *frame = lw_probe_take (self->probe);

  if (frame != NULL)
    self->frame = frame;
  if (lw_run_item_is_live (self->probed)) {
    if (frame != NULL)
      g_signal_emit_by_name (self, "updated");
    return G_SOURCE_CONTINUE;
  }
  self->poll_id = 0; /* `synced` says that the run has ended: its saved weights from now on */
  return G_SOURCE_REMOVE;
}

/* Adds a layer to the frame, once. */
static void
add_node (LwActivationSource *self, LwNodeId node)
{
  for (int i = 0; i < self->n_nodes; i++)
    if (self->nodes[i] == node)
      return;
  self->nodes[self->n_nodes++] = node;
}

void
lw_activation_live_begin (LwActivationSource *self)
{
  LwTrainer *trainer = lw_run_item_trainer (self->run);
  LwGraph *graph = lw_run_item_graph (self->run);
  const LwNode *node = lw_graph_node (graph, lw_activation_parameters_of (self));
  int32_t tensors[LW_MAX_TENSORS];
  int32_t n_tensors = 0;
  int64_t at = 0;

  self->probed = g_object_ref (self->run);
  self->probed_parameters = lw_activation_parameters_of (self);
  self->n_nodes = 0;
  add_node (self, self->layer);
  for (int i = 0; i < self->n_others; i++)
    if (self->others[i] >= 0 && self->others[i] < lw_graph_n_nodes (graph))
      add_node (self, self->others[i]);
  for (int i = 0; i < self->n_nodes; i++)
    at += lw_shape_size (lw_graph_node (graph, self->nodes[i])->shape);
  for (int role = 0; role < LW_MAX_TENSORS; role++) {
    const LwTensorInfo *tensor =
        role < node->n_tensors ? lw_graph_tensor (graph, node->tensors[role]) : NULL;

    self->tensors[role] = -1;
    if (tensor == NULL || tensor->dtype != LW_F32 || tensor->size > LW_LOOK_MOST_WEIGHTS)
      continue;
    self->tensors[role] = at;
    at += tensor->size;
    tensors[n_tensors++] = node->tensors[role];
  }
  self->probabilities = at;
  self->probe = lw_trainer_watch_moment (trainer, self->nodes, self->n_nodes, tensors, n_tensors,
                                         self->input, INTERVAL_MS);
  self->poll_id = g_timeout_add (POLL_MS, poll_probe, self);
}

void
lw_activation_live_end (LwActivationSource *self)
{
  g_clear_handle_id (&self->poll_id, g_source_remove);
  self->frame = NULL;
  if (self->probe != NULL && lw_run_item_trainer (self->probed) != NULL)
    lw_trainer_unwatch (lw_run_item_trainer (self->probed), self->probe);
  g_clear_pointer (&self->probe, lw_probe_unref);
  g_clear_object (&self->probed);
}

const float *
lw_activation_live_values (LwActivationSource *self, LwNodeId node)
{
  int64_t at = 0;

  if (self->frame == NULL)
    return NULL;
  for (int i = 0; i < self->n_nodes; i++) {
    if (self->nodes[i] == node)
      return self->frame->values + at;
    at += lw_shape_size (lw_graph_node (lw_run_item_graph (self->probed), self->nodes[i])->shape);
  }
  return NULL;
}

const float *
lw_activation_live_tensor (LwActivationSource *self, LwTensorRole role)
{
  return self->frame != NULL && self->probed_parameters == lw_activation_parameters_of (self) &&
                 self->tensors[role] >= 0
             ? self->frame->values + self->tensors[role]
             : NULL;
}

const float *
lw_activation_live_probabilities (LwActivationSource *self)
{
  return self->frame != NULL ? self->frame->values + self->probabilities : NULL;
}

int64_t
lw_activation_live_step (LwActivationSource *self)
{
  return self->frame != NULL ? self->frame->step : 0;
}
