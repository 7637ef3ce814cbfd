#include "engine/formats/graph_json.h"

#include "engine/analysis.h"

void
lw_json_shape (LwJson *json, const char *key, LwShape shape)
{
  lw_json_begin_array (json, key);
  lw_json_integer (json, NULL, shape.c);
  if (!shape.flat) {
    lw_json_integer (json, NULL, shape.h);
    lw_json_integer (json, NULL, shape.w);
  }
  lw_json_end_array (json);
}

/* The network's input has no name of its own in PyTorch. */
static const char *
name_of (const LwGraph *graph, LwNodeId id)
{
  const LwNode *node = lw_graph_node (graph, id);

  return node->op == LW_OP_INPUT ? "input" : node->name;
}

static void
write_layer (LwJson *json, const LwGraph *graph, LwNodeId id, LwReceptiveField field)
{
  const LwNode *node = lw_graph_node (graph, id);
  const LwCost cost = lw_node_cost (graph, id);

  lw_json_begin_object (json, NULL);
  lw_json_string (json, "name", node->name);
  lw_json_string (json, "title", node->title);
  lw_json_string (json, "type", lw_node_torch_type (graph, id));
  lw_json_string (json, "block", lw_graph_block (graph, node->block)->path);
  lw_json_integer (json, "block_index", node->block);
  lw_json_shape (json, "input", lw_graph_node (graph, node->inputs[0])->shape);
  lw_json_shape (json, "output", node->shape);
  lw_json_integer (json, "parameters", cost.parameters);
  lw_json_integer (json, "macs", cost.macs);
  lw_json_integer (json, "all_operations", cost.operations);
  lw_json_integer (json, "receptive_field", field.size);
  lw_json_begin_array (json, "from");
  for (int32_t i = 0; i < node->n_inputs; i++)
    lw_json_string (json, NULL, name_of (graph, node->inputs[i]));
  lw_json_end_array (json);
  if (node->window.kernel > 0) {
    lw_json_integer (json, "kernel", node->window.kernel);
    lw_json_integer (json, "stride", node->window.stride);
    lw_json_integer (json, "padding", node->window.padding);
  }
  if (node->op == LW_OP_MAX_POOL || node->op == LW_OP_AVG_POOL)
    lw_json_boolean (json, "ceil_mode", node->ceil_mode);
  if (node->op == LW_OP_DROPOUT)
    lw_json_float (json, "probability", node->dropout);
  lw_json_end_object (json);
}

void
lw_json_graph_layers (LwJson *json, const LwGraph *graph)
{
  g_autofree LwReceptiveField *fields = lw_graph_receptive_fields (graph);

  lw_json_begin_array (json, "layers");
  for (LwNodeId id = 0; id < lw_graph_n_nodes (graph); id++)
    if (lw_graph_node (graph, id)->op != LW_OP_INPUT)
      write_layer (json, graph, id, fields[id]);
  lw_json_end_array (json);
}

void
lw_json_graph_tensors (LwJson *json, const LwGraph *graph)
{
  lw_json_begin_array (json, "tensors");
  for (int32_t i = 0; i < lw_graph_n_tensors (graph); i++) {
    const LwTensorInfo *tensor = lw_graph_tensor (graph, i);

    lw_json_begin_object (json, NULL);
    lw_json_string (json, "name", tensor->name);
    lw_json_begin_array (json, "shape");
    for (int32_t d = 0; d < tensor->rank; d++)
      lw_json_integer (json, NULL, tensor->dims[d]);
    lw_json_end_array (json);
    lw_json_string (json, "dtype", tensor->dtype == LW_F32 ? "F32" : "I64");
    lw_json_boolean (json, "trainable", tensor->trainable);
    lw_json_end_object (json);
  }
  lw_json_end_array (json);
}

static void
write_edges (LwJson *json, const LwGraph *graph)
{
  lw_json_begin_array (json, "edges");
  for (LwNodeId id = 0; id < lw_graph_n_nodes (graph); id++) {
    const LwNode *node = lw_graph_node (graph, id);

    for (int32_t i = 0; i < node->n_inputs; i++) {
      lw_json_begin_object (json, NULL);
      lw_json_string (json, "from", name_of (graph, node->inputs[i]));
      lw_json_string (json, "to", node->name);
      lw_json_shape (json, "shape", lw_graph_node (graph, node->inputs[i])->shape);
      lw_json_end_object (json);
    }
  }
  lw_json_end_array (json);
}

static void
write_blocks (LwJson *json, const LwGraph *graph)
{
  static const char *const kinds[] = {
    [LW_BLOCK_PLAIN] = "plain",           [LW_BLOCK_INCEPTION] = "inception",
    [LW_BLOCK_RESIDUAL] = "residual",     [LW_BLOCK_DENSE] = "dense",
    [LW_BLOCK_TRANSITION] = "transition",
  };

  lw_json_begin_array (json, "blocks");
  for (LwBlockId id = 0; id < lw_graph_n_blocks (graph); id++) {
    const LwBlock *block = lw_graph_block (graph, id);
    const LwCost cost = lw_block_cost (graph, id);

    lw_json_begin_object (json, NULL);
    lw_json_integer (json, "index", id);
    if (block->parent >= 0)
      lw_json_integer (json, "parent", block->parent);
    else
      lw_json_null (json, "parent");
    lw_json_string (json, "path", block->path);
    lw_json_string (json, "title", block->title);
    lw_json_string (json, "kind",
                    (guint)block->kind < G_N_ELEMENTS (kinds) ? kinds[block->kind] : "plain");
    lw_json_integer (json, "parameters", cost.parameters);
    lw_json_integer (json, "macs", cost.macs);
    lw_json_end_object (json);
  }
  lw_json_end_array (json);
}

char *
lw_graph_to_json (const LwGraph *graph, const char *title)
{
  g_autoptr (LwJson) json = lw_json_new ();
  const LwCost cost = lw_graph_cost (graph);
  g_autofree char *text = NULL;

  lw_json_begin_object (json, NULL);
  lw_json_string (json, "title", title != NULL ? title : lw_graph_title (graph));
  lw_json_shape (json, "input", lw_graph_input_shape (graph));
  lw_json_integer (json, "classes", lw_graph_classes (graph));
  lw_json_integer (json, "parameters", cost.parameters);
  lw_json_integer (json, "macs", cost.macs);
  lw_json_integer (json, "flops", 2 * cost.macs);
  lw_json_integer (json, "all_operations", cost.operations);
  lw_json_graph_layers (json, graph);
  write_edges (json, graph);
  write_blocks (json, graph);
  lw_json_graph_tensors (json, graph);
  lw_json_end_object (json);
  text = lw_json_take (json);
  return g_strconcat (text, "\n", NULL);
}
