/* A stage of LeNet as one kernel forward: convolution of few channels, activation f, pooling,
 *
 *   a[i,j,o] = f (b[o] + Σ_{c,v,u} w[o,u,v,c] · x[i + u − p, j + v − p, c])
 *   y[i,j,o] = largest or mean of a[2i,2j,o], a[2i,2j+1,o], a[2i+1,2j,o], a[2i+1,2j+1,o]
 *
 * and backward, down to the gradient of what the convolution wrote,
 *
 *   dz[i,j,o] = f′ (a[i,j,o]) · (dy[i/2,j/2,o] where it won, or a quarter of it)
 *
 * Shapes: x [n][h][w][C], a, dz [n][P][Q][O], y, dy [n][P/2][Q/2][O], of either type (number.cuh);
 * the pooling's state as in pool.cu. Ideas, in the order of what they bring:
 *  1. LeNet's layers are over before the next one could be launched: three launches become one.
 *  2. The convolution's sums (conv_direct.cuh) never leave the registers, and a is read by nobody:
 *     it is written for backward, and only in training.
 *  3. A thread has a run of pixels down a column, so two rows of a window are its own. The other
 *     column is its neighbour's, in the same warp: a shuffle brings it.
 * What is rounded when it is stored is rounded here, and sums are in the same order, so the results
 * are the same bits as those of the layers one by one. (Where a compiler may fuse a product and a
 * sum, both ways have the same functions.) On sm_90: 80 registers forward, three blocks of 256
 * threads at once, and 29 to 36 backward. Reference twins: kernels/reference/conv2d.c,
 * activation.c, pool.c. */
#include "kernels/cuda/activation.cuh"
#include "kernels/cuda/conv_direct.cuh"
#include "kernels/cuda/each.cuh"
#include "kernels/cuda/stage.h"

namespace {

enum { SIDE = 2, CELLS = SIDE * SIDE };

/* What becomes of a thread's sums. */
template <class T> struct Finish {
  LwOp op;
  const float *bias;  /* or NULL */
  LwMap<T> activated; /* NULL: not kept */
  LwMap<T> pooled;
  bool largest;
  uint8_t *winners;      /* NULL: not kept */
  int32_t rows, columns; /* of `pooled` */

  /* The cells of a window in the order in which pool.cu goes through them. */
  __device__ void pool (const float (&cells)[CELLS], T *to, uint8_t *winner) const
  {
    float best = cells[0], sum = 0;
    int place = 0;

    LW_UNROLL
    for (int k = 0; k < CELLS; k++) {
      sum += cells[k];
      if (k > 0 && (cells[k] > best || isnan (cells[k]))) {
        best = cells[k];
        place = k;
      }
    }
    *to = LwNumber<T>::of (largest ? best : sum * (1.0f / CELLS));
    if (winner != nullptr)
      *winner = (uint8_t)place;
  }

  /* Rows row and row + 1 of the run, this column and its neighbour's. */
  __device__ void pool_rows (const LwDirect &d, LwDirectPlace at, int32_t row,
                             const float (&own)[SIDE][LW_DIRECT_QUAD],
                             const float (&beside)[SIDE][LW_DIRECT_QUAD]) const
  {
    const int32_t i = row / SIDE, j = at.column / SIDE;
    const int64_t pixel = (at.example * rows + i) * columns + j;

    if (at.column % SIDE != 0 || i >= rows || j >= columns)
      return;
    LW_UNROLL
    for (int k = 0; k < LW_DIRECT_QUAD; k++) {
      const float cells[CELLS] = { own[0][k], beside[0][k], own[1][k], beside[1][k] };
      const int32_t output = at.output + k;

      if (output < d.outputs)
        pool (cells, pooled (pixel, output),
              winners != nullptr ? winners + pixel * d.outputs + output : nullptr);
    }
  }

  template <int TALL>
  __device__ void
  operator() (const LwDirect &d, LwDirectPlace at, const float (&sums)[TALL][LW_DIRECT_QUAD]) const
  {
    LW_UNROLL
    for (int t = 0; t < TALL; t += SIDE) {
      float own[SIDE][LW_DIRECT_QUAD], beside[SIDE][LW_DIRECT_QUAD];

      LW_UNROLL
      for (int row = 0; row < SIDE; row++)
        LW_UNROLL
      for (int k = 0; k < LW_DIRECT_QUAD; k++) {
        const int32_t i = at.row + t + row, output = at.output + k;
        const float add = bias != nullptr && output < d.outputs ? bias[output] : 0;
        const float sum = lw_rounded<T> (sums[t + row][k] + add);

        own[row][k] = lw_rounded<T> (lw_activate (op, sum));
        beside[row][k] = __shfl_xor_sync (~0u, own[row][k], d.groups);
        if (activated.at != nullptr && i < d.rows && at.column < d.columns && output < d.outputs)
          *activated ((at.example * d.rows + i) * d.columns + at.column, output) =
              LwNumber<T>::of (own[row][k]);
      }
      pool_rows (d, at, at.row + t, own, beside);
    }
  }
};

/* The maps of a gradient. */
template <class T> struct Gradient {
  LwOp op;
  bool largest;
  int32_t h, w, rows, columns; /* of a; of y */
  LwMap<const T> activated, dy;
  const uint8_t *winners; /* of the largest */
  LwMap<T> dz;
};

template <class T, int V>
__global__ void
backward (LwEach each, Gradient<T> g)
{
  lw_each<V> (each, [&] (int64_t cell, int32_t c, int count) {
    const int64_t line = cell / g.w, example = line / g.h;
    const int32_t a = (int32_t)(line % g.h), b = (int32_t)(cell % g.w);
    const int32_t i = a / SIDE, j = b / SIDE, place = a % SIDE * SIDE + b % SIDE;
    const int64_t pixel = (example * g.rows + i) * g.columns + j;
    float slope[V] = {}, value[V];

    if (i < g.rows && j < g.columns) {
      lw_load<V> (g.dy (pixel, c), count, value);
      for (int k = 0; k < V; k++)
        if (!g.largest || g.winners[pixel * each.columns + c + k] == place)
          slope[k] += value[k];
    }
    lw_load<V> (g.activated (cell, c), count, value);
    for (int k = 0; k < V; k++) {
      const float arrives = lw_rounded<T> (g.largest ? slope[k] : slope[k] * (1.0f / CELLS));

      value[k] = lw_activation_gradient (g.op, value[k], arrives);
    }
    lw_store<V> (g.dz (cell, c), count, value, false);
  });
}

template <class T>
cudaError_t
launch_forward (LwDevice *device, const LwCudaConvStage *stage, const void *w)
{
  const LwStep *conv = stage->conv, *activation = stage->activation, *pool = stage->pool;
  const LwDirect d = lw_direct_of (conv, true);
  Finish<T> finish = {};

  finish.op = activation->op;
  finish.bias = (const float *)conv->param[LW_ROLE_BIAS];
  finish.activated =
      lw_map<T> (conv->training ? activation->y : NULL, activation->y_pixel, d.outputs);
  finish.pooled = lw_map<T> (pool->y, pool->y_pixel, d.outputs);
  finish.largest = pool->op == LW_OP_MAX_POOL;
  finish.winners = finish.largest && conv->training ? (uint8_t *)pool->state : nullptr;
  finish.rows = pool->y_shape.h;
  finish.columns = pool->y_shape.w;
  return lw_launch (lw_direct_forward<T, 5, 1, Finish<T>>, lw_direct_grid (d, conv->n),
                    LW_DIRECT_THREADS, lw_direct_shared_bytes (d), device->stream, d,
                    (const T *)conv->x[0], (const T *)w, finish);
}

template <class T>
cudaError_t
launch_backward (LwDevice *device, const LwCudaConvStage *stage)
{
  const LwStep *activation = stage->activation, *pool = stage->pool;
  const LwShape map = activation->y_shape;
  Gradient<T> g = {};

  g.op = activation->op;
  g.largest = pool->op == LW_OP_MAX_POOL;
  g.h = map.h;
  g.w = map.w;
  g.rows = pool->y_shape.h;
  g.columns = pool->y_shape.w;
  g.activated = lw_map<T> ((const void *)activation->y, activation->y_pixel, map.c);
  g.dy = lw_map<T> (pool->dy, pool->dy_pixel, map.c);
  g.winners = (const uint8_t *)pool->state;
  g.dz = lw_map<T> (activation->dx[0], activation->dx_pixel[0], map.c);

  const LwEach each =
      lw_each_of<T> ((int64_t)pool->n * map.h * map.w, map.c, g.activated, g.dy, g.dz);
  const auto kernel = each.vector ? backward<T, LwNumber<T>::VECTOR> : backward<T, 1>;

  return lw_launch (kernel, each.grid, each.block, 0, device->stream, each, g);
}

} // namespace

bool
lw_cuda_conv_stage_forward (LwDevice *device, const LwCudaConvStage *stage, GError **error)
{
  const auto launch = device->bf16 ? launch_forward<LwBf16> : launch_forward<float>;
  const void *w = lw_cuda_weights (device, stage->conv, error);

  return w != NULL && lw_cuda_check (launch (device, stage, w), "a stage", error);
}

bool
lw_cuda_conv_stage_gradient (LwDevice *device, const LwCudaConvStage *stage, GError **error)
{
  const auto launch = device->bf16 ? launch_backward<LwBf16> : launch_backward<float>;

  return lw_cuda_check (launch (device, stage), "a stage's gradient", error);
}
