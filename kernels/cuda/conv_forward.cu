/* Convolution forward as a product of matrices (conv_implicit.cuh, where its ideas are):
 *
 *   y[i,j,o] = b[o] + Σ_{u,v,c} x[s·i + u − p, s·j + v − p, c] · w[o,u,v,c]
 *
 * Shapes: x [n][h][w][C], w [O][k·k·C], y [n·P·Q][O]. A block's rows are pixels of y, its columns
 * outputs. Beside the ideas there:
 *  1. Blocks with the same pixels follow each other, so that their windows come from the cache.
 *  2. What is behind the convolution is done to the sums in registers (link_residual.c): the bias;
 *     a residual, of which a batch normalization may still have to be made, whose numbers for the
 *     tile's channels come from shared memory; ReLU. Each of these rounds as it would by itself.
 *  3. What batch normalization wants to know of y, each channel's mean and squares about it, is
 *     measured there too, of y as it is stored: each thread of its own rows first, the mean and
 *     then the squares about that, for Σ y² − m μ² would lose all digits where the mean is large;
 *     then the block's threads together (Chan, Golub, LeVeque, "Updating formulae and a pairwise
 *     algorithm for computing sample variances", COMPSTAT 1982), one pair a block and channel, in
 *     an order that follows from the shapes. batch_norm.cu makes one of all the blocks' pairs.
 *
 * Blocks of 256 threads at 128 × 128, of 128 otherwise; shared memory 1.5 KiB for each 8 rows and
 * columns. Reference twin: kernels/reference/conv2d.c. */
#include "kernels/cuda/batch_norm.cuh"
#include "kernels/cuda/conv_implicit.cuh"

namespace {

/* w [O][taps], a row an output. */
template <class Storage> struct WeightRows : Stored<Storage> {
  static constexpr bool ALONG_K = true;

  int32_t outputs, taps;

  __device__ int32_t place (int32_t row) const
  {
    return row < outputs ? row * taps : -1;
  }
  __device__ int32_t step (int32_t k) const
  {
    return k < taps ? k : -1;
  }
};

/* What becomes of the sums. */
template <class Number> struct Output : Written<Number> {
  const float *bias;
  const Number *residual;
  LwNormScale norm; /* of the residual; gamma NULL: it is added as it is */
  float2 *moments;
  int32_t pixels, pixel; /* how many; from one to the next */
  bool relu;

  __device__ int64_t row (int32_t row) const
  {
    return row < pixels ? (int64_t)row * pixel : -1;
  }
  /* The norm is the column's, where there is one. */
  __device__ float finish (int64_t at, int32_t column, float sum, const LwNorm<1> *own) const
  {
    float y = lw_rounded<Number> (bias != nullptr ? sum + bias[column] : sum);

    if (residual != nullptr) {
      const float other = LwNumber<Number>::get (residual[at + column]);

      y = lw_rounded<Number> (
          (norm.gamma != nullptr ? own->template apply<Number> (0, other, false) : other) + y);
    }
    return relu && y < 0 ? 0 : y; /* NaN stays */
  }
};

/* Where the tiles lay: what the tile's columns are normalized with, a thread a column. */
template <class Core, class Number>
__device__ void
make_norms (const Output<Number> &output, int32_t column, LwNorm<1> *norms)
{
  static_assert (sizeof (LwNorm<1>) * Core::N <= SHARED_BYTES<Core> && Core::THREADS >= Core::N,
                 "where the tiles lay, and a thread a column");
  __syncthreads ();
  if (threadIdx.x < Core::N) {
    LwNorm<1> norm;

    norm.begin (output.norm, column + (int32_t)threadIdx.x);
    norms[threadIdx.x] = norm;
  }
  __syncthreads ();
}

template <class Core, class Number>
__device__ void
finish_sums (Core &core, const Output<Number> &output, int32_t row, int32_t column)
{
  LW_DYNAMIC_SHARED (LwNorm<1>, norms);

  if (output.norm.gamma != nullptr)
    make_norms<Core> (output, column, norms);

  LW_UNROLL
  for (int i = 0; i < Core::ROWS; i++) {
    const int64_t at = output.row (row + Core::row (i));

    LW_UNROLL
    for (int j = 0; j < Core::COLUMNS; j++)
      if (at >= 0 && column + Core::column (j) < output.columns)
        core.value (i, j) = output.finish (at, column + Core::column (j), core.value (i, j),
                                           norms + Core::column (j));
  }
}

/* Of n values: their mean and Σ (y − mean)². */
struct Moments {
  float n, mean, squares;
};

/* moments [outputs] ← of the block's pixels. */
template <class Core>
__device__ void
measure (Core &core, int32_t row, int32_t column, int32_t pixels, int32_t outputs, float2 *moments)
{
  using Group = Moments[Core::N];
  LW_DYNAMIC_SHARED (Group, groups);
  const int32_t own = column + (int32_t)threadIdx.x;
  Moments all = { 0, 0, 0 };

  static_assert (sizeof (Group) * Core::GROUPS <= SHARED_BYTES<Core> && Core::THREADS >= Core::N,
                 "where the tiles lay, and a thread a column");
  __syncthreads ();
  LW_UNROLL
  for (int j = 0; j < Core::COLUMNS; j++) {
    Moments few = { 0, 0, 0 };

    LW_UNROLL
    for (int i = 0; i < Core::ROWS; i++)
      if (row + Core::row (i) < pixels) {
        few.n += 1;
        few.mean += core.value (i, j);
      }
    few.mean /= fmaxf (few.n, 1);
    LW_UNROLL
    for (int i = 0; i < Core::ROWS; i++)
      if (row + Core::row (i) < pixels) {
        const float distance = core.value (i, j) - few.mean;

        few.squares += distance * distance;
      }
    groups[Core::group ()][Core::column (j)] = few;
  }
  __syncthreads ();
  if (threadIdx.x >= Core::N || own >= outputs)
    return;
  for (int group = 0; group < Core::GROUPS; group++) {
    const Moments few = groups[group][threadIdx.x];
    const float n = all.n + few.n, distance = few.mean - all.mean;

    if (few.n > 0)
      all = { n, all.mean + distance * (few.n / n),
              all.squares + few.squares + distance * distance * (all.n * few.n / n) };
  }
  moments[own] = make_float2 (all.mean, all.squares);
}

template <class Core, bool VECTOR>
__global__ void
__launch_bounds__ (Core::THREADS, VECTOR ? Core::BLOCKS : 1)
    forward (PixelWindows<typename Core::Number> a, WeightRows<typename Core::Number> b,
             Output<typename Core::Number> output, Quotient across)
{
  const int32_t down = across.of ((int32_t)blockIdx.x);
  const int32_t row = down * Core::M;
  const int32_t column = across.rest ((int32_t)blockIdx.x, down) * Core::N;
  Core core;
  Nothing nothing;

  core.clear ();
  multiply<Core, VECTOR> (&core, a, b, row, column, 0, b.taps, nothing);
  finish_sums (core, output, row, column);
  write_sums (core, output, row, column);
  if (output.moments != nullptr)
    measure (core, row, column, output.pixels, output.columns,
             output.moments + (int64_t)down * output.columns);
}

struct Launch {
  LwDevice *device;
  const LwCudaImplicit *job;
  GError **error;

  template <class Core, bool VECTOR> bool run () const
  {
    using Number = typename Core::Number;
    const PixelWindows<Number> a = windows_of<Number, PixelWindows> (job);
    const int32_t outputs = job->y_shape.c;
    const int32_t across = tiles_of (outputs, Core::N), down = tiles_of (a.pixels, Core::M);
    WeightRows<Number> b = {};
    Output<Number> output = {};

    b.values = (const Number *)job->w;
    b.outputs = outputs;
    b.taps = a.taps;
    output.values = (Number *)job->y;
    output.columns = outputs;
    output.packs = job->y_pixel % Core::PACK == 0 && is_aligned (job->y);
    output.bias = job->bias;
    output.residual = (const Number *)job->residual;
    if (job->norm != NULL)
      output.norm = lw_norm_scale (job->norm);
    output.moments = (float2 *)job->moments;
    output.pixels = a.pixels;
    output.pixel = job->y_pixel;
    output.relu = job->relu;
    return lw_cuda_check (
        lw_launch ((forward<Core, VECTOR>), dim3 ((unsigned)across * (unsigned)down), Core::THREADS,
                   SHARED_BYTES<Core>, device->stream, a, b, output, quotient_by (across)),
        "implicit GEMM forward", error);
  }
};

bool
is_vector (const LwCudaImplicit *job)
{
  const int32_t vector = vector_of (job);

  return job->x_shape.c % vector == 0 && job->x_pixel % vector == 0 && is_aligned (job->x) &&
         is_aligned (job->w);
}

} // namespace

int32_t
lw_cuda_implicit_row_tile (const LwCudaImplicit *job)
{
  return tile_for (job, is_vector (job)) == LW_CUDA_TILE_64_64 ? 64 : 128;
}

bool
lw_cuda_implicit_forward (LwDevice *device, const LwCudaImplicit *job, GError **error)
{
  return with_core<Cores<true, true>, ManyRows> (job, is_vector (job),
                                                 Launch{ device, job, error });
}
