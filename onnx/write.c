/* Writing: the message is made beside the weights, which it only points to, and packed straight
 * into the file. */
#include "engine/formats/file.h"
#include "engine/i18n.h"
#include "onnx/onnx.h"
#include "onnx/write_private.h"

#include <string.h>

#define OPSET      17
#define IR_VERSION 8 /* the one that came with opset 17: ONNX 1.12 */

#define BATCH "batch"

/* --- the message ------------------------------------------------------------------------------ */

void *
lw_onnx_new (LwOnnxWriter *writer, gsize bytes)
{
  void *memory = g_malloc0 (bytes);

  g_ptr_array_add (writer->pool, memory);
  return memory;
}

char *
lw_onnx_text (LwOnnxWriter *writer, const char *text)
{
  char *copy = g_strdup (text);

  g_ptr_array_add (writer->pool, copy);
  return copy;
}

const char *
lw_onnx_value_name (const LwGraph *graph, LwNodeId id)
{
  return id == lw_graph_output (graph) ? "logits" : lw_graph_node (graph, id)->name;
}

void
lw_onnx_add_initializer (LwOnnxWriter *writer, const char *name, int rank, const int64_t *dims,
                         const float *data)
{
  Onnx__TensorProto *tensor = lw_onnx_new (writer, sizeof *tensor);
  gsize size = 1;

  onnx__tensor_proto__init (tensor);
  tensor->name = (char *)name;
  tensor->has_data_type = true;
  tensor->data_type = ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT;
  tensor->n_dims = (size_t)rank;
  tensor->dims = (int64_t *)dims;
  for (int d = 0; d < rank; d++)
    size *= (gsize)dims[d];
  tensor->has_raw_data = true;
  tensor->raw_data = (ProtobufCBinaryData){ size * sizeof (float), (uint8_t *)data };
  g_ptr_array_add (writer->initializers, tensor);
}

static Onnx__TensorShapeProto__Dimension *
new_dimension (LwOnnxWriter *writer, int64_t value)
{
  Onnx__TensorShapeProto__Dimension *dimension = lw_onnx_new (writer, sizeof *dimension);

  onnx__tensor_shape_proto__dimension__init (dimension);
  dimension->value_case = value > 0 ? ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE
                                    : ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_PARAM;
  if (value > 0)
    dimension->dim_value = value;
  else
    dimension->dim_param = (char *)BATCH;
  return dimension;
}

/* [batch, C, H, W] or [batch, N]. */
static Onnx__ValueInfoProto *
describe_value (LwOnnxWriter *writer, LwNodeId id)
{
  const LwShape shape = lw_graph_node (writer->graph, id)->shape;
  Onnx__ValueInfoProto *value = lw_onnx_new (writer, sizeof *value);
  Onnx__TypeProto *type = lw_onnx_new (writer, sizeof *type);
  Onnx__TypeProto__Tensor *tensor = lw_onnx_new (writer, sizeof *tensor);
  Onnx__TensorShapeProto *dims = lw_onnx_new (writer, sizeof *dims);
  const int64_t sides[] = { 0, shape.c, shape.h, shape.w };

  onnx__value_info_proto__init (value);
  onnx__type_proto__init (type);
  onnx__type_proto__tensor__init (tensor);
  onnx__tensor_shape_proto__init (dims);
  dims->n_dim = shape.flat ? 2 : 4;
  dims->dim = lw_onnx_new (writer, 4 * sizeof *dims->dim);
  for (size_t i = 0; i < dims->n_dim; i++)
    dims->dim[i] = new_dimension (writer, sides[i]);
  tensor->has_elem_type = true;
  tensor->elem_type = ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT;
  tensor->shape = dims;
  type->value_case = ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE;
  type->tensor_type = tensor;
  value->name = (char *)lw_onnx_value_name (writer->graph, id);
  value->type = type;
  return value;
}

static Onnx__GraphProto *
make_graph (LwOnnxWriter *writer)
{
  const LwNodeId output = lw_graph_output (writer->graph);
  Onnx__GraphProto *graph = lw_onnx_new (writer, sizeof *graph);

  onnx__graph_proto__init (graph);
  for (LwNodeId id = 0; id <= output; id++) {
    if (lw_graph_node (writer->graph, id)->op == LW_OP_INPUT)
      continue;
    lw_onnx_add_node (writer, id);
    if (id != output)
      g_ptr_array_add (writer->values, describe_value (writer, id));
  }
  graph->name = (char *)lw_graph_title (writer->graph);
  graph->n_node = writer->nodes->len;
  graph->node = (Onnx__NodeProto **)writer->nodes->pdata;
  graph->n_initializer = writer->initializers->len;
  graph->initializer = (Onnx__TensorProto **)writer->initializers->pdata;
  graph->n_value_info = writer->values->len;
  graph->value_info = (Onnx__ValueInfoProto **)writer->values->pdata;
  graph->n_input = 1;
  graph->input = lw_onnx_new (writer, sizeof *graph->input);
  graph->input[0] = describe_value (writer, 0);
  graph->n_output = 1;
  graph->output = lw_onnx_new (writer, sizeof *graph->output);
  graph->output[0] = describe_value (writer, output);
  return graph;
}

static void
add_metadata (LwOnnxWriter *writer, Onnx__ModelProto *model, const char *const *metadata)
{
  const guint n = metadata != NULL ? g_strv_length ((char **)metadata) / 2 : 0;

  model->metadata_props = lw_onnx_new (writer, (n + 1) * sizeof *model->metadata_props);
  model->n_metadata_props = n;
  for (guint i = 0; i < n; i++) {
    Onnx__StringStringEntryProto *entry = lw_onnx_new (writer, sizeof *entry);

    onnx__string_string_entry_proto__init (entry);
    entry->key = (char *)metadata[2 * i];
    entry->value = (char *)metadata[2 * i + 1];
    model->metadata_props[i] = entry;
  }
}

static Onnx__ModelProto *
make_model (LwOnnxWriter *writer, const char *const *metadata)
{
  Onnx__ModelProto *model = lw_onnx_new (writer, sizeof *model);
  Onnx__OperatorSetIdProto *opset = lw_onnx_new (writer, sizeof *opset);

  onnx__model_proto__init (model);
  onnx__operator_set_id_proto__init (opset);
  opset->domain = (char *)""; /* the standard's operators */
  opset->has_version = true;
  opset->version = OPSET;
  model->n_opset_import = 1;
  model->opset_import = lw_onnx_new (writer, sizeof *model->opset_import);
  model->opset_import[0] = opset;
  model->has_ir_version = true;
  model->ir_version = IR_VERSION;
  model->producer_name = (char *)"Layerwise";
  model->producer_version = (char *)LW_VERSION;
  model->graph = make_graph (writer);
  add_metadata (writer, model, metadata);
  return model;
}

/* --- the file --------------------------------------------------------------------------------- */

/* A buffer for protobuf-c, which packs many pieces of a few bytes and a few large ones. */
typedef struct {
  ProtobufCBuffer base;
  LwReplacement *replacement;
  GError *error;
  gsize n;
  uint8_t gathered[64 * 1024];
} FileBuffer;

static void
flush (FileBuffer *buffer)
{
  if (buffer->error == NULL)
    lw_replacement_write (buffer->replacement, buffer->gathered, buffer->n, &buffer->error);
  buffer->n = 0;
}

static void
append (ProtobufCBuffer *base, size_t length, const uint8_t *data)
{
  FileBuffer *buffer = (FileBuffer *)base;

  if (length > sizeof buffer->gathered - buffer->n)
    flush (buffer);
  if (length > sizeof buffer->gathered) {
    if (buffer->error == NULL)
      lw_replacement_write (buffer->replacement, data, length, &buffer->error);
    return;
  }
  memcpy (buffer->gathered + buffer->n, data, length);
  buffer->n += length;
}

static bool
write_model (const Onnx__ModelProto *model, const char *path, GError **error)
{
  g_autofree FileBuffer *buffer = g_new0 (FileBuffer, 1);
  g_autoptr (LwReplacement) replacement = NULL;

  if (protobuf_c_message_get_packed_size (&model->base) > G_MAXINT32) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                 _ ("the ONNX file would have more than 2 GB, which the format cannot; make the "
                    "network smaller or export safetensors"));
    return false;
  }
  replacement = lw_replacement_new (path, error);
  if (replacement == NULL)
    return false;
  buffer->base.append = append;
  buffer->replacement = replacement;
  protobuf_c_message_pack_to_buffer (&model->base, &buffer->base);
  flush (buffer);
  if (buffer->error != NULL) {
    g_propagate_error (error, buffer->error);
    return false;
  }
  return lw_replacement_commit (replacement, error);
}

bool
lw_onnx_write (const LwGraph *graph, const void *const *tensors, const char *const *metadata,
               const char *path, GError **error)
{
  LwOnnxWriter writer = {
    .pool = g_ptr_array_new_with_free_func (g_free),
    .graph = graph,
    .tensors = tensors,
    .nodes = g_ptr_array_new (),
    .initializers = g_ptr_array_new (),
    .values = g_ptr_array_new (),
  };
  const bool done = write_model (make_model (&writer, metadata), path, error);

  g_ptr_array_unref (writer.nodes);
  g_ptr_array_unref (writer.initializers);
  g_ptr_array_unref (writer.values);
  g_ptr_array_unref (writer.pool);
  return done;
}
