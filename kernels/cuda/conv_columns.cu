/* Convolution as a product of matrices:
 *
 *   y[i,j,o] = b[o] + Σ_{u,v,c} w[o,u,v,c] · x[s·i + u − p, s·j + v − p, c]
 *
 *   Y = U · Wᵀ + b        U: each output pixel's window as a row, zeros outside of the map
 *   dW += dYᵀ · U         db += Σ of the rows of dY
 *   dU = dY · W           dx[a,b,c] = Σ of dU where its windows have that cell
 *
 * Shapes: x [n][h][w][C], y [n][P][Q][O], W [O][k][k][C], U [n·P·Q][k·k·C]. U lies in the
 * workspace, for as many examples at a time as 64 MiB hold; the last launch of one stretch is over
 * when the next begins, as all stand in one stream. Ideas:
 *  1. Channels last: a window's row of U is made of runs of C numbers that lie together in x, and Y
 *     comes out of the product as it is stored. Of a run a thread moves 128 bits at a time.
 *  2. 1 × 1 windows without stride and padding need no U: it is x. Maps that are some channels of
 *     wider ones are matrices whose rows lie further apart, which cuBLAS can deal with.
 *  3. dx is gathered, a thread some channels of a cell, so that no atomics are needed and sums keep
 *     their order. dU is float32 also where maps are bfloat16 (number.cuh), so that dx is rounded
 *     once; y is rounded twice there, by the product and with the bias.
 * This is the readable way; what it costs is U, k² times as large as x, written and read.
 * Reference twin: kernels/reference/conv2d.c and unfold.c. */
#include "engine/i18n.h"
#include "kernels/cuda/conv2d.h"
#include "kernels/cuda/each.cuh"
#include "kernels/cuda/link.h"

namespace {

const int64_t U_BYTES = INT64_C (64) << 20;

struct Shapes {
  LwWindow window;
  int32_t c, h, w;       /* of x */
  int32_t rows, columns; /* of y */

  __host__ __device__ int64_t taps () const
  {
    return (int64_t)window.kernel * window.kernel * c;
  }
  __host__ __device__ int64_t pixels () const
  {
    return (int64_t)rows * columns;
  }
};

/* Row by row of U, V taps a thread. */
template <class T, int V>
__global__ void
unfold (LwEach each, Shapes s, LwMap<const T> x, LwMap<T> u)
{
  lw_each<V> (each, [&] (int64_t row, int32_t tap, int count) {
    const int32_t c = tap % s.c, place = tap / s.c;
    const int64_t example = row / s.pixels (), pixel = row % s.pixels ();
    const int32_t a =
        (int32_t)(pixel / s.columns) * s.window.stride + place / s.window.kernel - s.window.padding;
    const int32_t b =
        (int32_t)(pixel % s.columns) * s.window.stride + place % s.window.kernel - s.window.padding;
    float value[V] = {};

    if (a >= 0 && a < s.h && b >= 0 && b < s.w)
      lw_load<V> (x ((example * s.h + a) * s.w + b, c), count, value);
    lw_store<V> (u (row, tap), count, value, false);
  });
}

/* Pixel by pixel of dx, V channels a thread: over the window's places (u, v), the output whose
 * place it is, if any. */
template <class T, int V>
__global__ void
fold (LwEach each, Shapes s, const float *du, LwMap<T> dx, bool accumulate)
{
  const int64_t taps = s.taps ();

  lw_each<V> (each, [&] (int64_t pixel, int32_t c, int count) {
    const int32_t b = (int32_t)(pixel % s.w), a = (int32_t)(pixel / s.w % s.h);
    const int64_t example = pixel / s.w / s.h;
    float sum[V] = {}, value[V];

    for (int32_t u = 0; u < s.window.kernel; u++)
      for (int32_t v = 0; v < s.window.kernel; v++) {
        const int32_t down = a + s.window.padding - u, right = b + s.window.padding - v;
        const int32_t i = down / s.window.stride, j = right / s.window.stride;

        if (down >= 0 && right >= 0 && down % s.window.stride == 0 &&
            right % s.window.stride == 0 && i < s.rows && j < s.columns) {
          lw_load<V> (du + ((example * s.rows + i) * s.columns + j) * taps +
                          (u * s.window.kernel + v) * s.c + c,
                      count, value);
          for (int k = 0; k < V; k++)
            sum[k] += value[k];
        }
      }
    lw_store<V> (dx (pixel, c), count, sum, accumulate);
  });
}

template <class T>
cudaError_t
launch_unfold (LwDevice *device, const Shapes &shapes, LwMap<const T> x, T *u, int32_t rows)
{
  const int32_t taps = (int32_t)shapes.taps ();
  const LwMap<T> to = { u, taps };
  LwEach each = lw_each_of<T> (rows, taps, x, to);

  /* Groups must not reach over a run's end. */
  if (each.vector && shapes.c % LwNumber<T>::VECTOR != 0)
    each = lw_each_grid (each.n, rows, taps, false, 1);

  const auto kernel = each.vector ? unfold<T, LwNumber<T>::VECTOR> : unfold<T, 1>;

  return lw_launch (kernel, each.grid, each.block, 0, device->stream, each, shapes, x, to);
}

template <class T>
cudaError_t
launch_fold (LwDevice *device, const Shapes &shapes, const float *du, LwMap<T> dx, int32_t n,
             bool accumulate)
{
  const LwEach each = lw_each_of<T> ((int64_t)n * shapes.h * shapes.w, shapes.c, dx);
  const auto kernel = each.vector ? fold<T, LwNumber<T>::VECTOR> : fold<T, 1>;

  return lw_launch (kernel, each.grid, each.block, 0, device->stream, each, shapes, du, dx,
                    accumulate);
}

Shapes
shapes_of (const LwStep *step)
{
  const LwShape from = step->x_shape[0], to = step->y_shape;

  return { step->node->window, from.c, from.h, from.w, to.h, to.w };
}

bool
is_product (const LwStep *step)
{
  const LwWindow window = step->node->window;

  return window.kernel == 1 && window.stride == 1 && window.padding == 0;
}

/* Examples whose rows of U are made at a time, at least one. cuBLAS counts rows in int. */
int32_t
examples_at_once (const LwStep *step)
{
  const Shapes shapes = shapes_of (step);
  const int64_t bytes = shapes.pixels () * shapes.taps () * (int64_t)sizeof (float);
  const int64_t n = is_product (step) ? INT32_MAX / shapes.pixels () : U_BYTES / bytes;

  return n < 1 ? 1 : n > step->batch ? step->batch : (int32_t)n;
}

/* `at`, of whose numbers `n` are passed over. */
const void *
past (const LwDevice *device, const void *at, int64_t n)
{
  return at != NULL ? (const char *)at + n * (int64_t)lw_cuda_number_bytes (device) : NULL;
}

void *
past (const LwDevice *device, void *at, int64_t n)
{
  return at != NULL ? (char *)at + n * (int64_t)lw_cuda_number_bytes (device) : NULL;
}

int64_t
pixel_of (int64_t pixel, LwShape shape)
{
  return pixel != 0 ? pixel : shape.c;
}

/* What of a step `n` examples from `first` are. */
struct Part {
  LwDevice *device;
  Shapes shapes;
  int32_t n, rows, outputs, taps;
  int64_t x_pixel, y_pixel, dx_pixel, dy_pixel;
  const void *x, *dy;
  void *y, *dx, *u;
  bool is_product;

  Part (LwDevice *device, const LwStep *step, int32_t first)
      : device (device), shapes (shapes_of (step)), n (step->n - first), outputs (step->y_shape.c),
        taps ((int32_t)shapes.taps ()), x_pixel (pixel_of (step->x_pixel[0], step->x_shape[0])),
        y_pixel (pixel_of (step->y_pixel, step->y_shape)),
        dx_pixel (pixel_of (step->dx_pixel[0], step->x_shape[0])),
        dy_pixel (pixel_of (step->dy_pixel, step->y_shape)), u (step->workspace),
        is_product (::is_product (step))
  {
    const int64_t cells = (int64_t)shapes.h * shapes.w, pixels = shapes.pixels ();
    const int32_t most = examples_at_once (step);

    n = n < most ? n : most;
    rows = (int32_t)(n * pixels);
    x = past (device, step->x[0], first * cells * x_pixel);
    y = past (device, step->y, first * pixels * y_pixel);
    dy = past (device, step->dy, first * pixels * dy_pixel);
    dx = past (device, step->dx[0], first * cells * dx_pixel);
  }
  /* U, made if it is not x itself, and numbers from one of its rows to the next. */
  const void *windows (int64_t *ret_pixel, GError **error) const
  {
    *ret_pixel = is_product ? x_pixel : taps;
    if (is_product)
      return x;

    const cudaError_t code =
        device->bf16 ? launch_unfold<LwBf16> (device, shapes, lw_map<LwBf16> (x, x_pixel, 0),
                                              (LwBf16 *)u, rows)
                     : launch_unfold<float> (device, shapes, lw_map<float> (x, x_pixel, 0),
                                             (float *)u, rows);

    return lw_cuda_check (code, "unfold", error) ? u : NULL;
  }
};

bool
add_weight_gradient (const Part &part, float *dw, GError **error)
{
  LwCudaProduct product = {
    part.outputs, part.taps, part.rows, true, false, part.dy, NULL, 1.0f, dw
  };

  product.b = part.windows (&product.ldb, error);
  product.lda = part.dy_pixel;
  product.exact = true;
  return product.b != NULL && lw_cuda_matmul (part.device, &product, error);
}

bool
write_data_gradient (const Part &part, const void *w, bool accumulate, GError **error)
{
  const bool direct = part.is_product;
  LwDevice *device = part.device;
  LwCudaProduct product = { part.rows,
                            part.taps,
                            part.outputs,
                            false,
                            false,
                            part.dy,
                            w,
                            direct && accumulate ? 1.0f : 0.0f,
                            direct ? part.dx : part.u };

  product.lda = part.dy_pixel;
  product.ldc = direct ? part.dx_pixel : 0;
  product.exact = !direct;
  if (!lw_cuda_matmul (device, &product, error))
    return false;
  if (direct)
    return true;

  const float *du = (const float *)part.u;
  const cudaError_t code =
      device->bf16 ? launch_fold (device, part.shapes, du,
                                  lw_map<LwBf16> (part.dx, part.dx_pixel, 0), part.n, accumulate)
                   : launch_fold (device, part.shapes, du,
                                  lw_map<float> (part.dx, part.dx_pixel, 0), part.n, accumulate);

  return lw_cuda_check (code, "fold", error);
}

int64_t
rows_of (const LwStep *step, int32_t n)
{
  return n * shapes_of (step).pixels ();
}

/* Every convolution, but for maps of which prepare says that they are too large. */
bool
fits (const LwDevice *device, const LwStep *step, LwDirection direction)
{
  (void)device;
  (void)step;
  (void)direction;
  return true;
}

/* U and dU, and where the weights' gradient is computed at last the bias gradient's sums, one
 * behind the other in the stream. */
size_t
workspace_bytes (const LwDevice *device, const LwStep *step, LwDirection direction)
{
  const Shapes shapes = shapes_of (step);
  const size_t sums = direction == LW_BACKWARD_WEIGHTS
                          ? lw_cuda_column_bytes (rows_of (step, step->batch), step->y_shape.c)
                          : 0;
  const size_t u = is_product (step) ? 0
                                     : sizeof (float) * (size_t)examples_at_once (step) *
                                           (size_t)(shapes.pixels () * shapes.taps ());

  (void)device;
  return u > sums ? u : sums;
}

bool
write_output (const Part &part, const void *w, GError **error)
{
  LwCudaProduct product = { part.rows, part.outputs, part.taps, false, true, NULL, w, 0, part.y };

  product.a = part.windows (&product.lda, error);
  product.ldc = part.y_pixel;
  return product.a != NULL && lw_cuda_matmul (part.device, &product, error);
}

bool
run (LwDevice *device, const LwStep *step, LwDirection direction, GError **error)
{
  const void *w = direction == LW_BACKWARD_WEIGHTS ? NULL : lw_cuda_weights (device, step, error);
  const int64_t rows = rows_of (step, step->n);

  if (w == NULL && direction != LW_BACKWARD_WEIGHTS)
    return false;
  for (int32_t first = 0; first < step->n; first += examples_at_once (step)) {
    const Part part (device, step, first);
    const bool done =
        direction == LW_FORWARD ? write_output (part, w, error)
        : direction == LW_BACKWARD_DATA
            ? write_data_gradient (part, w, step->accumulate & 1, error)
            : add_weight_gradient (part, (float *)step->dparam[LW_ROLE_WEIGHT], error);

    if (!done)
      return false;
  }
  switch (direction) {
  case LW_FORWARD:
    return lw_cuda_add_bias (device, step->y, step->y_pixel,
                             (const float *)step->param[LW_ROLE_BIAS], rows, step->y_shape.c,
                             lw_cuda_link_relu (step), error);
  case LW_BACKWARD_WEIGHTS:
    return lw_cuda_bias_gradient (device, step->dy, step->dy_pixel,
                                  (float *)step->dparam[LW_ROLE_BIAS], rows, step->y_shape.c,
                                  step->workspace, error);
  default:
    return true;
  }
}

} // namespace

extern const LwCudaConv lw_cuda_conv_columns = {
  "columns + cuBLAS", fits, workspace_bytes, run, nullptr, 1, true
};

bool
lw_cuda_conv2d_prepare (LwDevice *device, LwStep *step, GError **error)
{
  const Shapes shapes = shapes_of (step);

  if (shapes.pixels () <= INT32_MAX && shapes.taps () <= INT32_MAX)
    return lw_cuda_weights_prepare (device, step, error);
  g_set_error (
      error, LW_ERROR, LW_ERROR_UNSUPPORTED,
      _ ("%s: a map of more than %d numbers an example is too large for this device; use a "
         "smaller input."),
      step->node->name, (int)INT32_MAX);
  return false;
}
