#include "onnx/own.h"

#include "engine/settings_fields.h"

#include <string.h>

#define LONGEST 10000 /* of one word of the metadata */

static const char *
find (const Onnx__ModelProto *model, const char *key)
{
  for (size_t i = 0; i < model->n_metadata_props; i++) {
    const Onnx__StringStringEntryProto *entry = model->metadata_props[i];

    if (g_strcmp0 (entry->key, key) == 0 && entry->value != NULL &&
        strlen (entry->value) < LONGEST && g_utf8_validate (entry->value, -1, NULL))
      return entry->value;
  }
  return NULL;
}

/* As run.json has them; what the text says beside the network is dropped. */
static LwOptions *
read_options (const Onnx__ModelProto *model, LwShape input)
{
  const char *name = find (model, "model"), *knobs = find (model, "knobs");
  const char *numbers = find (model, "normalization");
  g_autoptr (GString) json = NULL;
  g_autoptr (LwSettings) settings = NULL;
  LwNormalization normalization;

  if (name == NULL || knobs == NULL || model->graph->n_output != 1)
    return NULL;
  json = g_string_new ("{\"model\": ");
  lw_json_append_text (json, name);
  g_string_append_printf (json, ", \"input\": [%d, %d, %d], \"classes\": ", input.c, input.h,
                          input.w);
  lw_json_append_text (json, find (model, "classes") != NULL ? find (model, "classes") : "10");
  g_string_append_printf (json, ", \"knobs\": %s}", knobs);
  settings = lw_settings_from_json (json->str, (gssize)json->len, NULL);
  if (settings == NULL)
    return NULL;
  if (numbers != NULL && lw_normalization_parse (numbers, &normalization, NULL, NULL) &&
      lw_normalization_check (&normalization, input.c, NULL))
    lw_options_set_normalization (settings->options, &normalization);
  return lw_options_copy (settings->options);
}

static bool
same_layer (const LwNode *a, const LwNode *b)
{
  if (a->op != b->op || !g_str_equal (a->name, b->name) || !lw_shape_equal (a->shape, b->shape) ||
      a->n_inputs != b->n_inputs || a->n_tensors != b->n_tensors ||
      memcmp (&a->window, &b->window, sizeof a->window) != 0)
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
  LwOptions *options = read_options (model, lw_graph_input_shape (read));
  g_autoptr (LwGraph) graph = options != NULL ? lw_model_build (options, NULL) : NULL;

  if (graph == NULL || !same_network (graph, read)) {
    if (options != NULL)
      lw_options_free (options);
    return false;
  }
  *ret_graph = g_steal_pointer (&graph);
  *ret_settings = lw_settings_new (options);
  return true;
}
