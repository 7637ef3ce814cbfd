/* Constants of a file. Their bytes lie in the message, which lives as long as the network. */
#include "engine/i18n.h"
#include "onnx/import.h"

#include <string.h>

int64_t
lw_onnx_tensor_size (const Onnx__TensorProto *tensor)
{
  int64_t size = 1;

  for (size_t d = 0; d < tensor->n_dims; d++)
    if (tensor->dims[d] < 0 || __builtin_mul_overflow (size, tensor->dims[d], &size))
      return -1;
  return size;
}

/* Raw bytes of the right number, or NULL. */
static const void *
raw_bytes (const Onnx__TensorProto *tensor, int64_t size, size_t element)
{
  if (!tensor->has_raw_data || size < 0 || tensor->raw_data.len / element != (size_t)size ||
      tensor->raw_data.len % element != 0)
    return NULL;
  return tensor->raw_data.data;
}

static bool
is_external (const Onnx__TensorProto *tensor)
{
  return tensor->n_external_data > 0 ||
         (tensor->has_data_location &&
          tensor->data_location != ONNX__TENSOR_PROTO__DATA_LOCATION__DEFAULT);
}

const float *
lw_onnx_weights (LwOnnxImport *import, const Onnx__NodeProto *node, const LwOnnxValue *value,
                 int rank, const int64_t *dims)
{
  const Onnx__TensorProto *tensor;
  const float *data = NULL;
  int64_t size;

  if (value == NULL || value->kind != LW_ONNX_TENSOR) {
    lw_onnx_refuse (import, node,
                    _ ("computes its weights; Layerwise needs them as constants in the file"));
    return NULL;
  }
  tensor = value->tensor;
  size = lw_onnx_tensor_size (tensor);
  if (is_external (tensor)) {
    lw_onnx_refuse (import, node,
                    _ ("has its weights in another file; save the network with all data inside"));
    return NULL;
  }
  if (tensor->data_type != ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT) {
    lw_onnx_refuse (import, node,
                    _ ("has weights of another type than float32; convert the network first"));
    return NULL;
  }
  if (tensor->n_float_data > 0 && tensor->n_float_data == (size_t)size)
    data = tensor->float_data;
  else if (size > 0)
    data = raw_bytes (tensor, size, sizeof (float));
  for (int d = 0; data != NULL && d < rank; d++)
    if (tensor->n_dims != (size_t)rank || (dims[d] >= 0 && tensor->dims[d] != dims[d]))
      data = NULL;
  if (data == NULL)
    lw_onnx_refuse (import, node, _ ("has weights whose number or shape does not fit"));
  return data;
}

int32_t
lw_onnx_tensor_integers (const Onnx__TensorProto *tensor, int32_t most, int64_t *ret)
{
  const int64_t size = lw_onnx_tensor_size (tensor);
  const bool wide = tensor->data_type == ONNX__TENSOR_PROTO__DATA_TYPE__INT64;
  const void *raw;

  if (size < 0 || size > most || is_external (tensor) ||
      (!wide && tensor->data_type != ONNX__TENSOR_PROTO__DATA_TYPE__INT32))
    return -1;
  raw = raw_bytes (tensor, size, wide ? sizeof (int64_t) : sizeof (int32_t));
  for (int64_t i = 0; i < size; i++) {
    int32_t narrow = 0;

    if (raw != NULL && wide)
      memcpy (&ret[i], (const char *)raw + (size_t)i * sizeof *ret, sizeof *ret);
    else if (raw != NULL)
      memcpy (&narrow, (const char *)raw + (size_t)i * sizeof narrow, sizeof narrow);
    else if (wide && tensor->n_int64_data == (size_t)size)
      ret[i] = tensor->int64_data[i];
    else if (!wide && tensor->n_int32_data == (size_t)size)
      narrow = tensor->int32_data[i];
    else
      return -1;
    if (!wide)
      ret[i] = narrow;
  }
  return (int32_t)size;
}

float *
lw_onnx_own (LwOnnxImport *import, const Onnx__NodeProto *node, int64_t n)
{
  float *data = NULL;

  if (n <= (int64_t)(import->to_own / sizeof (float)))
    data = g_try_new0 (float, n);
  if (data == NULL) {
    lw_onnx_refuse (import, node, _ ("has more weights than there is memory for"));
    return NULL;
  }
  import->to_own -= (uint64_t)n * sizeof (float);
  g_ptr_array_add (import->owned, data);
  return data;
}

bool
lw_onnx_tensor_real (const Onnx__TensorProto *tensor, double *ret)
{
  float value;

  if (lw_onnx_tensor_size (tensor) != 1 || is_external (tensor) ||
      tensor->data_type != ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT)
    return false;
  if (tensor->n_float_data == 1)
    value = tensor->float_data[0];
  else if (raw_bytes (tensor, 1, sizeof value) != NULL)
    memcpy (&value, tensor->raw_data.data, sizeof value);
  else
    return false;
  *ret = (double)value;
  return true;
}
