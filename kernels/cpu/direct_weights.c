/* The weight gradient of a convolution with few input channels: the numbers that meet the cells of
 * a window's row lie side by side in the bordered image, so a few rows of them, times a panel of
 * dy, stay in registers while the window moves over a band of the image. Bands are added up in
 * slices whose number follows from the shapes alone; the slices are added up in order. */
#include "kernels/cpu/direct.h"
#include "kernels/cpu/direct_cells.h"
#include "kernels/cpu/gemm.h"
#include "kernels/cpu/sums.h"

enum { SLICES = 32 /* at most */ };

typedef struct {
  const LwStep *step;
  LwBordered bordered;
  LwBands bands;
  int64_t depth, run, outputs, slices;
  bool packs; /* is dy copied into panels, as its rows are no whole vectors, or pairs are? */
  /* The workspace: [slices][outputs] sums of dbias in double precision, [slices][depth][outputs]
   * of dw, for each thread a bordered band and the panels of one of dy; sizes in floats. */
  int64_t biases_size, partial_size, scratch_size;
} Job;

/* Windows side by side, or pairs of them. */
static int64_t
windows_of (const Job *job)
{
  return lw_pairs (job->step->y_shape.w);
}

static Job
job_new (const LwStep *step)
{
  const LwWindow window = step->node->window;
  const LwShape from = step->x_shape[0], to = step->y_shape;
  Job job = { .step = step,
              .bordered = { .image = step->x[0],
                            .shape = from,
                            .padding = window.padding,
                            .apart = (int64_t)window.stride * from.c,
                            .line =
                                ((int64_t)window.stride * (to.w - 1) + window.kernel) * from.c },
              .bands = lw_bands (to.h, window),
              .run = (int64_t)window.kernel * from.c,
              .outputs = to.c,
              .packs = LW_PAIR == 2 || to.c % LW_LANES != 0 };

  job.slices = MIN (SLICES, step->n * job.bands.bands);
  job.depth = job.run * window.kernel;
  job.biases_size = 2 * lw_strips (job.slices * job.outputs) * LW_STRIP;
  job.partial_size = lw_strips (job.depth * job.outputs) * LW_STRIP;
  job.scratch_size = lw_bordered_size (&job.bordered, &job.bands);
  if (job.packs)
    job.scratch_size += job.bands.rows * windows_of (&job) * lw_panels_width (job.outputs);
  return job;
}

size_t
LW_CPU (direct_weights_workspace) (const LwDevice *device, const LwStep *step)
{
  LwStep whole = *step;

  whole.n = step->batch;

  const Job job = job_new (&whole);

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

/* panels [panel][row][pixel, or pair][width] ← dy of a band, zeros beyond the last column */
static void
pack_dy (const Job *job, const LwNumber *dy, int64_t rows, float *panels)
{
  const int64_t outputs = job->outputs, windows = job->step->y_shape.w;

  for (int64_t column = 0; column < outputs; column += LW_PANEL) {
    const int64_t width = lw_panel_width (outputs, column);
    float *to = panels + column * rows * windows_of (job);

    for (int64_t row = 0; row < rows; row++)
      for (int64_t w = 0; w < windows; w += LW_PAIR, to += width)
        for (int64_t i = 0; i < width; i += LW_LANES) {
          const LwNumber *at = dy + (row * windows + w) * outputs + column + i;
          const int64_t count = CLAMP (outputs - column - i, 0, LW_LANES);

          lw_copy_rows (at, w + 1 < windows ? at + outputs : NULL, count, (LwNumber *)(to + i));
        }
  }
}

/* A band of an image. */
typedef struct {
  const float *copy;
  const LwNumber *dy;
  const float *panels;
  int64_t rows;
  LwAhead ahead; /* dy of the next band */
} Band;

/* dw ← or, if `add`, += the band's sums. */
static void
add_band (const Job *job, Band *band, float *dw, bool add)
{
  const LwWindow window = job->step->node->window;
  const int64_t windows = windows_of (job);

  for (int64_t column = 0; column < job->outputs; column += LW_PANEL) {
    const bool wide = lw_panel_width (job->outputs, column) == LW_PANEL;
    const int64_t most = wide ? LW_CELLS_WIDE : LW_CELLS_NARROW;
    const int64_t pieces = (job->run + most - 1) / most;
    const int64_t together = CLAMP (most / ((job->run + pieces - 1) / pieces), 1, LW_CELL_ROWS);

    for (int64_t u = 0; u < window.kernel; u += together)
      for (int64_t piece = 0; piece < pieces; piece++) {
        const int64_t rows = MIN (together, window.kernel - u);
        const int64_t first = job->run * piece / pieces;
        const int64_t cells = job->run * (piece + 1) / pieces - first;
        const LwFinish finish = { .y = dw + (u * job->run + first) * job->outputs + column,
                                  .columns = MIN (LW_PANEL, job->outputs - column),
                                  .sums = true,
                                  .add = add };
        int64_t offset[LW_CELLS_NARROW];

        for (int64_t i = 0; i < rows * cells; i++)
          offset[i] = (i / cells * job->run + i % cells) * job->outputs;
        LW_CPU (multiply_cells)
        (rows, cells, wide,
         &(LwCells){ .at = band->copy + u * job->bordered.line + first,
                     .line = job->bordered.line,
                     .step = (int64_t)window.stride * job->bordered.shape.c * LW_PAIR,
                     .down = window.stride * job->bordered.line,
                     .dy = job->packs ? band->panels + column * band->rows * windows
                                      : (const float *)band->dy + column,
                     .pixel = job->packs ? (wide ? LW_PANEL : LW_LANES) : job->outputs,
                     .windows_h = band->rows,
                     .windows_w = windows,
                     .finish = &finish,
                     .offset = offset,
                     .ahead = &band->ahead });
      }
  }
}

static void
do_slices (const void *data, int64_t slice, int64_t last, int thread)
{
  const Job *job = data;
  const LwStep *step = job->step;
  const LwShape to = step->y_shape;
  const int64_t bands = step->n * job->bands.bands, stride = step->node->window.stride;
  float *copy = partial_of (job, job->slices) + thread * job->scratch_size;
  float *panels = copy + lw_bordered_size (&job->bordered, &job->bands);

  for (; slice < last; slice++) {
    const int64_t first_band = bands * slice / job->slices;
    const int64_t last_band = bands * (slice + 1) / job->slices;
    double *bias = bias_of (job, slice);

    memset (bias, 0, sizeof (double) * (size_t)job->outputs);
    for (int64_t i = first_band; i < last_band; i++) {
      const int64_t n = i / job->bands.bands, first = i % job->bands.bands * job->bands.rows;
      const int64_t rows = MIN (job->bands.rows, to.h - first), pixels = rows * to.w;
      const LwNumber *dy = (const LwNumber *)step->dy + (n * to.h + first) * to.w * to.c;
      Band band = { copy, dy, panels, rows, lw_ahead (NULL, 0, 0, 0) };

      if (i + 1 < last_band || slice + 1 < last)
        band.ahead = lw_ahead (dy + pixels * to.c, 1, MIN (pixels, to.h * to.w) * to.c, 0);
      lw_bordered_copy (&job->bordered, &job->bands, n, first * stride,
                        (rows - 1) * stride + step->node->window.kernel, copy);
      if (job->packs)
        pack_dy (job, dy, rows, panels);
      for (int64_t column = 0; step->dparam[LW_ROLE_BIAS] && column < to.c; column += LW_LANES)
        lw_sum_rows (dy + column, to.c, pixels, to.c - column, bias + column);
      if (step->dparam[LW_ROLE_WEIGHT])
        add_band (job, &band, partial_of (job, slice), i > first_band);
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
