#include "engine/op.h"

#include "engine/i18n.h"
#include "engine/op_shapes.h"

/* --- costs ---------------------------------------------------------------------------------- */

static void
cost_nothing (const LwNode *node, const LwShape *inputs, LwCost *cost)
{
  (void)node;
  (void)inputs;
  cost->operations = 0;
}

static void
cost_conv2d (const LwNode *node, const LwShape *inputs, LwCost *cost)
{
  int64_t outputs = lw_shape_size (node->shape);
  cost->macs = outputs * inputs[0].c * node->window.kernel * node->window.kernel;
  cost->operations = 2 * cost->macs + (lw_node_has_bias (node) ? outputs : 0);
}

static void
cost_linear (const LwNode *node, const LwShape *inputs, LwCost *cost)
{
  cost->macs = (int64_t)node->shape.c * inputs[0].c;
  cost->operations = 2 * cost->macs + node->shape.c;
}

static void
cost_batch_norm (const LwNode *node, const LwShape *inputs, LwCost *cost)
{
  (void)inputs;
  cost->operations = 2 * lw_shape_size (node->shape);
}

static void
cost_activation (const LwNode *node, const LwShape *inputs, LwCost *cost)
{
  (void)inputs;
  cost->operations = lw_shape_size (node->shape);
}

static void
cost_pool (const LwNode *node, const LwShape *inputs, LwCost *cost)
{
  (void)inputs;
  cost->operations = lw_shape_size (node->shape) * node->window.kernel * node->window.kernel;
}

static void
cost_global_pool (const LwNode *node, const LwShape *inputs, LwCost *cost)
{
  (void)node;
  cost->operations = lw_shape_size (inputs[0]);
}

static void
cost_cross_entropy (const LwNode *node, const LwShape *inputs, LwCost *cost)
{
  (void)node;
  cost->operations = 3 * lw_shape_size (inputs[0]);
}

/* --- the table ------------------------------------------------------------------------------ */

static const LwOpInfo ops[LW_N_OPS] = {
  [LW_OP_INPUT] = {
    .name = "input",
    .title = N_ ("input"),
    .label = "input",
    .torch = "Input",
    .onnx = NULL,
    .formula = N_ ("x[c,i,j]: pixel row i, column j of channel c, from 0 to 1"),
    .operations_rule = N_ ("none"),
    .kind = LW_KIND_DATA,
    .infer = lw_infer_input,
    .cost = cost_nothing,
  },
  [LW_OP_CONV2D] = {
    .name = "conv2d",
    .title = N_ ("convolution"),
    .label = "conv",
    .torch = "Conv2d",
    .onnx = "Conv",
    .formula = "y[o,i,j] = b[o] + Σ w[o,c,u,v] · x[c, s·i+u−p, s·j+v−p]",
    .operations_rule = N_ ("2 × MACs, and one addition an output for the bias"),
    .kind = LW_KIND_CONVOLUTION,
    .min_inputs = 1,
    .max_inputs = 1,
    .saves = LW_SAVES_INPUT,
    .infer = lw_infer_conv2d,
    .cost = cost_conv2d,
  },
  [LW_OP_LINEAR] = {
    .name = "linear",
    .title = N_ ("linear"),
    .label = "linear",
    .torch = "Linear",
    .onnx = "Gemm",
    .formula = "y[o] = b[o] + Σ w[o,i] · x[i]",
    .operations_rule = N_ ("2 × MACs, and one addition an output for the bias"),
    .kind = LW_KIND_LINEAR,
    .min_inputs = 1,
    .max_inputs = 1,
    .saves = LW_SAVES_INPUT,
    .infer = lw_infer_linear,
    .cost = cost_linear,
  },
  [LW_OP_BATCH_NORM] = {
    .name = "batch_norm",
    .title = N_ ("batch normalization"),
    .label = "batch norm",
    .torch = "BatchNorm2d",
    .torch_flat = "BatchNorm1d",
    .onnx = "BatchNormalization",
    .formula = "y = γ[c] · (x − μ[c]) / √(σ²[c] + ε) + β[c]",
    .operations_rule = N_ ("one multiplication and one addition a value: "
                           "mean, deviation, γ and β fold into a scale and a shift"),
    .kind = LW_KIND_NORMALIZATION,
    .min_inputs = 1,
    .max_inputs = 1,
    .in_place = true,
    .saves = LW_SAVES_INPUT | LW_SAVES_STATE,
    .shape_kept = true,
    .infer = lw_infer_same,
    .cost = cost_batch_norm,
  },
  [LW_OP_RELU] = {
    .name = "relu",
    .title = N_ ("ReLU"),
    .label = "ReLU",
    .torch = "ReLU",
    .onnx = "Relu",
    .formula = "y = max(x, 0)",
    .operations_rule = N_ ("one a value"),
    .kind = LW_KIND_ACTIVATION,
    .min_inputs = 1,
    .max_inputs = 1,
    .in_place = true,
    .saves = LW_SAVES_OUTPUT,
    .shape_kept = true,
    .infer = lw_infer_same,
    .cost = cost_activation,
  },
  [LW_OP_SIGMOID] = {
    .name = "sigmoid",
    .title = N_ ("sigmoid"),
    .label = "sigmoid",
    .torch = "Sigmoid",
    .onnx = "Sigmoid",
    .formula = "y = 1 / (1 + exp(−x))",
    .operations_rule = N_ ("one a value"),
    .kind = LW_KIND_ACTIVATION,
    .min_inputs = 1,
    .max_inputs = 1,
    .in_place = true,
    .saves = LW_SAVES_OUTPUT,
    .shape_kept = true,
    .infer = lw_infer_same,
    .cost = cost_activation,
  },
  [LW_OP_TANH] = {
    .name = "tanh",
    .title = N_ ("tanh"),
    .label = "tanh",
    .torch = "Tanh",
    .onnx = "Tanh",
    .formula = "y = (1 − exp(−2x)) / (1 + exp(−2x))",
    .operations_rule = N_ ("one a value"),
    .kind = LW_KIND_ACTIVATION,
    .min_inputs = 1,
    .max_inputs = 1,
    .in_place = true,
    .saves = LW_SAVES_OUTPUT,
    .shape_kept = true,
    .infer = lw_infer_same,
    .cost = cost_activation,
  },
  [LW_OP_MAX_POOL] = {
    .name = "max_pool",
    .title = N_ ("max pooling"),
    .label = "max pool",
    .torch = "MaxPool2d",
    .onnx = "MaxPool",
    .formula = "y[c,i,j] = max x[c, s·i+u−p, s·j+v−p], 0 ≤ u, v < k",
    .operations_rule = N_ ("one a value in the window, for each output"),
    .kind = LW_KIND_POOLING,
    .min_inputs = 1,
    .max_inputs = 1,
    .saves = LW_SAVES_STATE,
    .infer = lw_infer_pool,
    .cost = cost_pool,
  },
  [LW_OP_AVG_POOL] = {
    .name = "avg_pool",
    .title = N_ ("average pooling"),
    .label = "average pool",
    .torch = "AvgPool2d",
    .onnx = "AveragePool",
    .formula = "y[c,i,j] = 1/k² · Σ x[c, s·i+u−p, s·j+v−p], 0 ≤ u, v < k",
    .operations_rule = N_ ("one a value in the window, for each output"),
    .kind = LW_KIND_POOLING,
    .min_inputs = 1,
    .max_inputs = 1,
    .infer = lw_infer_pool,
    .cost = cost_pool,
  },
  [LW_OP_GLOBAL_AVG_POOL] = {
    .name = "global_avg_pool",
    .title = N_ ("global average pooling"),
    .label = "global average pool",
    .torch = "AdaptiveAvgPool2d",
    .onnx = "GlobalAveragePool",
    .formula = "y[c] = 1/(h·w) · Σ x[c,i,j]",
    .operations_rule = N_ ("one an input value"),
    .kind = LW_KIND_POOLING,
    .min_inputs = 1,
    .max_inputs = 1,
    .infer = lw_infer_global_pool,
    .cost = cost_global_pool,
  },
  [LW_OP_DROPOUT] = {
    .name = "dropout",
    .title = N_ ("dropout"),
    .label = "dropout",
    .torch = "Dropout",
    .onnx = "Dropout",
    .formula = N_ ("training: y = x · m / (1 − p), m = 0 with probability p, else 1; afterwards: y = x"),
    .operations_rule = N_ ("none: after training it changes nothing"),
    .kind = LW_KIND_DROPOUT,
    .min_inputs = 1,
    .max_inputs = 1,
    .in_place = true,
    .saves = LW_SAVES_STATE,
    .shape_kept = true,
    .infer = lw_infer_dropout,
    .cost = cost_nothing,
  },
  [LW_OP_FLATTEN] = {
    .name = "flatten",
    .title = N_ ("flatten"),
    .label = "flatten",
    .torch = "Flatten",
    .onnx = "Flatten",
    .formula = "y[(c·h + i)·w + j] = x[c,i,j]",
    .operations_rule = N_ ("none: the same numbers, read as one row"),
    .kind = LW_KIND_DATA,
    .min_inputs = 1,
    .max_inputs = 1,
    .in_place = true,
    .infer = lw_infer_flatten,
    .cost = cost_nothing,
  },
  [LW_OP_ADD] = {
    .name = "add",
    .title = N_ ("sum"),
    .label = "sum",
    .torch = "Add",
    .onnx = "Add",
    .formula = "y = a + b",
    .operations_rule = N_ ("one a value"),
    .kind = LW_KIND_JOIN,
    .min_inputs = 2,
    .max_inputs = 2,
    .in_place = true,
    .shape_kept = true,
    .infer = lw_infer_add,
    .cost = cost_activation,
  },
  [LW_OP_CONCAT] = {
    .name = "concat",
    .title = N_ ("concatenation"),
    .label = "concat",
    .torch = "Concat",
    .onnx = "Concat",
    .formula = N_ ("y = the channels of all inputs, one after another"),
    .operations_rule = N_ ("none: values are only moved"),
    .kind = LW_KIND_JOIN,
    .min_inputs = 1,
    .max_inputs = LW_MAX_INPUTS,
    .infer = lw_infer_concat,
    .cost = cost_nothing,
  },
  [LW_OP_CROSS_ENTROPY] = {
    .name = "cross_entropy",
    .title = N_ ("softmax and cross-entropy"),
    .label = "loss",
    .torch = "CrossEntropyLoss",
    .onnx = "SoftmaxCrossEntropyLoss",
    .formula = "loss = −log(exp(x[label]) / Σ exp(x[k]))",
    .operations_rule = N_ ("three a class: subtract the largest score, exponential, sum"),
    .kind = LW_KIND_DATA,
    .min_inputs = 1,
    .max_inputs = 1,
    .saves = LW_SAVES_INPUT,
    .infer = lw_infer_cross_entropy,
    .cost = cost_cross_entropy,
  },
};

const LwOpInfo *
lw_op_info (LwOp op)
{
  g_return_val_if_fail (op >= 0 && op < LW_N_OPS, NULL);
  return &ops[op];
}

const char *
lw_node_torch_type (const LwGraph *graph, LwNodeId id)
{
  const LwNode *node = lw_graph_node (graph, id);
  const LwOpInfo *info = lw_op_info (node->op);
  return node->shape.flat && info->torch_flat != NULL ? info->torch_flat : info->torch;
}

int64_t
lw_node_state_bytes (const LwGraph *graph, LwNodeId id, int32_t batch)
{
  const LwNode *node = lw_graph_node (graph, id);
  int64_t outputs = lw_shape_size (node->shape) * batch;
  switch (node->op) {
  case LW_OP_MAX_POOL: /* the winner's place in its window: one byte counts to 256 */
    return node->window.kernel <= 16 ? outputs : outputs * (int64_t)sizeof (int32_t);
  case LW_OP_DROPOUT: /* kept or not */
    return outputs;
  case LW_OP_BATCH_NORM: /* mean and 1/σ */
    return 2 * (int64_t)node->shape.c * (int64_t)sizeof (float);
  default:
    return 0;
  }
}
