/* Convolution as a product of matrices (gemm.h); applies to every step. With patches P of x,
 *
 *   y = P w + b        dw += Pᵀ dy        db += Σ dy
 *
 * and dx is a product of the same kind, of patches of dy with the weights turned: for each class of
 * pixels (y mod s, x mod s) the window's cells u = first, first + s, … meet it, and the cell u lies
 * over row (y + p − u) / s of dy. The patch's rows go up as u goes down. */
#include "kernels/cpu/conv2d.h"
#include "kernels/cpu/gemm.h"
#include "kernels/cpu/kernels.h"

static bool
applies (const LwStep *step, LwDirection direction)
{
  (void)step;
  (void)direction;
  return true;
}

static LwPatches
patches_of_x (const LwStep *step)
{
  const LwWindow window = step->node->window;

  return (LwPatches){ .image = step->x[0],
                      .shape = step->x_shape[0],
                      .pixel_stride = step->x_pixel[0],
                      .n = step->n,
                      .rows = step->y_shape.h,
                      .columns = step->y_shape.w,
                      .stride = window.stride,
                      .top = -window.padding,
                      .left = -window.padding,
                      .window_h = window.kernel,
                      .window_w = window.kernel };
}

static LwProduct
forward_product (const LwStep *step, LwConvEnd end)
{
  const LwShape to = step->y_shape;
  const int64_t pixel = lw_pixel (step->y_pixel, to);

  return (LwProduct){ .patches = patches_of_x (step),
                      .weights = { .w = step->param[LW_ROLE_WEIGHT], .columns = to.c },
                      .bias = step->param[LW_ROLE_BIAS],
                      .y = step->y,
                      .example = lw_pixels (to) * pixel,
                      .line = to.w * pixel,
                      .pixel = pixel,
                      .accumulate = end.add,
                      .relu = end.relu,
                      .sums = end.sums,
                      .workspace = step->workspace };
}

/* Rows of a stretch: all but the last are whole. */
enum { LEAST_ROWS = 1024 /* so that blocks of whole stretches keep all threads busy */ };

static int64_t
rows_of (const LwStep *step, int32_t n)
{
  return n * lw_pixels (step->y_shape);
}

static LwStretches
stretches (const LwStep *step)
{
  const int64_t rows = rows_of (step, step->n);

  if (rows_of (step, step->batch) < LEAST_ROWS)
    return (LwStretches){ 0 };
  return (LwStretches){ .n = (rows + LW_STRETCH_ROWS - 1) / LW_STRETCH_ROWS,
                        .width = lw_stretch_width (step->y_shape.c) };
}

static void
count_rows (const LwStep *step, LwSums sums)
{
  int64_t left = rows_of (step, step->n);

  for (int64_t i = 0; left > 0; i++, left -= LW_STRETCH_ROWS)
    sums.counts[i] = (float)MIN (LW_STRETCH_ROWS, left);
}

/* One dimension of a class of pixels: those whose place is `remainder`, `remainder + s`, … */
typedef struct {
  int32_t places; /* pixels along this dimension */
  int32_t cells;  /* of the window that meet them */
  int32_t last;   /* of these cells */
  int32_t start;  /* of the patch of the first place */
} Class;

static Class
class_of (LwWindow window, int32_t size, int32_t remainder)
{
  const int32_t s = window.stride, first = (remainder + window.padding) % s;
  Class class = { .places = remainder < size ? (size - 1 - remainder) / s + 1 : 0 };

  if (first < window.kernel)
    class.cells = (window.kernel - 1 - first) / s + 1;
  class.last = first + s * (class.cells - 1);
  class.start = (remainder + window.padding - class.last) / s;
  return class;
}

/* What clears the gradient, if it is laid out like dx. */
static const LwNumber *
mask_of (const LwStep *step)
{
  const LwShape from = step->x_shape[0];
  const bool alike = lw_pixel (step->x_pixel[0], from) == lw_pixel (step->dx_pixel[0], from);

  return alike ? lw_link (step).mask[0] : NULL;
}

static LwProduct
data_product (const LwStep *step, int32_t y, int32_t x)
{
  const LwWindow window = step->node->window;
  const LwShape from = step->x_shape[0], to = step->y_shape;
  const Class rows = class_of (window, from.h, y), columns = class_of (window, from.w, x);
  const int64_t pixel = lw_pixel (step->dx_pixel[0], from);
  const int64_t begin = ((int64_t)y * from.w + x) * pixel;
  const LwNumber *mask = mask_of (step);
  LwNumber *dx = step->dx[0];

  return (LwProduct){ .patches = { .image = step->dy,
                                   .shape = to,
                                   .pixel_stride = step->dy_pixel,
                                   .n = step->n,
                                   .rows = rows.places,
                                   .columns = columns.places,
                                   .stride = 1,
                                   .top = rows.start,
                                   .left = columns.start,
                                   .window_h = rows.cells,
                                   .window_w = columns.cells },
                      .weights = { .w = step->param[LW_ROLE_WEIGHT],
                                   .columns = from.c,
                                   .turned = true,
                                   .kernel = window.kernel,
                                   .window_w = columns.cells,
                                   .first_u = rows.last,
                                   .first_v = columns.last,
                                   .step = window.stride,
                                   .inner = to.c },
                      .y = dx ? dx + begin : NULL,
                      .mask = mask ? mask + begin : NULL,
                      .example = lw_pixels (from) * pixel,
                      .line = window.stride * from.w * pixel,
                      .pixel = window.stride * pixel,
                      .accumulate = step->accumulate & 1,
                      .workspace = step->workspace };
}

static LwGradient
weights_gradient (const LwStep *step)
{
  return (LwGradient){ .patches = patches_of_x (step),
                       .dy = step->dy,
                       .columns = step->y_shape.c,
                       .dy_pixel = step->dy_pixel,
                       .dw = step->dparam[LW_ROLE_WEIGHT],
                       .dbias = step->dparam[LW_ROLE_BIAS],
                       .workspace = step->workspace };
}

static size_t
workspace (const LwDevice *device, const LwStep *step, LwDirection direction)
{
  const int32_t stride = step->node->window.stride;
  size_t bytes = 0;

  if (direction == LW_BACKWARD_WEIGHTS) {
    const LwGradient gradient = weights_gradient (step);

    return LW_CPU (gradient_workspace) (device, &gradient);
  }
  if (direction == LW_FORWARD) {
    const LwProduct product = forward_product (step, (LwConvEnd){ 0 });

    return LW_CPU (multiply_workspace) (device, &product);
  }
  for (int32_t y = 0; y < stride; y++)
    for (int32_t x = 0; x < stride; x++) {
      const LwProduct product = data_product (step, y, x);

      bytes = MAX (bytes, LW_CPU (multiply_workspace) (device, &product));
    }
  return bytes;
}

static void
forward (LwDevice *device, const LwStep *step, LwConvEnd end)
{
  const LwProduct product = forward_product (step, end);

  if (end.sums.at)
    count_rows (step, end.sums);
  LW_CPU (multiply) (device, &product);
}

static void
backward_data (LwDevice *device, const LwStep *step)
{
  const int32_t stride = step->node->window.stride;

  for (int32_t y = 0; y < stride; y++)
    for (int32_t x = 0; x < stride; x++) {
      const LwProduct product = data_product (step, y, x);

      LW_CPU (multiply) (device, &product);
    }
  if (mask_of (step) == NULL)
    LW_CPU (clear_gradient) (device, step, 0);
}

static void
backward_weights (LwDevice *device, const LwStep *step)
{
  const LwGradient gradient = weights_gradient (step);

  LW_CPU (gradient) (device, &gradient);
}

const LwConvAlgorithm LW_CPU (conv_gemm) = {
  .name = "gemm",
  .adds = true,
  .slices = true,
  .clears = true,
  .applies = applies,
  .workspace = workspace,
  .stretches = stretches,
  .forward = forward,
  .backward_data = backward_data,
  .backward_weights = backward_weights,
};
