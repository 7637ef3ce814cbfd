/* A batch normalization behind a convolution, in evaluation mode, is part of its weights:
 *
 *   γ (x ∗ w + b − μ) / σ + β  =  x ∗ (w γ/σ) + (b − μ) γ/σ + β,    σ² = running variance + ε.
 *
 * They are multiplied anew in every pass, since training may have changed them meanwhile: a small
 * part of the convolution's work. Items are rows of the matrix of weights. */
#include "kernels/cpu/conv2d.h"
#include "kernels/cpu/kernels.h"

#include <math.h>

typedef struct {
  const float *from;
  float *to;
  const float *scale; /* [out] */
  int64_t out;
} Job;

static void
scale_rows (const void *data, int64_t first, int64_t last, int thread)
{
  const Job *job = data;

  (void)thread;
  for (int64_t row = first; row < last; row++)
    for (int64_t o = 0; o < job->out; o++)
      job->to[row * job->out + o] = job->from[row * job->out + o] * job->scale[o];
}

static int64_t
weight_rows (const LwStep *step)
{
  const int64_t kernel = step->node->window.kernel;

  return kernel * kernel * step->x_shape[0].c;
}

size_t
LW_CPU (conv2d_fold_bytes) (const LwStep *step)
{
  int32_t n;
  const LwNodeId *readers = lw_graph_readers (step->graph, step->id, &n);

  if (step->training || n != 1 || lw_graph_node (step->graph, readers[0])->op != LW_OP_BATCH_NORM)
    return 0;
  /* The weights, the bias and the factors, each from a cache line on. */
  return sizeof (float) * (size_t)(lw_round_up (weight_rows (step) * step->y_shape.c, 16) +
                                   2 * lw_round_up (step->y_shape.c, 16));
}

LwStep
LW_CPU (conv2d_fold) (LwDevice *device, const LwStep *step, const LwStep *norm)
{
  const int64_t out = step->y_shape.c, rows = weight_rows (step);
  const float *bias = step->param[LW_ROLE_BIAS];
  const float *gamma = norm->param[LW_ROLE_WEIGHT], *beta = norm->param[LW_ROLE_BIAS];
  const float *mean = norm->param[LW_ROLE_RUNNING_MEAN];
  const float *variance = norm->param[LW_ROLE_RUNNING_VAR];
  float *weights = step->workspace, *shift = weights + lw_round_up (rows * out, 16);
  float *scale = shift + lw_round_up (out, 16);
  LwStep folded = *step;

  for (int64_t o = 0; o < out; o++) {
    const double factor =
        (double)gamma[o] / sqrt ((double)variance[o] + (double)norm->node->epsilon);

    scale[o] = (float)factor;
    shift[o] = (float)(((bias ? (double)bias[o] : 0) - (double)mean[o]) * factor + (double)beta[o]);
  }
  lw_pool_run (device->pool, rows, scale_rows,
               &(Job){ step->param[LW_ROLE_WEIGHT], weights, scale, out });
  folded.param[LW_ROLE_WEIGHT] = weights;
  folded.param[LW_ROLE_BIAS] = shift;
  folded.workspace = (char *)step->workspace + LW_CPU (conv2d_fold_bytes) (step);
  return folded;
}
