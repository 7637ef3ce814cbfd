/* y = x w + b, x [n][in], w [in][out]: the same products as a convolution's, of images of one
 * pixel. */
#include "kernels/cpu/gemm.h"
#include "kernels/cpu/kernels.h"

static LwPatches
vectors (const void *values, LwShape shape, int64_t n)
{
  return (LwPatches){ .image = values,
                      .shape = { (int32_t)lw_shape_size (shape), 1, 1, true },
                      .n = n,
                      .rows = 1,
                      .columns = 1,
                      .stride = 1,
                      .window_h = 1,
                      .window_w = 1 };
}

static LwProduct
forward_product (const LwStep *step)
{
  const int64_t outputs = lw_shape_size (step->y_shape);

  return (LwProduct){ .patches = vectors (step->x[0], step->x_shape[0], step->n),
                      .weights = { .w = step->param[LW_ROLE_WEIGHT], .columns = outputs },
                      .bias = step->param[LW_ROLE_BIAS],
                      .y = step->y,
                      .example = outputs,
                      .relu = lw_link (step).relu,
                      .workspace = step->workspace };
}

static LwProduct
data_product (const LwStep *step)
{
  const int64_t inputs = lw_shape_size (step->x_shape[0]);

  return (LwProduct){ .patches = vectors (step->dy, step->y_shape, step->n),
                      .weights = { .w = step->param[LW_ROLE_WEIGHT],
                                   .columns = inputs,
                                   .turned = true,
                                   .kernel = 1,
                                   .window_w = 1,
                                   .step = 1,
                                   .inner = lw_shape_size (step->y_shape) },
                      .y = step->dx[0],
                      .mask = lw_link (step).mask[0],
                      .example = inputs,
                      .accumulate = step->accumulate & 1,
                      .workspace = step->workspace };
}

static LwGradient
weights_gradient (const LwStep *step)
{
  return (LwGradient){ .patches = vectors (step->x[0], step->x_shape[0], step->n),
                       .dy = step->dy,
                       .columns = lw_shape_size (step->y_shape),
                       .dw = step->dparam[LW_ROLE_WEIGHT],
                       .dbias = step->dparam[LW_ROLE_BIAS],
                       .workspace = step->workspace };
}

size_t
LW_CPU (linear_workspace_bytes) (LwDevice *device, const LwStep *step)
{
  const LwProduct forward = forward_product (step), data = data_product (step);
  const LwGradient weights = weights_gradient (step);
  size_t bytes = LW_CPU (multiply_workspace) (device, &forward);

  if (step->training) {
    bytes = MAX (bytes, LW_CPU (multiply_workspace) (device, &data));
    bytes = MAX (bytes, LW_CPU (gradient_workspace) (device, &weights));
  }
  return bytes;
}

bool
LW_CPU (linear_forward) (LwDevice *device, const LwStep *step, GError **error)
{
  const LwProduct product = forward_product (step);

  (void)error;
  LW_CPU (multiply) (device, &product);
  return true;
}

bool
LW_CPU (linear_backward) (LwDevice *device, const LwStep *step, GError **error)
{
  const LwProduct product = data_product (step);
  const LwGradient gradient = weights_gradient (step);

  (void)error;
  if (gradient.dw || gradient.dbias)
    LW_CPU (gradient) (device, &gradient);
  if (product.y)
    LW_CPU (multiply) (device, &product);
  return true;
}
