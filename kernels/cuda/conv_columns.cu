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
 *     comes out of the product as it is stored.
 *  2. 1 × 1 windows without stride and padding need no U: it is x.
 *  3. dx is gathered, a thread a cell, so that no atomics are needed and sums keep their order.
 * This is the readable way; what it costs is U, k² times as large as x, written and read.
 * Reference twin: kernels/reference/conv2d.c and unfold.c. */
#include "engine/i18n.h"
#include "kernels/cuda/conv2d.h"
#include "kernels/cuda/each.cuh"

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

/* One thread a number of U. */
__global__ void
unfold (Shapes s, const float *x, float *u, int64_t n)
{
  const int64_t taps = s.taps ();

  for (int64_t t = lw_each_first (); t < n * s.pixels () * taps; t += lw_each_stride ()) {
    const int64_t tap = t % taps, row = t / taps, pixel = row % s.pixels ();
    const int32_t c = (int32_t)(tap % s.c), place = (int32_t)(tap / s.c);
    const int32_t a =
        (int32_t)(pixel / s.columns) * s.window.stride + place / s.window.kernel - s.window.padding;
    const int32_t b =
        (int32_t)(pixel % s.columns) * s.window.stride + place % s.window.kernel - s.window.padding;
    const bool inside = a >= 0 && a < s.h && b >= 0 && b < s.w;

    u[t] = inside ? x[((row / s.pixels () * s.h + a) * s.w + b) * s.c + c] : 0;
  }
}

/* One thread a number of dx: over the window's places (u, v), the output whose place it is, if any.
 */
__global__ void
fold (Shapes s, const float *du, float *dx, bool accumulate, int64_t n)
{
  const int64_t taps = s.taps ();

  for (int64_t t = lw_each_first (); t < n * s.h * s.w * s.c; t += lw_each_stride ()) {
    const int32_t c = (int32_t)(t % s.c), b = (int32_t)(t / s.c % s.w);
    const int32_t a = (int32_t)(t / s.c / s.w % s.h);
    const int64_t example = t / s.c / s.w / s.h;
    float sum = 0;

    for (int32_t u = 0; u < s.window.kernel; u++)
      for (int32_t v = 0; v < s.window.kernel; v++) {
        const int32_t down = a + s.window.padding - u, right = b + s.window.padding - v;
        const int32_t i = down / s.window.stride, j = right / s.window.stride;

        if (down >= 0 && right >= 0 && down % s.window.stride == 0 &&
            right % s.window.stride == 0 && i < s.rows && j < s.columns)
          sum += du[((example * s.rows + i) * s.columns + j) * taps +
                    (u * s.window.kernel + v) * s.c + c];
      }
    lw_each_store (&dx[t], sum, accumulate);
  }
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

/* What of a step `n` examples from `first` are. */
struct Part {
  Shapes shapes;
  int32_t n, rows, outputs, taps;
  const float *x, *dy;
  float *y, *dx, *u;
  bool is_product;

  Part (const LwStep *step, int32_t first)
      : shapes (shapes_of (step)), n (step->n - first), outputs (step->y_shape.c),
        taps ((int32_t)shapes.taps ()), u ((float *)step->workspace),
        is_product (::is_product (step))
  {
    const int64_t from = lw_shape_size (step->x_shape[0]), to = lw_shape_size (step->y_shape);
    const int32_t most = examples_at_once (step);

    n = n < most ? n : most;
    rows = (int32_t)(n * shapes.pixels ());
    x = (const float *)step->x[0] + first * from;
    y = (float *)step->y + first * to;
    dy = step->dy != NULL ? (const float *)step->dy + first * to : NULL;
    dx = step->dx[0] != NULL ? (float *)step->dx[0] + first * from : NULL;
  }
  /* U, made if it is not x itself. */
  const float *windows (LwDevice *device, GError **error) const
  {
    if (is_product)
      return x;
    return lw_cuda_check (lw_launch (unfold, lw_each_blocks ((int64_t)rows * taps), LW_EACH_THREADS,
                                     0, device->stream, shapes, x, u, n),
                          "unfold", error)
               ? u
               : NULL;
  }
};

bool
add_weight_gradient (LwDevice *device, const Part &part, float *dw, GError **error)
{
  const float *u = part.windows (device, error);
  const LwCudaProduct product = { part.outputs, part.taps, part.rows, true, false,
                                  part.dy,      u,         1.0f,      dw };

  return u != NULL && lw_cuda_matmul (device, &product, error);
}

bool
write_data_gradient (LwDevice *device, const Part &part, const float *w, bool accumulate,
                     GError **error)
{
  const bool direct = part.is_product;
  const LwCudaProduct product = { part.rows,
                                  part.taps,
                                  part.outputs,
                                  false,
                                  false,
                                  part.dy,
                                  w,
                                  direct && accumulate ? 1.0f : 0.0f,
                                  direct ? part.dx : part.u };
  const int64_t cells = (int64_t)part.n * part.shapes.h * part.shapes.w * part.shapes.c;

  if (!lw_cuda_matmul (device, &product, error))
    return false;
  return direct ||
         lw_cuda_check (lw_launch (fold, lw_each_blocks (cells), LW_EACH_THREADS, 0, device->stream,
                                   part.shapes, part.u, part.dx, accumulate, part.n),
                        "fold", error);
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
write_output (LwDevice *device, const LwStep *step, const Part &part, GError **error)
{
  const float *u = part.windows (device, error);
  const LwCudaProduct product = {
    part.rows, part.outputs, part.taps, false, true, u, (const float *)step->param[LW_ROLE_WEIGHT],
    0,         part.y
  };

  return u != NULL && lw_cuda_matmul (device, &product, error);
}

bool
run (LwDevice *device, const LwStep *step, LwDirection direction, GError **error)
{
  const float *w = (const float *)step->param[LW_ROLE_WEIGHT];
  float *dw = (float *)step->dparam[LW_ROLE_WEIGHT];
  const int64_t rows = rows_of (step, step->n);

  for (int32_t first = 0; first < step->n; first += examples_at_once (step)) {
    const Part part (step, first);
    const bool done = direction == LW_FORWARD ? write_output (device, step, part, error)
                      : direction == LW_BACKWARD_DATA
                          ? write_data_gradient (device, part, w, step->accumulate & 1, error)
                          : add_weight_gradient (device, part, dw, error);

    if (!done)
      return false;
  }
  switch (direction) {
  case LW_FORWARD:
    return lw_cuda_add_bias (device, (float *)step->y, (const float *)step->param[LW_ROLE_BIAS],
                             rows, step->y_shape.c, error);
  case LW_BACKWARD_WEIGHTS:
    return lw_cuda_bias_gradient (device, (const float *)step->dy,
                                  (float *)step->dparam[LW_ROLE_BIAS], rows, step->y_shape.c,
                                  step->workspace, error);
  default:
    return true;
  }
}

} // namespace

extern const LwCudaConv lw_cuda_conv_columns = {
  "columns + cuBLAS", fits, workspace_bytes, run, nullptr, 1
};

bool
lw_cuda_conv2d_prepare (LwDevice *device, LwStep *step, GError **error)
{
  const Shapes shapes = shapes_of (step);

  (void)device;
  if (shapes.pixels () <= INT32_MAX && shapes.taps () <= INT32_MAX)
    return true;
  g_set_error (
      error, LW_ERROR, LW_ERROR_UNSUPPORTED,
      _ ("%s: a map of more than %d numbers an example is too large for this device; use a "
         "smaller input."),
      step->node->name, (int)INT32_MAX);
  return false;
}
