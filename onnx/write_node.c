/* A layer as an ONNX node: operators as https://onnx.ai/onnx/operators has them at opset 17. */
#include "onnx/write_private.h"

#include <string.h>

/* Rows of a node's attributes. */
static Onnx__AttributeProto *
add_attribute (LwOnnxWriter *writer, Onnx__NodeProto *node, const char *name,
               Onnx__AttributeProto__AttributeType type)
{
  Onnx__AttributeProto *attribute = lw_onnx_new (writer, sizeof *attribute);

  onnx__attribute_proto__init (attribute);
  attribute->name = (char *)name;
  attribute->has_type = true;
  attribute->type = type;
  node->attribute[node->n_attribute++] = attribute;
  return attribute;
}

static void
add_integer (LwOnnxWriter *writer, Onnx__NodeProto *node, const char *name, int64_t value)
{
  Onnx__AttributeProto *attribute =
      add_attribute (writer, node, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INT);

  attribute->has_i = true;
  attribute->i = value;
}

static void
add_real (LwOnnxWriter *writer, Onnx__NodeProto *node, const char *name, double value)
{
  Onnx__AttributeProto *attribute =
      add_attribute (writer, node, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__FLOAT);

  attribute->has_f = true;
  attribute->f = (float)value;
}

/* The same number for each side. */
static void
add_sides (LwOnnxWriter *writer, Onnx__NodeProto *node, const char *name, int n, int64_t value)
{
  Onnx__AttributeProto *attribute =
      add_attribute (writer, node, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INTS);

  attribute->ints = lw_onnx_new (writer, (gsize)n * sizeof *attribute->ints);
  attribute->n_ints = (size_t)n;
  for (int i = 0; i < n; i++)
    attribute->ints[i] = value;
}

static void
add_window (LwOnnxWriter *writer, Onnx__NodeProto *node, LwWindow window)
{
  add_sides (writer, node, "kernel_shape", 2, window.kernel);
  add_sides (writer, node, "strides", 2, window.stride);
  add_sides (writer, node, "pads", 4, window.padding);
}

/* Where rounding up makes a difference: before opset 19 ONNX's text has a last window that begins
 * in the padding, as ONNX Runtime's shape inference does; rounding down there is none. */
static bool
rounds_up (const LwOnnxWriter *writer, const LwNode *layer)
{
  const LwShape x = lw_graph_node (writer->graph, layer->inputs[0])->shape;
  const int32_t least = lw_window_least (layer->window, false);

  return layer->ceil_mode && (x.h < least || x.w < least ||
                              lw_window_side (layer->window, false, x.h) != layer->shape.h ||
                              lw_window_side (layer->window, false, x.w) != layer->shape.w);
}

static void
add_attributes (LwOnnxWriter *writer, Onnx__NodeProto *node, const LwNode *layer)
{
  switch (layer->op) {
  case LW_OP_CONV2D:
    add_window (writer, node, layer->window);
    add_sides (writer, node, "dilations", 2, 1);
    add_integer (writer, node, "group", 1);
    break;
  case LW_OP_MAX_POOL:
    add_window (writer, node, layer->window);
    add_integer (writer, node, "ceil_mode", rounds_up (writer, layer));
    break;
  case LW_OP_AVG_POOL:
    add_window (writer, node, layer->window);
    add_integer (writer, node, "ceil_mode", rounds_up (writer, layer));
    add_integer (writer, node, "count_include_pad", 1);
    break;
  case LW_OP_BATCH_NORM:
    add_real (writer, node, "epsilon", layer->epsilon);
    /* ONNX's momentum is the old value's share. */
    add_real (writer, node, "momentum", 1 - layer->momentum);
    break;
  case LW_OP_LINEAR:
    add_integer (writer, node, "transB", 1);
    break;
  case LW_OP_FLATTEN:
  case LW_OP_CONCAT:
    add_integer (writer, node, "axis", 1);
    break;
  default:
    break;
  }
}

/* Counters of batches have no place in a network for inference. */
static void
add_weights (LwOnnxWriter *writer, Onnx__NodeProto *node, const LwNode *layer)
{
  for (int32_t k = 0; k < layer->n_tensors; k++) {
    const LwTensorInfo *tensor = lw_graph_tensor (writer->graph, layer->tensors[k]);

    if (tensor->dtype != LW_F32)
      continue;
    lw_onnx_add_initializer (writer, tensor->name, tensor->rank, tensor->dims,
                             writer->tensors[layer->tensors[k]]);
    node->input[node->n_input++] = (char *)tensor->name;
  }
}

/* Without its third input, training_mode, a Dropout passes values on. */
static void
add_ratio (LwOnnxWriter *writer, Onnx__NodeProto *node, const LwNode *layer)
{
  g_autofree char *name = g_strconcat (layer->name, ".ratio", NULL);
  float *ratio = lw_onnx_new (writer, sizeof *ratio);

  *ratio = layer->dropout;
  node->input[node->n_input] = lw_onnx_text (writer, name);
  lw_onnx_add_initializer (writer, node->input[node->n_input++], 0, NULL, ratio);
}

void
lw_onnx_add_node (LwOnnxWriter *writer, LwNodeId id)
{
  const LwNode *layer = lw_graph_node (writer->graph, id);
  Onnx__NodeProto *node = lw_onnx_new (writer, sizeof *node);

  onnx__node_proto__init (node);
  node->name = (char *)layer->name;
  node->op_type = (char *)lw_op_info (layer->op)->onnx;
  node->input = lw_onnx_new (writer, (LW_MAX_INPUTS + LW_MAX_TENSORS) * sizeof *node->input);
  node->output = lw_onnx_new (writer, sizeof *node->output);
  node->attribute = lw_onnx_new (writer, 8 * sizeof (Onnx__AttributeProto *));
  for (int32_t i = 0; i < layer->n_inputs; i++)
    node->input[node->n_input++] = (char *)lw_onnx_value_name (writer->graph, layer->inputs[i]);
  node->output[node->n_output++] = (char *)lw_onnx_value_name (writer->graph, id);
  add_attributes (writer, node, layer);
  add_weights (writer, node, layer);
  if (layer->op == LW_OP_DROPOUT)
    add_ratio (writer, node, layer);
  g_ptr_array_add (writer->nodes, node);
}
