/* Batch normalization; the formulas are in ../reference/batch_norm.c, the sums in
 * batch_norm_sums.c. `state` holds the batch's mean [c], 1 / √(variance + ε) [c] and the sums that
 * they come from. An activation max (0, ·) behind it, and a sum with another map, are computed
 * while y is written (link.h). */
#include "kernels/cpu/batch_norm.h"
#include "engine/i18n.h"

#include <math.h>
#include <string.h>

enum { STRETCH = LW_NORM_STRETCH };

size_t
LW_CPU (batch_norm_state_bytes) (LwDevice *device, const LwStep *step)
{
  (void)device;
  return (2 * sizeof (float) + 2 * sizeof (double)) * (size_t)step->y_shape.c;
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

/* y = (x − mean) · factor + shift */
static void
read_factors (const LwNorm *norm)
{
  const LwStep *step = norm->step;
  const float *gamma = step->param[LW_ROLE_WEIGHT], *beta = step->param[LW_ROLE_BIAS];

  for (int64_t i = 0; i < norm->width; i++) {
    float scale;

    read_statistics (step, i % norm->channels, &norm->mean[i], &scale);
    norm->factor[i] = gamma[i % norm->channels] * scale;
    norm->shift[i] = beta[i % norm->channels];
  }
}

/* Of this process's batch, and where that is asked for of the whole one: `ret_sums`, means and sums
 * of squared differences. The workspace is free again when the items' sums are added up. */
static bool
measure_batch (LwDevice *device, const LwNorm *norm, const double **ret_sums, GError **error)
{
  const LwStep *step = norm->step;
  double *own = lw_norm_sums (step), *all = norm->sums;

  LW_CPU (norm_sum) (device, norm);
  for (int64_t c = 0; c < norm->channels; c++)
    LW_CPU (norm_add_up) (norm, c, &own[c], &own[norm->channels + c]);
  *ret_sums = own;
  if (step->collective == NULL)
    return true;
  all[0] = lw_step_values (step);
  memcpy (all + 1, own, sizeof *own * 2 * (size_t)norm->channels);
  *ret_sums = all + 1;
  return lw_collective_reduce (step->collective, all, 1 + 2 * norm->channels, LW_REDUCE_MOMENTS,
                               error);
}

static bool
measure (LwDevice *device, const LwNorm *norm, GError **error)
{
  const LwStep *step = norm->step;
  const double m = lw_step_whole_values (step), alpha = step->node->momentum;
  float *state = step->state;
  const double *sums;
  float *running_mean = step->param[LW_ROLE_RUNNING_MEAN];
  float *running_variance = step->param[LW_ROLE_RUNNING_VAR];

  if (!measure_batch (device, norm, &sums, error))
    return false;
  for (int64_t c = 0; c < norm->channels; c++) {
    const double mean = sums[c], variance = sums[norm->channels + c] / m;

    state[c] = (float)mean;
    state[norm->channels + c] = (float)(1 / sqrt (variance + step->node->epsilon));
    running_mean[c] = (float)((1 - alpha) * (double)running_mean[c] + alpha * mean);
    running_variance[c] =
        (float)((1 - alpha) * (double)running_variance[c] + alpha * variance * m / (m - 1));
  }
  return true;
}

/* y = (x − mean) · factor + shift, where it goes, and what comes behind. */
typedef struct {
  LwNorm norm;
  LwNumber *y;
  int64_t y_row;
  const LwNumber *addend; /* or NULL */
  int64_t addend_row;
  bool relu;
  bool stream; /* past the caches */
} Writing;

/* `count` numbers of column i. The sum gets what the batch normalization alone would leave. */
LW_INLINE LwVec
normalized (const LwNorm *norm, const LwNumber *x, const LwNumber *addend, bool relu, int64_t i,
            int64_t count)
{
  LwVec value = (lw_load_some (x + i, count) - lw_vec_load_some (norm->mean + i, count)) *
                    lw_vec_load_some (norm->factor + i, count) +
                lw_vec_load_some (norm->shift + i, count);

  if (addend)
    value = lw_rounded (value) + lw_load_some (addend + i, count);
  return relu ? lw_vec_relu (value) : value;
}

LW_INLINE void
write_row (const LwNorm *norm, const LwNumber *x, const LwNumber *addend, bool relu, int64_t n,
           LwNumber *y)
{
  int64_t i = 0;

  for (; i + LW_LANES <= n; i += LW_LANES)
    lw_store (y + i, normalized (norm, x, addend, relu, i, LW_LANES));
  if (i < n)
    lw_store_part (y + i, normalized (norm, x, addend, relu, i, n - i), n - i);
}

/* The same past the caches, n a multiple of 16. */
LW_INLINE void
stream_row (const LwNorm *norm, const LwNumber *x, const LwNumber *addend, bool relu, int64_t n,
            LwNumber *y)
{
  for (int64_t i = 0; i < n; i += LW_LANES)
    lw_store_past (y + i, normalized (norm, x, addend, relu, i, LW_LANES));
}

/* Rows, and the pixels behind that make no whole one. */
static int64_t
all_rows (const LwNorm *norm)
{
  return (norm->pixels + norm->fold - 1) / norm->fold;
}

static int64_t
row_size (const LwNorm *norm, int64_t row)
{
  return MIN (norm->width, (norm->pixels - row * norm->fold) * norm->channels);
}

/* Items are stretches of rows. */
static void
write_stretches (const void *data, int64_t first, int64_t last, int thread)
{
  const Writing *writing = data;
  const LwNorm *norm = &writing->norm;

  (void)thread;
  for (int64_t row = first * STRETCH; row < MIN (last * STRETCH, all_rows (norm)); row++) {
    const LwNumber *x = (const LwNumber *)norm->step->x[0] + row * norm->x_row;
    const int64_t n = row_size (norm, row);
    LwNumber *y = writing->y + row * writing->y_row;
    const LwNumber *addend = writing->addend ? writing->addend + row * writing->addend_row : NULL;

    if (writing->stream && n % 16 == 0)
      stream_row (norm, x, addend, writing->relu, n, y);
    else if (addend && writing->relu)
      write_row (norm, x, addend, true, n, y);
    else if (addend)
      write_row (norm, x, addend, false, n, y);
    else if (writing->relu)
      write_row (norm, x, NULL, true, n, y);
    else
      write_row (norm, x, NULL, false, n, y);
  }
  lw_vec_stream_end ();
}

static void
write_all (LwDevice *device, Writing writing)
{
  const LwNorm *norm = &writing.norm;

  read_factors (norm);
  writing.stream = writing.y != norm->step->x[0] &&
                   lw_may_stream (writing.y, writing.y_row, norm->pixels * norm->channels);
  lw_pool_run (device->pool, (all_rows (norm) + STRETCH - 1) / STRETCH, write_stretches, &writing);
}

bool
LW_CPU (batch_norm_forward) (LwDevice *device, const LwStep *step, GError **error)
{
  const LwNorm norm = LW_CPU (norm_new) (step, false);

  if (lw_link (step).forward_done)
    return true;
  if (step->training) {
    if (lw_step_whole_values (step) < 2) {
      g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                   _ ("Batch normalization needs more than one value per channel to train: use a "
                      "batch of at least 2, or a larger input."));
      return false;
    }
    if (!measure (device, &norm, error))
      return false;
    ++*(int64_t *)step->param[LW_ROLE_BATCHES];
  }
  if (!lw_link (step).measures)
    write_all (device, (Writing){ norm, step->y, norm.y_row, NULL, 0, norm.relu, false });
  return true;
}

void
LW_CPU (normalize_and_add) (LwDevice *device, const LwStep *sum)
{
  const LwCpuLink link = lw_link (sum);
  const LwNorm norm = LW_CPU (norm_new) (link.norm, false);
  const int64_t pixel = lw_pixel (sum->y_pixel, sum->y_shape);

  write_all (device,
             (Writing){ norm, sum->y, pixel * norm.fold, sum->x[1],
                        lw_pixel (sum->x_pixel[1], sum->y_shape) * norm.fold, link.relu, false });
}

/* --- backward --------------------------------------------------------------------------------- */

/* factor · (dy − offset − (x − mean) · slope), `count` numbers of column i */
LW_INLINE LwVec
gradient (const LwNorm *norm, const LwNumber *x, const LwNumber *dy, bool relu, int64_t i,
          int64_t count)
{
  const LwVec centred = lw_load_some (x + i, count) - lw_vec_load_some (norm->mean + i, count);
  const LwVec factor = lw_vec_load_some (norm->factor + i, count);
  LwVec d = lw_load_some (dy + i, count);

  if (relu)
    d = lw_vec_relu_gradient (centred * factor + lw_vec_load_some (norm->shift + i, count), d);
  return factor * (d - lw_vec_load_some (norm->offset + i, count) -
                   centred * lw_vec_load_some (norm->slope + i, count));
}

/* What becomes of it: dx ←, dx ← past the caches (rows of a multiple of 16), dx += */
typedef enum { STORE, STREAM, ADD } Mode;

typedef struct {
  LwNorm norm;
  Mode mode;
} Gradient;

LW_INLINE void
write_gradients (const LwNorm *norm, const LwNumber *x, const LwNumber *dy, bool relu, Mode mode,
                 int64_t n, LwNumber *dx)
{
  int64_t i = 0;

  for (; i + LW_LANES <= n; i += LW_LANES) {
    const LwVec value = gradient (norm, x, dy, relu, i, LW_LANES);

    if (mode == STREAM)
      lw_store_past (dx + i, value);
    else
      lw_store (dx + i, mode == ADD ? lw_load (dx + i) + value : value);
  }
  if (i < n) {
    const LwVec value = gradient (norm, x, dy, relu, i, n - i);

    lw_store_part (dx + i, mode == ADD ? lw_load_part (dx + i, n - i) + value : value, n - i);
  }
}

LW_INLINE void
gradient_rows (const LwNorm *norm, bool relu, Mode mode, int64_t row, int64_t end)
{
  for (; row < end; row++)
    write_gradients (norm, (const LwNumber *)norm->step->x[0] + row * norm->x_row,
                     (const LwNumber *)norm->step->dy + row * norm->dy_row, relu, mode,
                     row_size (norm, row), (LwNumber *)norm->step->dx[0] + row * norm->dx_row);
}

static void
gradient_stretches (const void *data, int64_t first, int64_t last, int thread)
{
  const Gradient *job = data;
  const LwNorm *norm = &job->norm;
  const int64_t row = first * STRETCH, end = MIN (last * STRETCH, all_rows (norm));

  (void)thread;
  if (norm->relu && job->mode == ADD)
    gradient_rows (norm, true, ADD, row, end);
  else if (norm->relu && job->mode == STREAM)
    gradient_rows (norm, true, STREAM, row, end);
  else if (norm->relu)
    gradient_rows (norm, true, STORE, row, end);
  else if (job->mode == ADD)
    gradient_rows (norm, false, ADD, row, end);
  else if (job->mode == STREAM)
    gradient_rows (norm, false, STREAM, row, end);
  else
    gradient_rows (norm, false, STORE, row, end);
  lw_vec_stream_end ();
}

static void
write_all_gradients (LwDevice *device, const LwNorm *norm)
{
  const LwStep *step = norm->step;
  const bool stream = step->dx[0] != step->dy && norm->channels * norm->fold % 16 == 0 &&
                      norm->pixels % norm->fold == 0 &&
                      lw_may_stream (step->dx[0], norm->dx_row, norm->pixels * norm->channels);
  const Gradient job = { *norm, step->accumulate & 1 ? ADD : stream ? STREAM : STORE };

  lw_pool_run (device->pool, (all_rows (norm) + STRETCH - 1) / STRETCH, gradient_stretches, &job);
}

/* Behind the items' sums, which are in the first one's place by then. */
static double *
gradient_sums (const LwNorm *norm)
{
  return norm->sums + 2 * norm->width;
}

/* Σ dy and Σ dy x̂ of this process's batch, for the parameters' gradients, then of the one whose
 * statistics were taken. */
static bool
sum_gradients (LwDevice *device, const LwNorm *norm, GError **error)
{
  const LwStep *step = norm->step;
  float *dgamma = step->dparam[LW_ROLE_WEIGHT], *dbeta = step->dparam[LW_ROLE_BIAS];
  double *sums = gradient_sums (norm), *products = sums + norm->channels;

  LW_CPU (norm_sum) (device, norm);
  for (int64_t c = 0; c < norm->channels; c++) {
    double sum, product;
    float mean, scale;

    read_statistics (step, c, &mean, &scale);
    LW_CPU (norm_add_up) (norm, c, &sum, &product);
    product *= (double)scale;
    if (dbeta)
      dbeta[c] += (float)sum;
    if (dgamma)
      dgamma[c] += (float)product;
    /* After inference the statistics do not depend on x. */
    sums[c] = step->training ? sum : 0;
    products[c] = step->training ? product : 0;
  }
  return step->collective == NULL ||
         lw_collective_reduce (step->collective, sums, 2 * norm->channels, LW_REDUCE_SUM, error);
}

bool
LW_CPU (batch_norm_backward) (LwDevice *device, const LwStep *step, GError **error)
{
  const LwNorm norm = LW_CPU (norm_new) (step, true);
  const double *sums = gradient_sums (&norm);
  const double m = lw_step_mean_values (step);

  read_factors (&norm);
  if (!sum_gradients (device, &norm, error))
    return false;
  for (int64_t c = 0; c < norm.channels; c++) {
    float mean, scale;

    read_statistics (step, c, &mean, &scale);
    for (int64_t i = c; i < norm.width; i += norm.channels) {
      norm.offset[i] = (float)(sums[c] / m);
      norm.slope[i] = (float)(sums[norm.channels + c] / m) * scale;
    }
  }
  if (step->dx[0])
    write_all_gradients (device, &norm);
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
