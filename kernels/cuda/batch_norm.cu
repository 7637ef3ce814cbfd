/* Batch normalization (Ioffe and Szegedy, "Batch normalization: accelerating deep network training
 * by reducing internal covariate shift", ICML 2015; algorithm 1 and the gradients of section 3,
 * which are batch_norm_gradient.cu's). Each channel by itself; m = n·h·w is the number of its
 * values in the batch, sums run over them:
 *
 *   training   μ = 1/m Σ x          σ² = 1/m Σ (x − μ)²
 *              x̂ = (x − μ) / √(σ² + ε)          y = γ x̂ + β
 *              running mean ← (1 − α) · running mean + α · μ
 *              running variance ← (1 − α) · running variance + α · σ² m / (m − 1)
 *   inference  the same y with the running mean and variance
 *
 * Shapes: x, y are matrices [m][c], of either type (number.cuh), some columns of wider ones
 * perhaps; all else is float32. `state` holds μ [c] and 1 / √(σ² + ε) [c], the workspace partial
 * sums [splits][c] (and backward, behind them, two means [c] each). Ideas:
 *  1. x is read once for both moments: each thread has the mean of what it read and the sum of
 *     squares about it, and two such pairs become one without loss (Chan, Golub, LeVeque, "Updating
 *     formulae and a pairwise algorithm for computing sample variances", COMPSTAT 1982).
 *     Σ x² − m μ² would lose all digits where the mean is large.
 *  2. Sums of columns in two launches (columns.cuh), and a third for y or dx: three numbers moved
 *     for each of x. What belongs to a channel stays in registers.
 *  3. A convolution before it that can has measured its tiles of x while it wrote them
 *     (conv_forward.cu): then x is not read for the moments at all, and one launch makes those of
 *     each channel of all the tiles' pairs, as above: threads of 32 rows take every 32nd tile, and
 *     meet in shared memory.
 *  4. Where processes share a batch and its statistics (sums.h), each brings a count, means and Σ
 *     (x − mean)², all in double precision, and has those of all; one launch makes one of them, in
 *     the order of the processes, as above: with n_a, n_b numbers, δ = μ_b − μ_a, n = n_a + n_b
 *       μ = μ_a + δ n_b / n          Σ (x − μ)² = Σ_a + Σ_b + δ² n_a n_b / n
 *  5. Steps behind it are done in the pass that writes y (link.h): max (0, ·), also behind a sum.
 * Reference twin: kernels/reference/batch_norm.c. */
#include "engine/i18n.h"
#include "kernels/cuda/batch_norm.cuh"
#include "kernels/cuda/columns.cuh"
#include "kernels/cuda/conv2d.h"
#include "kernels/cuda/link.h"
#include "kernels/cuda/step.cuh"
#include "kernels/cuda/sums.h"

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
template <class T, int V>
__global__ void
measure (LwColumns shape, LwMap<const T> x, float2 *partial)
{
  LW_SHARED (Moments, moments, [V][LW_COLUMN_THREADS]);
  const int32_t column = (int32_t)(blockIdx.x * blockDim.x + threadIdx.x) * V;
  const LwRowSpan span = lw_column_span (shape.rows, (int32_t)blockIdx.y, shape.splits);
  const int64_t first = span.first + threadIdx.y;
  const unsigned lanes = blockDim.x, own = threadIdx.y * lanes + threadIdx.x;
  float n = 0, shift[V], sum[V] = {}, squares[V] = {};

  if (column < shape.columns && first < span.end) {
    lw_load<V> (x (first, column), V, shift); /* keeps the squares small */
    for (int64_t row = first; row < span.end; row += blockDim.y) {
      float value[V];

      lw_load<V> (x (row, column), V, value);
      n += 1;
      for (int i = 0; i < V; i++) {
        value[i] -= shift[i];
        sum[i] += value[i];
        squares[i] += value[i] * value[i];
      }
    }
  }
  for (int i = 0; i < V; i++)
    moments[i][own] = n == 0
                          ? Moments{ 0, 0, 0 }
                          : Moments{ n, shift[i] + sum[i] / n, squares[i] - sum[i] * (sum[i] / n) };
  for (unsigned half = blockDim.y / 2; half > 0; half /= 2) {
    __syncthreads ();
    if (threadIdx.y < half)
      for (int i = 0; i < V; i++)
        moments[i][own] = together (moments[i][own], moments[i][own + half * lanes]);
  }
  if (threadIdx.y == 0 && column < shape.columns)
    for (int i = 0; i < V; i++)
      partial[(int64_t)blockIdx.y * shape.columns + column + i] =
          make_float2 (moments[i][own].mean, moments[i][own].squares);
}

struct Running {
  float *mean, *variance;
  int64_t *batches;
  double momentum, epsilon;
  double *own; /* nullptr: these n values are all */
  bool counts; /* and they are examples of the batch */
};

/* Of channel c, all n values: μ and 1/√(σ² + ε) into state, running statistics, unless the step
 * must leave them as they are. Or, for who gathers them, only [1 + 2 channels] into `own`. */
__device__ void
keep (int32_t c, int32_t channels, double n, double mean, double squares, float *state,
      const Running &running, bool held)
{
  if (running.own != nullptr) {
    if (c == 0)
      running.own[0] = running.counts ? n : 0;
    running.own[1 + c] = mean;
    running.own[1 + channels + c] = squares;
    return;
  }

  const double variance = fmax (squares, 0.0) / n, alpha = running.momentum;

  state[c] = (float)mean;
  state[channels + c] = (float)(1 / sqrt (variance + running.epsilon));
  if (held)
    return;
  running.mean[c] = (float)((1 - alpha) * (double)running.mean[c] + alpha * mean);
  running.variance[c] =
      (float)((1 - alpha) * (double)running.variance[c] + alpha * variance * n / (n - 1));
  if (c == 0)
    ++*running.batches;
}

/* One thread a channel: the splits together. */
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
    keep ((int32_t)c, channels, n, mean, squares, state, running, held);
  }
}

/* One thread a channel: of `count` processes their own [1 + 2 channels]. */
__global__ void
conclude_processes (const double *all, int32_t count, int32_t channels, float *state,
                    Running running, const LwCudaStep *step)
{
  const bool held = lw_step_is_held (step);

  for (int64_t c = lw_each_first (); c < channels; c += lw_each_stride ()) {
    double n = 0, mean = 0, squares = 0;

    for (int32_t i = 0; i < count; i++) {
      const double *part = all + (int64_t)i * (1 + 2 * channels);
      const double distance = part[1 + c] - mean;

      if (part[0] == 0)
        continue;
      squares += part[1 + channels + c] + distance * distance * (n * part[0] / (n + part[0]));
      n += part[0];
      mean += distance * (part[0] / n);
    }
    keep ((int32_t)c, channels, n, mean, squares, state, running, held);
  }
}

enum { TILE_CHANNELS = 8, TILE_ROWS = 32 }; /* a block is (8, 32) */

/* The same of the convolution's tiles of `tile` rows, of which there may be thousands: channels of
 * a block lie together, its rows of threads have every 32nd tile, and add up pairwise. */
__global__ void
conclude_tiles (const float2 *tiles, int32_t tile, int64_t rows, int32_t channels, float *state,
                Running running, const LwCudaStep *step)
{
  LW_SHARED (Moments, moments, [TILE_ROWS][TILE_CHANNELS]);
  const bool held = lw_step_is_held (step);
  const int32_t c = (int32_t)(blockIdx.x * TILE_CHANNELS + threadIdx.x);
  const int64_t n_tiles = (rows + tile - 1) / tile;
  Moments own = { 0, 0, 0 };

  for (int64_t at = threadIdx.y; at < n_tiles && c < channels; at += TILE_ROWS) {
    const float2 part = tiles[at * channels + c];
    const int64_t left = rows - at * tile;

    own = together (own, { (float)(left < tile ? left : tile), part.x, part.y });
  }
  moments[threadIdx.y][threadIdx.x] = own;
  for (unsigned half = TILE_ROWS / 2; half > 0; half /= 2) {
    __syncthreads ();
    if (threadIdx.y < half)
      moments[threadIdx.y][threadIdx.x] =
          together (moments[threadIdx.y][threadIdx.x], moments[threadIdx.y + half][threadIdx.x]);
  }
  if (threadIdx.y == 0 && c < channels)
    keep (c, channels, (double)rows, (double)moments[0][threadIdx.x].mean,
          (double)moments[0][threadIdx.x].squares, state, running, held);
}

/* y ← what a row's V numbers become, and with `relu` max (0, ·) of it. */
template <class T, int V>
__global__ void
normalize (LwEach each, LwNormScale scale, LwMap<const T> x, LwMap<T> y, bool relu)
{
  LwNorm<V> norm;

  norm.begin (scale, (int32_t)(blockIdx.y * blockDim.x + threadIdx.x) * V);
  lw_each<V> (each, [&] (int64_t row, int32_t column, int count) {
    float value[V];

    lw_load<V> (x (row, column), count, value);
    for (int i = 0; i < V; i++)
      value[i] = norm.template apply<T> (i, value[i], relu);
    lw_store<V> (y (row, column), count, value, false);
  });
}

template <class T>
cudaError_t
launch_measure (LwDevice *device, const LwStep *step, const Running &running)
{
  const int32_t channels = step->y_shape.c;
  const LwMap<const T> x = lw_map<T> (step->x[0], step->x_pixel[0], channels);
  const LwColumns shape =
      lw_columns_of<T> (lw_cuda_step_rows (step), channels, lw_map_has_vectors (x));
  const auto kernel = shape.vector ? measure<T, LwNumber<T>::VECTOR> : measure<T, 1>;
  float2 *partial = (float2 *)step->workspace;
  const cudaError_t code =
      lw_launch (kernel, shape.grid, shape.block, 0, device->stream, shape, x, partial);

  return code != cudaSuccess
             ? code
             : lw_launch (conclude, lw_each_blocks (channels), LW_EACH_THREADS, 0, device->stream,
                          (const float2 *)partial, shape.splits, shape.rows, channels,
                          (float *)step->state, running, lw_cuda_step (device));
}

cudaError_t
launch_conclude_tiles (LwDevice *device, const LwStep *step, const Running &running, int32_t tile)
{
  const int32_t channels = step->y_shape.c;

  return lw_launch (conclude_tiles, dim3 ((unsigned)(channels + TILE_CHANNELS - 1) / TILE_CHANNELS),
                    dim3 (TILE_CHANNELS, TILE_ROWS), 0, device->stream,
                    (const float2 *)step->workspace, tile, lw_cuda_step_rows (step), channels,
                    (float *)step->state, running, lw_cuda_step (device));
}

template <class T>
cudaError_t
launch_normalize (LwDevice *device, const LwStep *step)
{
  const int32_t channels = step->y_shape.c;
  const LwMap<const T> x = lw_map<T> (step->x[0], step->x_pixel[0], channels);
  const LwMap<T> y = lw_map<T> (step->y, step->y_pixel, channels);
  const LwEach each = lw_each_of<T> (lw_cuda_step_rows (step), channels, x, y);
  const auto kernel = each.vector ? normalize<T, LwNumber<T>::VECTOR> : normalize<T, 1>;

  return lw_launch (kernel, each.grid, each.block, 0, device->stream, each, lw_norm_scale (step), x,
                    y, lw_cuda_link_relu (step));
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
  const int64_t rows = (int64_t)step->batch * step->y_shape.h * step->y_shape.w;

  (void)device;
  return lw_cuda_column_bytes (rows, step->y_shape.c) + sizeof (float2) * (size_t)step->y_shape.c;
}

bool
lw_cuda_batch_norm_prepare (LwDevice *device, LwStep *step, GError **error)
{
  return !lw_norm_is_shared (step) ||
         lw_cuda_reserve_own (device, step->collective, 1 + 2 * (int64_t)step->y_shape.c, error);
}

static bool
gather_moments (LwDevice *device, const LwStep *step, Running running, GError **error)
{
  const int32_t channels = step->y_shape.c;
  const double *all;
  int32_t count;

  running.own = nullptr;
  return lw_cuda_gather (device, step->collective, 1 + 2 * (int64_t)channels, LW_REDUCE_MOMENTS,
                         &all, &count, error) &&
         lw_cuda_check (lw_launch (conclude_processes, lw_each_blocks (channels), LW_EACH_THREADS,
                                   0, device->stream, all, count, channels, (float *)step->state,
                                   running, lw_cuda_step (device)),
                        "batch statistics of all processes", error);
}

bool
lw_cuda_batch_norm_measure (LwDevice *device, const LwStep *step, int32_t tile, GError **error)
{
  const Running running = { (float *)step->param[LW_ROLE_RUNNING_MEAN],
                            (float *)step->param[LW_ROLE_RUNNING_VAR],
                            (int64_t *)step->param[LW_ROLE_BATCHES],
                            step->node->momentum,
                            step->node->epsilon,
                            lw_norm_is_shared (step) ? lw_cuda_own (device) : NULL,
                            !step->absent };

  if (lw_step_whole_values (step) < 2) {
    g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                 _ ("Batch normalization needs more than one value per channel to train: use a "
                    "batch of at least 2, or a larger input."));
    return false;
  }
  return lw_cuda_check (tile > 0       ? launch_conclude_tiles (device, step, running, tile)
                        : device->bf16 ? launch_measure<LwBf16> (device, step, running)
                                       : launch_measure<float> (device, step, running),
                        "batch statistics", error) &&
         (!lw_norm_is_shared (step) || gather_moments (device, step, running, error));
}

bool
lw_cuda_batch_norm_forward (LwDevice *device, const LwStep *step, GError **error)
{
  if (step->training &&
      !lw_cuda_batch_norm_measure (device, step, lw_cuda_conv_tile_before (device, step), error))
    return false;
  return lw_cuda_link_waits (step) ||
         lw_cuda_check (device->bf16 ? launch_normalize<LwBf16> (device, step)
                                     : launch_normalize<float> (device, step),
                        "batch normalization", error);
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
