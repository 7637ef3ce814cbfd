/* What is no layer: constants, and shapes that a file computes from shapes, "view (x.size (0),
 * −1)". They are worked out while the file is read. */
#include "onnx/import.h"

#include "engine/i18n.h"

#include <string.h>

const LwOnnxValue *
lw_onnx_numbers (const LwOnnxValue *value, LwOnnxValue *ret)
{
  if (value == NULL || value->kind == LW_ONNX_LAYER)
    return NULL;
  if (value->kind == LW_ONNX_NUMBERS)
    return value;
  *ret = (LwOnnxValue){ .kind = LW_ONNX_NUMBERS, .scalar = value->tensor->n_dims == 0 };
  ret->n = lw_onnx_tensor_integers (value->tensor, LW_ONNX_MOST_NUMBERS, ret->numbers);
  return ret->n >= 0 && value->tensor->n_dims <= 1 ? ret : NULL;
}

static const LwOnnxValue *
input_numbers (LwOnnxImport *import, const Onnx__NodeProto *node, size_t index, LwOnnxValue *ret)
{
  const LwOnnxValue *value = lw_onnx_input (import, node, index);
  const LwOnnxValue *numbers = lw_onnx_numbers (value, ret);

  if (value != NULL && numbers == NULL)
    lw_onnx_refuse (import, node,
                    _ ("computes with values; Layerwise can only work out shapes beforehand"));
  return numbers;
}

static bool
read_constant (LwOnnxImport *import, const Onnx__NodeProto *node)
{
  const Onnx__AttributeProto *tensor = lw_onnx_attribute (node, "value");
  const Onnx__AttributeProto *one = lw_onnx_attribute (node, "value_int");
  const Onnx__AttributeProto *list = lw_onnx_attribute (node, "value_ints");
  LwOnnxValue value = { .kind = LW_ONNX_TENSOR };

  if (tensor != NULL && tensor->t != NULL) {
    value.tensor = tensor->t;
    return lw_onnx_give (import, node, &value);
  }
  value.kind = LW_ONNX_NUMBERS;
  if (one != NULL && one->has_i) {
    value.n = 1;
    value.scalar = true;
    value.numbers[0] = one->i;
  } else if (list != NULL && list->n_ints <= LW_ONNX_MOST_NUMBERS) {
    value.n = (int32_t)list->n_ints;
    for (int32_t i = 0; i < value.n; i++)
      value.numbers[i] = list->ints[i];
  } else
    return lw_onnx_refuse (import, node,
                           _ ("holds a constant that is neither weights nor numbers"));
  return lw_onnx_give (import, node, &value);
}

static bool
read_shape (LwOnnxImport *import, const Onnx__NodeProto *node)
{
  const LwOnnxValue *x = lw_onnx_layer (import, node, 0);
  LwOnnxValue value = { .kind = LW_ONNX_NUMBERS };
  LwShape shape;

  if (x == NULL)
    return false;
  shape = lw_graph_shape (import->flat, x->node);
  value.n = shape.flat ? 2 : 4;
  memcpy (value.numbers, (const int64_t[]){ LW_ONNX_BATCH, shape.c, shape.h, shape.w },
          sizeof (int64_t) * (size_t)value.n);
  if (lw_onnx_integer (node, "start", 0) != 0 || lw_onnx_attribute (node, "end") != NULL)
    return lw_onnx_refuse (import, node, _ ("takes a part of a shape, which is not worked out"));
  return lw_onnx_give (import, node, &value);
}

static bool
read_gather (LwOnnxImport *import, const Onnx__NodeProto *node)
{
  LwOnnxValue a, b, value = { .kind = LW_ONNX_NUMBERS };
  const LwOnnxValue *from = input_numbers (import, node, 0, &a);
  const LwOnnxValue *which = from != NULL ? input_numbers (import, node, 1, &b) : NULL;

  if (which == NULL)
    return false;
  value.n = which->n;
  value.scalar = which->scalar;
  for (int32_t i = 0; i < which->n; i++) {
    const int64_t at = which->numbers[i] < 0 ? which->numbers[i] + from->n : which->numbers[i];

    if (at < 0 || at >= from->n || lw_onnx_integer (node, "axis", 0) != 0)
      return lw_onnx_refuse (import, node, _ ("takes a part that a shape does not have"));
    value.numbers[i] = from->numbers[at];
  }
  return lw_onnx_give (import, node, &value);
}

static bool
read_unsqueeze (LwOnnxImport *import, const Onnx__NodeProto *node)
{
  LwOnnxValue a, value;
  const LwOnnxValue *x = input_numbers (import, node, 0, &a);

  if (x == NULL)
    return false;
  value = *x;
  if (!value.scalar)
    return lw_onnx_refuse (import, node, _ ("makes a table of a shape, which is not worked out"));
  value.scalar = false;
  return lw_onnx_give (import, node, &value);
}

static bool
read_cast (LwOnnxImport *import, const Onnx__NodeProto *node)
{
  const int64_t to = lw_onnx_integer (node, "to", 0);
  LwOnnxValue a;
  const LwOnnxValue *x = input_numbers (import, node, 0, &a);

  if (x == NULL)
    return false;
  if (to != ONNX__TENSOR_PROTO__DATA_TYPE__INT64 && to != ONNX__TENSOR_PROTO__DATA_TYPE__INT32)
    return lw_onnx_refuse (import, node, _ ("makes other numbers of whole ones"));
  return lw_onnx_give (import, node, x);
}

LwOnnxReader
lw_onnx_number_reader (const char *op)
{
  static const struct {
    const char *op;
    LwOnnxReader read;
  } readers[] = {
    { "Constant", read_constant },   { "Shape", read_shape }, { "Gather", read_gather },
    { "Unsqueeze", read_unsqueeze }, { "Cast", read_cast },
  };

  for (guint i = 0; i < G_N_ELEMENTS (readers); i++)
    if (g_str_equal (readers[i].op, op))
      return readers[i].read;
  return NULL;
}
