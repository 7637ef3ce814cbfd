/* Convolution as a product of matrices whose larger operand, all windows as rows, is never stored:
 *
 *   C [m][n] = Σ_k A [m][k] · B [n][k]
 *
 *   forward            m a pixel of y            n an output   k = (u, v, c)
 *   gradient of data   m a cell of x             n a channel   k = (u, v, o)
 *   gradient of w      m an output               n = (u, v, c)     k a pixel of y
 *
 * where A or B is computed as an address in the map at the moment when it is read, or is zero
 * because the window reaches over the border. Ideas, in the order of what they bring:
 *  1. Nothing is stored between: of a map 4 (bf16: 2) bytes a number are read where columns write
 *     and read k² times as many (conv_columns.cu). Neighbouring windows overlap, so most of what is
 *     read again comes from the caches.
 *  2. A block computes a tile of C, e.g. 128 × 128, from tiles of A and B in shared memory that go
 *     along K in steps of 64 bytes: a number that came from global memory is used 128 times. Of
 *     these a thread keeps up to 64 sums in registers, so a number from shared memory is used 8
 *     times; or a warp gives them to its tensor core (conv_cores.cuh).
 *  3. Three stages: while a step is multiplied, the next two are on their way from global to shared
 *     memory, past the registers and without anybody waiting (cp.async). One barrier a step: when
 *     all have passed it, the stage that was multiplied before it is free for the step after next.
 *  4. 16 bytes at a time where numbers lie together: along channels, if their number is a multiple
 *     of 4 (bf16: 8). Otherwise one by one, which awkward first layers need.
 *  5. What a row of A or B has in common for all k (example, corner of the window) is computed once
 *     for all steps; divisions are by numbers that the host knows, so they are multiplications.
 *  6. What happens to the sums before they are written is a functor: bias, ReLU, adding. They are
 *     in registers at that moment, and a pass over memory of its own each otherwise.
 *
 * On sm_90 (tests/device/resources.txt): a tile of 128 × 128 takes 256 threads, 48 KiB and, in
 * exact float32, up to 168 registers, so that a multiprocessor holds one such block, 12 % of its
 * warps: that must do, as each thread has 64 sums that do not wait for each other. On tensor cores
 * it takes up to 128 registers, but for the weights' gradient in TF32, and two blocks fit. Smaller
 * tiles take 128 threads, of which three blocks or more fit; two where bfloat16 comes one by one,
 * but for the weights' gradient. What emulation cannot show: that copies and products overlap, that
 * shared memory is read without conflicts of banks, and any time.
 *
 * (Implicit products of matrices: Chetlur et al., "cuDNN: efficient primitives for deep learning",
 * 2014, section 3.) Order of sums: k upwards. Reference twin: kernels/reference/conv2d.c. */
#pragma once

#include "kernels/cuda/conv_cores.cuh"
#include "kernels/cuda/conv_implicit.h"

namespace {

/* --- division --------------------------------------------------------------------------------- */

/* n / divisor = n · multiplier / 2^shift for 0 ≤ n < 2³¹ (Granlund and Montgomery, "Division by
 * invariant integers using multiplication", PLDI 1994, theorem 4.2 with N = 31). */
struct Quotient {
  uint32_t divisor, multiplier, shift;

  __device__ int32_t of (int32_t n) const
  {
    return (int32_t)((uint64_t)(uint32_t)n * multiplier >> shift);
  }
  __device__ int32_t rest (int32_t n, int32_t quotient) const
  {
    return n - quotient * (int32_t)divisor;
  }
};

inline Quotient
quotient_by (int32_t divisor)
{
  uint32_t bits = 0;

  while ((int64_t)1 << bits < divisor)
    bits++;

  const uint64_t d = (uint64_t)divisor, power = (uint64_t)1 << (31 + bits);

  return { (uint32_t)divisor, (uint32_t)((power + d - 1) / d), 31 + bits };
}

/* --- operands --------------------------------------------------------------------------------- */

/* An operand says where its number of a row and a k is: at (place (row), step (k)), or nullptr for
 * zero. Of both, what the one direction costs is computed once. */

/* Windows over a map: which cells of the map a pixel of the grid sees. */
template <class Storage> struct Windows {
  using Number = Storage;
  struct Part {
    int32_t offset, a, b; /* the two parts' sums are the number's */
  };
  /* Far outside of any map, whatever is added to it. */
  static constexpr int32_t OUTSIDE = -2 * LW_CUDA_MAX_SIDE;

  const Number *map;
  int32_t height, width, pixel; /* of the map; from a pixel to the next one */
  Quotient columns, rows;       /* of the grid */
  int32_t stride, first_a, first_b;
  Quotient channels, across; /* of a window: in the map, and places side by side */
  int32_t sign;              /* +1, or −1 where windows are upside down */
  int32_t pixels, taps;      /* of the grid; of a window, channels included */

  __device__ const Number *start () const
  {
    return map;
  }
  __device__ Part part (int32_t example_offset, int32_t a, int32_t b) const
  {
    return { example_offset + (a * width + b) * pixel, a, b };
  }
  /* The cell under the window's first place. */
  __device__ Part corner (int32_t number) const
  {
    const int32_t line = columns.of (number), example = rows.of (line);

    if (number >= pixels)
      return { 0, OUTSIDE, OUTSIDE };
    return part (example * height * width * pixel, rows.rest (line, example) * stride + first_a,
                 columns.rest (number, line) * stride + first_b);
  }
  /* From there to a place and channel. */
  __device__ Part tap (int32_t k) const
  {
    const int32_t place = channels.of (k), u = across.of (place);

    if (k >= taps)
      return { 0, OUTSIDE, OUTSIDE };
    return part (channels.rest (k, place), sign * u, sign * across.rest (place, u));
  }
  __device__ const Number *at (Part x, Part y) const
  {
    const int32_t a = x.a + y.a, b = x.b + y.b;
    const bool inside = a >= 0 && a < height && b >= 0 && b < width;

    return inside ? map + (x.offset + y.offset) : nullptr;
  }
};

/* Rows are the grid's pixels. */
template <class Storage> struct PixelWindows : Windows<Storage> {
  using typename Windows<Storage>::Part;
  static constexpr bool ALONG_K = true;

  __device__ Part place (int32_t row) const
  {
    return this->corner (row);
  }
  __device__ Part step (int32_t k) const
  {
    return this->tap (k);
  }
};

/* The same transposed: rows are the window's numbers, and k the grid's pixels. */
template <class Storage> struct TapWindows : Windows<Storage> {
  using typename Windows<Storage>::Part;
  static constexpr bool ALONG_K = false;

  __device__ Part place (int32_t row) const
  {
    return this->tap (row);
  }
  __device__ Part step (int32_t k) const
  {
    return this->corner (k);
  }
};

/* A matrix as it is stored; parts are offsets, negative outside. */
template <class Storage> struct Stored {
  using Number = Storage;
  using Part = int32_t;

  const Number *values;

  __device__ const Number *start () const
  {
    return values;
  }
  __device__ const Number *at (Part x, Part y) const
  {
    return x >= 0 && y >= 0 ? values + (x + y) : nullptr;
  }
};

/* --- loading ---------------------------------------------------------------------------------- */

/* The block's part of an operand: which of a tile's numbers this thread brings. Neighbouring
 * threads bring numbers that lie together. */
template <class Operand, class Tile, int LENGTH, int THREADS, bool VECTOR> struct Loader {
  using Number = typename Operand::Number;
  using Part = typename Operand::Part;
  static constexpr bool ALONG_K = Operand::ALONG_K;
  static constexpr int PIECE = VECTOR ? Tile::VECTOR : 1;
  /* Pieces side by side, and how many lines of them a thread has part in. */
  static constexpr int ACROSS = (ALONG_K ? Tile::K : LENGTH) / PIECE;
  static constexpr int APART = THREADS / ACROSS;
  static constexpr int LINES = (ALONG_K ? LENGTH : Tile::K) / APART;
  static_assert (THREADS % ACROSS == 0 && LINES * APART == (ALONG_K ? LENGTH : Tile::K),
                 "the same number of pieces for all threads");

  Operand operand;
  Part places[ALONG_K ? LINES : 1];

  __device__ static int piece ()
  {
    return (int)threadIdx.x % ACROSS * PIECE;
  }
  __device__ static int line (int i)
  {
    return (int)threadIdx.x / ACROSS + i * APART;
  }
  __device__ Loader (const Operand &from, int32_t first_row) : operand (from)
  {
    LW_UNROLL
    for (int i = 0; i < (ALONG_K ? LINES : 1); i++)
      places[i] = operand.place (first_row + (ALONG_K ? line (i) : piece ()));
  }
  __device__ static void copy (Number *to, const Number *from, const Number *somewhere)
  {
    constexpr int BYTES = PIECE * (int)sizeof (Number);

    if constexpr (BYTES >= 4)
      lw_copy_async<BYTES> (to, from != nullptr ? from : somewhere, from != nullptr ? BYTES : 0);
    else
      *to = from != nullptr ? *from : LwNumber<Number>::of (0);
  }
  /* Numbers k … k + Tile::K − 1 of each row. */
  __device__ void load (Number *tile, int32_t k, const Number *somewhere) const
  {
    if constexpr (ALONG_K) {
      const Part step = operand.step (k + piece ());

      LW_UNROLL
      for (int i = 0; i < LINES; i++)
        copy (tile + Tile::at (line (i), piece ()), operand.at (places[i], step), somewhere);
    } else {
      LW_UNROLL
      for (int i = 0; i < LINES; i++)
        copy (tile + Tile::at (piece (), line (i)),
              operand.at (places[0], operand.step (k + line (i))), somewhere);
    }
  }
};

/* --- the loop --------------------------------------------------------------------------------- */

enum { STAGES = 3 };

template <class Core> constexpr size_t SHARED_BYTES = (size_t)STAGES *(Core::M + Core::N) * 64;

/* Nothing is done with a tile of A beside. */
struct Nothing {
  template <class Number> __device__ void operator() (const Number *) const
  {
  }
};

/* core's sums += A · Bᵀ over k from `first` to `end`, for the rows of A from `row` and those of B
 * from `row_b`. `beside` sees each tile of A. All threads of the block come here. */
template <class Core, bool VECTOR, class A, class B, class Beside>
__device__ void
multiply (Core *core, const A &a, const B &b, int32_t row, int32_t row_b, int32_t first,
          int32_t end, Beside &beside)
{
  using Number = typename Core::Number;
  using Stage = Number[(Core::M + Core::N) * Core::A::K];
  LW_DYNAMIC_SHARED (Stage, stages);
  const Loader<A, typename Core::A, Core::M, Core::THREADS, VECTOR> load_a (a, row);
  const Loader<B, typename Core::B, Core::N, Core::THREADS, VECTOR> load_b (b, row_b);
  const int32_t steps = (end - first + Core::A::K - 1) / Core::A::K;
  const auto load = [&] (int32_t step) {
    Number *stage = stages[step % STAGES];

    if (step < steps) {
      load_a.load (stage, first + step * Core::A::K, a.start ());
      load_b.load (stage + Core::A::NUMBERS, first + step * Core::A::K, b.start ());
    }
    lw_copy_commit ();
  };

  for (int32_t step = 0; step < STAGES - 1; step++)
    load (step);
  for (int32_t step = 0; step < steps; step++) {
    const Number *stage = stages[step % STAGES];

    lw_copy_wait<STAGES - 2> ();
    __syncthreads ();
    load (step + STAGES - 1);
    core->multiply (stage, stage + Core::A::NUMBERS);
    beside (stage);
  }
}

/* --- writing ---------------------------------------------------------------------------------- */

template <class Number>
__device__ inline void
write (Number *to, const float (&values)[1])
{
  *to = LwNumber<Number>::of (values[0]);
}

__device__ inline void
write (float *to, const float (&values)[2])
{
  *reinterpret_cast<float2 *> (to) = make_float2 (values[0], values[1]);
}

__device__ inline void
write (float *to, const float (&values)[4])
{
  *reinterpret_cast<float4 *> (to) = make_float4 (values[0], values[1], values[2], values[3]);
}

__device__ inline void
write (LwBf16 *to, const float (&values)[2])
{
  *reinterpret_cast<__nv_bfloat162 *> (to) = __floats2bfloat162_rn (values[0], values[1]);
}

/* A matrix that sums are written to, each row at an offset of its own. */
template <class Number> struct Written {
  Number *values;
  int32_t columns;
  bool packs; /* every row's offset and the pointer allow PACK numbers at once */
  bool accumulate;

  template <int PACK> __device__ void put (int64_t at, int32_t column, float (&sums)[PACK]) const
  {
    Number *to = values + at + column;

    if (accumulate)
      LW_UNROLL
    for (int i = 0; i < PACK; i++)
      if (column + i < columns)
        sums[i] += LwNumber<Number>::get (to[i]);
    if (PACK > 1 && packs && column + PACK <= columns) {
      write (to, sums);
      return;
    }
    LW_UNROLL
    for (int i = 0; i < PACK; i++)
      if (column + i < columns) {
        const float one[1] = { sums[i] };

        write (to + i, one);
      }
  }
};

/* Hands the core's sums to `output`: output.row (row) says where a row is, negative: nowhere;
 * output.put<PACK> (there, column, sums) takes PACK of them. */
template <class Core, class Output>
__device__ void
write_sums (Core &core, const Output &output, int32_t row, int32_t column)
{
  LW_UNROLL
  for (int i = 0; i < Core::ROWS; i++) {
    const int64_t at = output.row (row + Core::row (i));

    if (at >= 0)
      LW_UNROLL
    for (int j = 0; j < Core::COLUMNS; j += Core::PACK) {
      float sums[Core::PACK];

      LW_UNROLL
      for (int l = 0; l < Core::PACK; l++)
        sums[l] = core.value (i, j + l);
      output.template put<Core::PACK> (at, column + Core::column (j), sums);
    }
  }
}

/* --- the host's side -------------------------------------------------------------------------- */

/* The operands' maps and the output, if 16 bytes at once are where 16 bytes should be. */
inline bool
is_aligned (const void *pointer)
{
  return (uintptr_t)pointer % 16 == 0;
}

inline int32_t
tiles_of (int64_t n, int32_t tile)
{
  return (int32_t)((n + tile - 1) / tile);
}

template <bool A_ALONG_K, bool B_ALONG_K> struct Cores {
  template <class Shape> using Exact = Fma<Shape, A_ALONG_K, B_ALONG_K>;
  template <class Shape> using Tf32 = TensorCore<float, Shape, A_ALONG_K, B_ALONG_K>;
  template <class Shape> using Bf16 = TensorCore<LwBf16, Shape, A_ALONG_K, B_ALONG_K>;
};

/* Numbers one by one are for small layers: only small tiles are there. */
static inline LwCudaTile
tile_for (const LwCudaImplicit *job, bool vector)
{
  const bool narrow = job->tile == LW_CUDA_TILE_128_32 && job->numbers == LW_CUDA_EXACT;

  return vector || narrow ? job->tile : LW_CUDA_TILE_64_64;
}

/* For products of many rows, which are pixels or cells; and for few, which are outputs. */
struct ManyRows {
  using Narrow = Shape128x32;
  using Middle = Shape128x64;
};
struct FewRows {
  using Narrow = Shape32x128;
  using Middle = Shape64x64;
};

template <template <class> class Core, class Shapes, class Launch>
bool
with_tile (const LwCudaImplicit *job, bool vector, const Launch &launch)
{
  switch (tile_for (job, vector)) {
  case LW_CUDA_TILE_128_128:
    return launch.template run<Core<Shape128x128>, true> ();
  case LW_CUDA_TILE_128_64:
    return launch.template run<Core<typename Shapes::Middle>, true> ();
  case LW_CUDA_TILE_128_32:
    if constexpr (Core<Shape64x64>::EXACT)
      if (!vector)
        return launch.template run<Core<typename Shapes::Narrow>, false> ();
    return launch.template run<Core<typename Shapes::Narrow>, true> ();
  default:
    return vector ? launch.template run<Core<Shape64x64>, true> ()
                  : launch.template run<Core<Shape64x64>, false> ();
  }
}

/* launch.run<Core, VECTOR> () for the numbers and the tile that the job names. */
template <class Cores, class Shapes, class Launch>
bool
with_core (const LwCudaImplicit *job, bool vector, const Launch &launch)
{
  switch (job->numbers) {
  case LW_CUDA_EXACT:
    return with_tile<Cores::template Exact, Shapes> (job, vector, launch);
  case LW_CUDA_TF32:
    return with_tile<Cores::template Tf32, Shapes> (job, vector, launch);
  default:
    return with_tile<Cores::template Bf16, Shapes> (job, vector, launch);
  }
}

/* How many numbers 16 bytes are. */
static inline int32_t
vector_of (const LwCudaImplicit *job)
{
  return job->numbers == LW_CUDA_BF16 ? 8 : 4;
}

/* The windows of a convolution over x. */
template <class Number, template <class> class Kind>
Kind<Number>
windows_of (const LwCudaImplicit *job)
{
  const LwShape x = job->x_shape, y = job->y_shape;
  const LwWindow window = job->window;
  Kind<Number> windows = {};

  windows.map = (const Number *)job->x;
  windows.height = x.h;
  windows.width = x.w;
  windows.pixel = job->x_pixel;
  windows.columns = quotient_by (y.w);
  windows.rows = quotient_by (y.h);
  windows.stride = window.stride;
  windows.first_a = windows.first_b = -window.padding;
  windows.channels = quotient_by (x.c);
  windows.across = quotient_by (window.kernel);
  windows.sign = 1;
  windows.pixels = job->n * y.h * y.w;
  windows.taps = window.kernel * window.kernel * x.c;
  return windows;
}

} // namespace
