/* Batch normalization; the formulas are in ../reference/batch_norm.c. Statistics read x once: the
 * mean and the sum of squared differences of each stretch of 64 pixels, which stays in the first
 * cache meanwhile, are merged in double precision (Chan, Golub and LeVeque, "Updating formulae and
 * a pairwise algorithm for computing sample variances", 1979). Few channels are treated as more:
 * `fold` pixels side by side count as one with fold × c channels, so that vectors are full.
 * `state` holds the batch's mean [c] and 1 / √(variance + ε) [c]. */
#include "kernels/cpu/kernels.h"

#include <math.h>

enum {
  STRETCH = 64, /* rows whose sums are made in float32 */
  ITEMS = 32,   /* at most; each has sums of its own, added up in order */
  WIDE = 4,     /* vectors side by side */
};

typedef struct {
  const LwStep *step;
  int64_t channels, pixels;
  int64_t fold, width, rows; /* rows of fold pixels, of width = fold × channels numbers */
  int64_t items, stretches;
  bool backward;
  double *sums;                          /* [items][2][width] */
  float *mean, *factor, *offset, *slope; /* [width] */
} Job;

static int64_t
fold_of (int64_t channels)
{
  int64_t fold = 1;

  while (channels * fold < WIDE * LW_LANES)
    fold *= 2;
  return fold;
}

static Job
job_new (const LwStep *step, bool backward)
{
  Job job = { .step = step,
              .channels = step->y_shape.c,
              .pixels = step->n * lw_pixels (step->y_shape),
              .fold = fold_of (step->y_shape.c),
              .backward = backward,
              .sums = step->workspace };

  job.width = job.channels * job.fold;
  job.rows = job.pixels / job.fold;
  job.stretches = (job.rows + STRETCH - 1) / STRETCH;
  job.items = MIN (ITEMS, job.stretches);
  job.mean = (float *)(job.sums + ITEMS * 2 * job.width);
  job.factor = job.mean + job.width;
  job.offset = job.factor + job.width;
  job.slope = job.offset + job.width;
  return job;
}

size_t
LW_CPU (batch_norm_workspace_bytes) (LwDevice *device, const LwStep *step)
{
  const int64_t width = step->y_shape.c * fold_of (step->y_shape.c);

  (void)device;
  return (size_t)width * (ITEMS * 2 * sizeof (double) + 4 * sizeof (float));
}

size_t
LW_CPU (batch_norm_state_bytes) (LwDevice *device, const LwStep *step)
{
  (void)device;
  return 2 * sizeof (float) * (size_t)step->y_shape.c;
}

/* --- sums ------------------------------------------------------------------------------------- */

/* mean, squares: of `before` numbers; becomes that of `count` more, too. */
static inline void
merge (double before, double count, double mean, double squares, double *to_mean,
       double *to_squares)
{
  const double difference = mean - *to_mean, share = count / (before + count);

  *to_mean += difference * share;
  *to_squares += squares + difference * difference * before * share;
}

/* Columns of `vectors` vectors: means and squared differences of the rows, merged. */
LW_INLINE void
measure_columns (int vectors, const Job *job, int64_t row, int64_t rows, int64_t before,
                 int64_t column, double *mean, double *squares)
{
  const float *x = (const float *)job->step->x[0] + row * job->width + column;
  const float share = 1 / (float)rows;
  LwVec sum[WIDE], square[WIDE];

#pragma GCC unroll 4
  for (int i = 0; i < vectors; i++)
    sum[i] = square[i] = (LwVec){ 0 };
  for (int64_t r = 0; r < rows; r++)
#pragma GCC unroll 4
    for (int i = 0; i < vectors; i++)
      sum[i] += lw_vec_load (x + r * job->width + i * LW_LANES);
#pragma GCC unroll 4
  for (int i = 0; i < vectors; i++)
    sum[i] *= share;
  for (int64_t r = 0; r < rows; r++)
#pragma GCC unroll 4
    for (int i = 0; i < vectors; i++) {
      const LwVec d = lw_vec_load (x + r * job->width + i * LW_LANES) - sum[i];

      square[i] += d * d;
    }
#pragma GCC unroll 4
  for (int i = 0; i < vectors; i++)
    for (int lane = 0; lane < LW_LANES; lane++)
      merge ((double)before, (double)rows, (double)sum[i][lane], (double)square[i][lane],
             &mean[column + i * LW_LANES + lane], &squares[column + i * LW_LANES + lane]);
}

/* Σ dy and Σ dy (x − mean) */
LW_INLINE void
sum_columns (int vectors, const Job *job, int64_t row, int64_t rows, int64_t column, double *sum,
             double *product)
{
  const float *x = (const float *)job->step->x[0] + row * job->width + column;
  const float *dy = (const float *)job->step->dy + row * job->width + column;
  LwVec s[WIDE], p[WIDE];

#pragma GCC unroll 4
  for (int i = 0; i < vectors; i++)
    s[i] = p[i] = (LwVec){ 0 };
  for (int64_t r = 0; r < rows; r++)
#pragma GCC unroll 4
    for (int i = 0; i < vectors; i++) {
      const int64_t at = r * job->width + i * LW_LANES;
      const LwVec d = lw_vec_load (dy + at);

      s[i] += d;
      p[i] += d * (lw_vec_load (x + at) - lw_vec_load (job->mean + column + i * LW_LANES));
    }
#pragma GCC unroll 4
  for (int i = 0; i < vectors; i++)
    for (int lane = 0; lane < LW_LANES; lane++) {
      sum[column + i * LW_LANES + lane] += (double)s[i][lane];
      product[column + i * LW_LANES + lane] += (double)p[i][lane];
    }
}

/* One column alone, what does not fill a vector. */
static void
sum_column (const Job *job, int64_t row, int64_t rows, int64_t before, int64_t column, double *a,
            double *b)
{
  const float *x = (const float *)job->step->x[0] + row * job->width + column;
  const float *dy = (const float *)job->step->dy + row * job->width + column;
  double sum = 0, product = 0;

  if (job->backward) {
    for (int64_t r = 0; r < rows; r++) {
      const double d = (double)dy[r * job->width];

      sum += d;
      product += d * (double)(x[r * job->width] - job->mean[column]);
    }
    a[column] += sum;
    b[column] += product;
    return;
  }
  for (int64_t r = 0; r < rows; r++)
    sum += (double)x[r * job->width];
  sum /= (double)rows;
  for (int64_t r = 0; r < rows; r++)
    product += ((double)x[r * job->width] - sum) * ((double)x[r * job->width] - sum);
  merge ((double)before, (double)rows, sum, product, &a[column], &b[column]);
}

static void
sum_stretch (const Job *job, int64_t row, int64_t rows, int64_t before, double *a, double *b)
{
  int64_t column = 0;

  for (; column + WIDE * LW_LANES <= job->width; column += WIDE * LW_LANES)
    if (job->backward)
      sum_columns (WIDE, job, row, rows, column, a, b);
    else
      measure_columns (WIDE, job, row, rows, before, column, a, b);
  for (; column + LW_LANES <= job->width; column += LW_LANES)
    if (job->backward)
      sum_columns (1, job, row, rows, column, a, b);
    else
      measure_columns (1, job, row, rows, before, column, a, b);
  for (; column < job->width; column++)
    sum_column (job, row, rows, before, column, a, b);
}

static int64_t
first_row (const Job *job, int64_t item)
{
  return MIN (job->stretches * item / job->items * STRETCH, job->rows);
}

static void
sum_items (const void *data, int64_t first, int64_t last, int thread)
{
  const Job *job = data;

  (void)thread;
  for (int64_t item = first; item < last; item++) {
    double *a = job->sums + item * 2 * job->width, *b = a + job->width;
    const int64_t start = first_row (job, item), end = first_row (job, item + 1);

    for (int64_t i = 0; i < job->width; i++)
      a[i] = b[i] = 0;
    for (int64_t row = start; row < end; row += STRETCH)
      sum_stretch (job, row, MIN (STRETCH, end - row), row - start, a, b);
  }
}

/* All sums of channel c: those of the items and of the pixels that make no whole row. */
static void
add_up (const Job *job, int64_t c, double *a, double *b)
{
  const int64_t done = job->rows * job->fold;
  double count = 0;

  *a = *b = 0;
  for (int64_t item = 0; item < job->items; item++)
    for (int64_t i = c; i < job->width; i += job->channels) {
      const double *sums = job->sums + item * 2 * job->width;
      const double rows = (double)(first_row (job, item + 1) - first_row (job, item));

      if (job->backward)
        *a += sums[i], *b += sums[job->width + i];
      else
        merge (count, rows, sums[i], sums[job->width + i], a, b);
      count += rows;
    }
  for (int64_t pixel = done; pixel < job->pixels; pixel++) {
    const int64_t at = pixel * job->channels + c;
    const double x = (double)((const float *)job->step->x[0])[at];

    if (job->backward) {
      const double dy = (double)((const float *)job->step->dy)[at];

      *a += dy, *b += dy * (x - (double)job->mean[c]);
    } else
      merge (count++, 1, x, 0, a, b);
  }
}

/* --- forward ---------------------------------------------------------------------------------- */

/* The mean and 1 / √(variance + ε) that channel c was, or is, normalized with. */
static void
read_statistics (const LwStep *step, int64_t c, float *ret_mean, float *ret_scale)
{
  if (step->training) {
    const float *state = step->state;

    *ret_mean = state[c];
    *ret_scale = state[step->y_shape.c + c];
  } else {
    const float *mean = step->param[LW_ROLE_RUNNING_MEAN];
    const float *variance = step->param[LW_ROLE_RUNNING_VAR];

    *ret_mean = mean[c];
    *ret_scale = (float)(1 / sqrt ((double)variance[c] + step->node->epsilon));
  }
}

static void
measure (LwDevice *device, const Job *job)
{
  const LwStep *step = job->step;
  const double m = (double)job->pixels, alpha = step->node->momentum;
  float *state = step->state;
  float *running_mean = step->param[LW_ROLE_RUNNING_MEAN];
  float *running_variance = step->param[LW_ROLE_RUNNING_VAR];

  lw_pool_run (device->pool, job->items, sum_items, job);
  for (int64_t c = 0; c < job->channels; c++) {
    double mean, variance;

    add_up (job, c, &mean, &variance);
    variance /= m;
    state[c] = (float)mean;
    state[job->channels + c] = (float)(1 / sqrt (variance + step->node->epsilon));
    running_mean[c] = (float)((1 - alpha) * (double)running_mean[c] + alpha * mean);
    running_variance[c] =
        (float)((1 - alpha) * (double)running_variance[c] + alpha * variance * m / (m - 1));
  }
}

/* y = (x − mean) · factor + offset; items are stretches of rows, the last one may be cut. */
static void
normalize_stretches (const void *data, int64_t first, int64_t last, int thread)
{
  const Job *job = data;
  const int64_t total = job->pixels * job->channels;

  (void)thread;
  for (int64_t start = first * STRETCH * job->width;
       start < MIN (last * STRETCH * job->width, total); start += job->width) {
    const float *x = (const float *)job->step->x[0] + start;
    float *y = (float *)job->step->y + start;
    const int64_t n = MIN (job->width, total - start);

    for (int64_t i = 0; i < n; i++)
      y[i] = (x[i] - job->mean[i]) * job->factor[i] + job->offset[i];
  }
}

/* Stretches of all pixels, the incomplete last row included. */
static int64_t
all_stretches (const Job *job)
{
  const int64_t rows = (job->pixels + job->fold - 1) / job->fold;

  return (rows + STRETCH - 1) / STRETCH;
}

bool
LW_CPU (batch_norm_forward) (LwDevice *device, const LwStep *step, GError **error)
{
  const Job job = job_new (step, false);
  const float *gamma = step->param[LW_ROLE_WEIGHT], *beta = step->param[LW_ROLE_BIAS];

  if (step->training) {
    if (job.pixels < 2) {
      g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                   "Batch normalization needs more than one value per channel to train: use a "
                   "batch of at least 2, or a larger input.");
      return false;
    }
    ++*(int64_t *)step->param[LW_ROLE_BATCHES];
    measure (device, &job);
  }
  for (int64_t i = 0; i < job.width; i++) {
    const int64_t c = i % job.channels;
    float scale;

    read_statistics (step, c, &job.mean[i], &scale);
    job.factor[i] = gamma[c] * scale;
    job.offset[i] = beta[c];
  }
  lw_pool_run (device->pool, all_stretches (&job), normalize_stretches, &job);
  return true;
}

/* --- backward --------------------------------------------------------------------------------- */

/* dx (+)= factor · (dy − offset − (x − mean) · slope) */
static void
gradient_stretches (const void *data, int64_t first, int64_t last, int thread)
{
  const Job *job = data;
  const int64_t total = job->pixels * job->channels;
  const bool accumulate = job->step->accumulate & 1;

  (void)thread;
  for (int64_t start = first * STRETCH * job->width;
       start < MIN (last * STRETCH * job->width, total); start += job->width) {
    const float *x = (const float *)job->step->x[0] + start;
    const float *dy = (const float *)job->step->dy + start;
    float *dx = (float *)job->step->dx[0] + start;
    const int64_t n = MIN (job->width, total - start);

    if (accumulate)
      for (int64_t i = 0; i < n; i++)
        dx[i] += job->factor[i] * (dy[i] - job->offset[i] - (x[i] - job->mean[i]) * job->slope[i]);
    else
      for (int64_t i = 0; i < n; i++)
        dx[i] = job->factor[i] * (dy[i] - job->offset[i] - (x[i] - job->mean[i]) * job->slope[i]);
  }
}

bool
LW_CPU (batch_norm_backward) (LwDevice *device, const LwStep *step, GError **error)
{
  const Job job = job_new (step, true);
  const float *gamma = step->param[LW_ROLE_WEIGHT];
  float *dgamma = step->dparam[LW_ROLE_WEIGHT], *dbeta = step->dparam[LW_ROLE_BIAS];
  const double m = (double)job.pixels;

  (void)error;
  for (int64_t i = 0; i < job.width; i++) {
    float scale;

    read_statistics (step, i % job.channels, &job.mean[i], &scale);
    job.factor[i] = gamma[i % job.channels] * scale;
  }
  lw_pool_run (device->pool, job.items, sum_items, &job);
  for (int64_t c = 0; c < job.channels; c++) {
    double sum, product; /* Σ dy, Σ dy x̂ */
    float mean, scale;

    read_statistics (step, c, &mean, &scale);
    add_up (&job, c, &sum, &product);
    product *= (double)scale;
    if (dbeta)
      dbeta[c] += (float)sum;
    if (dgamma)
      dgamma[c] += (float)product;
    if (!step->training)
      sum = product = 0; /* the statistics do not depend on x */
    for (int64_t i = c; i < job.width; i += job.channels) {
      job.offset[i] = (float)(sum / m);
      job.slope[i] = (float)(product / m) * scale;
    }
  }
  if (step->dx[0])
    lw_pool_run (device->pool, all_stretches (&job), gradient_stretches, &job);
  return true;
}

bool
LW_CPU (batch_statistics) (LwDevice *device, const LwStep *step, float *mean, float *variance,
                           GError **error)
{
  const float *state = step->state;

  (void)device;
  (void)error;
  for (int32_t c = 0; c < step->y_shape.c; c++) {
    const double scale = (double)state[step->y_shape.c + c];

    mean[c] = state[c];
    variance[c] = (float)MAX (0, 1 / (scale * scale) - step->node->epsilon);
  }
  return true;
}
