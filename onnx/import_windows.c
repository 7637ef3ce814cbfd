/* Operators with a sliding window. Layerwise's are square and padded alike on all sides. */
#include "onnx/import_readers.h"

#include "engine/i18n.h"
#include "engine/op.h"

#define LARGEST 4096

/* What SAME pads on both sides together, of one side of the map. */
static int64_t
same_padding (int64_t side, int64_t kernel, int64_t stride)
{
  const int64_t outputs = (side + stride - 1) / stride;

  return MAX ((outputs - 1) * stride + kernel - side, 0);
}

static bool
pad_alike (LwOnnxImport *import, const Onnx__NodeProto *node, LwShape shape, LwWindow window,
           int64_t pads[4])
{
  const bool explicit_pads = lw_onnx_is_word (node, "auto_pad", "NOTSET", "NOTSET");
  const int64_t high = same_padding (shape.h, window.kernel, window.stride);
  const int64_t wide = same_padding (shape.w, window.kernel, window.stride);

  if (!explicit_pads && lw_onnx_is_word (node, "auto_pad", "VALID", "NOTSET"))
    pads[0] = pads[1] = pads[2] = pads[3] = 0;
  else if (!explicit_pads) { /* SAME_UPPER or SAME_LOWER: which side has the odd one */
    pads[0] = high / 2;
    pads[2] = high - high / 2;
    pads[1] = wide / 2;
    pads[3] = wide - wide / 2;
  }
  if (pads[0] == pads[1] && pads[0] == pads[2] && pads[0] == pads[3] && pads[0] >= 0 &&
      pads[0] < LARGEST)
    return true;
  return lw_onnx_refuse (import, node,
                         _ ("pads its sides differently; Layerwise's windows pad all alike"));
}

/* The map that a window goes over, with the zeros of a Pad before it. */
static LwShape
padded_shape (const LwOnnxImport *import, const LwOnnxValue *x)
{
  LwShape shape = lw_graph_shape (import->flat, x->node);

  shape.h += 2 * x->padding;
  shape.w += 2 * x->padding;
  return shape;
}

bool
lw_onnx_window (LwOnnxImport *import, const Onnx__NodeProto *node, LwShape shape, int64_t kernel,
                LwWindow *ret_window)
{
  int64_t kernels[2], strides[2], dilations[2], pads[4];

  if (!lw_onnx_list (node, "kernel_shape", kernel, 2, kernels) ||
      !lw_onnx_list (node, "strides", 1, 2, strides) ||
      !lw_onnx_list (node, "dilations", 1, 2, dilations) ||
      !lw_onnx_list (node, "pads", 0, 4, pads))
    return lw_onnx_refuse (import, node, _ ("is not of two dimensions; Layerwise's layers are"));
  if (dilations[0] != 1 || dilations[1] != 1)
    return lw_onnx_refuse (import, node, _ ("has gaps in its window (dilations)"));
  if (kernels[0] != kernels[1] || strides[0] != strides[1])
    return lw_onnx_refuse (import, node,
                           _ ("has a window that is not square, or that moves unevenly"));
  if (kernels[0] < 1 || kernels[0] > LARGEST || strides[0] < 1 || strides[0] > LARGEST)
    return lw_onnx_refuse (import, node, _ ("has an impossible window"));
  *ret_window = (LwWindow){ (int32_t)kernels[0], (int32_t)strides[0], 0 };
  if (!pad_alike (import, node, shape, *ret_window, pads))
    return false;
  ret_window->padding = (int32_t)pads[0];
  return true;
}

/* Zeros of a Pad before a pooling are the map's for the operator and padding here, so that they
 * count differently in whether a window that reaches past the end begins on the map. */
static bool
ends_alike (LwShape padded, LwWindow its, LwShape map, LwWindow ours)
{
  return lw_window_side (its, true, padded.h) == lw_window_side (ours, true, map.h) &&
         lw_window_side (its, true, padded.w) == lw_window_side (ours, true, map.w);
}

static bool
read_pool (LwOnnxImport *import, const Onnx__NodeProto *node, const LwOnnxValue *x, bool maximum)
{
  const bool ceil_mode = lw_onnx_integer (node, "ceil_mode", 0) != 0;
  LwWindow its, window;
  g_autofree char *name = NULL;
  LwShape map;
  LwNodeId id;

  if (x == NULL || !lw_onnx_window (import, node, padded_shape (import, x), 0, &its))
    return false;
  window = its;
  window.padding += x->padding;
  map = lw_graph_shape (import->flat, x->node);
  if (!maximum && its.padding > 0 && lw_onnx_integer (node, "count_include_pad", 0) == 0)
    return lw_onnx_refuse (import, node,
                           _ ("leaves the padding out of its means (count_include_pad = 0)"));
  if (ceil_mode && !ends_alike (padded_shape (import, x), its, map, window))
    return lw_onnx_refuse (import, node,
                           _ ("rounds the size of its map up (ceil_mode) so that a window holds "
                              "nothing but the zeros of the Pad before it"));
  name = lw_onnx_name (import, node, NULL);
  if (ceil_mode)
    id = maximum ? lw_max_pool_ceil (import->flat, x->node, name, window)
                 : lw_avg_pool_ceil (import->flat, x->node, name, window);
  else
    id = maximum ? lw_max_pool (import->flat, x->node, name, window)
                 : lw_avg_pool (import->flat, x->node, name, window);
  return lw_onnx_add_layer (import, node, id, false, NULL);
}

bool
lw_onnx_read_max_pool (LwOnnxImport *import, const Onnx__NodeProto *node)
{
  return read_pool (import, node, lw_onnx_layer (import, node, 0), true);
}

/* The zeros of a Pad before it count in its means, as those of its own padding do here. */
bool
lw_onnx_read_avg_pool (LwOnnxImport *import, const Onnx__NodeProto *node)
{
  const LwOnnxValue *x = lw_onnx_input (import, node, 0);
  int64_t pads[4];

  if (x == NULL || x->kind != LW_ONNX_LAYER || x->padding == 0)
    return read_pool (import, node, lw_onnx_layer (import, node, 0), false);
  if (!lw_onnx_list (node, "pads", 0, 4, pads) || (pads[0] | pads[1] | pads[2] | pads[3]) != 0)
    return lw_onnx_refuse (import, node, _ ("pads a padded map"));
  return read_pool (import, node, x, false);
}

bool
lw_onnx_read_conv (LwOnnxImport *import, const Onnx__NodeProto *node)
{
  const LwOnnxValue *x = lw_onnx_input (import, node, 0);
  const LwOnnxValue *weight = x != NULL ? lw_onnx_input (import, node, 1) : NULL;
  const bool bias = lw_onnx_has_input (node, 2);
  const void *data[LW_MAX_TENSORS] = { NULL };
  int64_t dims[4] = { -1, -1, -1, -1 };
  g_autofree char *name = NULL;
  LwWindow window;
  LwShape shape;
  LwNodeId id;

  if (weight == NULL)
    return false;
  if (x->kind != LW_ONNX_LAYER)
    return lw_onnx_layer (import, node, 0) != NULL;
  if (lw_onnx_integer (node, "group", 1) != 1)
    return lw_onnx_refuse (import, node,
                           _ ("works in groups of channels; Layerwise's convolutions read all"));
  shape = padded_shape (import, x);
  dims[1] = shape.c;
  data[LW_ROLE_WEIGHT] = lw_onnx_weights (import, node, weight, 4, dims);
  if (data[LW_ROLE_WEIGHT] == NULL ||
      !lw_onnx_window (import, node, shape, weight->tensor->dims[2], &window))
    return false;
  window.padding += x->padding;
  if (weight->tensor->dims[2] != window.kernel || weight->tensor->dims[3] != window.kernel ||
      weight->tensor->dims[0] > G_MAXINT32)
    return lw_onnx_refuse (import, node, _ ("has weights whose number or shape does not fit"));
  if (bias) {
    data[LW_ROLE_BIAS] =
        lw_onnx_weights (import, node, lw_onnx_input (import, node, 2), 1, weight->tensor->dims);
    if (data[LW_ROLE_BIAS] == NULL)
      return false;
  }
  name = lw_onnx_name (import, node, weight->tensor->name);
  id = bias ? lw_conv2d (import->flat, x->node, name, (int)weight->tensor->dims[0], window)
            : lw_conv2d_without_bias (import->flat, x->node, name, (int)weight->tensor->dims[0],
                                      window);
  return lw_onnx_add_layer (import, node, id, false, data);
}
