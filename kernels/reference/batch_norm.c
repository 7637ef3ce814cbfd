/* Batch normalization (Ioffe and Szegedy, "Batch normalization: accelerating deep network training
 * by reducing internal covariate shift", ICML 2015; algorithm 1 and the gradients of section 3).
 * Each channel by itself; m = n·h·w is the number of its values in the batch, sums run over them:
 *
 *   training   μ = 1/m Σ x          σ² = 1/m Σ (x − μ)²
 *              x̂ = (x − μ) / √(σ² + ε)          y = γ x̂ + β
 *              running mean ← (1 − α) · running mean + α · μ
 *              running variance ← (1 − α) · running variance + α · σ² m / (m − 1)
 *   inference  the same y with the running mean and variance
 *
 *   backward   dβ += Σ dy          dγ += Σ dy x̂
 *              dx = γ / √(σ² + ε) · (dy − 1/m Σ dy − x̂ · 1/m Σ dy x̂)
 *
 * dx is the paper's chain of five gradients, put together. After an inference forward μ and σ² are
 * constants and dx = γ dy / √(σ² + ε). `state` holds μ [c] and 1 / √(σ² + ε) [c]. A channel is
 * computed by one thread; its sums are in double precision. Where processes share a batch and its
 * statistics, m and all sums are the whole batch's; dβ and dγ are this process's share, added up
 * with the other gradients. */
#include "engine/i18n.h"
#include "kernels/reference/clones.h"
#include "kernels/reference/device.h"
#include "kernels/reference/sums.h"

#include <math.h>

/* A channel: `n` stretches of `length` numbers, `stride` apart. */
typedef struct {
  int64_t n, length, stride, start;
} Channel;

static Channel
channel_of (const LwStep *step, int64_t c)
{
  const LwShape shape = step->y_shape;
  const int64_t length = (int64_t)shape.h * shape.w;

  return (
      Channel){ .n = step->n, .length = length, .stride = shape.c * length, .start = c * length };
}

/* The channel's mean and 1 / √(variance + ε): what the last forward normalized with. */
static void
read_statistics (const LwStep *step, int64_t c, float *ret_mean, float *ret_scale)
{
  if (step->training) {
    const float *state = step->state;

    *ret_mean = state[c];
    *ret_scale = state[step->y_shape.c + c];
  } else {
    const float *mean = step->param[LW_ROLE_RUNNING_MEAN];
    const float *variance = step->param[LW_ROLE_RUNNING_VAR];

    *ret_mean = mean[c];
    *ret_scale = (float)(1 / sqrt ((double)variance[c] + step->node->epsilon));
  }
}

/* A count, means and sums of squared differences; backward Σ dy and Σ dy x̂: as they are added up
 * over processes (engine/collective.h). */
static double *
sums_of (const LwStep *step)
{
  return step->workspace;
}

static void
measure_channels (const void *data, int64_t first, int64_t last, int thread)
{
  const LwStep *step = data;
  double *means = sums_of (step) + 1, *squares = means + step->y_shape.c;

  (void)thread;
  for (int64_t c = first; c < last; c++) {
    const Channel channel = channel_of (step, c);
    const float *x = (const float *)step->x[0] + channel.start;

    means[c] = squares[c] = 0;
    for (int64_t n = 0; n < channel.n; n++)
      means[c] += lw_ref_sum (x + n * channel.stride, channel.length);
    means[c] /= (double)(channel.n * channel.length);
    for (int64_t n = 0; n < channel.n; n++)
      squares[c] += lw_ref_sum_squares (x + n * channel.stride, channel.length, means[c]);
  }
}

/* Of this process's batch, or of the whole one. */
static bool
measure_batch (LwDevice *device, const LwStep *step, GError **error)
{
  double *sums = sums_of (step);

  lw_ref_parallel_for (device, step->y_shape.c, measure_channels, step);
  sums[0] = lw_step_values (step);
  return step->collective == NULL ||
         lw_collective_reduce (step->collective, sums, 1 + 2 * step->y_shape.c, LW_REDUCE_MOMENTS,
                               error);
}

static void
keep_statistics (const LwStep *step, int64_t c)
{
  const double *sums = sums_of (step);
  const double m = lw_step_whole_values (step), alpha = step->node->momentum;
  const double mean = sums[1 + c], variance = sums[1 + step->y_shape.c + c] / m;
  float *state = step->state;
  float *running_mean = step->param[LW_ROLE_RUNNING_MEAN];
  float *running_variance = step->param[LW_ROLE_RUNNING_VAR];

  state[c] = (float)mean;
  state[step->y_shape.c + c] = (float)(1 / sqrt (variance + step->node->epsilon));
  running_mean[c] = (float)((1 - alpha) * (double)running_mean[c] + alpha * mean);
  running_variance[c] =
      (float)((1 - alpha) * (double)running_variance[c] + alpha * variance * m / (m - 1));
}

/* y = γ (x − μ) · scale + β */
LW_CLONES static void
normalize (const float *x, float *y, int64_t n, float mean, float scale, float gamma, float beta)
{
  for (int64_t i = 0; i < n; i++)
    y[i] = gamma * ((x[i] - mean) * scale) + beta;
}

static void
forward_channels (const void *data, int64_t first, int64_t last, int thread)
{
  const LwStep *step = data;
  const float *gamma = step->param[LW_ROLE_WEIGHT], *beta = step->param[LW_ROLE_BIAS];

  (void)thread;
  for (int64_t c = first; c < last; c++) {
    const Channel channel = channel_of (step, c);
    float mean, scale;

    if (step->training)
      keep_statistics (step, c);
    read_statistics (step, c, &mean, &scale);
    for (int64_t n = 0; n < channel.n; n++) {
      const int64_t at = channel.start + n * channel.stride;

      normalize ((const float *)step->x[0] + at, (float *)step->y + at, channel.length, mean, scale,
                 gamma[c], beta[c]);
    }
  }
}

bool
lw_ref_batch_norm_forward (LwDevice *device, const LwStep *step, GError **error)
{
  const LwShape shape = step->y_shape;

  if (step->training) {
    if (lw_step_whole_values (step) < 2) {
      g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                   _ ("Batch normalization needs more than one value per channel to train: use a "
                      "batch of at least 2, or a larger input."));
      return false;
    }
    if (!measure_batch (device, step, error))
      return false;
    ++*(int64_t *)step->param[LW_ROLE_BATCHES];
  }
  lw_ref_parallel_for (device, shape.c, forward_channels, step);
  return true;
}

/* dx (+)= factor · (dy − offset − (x − mean) · slope) */
LW_CLONES static void
write_gradient (const float *x, const float *dy, float *dx, int64_t n, bool accumulate, float mean,
                float factor, float offset, float slope)
{
  if (accumulate)
    for (int64_t i = 0; i < n; i++)
      dx[i] += factor * (dy[i] - offset - (x[i] - mean) * slope);
  else
    for (int64_t i = 0; i < n; i++)
      dx[i] = factor * (dy[i] - offset - (x[i] - mean) * slope);
}

static void
sum_channels (const void *data, int64_t first, int64_t last, int thread)
{
  const LwStep *step = data;
  const float *x = step->x[0], *dy = step->dy;
  float *dgamma = step->dparam[LW_ROLE_WEIGHT], *dbeta = step->dparam[LW_ROLE_BIAS];
  double *sums = sums_of (step), *products = sums + step->y_shape.c;

  (void)thread;
  for (int64_t c = first; c < last; c++) {
    const Channel channel = channel_of (step, c);
    double sum = 0, product = 0; /* Σ dy, Σ dy x̂ */
    float mean, scale;

    read_statistics (step, c, &mean, &scale);
    for (int64_t n = 0; n < channel.n; n++) {
      const int64_t at = channel.start + n * channel.stride;

      sum += lw_ref_sum (dy + at, channel.length);
      product += lw_ref_sum_products (x + at, dy + at, channel.length, (double)mean);
    }
    product *= (double)scale;
    if (dbeta)
      dbeta[c] += (float)sum;
    if (dgamma)
      dgamma[c] += (float)product;
    /* After inference μ and σ² do not depend on x. */
    sums[c] = step->training ? sum : 0;
    products[c] = step->training ? product : 0;
  }
}

static void
gradient_channels (const void *data, int64_t first, int64_t last, int thread)
{
  const LwStep *step = data;
  const float *gamma = step->param[LW_ROLE_WEIGHT];
  const float *x = step->x[0], *dy = step->dy;
  const double *sums = sums_of (step), *products = sums + step->y_shape.c;
  const double m = lw_step_mean_values (step);
  float *dx = step->dx[0];

  (void)thread;
  for (int64_t c = first; c < last; c++) {
    const Channel channel = channel_of (step, c);
    float mean, scale;

    read_statistics (step, c, &mean, &scale);
    for (int64_t n = 0; n < channel.n; n++) {
      const int64_t at = channel.start + n * channel.stride;

      write_gradient (x + at, dy + at, dx + at, channel.length, step->accumulate & 1, mean,
                      gamma[c] * scale, (float)(sums[c] / m), (float)(products[c] / m) * scale);
    }
  }
}

bool
lw_ref_batch_norm_backward (LwDevice *device, const LwStep *step, GError **error)
{
  lw_ref_parallel_for (device, step->y_shape.c, sum_channels, step);
  if (step->collective != NULL && !lw_collective_reduce (step->collective, sums_of (step),
                                                         2 * step->y_shape.c, LW_REDUCE_SUM, error))
    return false;
  if (step->dx[0])
    lw_ref_parallel_for (device, step->y_shape.c, gradient_channels, step);
  return true;
}

size_t
lw_ref_batch_norm_state_bytes (LwDevice *device, const LwStep *step)
{
  (void)device;
  return 2 * sizeof (float) * (size_t)step->y_shape.c;
}

size_t
lw_ref_batch_norm_workspace_bytes (LwDevice *device, const LwStep *step)
{
  (void)device;
  return sizeof (double) * (1 + 2 * (size_t)step->y_shape.c);
}

bool
lw_ref_batch_statistics (LwDevice *device, const LwStep *step, float *mean, float *variance,
                         GError **error)
{
  const float *state = step->state;

  (void)device;
  (void)error;
  for (int32_t c = 0; c < step->y_shape.c; c++) {
    const double scale = (double)state[step->y_shape.c + c];

    mean[c] = state[c];
    variance[c] = (float)MAX (0, 1 / (scale * scale) - step->node->epsilon);
  }
  return true;
}
