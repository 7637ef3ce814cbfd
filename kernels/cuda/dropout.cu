/* Dropout (Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting",
 * JMLR 2014), inverted: what is kept is scaled up, so that inference needs no change.
 *
 *   training   keep[i] = u[i] ≥ p, u[i] uniform in [0, 1)
 *              y[i] = x[i] / (1 − p) if keep[i], else 0          dx[i] likewise from dy[i]
 *   inference  y = x                                             dx = dy
 *
 * Shapes: x, y [n][h][w][c]; i counts in the order [n][c][h][w], which all backends share, over the
 * whole batch where processes share one: `first` examples are others'.
 * Ideas:
 *  1. u[i] is a function of the seed, the layer, the iteration and i alone (engine/rng.h), so no
 *     mask is stored and every backend drops the same numbers.
 *  2. The generator gives four words at a time, for four i in a row. Of vectors, neighbouring
 *     numbers use all of them; of maps, whose neighbours are channels and not pixels, one.
 *     That one is chosen by comparisons, as an index that is not known would send them to memory.
 *  3. 128 bits a thread at a time (each.cuh).
 * Reference twin: kernels/reference/dropout.c. */
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

/* u of `count` neighbouring channels of a pixel; `at` is the first one's i, `apart` from one i to
 * the next. */
template <int V>
__device__ void
uniforms (const LwStream &stream, int64_t at, int64_t apart, int count, float (&u)[V])
{
  if constexpr (V % 4 == 0) {
    if (apart == 1 && at % 4 == 0) {
      for (int i = 0; i < V; i += 4) {
        const uint32_t counter[4] = { (uint32_t)((uint64_t)(at + i) >> 2), stream.b, stream.a,
                                      stream.purpose };
        uint32_t words[4];

        lw_philox (counter, stream.key, words);
        for (int k = 0; k < 4; k++)
          u[i + k] = (float)(words[k] >> 8) * 0x1p-24f;
      }
      return;
    }
  }
  for (int i = 0; i < V; i++)
    u[i] = i < count ? uniform (stream, (uint64_t)(at + i * apart)) : 0;
}

/* Rows of `from` and `to` are pixels. `step`: of a step that is one piece, whose seed and iteration
 * hold; else `given` does. */
template <class T, int V>
__global__ void
drop (LwEach each, LwMap<const T> from, LwMap<T> to, LwStream given, const LwCudaStep *step,
      float p, int64_t pixels, int32_t first, bool accumulate)
{
  const LwStream stream = step != nullptr ? lw_stream (step->numbers.seed, LW_STREAM_DROPOUT,
                                                       given.a, step->numbers.iteration)
                                          : given;
  const float scale = 1 / (1 - p);

  lw_each<V> (each, [&] (int64_t row, int32_t column, int count) {
    const int64_t example = first + row / pixels, pixel = row % pixels;
    const int64_t at = (example * each.columns + column) * pixels + pixel;
    float value[V], u[V];

    lw_load<V> (from (row, column), count, value);
    if (p > 0)
      uniforms<V> (stream, at, pixels, count, u);
    for (int i = 0; i < V; i++)
      value[i] = p <= 0 || u[i] >= p ? value[i] * scale : 0;
    lw_store<V> (to (row, column), count, value, accumulate);
  });
}

template <class T>
cudaError_t
launch_drop (LwDevice *device, const LwStep *step, const void *x, void *y, bool accumulate)
{
  const LwStream stream =
      lw_stream (step->seed, LW_STREAM_DROPOUT, (uint32_t)step->id, (uint32_t)step->iteration);
  const LwShape shape = step->y_shape;
  const LwMap<const T> from = lw_map<T> (x, 0, shape.c);
  const LwMap<T> to = lw_map<T> (y, 0, shape.c);
  const LwEach each = lw_each_of<T> (lw_cuda_step_rows (step), shape.c, from, to);
  const auto kernel = each.vector ? drop<T, LwNumber<T>::VECTOR> : drop<T, 1>;

  return lw_launch (kernel, each.grid, each.block, 0, device->stream, each, from, to, stream,
                    lw_cuda_step (device), step->training ? step->node->dropout : 0.0f,
                    (int64_t)shape.h * shape.w, step->first, accumulate);
}

} // namespace

bool
lw_cuda_dropout_forward (LwDevice *device, const LwStep *step, GError **error)
{
  const auto launch = device->bf16 ? launch_drop<LwBf16> : launch_drop<float>;

  return lw_cuda_check (launch (device, step, step->x[0], step->y, false), "dropout", error);
}

bool
lw_cuda_dropout_backward (LwDevice *device, const LwStep *step, GError **error)
{
  const auto launch = device->bf16 ? launch_drop<LwBf16> : launch_drop<float>;

  return step->dx[0] == NULL ||
         lw_cuda_check (launch (device, step, step->dy, step->dx[0], step->accumulate & 1),
                        "dropout's gradient", error);
}
