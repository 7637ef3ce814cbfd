/* Operators that are layers here, and the table of all that concern layers. */
#include "engine/i18n.h"
#include "onnx/import_readers.h"

#include <math.h>
#include <string.h>

/* The one that lw_batch_norm gives its layers. */
#define EPSILON 1e-5

static const int64_t no_batches = 0;

static LwShape
shape_of (const LwOnnxImport *import, const LwOnnxValue *value)
{
  return lw_graph_shape (import->flat, value->node);
}

/* --- layers of one input ---------------------------------------------------------------------- */

static bool
read_activation (LwOnnxImport *import, const Onnx__NodeProto *node)
{
  const LwOnnxValue *x = lw_onnx_layer (import, node, 0);
  const LwOp op = g_str_equal (node->op_type, "Relu")      ? LW_OP_RELU
                  : g_str_equal (node->op_type, "Sigmoid") ? LW_OP_SIGMOID
                                                           : LW_OP_TANH;
  g_autofree char *name = NULL;

  if (x == NULL)
    return false;
  name = lw_onnx_name (import, node, NULL);
  return lw_onnx_add_layer (import, node, lw_activation (import->flat, x->node, name, op), true,
                            NULL);
}

/* Another ε than ours goes into the variance: √(σ² + ε) = √((σ² + ε − 1e-5) + 1e-5). NULL: that
 * would be negative. */
static const float *
shift_variance (LwOnnxImport *import, const Onnx__NodeProto *node, const float *variance, int64_t n,
                double epsilon)
{
  const double shift = epsilon - EPSILON;
  float *shifted;

  /* Attributes are float32. */
  if (fabs (shift) < 1e-11)
    return variance;
  shifted = lw_onnx_own (import, node, n);
  for (int64_t i = 0; shifted != NULL && i < n; i++) {
    shifted[i] = (float)((double)variance[i] + shift);
    if (!(shifted[i] >= 0))
      return NULL;
  }
  return shifted;
}

static bool
read_batch_norm (LwOnnxImport *import, const Onnx__NodeProto *node)
{
  const LwOnnxValue *x = lw_onnx_layer (import, node, 0);
  const void *data[LW_MAX_TENSORS] = { [LW_ROLE_BATCHES] = &no_batches };
  g_autofree char *name = NULL;
  const LwOnnxValue *scale;
  int64_t channels;

  if (x == NULL)
    return false;
  if (lw_onnx_integer (node, "training_mode", 0) != 0)
    return lw_onnx_refuse (import, node,
                           _ ("uses the batch's statistics; export the network for inference"));
  channels = shape_of (import, x).c;
  for (int role = LW_ROLE_WEIGHT; role <= LW_ROLE_RUNNING_VAR; role++) {
    const LwOnnxValue *value = lw_onnx_input (import, node, (size_t)role + 1);

    data[role] = value != NULL ? lw_onnx_weights (import, node, value, 1, &channels) : NULL;
    if (data[role] == NULL)
      return false;
  }
  data[LW_ROLE_RUNNING_VAR] = shift_variance (import, node, data[LW_ROLE_RUNNING_VAR], channels,
                                              lw_onnx_real (node, "epsilon", EPSILON));
  if (data[LW_ROLE_RUNNING_VAR] == NULL)
    return lw_onnx_refuse (import, node, _ ("has variances that are too small for its epsilon"));
  scale = lw_onnx_input (import, node, 1);
  name = lw_onnx_name (import, node, scale->tensor->name);
  return lw_onnx_add_layer (import, node, lw_batch_norm (import->flat, x->node, name), false, data);
}

static bool
read_global_pool (LwOnnxImport *import, const Onnx__NodeProto *node)
{
  const LwOnnxValue *x = lw_onnx_layer (import, node, 0);
  g_autofree char *name = NULL;

  if (x == NULL)
    return false;
  name = lw_onnx_name (import, node, NULL);
  return lw_onnx_add_layer (import, node, lw_global_avg_pool (import->flat, x->node, name), false,
                            NULL);
}

/* PyTorch's newer exporter writes global pooling as a mean over height and width. */
static bool
read_mean (LwOnnxImport *import, const Onnx__NodeProto *node)
{
  const LwOnnxValue *x = lw_onnx_layer (import, node, 0);

  if (x == NULL)
    return false;
  if (!lw_onnx_over_sides (import, node) || shape_of (import, x).flat)
    return lw_onnx_refuse (import, node, _ ("is a mean over something else than height and width"));
  if (!read_global_pool (import, node))
    return false;
  return lw_onnx_integer (node, "keepdims", 1) != 0 ||
         lw_onnx_flatten (import, node, lw_graph_n_nodes (import->flat) - 1);
}

static bool
read_dropout (LwOnnxImport *import, const Onnx__NodeProto *node)
{
  const LwOnnxValue *x = lw_onnx_layer (import, node, 0);
  double ratio = lw_onnx_real (node, "ratio", 0.5);
  g_autofree char *name = NULL;

  if (x == NULL)
    return false;
  if (lw_onnx_has_input (node, 1)) {
    const LwOnnxValue *value = lw_onnx_input (import, node, 1);

    if (value == NULL)
      return false;
    if (value->kind != LW_ONNX_TENSOR || !lw_onnx_tensor_real (value->tensor, &ratio))
      return lw_onnx_refuse (import, node, _ ("computes its ratio"));
  }
  /* With its third input it would drop in inference too; false is what stands there. */
  if (lw_onnx_has_input (node, 2)) {
    const LwOnnxValue *training = lw_onnx_input (import, node, 2);

    if (training == NULL)
      return false;
    if (training->kind != LW_ONNX_TENSOR || training->tensor->raw_data.len != 1 ||
        training->tensor->raw_data.data[0] != 0)
      return lw_onnx_refuse (import, node, _ ("drops values; export the network for inference"));
  }
  name = lw_onnx_name (import, node, NULL);
  return lw_onnx_add_layer (import, node, lw_dropout (import->flat, x->node, name, ratio), false,
                            NULL);
}

/* --- linear layers ---------------------------------------------------------------------------- */

/* [in][out] as [out][in]. */
static const float *
transpose (LwOnnxImport *import, const Onnx__NodeProto *node, const float *from, int64_t inputs,
           int64_t outputs)
{
  float *to = lw_onnx_own (import, node, inputs * outputs);

  for (int64_t o = 0; to != NULL && o < outputs; o++)
    for (int64_t i = 0; i < inputs; i++)
      to[o * inputs + i] = from[i * outputs + o];
  return to;
}

static bool
add_linear (LwOnnxImport *import, const Onnx__NodeProto *node, const LwOnnxValue *x,
            bool transposed, const LwOnnxValue *bias)
{
  const LwOnnxValue *weight = lw_onnx_input (import, node, 1);
  const LwShape shape = shape_of (import, x);
  const void *data[LW_MAX_TENSORS] = { NULL };
  int64_t dims[2] = { transposed ? -1 : shape.c, transposed ? shape.c : -1 }, outputs;
  g_autofree char *name = NULL;

  if (weight == NULL)
    return false;
  if (!shape.flat)
    return lw_onnx_refuse (import, node, _ ("reads a map; flatten it first"));
  data[LW_ROLE_WEIGHT] = lw_onnx_weights (import, node, weight, 2, dims);
  if (data[LW_ROLE_WEIGHT] == NULL)
    return false;
  outputs = weight->tensor->dims[transposed ? 0 : 1];
  if (outputs > G_MAXINT32)
    return lw_onnx_refuse (import, node, _ ("has weights whose number or shape does not fit"));
  if (!transposed)
    data[LW_ROLE_WEIGHT] = transpose (import, node, data[LW_ROLE_WEIGHT], shape.c, outputs);
  if (bias != NULL)
    data[LW_ROLE_BIAS] = lw_onnx_weights (import, node, bias, 1, &outputs);
  else
    data[LW_ROLE_BIAS] = lw_onnx_own (import, node, outputs);
  if (data[LW_ROLE_WEIGHT] == NULL || data[LW_ROLE_BIAS] == NULL)
    return false;
  name = lw_onnx_name (import, node, weight->tensor->name);
  return lw_onnx_add_layer (import, node, lw_linear (import->flat, x->node, name, (int)outputs),
                            false, data);
}

static bool
read_gemm (LwOnnxImport *import, const Onnx__NodeProto *node)
{
  const LwOnnxValue *x = lw_onnx_layer (import, node, 0);
  const LwOnnxValue *bias = NULL;

  if (x == NULL)
    return false;
  if (lw_onnx_real (node, "alpha", 1) != 1 || lw_onnx_real (node, "beta", 1) != 1 ||
      lw_onnx_integer (node, "transA", 0) != 0)
    return lw_onnx_refuse (import, node,
                           _ ("scales or transposes what it reads, which no linear layer does"));
  if (lw_onnx_has_input (node, 2)) {
    bias = lw_onnx_input (import, node, 2);
    if (bias == NULL)
      return false;
  }
  return add_linear (import, node, x, lw_onnx_integer (node, "transB", 0) != 0, bias);
}

static bool
read_product (LwOnnxImport *import, const Onnx__NodeProto *node)
{
  const LwOnnxValue *x = lw_onnx_layer (import, node, 0);
  LwOnnxValue *made;

  if (x == NULL || !add_linear (import, node, x, false, NULL))
    return false;
  if (node->n_output == 0)
    return true;
  made = g_hash_table_lookup (import->values, node->output[0]);
  /* Another reader would not get the bias. */
  made->unbiased = lw_onnx_is_read_once (import, node);
  return true;
}

/* --- joins ------------------------------------------------------------------------------------ */

/* A matrix product and a constant: the bias of a linear layer. */
static bool
read_bias (LwOnnxImport *import, const Onnx__NodeProto *node, const LwOnnxValue *product,
           const LwOnnxValue *bias)
{
  const int64_t outputs = shape_of (import, product).c;
  LwOnnxLayer *layer = &g_array_index (import->layers, LwOnnxLayer, product->node);
  const LwOnnxValue value = { .kind = LW_ONNX_LAYER, .node = product->node };
  const float *data = lw_onnx_weights (import, node, bias, 1, &outputs);

  if (data == NULL)
    return false;
  layer->data[LW_ROLE_BIAS] = data;
  return lw_onnx_give (import, node, &value);
}

static bool
read_add (LwOnnxImport *import, const Onnx__NodeProto *node)
{
  const LwOnnxValue *a = lw_onnx_input (import, node, 0);
  const LwOnnxValue *b = a != NULL ? lw_onnx_input (import, node, 1) : NULL;
  g_autofree char *name = NULL;

  if (b == NULL)
    return false;
  if (a->kind == LW_ONNX_LAYER && a->unbiased && b->kind == LW_ONNX_TENSOR)
    return read_bias (import, node, a, b);
  if (b->kind == LW_ONNX_LAYER && b->unbiased && a->kind == LW_ONNX_TENSOR)
    return read_bias (import, node, b, a);
  a = lw_onnx_layer (import, node, 0);
  b = a != NULL ? lw_onnx_layer (import, node, 1) : NULL;
  if (b == NULL)
    return false;
  name = lw_onnx_name (import, node, NULL);
  return lw_onnx_add_layer (import, node, lw_add (import->flat, a->node, b->node, name), true,
                            NULL);
}

/* Joins what there is, more than a layer takes in several. */
static bool
join (LwOnnxImport *import, const Onnx__NodeProto *node)
{
  LwNodeId inputs[LW_MAX_INPUTS];
  int n = 0;

  for (size_t i = 0; i < node->n_input; i++) {
    const LwOnnxValue *value = lw_onnx_layer (import, node, i);
    g_autofree char *name = NULL;

    if (value == NULL)
      return false;
    inputs[n++] = value->node;
    if (n < LW_MAX_INPUTS && i + 1 < node->n_input)
      continue;
    name = lw_onnx_name (import, node, NULL);
    if (!lw_onnx_add_layer (import, node, lw_concat (import->flat, inputs, n, name), true, NULL))
      return false;
    inputs[0] = lw_graph_n_nodes (import->flat) - 1;
    n = 1;
  }
  return true;
}

static bool
join_numbers (LwOnnxImport *import, const Onnx__NodeProto *node)
{
  LwOnnxValue all = { .kind = LW_ONNX_NUMBERS };

  for (size_t i = 0; i < node->n_input; i++) {
    LwOnnxValue a;
    const LwOnnxValue *value = lw_onnx_input (import, node, i);
    const LwOnnxValue *numbers = lw_onnx_numbers (value, &a);

    if (value == NULL)
      return false;
    if (numbers == NULL || numbers->scalar || all.n + numbers->n > LW_ONNX_MOST_NUMBERS)
      return lw_onnx_refuse (import, node, _ ("joins a layer's values and constants"));
    memcpy (all.numbers + all.n, numbers->numbers, sizeof (int64_t) * (size_t)numbers->n);
    all.n += numbers->n;
  }
  return lw_onnx_give (import, node, &all);
}

static bool
read_concat (LwOnnxImport *import, const Onnx__NodeProto *node)
{
  const LwOnnxValue *first = lw_onnx_input (import, node, 0);
  const int64_t axis = lw_onnx_integer (node, "axis", 1);

  if (first == NULL)
    return false;
  if (first->kind != LW_ONNX_LAYER)
    return join_numbers (import, node);
  if (axis != 1 && axis != (shape_of (import, first).flat ? -1 : -3))
    return lw_onnx_refuse (import, node, _ ("joins along another axis than the channels"));
  return join (import, node);
}

LwOnnxReader
lw_onnx_layer_reader (const char *op)
{
  static const struct {
    const char *op;
    LwOnnxReader read;
  } readers[] = {
    { "Conv", lw_onnx_read_conv },
    { "BatchNormalization", read_batch_norm },
    { "Relu", read_activation },
    { "Sigmoid", read_activation },
    { "Tanh", read_activation },
    { "MaxPool", lw_onnx_read_max_pool },
    { "AveragePool", lw_onnx_read_avg_pool },
    { "GlobalAveragePool", read_global_pool },
    { "ReduceMean", read_mean },
    { "Gemm", read_gemm },
    { "MatMul", read_product },
    { "Add", read_add },
    { "Concat", read_concat },
    { "Flatten", lw_onnx_read_flatten },
    { "Reshape", lw_onnx_read_reshape },
    { "Squeeze", lw_onnx_read_squeeze },
    { "Dropout", read_dropout },
    { "Identity", lw_onnx_read_identity },
    { "Softmax", lw_onnx_read_softmax },
    { "Pad", lw_onnx_read_pad },
  };

  for (guint i = 0; i < G_N_ELEMENTS (readers); i++)
    if (g_str_equal (readers[i].op, op))
      return readers[i].read;
  return NULL;
}
