/* Convolution of few channels by its definition, forward, without a matrix of windows:
 *
 *   y[i,j,o] = b[o] + Σ_{c,v,u} w[o,u,v,c] · x[s·i + u − p, s·j + v − p, c]
 *
 * Shapes: x [n][h][w][C], y [n][P][Q][O], w [O][k][k][C], of either type (number.cuh). Sums in this
 * order and in float32, whatever the tile.
 *
 * Ideas, in the order of what they bring:
 *  1. A layer of one channel is 25 to 121 multiplications an output: written out as a matrix its
 *     windows would be 25 to 121 times as large as the image. Here a block has its piece of one
 *     channel of x, with the border that windows reach into, and that channel's weights in shared
 *     memory: x is read once (and the border again), y is written once.
 *  2. A thread has 4 outputs of a run of 8 pixels (4 where the stride is 4), 32 sums in
 *     registers. A run goes down the map: a column of x, 7·s + k numbers, serves all of the run's
 *     rows, so that each number read from shared memory is used 4 times and each of the weights 8
 *     times.
 *  3. Neighbouring threads have neighbouring outputs of a pixel, then the pixel beside it: the
 *     weights come as one line of 128 bytes for all pixels of the warp, x comes from different
 *     banks (the pixels of a warp are s numbers apart), and y is written in whole lines.
 *  4. Tiles are as wide and high as leaves the fewest threads without a pixel.
 * What becomes of the sums is Finish's matter, so that other kernels have the very same sums.
 * Reference twin: kernels/reference/conv2d.c. Private to this folder. */
#pragma once

#include "kernels/cuda/conv2d.h"
#include "kernels/cuda/number.cuh"

#include <stdint.h>

enum {
  LW_DIRECT_THREADS = 256,
  LW_DIRECT_QUAD = 4,           /* outputs of a thread */
  LW_DIRECT_GROUPS = 8,         /* of four outputs a block, at most: a line of 128 bytes */
  LW_DIRECT_CHANNELS = 8,       /* of x, at most */
  LW_DIRECT_SHARED = 48 * 1024, /* bytes that every device gives a block without being asked */
};

/* A convolution, and how a map is cut into blocks' tiles. */
struct LwDirect {
  LwWindow window;
  int32_t c, h, w;                /* of x */
  int32_t outputs, rows, columns; /* of y */
  int64_t x_pixel, y_pixel;       /* numbers from pixel to pixel */
  int32_t groups;                 /* of four outputs a block: 1, 2, 4, 8 */
  int32_t wide, runs;   /* of a tile: pixels across; runs of pixels, one below the other */
  int32_t across, down; /* tiles of a map */
};

/* Pixels of a run. */
__host__ __device__ constexpr int32_t
lw_direct_tall (int32_t stride)
{
  return stride == 4 ? 4 : 8;
}

/* Blocks that run at once: three leave each thread 80 registers, too few for the 19 and 21 numbers
 * of x that a run of 5 × 5 and 7 × 7 windows with stride 2 reads. */
__host__ __device__ constexpr int
lw_direct_blocks (int32_t kernel, int32_t stride)
{
  return stride == 2 && (kernel == 5 || kernel == 7) ? 2 : 3;
}

/* Numbers of x across or down that windows of that many outputs read. */
__host__ __device__ static inline int32_t
lw_direct_reach (LwWindow window, int32_t outputs)
{
  return (outputs - 1) * window.stride + window.kernel;
}

/* The smallest power of two that has room for all outputs, up to the most that a block has. */
static inline int32_t
lw_direct_groups (int32_t outputs)
{
  int32_t groups = 1;

  while (groups < LW_DIRECT_GROUPS && groups * LW_DIRECT_QUAD < outputs)
    groups *= 2;
  return groups;
}

static inline int32_t
lw_direct_divide_up (int32_t a, int32_t b)
{
  return (a + b - 1) / b;
}

static inline size_t
lw_direct_shared_bytes (const LwDirect &d)
{
  const int32_t tall = d.runs * lw_direct_tall (d.window.stride);
  const int32_t weights = d.window.kernel * d.window.kernel * LW_DIRECT_QUAD * d.groups;

  return sizeof (float) *
         (size_t)(weights + lw_direct_reach (d.window, tall) * lw_direct_reach (d.window, d.wide));
}

/* The tiles: as few as can be, of those the ones that read the least. With `even`, of an even
 * number of columns. */
static inline void
lw_direct_cut (LwDirect *d, bool even)
{
  const int32_t places = LW_DIRECT_THREADS / d->groups, tall = lw_direct_tall (d->window.stride);
  const int32_t step = even ? 2 : 1;
  int64_t fewest = INT64_MAX;
  size_t least = 0;
  LwDirect best = *d;

  for (int32_t wide = step; wide <= places && wide < d->columns + step; wide += step) {
    LwDirect tried = *d;

    tried.wide = wide;
    tried.runs = lw_direct_divide_up (d->rows, tall);
    tried.runs = tried.runs < places / wide ? tried.runs : places / wide;
    while (tried.runs > 1 && lw_direct_shared_bytes (tried) > LW_DIRECT_SHARED)
      tried.runs--;
    tried.across = lw_direct_divide_up (d->columns, wide);
    tried.down = lw_direct_divide_up (d->rows, tried.runs * tall);

    const int64_t tiles = (int64_t)tried.across * tried.down;
    const size_t bytes = lw_direct_shared_bytes (tried);

    if (bytes <= LW_DIRECT_SHARED && (tiles < fewest || (tiles == fewest && bytes < least))) {
      fewest = tiles;
      least = bytes;
      best = tried;
    }
  }
  *d = best;
}

/* Whether there are kernels for this convolution: y and the weights' gradient. */
static inline bool
lw_direct_fits (const LwStep *step)
{
  const LwWindow window = step->node->window;
  const LwShape y = step->y_shape;

  return (window.kernel == 3 || window.kernel == 5 || window.kernel == 7 || window.kernel == 11) &&
         (window.stride == 1 || window.stride == 2 || window.stride == 4) &&
         step->x_shape[0].c <= LW_DIRECT_CHANNELS && (int64_t)y.h * y.w * step->batch <= INT32_MAX;
}

/* Of a step that fits, tiles cut: of an even number of columns, if that is asked for. */
static inline LwDirect
lw_direct_of (const LwStep *step, bool even)
{
  const LwShape from = step->x_shape[0], to = step->y_shape;
  LwDirect d = {};

  d.window = step->node->window;
  d.c = from.c;
  d.h = from.h;
  d.w = from.w;
  d.outputs = to.c;
  d.rows = to.h;
  d.columns = to.w;
  d.x_pixel = step->x_pixel[0] != 0 ? step->x_pixel[0] : from.c;
  d.y_pixel = step->y_pixel != 0 ? step->y_pixel : to.c;
  d.groups = lw_direct_groups (to.c);
  lw_direct_cut (&d, even);
  return d;
}

/* conv_direct_weights.cu */
size_t lw_direct_weights_bytes (const LwStep *step);
bool lw_direct_weights (LwDevice *device, const LwStep *step, GError **error);

static inline dim3
lw_direct_grid (const LwDirect &d, int32_t n)
{
  return dim3 ((unsigned)(n * d.across * d.down),
               (unsigned)lw_direct_divide_up (d.outputs, LW_DIRECT_QUAD * d.groups));
}

/* One channel of a piece of x [high][wide] from (row, column) on, zeros outside of the map; a warp
 * a row. */
template <class T>
__device__ inline void
lw_direct_load (const LwDirect &d, const T *map, int32_t row, int32_t column, int32_t high,
                int32_t wide, int32_t pitch, float *tile)
{
  for (int32_t a = (int32_t)threadIdx.x / 32; a < high; a += LW_DIRECT_THREADS / 32)
    for (int32_t b = (int32_t)threadIdx.x % 32; b < wide; b += 32) {
      const int32_t from = row + a, at = column + b;
      const bool inside = from >= 0 && from < d.h && at >= 0 && at < d.w;

      tile[a * pitch + b] =
          inside ? LwNumber<T>::get (map[((int64_t)from * d.w + at) * d.x_pixel]) : 0;
    }
}

/* One channel's weights as [u][v][outputs of the block], zeros behind the last output. */
template <int K, class T>
__device__ inline void
lw_direct_load_weights (const LwDirect &d, const T *w, int32_t first, float *weights)
{
  const int32_t outputs = LW_DIRECT_QUAD * d.groups;

  for (int32_t i = (int32_t)threadIdx.x; i < K * K * outputs; i += LW_DIRECT_THREADS) {
    const int32_t output = first + i % outputs, place = i / outputs;

    weights[i] =
        output < d.outputs ? LwNumber<T>::get (w[((int64_t)output * K * K + place) * d.c]) : 0;
  }
}

/* Where a thread's run begins: its first row, its column, its first output. The row of a thread
 * that has no run is behind the map's last; parts of others may be outside of it as well. */
struct LwDirectPlace {
  int64_t example;
  int32_t row, column, output;
};

/* Grid (tiles of all examples, blocks of outputs), block (256). All threads call Finish (d, place,
 * sums [tall][4]); it may use shuffles. */
template <class T, int K, int S, class Finish>
__global__ void
__launch_bounds__ (LW_DIRECT_THREADS, lw_direct_blocks (K, S))
    lw_direct_forward (LwDirect d, const T *x, const T *w, Finish finish)
{
  constexpr int TALL = lw_direct_tall (S), REACH = (TALL - 1) * S + K;
  LW_DYNAMIC_SHARED (float, weights);
  float *const tile = weights + K * K * LW_DIRECT_QUAD * d.groups;
  const int32_t group = (int32_t)threadIdx.x % d.groups, place = (int32_t)threadIdx.x / d.groups;
  const int32_t column = place % d.wide, run = place / d.wide;
  const int32_t number = (int32_t)blockIdx.x % (d.across * d.down);
  const int64_t example = blockIdx.x / (unsigned)(d.across * d.down);
  const int32_t first_row = number / d.across * d.runs * TALL,
                first_column = number % d.across * d.wide;
  const int32_t first_output = (int32_t)blockIdx.y * LW_DIRECT_QUAD * d.groups;
  const int32_t high = lw_direct_reach (d.window, d.runs * TALL);
  const int32_t wide = lw_direct_reach (d.window, d.wide);
  float sums[TALL][LW_DIRECT_QUAD] = {};

  for (int32_t c = 0; c < d.c; c++) {
    __syncthreads ();
    lw_direct_load_weights<K> (d, w + c, first_output, weights);
    lw_direct_load (d, x + example * d.h * d.w * d.x_pixel + c, first_row * S - d.window.padding,
                    first_column * S - d.window.padding, high, wide, wide, tile);
    __syncthreads ();
    if (run >= d.runs)
      continue;

    const float *from = tile + run * TALL * S * wide + column * S;
    const float4 *factors = reinterpret_cast<const float4 *> (weights) + group;

    LW_UNROLL_NONE
    for (int v = 0; v < K; v++) {
      float numbers[REACH];

      LW_UNROLL
      for (int r = 0; r < REACH; r++)
        numbers[r] = from[r * wide + v];
      LW_UNROLL
      for (int u = 0; u < K; u++) {
        const float4 factor = factors[(u * K + v) * d.groups];

        LW_UNROLL
        for (int t = 0; t < TALL; t++) {
          sums[t][0] += numbers[t * S + u] * factor.x;
          sums[t][1] += numbers[t * S + u] * factor.y;
          sums[t][2] += numbers[t * S + u] * factor.z;
          sums[t][3] += numbers[t * S + u] * factor.w;
        }
      }
    }
  }
  finish (d,
          { example, run < d.runs ? first_row + run * TALL : d.rows, first_column + column,
            first_output + LW_DIRECT_QUAD * group },
          sums);
}

template <class T, class Finish>
using LwDirectKernel = void (*) (LwDirect, const T *, const T *, Finish);

template <class T, int K, class Finish>
inline LwDirectKernel<T, Finish>
lw_direct_kernel_of_stride (int32_t stride)
{
  return stride == 1   ? lw_direct_forward<T, K, 1, Finish>
         : stride == 2 ? lw_direct_forward<T, K, 2, Finish>
                       : lw_direct_forward<T, K, 4, Finish>;
}

template <class T, class Finish>
inline LwDirectKernel<T, Finish>
lw_direct_kernel (LwWindow window)
{
  return window.kernel == 3   ? lw_direct_kernel_of_stride<T, 3, Finish> (window.stride)
         : window.kernel == 5 ? lw_direct_kernel_of_stride<T, 5, Finish> (window.stride)
         : window.kernel == 7 ? lw_direct_kernel_of_stride<T, 7, Finish> (window.stride)
                              : lw_direct_kernel_of_stride<T, 11, Finish> (window.stride);
}
