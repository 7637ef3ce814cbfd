/* The table of one instruction set. */
#include "engine/i18n.h"
#include "kernels/cpu/cpu.h"
#include "kernels/cpu/isa.h"
#include "kernels/cpu/lanes.h"

#ifdef LW_BF16
#define WORKS        lw_cpu_has_avx512_bf16 ()
#define INSTRUCTIONS "AVX-512 BF16"
#elif LW_LANES == 16
#define WORKS        lw_cpu_has_avx512 ()
#define INSTRUCTIONS "AVX-512"
#elif LW_LANES == 8
#define WORKS        lw_cpu_has_avx2 ()
#define INSTRUCTIONS "AVX2"
#else
#define WORKS        true
#define INSTRUCTIONS N_ ("no special instructions")
#endif

static int
count_devices (GError **error)
{
  (void)error;
  return WORKS ? 1 : 0;
}

static char *
describe (int index)
{
  (void)index;
  return lw_cpu_describe (_ (INSTRUCTIONS));
}

static LwDevice *
open_device (int index, const LwDeviceOptions *options, GError **error)
{
  if (!WORKS) {
    g_set_error (error, LW_ERROR, LW_ERROR_UNSUPPORTED, _ ("This processor has no %s."),
                 _ (INSTRUCTIONS));
    return NULL;
  }

#ifdef LW_BF16
  LwDeviceOptions own = options ? *options : (LwDeviceOptions){ 0 };

  own.precision = LW_PRECISION_BF16;
  return lw_cpu_open (index, &own, error);
#else
  if (options && options->precision == LW_PRECISION_BF16 && lw_cpu_has_avx512_bf16 ()) {
    g_set_error (error, LW_ERROR, LW_ERROR_UNSUPPORTED,
                 _ ("The kernels for %s compute in float32 only: choose the precision fp32."),
                 _ (INSTRUCTIONS));
    return NULL;
  }
  return lw_cpu_open (index, options, error);
#endif
}

static const LwBackend *
variant (const LwDeviceOptions *options)
{
  return lw_cpu_variant (&LW_CPU (backend), options);
}

/* Rows that do not depend on the layout. */
#define SHARED_ROWS                                                                                \
  .name = "cpu", .title = N_ ("CPU (fast kernels)"), .channels_last = true,                        \
  .count = count_devices, .describe = describe, .variant = variant, .open = open_device,           \
  .close = lw_cpu_close, .alloc = lw_cpu_alloc, .free = lw_cpu_free, .zero = lw_cpu_zero,          \
  .synchronizes = true, .layout = lw_cpu_layout, .tensor_bytes = lw_cpu_tensor_bytes,              \
  .download_slice = lw_cpu_download_slice, .upload_tensor = lw_cpu_upload_tensor,                  \
  .download_tensor = lw_cpu_download_tensor, .download_row = lw_cpu_download_row,                  \
  .upload_labels = lw_cpu_upload_labels, .download_loss = lw_cpu_download_loss,                    \
  .batch_statistics = LW_CPU (batch_statistics), .synchronize = lw_cpu_synchronize,                \
  .peaks = lw_cpu_peaks, .update = LW_CPU (update)

/* Channels last; for bfloat16 that is all. */
#ifdef LW_BF16
const LwBackend LW_CPU (backend) = {
#else
static const LwBackend channels_last = {
#endif
  SHARED_ROWS,
  .adapt = LW_CPU (conv2d_adapt),
  .value_bytes = lw_cpu_value_bytes,
  .upload_value = lw_cpu_upload_value,
  .download_value = lw_cpu_download_value,
  .slice_bytes = lw_cpu_slice_bytes,
  .link = lw_cpu_link,
  .unlink = lw_cpu_unlink,
  .kernels = {
    [LW_OP_INPUT] = { .forward = LW_CPU (nothing), .backward = LW_CPU (nothing) },
    [LW_OP_CONV2D] = { .state_bytes = LW_CPU (conv2d_state_bytes),
                       .workspace_bytes = LW_CPU (conv2d_workspace_bytes),
                       .forward = LW_CPU (conv2d_forward),
                       .backward = LW_CPU (conv2d_backward),
                       .algorithm = LW_CPU (conv2d_algorithm) },
    [LW_OP_LINEAR] = { .workspace_bytes = LW_CPU (linear_workspace_bytes),
                       .forward = LW_CPU (linear_forward),
                       .backward = LW_CPU (linear_backward) },
    [LW_OP_BATCH_NORM] = { .state_bytes = LW_CPU (batch_norm_state_bytes),
                           .workspace_bytes = LW_CPU (batch_norm_workspace_bytes),
                           .forward = LW_CPU (batch_norm_forward),
                           .backward = LW_CPU (batch_norm_backward),
                           .algorithm = LW_CPU (linked_algorithm) },
    [LW_OP_RELU] = { .forward = LW_CPU (activation_forward),
                     .backward = LW_CPU (activation_backward),
                     .algorithm = LW_CPU (linked_algorithm) },
    [LW_OP_SIGMOID] = { .forward = LW_CPU (activation_forward),
                        .backward = LW_CPU (activation_backward) },
    [LW_OP_TANH] = { .forward = LW_CPU (activation_forward),
                     .backward = LW_CPU (activation_backward) },
    [LW_OP_MAX_POOL] = { .state_bytes = LW_CPU (max_pool_state_bytes),
                         .workspace_bytes = LW_CPU (max_pool_workspace_bytes),
                         .forward = LW_CPU (max_pool_forward),
                         .backward = LW_CPU (max_pool_backward) },
    [LW_OP_AVG_POOL] = { .forward = LW_CPU (avg_pool_forward),
                         .backward = LW_CPU (avg_pool_backward) },
    [LW_OP_GLOBAL_AVG_POOL] = { .forward = LW_CPU (global_avg_pool_forward),
                                .backward = LW_CPU (global_avg_pool_backward) },
    [LW_OP_DROPOUT] = { .state_bytes = LW_CPU (dropout_state_bytes),
                        .forward = LW_CPU (dropout_forward),
                        .backward = LW_CPU (dropout_backward) },
    [LW_OP_FLATTEN] = { .forward = LW_CPU (flatten_forward),
                        .backward = LW_CPU (flatten_backward) },
    [LW_OP_ADD] = { .forward = LW_CPU (add_forward),
                    .backward = LW_CPU (add_backward),
                    .algorithm = LW_CPU (add_algorithm) },
    [LW_OP_CONCAT] = { .forward = LW_CPU (concat_forward), .backward = LW_CPU (concat_backward) },
    [LW_OP_CROSS_ENTROPY] = { .forward = LW_CPU (cross_entropy_forward),
                              .backward = LW_CPU (cross_entropy_backward) },
  },
};

#ifndef LW_BF16
/* --- one table for two layouts ----------------------------------------------------------------
 * What depends on it asks the device, which adapt has told. */

static const LwKernel *
kernel_of (const LwDevice *device, const LwStep *step)
{
  return device->lanes ? &LW_CPU (lanes_kernels)[step->op] : &channels_last.kernels[step->op];
}

static size_t
state_bytes (LwDevice *device, const LwStep *step)
{
  const LwKernel *kernel = kernel_of (device, step);

  return kernel->state_bytes ? kernel->state_bytes (device, step) : 0;
}

static size_t
workspace_bytes (LwDevice *device, const LwStep *step)
{
  const LwKernel *kernel = kernel_of (device, step);

  return kernel->workspace_bytes ? kernel->workspace_bytes (device, step) : 0;
}

static bool
prepare (LwDevice *device, LwStep *step, GError **error)
{
  const LwKernel *kernel = kernel_of (device, step);

  return !kernel->prepare || kernel->prepare (device, step, error);
}

static void
release (LwDevice *device, LwStep *step)
{
  const LwKernel *kernel = kernel_of (device, step);

  if (kernel->release)
    kernel->release (device, step);
}

static bool
forward (LwDevice *device, const LwStep *step, GError **error)
{
  if (device->lanes && step->link)
    return LW_CPU (lanes_linked_forward) (device, step, error);
  return kernel_of (device, step)->forward (device, step, error);
}

static bool
backward (LwDevice *device, const LwStep *step, GError **error)
{
  if (device->lanes && step->link)
    return LW_CPU (lanes_linked_backward) (device, step, error);
  return kernel_of (device, step)->backward (device, step, error);
}

static const char *
algorithm (LwDevice *device, const LwStep *step, LwDirection direction)
{
  const LwKernel *kernel = kernel_of (device, step);

  return kernel->algorithm ? kernel->algorithm (device, step, direction) : NULL;
}

/* Small networks have their batch in lanes; others choose how they convolve. */
static bool
adapt (LwDevice *device, const LwGraph *graph, int32_t batch, bool training, GError **error)
{
  if (!LW_CPU (adapt) (device, graph, batch, training, error))
    return false;
  return device->lanes || channels_last.adapt (device, graph, batch, training, error);
}

static size_t
slice_bytes (LwDevice *device, LwOp op)
{
  return device->lanes ? 0 : channels_last.slice_bytes (device, op);
}

static size_t
value_bytes (LwDevice *device, LwShape shape, int32_t batch)
{
  if (device->lanes)
    return LW_CPU (lanes_value_bytes) (shape, batch);
  return channels_last.value_bytes (device, shape, batch);
}

static bool
upload_value (LwDevice *device, void *value, LwShape shape, int32_t n, const float *host,
              GError **error)
{
  if (!device->lanes)
    return channels_last.upload_value (device, value, shape, n, host, error);
  LW_CPU (lanes_upload) (device, value, shape, n, host);
  return true;
}

static bool
download_value (LwDevice *device, const void *value, LwShape shape, int32_t n, float *host,
                GError **error)
{
  if (!device->lanes)
    return channels_last.download_value (device, value, shape, n, host, error);
  LW_CPU (lanes_download) (device, value, shape, n, host);
  return true;
}

static bool
link_steps (LwDevice *device, LwStep *steps, int32_t n, GError **error)
{
  if (device->lanes)
    return LW_CPU (lanes_link) (device, steps, n, error);
  return !channels_last.link || channels_last.link (device, steps, n, error);
}

static void
unlink_steps (LwDevice *device, LwStep *steps, int32_t n)
{
  if (device->lanes)
    LW_CPU (lanes_unlink) (device, steps, n);
  else if (channels_last.unlink)
    channels_last.unlink (device, steps, n);
}

#define KERNEL                                                                                     \
  {                                                                                                \
    .state_bytes = state_bytes, .workspace_bytes = workspace_bytes, .prepare = prepare,            \
    .release = release, .forward = forward, .backward = backward, .algorithm = algorithm           \
  }

const LwBackend LW_CPU (backend) = {
  SHARED_ROWS,
  .adapt = adapt,
  .value_bytes = value_bytes,
  .upload_value = upload_value,
  .download_value = download_value,
  .slice_bytes = slice_bytes,
  .link = link_steps,
  .unlink = unlink_steps,
  .kernels = {
    [LW_OP_INPUT] = KERNEL,
    [LW_OP_CONV2D] = KERNEL,
    [LW_OP_LINEAR] = KERNEL,
    [LW_OP_BATCH_NORM] = KERNEL,
    [LW_OP_RELU] = KERNEL,
    [LW_OP_SIGMOID] = KERNEL,
    [LW_OP_TANH] = KERNEL,
    [LW_OP_MAX_POOL] = KERNEL,
    [LW_OP_AVG_POOL] = KERNEL,
    [LW_OP_GLOBAL_AVG_POOL] = KERNEL,
    [LW_OP_DROPOUT] = KERNEL,
    [LW_OP_FLATTEN] = KERNEL,
    [LW_OP_ADD] = KERNEL,
    [LW_OP_CONCAT] = KERNEL,
    [LW_OP_CROSS_ENTROPY] = KERNEL,
  },
};
#endif
