/* A convolution's gradient of its input as a product of matrices (conv_implicit.cuh, where its
 * ideas are): each cell gathers, over the window's places, the output that has it there.
 *
 *   dx[a,b,c] = Σ_{u,v,o} dy[(a + p − u) / s, (b + p − v) / s, o] · w[o,u,v,c]
 *
 * where both quotients are whole. That holds for u ≡ a + p and v ≡ b + p (mod s) only. Beside the
 * ideas there:
 *  1. The cells with the same rests of a + p and b + p are a product of their own, with the places
 *     u = rest, rest + s, … only: nothing is multiplied that a stride leaves out. With u = rest + s
 *     u' the cell number a' of its class reads line e + a' − u' of dy: a convolution with stride 1,
 *     upside down. At stride 1 there is one class. All classes are one launch.
 *  2. Weights are read as they are stored, C numbers side by side, into tiles that lie by k: nobody
 *     transposes them.
 *  3. dx is gathered, so that no atomics are needed; each cell is written once, also where no
 *     window comes by.
 *
 * Shapes: dy [n·P·Q][O], w [O][k·k][C], dx [n][h][w][C]. A block's rows are cells of one class, its
 * columns channels. Reference twin: kernels/reference/conv2d.c. */
#include "kernels/cuda/conv_implicit.cuh"

namespace {

/* Lines of x, or columns, with the same rest of line + padding. */
struct Class {
  int32_t first; /* line; then every stride-th */
  int32_t start; /* its line of dy under the class's first place */
  int32_t places;
  Quotient lines; /* how many */
};

/* w as rows c, k = (place of the class, o). */
template <class Storage> struct WeightColumns : Stored<Storage> {
  static constexpr bool ALONG_K = false;

  Quotient outputs, across; /* across: places of the class side by side */
  int32_t channels, kernel, stride, rest_a, rest_b, taps;

  __device__ int32_t place (int32_t row) const
  {
    return row < channels ? row : -1;
  }
  __device__ int32_t step (int32_t k) const
  {
    const int32_t place = outputs.of (k), u = across.of (place), v = across.rest (place, u);
    const int32_t o = outputs.rest (k, place);

    if (k >= taps)
      return -1;
    return ((o * kernel + rest_a + stride * u) * kernel + rest_b + stride * v) * channels;
  }
};

template <class Number> struct Output : Written<Number> {
  Quotient columns_of_class, rows_of_class;
  int32_t cells, stride, first_a, first_b, height, width, pixel;

  __device__ int64_t row (int32_t row) const
  {
    const int32_t line = columns_of_class.of (row), example = rows_of_class.of (line);
    const int32_t a = rows_of_class.rest (line, example) * stride + first_a;
    const int32_t b = columns_of_class.rest (row, line) * stride + first_b;

    return row < cells ? (((int64_t)example * height + a) * width + b) * pixel : -1;
  }
};

/* What of a job the kernel needs. */
template <class Number> struct Job {
  PixelWindows<Number> a; /* but for the class's part */
  WeightColumns<Number> b;
  Output<Number> output;
  Quotient across, strides; /* tiles of columns; classes side by side */
  int32_t n;
  Quotient places[LW_CUDA_MAX_STRIDE]; /* as divisors, by rest */
  Class down[LW_CUDA_MAX_STRIDE], right[LW_CUDA_MAX_STRIDE];
};

template <class Core, bool VECTOR>
__global__ void
__launch_bounds__ (Core::THREADS, VECTOR ? Core::BLOCKS : 1)
    data (const Job<typename Core::Number> job)
{
  const int32_t number = (int32_t)blockIdx.y, rest_a = job.strides.of (number);
  const int32_t rest_b = job.strides.rest (number, rest_a);
  const Class down = job.down[rest_a], right = job.right[rest_b];
  const int32_t tile = job.across.of ((int32_t)blockIdx.x), row = tile * Core::M;
  const int32_t column = job.across.rest ((int32_t)blockIdx.x, tile) * Core::N;
  PixelWindows<typename Core::Number> a = job.a;
  WeightColumns<typename Core::Number> b = job.b;
  Output<typename Core::Number> output = job.output;
  Core core;
  Nothing nothing;

  a.columns = output.columns_of_class = right.lines;
  a.rows = output.rows_of_class = down.lines;
  a.first_a = down.start;
  a.first_b = right.start;
  a.across = b.across = job.places[rest_b];
  a.pixels = output.cells = job.n * (int32_t)(down.lines.divisor * right.lines.divisor);
  a.taps = b.taps = down.places * right.places * (int32_t)b.outputs.divisor;
  b.rest_a = rest_a;
  b.rest_b = rest_b;
  output.first_a = down.first;
  output.first_b = right.first;
  if (row >= output.cells) /* a class with fewer cells than others */
    return;
  core.clear ();
  multiply<Core, VECTOR> (&core, a, b, row, column, 0, b.taps, nothing);
  write_sums (core, output, row, column);
}

Class
class_of (int32_t rest, LwWindow window, int32_t side)
{
  const int32_t s = window.stride, first = ((rest - window.padding) % s + s) % s;
  const int32_t lines = first < side ? (side - first + s - 1) / s : 0;

  return { first,
           (first + window.padding - rest) / s,
           rest < window.kernel ? (window.kernel - rest + s - 1) / s : 0,
           { (uint32_t)lines, quotient_by (lines > 0 ? lines : 1).multiplier,
             quotient_by (lines > 0 ? lines : 1).shift } };
}

struct Launch {
  LwDevice *device;
  const LwCudaImplicit *job;
  GError **error;

  template <class Core, bool VECTOR> bool run () const
  {
    using Number = typename Core::Number;
    const LwShape x = job->x_shape, y = job->y_shape;
    const LwWindow window = job->window;
    const int32_t across = tiles_of (x.c, Core::N), s = window.stride;
    Job<Number> with = {};
    int32_t most = 0;

    with.n = job->n;
    with.across = quotient_by (across);
    with.strides = quotient_by (s);
    for (int32_t rest = 0; rest < s; rest++) {
      with.down[rest] = class_of (rest, window, x.h);
      with.right[rest] = class_of (rest, window, x.w);
      with.places[rest] = quotient_by (with.right[rest].places > 0 ? with.right[rest].places : 1);
    }
    for (int32_t i = 0; i < s * s; i++) {
      const int32_t cells =
          (int32_t)(with.down[i / s].lines.divisor * with.right[i % s].lines.divisor);

      most = cells > most ? cells : most;
    }
    with.a.map = (const Number *)job->dy;
    with.a.height = y.h;
    with.a.width = y.w;
    with.a.pixel = job->y_pixel;
    with.a.stride = 1;
    with.a.channels = quotient_by (y.c);
    with.a.sign = -1;
    with.b.values = (const Number *)job->w;
    with.b.outputs = quotient_by (y.c);
    with.b.channels = x.c;
    with.b.kernel = window.kernel;
    with.b.stride = s;
    with.output.values = (Number *)job->dx;
    with.output.columns = x.c;
    with.output.packs = job->x_pixel % Core::PACK == 0 && is_aligned (job->dx);
    with.output.accumulate = job->accumulate;
    with.output.stride = s;
    with.output.height = x.h;
    with.output.width = x.w;
    with.output.pixel = job->x_pixel;

    const unsigned tiles = (unsigned)tiles_of ((int64_t)job->n * most, Core::M);

    return lw_cuda_check (lw_launch ((data<Core, VECTOR>),
                                     dim3 (tiles * (unsigned)across, (unsigned)(s * s)),
                                     Core::THREADS, SHARED_BYTES<Core>, device->stream, with),
                          "implicit GEMM gradient of data", error);
  }
};

bool
is_vector (const LwCudaImplicit *job)
{
  const int32_t vector = vector_of (job);

  return job->x_shape.c % vector == 0 && job->y_shape.c % vector == 0 &&
         job->y_pixel % vector == 0 && is_aligned (job->dy) && is_aligned (job->w);
}

} // namespace

bool
lw_cuda_implicit_data (LwDevice *device, const LwCudaImplicit *job, GError **error)
{
  return with_core<Cores<true, false>, ManyRows> (job, is_vector (job),
                                                  Launch{ device, job, error });
}
