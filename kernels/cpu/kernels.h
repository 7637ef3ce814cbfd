/* The rows of the kernel table, by file, for one instruction set. Private to this folder. */
#pragma once

#include "kernels/cpu/device.h"
#include "kernels/cpu/simd.h"

G_BEGIN_DECLS

typedef bool LwKernelFn (LwDevice *device, const LwStep *step, GError **error);
typedef size_t LwKernelBytesFn (LwDevice *device, const LwStep *step);

LwKernelFn LW_CPU (nothing), LW_CPU (flatten_forward), LW_CPU (flatten_backward),
    LW_CPU (add_forward), LW_CPU (add_backward), LW_CPU (concat_forward), LW_CPU (concat_backward);
LwKernelFn LW_CPU (conv2d_forward), LW_CPU (conv2d_backward);
LwKernelBytesFn LW_CPU (conv2d_workspace_bytes);
const char *LW_CPU (conv2d_algorithm) (LwDevice *device, const LwStep *step, LwDirection direction);
bool LW_CPU (conv2d_adapt) (LwDevice *device, const LwGraph *graph, int32_t batch, bool training,
                            GError **error);
LwKernelFn LW_CPU (linear_forward), LW_CPU (linear_backward);
LwKernelBytesFn LW_CPU (linear_workspace_bytes);
LwKernelFn LW_CPU (batch_norm_forward), LW_CPU (batch_norm_backward);
LwKernelBytesFn LW_CPU (batch_norm_state_bytes), LW_CPU (batch_norm_workspace_bytes);
LwKernelFn LW_CPU (activation_forward), LW_CPU (activation_backward);
LwKernelFn LW_CPU (max_pool_forward), LW_CPU (max_pool_backward), LW_CPU (avg_pool_forward),
    LW_CPU (avg_pool_backward), LW_CPU (global_avg_pool_forward), LW_CPU (global_avg_pool_backward);
LwKernelBytesFn LW_CPU (max_pool_state_bytes);
LwKernelFn LW_CPU (dropout_forward), LW_CPU (dropout_backward);
LwKernelBytesFn LW_CPU (dropout_state_bytes);
LwKernelFn LW_CPU (cross_entropy_forward), LW_CPU (cross_entropy_backward);

bool LW_CPU (batch_statistics) (LwDevice *device, const LwStep *step, float *mean, float *variance,
                                GError **error);
bool LW_CPU (update) (LwDevice *device, const LwUpdate *update, GError **error);

/* How many numbers of the output are present. */
static inline int64_t
lw_step_size (const LwStep *step)
{
  return step->n * lw_shape_size (step->y_shape);
}

static inline int64_t
lw_pixels (LwShape shape)
{
  return (int64_t)shape.h * shape.w;
}

G_END_DECLS
