/* The reference backend's table: device, memory, layouts (contiguous NCHW float32: upload and
 * download are copies), kernels. */
#include "engine/i18n.h"
#include "engine/memplan.h"
#include "engine/processors.h"
#include "kernels/reference/device.h"
#include "kernels/reference/reference.h"

#include <stdlib.h>
#include <string.h>

#define MAX_THREADS 1024

static int
count_devices (GError **error)
{
  (void)error;
  return 1;
}

static char *
describe (int index)
{
  const int threads = lw_processors ();

  (void)index;
  return g_strdup_printf (LW_PLURAL ("%d thread", "%d threads", threads), threads);
}

static LwDevice *
open_device (int index, const LwDeviceOptions *options, GError **error)
{
  const int threads = options && options->threads ? options->threads : lw_processors ();

  if (index != 0) {
    g_set_error (error, LW_ERROR, LW_ERROR_UNKNOWN,
                 _ ("The reference backend has one device, number 0, not %d."), index);
    return NULL;
  }
  if (threads < 0 || threads > MAX_THREADS) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                 _ ("%d threads: choose from 1 to %d, or 0 for one a processor core."), threads,
                 MAX_THREADS);
    return NULL;
  }
  if (options && options->precision != LW_PRECISION_FP32) {
    g_set_error (error, LW_ERROR, LW_ERROR_UNSUPPORTED,
                 _ ("The reference backend computes in float32 only: choose the precision fp32."));
    return NULL;
  }

  LwPool *pool = lw_pool_new (threads, error);

  if (pool == NULL)
    return NULL;

  LwDevice *device = g_new (LwDevice, 1);

  *device = (LwDevice){ .pool = pool, .threads = threads };
  return device;
}

static void
close_device (LwDevice *device)
{
  lw_pool_free (device->pool);
  g_free (device);
}

static void *
allocate (LwDevice *device, size_t bytes, GError **error)
{
  void *memory = NULL;

  (void)device;
  if (bytes > SIZE_MAX / 2 || posix_memalign (&memory, LW_ALIGNMENT, MAX (bytes, 1)) != 0) {
    g_autofree char *size = g_format_size_full (bytes, G_FORMAT_SIZE_IEC_UNITS);

    g_set_error (error, LW_ERROR, LW_ERROR_MEMORY,
                 _ ("The computer has no %s of memory left: choose a smaller batch or network."),
                 size);
    return NULL;
  }
  return memory;
}

static void
release (LwDevice *device, void *memory, size_t bytes)
{
  (void)device;
  (void)bytes;
  free (memory);
}

static bool
zero (LwDevice *device, void *memory, size_t bytes, GError **error)
{
  (void)device;
  (void)error;
  memset (memory, 0, bytes);
  return true;
}

static size_t
value_bytes (LwDevice *device, LwShape shape, int32_t batch)
{
  (void)device;
  return sizeof (float) * (size_t)lw_shape_size (shape) * (size_t)batch;
}

static size_t
tensor_bytes (LwDevice *device, const LwTensorInfo *tensor)
{
  (void)device;
  return (tensor->dtype == LW_I64 ? 8 : 4) * (size_t)tensor->size;
}

static bool
upload_value (LwDevice *device, void *value, LwShape shape, int32_t n, const float *host,
              GError **error)
{
  (void)error;
  memcpy (value, host, value_bytes (device, shape, n));
  return true;
}

static bool
download_value (LwDevice *device, const void *value, LwShape shape, int32_t n, float *host,
                GError **error)
{
  (void)error;
  memcpy (host, value, value_bytes (device, shape, n));
  return true;
}

static bool
upload_tensor (LwDevice *device, void *memory, const LwTensorInfo *tensor, const void *host,
               GError **error)
{
  (void)error;
  memcpy (memory, host, tensor_bytes (device, tensor));
  return true;
}

static bool
download_tensor (LwDevice *device, const void *memory, const LwTensorInfo *tensor, void *host,
                 GError **error)
{
  (void)error;
  memcpy (host, memory, tensor_bytes (device, tensor));
  return true;
}

static bool
download_row (LwDevice *device, const void *memory, const LwTensorInfo *tensor, int64_t row,
              float *host, GError **error)
{
  const int64_t n = tensor->size / tensor->dims[0];

  (void)device;
  (void)error;
  memcpy (host, (const float *)memory + row * n, sizeof *host * (size_t)n);
  return true;
}

static bool
upload_labels (LwDevice *device, void *memory, const int32_t *host, int32_t n, GError **error)
{
  (void)device;
  (void)error;
  memcpy (memory, host, sizeof (int32_t) * (size_t)n);
  return true;
}

static bool
download_loss (LwDevice *device, const void *y, float ret[2], GError **error)
{
  (void)device;
  (void)error;
  memcpy (ret, y, sizeof (float) * 2);
  return true;
}

static bool
synchronize (LwDevice *device, GError **error)
{
  (void)device;
  (void)error;
  return true; /* every call returns when its work is done */
}

const LwBackend lw_reference_backend = {
  .name = "reference",
  .title = N_ ("Reference (plain C)"),
  .explains = true,
  .synchronizes = true,
  .count = count_devices,
  .describe = describe,
  .open = open_device,
  .close = close_device,
  .alloc = allocate,
  .free = release,
  .zero = zero,
  .value_bytes = value_bytes,
  .tensor_bytes = tensor_bytes,
  .upload_value = upload_value,
  .download_value = download_value,
  .upload_tensor = upload_tensor,
  .download_tensor = download_tensor,
  .download_row = download_row,
  .upload_labels = upload_labels,
  .download_loss = download_loss,
  .batch_statistics = lw_ref_batch_statistics,
  .synchronize = synchronize,
  .update = lw_ref_update,
  .kernels = {
    [LW_OP_INPUT] = { .forward = lw_ref_nothing, .backward = lw_ref_nothing },
    [LW_OP_CONV2D] = { .workspace_bytes = lw_ref_conv2d_workspace_bytes,
                       .prepare = lw_ref_window_prepare,
                       .forward = lw_ref_conv2d_forward,
                       .backward = lw_ref_conv2d_backward },
    [LW_OP_LINEAR] = { .forward = lw_ref_linear_forward, .backward = lw_ref_linear_backward },
    [LW_OP_BATCH_NORM] = { .state_bytes = lw_ref_batch_norm_state_bytes,
                           .workspace_bytes = lw_ref_batch_norm_workspace_bytes,
                           .forward = lw_ref_batch_norm_forward,
                           .backward = lw_ref_batch_norm_backward },
    [LW_OP_RELU] = { .forward = lw_ref_activation_forward,
                     .backward = lw_ref_activation_backward },
    [LW_OP_SIGMOID] = { .forward = lw_ref_activation_forward,
                        .backward = lw_ref_activation_backward },
    [LW_OP_TANH] = { .forward = lw_ref_activation_forward,
                     .backward = lw_ref_activation_backward },
    [LW_OP_MAX_POOL] = { .prepare = lw_ref_window_prepare,
                         .state_bytes = lw_ref_max_pool_state_bytes,
                         .workspace_bytes = lw_ref_max_pool_workspace_bytes,
                         .forward = lw_ref_max_pool_forward,
                         .backward = lw_ref_max_pool_backward },
    [LW_OP_AVG_POOL] = { .prepare = lw_ref_window_prepare,
                         .forward = lw_ref_avg_pool_forward,
                         .backward = lw_ref_avg_pool_backward },
    [LW_OP_GLOBAL_AVG_POOL] = { .forward = lw_ref_global_avg_pool_forward,
                                .backward = lw_ref_global_avg_pool_backward },
    [LW_OP_DROPOUT] = { .forward = lw_ref_dropout_forward, .backward = lw_ref_dropout_backward },
    [LW_OP_FLATTEN] = { .forward = lw_ref_add_forward, .backward = lw_ref_add_backward },
    [LW_OP_ADD] = { .forward = lw_ref_add_forward, .backward = lw_ref_add_backward },
    [LW_OP_CONCAT] = { .forward = lw_ref_concat_forward, .backward = lw_ref_concat_backward },
    [LW_OP_CROSS_ENTROPY] = { .forward = lw_ref_cross_entropy_forward,
                              .backward = lw_ref_cross_entropy_backward },
  },
};
