/* The gradients of a convolution of few channels, by their definition:
 *
 *   dW[o,u,v,c] += Σ_{n,i,j} dy[n,i,j,o] · x[n, s·i + u − p, s·j + v − p, c]
 *   db[o]       += Σ_{n,i,j} dy[n,i,j,o]
 *
 * Shapes: x [n][h][w][C], dy [n][P][Q][O] of either type (number.cuh), dW [O][k][k][C] and all sums
 * float32. The workspace holds the sums of each
 * split: [splits][O·k·k·C + O].
 *
 * Ideas, in the order of what they bring:
 *  1. Few sums of very many numbers: all pixels of the batch are divided into `splits` stretches of
 *     tiles, a block has one of them, and a second kernel adds up the blocks' sums, in order and in
 *     double precision. How many there are follows from the shapes, so the bits do too.
 *  2. A thread keeps the sums of 4 outputs and one row u of the window, 4·k of them, in registers.
 *     Along a run of 4 pixels of a row the window slides over 3·s + k numbers of x: 16·k
 *     multiplications for 4 reads of 16 bytes of dy and those of x.
 *  3. Neighbouring threads have neighbouring outputs and then the next u: a warp reads the same
 *     line of dy, and x from rows whose distance is odd, so from different banks.
 *  4. What threads are left for (256 / (8·k) times as many) share the tile's runs; their sums meet
 *     in shared memory at the end, in order.
 *  5. The bias's gradient is added up by the threads that bring dy to shared memory: each always
 *     brings the same output. Another pass over dy would cost as much as all of this.
 * On sm_90 the kernels take 72 to 80 registers up to 5 × 5, three blocks of 256 threads at once, 37
 * % of the warps that would fit, and 96 to 116 beyond, where two do. Reference twin:
 * kernels/reference/conv2d.c. */
#include "kernels/cuda/conv_direct.cuh"
#include "kernels/cuda/each.cuh"

namespace {

enum { RUN = 4, TILE = 128 };      /* pixels of a thread's run; of a tile, at most */
static const int64_t BLOCKS = 528; /* that the splits aim at: four for each of 132 */

struct Gradient {
  LwDirect d; /* groups; wide: a multiple of RUN; runs: rows of a tile */
  int32_t lanes, pitch;
  int32_t tiles, splits;
  int64_t numbers; /* of a split */
};

/* Rows of x stand an odd number of floats apart. */
int32_t
pitch_of (const LwDirect &d)
{
  return lw_direct_reach (d.window, d.wide) | 1;
}

size_t
shared_bytes (const LwDirect &d)
{
  const int32_t kernel = d.window.kernel, lanes = LW_DIRECT_THREADS / (d.groups * kernel);
  const int32_t tile = d.runs * d.wide * LW_DIRECT_QUAD * d.groups +
                       lw_direct_reach (d.window, d.runs) * pitch_of (d);
  const int32_t sums = lanes * d.groups * kernel * kernel * LW_DIRECT_QUAD;
  const int32_t most = tile > sums ? tile : sums;

  return sizeof (float) * (size_t)(most > LW_DIRECT_THREADS ? most : LW_DIRECT_THREADS);
}

/* The fewest tiles that shared memory has room for, of those the ones that read the least. */
void
cut (LwDirect *d)
{
  int64_t fewest = INT64_MAX;
  size_t least = 0;
  LwDirect best = *d;

  for (int32_t wide = RUN; wide <= TILE && wide < d->columns + RUN; wide += RUN) {
    LwDirect tried = *d;

    tried.wide = wide;
    tried.runs = TILE / wide < d->rows ? TILE / wide : d->rows;
    tried.across = lw_direct_divide_up (d->columns, wide);
    tried.down = lw_direct_divide_up (d->rows, tried.runs);

    const int64_t tiles = (int64_t)tried.across * tried.down;
    const size_t bytes = shared_bytes (tried);

    if (bytes <= LW_DIRECT_SHARED && (tiles < fewest || (tiles == fewest && bytes < least))) {
      fewest = tiles;
      least = bytes;
      best = tried;
    }
  }
  *d = best;
}

dim3
grid_of (const Gradient &g)
{
  const int32_t blocks = lw_direct_divide_up (g.d.outputs, LW_DIRECT_QUAD * g.d.groups);

  return dim3 ((unsigned)g.splits, (unsigned)blocks, (unsigned)g.d.c);
}

Gradient
gradient_of (const LwStep *step, int32_t n)
{
  Gradient g = {};

  g.d = lw_direct_of (step, false);
  g.d.y_pixel = step->dy_pixel != 0 ? step->dy_pixel : step->y_shape.c;
  cut (&g.d);
  g.lanes = LW_DIRECT_THREADS / (g.d.groups * g.d.window.kernel);
  g.pitch = pitch_of (g.d);
  g.tiles = n * g.d.across * g.d.down;
  g.numbers = ((int64_t)g.d.window.kernel * g.d.window.kernel * g.d.c + 1) * g.d.outputs;

  const dim3 grid = grid_of (g);
  const int64_t splits = BLOCKS / (int64_t)(grid.y * grid.z);

  g.splits = splits < 1 ? 1 : splits < g.tiles ? (int32_t)splits : g.tiles;
  return g;
}

/* dy of a tile as [rows][wide][outputs of the block], zeros outside; what the thread brought, which
 * is always the same output, comes to its sum. */
template <class T>
__device__ void
load_gradient (const LwDirect &d, const T *dy, int64_t example, int32_t row, int32_t column,
               int32_t first, float *to, float *sum)
{
  const int32_t outputs = LW_DIRECT_QUAD * d.groups, k = (int32_t)threadIdx.x % outputs;

  for (int32_t pixel = (int32_t)threadIdx.x / outputs; pixel < d.runs * d.wide;
       pixel += LW_DIRECT_THREADS / outputs) {
    const int32_t i = row + pixel / d.wide, j = column + pixel % d.wide;
    const bool inside = i < d.rows && j < d.columns && first + k < d.outputs;
    const float value =
        inside ? LwNumber<T>::get (
                     dy[((example * d.rows + i) * d.columns + j) * d.y_pixel + first + k])
               : 0;

    to[pixel * outputs + k] = value;
    *sum += value;
  }
}

/* One tile's part of a thread's sums [v][output]: the runs lane, lane + lanes, … of the tile. */
template <int K, int S>
__device__ void
add_tile (const Gradient &g, const float *tile, const float *gradient, int32_t group, int32_t u,
          int32_t lane, float (&sums)[K][LW_DIRECT_QUAD])
{
  constexpr int REACH = (RUN - 1) * S + K;
  const int32_t per_row = g.d.wide / RUN;

  for (int32_t run = lane; run < per_row * g.d.runs; run += g.lanes) {
    const int32_t row = run / per_row, column = run % per_row * RUN;
    const float *from = tile + (row * S + u) * g.pitch + column * S;
    const float4 *factors = reinterpret_cast<const float4 *> (gradient) +
                            (row * g.d.wide + column) * g.d.groups + group;
    float numbers[REACH];

    LW_UNROLL
    for (int r = 0; r < REACH; r++)
      numbers[r] = from[r];
    LW_UNROLL
    for (int t = 0; t < RUN; t++) {
      const float4 factor = factors[t * g.d.groups];

      LW_UNROLL
      for (int v = 0; v < K; v++) {
        sums[v][0] += numbers[t * S + v] * factor.x;
        sums[v][1] += numbers[t * S + v] * factor.y;
        sums[v][2] += numbers[t * S + v] * factor.z;
        sums[v][3] += numbers[t * S + v] * factor.w;
      }
    }
  }
}

/* Grid (splits, blocks of outputs, channels), block (256): partial [splits][numbers]. */
template <class T, int K, int S>
__global__ void
__launch_bounds__ (LW_DIRECT_THREADS, K < 7 ? 3 : 2)
    add_products (Gradient g, const T *x, const T *dy, float *partial)
{
  LW_DYNAMIC_SHARED (float, shared);
  const LwDirect &d = g.d;
  const int32_t outputs = LW_DIRECT_QUAD * d.groups, owners = d.groups * K;
  const int32_t group = (int32_t)threadIdx.x % d.groups, u = (int32_t)threadIdx.x / d.groups % K;
  const int32_t lane = (int32_t)threadIdx.x / owners, first = (int32_t)blockIdx.y * outputs;
  const int32_t c = (int32_t)blockIdx.z, last = (int32_t)threadIdx.x % outputs;
  const int64_t end = (int64_t)g.tiles * (blockIdx.x + 1) / g.splits;
  float *const gradient = shared, *const tile = shared + d.runs * d.wide * outputs;
  float sums[K][LW_DIRECT_QUAD] = {}, bias = 0;

  for (int64_t number = (int64_t)g.tiles * blockIdx.x / g.splits; number < end; number++) {
    const int64_t example = number / (d.across * d.down);
    const int32_t at = (int32_t)(number % (d.across * d.down));
    const int32_t row = at / d.across * d.runs, column = at % d.across * d.wide;

    __syncthreads ();
    load_gradient (d, dy, example, row, column, first, gradient, &bias);
    lw_direct_load (d, x + example * d.h * d.w * d.x_pixel + c, row * S - d.window.padding,
                    column * S - d.window.padding, lw_direct_reach (d.window, d.runs),
                    lw_direct_reach (d.window, d.wide), g.pitch, tile);
    __syncthreads ();
    if (lane < g.lanes)
      add_tile<K, S> (g, tile, gradient, group, u, lane, sums);
  }

  /* [lanes][v][output of the quad][u][group] */
  float *const to = partial + blockIdx.x * g.numbers;

  __syncthreads ();
  if (lane < g.lanes)
    LW_UNROLL
  for (int v = 0; v < K; v++)
    LW_UNROLL
  for (int k = 0; k < LW_DIRECT_QUAD; k++)
    shared[((lane * K + v) * LW_DIRECT_QUAD + k) * owners + u * d.groups + group] = sums[v][k];
  __syncthreads ();
  for (int32_t i = (int32_t)threadIdx.x; i < K * LW_DIRECT_QUAD * owners; i += LW_DIRECT_THREADS) {
    const int32_t owner = i % owners, k = i / owners % LW_DIRECT_QUAD;
    const int32_t v = i / owners / LW_DIRECT_QUAD;
    const int32_t output = first + owner % d.groups * LW_DIRECT_QUAD + k;
    float sum = 0;

    for (int32_t other = 0; other < g.lanes; other++)
      sum += shared[i + other * K * LW_DIRECT_QUAD * owners];
    if (output < d.outputs)
      to[((int64_t)output * K * K + owner / d.groups * K + v) * d.c + c] = sum;
  }
  __syncthreads ();
  shared[threadIdx.x] = bias;
  __syncthreads ();
  if ((int32_t)threadIdx.x < outputs && c == 0 && first + last < d.outputs) {
    float sum = 0;

    for (int32_t i = last; i < LW_DIRECT_THREADS; i += outputs)
      sum += shared[i];
    to[g.numbers - d.outputs + first + last] = sum;
  }
}

/* One thread a number: of dW, and where the bias is trained, of db. */
__global__ void
add_splits (Gradient g, const float *partial, float *dw, float *dbias)
{
  const int64_t weights = g.numbers - g.d.outputs;
  const int64_t n = dbias != nullptr ? g.numbers : weights;

  for (int64_t i = lw_each_first (); i < n; i += lw_each_stride ()) {
    float *to = i < weights ? &dw[i] : &dbias[i - weights];
    double sum = 0;

    for (int32_t split = 0; split < g.splits; split++)
      sum += (double)partial[split * g.numbers + i];
    *to += (float)sum;
  }
}

template <class T> using Kernel = void (*) (Gradient, const T *, const T *, float *);

template <class T, int K>
Kernel<T>
kernel_of_stride (int32_t stride)
{
  return stride == 1   ? add_products<T, K, 1>
         : stride == 2 ? add_products<T, K, 2>
                       : add_products<T, K, 4>;
}

template <class T>
Kernel<T>
kernel_of (LwWindow window)
{
  return window.kernel == 3   ? kernel_of_stride<T, 3> (window.stride)
         : window.kernel == 5 ? kernel_of_stride<T, 5> (window.stride)
         : window.kernel == 7 ? kernel_of_stride<T, 7> (window.stride)
                              : kernel_of_stride<T, 11> (window.stride);
}

template <class T>
cudaError_t
launch_products (LwDevice *device, const LwStep *step, const Gradient &g)
{
  return lw_launch (kernel_of<T> (g.d.window), grid_of (g), LW_DIRECT_THREADS, shared_bytes (g.d),
                    device->stream, g, (const T *)step->x[0], (const T *)step->dy,
                    (float *)step->workspace);
}

} // namespace

size_t
lw_direct_weights_bytes (const LwStep *step)
{
  const Gradient g = gradient_of (step, step->batch);

  return sizeof (float) * (size_t)(g.splits * g.numbers);
}

bool
lw_direct_weights (LwDevice *device, const LwStep *step, GError **error)
{
  const Gradient g = gradient_of (step, step->n);
  const auto launch = device->bf16 ? launch_products<LwBf16> : launch_products<float>;

  return lw_cuda_check (launch (device, step, g), "direct convolution's gradient", error) &&
         lw_cuda_check (lw_launch (add_splits, lw_each_blocks (g.numbers), LW_EACH_THREADS, 0,
                                   device->stream, g, (const float *)step->workspace,
                                   (float *)step->dparam[LW_ROLE_WEIGHT],
                                   (float *)step->dparam[LW_ROLE_BIAS]),
                        "direct convolution's gradient", error);
}
