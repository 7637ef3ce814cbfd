/* From a layer's input to its output, with kernel k, stride s and padding p (Araujo, Norris, Sim,
 * Distill 2019, section "Computing the receptive field"):
 *   size ← size + (k − 1) · jump,  start ← start − p · jump,  jump ← jump · s. */
#include "engine/analysis.h"

#include <string.h>

static int32_t
clamp (int64_t value)
{
  return (int32_t)CLAMP (value, -G_MAXINT32, G_MAXINT32);
}

/* The box around what all inputs see. */
static LwReceptiveField
join_fields (const LwNode *node, const LwReceptiveField *fields)
{
  LwReceptiveField box = fields[node->inputs[0]];
  for (int32_t i = 1; i < node->n_inputs; i++) {
    LwReceptiveField other = fields[node->inputs[i]];
    int64_t end = MAX ((int64_t)box.start + box.size, (int64_t)other.start + other.size);
    box.start = MIN (box.start, other.start);
    box.size = clamp (end - box.start);
    box.jump = MAX (box.jump, other.jump);
  }
  return box;
}

static LwReceptiveField
field_of (const LwGraph *graph, const LwNode *node, const LwReceptiveField *fields)
{
  LwShape input = lw_graph_input_shape (graph);
  switch (node->op) {
  case LW_OP_INPUT:
    return (LwReceptiveField){ .size = 1, .jump = 1 };
  case LW_OP_CONV2D:
  case LW_OP_MAX_POOL:
  case LW_OP_AVG_POOL: {
    LwReceptiveField x = fields[node->inputs[0]];
    return (LwReceptiveField){
      .size = clamp (x.size + (int64_t)(node->window.kernel - 1) * x.jump),
      .jump = clamp ((int64_t)x.jump * node->window.stride),
      .start = clamp (x.start - (int64_t)node->window.padding * x.jump),
    };
  }
  case LW_OP_GLOBAL_AVG_POOL:
  case LW_OP_FLATTEN:
  case LW_OP_LINEAR:
    return (LwReceptiveField){ .size = MAX (input.h, input.w) };
  default:
    return join_fields (node, fields);
  }
}

LwReceptiveField *
lw_graph_receptive_fields (const LwGraph *graph)
{
  LwNodeId n = lw_graph_n_nodes (graph);
  LwReceptiveField *fields = g_new0 (LwReceptiveField, (size_t)n);
  for (LwNodeId id = 0; id < n; id++)
    fields[id] = field_of (graph, lw_graph_node (graph, id), fields);
  return fields;
}

LwReceptiveField
lw_node_receptive_field (const LwGraph *graph, LwNodeId id)
{
  g_return_val_if_fail (id >= 0 && id < lw_graph_n_nodes (graph), (LwReceptiveField){ 0 });
  g_autofree LwReceptiveField *fields = lw_graph_receptive_fields (graph);
  return fields[id];
}
