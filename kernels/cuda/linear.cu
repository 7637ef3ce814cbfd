/* A linear layer of a batch, as products of matrices:
 *
 *   Y = X · Wᵀ + b          dX (+)= dY · W          dW += dYᵀ · X          db += Σ of the rows of
 * dY
 *
 * Shapes: X, dX [n][inputs], Y, dY [n][outputs], W, dW [outputs][inputs], b [outputs].
 * Ideas: cuBLAS for the products (matmul.c); the bias is one pass more over Y (bias.cu). Layers of
 * few outputs are few.cu's. Reference twin: kernels/reference/linear.c. */
#include "kernels/cuda/link.h"

size_t
lw_cuda_linear_workspace_bytes (LwDevice *device, const LwStep *step)
{
  (void)device;
  return lw_cuda_column_bytes (step->batch, step->y_shape.c);
}

bool
lw_cuda_linear_forward (LwDevice *device, const LwStep *step, GError **error)
{
  if (lw_cuda_few_fits (step))
    return lw_cuda_link_tail_of (step) != NULL || lw_cuda_few_forward (device, step, error);

  const int32_t inputs = step->x_shape[0].c, outputs = step->y_shape.c;
  const LwCudaProduct product = { step->n,
                                  outputs,
                                  inputs,
                                  false,
                                  true,
                                  (const float *)step->x[0],
                                  (const float *)step->param[LW_ROLE_WEIGHT],
                                  0,
                                  (float *)step->y };

  return lw_cuda_matmul (device, &product, error) &&
         lw_cuda_add_bias (device, (float *)step->y, (const float *)step->param[LW_ROLE_BIAS],
                           step->n, outputs, error);
}

bool
lw_cuda_linear_backward (LwDevice *device, const LwStep *step, GError **error)
{
  const LwCudaTail *tail = lw_cuda_link_tail_of (step);

  if (lw_cuda_few_fits (step))
    return ((tail != NULL && tail->backward) || lw_cuda_few_data_gradient (device, step, error)) &&
           lw_cuda_few_weight_gradient (device, step, error);

  const int32_t inputs = step->x_shape[0].c, outputs = step->y_shape.c;
  const float *dy = (const float *)step->dy;
  const LwCudaProduct data = { step->n,
                               inputs,
                               outputs,
                               false,
                               false,
                               dy,
                               (const float *)step->param[LW_ROLE_WEIGHT],
                               step->accumulate & 1 ? 1.0f : 0.0f,
                               (float *)step->dx[0] };
  const LwCudaProduct weights = { outputs,
                                  inputs,
                                  step->n,
                                  true,
                                  false,
                                  dy,
                                  (const float *)step->x[0],
                                  1.0f,
                                  (float *)step->dparam[LW_ROLE_WEIGHT] };

  return (data.c == NULL || lw_cuda_matmul (device, &data, error)) &&
         (weights.c == NULL || lw_cuda_matmul (device, &weights, error)) &&
         lw_cuda_bias_gradient (device, dy, (float *)step->dparam[LW_ROLE_BIAS], step->n, outputs,
                                step->workspace, error);
}
