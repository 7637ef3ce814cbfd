/* Dropout (Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting",
 * JMLR 2014), inverted: what is kept is scaled up, so that inference needs no change.
 *
 *   training   keep[i] = u[i] ≥ p, u[i] uniform in [0, 1)
 *              y[i] = x[i] / (1 − p) if keep[i], else 0          dx[i] likewise from dy[i]
 *   inference  y = x                                             dx = dy
 *
 * Shapes: x, y [n][h][w][c]; i counts in the order [n][c][h][w], which all backends share.
 * Ideas: one thread a number; u[i] is a function of the seed, the layer, the iteration and i alone
 * (engine/rng.h), so no mask is stored and every backend drops the same numbers. The generator
 * gives four words at a time; the one that is wanted is chosen by comparisons, as an index that is
 * not known would send them to memory. Reference twin: kernels/reference/dropout.c. */
#include "engine/rng.h"
#include "kernels/cuda/each.cuh"
#include "kernels/cuda/step.cuh"

namespace {

/* lw_stream_uniform */
__device__ float
uniform (const LwStream &stream, uint64_t position)
{
  const uint32_t counter[4] = { (uint32_t)(position >> 2), stream.b, stream.a, stream.purpose };
  uint32_t words[4];

  lw_philox (counter, stream.key, words);

  const uint32_t low = position & 1 ? words[1] : words[0];
  const uint32_t high = position & 1 ? words[3] : words[2];

  return (float)((position & 2 ? high : low) >> 8) * 0x1p-24f;
}

/* `step`: of a step that is one piece, whose seed and iteration hold; else `given` does. */
__global__ void
drop (const float *from, float *to, LwStream given, const LwCudaStep *step, float p, int64_t n,
      int32_t channels, int64_t pixels, bool accumulate)
{
  const LwStream stream = step != nullptr ? lw_stream (step->numbers.seed, LW_STREAM_DROPOUT,
                                                       given.a, step->numbers.iteration)
                                          : given;
  const float scale = 1 / (1 - p);

  for (int64_t i = lw_each_first (); i < n; i += lw_each_stride ()) {
    const int64_t c = i % channels, pixel = i / channels % pixels, example = i / channels / pixels;
    const int64_t at = (example * channels + c) * pixels + pixel;
    const bool keep = p <= 0 || uniform (stream, (uint64_t)at) >= p;

    lw_each_store (&to[i], keep ? from[i] * scale : 0, accumulate);
  }
}

bool
launch_drop (LwDevice *device, const LwStep *step, const void *from, void *to, bool accumulate,
             GError **error)
{
  const LwStream stream =
      lw_stream (step->seed, LW_STREAM_DROPOUT, (uint32_t)step->id, (uint32_t)step->iteration);
  const int64_t n = lw_cuda_step_size (step);
  const LwShape shape = step->y_shape;

  return lw_cuda_check (lw_launch (drop, lw_each_blocks (n), LW_EACH_THREADS, 0, device->stream,
                                   (const float *)from, (float *)to, stream, lw_cuda_step (device),
                                   step->training ? step->node->dropout : 0.0f, n, shape.c,
                                   (int64_t)shape.h * shape.w, accumulate),
                        "dropout", error);
}

} // namespace

bool
lw_cuda_dropout_forward (LwDevice *device, const LwStep *step, GError **error)
{
  return launch_drop (device, step, step->x[0], step->y, false, error);
}

bool
lw_cuda_dropout_backward (LwDevice *device, const LwStep *step, GError **error)
{
  return step->dx[0] == NULL ||
         launch_drop (device, step, step->dy, step->dx[0], step->accumulate & 1, error);
}
