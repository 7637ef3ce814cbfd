/* Linear (fully connected) layer, n examples of i inputs, o outputs, w [o][i]:
 *
 *   forward          y[n,o] = b[o] + Σ_i w[o,i] · x[n,i]
 *   data gradient    dx[n,i] = Σ_o dy[n,o] · w[o,i]
 *   weight gradient  dw[o,i] += Σ_n dy[n,o] · x[n,i]
 *   bias gradient    db[o] += Σ_n dy[n,o]
 *
 * In matrices: y = x wᵀ, dx = dy w, dw = dyᵀ x. */
#include "kernels/reference/matmul.h"

bool
lw_ref_linear_forward (LwDevice *device, const LwStep *step, GError **error)
{
  const int64_t inputs = lw_shape_size (step->x_shape[0]), outputs = step->y_shape.c;
  const LwMatmul product = {
    .m = step->n,
    .n = outputs,
    .depth = inputs,
    .a = step->x[0],
    .a_row = inputs,
    .a_step = 1,
    .b = step->param[LW_ROLE_WEIGHT],
    .b_row = 1, /* wᵀ */
    .b_step = inputs,
    .bias = step->param[LW_ROLE_BIAS],
    .c = step->y,
  };

  (void)error;
  lw_ref_matmul (device, &product);
  return true;
}

static void
add_bias_gradient (const LwStep *step)
{
  const int64_t outputs = step->y_shape.c;
  const float *dy = step->dy;
  float *db = step->dparam[LW_ROLE_BIAS];

  for (int64_t n = 0; n < step->n; n++)
    for (int64_t o = 0; o < outputs; o++)
      db[o] += dy[n * outputs + o];
}

bool
lw_ref_linear_backward (LwDevice *device, const LwStep *step, GError **error)
{
  const int64_t inputs = lw_shape_size (step->x_shape[0]), outputs = step->y_shape.c;

  (void)error;
  if (step->dparam[LW_ROLE_BIAS])
    add_bias_gradient (step);
  if (step->dparam[LW_ROLE_WEIGHT]) {
    const LwMatmul product = {
      .m = outputs,
      .n = inputs,
      .depth = step->n,
      .a = step->dy, /* dyᵀ */
      .a_row = 1,
      .a_step = outputs,
      .b = step->x[0],
      .b_row = inputs,
      .b_step = 1,
      .c = step->dparam[LW_ROLE_WEIGHT],
      .accumulate = true,
    };
    lw_ref_matmul (device, &product);
  }
  if (step->dx[0]) {
    const LwMatmul product = {
      .m = step->n,
      .n = inputs,
      .depth = outputs,
      .a = step->dy,
      .a_row = outputs,
      .a_step = 1,
      .b = step->param[LW_ROLE_WEIGHT],
      .b_row = inputs,
      .b_step = 1,
      .c = step->dx[0],
      .accumulate = step->accumulate & 1,
    };
    lw_ref_matmul (device, &product);
  }
  return true;
}
