#include "tests/support/kernel_formula.h"

#include "engine/rng.h"

#include <math.h>

static double *
widen (const float *values, int64_t n)
{
  double *wide = g_new (double, n);

  for (int64_t i = 0; i < n; i++)
    wide[i] = (double)values[i];
  return wide;
}

LwKernelPoint *
lw_kernel_point_new (const LwKernelSubject *subject, const LwKernelData *data)
{
  LwKernelPoint *point = g_new0 (LwKernelPoint, 1);

  for (int i = 0; i < subject->n_x; i++)
    if (data->x[i])
      point->x[i] = widen (data->x[i], subject->info->n * lw_shape_size (subject->x_shape[i]));
  for (int role = 0; role < LW_ROLE_BATCHES; role++)
    if (data->param[role])
      point->param[role] =
          widen (data->param[role], lw_kernel_tensor (subject, (LwTensorRole)role)->size);
  point->labels = data->labels;
  return point;
}

void
lw_kernel_point_free (LwKernelPoint *point)
{
  for (int i = 0; i < LW_MAX_INPUTS; i++)
    g_free (point->x[i]);
  for (int i = 0; i < LW_MAX_TENSORS; i++)
    g_free (point->param[i]);
  g_free (point);
}

int64_t
lw_kernel_formula_size (const LwKernelSubject *subject)
{
  return subject->node ? subject->info->n * lw_shape_size (subject->y_shape) : 2;
}

/* --- one output of each operation ------------------------------------------------------------- */

/* An output's place: example, channel, row, column. */
typedef struct {
  int64_t n, c, i, j;
} Place;

static int64_t
offset (LwShape shape, int64_t n, int64_t c, int64_t i, int64_t j)
{
  return ((n * shape.c + c) * shape.h + i) * shape.w + j;
}

static double
conv2d (const LwKernelSubject *subject, const LwKernelPoint *point, Place at)
{
  const LwShape from = subject->x_shape[0];
  const LwWindow w = subject->node->window;
  double sum = point->param[LW_ROLE_BIAS][at.c];

  for (int64_t c = 0; c < from.c; c++)
    for (int64_t u = 0; u < w.kernel; u++)
      for (int64_t v = 0; v < w.kernel; v++) {
        const int64_t y = w.stride * at.i + u - w.padding, x = w.stride * at.j + v - w.padding;

        if (y >= 0 && y < from.h && x >= 0 && x < from.w)
          sum += point->param[LW_ROLE_WEIGHT][((at.c * from.c + c) * w.kernel + u) * w.kernel + v] *
                 point->x[0][offset (from, at.n, c, y, x)];
      }
  return sum;
}

static double
linear (const LwKernelSubject *subject, const LwKernelPoint *point, Place at)
{
  const int64_t inputs = subject->x_shape[0].c;
  double sum = point->param[LW_ROLE_BIAS][at.c];

  for (int64_t i = 0; i < inputs; i++)
    sum += point->param[LW_ROLE_WEIGHT][at.c * inputs + i] * point->x[0][at.n * inputs + i];
  return sum;
}

void
lw_kernel_formula_statistics (const LwKernelSubject *subject, const LwKernelPoint *point, int32_t c,
                              double *ret_mean, double *ret_variance, int64_t *ret_count)
{
  const LwShape shape = subject->y_shape;
  const int64_t plane = (int64_t)shape.h * shape.w, count = subject->info->n * plane;
  double mean = 0, variance = 0;

  for (int64_t n = 0; n < subject->info->n; n++)
    for (int64_t p = 0; p < plane; p++)
      mean += point->x[0][(n * shape.c + c) * plane + p] / (double)count;
  for (int64_t n = 0; n < subject->info->n; n++)
    for (int64_t p = 0; p < plane; p++)
      variance += pow (point->x[0][(n * shape.c + c) * plane + p] - mean, 2) / (double)count;
  *ret_mean = mean;
  *ret_variance = variance;
  *ret_count = count;
}

static double
batch_norm (const LwKernelSubject *subject, const LwKernelPoint *point, Place at)
{
  double mean = point->param[LW_ROLE_RUNNING_MEAN][at.c];
  double variance = point->param[LW_ROLE_RUNNING_VAR][at.c];
  int64_t count;

  if (!subject->info->inference)
    lw_kernel_formula_statistics (subject, point, (int32_t)at.c, &mean, &variance, &count);
  return point->param[LW_ROLE_WEIGHT][at.c] *
             (point->x[0][offset (subject->y_shape, at.n, at.c, at.i, at.j)] - mean) /
             sqrt (variance + 1e-5) +
         point->param[LW_ROLE_BIAS][at.c];
}

static double
pool (const LwKernelSubject *subject, const LwKernelPoint *point, Place at)
{
  const LwShape from = subject->x_shape[0];
  const LwWindow w = subject->node->window;
  double largest = -INFINITY, sum = 0;
  int64_t count = 0;

  for (int64_t u = 0; u < w.kernel; u++)
    for (int64_t v = 0; v < w.kernel; v++) {
      const int64_t y = w.stride * at.i + u - w.padding, x = w.stride * at.j + v - w.padding;

      count += y < from.h + w.padding && x < from.w + w.padding;
      if (y >= 0 && y < from.h && x >= 0 && x < from.w) {
        largest = fmax (largest, point->x[0][offset (from, at.n, at.c, y, x)]);
        sum += point->x[0][offset (from, at.n, at.c, y, x)];
      }
    }
  return subject->info->op == LW_OP_MAX_POOL ? largest : sum / (double)count;
}

static double
global_avg_pool (const LwKernelSubject *subject, const LwKernelPoint *point, Place at)
{
  const LwShape from = subject->x_shape[0];
  const int64_t plane = (int64_t)from.h * from.w;
  double sum = 0;

  for (int64_t p = 0; p < plane; p++)
    sum += point->x[0][(at.n * from.c + at.c) * plane + p];
  return sum / (double)plane;
}

static double
dropout (const LwKernelSubject *subject, const LwKernelPoint *point, int64_t position)
{
  const LwStream stream = lw_stream (42, LW_STREAM_DROPOUT, (uint32_t)subject->id, 7);
  const double p = subject->info->dropout, x = point->x[0][position];

  if (subject->info->inference)
    return x;
  return (double)lw_stream_uniform (&stream, (uint64_t)position) >= p ? x / (1 - p) : 0;
}

static double
concat (const LwKernelSubject *subject, const LwKernelPoint *point, Place at)
{
  int k = 0;

  for (; at.c >= subject->x_shape[k].c; k++)
    at.c -= subject->x_shape[k].c;
  return point
      ->x[lw_kernel_first_use (subject, k)][offset (subject->x_shape[k], at.n, at.c, at.i, at.j)];
}

static double
output (const LwKernelSubject *subject, const LwKernelPoint *point, Place at, int64_t position)
{
  switch (subject->info->op) {
  case LW_OP_CONV2D:
    return conv2d (subject, point, at);
  case LW_OP_LINEAR:
    return linear (subject, point, at);
  case LW_OP_BATCH_NORM:
    return batch_norm (subject, point, at);
  case LW_OP_RELU:
    return fmax (point->x[0][position], 0);
  case LW_OP_SIGMOID:
    return 1 / (1 + exp (-point->x[0][position]));
  case LW_OP_TANH:
    return tanh (point->x[0][position]);
  case LW_OP_MAX_POOL:
  case LW_OP_AVG_POOL:
    return pool (subject, point, at);
  case LW_OP_GLOBAL_AVG_POOL:
    return global_avg_pool (subject, point, at);
  case LW_OP_DROPOUT:
    return dropout (subject, point, position);
  case LW_OP_FLATTEN:
    return point->x[0][position];
  case LW_OP_ADD:
    return point->x[0][position] + point->x[lw_kernel_first_use (subject, 1)][position];
  case LW_OP_CONCAT:
    return concat (subject, point, at);
  default:
    g_assert_not_reached ();
  }
}

static void
cross_entropy (const LwKernelSubject *subject, const LwKernelPoint *point, double *y)
{
  const int32_t k = subject->x_shape[0].c;

  y[0] = y[1] = 0;
  for (int32_t n = 0; n < subject->info->n; n++) {
    const double *x = point->x[0] + (int64_t)n * k;
    double sum = 0;
    int32_t first = 0;

    for (int32_t i = 0; i < k; i++) {
      sum += exp (x[i]);
      first = x[i] > x[first] ? i : first;
    }
    y[0] -= log (exp (x[point->labels[n]]) / sum);
    y[1] += first == point->labels[n];
  }
}

void
lw_kernel_formula (const LwKernelSubject *subject, const LwKernelPoint *point, double *y)
{
  const LwShape shape = subject->y_shape;
  int64_t position = 0;

  if (!subject->node) {
    cross_entropy (subject, point, y);
    return;
  }
  for (int64_t n = 0; n < subject->info->n; n++)
    for (int64_t c = 0; c < shape.c; c++)
      for (int64_t i = 0; i < shape.h; i++)
        for (int64_t j = 0; j < shape.w; j++, position++)
          y[position] = output (subject, point, (Place){ n, c, i, j }, position);
}
