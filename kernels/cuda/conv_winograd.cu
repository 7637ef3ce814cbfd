/* 3 × 3 convolution of stride 1 by Winograd's F(4×4, 3×3), in float32:
 *
 *   forward          Y  = Aᵀ [Σ_c (G g Gᵀ) ⊙ (Bᵀ d B)] A + b
 *   data gradient    the same of dy with padding 2 − p, g turned by 180° and its channels exchanged
 *   weight gradient  dg += Gᵀ [Σ_tiles (A dY Aᵀ) ⊙ (Bᵀ d B)] G, the adjoint in g
 *
 * d: 6 × 6 pixels of x, for each 4 × 4 tile of Y; the matrices are in winograd.cuh. Shapes: x
 * [n][h][w][C], y [n][P][Q][O], W [O][3][3][C]. The workspace holds, at the 36 points,
 *
 *   U [36][O][C]   the weights, or the sums of their gradient
 *   V [36][T][C]   x's tiles          M [36][T][O]   y's
 *
 * and so many examples at a time (T tiles) as 64 MiB hold, or one; a stretch of the second level
 * cache's size is also what the product reads again soonest.
 *
 * Ideas, in the order of what they bring:
 *  1. A quarter of the multiplications: 36 in place of 144 for each tile, input and output
 *     channel. All tiles together they are a product of matrices at each point: 36 of one shape,
 *     which cuBLAS does in one call.
 *  2. V and M are 2.25 times as large as x and y, written and read once; it pays where the channels
 *     are many. What is faster is measured, not guessed (conv2d.h).
 *  3. A thread transforms one channel of one tile in registers. Channels lie together in x, V, M
 *     and y, so neighbouring threads read and write whole lines, at all 36 places.
 *  4. Tiles over the border read zeros and write only what exists: maps of any size.
 *  5. What becomes of y is the functor's matter that the last transform takes: the bias, and
 *     max (0, ·) where that follows (link.h).
 *
 * Rounding: the points' powers cost precision. ‖y − y*‖₂ / ‖y*‖₂ against double precision, products
 * added up as the emulated cuBLAS does, the largest of the layers that test-cuda-rounding has:
 *
 *   forward 1.1e-6, data gradient 1.5e-6, weight gradient 1.1e-6 (columns: 2.8e-7, 1.7e-7, 4.9e-7)
 *
 * On sm_90 the transforms take 32 to 80 registers for their 36 numbers, 37 to 100 % of the warps;
 * the one that clears dx takes 120, and 25 %.
 *
 * An infinite or NaN pixel makes its whole tile NaN. Reference twin: kernels/reference/conv2d.c. */
#include "kernels/cuda/conv2d.h"
#include "kernels/cuda/each.cuh"
#include "kernels/cuda/link.h"
#include "kernels/cuda/winograd.cuh"

namespace {

enum { POINTS = LW_POINTS * LW_POINTS };

/* Small in tests, so that a few examples are several stretches. */
#ifndef LW_WINOGRAD_BYTES
#define LW_WINOGRAD_BYTES (64 << 20)
#endif
const int64_t STRETCH_BYTES = LW_WINOGRAD_BYTES;

/* A map and its tiles: of outputs, or of the inputs that they read. */
struct Map {
  int32_t c, h, w;
  int64_t pixel;        /* numbers from pixel to pixel */
  int32_t before;       /* rows and columns of a tile that are before the pixels of its number */
  int32_t down, across; /* tiles of an example */

  __host__ __device__ int32_t tiles () const
  {
    return down * across;
  }
};

/* Channel t % c of tile t / c of a stretch. */
struct Place {
  int64_t example;
  int32_t row, column, c; /* of the tile's first pixel */
};

__device__ Place
place_of (const Map &map, int32_t t)
{
  const int32_t tile = t / map.c, inside = tile % map.tiles ();

  return { tile / map.tiles (), inside / map.across * LW_TILE - map.before,
           inside % map.across * LW_TILE - map.before, t % map.c };
}

/* A square of pixels, zeros outside of the map. */
template <int SIDE>
__device__ void
load (const Map &map, const float *from, Place at, float (&to)[SIDE][SIDE])
{
  const float *channel = from + at.example * map.h * map.w * map.pixel + at.c;

  LW_UNROLL
  for (int row = 0; row < SIDE; row++)
    LW_UNROLL
  for (int column = 0; column < SIDE; column++) {
    const int32_t a = at.row + row, b = at.column + column;
    const bool inside = a >= 0 && a < map.h && b >= 0 && b < map.w;

    to[row][column] = inside ? channel[((int64_t)a * map.w + b) * map.pixel] : 0;
  }
}

/* `n` numbers at each point: number t. */
__device__ void
store_points (const float (&values)[LW_POINTS][LW_POINTS], float *to, int64_t t, int64_t n)
{
  LW_UNROLL
  for (int row = 0; row < LW_POINTS; row++)
    LW_UNROLL
  for (int column = 0; column < LW_POINTS; column++)
    to[(row * LW_POINTS + column) * n + t] = values[row][column];
}

__device__ void
load_points (const float *from, int64_t t, int64_t n, float (&values)[LW_POINTS][LW_POINTS])
{
  LW_UNROLL
  for (int row = 0; row < LW_POINTS; row++)
    LW_UNROLL
  for (int column = 0; column < LW_POINTS; column++)
    values[row][column] = from[(row * LW_POINTS + column) * n + t];
}

/* Tiles of SIDE × SIDE pixels, to the points: Bᵀ d B of 6 × 6, A dY Aᵀ of 4 × 4. */
template <int SIDE, class Transform>
__global__ void
transform_map (Map map, const float *from, float *to, int32_t n)
{
  for (int32_t t = (int32_t)lw_each_first (); t < n; t += (int32_t)lw_each_stride ()) {
    float pixels[SIDE][SIDE], values[LW_POINTS][LW_POINTS];

    load (map, from, place_of (map, t), pixels);
    lw_winograd_square (pixels, values, Transform ());
    store_points (values, to, t, n);
  }
}

/* U ← G g Gᵀ, of each input and output channel; turned by 180° for the data gradient. */
__global__ void
transform_weights (const float *w, float *u, int32_t channels, int32_t n, bool turned)
{
  for (int32_t t = (int32_t)lw_each_first (); t < n; t += (int32_t)lw_each_stride ()) {
    const float *window = w + (int64_t)(t / channels) * LW_TAPS * LW_TAPS * channels + t % channels;
    float taps[LW_TAPS][LW_TAPS], values[LW_POINTS][LW_POINTS];

    LW_UNROLL
    for (int row = 0; row < LW_TAPS; row++)
      LW_UNROLL
    for (int column = 0; column < LW_TAPS; column++) {
      const int32_t tap = row * LW_TAPS + column;

      taps[row][column] = window[(turned ? LW_TAPS * LW_TAPS - 1 - tap : tap) * channels];
    }
    lw_winograd_square (taps, values, LwWinogradWeights ());
    store_points (values, u, t, n);
  }
}

/* What becomes of a number of y. */
struct WithBias {
  const float *bias; /* or NULL */
  bool relu;

  __device__ float operator() (float value, int64_t at, int32_t c) const
  {
    const float sum = bias != nullptr ? value + bias[c] : value;

    (void)at;
    return relu && sum < 0 ? 0 : sum;
  }
};

/* y (+)= epilogue (Aᵀ M A), what of the tiles is in the map; 0 where the mask is not positive. */
template <bool CLEARS, class Epilogue>
__global__ void
transform_back (Map map, const float *m, float *y, int32_t n, bool accumulate,
                LwMap<const float> mask, Epilogue epilogue)
{
  for (int32_t t = (int32_t)lw_each_first (); t < n; t += (int32_t)lw_each_stride ()) {
    const Place at = place_of (map, t);
    float values[LW_POINTS][LW_POINTS], pixels[LW_TILE][LW_TILE];

    load_points (m, t, n, values);
    lw_winograd_square (values, pixels, LwWinogradOutput ());
    LW_UNROLL
    for (int row = 0; row < LW_TILE; row++)
      LW_UNROLL
    for (int column = 0; column < LW_TILE; column++)
      if (at.row + row < map.h && at.column + column < map.w) {
        const int64_t pixel = (at.example * map.h + at.row + row) * map.w + at.column + column;
        const int64_t to = pixel * map.pixel + at.c;
        const float value[1] = { epilogue (pixels[row][column], to, at.c) };

        lw_store_cleared<1> (&y[to], 1, value, accumulate, CLEARS ? mask (pixel, at.c) : nullptr);
      }
  }
}

/* dW += Gᵀ P G */
__global__ void
add_weight_gradient (const float *sums, float *dw, int32_t channels, int32_t n)
{
  for (int32_t t = (int32_t)lw_each_first (); t < n; t += (int32_t)lw_each_stride ()) {
    float *window = dw + (int64_t)(t / channels) * LW_TAPS * LW_TAPS * channels + t % channels;
    float values[LW_POINTS][LW_POINTS], taps[LW_TAPS][LW_TAPS];

    load_points (sums, t, n, values);
    lw_winograd_square (values, taps, LwWinogradWeightGradient ());
    LW_UNROLL
    for (int row = 0; row < LW_TAPS; row++)
      LW_UNROLL
    for (int column = 0; column < LW_TAPS; column++)
      window[(row * LW_TAPS + column) * channels] += taps[row][column];
  }
}

/* --- the host's side -------------------------------------------------------------------------- */

/* The maps of a step: in its tiles of inputs, out those of outputs; of the data gradient `in` is
 * dy's. */
struct Maps {
  Map in, out;
};

Map
map_of (LwShape shape, int64_t pixel, int32_t before, LwShape outputs)
{
  return { shape.c,
           shape.h,
           shape.w,
           pixel != 0 ? pixel : shape.c,
           before,
           (outputs.h + LW_TILE - 1) / LW_TILE,
           (outputs.w + LW_TILE - 1) / LW_TILE };
}

Maps
maps_of (const LwStep *step, LwDirection direction)
{
  const LwShape x = step->x_shape[0], y = step->y_shape;
  const int32_t padding = step->node->window.padding;

  if (direction == LW_BACKWARD_DATA)
    return { map_of (y, step->dy_pixel, LW_TAPS - 1 - padding, x),
             map_of (x, step->dx_pixel[0], 0, x) };
  return { map_of (x, step->x_pixel[0], padding, y),
           map_of (y, direction == LW_FORWARD ? step->y_pixel : step->dy_pixel, 0, y) };
}

/* Numbers at all points: of the weights; of an example's tiles, V and M together. */
int64_t
weight_numbers (const LwStep *step)
{
  return (int64_t)POINTS * step->x_shape[0].c * step->y_shape.c;
}

int64_t
example_numbers (const LwStep *step, LwDirection direction)
{
  const Map out = maps_of (step, direction).out;

  return (int64_t)POINTS * out.down * out.across * (step->x_shape[0].c + step->y_shape.c);
}

/* Examples of a stretch, at least one. */
int32_t
examples_at_once (const LwStep *step, LwDirection direction)
{
  const int64_t n = STRETCH_BYTES / 4 / example_numbers (step, direction);

  return n < 1 ? 1 : n > step->batch ? step->batch : (int32_t)n;
}

/* Where the factors are rounded to fewer bits, the powers of the points would make too much of
 * that. Kernels count in int32, with room for a grid's stride. */
bool
fits (const LwDevice *device, const LwStep *step, LwDirection direction)
{
  const LwWindow window = step->node->window;

  return device->precision == LW_PRECISION_FP32 && window.kernel == LW_TAPS && window.stride == 1 &&
         weight_numbers (step) < INT32_MAX / 2 && example_numbers (step, direction) < INT32_MAX / 2;
}

/* The multiplications that are saved must outweigh writing and reading V and M, 4.5 times the maps:
 * 108·C·O of 2 operations a tile against 352·(C + O) bytes. At 20 operations a byte, what cards
 * have of float32, that is C·O / (C + O) = 33 and, as nothing reaches its peak, about twice that.
 * Tiles that are mostly outside of small maps save nothing. */
bool
preferred (const LwDevice *device, const LwStep *step, LwDirection direction)
{
  const int64_t c = step->x_shape[0].c, o = step->y_shape.c;
  const Map out = maps_of (step, direction).out;

  (void)device;
  return c * o >= 64 * (c + o) && 2 * out.h * out.w >= out.tiles () * LW_TILE * LW_TILE;
}

size_t
workspace_bytes (const LwDevice *device, const LwStep *step, LwDirection direction)
{
  const int64_t numbers = weight_numbers (step) +
                          examples_at_once (step, direction) * example_numbers (step, direction);
  const int64_t rows = (int64_t)step->batch * step->y_shape.h * step->y_shape.w;
  const size_t sums =
      direction == LW_BACKWARD_WEIGHTS ? lw_cuda_column_bytes (rows, step->y_shape.c) : 0;
  const size_t bytes = sizeof (float) * (size_t)numbers;

  (void)device;
  return bytes > sums ? bytes : sums;
}

/* C [m][n] ← op (A) [m][k] · op (B) [k][n] + keep · C at each of the points, stored one point
 * behind the other and by rows; cuBLAS reads them by columns (matmul.c). */
bool
multiply (LwDevice *device, const LwCudaProduct &p, GError **error)
{
  const float one = 1, *a = (const float *)p.a, *b = (const float *)p.b;

  return lw_cuda_check_blas (
      cublasSgemmStridedBatched (device->blas, p.transpose_b ? CUBLAS_OP_T : CUBLAS_OP_N,
                                 p.transpose_a ? CUBLAS_OP_T : CUBLAS_OP_N, p.n, p.m, p.k, &one, b,
                                 p.transpose_b ? p.k : p.n, (int64_t)p.k * p.n, a,
                                 p.transpose_a ? p.m : p.k, (int64_t)p.m * p.k, &p.keep,
                                 (float *)p.c, p.n, (int64_t)p.m * p.n, POINTS),
      "cublasSgemmStridedBatched", error);
}

template <int SIDE, class Transform>
bool
transform (LwDevice *device, const Map &map, const float *from, float *to, int32_t examples,
           GError **error)
{
  const int32_t n = examples * map.tiles () * map.c;

  return lw_cuda_check (lw_launch (transform_map<SIDE, Transform>, lw_each_blocks (n),
                                   LW_EACH_THREADS, 0, device->stream, map, from, to, n),
                        "Winograd's transform", error);
}

/* Examples first … first + n − 1 of a step. */
struct Stretch {
  Maps maps;
  int32_t first, n, tiles;
  const float *in; /* their pixels */
  float *out;
  float *u, *v, *m;

  Stretch (const LwStep *step, LwDirection direction, const void *from, const void *to,
           int32_t begin)
      : maps (maps_of (step, direction)), first (begin), u ((float *)step->workspace)
  {
    const int32_t most = examples_at_once (step, direction);

    n = step->n - first < most ? step->n - first : most;
    tiles = n * maps.out.tiles ();
    in = (const float *)from + (int64_t)first * maps.in.h * maps.in.w * maps.in.pixel;
    out = (float *)to + (int64_t)first * maps.out.h * maps.out.w * maps.out.pixel;
    v = u + weight_numbers (step);
    m = v + (int64_t)POINTS * tiles * maps.in.c;
  }
};

/* y of x, or dx of dy. */
bool
write_output (LwDevice *device, const LwStep *step, LwDirection direction, const Stretch &s,
              GError **error)
{
  const bool forward = direction == LW_FORWARD;
  const LwCudaProduct product = { s.tiles, s.maps.out.c, s.maps.in.c, false, forward,
                                  s.v,     s.u,          0,           s.m };
  const WithBias epilogue = { forward ? (const float *)step->param[LW_ROLE_BIAS] : nullptr,
                              forward && lw_cuda_link_relu (step) };
  const int32_t n = s.tiles * s.maps.out.c;
  LwMap<const float> mask =
      lw_map<float> (forward ? NULL : lw_cuda_link_mask (step), step->x_pixel[0], s.maps.out.c);

  const auto kernel =
      mask.at != NULL ? transform_back<true, WithBias> : transform_back<false, WithBias>;

  if (mask.at != NULL)
    mask.at += (int64_t)s.first * s.maps.out.h * s.maps.out.w * mask.pixel;
  return transform<LW_POINTS, LwWinogradInput> (device, s.maps.in, s.in, s.v, s.n, error) &&
         multiply (device, product, error) &&
         lw_cuda_check (lw_launch (kernel, lw_each_blocks (n), LW_EACH_THREADS, 0, device->stream,
                                   s.maps.out, s.m, s.out, n, !forward && (step->accumulate & 1),
                                   mask, epilogue),
                        "Winograd's output", error);
}

/* Sums at the points, of all stretches up to this one. */
bool
add_products (LwDevice *device, const Stretch &s, GError **error)
{
  const LwCudaProduct product = { s.maps.out.c, s.maps.in.c, s.tiles, true,
                                  false,        s.m,         s.v,     s.first > 0 ? 1.0f : 0.0f,
                                  s.u };

  return transform<LW_POINTS, LwWinogradInput> (device, s.maps.in, s.in, s.v, s.n, error) &&
         transform<LW_TILE, LwWinogradGradient> (device, s.maps.out, s.out, s.m, s.n, error) &&
         multiply (device, product, error);
}

bool
prepare_weights (LwDevice *device, const LwStep *step, LwDirection direction, GError **error)
{
  const int32_t channels = step->x_shape[0].c, n = channels * step->y_shape.c;

  return lw_cuda_check (lw_launch (transform_weights, lw_each_blocks (n), LW_EACH_THREADS, 0,
                                   device->stream, (const float *)step->param[LW_ROLE_WEIGHT],
                                   (float *)step->workspace, channels, n,
                                   direction == LW_BACKWARD_DATA),
                        "Winograd's weights", error);
}

bool
conclude_weights (LwDevice *device, const LwStep *step, GError **error)
{
  const int32_t channels = step->x_shape[0].c, n = channels * step->y_shape.c;

  return lw_cuda_check (lw_launch (add_weight_gradient, lw_each_blocks (n), LW_EACH_THREADS, 0,
                                   device->stream, (const float *)step->workspace,
                                   (float *)step->dparam[LW_ROLE_WEIGHT], channels, n),
                        "Winograd's weight gradient", error) &&
         lw_cuda_bias_gradient (device, step->dy, step->dy_pixel,
                                (float *)step->dparam[LW_ROLE_BIAS], lw_cuda_step_rows (step),
                                step->y_shape.c, step->workspace, error);
}

bool
run (LwDevice *device, const LwStep *step, LwDirection direction, GError **error)
{
  const bool weights = direction == LW_BACKWARD_WEIGHTS;
  const void *from = direction == LW_BACKWARD_DATA ? step->dy : step->x[0];
  const void *to = weights ? step->dy : direction == LW_BACKWARD_DATA ? step->dx[0] : step->y;

  if (!weights && !prepare_weights (device, step, direction, error))
    return false;
  for (int32_t first = 0; first < step->n; first += examples_at_once (step, direction)) {
    const Stretch stretch (step, direction, from, to, first);

    if (!(weights ? add_products (device, stretch, error)
                  : write_output (device, step, direction, stretch, error)))
      return false;
  }
  return !weights || conclude_weights (device, step, error);
}

} // namespace

extern const LwCudaConv lw_cuda_conv_winograd = {
  "Winograd F(4,3)", fits, workspace_bytes, run, preferred, 1, true, true
};
