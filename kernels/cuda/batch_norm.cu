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
 * Shapes: x, y, dy, dx are matrices [m][c]. `state` holds μ [c] and 1 / √(σ² + ε) [c], the
 * workspace partial sums [splits][c] and then, backward, the two means [c] each. Ideas:
 *  1. x is read once for both moments: each thread has the mean of what it read and the sum of
 * squares about it, and two such pairs become one without loss (Chan, Golub, LeVeque, "Updating
 * formulae and a pairwise algorithm for computing sample variances", COMPSTAT 1982). Σ x² − m μ²
 * would lose all digits where the mean is large.
 *  2. Sums of columns in two launches (columns.cuh), and a third for y or dx: 12 bytes a number
 * forward, 20 backward. After an inference forward μ and σ² are constants and dx = γ dy / √(σ² +
 * ε). Reference twin: kernels/reference/batch_norm.c. */
#include "engine/i18n.h"
#include "kernels/cuda/columns.cuh"
#include "kernels/cuda/each.cuh"
#include "kernels/cuda/step.cuh"

#include <math.h>

namespace {

/* Of n values: their mean and Σ (x − mean)². */
struct Moments {
  float n, mean, squares;
};

__device__ Moments
together (Moments a, Moments b)
{
  const float n = a.n + b.n, distance = b.mean - a.mean;

  if (a.n == 0 || b.n == 0)
    return a.n == 0 ? b : a;
  return { n, a.mean + distance * (b.n / n),
           a.squares + b.squares + distance * distance * (a.n * b.n / n) };
}

/* partial [splits][c] ← mean and squares of the split's rows. */
__global__ void
measure (const float *x, int64_t rows, int32_t channels, float2 *partial)
{
  LW_SHARED (Moments, moments, [LW_COLUMN_ROWS][LW_COLUMN_LANES]);
  const int32_t c = (int32_t)(blockIdx.x * LW_COLUMN_LANES + threadIdx.x);
  const LwRowSpan span = lw_column_span (rows, (int32_t)blockIdx.y, (int32_t)gridDim.y);
  const int64_t first = span.first + threadIdx.y;
  Moments own = { 0, 0, 0 };

  if (c < channels && first < span.end) {
    const float shift = x[first * channels + c]; /* keeps the squares small */
    float n = 0, sum = 0, squares = 0;

    for (int64_t row = first; row < span.end; row += LW_COLUMN_ROWS) {
      const float value = x[row * channels + c] - shift;

      n += 1;
      sum += value;
      squares += value * value;
    }
    own = { n, shift + sum / n, squares - sum * (sum / n) };
  }
  moments[threadIdx.y][threadIdx.x] = own;
  for (unsigned half = LW_COLUMN_ROWS / 2; half > 0; half /= 2) {
    __syncthreads ();
    if (threadIdx.y < half) {
      own = together (own, moments[threadIdx.y + half][threadIdx.x]);
      moments[threadIdx.y][threadIdx.x] = own;
    }
  }
  if (threadIdx.y == 0 && c < channels)
    partial[(int64_t)blockIdx.y * channels + c] = make_float2 (own.mean, own.squares);
}

struct Running {
  float *mean, *variance;
  int64_t *batches;
  double momentum, epsilon;
};

/* One thread a channel: the splits together, μ and 1/√(σ² + ε) into state, running statistics,
 * unless the step must leave them as they are. */
__global__ void
conclude (const float2 *partial, int32_t splits, int64_t rows, int32_t channels, float *state,
          Running running, const LwCudaStep *step)
{
  const bool held = lw_step_is_held (step);

  for (int64_t c = lw_each_first (); c < channels; c += lw_each_stride ()) {
    double n = 0, mean = 0, squares = 0;

    for (int32_t split = 0; split < splits; split++) {
      const LwRowSpan span = lw_column_span (rows, split, splits);
      const float2 part = partial[(int64_t)split * channels + c];
      const double part_n = (double)(span.end - span.first), distance = (double)part.x - mean;

      squares += (double)part.y + distance * distance * (n * part_n / (n + part_n));
      n += part_n;
      mean += distance * (part_n / n);
    }

    const double variance = fmax (squares, 0.0) / n, alpha = running.momentum;

    state[c] = (float)mean;
    state[channels + c] = (float)(1 / sqrt (variance + running.epsilon));
    if (held)
      continue;
    running.mean[c] = (float)((1 - alpha) * (double)running.mean[c] + alpha * mean);
    running.variance[c] =
        (float)((1 - alpha) * (double)running.variance[c] + alpha * variance * n / (n - 1));
    if (c == 0)
      ++*running.batches;
  }
}

/* What a channel is normalized with: the batch's, or (state = nullptr) the running statistics. */
struct Scale {
  const float *state, *mean, *variance, *gamma, *beta;
  double epsilon;
  int32_t channels;

  __device__ float mean_of (int32_t c) const
  {
    return state != nullptr ? state[c] : mean[c];
  }
  __device__ float scale_of (int32_t c) const
  {
    return state != nullptr ? state[channels + c]
                            : (float)(1 / sqrt ((double)variance[c] + epsilon));
  }
};

__global__ void
normalize (Scale scale, const float *x, float *y, int64_t n)
{
  for (int64_t i = lw_each_first (); i < n; i += lw_each_stride ()) {
    const int32_t c = (int32_t)(i % scale.channels);

    y[i] = scale.gamma[c] * ((x[i] - scale.mean_of (c)) * scale.scale_of (c)) + scale.beta[c];
  }
}

/* dy and dy · x̂ */
struct Gradients {
  Scale scale;
  const float *x, *dy;

  __device__ float2 operator() (int64_t row, int32_t c) const
  {
    const int64_t i = row * scale.channels + c;

    return make_float2 (dy[i], dy[i] * ((x[i] - scale.mean_of (c)) * scale.scale_of (c)));
  }
};

/* dβ and dγ, and the means of dy and dy · x̂ for dx. */
__global__ void
conclude_gradients (const float2 *partial, int32_t splits, int64_t rows, int32_t channels,
                    float *dgamma, float *dbeta, float2 *means)
{
  for (int64_t c = lw_each_first (); c < channels; c += lw_each_stride ()) {
    const double2 total = lw_column_total (partial, splits, channels, (int32_t)c);

    if (dbeta != nullptr)
      dbeta[c] += (float)total.x;
    if (dgamma != nullptr)
      dgamma[c] += (float)total.y;
    means[c] = make_float2 ((float)(total.x / (double)rows), (float)(total.y / (double)rows));
  }
}

/* means = nullptr: μ and σ² do not depend on x. */
__global__ void
write_gradient (Scale scale, const float *x, const float *dy, const float2 *means, float *dx,
                bool accumulate, int64_t n)
{
  for (int64_t i = lw_each_first (); i < n; i += lw_each_stride ()) {
    const int32_t c = (int32_t)(i % scale.channels);
    const float by = scale.scale_of (c), normal = (x[i] - scale.mean_of (c)) * by;
    const float2 mean = means != nullptr ? means[c] : make_float2 (0, 0);

    lw_each_store (&dx[i], scale.gamma[c] * by * (dy[i] - mean.x - normal * mean.y), accumulate);
  }
}

int64_t
rows_of (const LwStep *step, int32_t n)
{
  return (int64_t)n * step->y_shape.h * step->y_shape.w;
}

Scale
scale_of (const LwStep *step)
{
  return { step->training ? (const float *)step->state : nullptr,
           (const float *)step->param[LW_ROLE_RUNNING_MEAN],
           (const float *)step->param[LW_ROLE_RUNNING_VAR],
           (const float *)step->param[LW_ROLE_WEIGHT],
           (const float *)step->param[LW_ROLE_BIAS],
           step->node->epsilon,
           step->y_shape.c };
}

bool
measure_batch (LwDevice *device, const LwStep *step, GError **error)
{
  const int64_t rows = rows_of (step, step->n);
  const int32_t channels = step->y_shape.c;
  const Running running = { (float *)step->param[LW_ROLE_RUNNING_MEAN],
                            (float *)step->param[LW_ROLE_RUNNING_VAR],
                            (int64_t *)step->param[LW_ROLE_BATCHES], step->node->momentum,
                            step->node->epsilon };

  if (rows < 2) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                 _ ("Batch normalization needs more than one value per channel to train: use a "
                    "batch of at least 2, or a larger input."));
    return false;
  }
  return lw_cuda_check (lw_launch (measure, lw_column_grid (rows, channels), lw_column_block (), 0,
                                   device->stream, (const float *)step->x[0], rows, channels,
                                   (float2 *)step->workspace),
                        "batch statistics", error) &&
         lw_cuda_check (lw_launch (conclude, lw_each_blocks (channels), LW_EACH_THREADS, 0,
                                   device->stream, (const float2 *)step->workspace,
                                   lw_column_splits (rows), rows, channels, (float *)step->state,
                                   running, lw_cuda_step (device)),
                        "batch statistics", error);
}

} // namespace

size_t
lw_cuda_batch_norm_state_bytes (LwDevice *device, const LwStep *step)
{
  (void)device;
  return 2 * sizeof (float) * (size_t)step->y_shape.c;
}

size_t
lw_cuda_batch_norm_workspace_bytes (LwDevice *device, const LwStep *step)
{
  (void)device;
  return lw_cuda_column_bytes (rows_of (step, step->batch), step->y_shape.c) +
         sizeof (float2) * (size_t)step->y_shape.c;
}

bool
lw_cuda_batch_norm_forward (LwDevice *device, const LwStep *step, GError **error)
{
  const int64_t n = lw_cuda_step_size (step);

  if (step->training && !measure_batch (device, step, error))
    return false;
  return lw_cuda_check (lw_launch (normalize, lw_each_blocks (n), LW_EACH_THREADS, 0,
                                   device->stream, scale_of (step), (const float *)step->x[0],
                                   (float *)step->y, n),
                        "batch normalization", error);
}

bool
lw_cuda_batch_norm_backward (LwDevice *device, const LwStep *step, GError **error)
{
  const int64_t n = lw_cuda_step_size (step), rows = rows_of (step, step->n);
  const int32_t channels = step->y_shape.c, splits = lw_column_splits (rows);
  const float *x = (const float *)step->x[0], *dy = (const float *)step->dy;
  float2 *partial = (float2 *)step->workspace, *means = partial + (int64_t)splits * channels;
  const Scale scale = scale_of (step);

  if (!lw_cuda_check (lw_launch (lw_column_sums<Gradients>, lw_column_grid (rows, channels),
                                 lw_column_block (), 0, device->stream, Gradients{ scale, x, dy },
                                 rows, channels, partial),
                      "batch normalization's sums", error) ||
      !lw_cuda_check (lw_launch (conclude_gradients, lw_each_blocks (channels), LW_EACH_THREADS, 0,
                                 device->stream, (const float2 *)partial, splits, rows, channels,
                                 (float *)step->dparam[LW_ROLE_WEIGHT],
                                 (float *)step->dparam[LW_ROLE_BIAS], means),
                      "batch normalization's sums", error))
    return false;
  return step->dx[0] == NULL ||
         lw_cuda_check (lw_launch (write_gradient, lw_each_blocks (n), LW_EACH_THREADS, 0,
                                   device->stream, scale, x, dy,
                                   step->training ? (const float2 *)means : nullptr,
                                   (float *)step->dx[0], step->accumulate & 1, n),
                        "batch normalization's gradient", error);
}

bool
lw_cuda_batch_statistics (LwDevice *device, const LwStep *step, float *mean, float *variance,
                          GError **error)
{
  const int32_t channels = step->y_shape.c;

  if (!lw_cuda_download (device, mean, step->state, sizeof (float) * (size_t)channels, error) ||
      !lw_cuda_download (device, variance, (const float *)step->state + channels,
                         sizeof (float) * (size_t)channels, error))
    return false;
  for (int32_t c = 0; c < channels; c++) {
    const double scale = (double)variance[c], value = 1 / (scale * scale) - step->node->epsilon;

    variance[c] = (float)(value > 0 ? value : 0);
  }
  return true;
}
