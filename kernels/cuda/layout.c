/* Between the common form (NCHW float32; weights of convolutions [out][in][kh][kw]) and this
 * backend's (NHWC, float32 or bfloat16; [out][kh][kw][in], float32). Both are the same exchange: of
 * each example, or each output channel, a matrix [channels][pixels] becomes [pixels][channels]. */
#include "engine/i18n.h"
#include "kernels/common/bf16.h"
#include "kernels/cuda/device.h"

#include <string.h>

void
lw_cuda_transpose (const float *from, float *to, int64_t n, int64_t rows, int64_t columns)
{
  for (int64_t k = 0; k < n; k++)
    for (int64_t i = 0; i < rows; i++)
      for (int64_t j = 0; j < columns; j++)
        to[(k * columns + j) * rows + i] = from[(k * rows + i) * columns + j];
}

/* The same, to bfloat16. */
static void
transpose_rounded (const float *from, uint16_t *to, int64_t n, int64_t rows, int64_t columns)
{
  for (int64_t k = 0; k < n; k++)
    for (int64_t i = 0; i < rows; i++)
      for (int64_t j = 0; j < columns; j++)
        to[(k * columns + j) * rows + i] = lw_bf16_of (from[(k * rows + i) * columns + j]);
}

static void *
new_copy (size_t bytes, GError **error)
{
  void *copy = g_try_malloc (bytes);

  if (copy == NULL) {
    g_autofree char *size = g_format_size_full (bytes, G_FORMAT_SIZE_IEC_UNITS);

    g_set_error (error, LW_ERROR, LW_ERROR_MEMORY,
                 _ ("The computer has no %s of memory left: choose a smaller batch or network."),
                 size);
  }
  return copy;
}

static bool
upload_transposed (LwDevice *device, void *memory, const float *host, int64_t n, int64_t rows,
                   int64_t columns, GError **error)
{
  const size_t bytes = sizeof (float) * (size_t)(n * rows * columns);

  if (rows == 1 || columns == 1)
    return lw_cuda_upload (device, memory, host, bytes, error);

  g_autofree float *copy = new_copy (bytes, error);

  if (copy == NULL)
    return false;
  lw_cuda_transpose (host, copy, n, rows, columns);
  return lw_cuda_upload (device, memory, copy, bytes, error);
}

/* As it lies there, or aside. */
static bool
download (LwDevice *device, const void *memory, void *host, size_t bytes, GError **error)
{
  bool aside;

  return lw_cuda_put_aside (device, memory, bytes, 0, 0, 0, host, &aside, error) &&
         (aside || lw_cuda_download (device, host, memory, bytes, error));
}

static bool
download_transposed (LwDevice *device, const void *memory, float *host, int64_t n, int64_t rows,
                     int64_t columns, GError **error)
{
  const size_t bytes = sizeof (float) * (size_t)(n * rows * columns);
  g_autofree float *copy = NULL;
  bool aside;

  if (rows == 1 || columns == 1)
    return download (device, memory, host, bytes, error);
  if (!lw_cuda_put_aside (device, memory, bytes, n, rows, columns, host, &aside, error))
    return false;
  if (aside)
    return true;
  copy = new_copy (bytes, error);
  if (copy == NULL || !lw_cuda_download (device, copy, memory, bytes, error))
    return false;
  lw_cuda_transpose (copy, host, n, columns, rows);
  return true;
}

size_t
lw_cuda_value_bytes (LwDevice *device, LwShape shape, int32_t batch)
{
  return lw_cuda_number_bytes (device) * (size_t)lw_shape_size (shape) * (size_t)batch;
}

size_t
lw_cuda_tensor_bytes (LwDevice *device, const LwTensorInfo *tensor)
{
  (void)device;
  return (tensor->dtype == LW_I64 ? 8 : 4) * (size_t)tensor->size;
}

/* Which operations' kernels read and write maps that are some channels of wider ones. */
size_t
lw_cuda_slice_bytes (LwDevice *device, LwOp op)
{
  switch (op) {
  case LW_OP_CONV2D:
  case LW_OP_BATCH_NORM:
  case LW_OP_RELU:
  case LW_OP_SIGMOID:
  case LW_OP_TANH:
  case LW_OP_MAX_POOL:
  case LW_OP_AVG_POOL:
  case LW_OP_GLOBAL_AVG_POOL:
  case LW_OP_ADD:
  case LW_OP_CONCAT:
    return lw_cuda_number_bytes (device);
  default:
    return 0;
  }
}

/* --- maps ------------------------------------------------------------------------------------- */

bool
lw_cuda_upload_value (LwDevice *device, void *value, LwShape shape, int32_t n, const float *host,
                      GError **error)
{
  const int64_t channels = shape.c, pixels = (int64_t)shape.h * shape.w;
  const size_t bytes = lw_cuda_value_bytes (device, shape, n);
  const LwCudaStageOf what =
      lw_cuda_is_looking (device) ? LW_CUDA_STAGE_LOOKS : LW_CUDA_STAGE_VALUES;
  g_autofree void *copy = NULL;
  void *stage = lw_cuda_stage (device, what, bytes), *to = stage;

  if (stage == NULL)
    to = copy = new_copy (bytes, error);
  if (to == NULL)
    return false;
  if (device->bf16)
    transpose_rounded (host, to, n, channels, pixels);
  else if (channels == 1 || pixels == 1)
    memcpy (to, host, bytes);
  else
    lw_cuda_transpose (host, to, n, channels, pixels);
  return stage != NULL ? lw_cuda_send (device, what, value, bytes, error)
                       : lw_cuda_upload (device, value, copy, bytes, error);
}

/* Pixel by pixel, and a pixel's channels together, from the device to NCHW. */
bool
lw_cuda_download_slice (LwDevice *device, const void *value, int64_t pixel, LwShape shape,
                        int32_t n, float *host, GError **error)
{
  const int64_t channels = shape.c, pixels = (int64_t)shape.h * shape.w;
  const size_t number = lw_cuda_number_bytes (device), width = number * (size_t)channels;
  const size_t rows = (size_t)(n * pixels);
  g_autofree void *copy = new_copy (width * rows, error);

  if (copy == NULL ||
      !(pixel == channels ? lw_cuda_download (device, copy, value, width * rows, error)
                          : lw_cuda_download_rows (device, copy, value, number * (size_t)pixel,
                                                   width, rows, error)))
    return false;
  for (int64_t i = 0; i < n; i++)
    for (int64_t p = 0; p < pixels; p++)
      for (int64_t c = 0; c < channels; c++) {
        const int64_t at = (i * pixels + p) * channels + c;

        host[(i * channels + c) * pixels + p] =
            device->bf16 ? lw_bf16_value (((const uint16_t *)copy)[at]) : ((const float *)copy)[at];
      }
  return true;
}

bool
lw_cuda_download_value (LwDevice *device, const void *value, LwShape shape, int32_t n, float *host,
                        GError **error)
{
  if (!device->bf16)
    return download_transposed (device, value, host, n, shape.c, (int64_t)shape.h * shape.w, error);
  return lw_cuda_download_slice (device, value, shape.c, shape, n, host, error);
}

/* --- parameters ------------------------------------------------------------------------------- */

bool
lw_cuda_upload_tensor (LwDevice *device, void *memory, const LwTensorInfo *tensor, const void *host,
                       GError **error)
{
  const bool done =
      tensor->rank != 4
          ? lw_cuda_upload (device, memory, host, lw_cuda_tensor_bytes (device, tensor), error)
          : upload_transposed (device, memory, host, tensor->dims[0], tensor->dims[1],
                               tensor->dims[2] * tensor->dims[3], error);

  return done && lw_cuda_weights_changed (device, memory, error);
}

bool
lw_cuda_download_tensor (LwDevice *device, const void *memory, const LwTensorInfo *tensor,
                         void *host, GError **error)
{
  if (tensor->rank != 4)
    return download (device, memory, host, lw_cuda_tensor_bytes (device, tensor), error);
  return download_transposed (device, memory, host, tensor->dims[0], tensor->dims[1],
                              tensor->dims[2] * tensor->dims[3], error);
}

/* The weights of one unit lie together. */
bool
lw_cuda_download_row (LwDevice *device, const void *memory, const LwTensorInfo *tensor, int64_t row,
                      float *host, GError **error)
{
  const int64_t n = tensor->size / tensor->dims[0];
  const float *from = (const float *)memory + row * n;
  const bool map = tensor->rank == 4;

  return download_transposed (device, from, host, 1, map ? tensor->dims[1] : 1,
                              map ? tensor->dims[2] * tensor->dims[3] : n, error);
}
