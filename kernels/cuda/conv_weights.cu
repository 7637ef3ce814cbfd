/* A convolution's gradients of weights and bias as a product of matrices (conv_implicit.cuh, where
 * its ideas are):
 *
 *   dw[o,u,v,c] += Σ_{n,i,j} dy[n,i,j,o] · x[n, s·i + u − p, s·j + v − p, c]
 *   db[o] += Σ_{n,i,j} dy[n,i,j,o]
 *
 * Shapes: dy [n·P·Q][O], x [n][h][w][C], dw [O][k·k·C]. A block's rows are outputs, its columns
 * (u, v, c). Beside the ideas there:
 *  1. The product is small and its sums are long: there would be fewer blocks than the device has
 *     multiprocessors. So the pixels are cut into stretches, each with blocks of its own, whose
 *     sums go to the workspace; a second kernel adds them up, in order.
 *  2. Both operands lie by k: a pixel's outputs side by side, its channels too. Tiles are stored
 *     so.
 *  3. The blocks of the first columns have all of dy in shared memory at one time or other, so
 *     they add up the bias's gradient beside, a thread an output, and keep what rounding takes
 *     from their sums (columns.cuh).
 *
 * Reference twin: kernels/reference/conv2d.c. */
#include "kernels/cuda/columns.cuh"
#include "kernels/cuda/conv_implicit.cuh"
#include "kernels/cuda/each.cuh"

namespace {

/* dy as rows o, k = pixel. */
template <class Storage> struct GradientColumns : Stored<Storage> {
  static constexpr bool ALONG_K = false;

  int32_t outputs, pixel, pixels;

  __device__ int32_t place (int32_t row) const
  {
    return row < outputs ? row : -1;
  }
  __device__ int32_t step (int32_t k) const
  {
    return k < pixels ? k * pixel : -1;
  }
};

struct Output : Written<float> {
  int32_t outputs;

  __device__ int64_t row (int32_t row) const
  {
    return row < outputs ? (int64_t)row * columns : -1;
  }
};

/* Beside the product: Σ over k of a row of A, by the first Core::M threads. */
template <class Core> struct RowSums {
  using Number = typename Core::Number;
  bool wanted;
  LwSum sum;

  __device__ void operator() (const Number *a)
  {
    if (wanted)
      for (int k = 0; k < Core::A::K; k++)
        lw_sum_add<Number> (&sum, LwNumber<Number>::get (a[Core::A::at ((int)threadIdx.x, k)]));
  }
};

/* Where sums go: to the gradients, or those of split number blockIdx.y to its part of `partial`. */
struct Gradients {
  float *dw, *db;
  int64_t partial; /* numbers from one split's to the next one's; 0: added to the gradients */
};

template <class Core, bool VECTOR>
__global__ void
__launch_bounds__ (Core::THREADS, VECTOR ? Core::BLOCKS : 1)
    weights (GradientColumns<typename Core::Number> a, TapWindows<typename Core::Number> b,
             Output output, Gradients to, Quotient across)
{
  const int32_t down = across.of ((int32_t)blockIdx.x), row = down * Core::M;
  const int32_t column = across.rest ((int32_t)blockIdx.x, down) * Core::N;
  const LwRowSpan span = lw_column_span (b.pixels, (int32_t)blockIdx.y, (int32_t)gridDim.y);
  const int64_t part = to.partial * blockIdx.y;
  const int32_t own = row + (int32_t)threadIdx.x;
  Core core;
  RowSums<Core> bias = { to.db != nullptr && column == 0 && threadIdx.x < Core::M, { 0, 0 } };

  a.pixels = b.pixels = (int32_t)span.end;
  output.values = to.dw + part;
  core.clear ();
  multiply<Core, VECTOR> (&core, a, b, row, column, (int32_t)span.first, (int32_t)span.end, bias);
  write_sums (core, output, row, column);
  if (bias.wanted && own < output.outputs)
    lw_each_store (&to.db[part + own], bias.sum.value, output.accumulate);
}

/* One thread a number of dw, then of db: the splits in order. */
__global__ void
add_splits (const float *partial, int32_t splits, int64_t stride, float *dw, int64_t n_weights,
            float *db, int64_t n)
{
  for (int64_t i = lw_each_first (); i < n; i += lw_each_stride ()) {
    float *to = i < n_weights ? &dw[i] : &db[i - n_weights];
    float sum = 0;

    for (int32_t split = 0; split < splits; split++)
      sum += partial[split * stride + i];
    *to += sum;
  }
}

struct Launch {
  LwDevice *device;
  const LwCudaImplicit *job;
  GError **error;

  template <class Core, bool VECTOR> bool run () const
  {
    using Number = typename Core::Number;
    const TapWindows<Number> b = windows_of<Number, TapWindows> (job);
    const int32_t outputs = job->y_shape.c, splits = job->splits;
    const int32_t across = tiles_of (b.taps, Core::N), down = tiles_of (outputs, Core::M);
    const int64_t n_weights = (int64_t)outputs * b.taps, stride = n_weights + outputs;
    GradientColumns<Number> a = {};
    Output output = {};
    Gradients to = { job->dw, job->db, 0 };

    if (splits > 1)
      to = { job->partial, job->db != NULL ? job->partial + n_weights : NULL, stride };
    a.values = (const Number *)job->dy;
    a.outputs = output.outputs = outputs;
    a.pixel = job->y_pixel;
    output.columns = b.taps;
    output.packs = (n_weights | b.taps | stride) % Core::PACK == 0 && is_aligned (to.dw);
    output.accumulate = splits == 1;
    return lw_cuda_check (lw_launch ((weights<Core, VECTOR>),
                                     dim3 ((unsigned)across * (unsigned)down, (unsigned)splits),
                                     Core::THREADS, SHARED_BYTES<Core>, device->stream, a, b,
                                     output, to, quotient_by (across)),
                          "implicit GEMM gradient of weights", error) &&
           (splits == 1 || add (stride, n_weights));
  }

  bool add (int64_t stride, int64_t n_weights) const
  {
    const int64_t n = job->db != NULL ? stride : n_weights;

    return lw_cuda_check (lw_launch (add_splits, lw_each_blocks (n), LW_EACH_THREADS, 0,
                                     device->stream, job->partial, job->splits, stride, job->dw,
                                     n_weights, job->db, n),
                          "implicit GEMM gradient of weights", error);
  }
};

bool
is_vector (const LwCudaImplicit *job)
{
  const int32_t vector = vector_of (job);

  return job->x_shape.c % vector == 0 && job->y_shape.c % vector == 0 &&
         (job->x_pixel | job->y_pixel) % vector == 0 && is_aligned (job->x) && is_aligned (job->dy);
}

} // namespace

bool
lw_cuda_implicit_weights (LwDevice *device, const LwCudaImplicit *job, GError **error)
{
  return with_core<Cores<false, false>, FewRows> (job, is_vector (job),
                                                  Launch{ device, job, error });
}
