/* Linear layers of a group: y = W x + b and dx = Wᵀ dy, as many outputs as there are registers at
 * once, each a weight times all lanes. The weights' gradient goes over the whole batch: a few rows
 * by a few columns of W are vectors in registers, summed over the groups and then over the lanes.
 */
#include "kernels/cpu/lanes.h"

enum {
  OUTPUTS = LW_LANES == 16 ? 16 : 8, /* numbers of y or dx at once */
  ROWS = 6,                          /* of a block of the weights' gradient, by COLUMNS vectors */
  COLUMNS = LW_LANES == 16 ? 4 : 2
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

/* Numbers of a turned example: whole vectors. */
static int64_t
turned_size (const LwStep *step)
{
  return lw_groups (step->x_shape[0].c) * LW_LANES;
}

LwLanesNeed
LW_CPU (lanes_linear_need) (const LwStep *step)
{
  const int64_t examples = lw_groups (step->batch) * LW_LANES;

  return (LwLanesNeed){ .kept = step->training
                                    ? sizeof (float) * (size_t)(examples * turned_size (step))
                                    : 0 };
}

void
LW_CPU (lanes_linear_turn) (const LwLanes *lanes, const float *x)
{
  const int64_t size = turned_size (lanes->step);

  LW_CPU (lanes_turn)
  (x, lanes->step->x_shape[0].c, size, (float *)lanes->kept + lanes->group * LW_LANES * size);
}

typedef struct {
  const LwStep *step;
  int64_t groups, inputs, size; /* of dy; columns of W; of a turned example */
  const float *x;               /* turned */
} Job;

/* Adds the gradients of rows × columns vectors of W, of which the last may be cut at `inputs`. */
LW_INLINE void
weights_block (int rows, int columns, const Job *job, int64_t row, int64_t column)
{
  const int64_t outputs = job->step->y_shape.c;
  const float *dy = (const float *)job->step->dy + row * LW_LANES, *x = job->x + column;
  LwVec sum[ROWS][COLUMNS];

#pragma GCC unroll 6
  for (int i = 0; i < rows; i++)
#pragma GCC unroll 4
    for (int j = 0; j < columns; j++)
      sum[i][j] = (LwVec){ 0 };
  for (int64_t group = 0; group < job->groups; group++, dy += outputs * LW_LANES)
    for (int lane = 0; lane < LW_LANES; lane++, x += job->size) {
      LwVec numbers[COLUMNS];

#pragma GCC unroll 4
      for (int j = 0; j < columns; j++)
        numbers[j] = lw_vec_load (x + j * LW_LANES);
#pragma GCC unroll 6
      for (int i = 0; i < rows; i++)
#pragma GCC unroll 4
        for (int j = 0; j < columns; j++)
          sum[i][j] += dy[i * LW_LANES + lane] * numbers[j];
    }
#pragma GCC unroll 6
  for (int i = 0; i < rows; i++) {
    float *to = (float *)job->step->dparam[LW_ROLE_WEIGHT] + (row + i) * job->inputs + column;

#pragma GCC unroll 4
    for (int j = 0; j < columns; j++, to += LW_LANES)
      if (column + (j + 1) * LW_LANES <= job->inputs)
        lw_vec_store (to, lw_vec_load (to) + sum[i][j]);
      else
        for (int64_t k = 0; column + j * LW_LANES + k < job->inputs; k++)
          to[k] += sum[i][j][k];
  }
}

LW_INLINE void
weights_rows (int rows, const Job *job, int64_t row)
{
  int64_t column = 0;

  for (; column + COLUMNS * LW_LANES <= job->size; column += COLUMNS * LW_LANES)
    weights_block (rows, COLUMNS, job, row, column);
  for (; column < job->size; column += LW_LANES)
    weights_block (rows, 1, job, row, column);
}

static void
bias_rows (const Job *job, int64_t row, int64_t rows)
{
  const LwStep *step = job->step;
  float *dbias = (float *)step->dparam[LW_ROLE_BIAS] + row, totals[ROWS];
  LwVec sum[ROWS] = { { 0 } };

  for (int64_t group = 0; group < job->groups; group++)
    for (int64_t i = 0; i < rows; i++)
      sum[i] += lw_vec_load (lw_lanes_at (step->dy, step->y_shape, group) + (row + i) * LW_LANES);
  LW_CPU (lanes_sum) ((const float *)sum, rows, totals);
  for (int64_t i = 0; i < rows; i++)
    dbias[i] += totals[i];
}

/* Items are ROWS rows of W. */
static void
gradient_rows (const void *data, int64_t item, int64_t last, int thread)
{
  const Job *job = data;
  const LwStep *step = job->step;

  (void)thread;
  for (; item < last; item++) {
    const int64_t row = item * ROWS, rows = MIN (ROWS, step->y_shape.c - row);

    if (step->dparam[LW_ROLE_BIAS])
      bias_rows (job, row, rows);
    if (!step->dparam[LW_ROLE_WEIGHT])
      continue;
    if (rows == ROWS)
      weights_rows (ROWS, job, row);
    else
      for (int64_t i = 0; i < rows; i++)
        weights_rows (1, job, row + i);
  }
}

void
LW_CPU (lanes_linear_gradients) (LwDevice *device, const LwStep *step, int32_t n, const char *kept)
{
  const Job job = { step, lw_groups (n), step->x_shape[0].c, turned_size (step),
                    (const float *)kept };

  lw_pool_run_items (device->pool, (step->y_shape.c + ROWS - 1) / ROWS, gradient_rows, &job);
}
