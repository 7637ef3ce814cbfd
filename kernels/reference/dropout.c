/* Dropout (Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting",
 * JMLR 2014), inverted: what is kept is scaled up, so that inference needs no change.
 *
 *   training   keep[i] = u[i] ≥ p, u[i] uniform in [0, 1)
 *              y[i] = x[i] / (1 − p) if keep[i], else 0          dx[i] likewise from dy[i]
 *   inference  y = x                                             dx = dy
 *
 * i counts in the whole batch, where processes share one. u[i] is a function of the seed, the
 * layer, the iteration and i alone (engine/rng.h), so backward asks for the same numbers again
 * instead of storing a mask. */
#include "engine/rng.h"
#include "kernels/reference/device.h"

typedef struct {
  const LwStep *step;
  const float *from;
  float *to;
  bool accumulate;
} Job;

static void
dropout_blocks (const void *data, int64_t first, int64_t last, int thread)
{
  const Job *job = data;
  const LwStep *step = job->step;
  const LwStream stream =
      lw_stream (step->seed, LW_STREAM_DROPOUT, (uint32_t)step->id, (uint32_t)step->iteration);
  const float p = step->training ? step->node->dropout : 0, scale = 1 / (1 - p);
  const int64_t end = first * LW_BLOCK + lw_blocks_size (lw_ref_step_size (step), first, last);
  const int64_t before = step->first * lw_shape_size (step->y_shape);

  (void)thread;
  for (int64_t i = first * LW_BLOCK; i < end; i++) {
    const bool keep = p <= 0 || lw_stream_uniform (&stream, (uint64_t)(before + i)) >= p;
    const float value = keep ? job->from[i] * scale : 0;

    job->to[i] = job->accumulate ? job->to[i] + value : value;
  }
}

bool
lw_ref_dropout_forward (LwDevice *device, const LwStep *step, GError **error)
{
  const Job job = { .step = step, .from = step->x[0], .to = step->y };

  (void)error;
  lw_ref_parallel_for (device, lw_blocks (lw_ref_step_size (step)), dropout_blocks, &job);
  return true;
}

bool
lw_ref_dropout_backward (LwDevice *device, const LwStep *step, GError **error)
{
  const Job job = {
    .step = step, .from = step->dy, .to = step->dx[0], .accumulate = step->accumulate & 1
  };

  (void)error;
  if (job.to)
    lw_ref_parallel_for (device, lw_blocks (lw_ref_step_size (step)), dropout_blocks, &job);
  return true;
}
