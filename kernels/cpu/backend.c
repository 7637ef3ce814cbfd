/* The table of one instruction set. */
#include "kernels/cpu/isa.h"
#include "kernels/cpu/kernels.h"

#if LW_LANES == 16
#define WORKS        lw_cpu_has_avx512 ()
#define INSTRUCTIONS "AVX-512"
#elif LW_LANES == 8
#define WORKS        lw_cpu_has_avx2 ()
#define INSTRUCTIONS "AVX2"
#else
#define WORKS        true
#define INSTRUCTIONS "no special instructions"
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
  return lw_cpu_describe (INSTRUCTIONS);
}

static LwDevice *
open_device (int index, const LwDeviceOptions *options, GError **error)
{
  if (!WORKS) {
    g_set_error (error, LW_ERROR, LW_ERROR_UNSUPPORTED, "This processor has no %s.", INSTRUCTIONS);
    return NULL;
  }
  return lw_cpu_open (index, options, error);
}

const LwBackend LW_CPU (backend) = {
  .name = "cpu",
  .title = "CPU (fast kernels)",
  .channels_last = true,
  .count = count_devices,
  .describe = describe,
  .open = open_device,
  .close = lw_cpu_close,
  .adapt = LW_CPU (conv2d_adapt),
  .alloc = lw_cpu_alloc,
  .free = lw_cpu_free,
  .zero = lw_cpu_zero,
  .value_bytes = lw_cpu_value_bytes,
  .tensor_bytes = lw_cpu_tensor_bytes,
  .upload_value = lw_cpu_upload_value,
  .download_value = lw_cpu_download_value,
  .slice_bytes = lw_cpu_slice_bytes,
  .download_slice = lw_cpu_download_slice,
  .upload_tensor = lw_cpu_upload_tensor,
  .download_tensor = lw_cpu_download_tensor,
  .upload_labels = lw_cpu_upload_labels,
  .download_loss = lw_cpu_download_loss,
  .batch_statistics = LW_CPU (batch_statistics),
  .synchronize = lw_cpu_synchronize,
  .update = LW_CPU (update),
  .link = lw_cpu_link,
  .unlink = lw_cpu_unlink,
  .kernels = {
    [LW_OP_INPUT] = { .forward = LW_CPU (nothing), .backward = LW_CPU (nothing) },
    [LW_OP_CONV2D] = { .workspace_bytes = LW_CPU (conv2d_workspace_bytes),
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
    [LW_OP_ADD] = { .forward = LW_CPU (add_forward), .backward = LW_CPU (add_backward) },
    [LW_OP_CONCAT] = { .forward = LW_CPU (concat_forward), .backward = LW_CPU (concat_backward) },
    [LW_OP_CROSS_ENTROPY] = { .forward = LW_CPU (cross_entropy_forward),
                              .backward = LW_CPU (cross_entropy_backward) },
  },
};
