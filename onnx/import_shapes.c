/* Operators that only hand a layer's values on, in another shape or between zeros. */
#include "engine/i18n.h"
#include "onnx/import_readers.h"

#include <math.h>
#include <string.h>

static LwShape
shape_of (const LwOnnxImport *import, const LwOnnxValue *value)
{
  return lw_graph_shape (import->flat, value->node);
}

/* The axes of a node: an attribute before opset 13 (ReduceMean: 18), an input since then. */
static const LwOnnxValue *
read_axes (LwOnnxImport *import, const Onnx__NodeProto *node, LwOnnxValue *ret)
{
  const Onnx__AttributeProto *axes = lw_onnx_attribute (node, "axes");

  if (lw_onnx_has_input (node, 1))
    return lw_onnx_numbers (lw_onnx_input (import, node, 1), ret);
  if (axes == NULL || axes->n_ints > LW_ONNX_MOST_NUMBERS)
    return NULL;
  *ret = (LwOnnxValue){ .kind = LW_ONNX_NUMBERS, .n = (int32_t)axes->n_ints };
  for (size_t i = 0; i < axes->n_ints; i++)
    ret->numbers[i] = axes->ints[i];
  return ret;
}

/* Height and width, in whatever order. */
bool
lw_onnx_over_sides (LwOnnxImport *import, const Onnx__NodeProto *node)
{
  LwOnnxValue a;
  const LwOnnxValue *axes = read_axes (import, node, &a);

  if (axes == NULL || axes->n != 2)
    return false;
  for (int i = 0; i < 2; i++) {
    const int64_t first = axes->numbers[i], second = axes->numbers[1 - i];

    if ((first == 2 || first == -2) && (second == 3 || second == -1))
      return true;
  }
  return false;
}

bool
lw_onnx_flatten (LwOnnxImport *import, const Onnx__NodeProto *node, LwNodeId x)
{
  g_autofree char *name = lw_onnx_name (import, node, NULL);

  return lw_onnx_add_layer (import, node, lw_flatten (import->flat, x, name), false, NULL);
}

bool
lw_onnx_read_flatten (LwOnnxImport *import, const Onnx__NodeProto *node)
{
  const LwOnnxValue *x = lw_onnx_layer (import, node, 0);

  if (x == NULL)
    return false;
  if (lw_onnx_integer (node, "axis", 1) != 1)
    return lw_onnx_refuse (import, node, _ ("flattens something else than each example"));
  return lw_onnx_flatten (import, node, x->node);
}

/* Whether `side` of a new shape is `size`; 0: as before, −1: what is left. */
static bool
is_side (int64_t side, int64_t size, int64_t before)
{
  return side == size || side == -1 || (side == 0 && before == size);
}

/* With `allowzero`, which PyTorch's exporter sets, a zero is a side of no length. */
static bool
has_zero_side (const Onnx__NodeProto *node, const LwOnnxValue *to)
{
  bool zero = false;

  for (int i = 0; i < to->n; i++)
    zero |= to->numbers[i] == 0;
  return zero && lw_onnx_integer (node, "allowzero", 0) != 0;
}

bool
lw_onnx_read_reshape (LwOnnxImport *import, const Onnx__NodeProto *node)
{
  const LwOnnxValue *x = lw_onnx_layer (import, node, 0);
  const LwOnnxValue *value = x != NULL ? lw_onnx_input (import, node, 1) : NULL;
  LwOnnxValue a;
  const LwOnnxValue *to = lw_onnx_numbers (value, &a);
  const LwShape shape = x != NULL ? shape_of (import, x) : (LwShape){ 0 };
  const int64_t size = lw_shape_size (shape);

  if (value == NULL)
    return false;
  if (to != NULL && to->n >= 2 && !has_zero_side (node, to) &&
      (to->numbers[0] == LW_ONNX_BATCH || to->numbers[0] == 0 || to->numbers[0] == 1 ||
       to->numbers[0] == import->batch)) {
    if (to->n == 2 && is_side (to->numbers[1], size, shape.c))
      return lw_onnx_flatten (import, node, x->node);
    if (to->n == 4 && !shape.flat && is_side (to->numbers[1], shape.c, shape.c) &&
        is_side (to->numbers[2], shape.h, shape.h) && is_side (to->numbers[3], shape.w, shape.w))
      return lw_onnx_give (import, node, x);
  }
  return lw_onnx_refuse (import, node,
                         _ ("gives its values another shape than one row an example"));
}

bool
lw_onnx_read_squeeze (LwOnnxImport *import, const Onnx__NodeProto *node)
{
  const LwOnnxValue *x = lw_onnx_layer (import, node, 0);
  LwShape shape;

  if (x == NULL)
    return false;
  shape = shape_of (import, x);
  if (shape.flat || shape.h != 1 || shape.w != 1 || !lw_onnx_over_sides (import, node))
    return lw_onnx_refuse (import, node,
                           _ ("gives its values another shape than one row an example"));
  return lw_onnx_flatten (import, node, x->node);
}

bool
lw_onnx_read_identity (LwOnnxImport *import, const Onnx__NodeProto *node)
{
  const LwOnnxValue *x = lw_onnx_input (import, node, 0);
  LwOnnxValue value;

  if (x == NULL)
    return false;
  value = *x;
  value.unbiased = x->unbiased && lw_onnx_is_read_once (import, node);
  return lw_onnx_give (import, node, &value);
}

/* A softmax at the end: probabilities are made of scores here anyway. */
bool
lw_onnx_read_softmax (LwOnnxImport *import, const Onnx__NodeProto *node)
{
  const LwOnnxValue *x = lw_onnx_layer (import, node, 0);
  const int64_t axis = lw_onnx_integer (node, "axis", import->opset < 13 ? 1 : -1);

  if (x == NULL)
    return false;
  if (node->n_output == 0 || g_strcmp0 (node->output[0], import->graph->output[0]->name) != 0 ||
      !shape_of (import, x).flat || (axis != 1 && axis != -1))
    return lw_onnx_refuse (import, node,
                           _ ("stands elsewhere than at the end, over the scores of the classes"));
  import->softmax = true;
  return lw_onnx_give (import, node, x);
}

/* Zeros around a map; PyTorch's exporter writes them before an average pooling. */
bool
lw_onnx_read_pad (LwOnnxImport *import, const Onnx__NodeProto *node)
{
  const LwOnnxValue *x = lw_onnx_layer (import, node, 0);
  const Onnx__AttributeProto *list = lw_onnx_attribute (node, "pads");
  const LwOnnxValue *pads = NULL, *filling = NULL;
  LwOnnxValue a, value;
  double zero = lw_onnx_real (node, "value", 0);

  if (x == NULL)
    return false;
  if (list != NULL && list->n_ints == 8) {
    a = (LwOnnxValue){ .n = 8 };
    memcpy (a.numbers, list->ints, 8 * sizeof *a.numbers);
    pads = &a;
  } else if (lw_onnx_has_input (node, 1))
    pads = lw_onnx_numbers (lw_onnx_input (import, node, 1), &a);
  if (lw_onnx_has_input (node, 2)) {
    filling = lw_onnx_input (import, node, 2);
    if (filling == NULL)
      return false;
    if (filling->kind != LW_ONNX_TENSOR || !lw_onnx_tensor_real (filling->tensor, &zero))
      zero = NAN;
  }
  if (import->error != NULL)
    return false;
  if (pads == NULL || pads->n != 8 || lw_onnx_has_input (node, 3) || shape_of (import, x).flat ||
      pads->numbers[0] != 0 || pads->numbers[1] != 0 || pads->numbers[4] != 0 ||
      pads->numbers[5] != 0 || pads->numbers[2] != pads->numbers[3] ||
      pads->numbers[2] != pads->numbers[6] || pads->numbers[2] != pads->numbers[7] ||
      pads->numbers[2] < 0 || pads->numbers[2] > 4096 ||
      (pads->numbers[2] > 0 &&
       (!lw_onnx_is_word (node, "mode", "constant", "constant") || zero != 0)))
    return lw_onnx_refuse (import, node,
                           _ ("pads with something else than zeros, alike on all sides"));
  value = *x;
  value.padding = (int32_t)pads->numbers[2];
  value.unbiased = false;
  return lw_onnx_give (import, node, &value);
}
