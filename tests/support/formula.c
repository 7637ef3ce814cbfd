#include "tests/support/formula.h"

#include <math.h>

static double
initial_value (const LwTensorInfo *tensor, const LwTensorInfo *weight, double u)
{
  const double signed_u = 2 * u - 1;

  if (tensor->role == LW_ROLE_RUNNING_MEAN)
    return 0;
  if (tensor->role == LW_ROLE_RUNNING_VAR)
    return 1;
  if (weight->fan_in == 0) /* batch normalization */
    return tensor->role == LW_ROLE_WEIGHT ? 0.5 + u : signed_u * 0.1;
  if (tensor->role == LW_ROLE_WEIGHT)
    return signed_u * sqrt (6.0 / (double)(weight->fan_in + weight->fan_out));
  return signed_u / sqrt ((double)weight->fan_in);
}

void *
lw_formula_initial (const LwGraph *graph, int32_t index)
{
  const LwTensorInfo *tensor = lw_graph_tensor (graph, index);
  const LwTensorInfo *weight =
      lw_graph_tensor (graph, lw_graph_node (graph, tensor->node)->tensors[LW_ROLE_WEIGHT]);
  const uint64_t seed = lw_formula_seed (tensor->name);
  float *values;

  if (tensor->dtype == LW_I64)
    return g_new0 (int64_t, tensor->size);
  values = g_new (float, tensor->size);
  for (int64_t i = 0; i < tensor->size; i++)
    values[i] = (float)initial_value (tensor, weight, lw_formula_uniform (seed, i));
  return values;
}
