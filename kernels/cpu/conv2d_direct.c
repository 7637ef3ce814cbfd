/* Convolution with few numbers from one window to the next: first layers with one channel, LeNet's
 * second. Packing patches would cost more than multiplying them. Windows side by side lie `step` =
 * stride × channels numbers apart, which is a constant of the compiled kernel. Backward, with
 * stride 1, the image is dy, the step is the number of outputs, and the weights are turned by half
 * a turn. Items are images. */
#include "kernels/cpu/direct.h"
#include "kernels/cpu/gemm.h"

typedef struct {
  LwBordered bordered;
  LwWeights weights;
  const float *bias; /* or NULL */
  float *y;
  LwShape to;
  int64_t n;
  int32_t kernel, stride;
  bool relu, accumulate;
  float *panels;       /* packed weights, then a bordered image for each thread */
  int64_t panels_size; /* numbers */
} Job;

static int64_t
depth_of (const Job *job)
{
  return (int64_t)job->kernel * job->kernel * job->bordered.shape.c;
}

/* Sizes: LW_TILE windows are computed at once, so the copy is wider than needed. */
static Job
complete (Job job, const LwStep *step)
{
  const int64_t windows = (job.to.w + LW_TILE - 1) / LW_TILE * LW_TILE;

  job.n = step->n;
  job.kernel = step->node->window.kernel;
  job.bordered.rows = (int64_t)job.stride * (job.to.h - 1) + job.kernel;
  job.bordered.line = (windows * job.stride + job.kernel) * job.bordered.shape.c;
  job.panels = step->workspace;
  job.panels_size = lw_strips (depth_of (&job) * lw_panels_width (job.to.c)) * LW_STRIP;
  return job;
}

static Job
forward_job (const LwStep *step, bool relu)
{
  const LwWindow window = step->node->window;
  const Job job = {
    .bordered = { .image = step->x[0], .shape = step->x_shape[0], .padding = window.padding },
    .weights = { .w = step->param[LW_ROLE_WEIGHT], .columns = step->y_shape.c },
    .bias = step->param[LW_ROLE_BIAS],
    .y = step->y,
    .to = step->y_shape,
    .stride = window.stride,
    .relu = relu
  };

  return complete (job, step);
}

static Job
data_job (const LwStep *step)
{
  const LwWindow window = step->node->window;
  const Job job = { .bordered = { .image = step->dy,
                                  .shape = step->y_shape,
                                  .padding = window.kernel - 1 - window.padding },
                    .weights = { .w = step->param[LW_ROLE_WEIGHT],
                                 .columns = step->x_shape[0].c,
                                 .turned = true,
                                 .kernel = window.kernel,
                                 .window_w = window.kernel,
                                 .first_u = window.kernel - 1,
                                 .first_v = window.kernel - 1,
                                 .step = 1,
                                 .inner = step->y_shape.c },
                    .y = step->dx[0],
                    .to = step->x_shape[0],
                    .stride = 1,
                    .accumulate = step->accumulate & 1 };

  return complete (job, step);
}

/* --- the kernel ------------------------------------------------------------------------------- */

/* sums [LW_TILE][LW_PANEL]: windows side by side, the first one at `at`, times a panel. */
LW_INLINE void
multiply_windows (int step, int vectors, const Job *job, const float *at, const float *panel,
                  float *sums)
{
  const int64_t run = (int64_t)job->kernel * job->bordered.shape.c;
  LwVec sum[LW_TILE][2];

#pragma GCC unroll 16
  for (int r = 0; r < LW_TILE; r++)
#pragma GCC unroll 2
    for (int i = 0; i < vectors; i++)
      sum[r][i] = (LwVec){ 0 };

  for (int32_t u = 0; u < job->kernel; u++, at += job->bordered.line)
    for (int64_t k = 0; k < run; k++, panel += vectors * LW_LANES) {
      LwVec weight[2];

#pragma GCC unroll 2
      for (int i = 0; i < vectors; i++)
        weight[i] = lw_vec_load (panel + i * LW_LANES);
#pragma GCC unroll 16
      for (int r = 0; r < LW_TILE; r++)
#pragma GCC unroll 2
        for (int i = 0; i < vectors; i++)
          sum[r][i] += at[k + r * step] * weight[i];
    }

#pragma GCC unroll 16
  for (int r = 0; r < LW_TILE; r++)
#pragma GCC unroll 2
    for (int i = 0; i < vectors; i++)
      lw_vec_store (sums + r * LW_PANEL + i * LW_LANES, sum[r][i]);
}

typedef void (*Kernel) (const Job *job, const float *at, const float *panel, float *sums);

#define KERNELS(STEP)                                                                              \
  static void one_##STEP (const Job *job, const float *at, const float *panel, float *sums)        \
  {                                                                                                \
    multiply_windows (STEP, 1, job, at, panel, sums);                                              \
  }                                                                                                \
  static void two_##STEP (const Job *job, const float *at, const float *panel, float *sums)        \
  {                                                                                                \
    multiply_windows (STEP, 2, job, at, panel, sums);                                              \
  }
KERNELS (1)
KERNELS (2)
KERNELS (3)
KERNELS (4)
KERNELS (6)
KERNELS (8)
KERNELS (16)

/* By step, for a panel of one vector and of two. */
static const Kernel kernels[][2] = {
  [1] = { one_1, two_1 }, [2] = { one_2, two_2 }, [3] = { one_3, two_3 },    [4] = { one_4, two_4 },
  [6] = { one_6, two_6 }, [8] = { one_8, two_8 }, [16] = { one_16, two_16 },
};

static bool
has_kernel (int64_t step)
{
  return step < (int64_t)G_N_ELEMENTS (kernels) && kernels[step][0] != NULL;
}

/* --- images ----------------------------------------------------------------------------------- */

static void
do_row (const Job *job, Kernel const kernel[2], const float *copy, float *y)
{
  const int64_t step = (int64_t)job->stride * job->bordered.shape.c, depth = depth_of (job);
  float sums[LW_TILE * LW_PANEL] __attribute__ ((aligned (64)));

  for (int64_t column = 0; column < job->to.c; column += LW_PANEL) {
    const bool wide = lw_panel_width (job->to.c, column) == LW_PANEL;
    const int64_t count = MIN (LW_PANEL, job->to.c - column);
    const LwFinish finish = { .y = y + column,
                              .bias = job->bias ? job->bias + column : NULL,
                              .columns = count,
                              .add = job->accumulate,
                              .relu = job->relu };

    for (int64_t j = 0; j < job->to.w; j += LW_TILE) {
      kernel[wide](job, copy + j * step, job->panels + column * depth, sums);
      for (int64_t r = 0; r < MIN (LW_TILE, job->to.w - j); r++) {
        LwVec t[1][2];
        int64_t o = (j + r) * job->to.c;
        t[0][0] = lw_vec_load (sums + r * LW_PANEL);
        t[0][1] = lw_vec_load (sums + r * LW_PANEL + LW_LANES);
        lw_finish_tile (1, 2, t, &finish, &o);
      }
    }
  }
}

static void
do_images (const void *data, int64_t n, int64_t last, int thread)
{
  const Job *job = data;
  float *copy = job->panels + job->panels_size + thread * lw_bordered_size (&job->bordered);
  const Kernel *kernel = kernels[job->stride * job->bordered.shape.c];

  for (; n < last; n++) {
    lw_bordered_copy (&job->bordered, n, copy);
    for (int64_t i = 0; i < job->to.h; i++)
      do_row (job, kernel, copy + i * job->stride * job->bordered.line,
              job->y + (n * job->to.h + i) * job->to.w * job->to.c);
  }
}

static void
run (LwDevice *device, const Job *job)
{
  const int64_t depth = depth_of (job);

  for (int64_t column = 0; column < job->to.c; column += LW_PANEL)
    LW_CPU (pack_weights)
  (&job->weights, &(LwPanels){ 0, depth, column, MIN (column + LW_PANEL, job->to.c) },
   job->panels + column * depth);
  lw_pool_run (device->pool, job->n, do_images, job);
}

/* --- the algorithm ---------------------------------------------------------------------------- */

/* Maps narrower than a tile would waste most of it. */
static bool
applies (const LwStep *step, LwConvDirection direction)
{
  const LwShape from = step->x_shape[0], to = step->y_shape;
  const int64_t stride = step->node->window.stride;

  switch (direction) {
  case LW_CONV_FORWARD:
    return from.c <= 8 && has_kernel (stride * from.c) && 2 * to.w > LW_TILE;
  case LW_CONV_DATA:
    return stride == 1 && has_kernel (to.c) && 2 * from.w > LW_TILE;
  default:
    return from.c <= 8;
  }
}

static size_t
workspace (const LwDevice *device, const LwStep *step, LwConvDirection direction)
{
  if (direction == LW_CONV_WEIGHTS)
    return LW_CPU (direct_weights_workspace) (device, step);

  const Job job = direction == LW_CONV_FORWARD ? forward_job (step, false) : data_job (step);

  return sizeof (float) *
         (size_t)(job.panels_size + device->threads * lw_bordered_size (&job.bordered));
}

static void
forward (LwDevice *device, const LwStep *step, bool relu)
{
  const Job job = forward_job (step, relu);

  run (device, &job);
}

static void
backward_data (LwDevice *device, const LwStep *step)
{
  const Job job = data_job (step);

  run (device, &job);
}

const LwConvAlgorithm LW_CPU (conv_direct) = {
  .name = "direct",
  .applies = applies,
  .workspace = workspace,
  .forward = forward,
  .backward_data = backward_data,
  .backward_weights = LW_CPU (direct_weights),
};
