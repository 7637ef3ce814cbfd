/* The CUDA backend's table, one for all precisions: what differs asks the device, which was opened
 * for one of them. */
#include "engine/i18n.h"
#include "kernels/cuda/choice.h"
#include "kernels/cuda/cuda.h"
#include "kernels/cuda/link.h"
#include "kernels/cuda/step.h"
#include "kernels/cuda/sums.h"

static bool
upload_labels (LwDevice *device, void *memory, const int32_t *host, int32_t n, GError **error)
{
  return lw_cuda_upload_soon (device, LW_CUDA_STAGE_LABELS, memory, host,
                              sizeof (int32_t) * (size_t)n, error);
}

static bool
download_loss (LwDevice *device, const void *y, float ret[2], GError **error)
{
  return lw_cuda_download (device, ret, y, sizeof (float) * 2, error);
}

const LwBackend lw_cuda_backend = {
  .name = "cuda",
  .title = N_ ("CUDA (graphics card)"),
  .channels_last = true,
  .explains = true,
  .synchronizes = true,
  .count = lw_cuda_count,
  .describe = lw_cuda_describe,
  .open = lw_cuda_open,
  .close = lw_cuda_close,
  .adapt = lw_cuda_conv_choose,
  .alloc = lw_cuda_alloc,
  .free = lw_cuda_free,
  .zero = lw_cuda_zero,
  .free_bytes = lw_cuda_free_bytes,
  .own_bytes = lw_cuda_own_bytes,
  .value_bytes = lw_cuda_value_bytes,
  .tensor_bytes = lw_cuda_tensor_bytes,
  .upload_value = lw_cuda_upload_value,
  .download_value = lw_cuda_download_value,
  .slice_bytes = lw_cuda_slice_bytes,
  .download_slice = lw_cuda_download_slice,
  .upload_tensor = lw_cuda_upload_tensor,
  .download_tensor = lw_cuda_download_tensor,
  .download_row = lw_cuda_download_row,
  .begin_look = lw_cuda_begin_look,
  .end_look = lw_cuda_end_look,
  .finish_look = lw_cuda_finish_look,
  .upload_labels = upload_labels,
  .keep_images = lw_cuda_keep_images,
  .drop_images = lw_cuda_drop_images,
  .send_examples = lw_cuda_send_examples,
  .make_batch = lw_cuda_make_batch,
  .download_loss = download_loss,
  .batch_statistics = lw_cuda_batch_statistics,
  .synchronize = lw_cuda_synchronize,
  .peaks = lw_cuda_peaks,
  .use = lw_cuda_use,
  .update = lw_cuda_update,
  .join = lw_cuda_join,
  .begin_sum = lw_cuda_begin_sum,
  .finish_sums = lw_cuda_finish_sums,
  .link = lw_cuda_link,
  .unlink = lw_cuda_unlink,
  .begin_step = lw_cuda_begin_step,
  .end_step = lw_cuda_end_step,
  .drop_step = lw_cuda_drop_step,
  .step_result = lw_cuda_step_result,
  .kernels = {
    [LW_OP_INPUT] = { .forward = lw_cuda_nothing, .backward = lw_cuda_nothing },
    [LW_OP_CONV2D] = { .workspace_bytes = lw_cuda_conv2d_workspace_bytes,
                       .prepare = lw_cuda_conv2d_prepare,
                       .forward = lw_cuda_conv2d_forward,
                       .backward = lw_cuda_conv2d_backward,
                       .algorithm = lw_cuda_conv2d_algorithm },
    [LW_OP_LINEAR] = { .workspace_bytes = lw_cuda_linear_workspace_bytes,
                       .prepare = lw_cuda_linear_prepare,
                       .forward = lw_cuda_linear_forward,
                       .backward = lw_cuda_linear_backward,
                       .algorithm = lw_cuda_linked_algorithm },
    [LW_OP_BATCH_NORM] = { .state_bytes = lw_cuda_batch_norm_state_bytes,
                           .workspace_bytes = lw_cuda_batch_norm_workspace_bytes,
                           .prepare = lw_cuda_batch_norm_prepare,
                           .forward = lw_cuda_batch_norm_forward,
                           .backward = lw_cuda_batch_norm_backward,
                           .algorithm = lw_cuda_linked_algorithm },
    [LW_OP_RELU] = { .forward = lw_cuda_activation_forward,
                     .backward = lw_cuda_activation_backward,
                     .algorithm = lw_cuda_linked_algorithm },
    [LW_OP_SIGMOID] = { .forward = lw_cuda_activation_forward,
                        .backward = lw_cuda_activation_backward,
                        .algorithm = lw_cuda_linked_algorithm },
    [LW_OP_TANH] = { .forward = lw_cuda_activation_forward,
                     .backward = lw_cuda_activation_backward,
                     .algorithm = lw_cuda_linked_algorithm },
    [LW_OP_MAX_POOL] = { .state_bytes = lw_cuda_max_pool_state_bytes,
                         .forward = lw_cuda_max_pool_forward,
                         .backward = lw_cuda_max_pool_backward,
                         .algorithm = lw_cuda_linked_algorithm },
    [LW_OP_AVG_POOL] = { .forward = lw_cuda_avg_pool_forward,
                         .backward = lw_cuda_avg_pool_backward,
                         .algorithm = lw_cuda_linked_algorithm },
    [LW_OP_GLOBAL_AVG_POOL] = { .forward = lw_cuda_global_avg_pool_forward,
                                .backward = lw_cuda_global_avg_pool_backward,
                                .algorithm = lw_cuda_linked_algorithm },
    [LW_OP_DROPOUT] = { .forward = lw_cuda_dropout_forward, .backward = lw_cuda_dropout_backward },
    [LW_OP_FLATTEN] = { .forward = lw_cuda_flatten_forward, .backward = lw_cuda_flatten_backward },
    [LW_OP_ADD] = { .forward = lw_cuda_add_forward,
                    .backward = lw_cuda_add_backward,
                    .algorithm = lw_cuda_linked_algorithm },
    [LW_OP_CONCAT] = { .forward = lw_cuda_concat_forward, .backward = lw_cuda_concat_backward },
    [LW_OP_CROSS_ENTROPY] = { .workspace_bytes = lw_cuda_cross_entropy_workspace_bytes,
                              .forward = lw_cuda_cross_entropy_forward,
                              .backward = lw_cuda_cross_entropy_backward },
  },
};
