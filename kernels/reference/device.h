/* What the files of the reference backend share: the device, the division of work among its
 * threads, and the kernels' names. Private to this folder. */
#pragma once

#include "engine/backend.h"
#include "kernels/common/threads.h"

G_BEGIN_DECLS

struct LwDevice {
  LwPool *pool;
  int threads; /* that work at once, the caller included */
};

/* Divides a job among the device's threads; the rule is in kernels/common/threads.h. */
static inline void
lw_ref_parallel_for (LwDevice *device, int64_t n, LwParallelFn fn, const void *job)
{
  lw_pool_run (device->pool, n, fn, job);
}

/* How many numbers of the output are present. */
static inline int64_t
lw_ref_step_size (const LwStep *step)
{
  return step->n * lw_shape_size (step->y_shape);
}

/* The rows of the kernel table, by file. Flatten is a sum of one. */
typedef bool LwKernelFn (LwDevice *device, const LwStep *step, GError **error);
typedef size_t LwKernelBytesFn (LwDevice *device, const LwStep *step);

LwKernelFn lw_ref_nothing, lw_ref_add_forward, lw_ref_add_backward, lw_ref_concat_forward,
    lw_ref_concat_backward;
LwKernelFn lw_ref_conv2d_forward, lw_ref_conv2d_backward;
LwKernelBytesFn lw_ref_conv2d_workspace_bytes;
bool lw_ref_window_prepare (LwDevice *device, LwStep *step, GError **error);
LwKernelFn lw_ref_linear_forward, lw_ref_linear_backward;
LwKernelFn lw_ref_batch_norm_forward, lw_ref_batch_norm_backward;
LwKernelBytesFn lw_ref_batch_norm_state_bytes, lw_ref_batch_norm_workspace_bytes;
LwKernelFn lw_ref_activation_forward, lw_ref_activation_backward;
LwKernelFn lw_ref_max_pool_forward, lw_ref_max_pool_backward, lw_ref_avg_pool_forward,
    lw_ref_avg_pool_backward, lw_ref_global_avg_pool_forward, lw_ref_global_avg_pool_backward;
LwKernelBytesFn lw_ref_max_pool_state_bytes, lw_ref_max_pool_workspace_bytes;
LwKernelFn lw_ref_dropout_forward, lw_ref_dropout_backward;
LwKernelFn lw_ref_cross_entropy_forward, lw_ref_cross_entropy_backward;

bool lw_ref_batch_statistics (LwDevice *device, const LwStep *step, float *mean, float *variance,
                              GError **error);
bool lw_ref_update (LwDevice *device, const LwUpdate *update, GError **error);

G_END_DECLS
