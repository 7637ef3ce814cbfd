/* Linear layers of a group: y = W x + b and dx = Wᵀ dy, as many outputs as there are registers at
 * once, each a weight times all lanes. The weights' gradient goes over the whole batch: a few rows
 * by a few columns of W are vectors in registers, summed over the groups and then over the lanes.
 */
#include "kernels/cpu/lanes.h"

enum {
  OUTPUTS = LW_LANES == 16 ? 16 : 8, /* numbers of y or dx at once */
  ROWS = LW_LANES == 16 ? 4 : 2,     /* of a block of the weights' gradient */
  COLUMNS = 4
};

LW_INLINE void
forward_block (int outputs, int64_t inputs, const float *x, const float *w, const float *bias,
               float *y)
{
  LwVec sum[OUTPUTS];

#pragma GCC unroll 16
  for (int o = 0; o < outputs; o++)
    sum[o] = lw_vec_all (bias ? bias[o] : 0);
  for (int64_t i = 0; i < inputs; i++) {
    const LwVec number = lw_vec_load (x + i * LW_LANES);

#pragma GCC unroll 16
    for (int o = 0; o < outputs; o++)
      sum[o] += w[o * inputs + i] * number;
  }
#pragma GCC unroll 16
  for (int o = 0; o < outputs; o++)
    lw_vec_store (y + o * LW_LANES, sum[o]);
}

void
LW_CPU (lanes_linear_forward) (const LwStep *step, const float *x, float *y)
{
  const int64_t inputs = step->x_shape[0].c, outputs = step->y_shape.c;
  const float *w = step->param[LW_ROLE_WEIGHT], *bias = step->param[LW_ROLE_BIAS];

  for (int64_t o = 0; o < outputs;) {
    const float *row = w + o * inputs, *own = bias ? bias + o : NULL;
    float *to = y + o * LW_LANES;

    if (o + OUTPUTS <= outputs)
      forward_block (OUTPUTS, inputs, x, row, own, to), o += OUTPUTS;
    else if (o + 4 <= outputs)
      forward_block (4, inputs, x, row, own, to), o += 4;
    else
      forward_block (1, inputs, x, row, own, to), o += 1;
  }
}

LW_INLINE void
data_block (int columns, int64_t inputs, int64_t outputs, const float *dy, const float *w,
            float *dx, bool accumulate)
{
  LwVec sum[OUTPUTS];

#pragma GCC unroll 16
  for (int i = 0; i < columns; i++)
    sum[i] = (LwVec){ 0 };
  for (int64_t o = 0; o < outputs; o++, w += inputs) {
    const LwVec d = lw_vec_load (dy + o * LW_LANES);

#pragma GCC unroll 16
    for (int i = 0; i < columns; i++)
      sum[i] += w[i] * d;
  }
#pragma GCC unroll 16
  for (int i = 0; i < columns; i++) {
    float *to = dx + i * LW_LANES;

    lw_vec_store (to, accumulate ? lw_vec_load (to) + sum[i] : sum[i]);
  }
}

void
LW_CPU (lanes_linear_data) (const LwStep *step, const float *dy, float *dx, bool accumulate)
{
  const int64_t inputs = step->x_shape[0].c, outputs = step->y_shape.c;
  const float *w = step->param[LW_ROLE_WEIGHT];

  for (int64_t i = 0; i < inputs;) {
    float *to = dx + i * LW_LANES;

    if (i + OUTPUTS <= inputs)
      data_block (OUTPUTS, inputs, outputs, dy, w + i, to, accumulate), i += OUTPUTS;
    else if (i + 4 <= inputs)
      data_block (4, inputs, outputs, dy, w + i, to, accumulate), i += 4;
    else
      data_block (1, inputs, outputs, dy, w + i, to, accumulate), i += 1;
  }
}

/* --- weights' gradient ------------------------------------------------------------------------ */

typedef struct {
  const LwStep *step;
  int64_t groups;
} Job;

/* Adds rows × columns weights' gradients; dy and x: of the first row and column. */
LW_INLINE void
weights_block (int rows, int columns, const Job *job, const float *dy, const float *x, float *dw)
{
  const int64_t inputs = job->step->x_shape[0].c, outputs = job->step->y_shape.c;
  LwVec sum[ROWS * COLUMNS];
  float sums[ROWS * COLUMNS];

#pragma GCC unroll 16
  for (int i = 0; i < rows * columns; i++)
    sum[i] = (LwVec){ 0 };
  for (int64_t group = 0; group < job->groups; group++) {
    LwVec d[ROWS];

#pragma GCC unroll 4
    for (int i = 0; i < rows; i++)
      d[i] = lw_vec_load (dy + (group * outputs + i) * LW_LANES);
#pragma GCC unroll 4
    for (int j = 0; j < columns; j++) {
      const LwVec number = lw_vec_load (x + (group * inputs + j) * LW_LANES);

#pragma GCC unroll 4
      for (int i = 0; i < rows; i++)
        sum[i * columns + j] += d[i] * number;
    }
  }
  LW_CPU (lanes_sum) ((const float *)sum, rows * columns, sums);
  for (int i = 0; i < rows; i++)
    for (int j = 0; j < columns; j++)
      dw[i * inputs + j] += sums[i * columns + j];
}

LW_INLINE void
weights_rows (int rows, const Job *job, int64_t row)
{
  const LwStep *step = job->step;
  const int64_t inputs = step->x_shape[0].c;
  const float *dy = (const float *)step->dy + row * LW_LANES, *x = step->x[0];
  float *dw = (float *)step->dparam[LW_ROLE_WEIGHT] + row * inputs;
  int64_t i = 0;

  for (; i + COLUMNS <= inputs; i += COLUMNS)
    weights_block (rows, COLUMNS, job, dy, x + i * LW_LANES, dw + i);
  for (; i < inputs; i++)
    weights_block (rows, 1, job, dy, x + i * LW_LANES, dw + i);
}

static void
bias_row (const Job *job, int64_t row)
{
  const LwStep *step = job->step;
  const float *dy = (const float *)step->dy + row * LW_LANES;
  LwVec sum = { 0 };
  float total;

  for (int64_t group = 0; group < job->groups; group++)
    sum += lw_vec_load (dy + group * lw_group_size (step->y_shape));
  LW_CPU (lanes_sum) ((const float *)&sum, 1, &total);
  ((float *)step->dparam[LW_ROLE_BIAS])[row] += total;
}

/* Items are ROWS rows of W. */
static void
gradient_rows (const void *data, int64_t item, int64_t last, int thread)
{
  const Job *job = data;
  const LwStep *step = job->step;

  (void)thread;
  for (; item < last; item++) {
    const int64_t start = item * ROWS, end = MIN (start + ROWS, step->y_shape.c);

    for (int64_t row = start; row < end; row++) {
      if (step->dparam[LW_ROLE_BIAS])
        bias_row (job, row);
      if (step->dparam[LW_ROLE_WEIGHT] && end - start < ROWS)
        weights_rows (1, job, row);
    }
    if (step->dparam[LW_ROLE_WEIGHT] && end - start == ROWS)
      weights_rows (ROWS, job, start);
  }
}

void
LW_CPU (lanes_linear_gradients) (LwDevice *device, const LwStep *step, int32_t n)
{
  const Job job = { step, lw_groups (n) };

  lw_pool_run (device->pool, (step->y_shape.c + ROWS - 1) / ROWS, gradient_rows, &job);
}
