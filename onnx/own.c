#include "onnx/own.h"

#include "engine/weights_metadata.h"

#include <string.h>

const char *
lw_onnx_find_metadata (const Onnx__ModelProto *model, const char *key)
{
  for (size_t i = 0; i < model->n_metadata_props; i++) {
    const Onnx__StringStringEntryProto *entry = model->metadata_props[i];

    if (g_strcmp0 (entry->key, key) == 0 && entry->value != NULL &&
        g_utf8_validate (entry->value, -1, NULL))
      return entry->value;
  }
  return NULL;
}

const char *
lw_onnx_find_key (const void *model, const char *key)
{
  return lw_onnx_find_metadata (model, key);
}

static bool
same_layer (const LwNode *a, const LwNode *b)
{
  if (a->op != b->op || !g_str_equal (a->name, b->name) || !lw_shape_equal (a->shape, b->shape) ||
      a->n_inputs != b->n_inputs || a->n_tensors != b->n_tensors ||
      memcmp (&a->window, &b->window, sizeof a->window) != 0 || a->ceil_mode != b->ceil_mode)
    return false;
  for (int32_t i = 0; i < a->n_inputs; i++)
    if (a->inputs[i] != b->inputs[i])
      return false;
  return true;
}

static bool
same_network (const LwGraph *a, const LwGraph *b)
{
  if (lw_graph_n_nodes (a) != lw_graph_n_nodes (b) ||
      lw_graph_n_tensors (a) != lw_graph_n_tensors (b))
    return false;
  for (LwNodeId id = 0; id < lw_graph_n_nodes (a); id++)
    if (!same_layer (lw_graph_node (a, id), lw_graph_node (b, id)))
      return false;
  for (int32_t i = 0; i < lw_graph_n_tensors (a); i++) {
    const int32_t other = lw_graph_find_tensor (b, lw_graph_tensor (a, i)->name);

    if (other < 0 || lw_graph_tensor (b, other)->size != lw_graph_tensor (a, i)->size)
      return false;
  }
  return true;
}

bool
lw_onnx_find_own (const Onnx__ModelProto *model, const LwGraph *read, LwGraph **ret_graph,
                  LwSettings **ret_settings)
{
  g_autoptr (LwOptions) options = lw_network_metadata_read (lw_onnx_find_key, model, NULL);
  g_autoptr (LwGraph) graph = options != NULL ? lw_model_build (options, NULL) : NULL;

  if (graph == NULL || !same_network (graph, read))
    return false;
  *ret_graph = g_steal_pointer (&graph);
  *ret_settings = lw_settings_new (g_steal_pointer (&options));
  return true;
}
