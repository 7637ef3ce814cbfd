/* The weight gradient of a convolution with few input channels: the numbers that meet the cells of
 * a window's row lie side by side in the bordered image, so a few of them, times a panel of dy,
 * stay in registers while the window moves over the whole image. Images are added up in slices
 * whose number follows from the batch alone; the slices are added up in order. */
#include "kernels/cpu/direct.h"
#include "kernels/cpu/gemm.h"

enum {
  SLICES = 32, /* at most */
#if LW_LANES == 16
  ROWS = 8, /* cells of the window at once */
#else
  ROWS = 6,
#endif
};

typedef struct {
  const LwStep *step;
  LwBordered bordered;
  int64_t depth, run, outputs, slices;
  /* The workspace: [slices][outputs] sums of dbias in double precision, [slices][depth][outputs]
   * of dw, for each thread a bordered image and the panels of one of dy; sizes in floats. */
  int64_t biases_size, partial_size, scratch_size;
} Job;

static Job
job_new (const LwStep *step)
{
  const LwWindow window = step->node->window;
  const LwShape from = step->x_shape[0], to = step->y_shape;
  Job job = { .step = step,
              .bordered = { .image = step->x[0],
                            .shape = from,
                            .padding = window.padding,
                            .rows = (int64_t)window.stride * (to.h - 1) + window.kernel,
                            .line =
                                ((int64_t)window.stride * (to.w - 1) + window.kernel) * from.c },
              .run = (int64_t)window.kernel * from.c,
              .outputs = to.c,
              .slices = MIN (SLICES, step->n) };

  job.depth = job.run * window.kernel;
  job.biases_size = 2 * lw_strips (job.slices * job.outputs) * LW_STRIP;
  job.partial_size = lw_strips (job.depth * job.outputs) * LW_STRIP;
  job.scratch_size =
      lw_bordered_size (&job.bordered) + (int64_t)to.h * to.w * lw_panels_width (job.outputs);
  return job;
}

size_t
LW_CPU (direct_weights_workspace) (const LwDevice *device, const LwStep *step)
{
  const Job job = job_new (step);

  return sizeof (float) * (size_t)(job.biases_size + job.slices * job.partial_size +
                                   device->threads * job.scratch_size);
}

static double *
bias_of (const Job *job, int64_t slice)
{
  return (double *)job->step->workspace + slice * job->outputs;
}

static float *
partial_of (const Job *job, int64_t slice)
{
  return (float *)job->step->workspace + job->biases_size + slice * job->partial_size;
}

/* sums [rows][LW_PANEL]: Σ over the windows of `rows` numbers of the image × a panel of dy. */
LW_INLINE void
multiply_cells (int rows, int vectors, const Job *job, const float *at, const float *panel,
                float *sums)
{
  const LwShape to = job->step->y_shape;
  const int64_t stride = job->step->node->window.stride, step = stride * job->bordered.shape.c;
  LwVec sum[ROWS][2];

#pragma GCC unroll 8
  for (int r = 0; r < rows; r++)
#pragma GCC unroll 2
    for (int i = 0; i < vectors; i++)
      sum[r][i] = (LwVec){ 0 };

  for (int32_t i = 0; i < to.h; i++, at += stride * job->bordered.line) {
    const float *x = at;

    for (int32_t j = 0; j < to.w; j++, x += step, panel += vectors * LW_LANES) {
      LwVec dy[2];

#pragma GCC unroll 2
      for (int k = 0; k < vectors; k++)
        dy[k] = lw_vec_load (panel + k * LW_LANES);
#pragma GCC unroll 8
      for (int r = 0; r < rows; r++)
#pragma GCC unroll 2
        for (int k = 0; k < vectors; k++)
          sum[r][k] += x[r] * dy[k];
    }
  }

#pragma GCC unroll 8
  for (int r = 0; r < rows; r++)
#pragma GCC unroll 2
    for (int i = 0; i < vectors; i++)
      lw_vec_store (sums + r * LW_PANEL + i * LW_LANES, sum[r][i]);
}

typedef void (*Kernel) (const Job *job, const float *at, const float *panel, float *sums);

#define KERNELS(CELLS)                                                                             \
  static void one_##CELLS (const Job *job, const float *at, const float *panel, float *sums)       \
  {                                                                                                \
    multiply_cells (CELLS, 1, job, at, panel, sums);                                               \
  }                                                                                                \
  static void two_##CELLS (const Job *job, const float *at, const float *panel, float *sums)       \
  {                                                                                                \
    multiply_cells (CELLS, 2, job, at, panel, sums);                                               \
  }
KERNELS (1)
KERNELS (2)
KERNELS (3)
KERNELS (4)
KERNELS (5)
KERNELS (6)
#if LW_LANES == 16
KERNELS (7)
KERNELS (8)
#endif

/* By cells − 1, for a panel of one vector and of two. */
static const Kernel kernels[ROWS][2] = {
  { one_1, two_1 }, { one_2, two_2 }, { one_3, two_3 },
  { one_4, two_4 }, { one_5, two_5 }, { one_6, two_6 },
#if LW_LANES == 16
  { one_7, two_7 }, { one_8, two_8 },
#endif
};

/* panels [panel][pixel][width] ← dy of one image */
static void
pack_dy (const Job *job, const float *dy, float *panels)
{
  const int64_t pixels = (int64_t)job->step->y_shape.h * job->step->y_shape.w;

  for (int64_t column = 0; column < job->outputs; column += LW_PANEL) {
    const int64_t width = lw_panel_width (job->outputs, column);
    const int64_t count = MIN (width, job->outputs - column);
    float *panel = panels + column * pixels;

    for (int64_t p = 0; p < pixels; p++)
      for (int64_t i = 0; i < width; i++)
        panel[p * width + i] = i < count ? dy[p * job->outputs + column + i] : 0;
  }
}

static void
add_bias (const Job *job, const float *panels, double *bias)
{
  const int64_t pixels = (int64_t)job->step->y_shape.h * job->step->y_shape.w;

  for (int64_t column = 0; column < job->outputs; column += LW_PANEL) {
    const int64_t width = lw_panel_width (job->outputs, column);
    const float *panel = panels + column * pixels;
    double sum[LW_PANEL] = { 0 };

    for (int64_t p = 0; p < pixels; p++)
      for (int64_t i = 0; i < width; i++)
        sum[i] += (double)panel[p * width + i];
    for (int64_t i = 0; i < MIN (width, job->outputs - column); i++)
      bias[column + i] += sum[i];
  }
}

static void
add_image (const Job *job, const float *copy, const float *panels, float *dw)
{
  const int64_t pixels = (int64_t)job->step->y_shape.h * job->step->y_shape.w;
  float sums[ROWS * LW_PANEL] __attribute__ ((aligned (64)));

  for (int64_t column = 0; column < job->outputs; column += LW_PANEL) {
    const bool wide = lw_panel_width (job->outputs, column) == LW_PANEL;
    const int64_t count = MIN (LW_PANEL, job->outputs - column);

    for (int64_t k = 0; k < job->depth;) {
      const int64_t u = k / job->run, t = k % job->run, rows = MIN (ROWS, job->run - t);
      float *to = dw + k * job->outputs + column;

      kernels[rows - 1][wide](job, copy + u * job->bordered.line + t, panels + column * pixels,
                              sums);
      for (int64_t r = 0; r < rows; r++)
        for (int64_t i = 0; i < count; i++)
          to[r * job->outputs + i] += sums[r * LW_PANEL + i];
      k += rows;
    }
  }
}

static void
do_slices (const void *data, int64_t slice, int64_t last, int thread)
{
  const Job *job = data;
  const int64_t n = job->step->n, size = lw_shape_size (job->step->y_shape);
  float *copy = partial_of (job, job->slices) + thread * job->scratch_size;
  float *panels = copy + lw_bordered_size (&job->bordered);

  for (; slice < last; slice++) {
    float *dw = partial_of (job, slice);
    double *bias = bias_of (job, slice);

    memset (dw, 0, sizeof (float) * (size_t)(job->depth * job->outputs));
    memset (bias, 0, sizeof (double) * (size_t)job->outputs);
    for (int64_t image = n * slice / job->slices; image < n * (slice + 1) / job->slices; image++) {
      lw_bordered_copy (&job->bordered, image, copy);
      pack_dy (job, (const float *)job->step->dy + image * size, panels);
      add_bias (job, panels, bias);
      add_image (job, copy, panels, dw);
    }
  }
}

void
LW_CPU (direct_weights) (LwDevice *device, const LwStep *step)
{
  const Job job = job_new (step);
  float *dw = step->dparam[LW_ROLE_WEIGHT], *dbias = step->dparam[LW_ROLE_BIAS];

  lw_pool_run (device->pool, job.slices, do_slices, &job);
  for (int64_t slice = 0; dw && slice < job.slices; slice++)
    for (int64_t i = 0; i < job.depth * job.outputs; i++)
      dw[i] += partial_of (&job, slice)[i];
  for (int64_t i = 0; dbias && i < job.outputs; i++) {
    double sum = 0;

    for (int64_t slice = 0; slice < job.slices; slice++)
      sum += bias_of (&job, slice)[i];
    dbias[i] += (float)sum;
  }
}
