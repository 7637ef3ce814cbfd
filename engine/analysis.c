#include "engine/analysis.h"

LwCost
lw_node_cost (const LwGraph *graph, LwNodeId id)
{
  const LwNode *node = lw_graph_node (graph, id);
  LwShape inputs[LW_MAX_INPUTS] = { 0 };
  LwCost cost = { .output_bytes = lw_shape_size (node->shape) * (int64_t)sizeof (float) };
  for (int32_t i = 0; i < node->n_inputs; i++)
    inputs[i] = lw_graph_node (graph, node->inputs[i])->shape;
  for (int32_t k = 0; k < node->n_tensors; k++) {
    const LwTensorInfo *tensor = lw_graph_tensor (graph, node->tensors[k]);
    *(tensor->trainable ? &cost.parameters : &cost.buffers) += tensor->size;
  }
  lw_op_info (node->op)->cost (node, inputs, &cost);
  return cost;
}

static LwCost
cost_of_range (const LwGraph *graph, LwNodeId first, LwNodeId last)
{
  LwCost sum = { 0 };
  for (LwNodeId id = first; id <= last; id++) {
    LwCost cost = lw_node_cost (graph, id);
    sum.parameters += cost.parameters;
    sum.buffers += cost.buffers;
    sum.macs += cost.macs;
    sum.operations += cost.operations;
    sum.output_bytes += cost.output_bytes;
  }
  return sum;
}

LwCost
lw_block_cost (const LwGraph *graph, LwBlockId id)
{
  const LwBlock *block = lw_graph_block (graph, id);
  return cost_of_range (graph, block->first, block->last);
}

LwCost
lw_graph_cost (const LwGraph *graph)
{
  return cost_of_range (graph, 0, lw_graph_output (graph));
}

int32_t
lw_graph_depth (const LwGraph *graph)
{
  const int32_t n = lw_graph_n_nodes (graph);
  g_autofree int32_t *depth = g_new0 (int32_t, n);
  for (LwNodeId i = 0; i < n; i++) {
    const LwNode *node = lw_graph_node (graph, i);
    for (int32_t k = 0; k < node->n_inputs; k++)
      depth[i] = MAX (depth[i], depth[node->inputs[k]]);
    depth[i] += node->op == LW_OP_CONV2D || node->op == LW_OP_LINEAR;
  }
  return depth[lw_graph_output (graph)];
}
