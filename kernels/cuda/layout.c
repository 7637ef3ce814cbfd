/* Between the common form (NCHW float32; weights of convolutions [out][in][kh][kw]) and this
 * backend's (NHWC, float32 or bfloat16; [out][kh][kw][in], float32). Both are the same exchange: of
 * each example, or each output channel, a matrix [channels][pixels] becomes [pixels][channels]. */
#include "engine/i18n.h"
#include "engine/memplan.h"
#include "kernels/common/bf16.h"
#include "kernels/cuda/device.h"

#include <string.h>

static void
transpose (const float *from, float *to, int64_t n, int64_t rows, int64_t columns)
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
  transpose (host, copy, n, rows, columns);
  return lw_cuda_upload (device, memory, copy, bytes, error);
}

/* n matrices [rows][columns], stored transposed; where that is the same, bytes as they are. */
static LwCudaDownload
matrices (const void *from, float *host, int64_t n, int64_t rows, int64_t columns, bool bf16)
{
  const bool plain = !bf16 && (rows == 1 || columns == 1);
  const size_t number = bf16 ? sizeof (uint16_t) : sizeof (float);

  return (LwCudaDownload){ .from = from,
                           .host = host,
                           .bytes = number * (size_t)(n * rows * columns),
                           .n = n,
                           .rows = plain ? 0 : rows,
                           .columns = columns,
                           .bf16 = bf16 };
}

void
lw_cuda_arrange (const LwCudaDownload *what, const void *copy)
{
  float *host = what->host;

  if (what->rows == 0) {
    memcpy (host, copy, what->bytes);
    return;
  }
  for (int64_t k = 0; k < what->n; k++)
    for (int64_t j = 0; j < what->columns; j++)
      for (int64_t i = 0; i < what->rows; i++) {
        const int64_t from = (k * what->columns + j) * what->rows + i;

        host[(k * what->rows + i) * what->columns + j] =
            what->bf16 ? lw_bf16_value (((const uint16_t *)copy)[from])
                       : ((const float *)copy)[from];
      }
}

/* At once, or aside. */
static bool
download (LwDevice *device, const LwCudaDownload *what, GError **error)
{
  g_autofree void *copy = NULL;
  bool aside;

  if (!lw_cuda_put_aside (device, what, &aside, error))
    return false;
  if (aside)
    return true;
  if (what->rows == 0)
    return lw_cuda_download (device, what->host, what->from, what->bytes, error);
  copy = new_copy (what->bytes, error);
  if (copy == NULL || !lw_cuda_download (device, copy, what->from, what->bytes, error))
    return false;
  lw_cuda_arrange (what, copy);
  return true;
}

static size_t
aligned (size_t bytes)
{
  return (bytes + LW_ALIGNMENT - 1) / LW_ALIGNMENT * LW_ALIGNMENT;
}

size_t
lw_cuda_own_bytes (LwDevice *device, const LwGraph *graph, bool training)
{
  size_t bytes = training ? aligned (lw_cuda_update_bytes (graph)) : 0;

  for (LwNodeId id = 0; device->bf16 && id < lw_graph_n_nodes (graph); id++) {
    const LwNode *node = lw_graph_node (graph, id);

    if (node->op != LW_OP_CONV2D && node->op != LW_OP_LINEAR)
      continue;
    bytes += aligned (sizeof (uint16_t) *
                      (size_t)lw_graph_tensor (graph, node->tensors[LW_ROLE_WEIGHT])->size);
  }
  return bytes;
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
    transpose (host, to, n, channels, pixels);
  return stage != NULL ? lw_cuda_send (device, what, value, bytes, error)
                       : lw_cuda_upload (device, value, copy, bytes, error);
}

/* What is some channels of a wider map is never put aside: the host waits for it, also in a look.
 */
bool
lw_cuda_download_slice (LwDevice *device, const void *value, int64_t pixel, LwShape shape,
                        int32_t n, float *host, GError **error)
{
  const int64_t pixels = (int64_t)shape.h * shape.w;
  const size_t number = lw_cuda_number_bytes (device);
  const LwCudaDownload what = matrices (value, host, n, shape.c, pixels, device->bf16);
  g_autofree void *copy = NULL;

  if (pixel == shape.c)
    return download (device, &what, error);
  copy = new_copy (what.bytes, error);
  if (copy == NULL ||
      !lw_cuda_download_rows (device, copy, value, number * (size_t)pixel, number * (size_t)shape.c,
                              (size_t)(n * pixels), error))
    return false;
  lw_cuda_arrange (&what, copy);
  return true;
}

bool
lw_cuda_download_value (LwDevice *device, const void *value, LwShape shape, int32_t n, float *host,
                        GError **error)
{
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
  const LwCudaDownload what =
      tensor->rank == 4 ? matrices (memory, host, tensor->dims[0], tensor->dims[1],
                                    tensor->dims[2] * tensor->dims[3], false)
                        : (LwCudaDownload){ .from = memory,
                                            .host = host,
                                            .bytes = lw_cuda_tensor_bytes (device, tensor) };

  return download (device, &what, error);
}

/* The weights of one unit lie together. */
bool
lw_cuda_download_row (LwDevice *device, const void *memory, const LwTensorInfo *tensor, int64_t row,
                      float *host, GError **error)
{
  const int64_t n = tensor->size / tensor->dims[0];
  const float *from = (const float *)memory + row * n;
  const bool map = tensor->rank == 4;
  const LwCudaDownload what = matrices (from, host, 1, map ? tensor->dims[1] : 1,
                                        map ? tensor->dims[2] * tensor->dims[3] : n, false);

  return download (device, &what, error);
}
