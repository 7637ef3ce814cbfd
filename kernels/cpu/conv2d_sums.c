/* What a batch normalization behind a convolution has to know of its output (stretches.h). A
 * convolution in training that is followed by one keeps it in `state`: [2][c], the mean of each
 * channel and the sum of squared differences from it, in double precision. The stretches' sums are
 * in the workspace meanwhile, before the algorithm's own. */
#include "kernels/cpu/conv2d.h"
#include "kernels/cpu/kernels.h"

enum {
  PANEL = 16,       /* channels of an item */
  FEW_SUMS = 16384, /* that are added up before other threads could wake up */
};

/* Does a batch normalization read it, alone or among what a concat joins? (batch_norm_sums.c) */
static bool
is_measured (const LwGraph *graph, LwNodeId id)
{
  int32_t n;
  const LwNodeId *readers = lw_graph_readers (graph, id, &n);

  for (int32_t i = 0; i < n; i++) {
    const LwNode *reader = lw_graph_node (graph, readers[i]);

    if (reader->op == LW_OP_BATCH_NORM)
      return true;
    if (reader->op == LW_OP_CONCAT && is_measured (graph, readers[i]))
      return true;
  }
  return false;
}

/* With bfloat16 none: rounding once more costs more than reading half as many bytes. */
static LwStretches
stretches_of (const LwStep *step, const LwConvAlgorithm *algorithm)
{
  if (sizeof (LwNumber) < sizeof (float) || !step->training || algorithm->stretches == NULL ||
      !is_measured (step->graph, step->id))
    return (LwStretches){ 0 };
  return algorithm->stretches (step);
}

size_t
LW_CPU (conv2d_kept_bytes) (const LwStep *step, const LwConvAlgorithm *algorithm)
{
  return stretches_of (step, algorithm).n > 0 ? 2 * sizeof (double) * (size_t)step->y_shape.c : 0;
}

static size_t
count_bytes (LwStretches stretches)
{
  return sizeof (float) * (size_t)lw_round_up (stretches.n, 16);
}

size_t
LW_CPU (conv2d_sums_bytes) (const LwStep *step, const LwConvAlgorithm *algorithm)
{
  const LwStretches stretches = stretches_of (step, algorithm);

  return count_bytes (stretches) + sizeof (float) * (size_t)(3 * stretches.n * stretches.width);
}

LwSums
LW_CPU (conv2d_sums) (const LwStep *step, const LwConvAlgorithm *algorithm)
{
  const LwStretches stretches = algorithm->stretches (step);
  float *counts = step->workspace;

  return (LwSums){ counts + lw_round_up (stretches.n, 16), counts, stretches.width };
}

typedef struct {
  LwSums sums;
  int64_t stretches, channels;
  double pixels;
  double *mean, *squares;
} Job;

/* With g, the first stretch's s, Σ (y − g) and Σ (y − g)² of all pixels; channels from … on. */
static void
add_panel (const Job *job, int64_t from)
{
  const int64_t width = job->sums.width, n = MIN (PANEL, job->channels - from);
  const float *first = job->sums.at + from;
  double sum[PANEL] = { 0 }, square[PANEL] = { 0 };

  for (int64_t stretch = 0; stretch < job->stretches; stretch++) {
    const float *near = first + 3 * stretch * width, *sums = near + width, *squares = sums + width;
    const double count = (double)job->sums.counts[stretch];

    for (int c = 0; c < PANEL; c++) {
      const double distance = (double)near[c] - (double)first[c];
      const double own = (double)sums[c], all = own + count * distance;

      sum[c] += all;
      square[c] += (double)squares[c] + distance * (own + all);
    }
  }
  for (int64_t c = 0; c < n; c++) {
    const double mean = sum[c] / job->pixels;

    job->mean[from + c] = (double)first[c] + mean;
    job->squares[from + c] = MAX (0, square[c] - mean * sum[c]);
  }
}

static void
add_panels (const void *data, int64_t first, int64_t last, int thread)
{
  (void)thread;
  for (; first < last; first++)
    add_panel (data, first * PANEL);
}

void
LW_CPU (conv2d_add_up) (LwDevice *device, const LwStep *step, const LwConvAlgorithm *algorithm,
                        LwSums sums)
{
  const int64_t channels = step->y_shape.c, panels = (channels + PANEL - 1) / PANEL;
  double *kept = step->state;
  const Job job = { .sums = sums,
                    .stretches = algorithm->stretches (step).n,
                    .channels = channels,
                    .pixels = (double)(step->n * lw_pixels (step->y_shape)),
                    .mean = kept,
                    .squares = kept + channels };

  if (job.stretches * channels <= FEW_SUMS)
    add_panels (&job, 0, panels, 0);
  else
    lw_pool_run (device->pool, panels, add_panels, &job);
}
