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

  if (frame != NULL) {
    self->frame = frame;
    self->frame_row = self->watched_row;
    g_clear_pointer (&self->kept, lw_probe_unref);
  }
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

static void
watch (LwActivationSource *self)
{
  LwGraph *graph = lw_run_item_graph (self->probed);
  LwTensorPart parts[LW_MAX_TENSORS];
  int32_t n = 0;

  self->watched_row = lw_activation_row (self);
  lw_layer_parts (graph, self->probed_parameters, self->watched_row, self->parts);
  for (int role = 0; role < LW_MAX_TENSORS; role++)
    if (self->parts[role].tensor >= 0)
      parts[n++] = self->parts[role];
  self->probe = lw_trainer_watch_moment (lw_run_item_trainer (self->probed), self->nodes,
                                         self->n_nodes, parts, n, self->input, INTERVAL_MS);
}

static void
unwatch (LwActivationSource *self)
{
  if (self->probe != NULL && lw_run_item_trainer (self->probed) != NULL)
    lw_trainer_unwatch (lw_run_item_trainer (self->probed), self->probe);
}

void
lw_activation_live_begin (LwActivationSource *self)
{
  LwGraph *graph = lw_run_item_graph (self->run);

  self->probed = g_object_ref (self->run);
  self->probed_parameters = lw_activation_parameters_of (self);
  self->n_nodes = 0;
  add_node (self, self->layer);
  for (int i = 0; i < self->n_others; i++)
    if (self->others[i] >= 0 && self->others[i] < lw_graph_n_nodes (graph))
      add_node (self, self->others[i]);
  watch (self);
  self->poll_id = g_timeout_add (POLL_MS, poll_probe, self);
}

/* A row is as long as another, so frames of both are laid out alike. */
void
lw_activation_live_change_row (LwActivationSource *self)
{
  if (lw_run_item_trainer (self->probed) == NULL)
    return;
  unwatch (self);
  if (self->kept == NULL)
    self->kept = g_steal_pointer (&self->probe);
  else
    g_clear_pointer (&self->probe, lw_probe_unref); /* no frame of it is shown yet */
  watch (self);
}

void
lw_activation_live_end (LwActivationSource *self)
{
  g_clear_handle_id (&self->poll_id, g_source_remove);
  self->frame = NULL;
  unwatch (self);
  g_clear_pointer (&self->probe, lw_probe_unref);
  g_clear_pointer (&self->kept, lw_probe_unref);
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

/* Where what follows the layers begins: parts by role, then probabilities. */
static int64_t
parts_begin (LwActivationSource *self)
{
  int64_t at = 0;

  for (int i = 0; i < self->n_nodes; i++)
    at += lw_shape_size (lw_graph_node (lw_run_item_graph (self->probed), self->nodes[i])->shape);
  return at;
}

static int64_t
part_size (LwActivationSource *self, int role)
{
  return lw_tensor_part_size (lw_run_item_graph (self->probed), self->parts[role]);
}

const float *
lw_activation_live_part (LwActivationSource *self, LwTensorRole role, LwTensorPart *ret_part)
{
  int64_t at;

  if (self->frame == NULL || self->probed_parameters != lw_activation_parameters_of (self) ||
      self->parts[role].tensor < 0)
    return NULL;
  at = parts_begin (self);
  for (int before = 0; before < (int)role; before++)
    at += part_size (self, before);
  *ret_part = self->parts[role];
  if (ret_part->row != LW_ALL_ROWS)
    ret_part->row = self->frame_row;
  return self->frame->values + at;
}

const float *
lw_activation_live_probabilities (LwActivationSource *self)
{
  int64_t at;

  if (self->frame == NULL)
    return NULL;
  at = parts_begin (self);
  for (int role = 0; role < LW_MAX_TENSORS; role++)
    at += part_size (self, role);
  return self->frame->values + at;
}

int64_t
lw_activation_live_step (LwActivationSource *self)
{
  return self->frame != NULL ? self->frame->step : 0;
}
