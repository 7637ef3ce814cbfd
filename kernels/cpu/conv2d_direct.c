/* Convolution with few numbers from one window to the next: first layers with one channel, LeNet's
 * second. Packing patches would cost more than multiplying them, so windows are read where they
 * lie, in a copy of the image with its border. Backward, with stride 1, the image is dy, and the
 * weights are turned by half a turn. Items are bands of images. */
#include "kernels/cpu/direct.h"
#include "kernels/cpu/direct_tile.h"
#include "kernels/cpu/gemm.h"

typedef struct {
  LwBordered bordered;
  LwBands bands;
  LwWeights weights;
  const float *bias; /* or NULL */
  LwNumber *y;
  LwShape to;
  int64_t n;
  int32_t kernel, stride;
  bool relu, accumulate, stream;
  LwSums sums;         /* a stretch is a row of the output */
  float *panels;       /* packed weights, then a bordered band for each thread */
  int64_t panels_size; /* numbers */
} Job;

/* Numbers of a window's row. */
static int64_t
run_of (const Job *job)
{
  return (int64_t)job->kernel * job->bordered.shape.c;
}

/* Rows of a panel. */
static int64_t
depth_of (const Job *job)
{
  return job->kernel * lw_pairs (run_of (job));
}

static Job
complete (Job job, const LwStep *step)
{
  job.n = step->n;
  job.kernel = step->node->window.kernel;
  job.bands = lw_bands (job.to.h, (LwWindow){ job.kernel, job.stride, 0 });
  job.bordered.apart = 1;
  job.bordered.line = ((int64_t)job.stride * (job.to.w - 1) + job.kernel) * job.bordered.shape.c;
  job.panels = step->workspace;
  job.panels_size = lw_strips (depth_of (&job) * lw_panels_width (job.to.c)) * LW_STRIP;
  job.stream = !job.accumulate && job.to.c % LW_LINE == 0 && (uintptr_t)job.y % 64 == 0 &&
               job.n * lw_shape_size (job.to) * (int64_t)sizeof *job.y >= LW_STREAM_BYTES;
  return job;
}

static Job
forward_job (const LwStep *step, LwConvEnd end)
{
  const LwWindow window = step->node->window;
  const Job job = {
    .bordered = { .image = step->x[0], .shape = step->x_shape[0], .padding = window.padding },
    .weights = { .w = step->param[LW_ROLE_WEIGHT], .columns = step->y_shape.c },
    .bias = step->param[LW_ROLE_BIAS],
    .y = step->y,
    .to = step->y_shape,
    .stride = window.stride,
    .accumulate = end.add,
    .relu = end.relu,
    .sums = end.sums
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

/* --- bands ------------------------------------------------------------------------------------ */

/* One row of the output, number `row` of all; `copy`: what its windows see. */
static void
do_row (const Job *job, const float *copy, int64_t row, const int64_t *offset)
{
  const int64_t step = (int64_t)job->stride * job->bordered.shape.c, depth = depth_of (job);
  const int64_t tiles = (job->to.w + LW_TILE - 1) / LW_TILE;
  LwNumber *y = job->y + row * job->to.w * job->to.c;

  if (job->sums.at)
    job->sums.counts[row] = (float)job->to.w;
  for (int64_t column = 0; column < job->to.c; column += LW_PANEL) {
    const bool wide = lw_panel_width (job->to.c, column) == LW_PANEL;
    LwFinish finish = { .bias = job->bias ? job->bias + column : NULL,
                        .columns = MIN (LW_PANEL, job->to.c - column),
                        .add = job->accumulate,
                        .relu = job->relu,
                        .stream = job->stream,
                        .stretch_width = job->sums.width };

    if (job->sums.at)
      finish.stretch = job->sums.at + 3 * row * job->sums.width + column;

    for (int64_t tile = 0; tile < tiles; tile++) {
      const int64_t first = job->to.w * tile / tiles, end = job->to.w * (tile + 1) / tiles;

      finish.y = y + first * job->to.c + column;
      finish.begins = tile == 0;
      LW_CPU (direct_tile)
      (end - first, wide,
       &(LwDirectTile){ .at = copy + first * step,
                        .step = step,
                        .runs = job->kernel,
                        .run = run_of (job),
                        .line = job->bordered.line,
                        .panel = job->panels + column * depth,
                        .finish = &finish,
                        .offset = offset });
    }
  }
}

static void
do_bands (const void *data, int64_t item, int64_t last, int thread)
{
  const Job *job = data;
  float *copy =
      job->panels + job->panels_size + thread * lw_bordered_size (&job->bordered, &job->bands);
  int64_t offset[LW_TILE];

  for (int i = 0; i < LW_TILE; i++)
    offset[i] = (int64_t)i * job->to.c;
  for (; item < last; item++) {
    const int64_t n = item / job->bands.bands, first = item % job->bands.bands * job->bands.rows;
    const int64_t rows = MIN (job->bands.rows, job->to.h - first);

    lw_bordered_copy (&job->bordered, &job->bands, n, first * job->stride,
                      (rows - 1) * job->stride + job->kernel, copy);
    for (int64_t i = 0; i < rows; i++)
      do_row (job, copy + i * job->stride * job->bordered.line, n * job->to.h + first + i, offset);
  }
  if (job->stream)
    lw_vec_stream_end ();
}

#ifdef LW_BF16
/* A number of the matrix of weights (gemm.h), 0 beyond its ends. */
static float
weight_of (const Job *job, int64_t u, int64_t k, int64_t column)
{
  const LwWeights *weights = &job->weights;
  const int64_t run = run_of (job), columns = weights->columns;
  int64_t v, o;

  if (k >= run || column >= columns)
    return 0;
  if (!weights->turned)
    return weights->w[(u * run + k) * columns + column];
  v = weights->first_v - k / weights->inner, o = k % weights->inner;
  u = weights->first_u - u;
  return weights->w[((u * weights->kernel + v) * columns + column) * weights->inner + o];
}

/* [panel][row of the window][pair][width] */
static void
pack (const Job *job)
{
  const int64_t run = run_of (job);
  LwNumber *to = (LwNumber *)job->panels;

  for (int64_t left = 0; left < job->to.c; left += LW_PANEL) {
    const int64_t right = left + lw_panel_width (job->to.c, left);

    for (int64_t u = 0; u < job->kernel; u++)
      for (int64_t k = 0; k < run; k += 2)
        for (int64_t column = left; column < right; column++) {
          *to++ = lw_number_of (weight_of (job, u, k, column));
          *to++ = lw_number_of (weight_of (job, u, k + 1, column));
        }
  }
}
#else
static void
pack (const Job *job)
{
  LW_CPU (pack_weights)
  (&job->weights, &(LwPanels){ 0, depth_of (job), 0, job->to.c, depth_of (job) }, job->panels);
}
#endif

static void
run (LwDevice *device, const Job *job)
{
  pack (job);
  lw_pool_run (device->pool, job->n * job->bands.bands, do_bands, job);
}

/* --- the algorithm ---------------------------------------------------------------------------- */

static bool
applies (const LwStep *step, LwDirection direction)
{
  const LwShape from = step->x_shape[0], to = step->y_shape;
  const int64_t stride = step->node->window.stride;

  switch (direction) {
  case LW_FORWARD:
    return from.c <= 8 && 2 * to.w > LW_TILE;
  case LW_BACKWARD_DATA:
    return stride == 1 && to.c <= 16 && 2 * from.w > LW_TILE;
  default:
    return from.c <= 8;
  }
}

static size_t
workspace (const LwDevice *device, const LwStep *step, LwDirection direction)
{
  if (direction == LW_BACKWARD_WEIGHTS)
    return LW_CPU (direct_weights_workspace) (device, step);

  const Job job = direction == LW_FORWARD ? forward_job (step, (LwConvEnd){ 0 }) : data_job (step);

  return sizeof (float) *
         (size_t)(job.panels_size + device->threads * lw_bordered_size (&job.bordered, &job.bands));
}

static LwStretches
stretches (const LwStep *step)
{
  return (LwStretches){ .n = (int64_t)step->n * step->y_shape.h,
                        .width = lw_stretch_width (step->y_shape.c) };
}

static void
forward (LwDevice *device, const LwStep *step, LwConvEnd end)
{
  const Job job = forward_job (step, end);

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
  .adds = true,
  .applies = applies,
  .workspace = workspace,
  .stretches = stretches,
  .forward = forward,
  .backward_data = backward_data,
  .backward_weights = LW_CPU (direct_weights),
};
