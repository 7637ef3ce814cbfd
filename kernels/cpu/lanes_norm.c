/* Batch normalization; the formulas are in ../reference/batch_norm.c. A group's statistics of a
 * channel are sums of x − s and (x − s)², s being the first of its numbers, which keeps the squares
 * from losing digits where the mean is large; they are made in float32 and merged in double
 * precision, group by group, as in batch_norm.c. Sums over a map have four parts, of every fourth
 * pixel, so that additions need not wait for each other. `state` as in batch_norm.c.
 * `kept`: [4][c] mean, factor, offset, slope; in double precision a count and two totals [2][c];
 * then [group][3][c]: two sums and s. */
#include "engine/i18n.h"
#include "kernels/cpu/lanes.h"

#include <math.h>

typedef struct {
  int64_t channels;
  float *mean, *factor, *offset, *slope; /* y = (x − mean) · factor + offset */
  double *count, *totals;                /* totals [2][c], behind the count */
  float *sums;                           /* [group][3][c] */
} Kept;

static Kept
kept_of (const LwStep *step, const char *kept)
{
  const int64_t c = step->y_shape.c;
  float *at = (float *)kept;

  return (Kept){ c,
                 at,
                 at + c,
                 at + 2 * c,
                 at + 3 * c,
                 (double *)(at + 4 * c),
                 (double *)(at + 4 * c) + 1,
                 at + 8 * c + 2 };
}

LwLanesNeed
LW_CPU (lanes_norm_need) (const LwStep *step)
{
  const size_t floats = (size_t)step->y_shape.c * (8 + 3 * (size_t)lw_groups (step->batch)) + 2;

  return (LwLanesNeed){ sizeof (float) * floats,
                        sizeof (float) * LW_LANES * 2 * (size_t)step->y_shape.c };
}

/* --- statistics of a group -------------------------------------------------------------------- */

static const float *
first_number (const float *x, int64_t plane, int64_t c)
{
  return x + c * plane * LW_LANES;
}

/* vectors [2][c] → sums [2][c] */
static void
sum_lanes (const LwLanes *lanes, const float *vectors)
{
  const Kept kept = kept_of (lanes->step, lanes->kept);

  LW_CPU (lanes_sum) (vectors, 2 * kept.channels, kept.sums + lanes->group * 3 * kept.channels);
}

void
LW_CPU (lanes_norm_measure) (const LwLanes *lanes, const float *x)
{
  const LwStep *step = lanes->step;
  const Kept kept = kept_of (step, lanes->kept);
  const int64_t channels = kept.channels, plane = lw_pixels (step->y_shape);
  float *vectors = (float *)lanes->scratch;
  float *first = kept.sums + (lanes->group * 3 + 2) * channels;
  const LwVec present = lw_lanes_present (lanes->n, lanes->group);

  for (int64_t c = 0; c < channels; c++) {
    const float *from = first_number (x, plane, c);
    const LwVec s = lw_vec_all (from[0]);
    LwVec sum[4] = { { 0 } }, square[4] = { { 0 } };
    int64_t i = 0;

    for (; i + 4 <= plane; i += 4)
#pragma GCC unroll 4
      for (int k = 0; k < 4; k++) {
        const LwVec d = lw_vec_load (from + (i + k) * LW_LANES) - s;

        sum[k] += d;
        square[k] += d * d;
      }
    for (; i < plane; i++) {
      const LwVec d = lw_vec_load (from + i * LW_LANES) - s;

      sum[0] += d;
      square[0] += d * d;
    }
    first[c] = from[0];
    lw_vec_store (vectors + c * LW_LANES, present * ((sum[0] + sum[1]) + (sum[2] + sum[3])));
    lw_vec_store (vectors + (channels + c) * LW_LANES,
                  present * ((square[0] + square[1]) + (square[2] + square[3])));
  }
  sum_lanes (lanes, vectors);
}

/* Σ dy and Σ dy (x − mean) */
void
LW_CPU (lanes_norm_sum) (const LwLanes *lanes, const float *x, const float *dy)
{
  const LwStep *step = lanes->step;
  const Kept kept = kept_of (step, lanes->kept);
  const int64_t channels = kept.channels, plane = lw_pixels (step->y_shape);
  float *vectors = (float *)lanes->scratch;

  for (int64_t c = 0; c < channels; c++) {
    const float *from = first_number (x, plane, c), *gradient = first_number (dy, plane, c);
    const LwVec mean = lw_vec_all (kept.mean[c]);
    LwVec sum[4] = { { 0 } }, product[4] = { { 0 } };
    int64_t i = 0;

    for (; i + 4 <= plane; i += 4)
#pragma GCC unroll 4
      for (int k = 0; k < 4; k++) {
        const LwVec d = lw_vec_load (gradient + (i + k) * LW_LANES);

        sum[k] += d;
        product[k] += d * (lw_vec_load (from + (i + k) * LW_LANES) - mean);
      }
    for (; i < plane; i++) {
      const LwVec d = lw_vec_load (gradient + i * LW_LANES);

      sum[0] += d;
      product[0] += d * (lw_vec_load (from + i * LW_LANES) - mean);
    }
    lw_vec_store (vectors + c * LW_LANES, (sum[0] + sum[1]) + (sum[2] + sum[3]));
    lw_vec_store (vectors + (channels + c) * LW_LANES,
                  (product[0] + product[1]) + (product[2] + product[3]));
  }
  sum_lanes (lanes, vectors);
}

/* --- the whole batch's ------------------------------------------------------------------------ */

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

/* mean, squares [c]: the groups' means and sums of squared differences, merged in order. */
static void
merge_groups (const LwStep *step, int32_t n, const Kept *kept)
{
  const double plane = (double)lw_pixels (step->y_shape);
  const int64_t channels = kept->channels;
  double *restrict mean = kept->totals, *restrict squares = kept->totals + channels, count = 0;

  for (int64_t c = 0; c < channels; c++)
    mean[c] = squares[c] = 0;
  for (int64_t group = 0; group < lw_groups (n); group++) {
    const float *restrict sums = kept->sums + group * 3 * channels;
    const float *restrict products = sums + channels, *restrict first = products + channels;
    const double more = plane * lw_lanes_count (n, group);
    const double share = more / (count + more), one = 1 / more;

    for (int64_t c = 0; c < channels; c++) {
      const double sum = (double)sums[c], difference = (double)first[c] + sum * one - mean[c];
      const double own = (double)products[c] - sum * sum * one;

      mean[c] += difference * share;
      squares[c] += (own > 0 ? own : 0) + difference * difference * count * share;
    }
    count += more;
  }
}

/* Of this process's batch, or of the whole one. */
static bool
measure_batch (const LwStep *step, int32_t n, const Kept *kept, GError **error)
{
  const double m = lw_step_whole_values (step), alpha = step->node->momentum;
  float *state = step->state;
  float *running_mean = step->param[LW_ROLE_RUNNING_MEAN];
  float *running_variance = step->param[LW_ROLE_RUNNING_VAR];

  merge_groups (step, n, kept);
  kept->count[0] = lw_step_values (step);
  if (step->collective != NULL &&
      !lw_collective_reduce (step->collective, kept->count, 1 + 2 * kept->channels,
                             LW_REDUCE_MOMENTS, error))
    return false;
  for (int64_t c = 0; c < kept->channels; c++) {
    const double mean = kept->totals[c], variance = kept->totals[kept->channels + c] / m;

    state[c] = (float)mean;
    state[kept->channels + c] = (float)(1 / sqrt (variance + step->node->epsilon));
    running_mean[c] = (float)((1 - alpha) * (double)running_mean[c] + alpha * mean);
    running_variance[c] =
        (float)((1 - alpha) * (double)running_variance[c] + alpha * variance * m / (m - 1));
  }
  return true;
}

bool
LW_CPU (lanes_norm_finish) (const LwStep *step, int32_t n, char *memory, GError **error)
{
  const Kept kept = kept_of (step, memory);
  const float *gamma = step->param[LW_ROLE_WEIGHT], *beta = step->param[LW_ROLE_BIAS];

  if (step->training) {
    if (lw_step_whole_values (step) < 2) {
      g_set_error (error, LW_ERROR, LW_ERROR_INVALID,
                   _ ("Batch normalization needs more than one value per channel to train: use a "
                      "batch of at least 2, or a larger input."));
      return false;
    }
    if (!measure_batch (step, n, &kept, error))
      return false;
    ++*(int64_t *)step->param[LW_ROLE_BATCHES];
  }
  for (int64_t c = 0; c < kept.channels; c++) {
    float scale;

    read_statistics (step, c, &kept.mean[c], &scale);
    kept.factor[c] = gamma[c] * scale;
    kept.offset[c] = beta[c];
  }
  return true;
}

/* Before the sums of backward: the mean; after them: all else, and the parameters' gradients. */
void
LW_CPU (lanes_norm_start_backward) (const LwStep *step, char *memory)
{
  const Kept kept = kept_of (step, memory);
  float scale;

  for (int64_t c = 0; c < kept.channels; c++)
    read_statistics (step, c, &kept.mean[c], &scale);
}

/* The groups' two sums. */
static void
add_groups (int32_t n, const Kept *kept)
{
  double *restrict totals = kept->totals;

  for (int64_t i = 0; i < 2 * kept->channels; i++)
    totals[i] = 0;
  for (int64_t group = 0; group < lw_groups (n); group++) {
    const float *restrict sums = kept->sums + group * 3 * kept->channels;

    for (int64_t i = 0; i < 2 * kept->channels; i++)
      totals[i] += (double)sums[i];
  }
}

/* totals ← Σ dy and Σ dy x̂: of this process's batch, for the parameters' gradients, then of the one
 * whose statistics were taken. */
static bool
sum_gradients (const LwStep *step, int32_t n, const Kept *kept, GError **error)
{
  float *dgamma = step->dparam[LW_ROLE_WEIGHT], *dbeta = step->dparam[LW_ROLE_BIAS];
  double *sums = kept->totals, *products = kept->totals + kept->channels;

  add_groups (n, kept);
  for (int64_t c = 0; c < kept->channels; c++) {
    float scale;

    read_statistics (step, c, &kept->mean[c], &scale);
    products[c] *= (double)scale;
    if (dbeta)
      dbeta[c] += (float)sums[c];
    if (dgamma)
      dgamma[c] += (float)products[c];
    if (!step->training)
      sums[c] = products[c] = 0; /* the statistics do not depend on x */
  }
  return step->collective == NULL ||
         lw_collective_reduce (step->collective, sums, 2 * kept->channels, LW_REDUCE_SUM, error);
}

bool
LW_CPU (lanes_norm_finish_backward) (const LwStep *step, int32_t n, char *memory, GError **error)
{
  const Kept kept = kept_of (step, memory);
  const float *gamma = step->param[LW_ROLE_WEIGHT];
  const double m = lw_step_mean_values (step);

  if (!sum_gradients (step, n, &kept, error))
    return false;
  for (int64_t c = 0; c < kept.channels; c++) {
    float scale;

    read_statistics (step, c, &kept.mean[c], &scale);
    kept.factor[c] = gamma[c] * scale;
    kept.offset[c] = (float)(kept.totals[c] / m);
    kept.slope[c] = (float)(kept.totals[kept.channels + c] / m) * scale;
  }
  return true;
}

/* dx (+)= factor · (dy − offset − (x − mean) · slope) */
void
LW_CPU (lanes_norm_gradient) (const LwLanes *lanes, const float *x, const float *dy, float *dx,
                              bool accumulate)
{
  const Kept kept = kept_of (lanes->step, lanes->kept);
  const int64_t plane = lw_pixels (lanes->step->y_shape);
  const LwVec present = lw_lanes_present (lanes->n, lanes->group);

  for (int64_t c = 0; c < kept.channels; c++) {
    const LwVec mean = lw_vec_all (kept.mean[c]), slope = lw_vec_all (kept.slope[c]);
    const LwVec offset = lw_vec_all (kept.offset[c]), factor = present * kept.factor[c];

    for (int64_t i = 0; i < plane; i++, x += LW_LANES, dy += LW_LANES, dx += LW_LANES) {
      const LwVec d = factor * ((lw_vec_load (dy) - offset) - (lw_vec_load (x) - mean) * slope);

      lw_vec_store (dx, accumulate ? lw_vec_load (dx) + lw_vec_rounded (d) : d);
    }
  }
}
