/* The rows of the kernel table, by file, for one instruction set. Private to this folder. */
#pragma once

#include "kernels/cpu/device.h"
#include "kernels/cpu/link.h"
#include "kernels/cpu/simd.h"

G_BEGIN_DECLS

typedef bool LwKernelFn (LwDevice *device, const LwStep *step, GError **error);
typedef size_t LwKernelBytesFn (LwDevice *device, const LwStep *step);

LwKernelFn LW_CPU (nothing), LW_CPU (flatten_forward), LW_CPU (flatten_backward),
    LW_CPU (add_forward), LW_CPU (add_backward), LW_CPU (concat_forward), LW_CPU (concat_backward);
LwKernelFn LW_CPU (conv2d_forward), LW_CPU (conv2d_backward);
LwKernelBytesFn LW_CPU (conv2d_state_bytes), LW_CPU (conv2d_workspace_bytes);
const char *LW_CPU (conv2d_algorithm) (LwDevice *device, const LwStep *step, LwDirection direction);
bool LW_CPU (conv2d_adapt) (LwDevice *device, const LwGraph *graph, int32_t batch, bool training,
                            GError **error);
LwKernelFn LW_CPU (linear_forward), LW_CPU (linear_backward);
LwKernelBytesFn LW_CPU (linear_workspace_bytes);
LwKernelFn LW_CPU (batch_norm_forward), LW_CPU (batch_norm_backward);
LwKernelBytesFn LW_CPU (batch_norm_state_bytes), LW_CPU (batch_norm_workspace_bytes);
LwKernelFn LW_CPU (activation_forward), LW_CPU (activation_backward);
/* "with its neighbour" where a step that is linked does nothing; NULL elsewhere. */
const char *LW_CPU (add_algorithm) (LwDevice *device, const LwStep *step, LwDirection direction);
const char *LW_CPU (linked_algorithm) (LwDevice *device, const LwStep *step, LwDirection direction);
/* dx ← 0 where the link's mask is not positive; for kernels that do not do it on the way. */
void LW_CPU (clear_gradient) (LwDevice *device, const LwStep *step, int32_t input);
LwKernelFn LW_CPU (max_pool_forward), LW_CPU (max_pool_backward), LW_CPU (avg_pool_forward),
    LW_CPU (avg_pool_backward), LW_CPU (global_avg_pool_forward), LW_CPU (global_avg_pool_backward);
LwKernelBytesFn LW_CPU (max_pool_state_bytes), LW_CPU (max_pool_workspace_bytes);
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

/* Numbers from a pixel to the next; `pixel` is the step's, where 0 says the map's own channels. */
static inline int64_t
lw_pixel (int64_t pixel, LwShape shape)
{
  return pixel ? pixel : shape.c;
}

static inline int64_t
lw_round_up (int64_t n, int64_t unit)
{
  return (n + unit - 1) / unit * unit;
}

/* The numbers of a map in rows that lie together in memory: all of them in blocks, or, where a map
 * is some channels of a wider one, pixel by pixel. */
typedef struct {
  int64_t total, row; /* numbers */
  int64_t rows;
  int64_t group; /* rows of an item of a job */
} LwRows;

static inline LwRows
lw_rows (int64_t n, LwShape shape, bool strided)
{
  LwRows rows = { .total = n * lw_shape_size (shape), .row = strided ? shape.c : LW_BLOCK };

  rows.rows = (rows.total + rows.row - 1) / rows.row;
  rows.group = MAX (1, LW_BLOCK / rows.row);
  return rows;
}

static inline int64_t
lw_row_items (const LwRows *rows)
{
  return (rows->rows + rows->group - 1) / rows->group;
}

static inline int64_t
lw_row_size (const LwRows *rows, int64_t row)
{
  return MIN (rows->row, rows->total - row * rows->row);
}

/* Numbers from a row to the next; `pixel` as in the step. */
static inline int64_t
lw_row_step (const LwRows *rows, int64_t pixel)
{
  return pixel ? pixel : rows->row;
}

/* What the step does for others; all NULL and false where it is by itself. */
static inline LwCpuLink
lw_link (const LwStep *step)
{
  return step->link ? *(const LwCpuLink *)step->link : (LwCpuLink){ 0 };
}

G_END_DECLS
