/* A linear layer of a batch, as products of matrices:
 *
 *   Y = X · Wᵀ + b                    dX (+)= dY · W
 *   dW += dYᵀ · X                     db += Σ of the rows of dY
 *
 * Shapes: X, dX [n][inputs], Y, dY [n][outputs], W, dW [outputs][inputs], b [outputs].
 * X, Y and their gradients of either type (number.cuh), and W as products read it; dW and db
 * float32. Ideas:
 *  1. cuBLAS for the products; where cublasLt offers it, they add the bias and take max (0, ·)
 *     where that follows (link.h), and sum dY's rows beside dW (matmul_lt.c).
 *  2. Elsewhere (matmul.c) the bias is one pass more over Y, with max (0, ·) in that, and its
 *     gradient one over dY (bias.cu).
 *  3. Layers of few outputs are few.cu's.
 * Reference twin: kernels/reference/linear.c. */
#include "kernels/cuda/link.h"

bool
lw_cuda_linear_prepare (LwDevice *device, LwStep *step, GError **error)
{
  return lw_cuda_weights_prepare (device, step, error);
}

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
  const void *w = lw_cuda_weights (device, step, error);
  const LwCudaProduct product = {
    step->n, outputs, inputs, false, true, step->x[0], w, 0, step->y
  };

  const float *bias = (const float *)step->param[LW_ROLE_BIAS];
  const bool relu = lw_cuda_link_relu (step);
  bool done;

  if (w == NULL || !lw_cuda_matmul_bias (device, &product, bias, relu, &done, error))
    return false;
  return done || (lw_cuda_matmul (device, &product, error) &&
                  lw_cuda_add_bias (device, step->y, 0, bias, step->n, outputs, relu, error));
}

/* dW and db, of which one may not be wanted; cublasLt sums into the workspace. */
static bool
add_parameter_gradients (LwDevice *device, const LwStep *step, const LwCudaProduct *weights,
                         GError **error)
{
  const int32_t outputs = step->y_shape.c;
  float *dbias = (float *)step->dparam[LW_ROLE_BIAS], *sums = (float *)step->workspace;
  bool done = false;

  if (weights->c != NULL && dbias != NULL &&
      !lw_cuda_matmul_sums (device, weights, sums, &done, error))
    return false;
  if (done)
    return lw_cuda_add_sums (device, dbias, sums, outputs, error);
  return (weights->c == NULL || lw_cuda_matmul (device, weights, error)) &&
         lw_cuda_bias_gradient (device, step->dy, 0, dbias, step->n, outputs, step->workspace,
                                error);
}

bool
lw_cuda_linear_backward (LwDevice *device, const LwStep *step, GError **error)
{
  const LwCudaTail *tail = lw_cuda_link_tail_of (step);

  if (lw_cuda_few_fits (step))
    return tail != NULL && tail->gradient != NULL
               ? lw_cuda_few_weight_gradient (device, step, tail->gradient, error)
               : lw_cuda_few_data_gradient (device, step, error) &&
                     lw_cuda_few_weight_gradient (device, step, step->dy, error);

  const int32_t inputs = step->x_shape[0].c, outputs = step->y_shape.c;
  const void *w = lw_cuda_weights (device, step, error);
  const LwCudaProduct data = { step->n,    inputs,   outputs, false,
                               false,      step->dy, w,       step->accumulate & 1 ? 1.0f : 0.0f,
                               step->dx[0] };
  LwCudaProduct weights = { outputs,    inputs, step->n,
                            true,       false,  step->dy,
                            step->x[0], 1.0f,   step->dparam[LW_ROLE_WEIGHT] };

  weights.exact = true;
  return w != NULL && (data.c == NULL || lw_cuda_matmul (device, &data, error)) &&
         add_parameter_gradients (device, step, &weights, error);
}
