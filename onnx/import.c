/* The walk over a file's graph. */
#include "onnx/import.h"

#include "engine/error.h"
#include "engine/i18n.h"
#include "onnx/onnx.h"

#include <string.h>

#define LEAST_OPSET  7 /* before it, operators had other attributes */
#define LARGEST_SIDE 4096

bool
lw_onnx_refuse (LwOnnxImport *import, const Onnx__NodeProto *node, const char *format, ...)
{
  g_autofree char *name = lw_onnx_clean (node->name);
  g_autofree char *op = lw_onnx_clean (node->op_type);
  g_autofree char *sentence = NULL;
  va_list arguments;

  if (import->error != NULL)
    return false;
  va_start (arguments, format);
  sentence = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error (&import->error, LW_ERROR, LW_ERROR_UNSUPPORTED, _ ("%s: node \"%s\" (%s) %s."),
               import->file, name, op, sentence);
  return false;
}

static bool
refuse_file (LwOnnxImport *import, const char *sentence)
{
  if (import->error == NULL)
    g_set_error (&import->error, LW_ERROR, LW_ERROR_UNSUPPORTED, "%s: %s.", import->file, sentence);
  return false;
}

/* --- values ----------------------------------------------------------------------------------- */

bool
lw_onnx_has_input (const Onnx__NodeProto *node, size_t index)
{
  return index < node->n_input && node->input[index][0] != '\0';
}

const LwOnnxValue *
lw_onnx_input (LwOnnxImport *import, const Onnx__NodeProto *node, size_t index)
{
  const LwOnnxValue *value;

  if (!lw_onnx_has_input (node, index)) {
    lw_onnx_refuse (import, node, _ ("lacks an input"));
    return NULL;
  }
  value = g_hash_table_lookup (import->values, node->input[index]);
  if (value == NULL) {
    g_autofree char *name = lw_onnx_clean (node->input[index]);

    lw_onnx_refuse (import, node, _ ("reads \"%s\", which no node before it makes"), name);
  }
  return value;
}

const LwOnnxValue *
lw_onnx_layer (LwOnnxImport *import, const Onnx__NodeProto *node, size_t index)
{
  const LwOnnxValue *value = lw_onnx_input (import, node, index);

  if (value == NULL)
    return NULL;
  if (value->kind != LW_ONNX_LAYER) {
    lw_onnx_refuse (import, node, _ ("works on a constant, which no layer of Layerwise does"));
    return NULL;
  }
  if (value->padding > 0) {
    lw_onnx_refuse (import, node,
                    _ ("reads a padded map; here only convolution and average pooling pad"));
    return NULL;
  }
  return value;
}

bool
lw_onnx_is_read_once (const LwOnnxImport *import, const Onnx__NodeProto *node)
{
  return node->n_output > 0 &&
         GPOINTER_TO_UINT (g_hash_table_lookup (import->reads, node->output[0])) == 1;
}

bool
lw_onnx_give (LwOnnxImport *import, const Onnx__NodeProto *node, const LwOnnxValue *value)
{
  if (node->n_output > 0)
    g_hash_table_insert (import->values, g_strdup (node->output[0]),
                         g_memdup2 (value, sizeof *value));
  return true;
}

bool
lw_onnx_add_layer (LwOnnxImport *import, const Onnx__NodeProto *node, LwNodeId id, bool function,
                   const void *const *data)
{
  LwOnnxLayer layer = { .function = function };
  LwOnnxValue value = { .kind = LW_ONNX_LAYER, .node = id };

  if (id == LW_NO_NODE) { /* the graph knows why */
    lw_graph_finish (import->flat, &import->error);
    g_prefix_error (&import->error, "%s: ", import->file);
    return false;
  }
  if (data != NULL)
    memcpy (layer.data, data, sizeof layer.data);
  g_array_append_val (import->layers, layer);
  return lw_onnx_give (import, node, &value);
}

/* --- what the file begins with ---------------------------------------------------------------- */

static bool
read_opset (LwOnnxImport *import, const Onnx__ModelProto *model)
{
  for (size_t i = 0; i < model->n_opset_import; i++) {
    const Onnx__OperatorSetIdProto *set = model->opset_import[i];

    if (set->domain == NULL || set->domain[0] == '\0' || g_str_equal (set->domain, "ai.onnx"))
      import->opset = set->version;
  }
  if (import->opset >= LEAST_OPSET)
    return true;
  return refuse_file (import, _ ("its operators are older than opset 7; export it again with a "
                                 "newer one"));
}

static bool
add_constants (LwOnnxImport *import)
{
  const Onnx__GraphProto *graph = import->graph;

  for (size_t i = 0; i < graph->n_initializer; i++) {
    const LwOnnxValue value = { .kind = LW_ONNX_TENSOR, .tensor = graph->initializer[i] };

    if (value.tensor->name != NULL)
      g_hash_table_insert (import->values, g_strdup (value.tensor->name),
                           g_memdup2 (&value, sizeof value));
  }
  if (graph->n_sparse_initializer > 0)
    return refuse_file (import, _ ("it has sparse weights, which Layerwise cannot use"));
  return true;
}

/* The batch may be anything, the other sides are numbers. */
static bool
read_shape (LwOnnxImport *import, const Onnx__ValueInfoProto *input, LwShape *ret_shape)
{
  const Onnx__TypeProto *type = input->type;
  const Onnx__TensorShapeProto *shape;
  int64_t sides[4] = { 0 };

  if (type == NULL || type->value_case != ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE ||
      type->tensor_type->shape == NULL ||
      type->tensor_type->elem_type != ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT)
    return refuse_file (import, _ ("its input is no float32 tensor of a known shape"));
  shape = type->tensor_type->shape;
  if (shape->n_dim != 4)
    return refuse_file (import, _ ("its input is no batch of images: it needs four dimensions, "
                                   "batch, channels, height and width"));
  for (size_t i = 0; i < 4; i++)
    if (shape->dim[i]->value_case == ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE)
      sides[i] = shape->dim[i]->dim_value;
  for (size_t i = 1; i < 4; i++)
    if (sides[i] < 1 || sides[i] > LARGEST_SIDE)
      return refuse_file (import,
                          _ ("its input has no fixed channels, height and width from 1 to 4096; "
                             "export it for one size of images, the batch alone may stay open"));
  import->batch = MAX (sides[0], 0);
  *ret_shape = (LwShape){ (int32_t)sides[1], (int32_t)sides[2], (int32_t)sides[3], false };
  return true;
}

/* Files of old versions list weights among the inputs. */
static bool
add_input (LwOnnxImport *import)
{
  const Onnx__ValueInfoProto *input = NULL;
  const LwOnnxLayer layer = { 0 };
  LwOnnxValue value = { .kind = LW_ONNX_LAYER };
  LwShape shape;

  for (size_t i = 0; i < import->graph->n_input; i++) {
    Onnx__ValueInfoProto *candidate = import->graph->input[i];

    if (candidate->name == NULL || g_hash_table_contains (import->values, candidate->name))
      continue;
    if (input != NULL)
      return refuse_file (import, _ ("it has several inputs; Layerwise's networks have one"));
    input = candidate;
  }
  if (input == NULL)
    return refuse_file (import, _ ("it has no input"));
  if (!read_shape (import, input, &shape))
    return false;
  value.node = lw_graph_input (import->flat, shape);
  g_array_append_val (import->layers, layer);
  g_hash_table_insert (import->names, g_strdup ("input"), GUINT_TO_POINTER (1));
  g_hash_table_insert (import->values, g_strdup (input->name), g_memdup2 (&value, sizeof value));
  return true;
}

/* --- nodes ------------------------------------------------------------------------------------ */

/* Nodes that the output needs; others may be anything. g_free. */
static bool *
find_live (LwOnnxImport *import, const char *output)
{
  const Onnx__GraphProto *graph = import->graph;
  bool *live = g_new0 (bool, graph->n_node + 1);
  g_autoptr (GHashTable) makers = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) wanted = g_ptr_array_new ();

  for (size_t i = 0; i < graph->n_node; i++)
    for (size_t k = 0; k < graph->node[i]->n_output; k++)
      g_hash_table_insert (makers, graph->node[i]->output[k], GSIZE_TO_POINTER (i + 1));
  g_ptr_array_add (wanted, (gpointer)output);
  while (wanted->len > 0) {
    const char *name = g_ptr_array_steal_index_fast (wanted, wanted->len - 1);
    const size_t maker = GPOINTER_TO_SIZE (g_hash_table_lookup (makers, name));
    const Onnx__NodeProto *node = maker > 0 ? graph->node[maker - 1] : NULL;

    if (node == NULL || live[maker - 1])
      continue;
    live[maker - 1] = true;
    for (size_t k = 0; k < node->n_input; k++) {
      const guint reads = GPOINTER_TO_UINT (g_hash_table_lookup (import->reads, node->input[k]));

      g_hash_table_insert (import->reads, node->input[k], GUINT_TO_POINTER (reads + 1));
      g_ptr_array_add (wanted, node->input[k]);
    }
  }
  return live;
}

static bool
holds_graphs (const Onnx__NodeProto *node)
{
  for (size_t i = 0; i < node->n_attribute; i++)
    if (node->attribute[i]->g != NULL || node->attribute[i]->n_graphs > 0)
      return true;
  return false;
}

static bool
read_node (LwOnnxImport *import, const Onnx__NodeProto *node)
{
  const bool standard =
      node->domain == NULL || node->domain[0] == '\0' || g_str_equal (node->domain, "ai.onnx");
  LwOnnxReader reader = NULL;

  if (standard && node->op_type != NULL)
    reader = lw_onnx_layer_reader (node->op_type);
  if (standard && node->op_type != NULL && reader == NULL)
    reader = lw_onnx_number_reader (node->op_type);
  if (holds_graphs (node))
    return lw_onnx_refuse (import, node,
                           _ ("is control flow; Layerwise's networks run straight forward"));
  if (reader == NULL)
    return lw_onnx_refuse (import, node, _ ("is an operator that Layerwise does not have"));
  return reader (import, node);
}

static bool
check_sizes (LwOnnxImport *import)
{
  if (import->graph->n_node > LW_ONNX_MOST_NODES)
    return refuse_file (import, _ ("it has more than 20000 nodes"));
  if (import->graph->n_output != 1 || import->graph->output[0]->name == NULL)
    return refuse_file (import, _ ("it has several outputs, or none; Layerwise's networks have "
                                   "one score a class"));
  return true;
}

static bool
check_output (LwOnnxImport *import)
{
  const char *name = import->graph->output[0]->name;
  const LwOnnxValue *output = g_hash_table_lookup (import->values, name);

  if (output == NULL || output->kind != LW_ONNX_LAYER || output->node == 0 || output->padding > 0)
    return refuse_file (import, _ ("no layer makes its output"));
  if (output->node != lw_graph_n_nodes (import->flat) - 1)
    return refuse_file (import, _ ("its output is not what its last layer makes"));
  return true;
}

/* What exporters call every graph says nothing: the file's name does. */
static char *
title_of (const LwOnnxImport *import)
{
  static const char *const every[] = { "",          "main_graph",       "main",
                                       "torch_jit", "torch-jit-export", NULL };
  char *title = lw_onnx_clean (import->graph->name);

  if (!g_strv_contains (every, title))
    return title;
  g_free (title);
  title = g_strdup (import->file);
  if (lw_onnx_is_name (title))
    title[strlen (title) - strlen (".onnx")] = '\0';
  return title;
}

LwGraph *
lw_onnx_import (LwOnnxImport *import, const Onnx__ModelProto *model, GPtrArray *ret_data)
{
  g_autofree char *title = NULL;
  g_autofree bool *live = NULL;

  if (import->graph == NULL) {
    refuse_file (import, _ ("it holds no network"));
    return NULL;
  }
  if (!read_opset (import, model) || !check_sizes (import) || !add_constants (import) ||
      !add_input (import))
    return NULL;
  live = find_live (import, import->graph->output[0]->name);
  for (size_t i = 0; i < import->graph->n_node; i++)
    if (live[i] && !read_node (import, import->graph->node[i]))
      return NULL;
  if (!check_output (import))
    return NULL;
  title = title_of (import);
  return lw_onnx_build (import, title, ret_data);
}
