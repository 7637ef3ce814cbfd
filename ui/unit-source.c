#include "ui/unit-source.h"

/* Flatten, and dropout in evaluation mode, have their input's numbers in the same order. */
static LwNodeId
holder (const LwGraph *graph, LwNodeId node)
{
  while (lw_graph_node (graph, node)->op == LW_OP_FLATTEN ||
         lw_graph_node (graph, node)->op == LW_OP_DROPOUT)
    node = lw_graph_node (graph, node)->inputs[0];
  return node;
}

static const float *
values_of (LwActivationSource *source, const LwGraph *graph, LwNodeId node)
{
  node = holder (graph, node);
  return lw_graph_node (graph, node)->op == LW_OP_INPUT
             ? lw_activation_source_input (source)
             : lw_activation_source_values_of (source, node);
}

/* What layers read of the picture: its numbers as the session normalizes them. NULL: as they are.
 * g_free. */
static float *
normalized_input (LwActivationSource *source, const LwGraph *graph)
{
  const LwNormalization *normalization = lw_graph_normalization (graph);
  const LwShape shape = lw_graph_input_shape (graph);
  const float *image = lw_activation_source_input (source);
  float *values;

  if (image == NULL || normalization->n == 0 ||
      !lw_normalization_check (normalization, shape.c, NULL))
    return NULL;
  values = g_new (float, lw_shape_size (shape));
  lw_normalize_images (normalization, image, 1, shape.c, (int64_t)shape.h * shape.w, values);
  return values;
}

LwUnitArithmetic *
lw_unit_source_compute (LwActivationSource *source, const LwGraph *graph, LwUnit unit)
{
  const LwNode *node = lw_graph_node (graph, unit.node);
  LwUnitValues values = { .output = values_of (source, graph, unit.node) };
  g_autofree float *normalized = normalized_input (source, graph);

  for (int32_t i = 0; i < node->n_inputs; i++) {
    const LwOp from = lw_graph_node (graph, holder (graph, node->inputs[i]))->op;

    values.inputs[i] = from == LW_OP_INPUT && normalized != NULL
                           ? normalized
                           : values_of (source, graph, node->inputs[i]);
  }
  for (int role = 0; role < LW_ROLE_BATCHES && node->n_tensors > 0; role++)
    values.tensors[role] = lw_activation_source_tensor (source, role);
  if (node->n_tensors > 0)
    values.row = lw_activation_source_row (source, LW_ROLE_WEIGHT);
  return lw_unit_arithmetic_new (graph, unit, &values);
}

void
lw_unit_source_ask (LwActivationSource *source, const LwGraph *graph, LwUnit unit)
{
  const LwNode *node = lw_graph_node (graph, lw_activation_source_layer (source));
  LwNodeId others[LW_MAX_INPUTS];

  if (unit.node == lw_activation_source_layer (source))
    lw_activation_source_set_row (source, unit.channel);
  for (int32_t i = 0; i < node->n_inputs; i++)
    others[i] = holder (graph, node->inputs[i]);
  lw_activation_source_set_others (source, others, node->n_inputs);
}
