#include "ui/bn-values.h"

#include <math.h>

#define TRIES 3

static void
gap_of (const float *batch_mean, const float *running_mean, const float *running_var, int n,
        float *ret)
{
  for (int i = 0; i < n; i++)
    ret[i] = fabsf (batch_mean[i] - running_mean[i]) / sqrtf (fmaxf (running_var[i], 1e-12f));
}

static int32_t
index_at (LwBnHistory *history, LwNodeId layer, int64_t until)
{
  int64_t steps[LW_BN_MOMENTS];
  float values[LW_BN_MOMENTS];
  const int32_t n = lw_bn_history_series (history, layer, LW_BN_GAMMA, 0, steps, NULL, values);
  int32_t last = 0;

  for (int32_t i = 0; i < n && steps[i] <= until; i++)
    last = i;
  return last;
}

/* All fields of one moment; false: it has become another meanwhile, since a live training thins its
 * moments out. */
static bool
read_at (LwBnHistory *history, LwNodeId layer, int32_t index, int n, float *ret_values,
         int64_t *ret_step)
{
  for (int field = 0; field < LW_BN_N_FIELDS; field++) {
    int64_t step;

    if (!lw_bn_history_at (history, layer, (LwBnField)field, index, ret_values + (gsize)n * field,
                           &step, NULL))
      return false;
    if (field > 0 && step != *ret_step)
      return false;
    *ret_step = step;
  }
  return true;
}

bool
lw_bn_values_read (LwBnHistory *history, const LwGraph *graph, LwNodeId layer, int64_t until,
                   LwBnValues *ret_values)
{
  const int n = lw_graph_node (graph, layer)->shape.c;
  float *values = g_new (float, (gsize)n *(LW_BN_N_FIELDS + 1));
  float *gap = values + (gsize)n * LW_BN_N_FIELDS;

  *ret_values = (LwBnValues){ .n = n,
                              .gamma = values + (gsize)n * LW_BN_GAMMA,
                              .beta = values + (gsize)n * LW_BN_BETA,
                              .gap = gap,
                              .values = values };
  for (int i = 0; i < TRIES; i++)
    if (read_at (history, layer, index_at (history, layer, until), n, values, &ret_values->step)) {
      gap_of (values + (gsize)n * LW_BN_BATCH_MEAN, values + (gsize)n * LW_BN_RUNNING_MEAN,
              values + (gsize)n * LW_BN_RUNNING_VAR, n, gap);
      return true;
    }
  lw_bn_values_clear (ret_values);
  return false;
}

void
lw_bn_values_clear (LwBnValues *values)
{
  g_free (values->values);
  *values = (LwBnValues){ 0 };
}
