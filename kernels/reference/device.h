/* What the files of the reference backend share: the device, the division of work among its
 * threads, and the kernels' names. Private to this folder. */
#pragma once

#include "engine/backend.h"

G_BEGIN_DECLS

typedef struct LwPool LwPool;

struct LwDevice {
  LwPool *pool;
  int threads; /* that work at once, the caller included */
};

/* Does the items first … last − 1 of a job. `thread`, 0 … threads − 1, is for choosing scratch
 * memory; results must not depend on it. */
typedef void (*LwParallelFn) (const void *job, int64_t first, int64_t last, int thread);

/* Divides items 0 … n − 1 of a job among the threads, a contiguous share each, and waits for all.
 * Which thread does an item depends on the number of threads, so an item must be computed in the
 * same way whoever does it and whatever comes before it: items are whole channels, planes, or
 * blocks of LW_BLOCK numbers, never single numbers that a vectorized loop may treat in another way
 * near an end. Denormal numbers count as zero inside. */
void lw_ref_parallel_for (LwDevice *device, int64_t n, LwParallelFn fn, const void *job);

LwPool *lw_ref_pool_new (int threads, GError **error);
void lw_ref_pool_free (LwPool *pool);

/* Numbers in an item of an element-by-element job. */
enum { LW_BLOCK = 8192 };

static inline int64_t
lw_ref_blocks (int64_t n)
{
  return (n + LW_BLOCK - 1) / LW_BLOCK;
}

/* How many numbers blocks first … last − 1 of n numbers hold. */
static inline int64_t
lw_ref_blocks_size (int64_t n, int64_t first, int64_t last)
{
  return MIN (n, last * LW_BLOCK) - first * LW_BLOCK;
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
LwKernelBytesFn lw_ref_batch_norm_state_bytes;
LwKernelFn lw_ref_activation_forward, lw_ref_activation_backward;
LwKernelFn lw_ref_max_pool_forward, lw_ref_max_pool_backward, lw_ref_avg_pool_forward,
    lw_ref_avg_pool_backward, lw_ref_global_avg_pool_forward, lw_ref_global_avg_pool_backward;
LwKernelBytesFn lw_ref_max_pool_state_bytes;
LwKernelFn lw_ref_dropout_forward, lw_ref_dropout_backward;
LwKernelFn lw_ref_cross_entropy_forward, lw_ref_cross_entropy_backward;

bool lw_ref_batch_statistics (LwDevice *device, const LwStep *step, float *mean, float *variance,
                              GError **error);
bool lw_ref_update (LwDevice *device, const LwUpdate *update, GError **error);

G_END_DECLS
