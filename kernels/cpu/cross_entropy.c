/* Softmax and cross-entropy; the formulas are in ../reference/cross_entropy.c. The sum over the
 * examples is made by one thread, in double precision and in order. */
#include "engine/i18n.h"
#include "kernels/cpu/exponential.h"
#include "kernels/cpu/kernels.h"

#include <math.h>

static bool
check_labels (const LwStep *step, GError **error)
{
  for (int32_t n = 0; n < step->n; n++)
    if (step->labels[n] < 0 || step->labels[n] >= step->x_shape[0].c) {
      g_set_error (
          error, LW_ERROR, LW_ERROR_INVALID,
          _ ("An example has the label %d, but the network tells %d classes apart (0 to %d): "
             "give it as many classes as the data has."),
          step->labels[n], step->x_shape[0].c, step->x_shape[0].c - 1);
      return false;
    }
  return true;
}

static int32_t
first_largest (const LwNumber *x, int32_t k)
{
  int32_t largest = 0;

  for (int32_t i = 1; i < k; i++)
    if (lw_number (x[i]) > lw_number (x[largest]))
      largest = i;
  return largest;
}

enum { SOME = 64 }; /* exponentials at a time, so that they are made in vectors */

/* powers[i] ← exp (x[i] − M), n ≤ SOME */
static void
exponentials (const LwNumber *x, int32_t n, float largest, float powers[SOME])
{
  for (int32_t i = 0; i < n; i++)
    powers[i] = lw_exponential (lw_number (x[i]) - largest);
}

/* Σ_j exp (x[j] − M) */
static double
sum_exponentials (const LwNumber *x, int32_t k, float largest)
{
  float powers[SOME];
  double sum = 0;

  for (int32_t first = 0; first < k; first += SOME) {
    const int32_t n = MIN (SOME, k - first);

    exponentials (x + first, n, largest, powers);
    for (int32_t i = 0; i < n; i++)
      sum += (double)powers[i];
  }
  return sum;
}

bool
LW_CPU (cross_entropy_forward) (LwDevice *device, const LwStep *step, GError **error)
{
  const int32_t k = step->x_shape[0].c;
  float *y = step->y;
  double loss = 0;
  int32_t hits = 0;

  (void)device;
  if (!check_labels (step, error))
    return false;
  for (int32_t n = 0; n < step->n; n++) {
    const LwNumber *x = (const LwNumber *)step->x[0] + (int64_t)n * k;
    const int32_t label = step->labels[n], guess = first_largest (x, k);
    const float largest = lw_number (x[guess]);

    loss += log (sum_exponentials (x, k, largest)) - (double)(lw_number (x[label]) - largest);
    hits += guess == label;
  }
  y[0] = (float)loss;
  y[1] = (float)hits;
  return true;
}

static void
gradient_examples (const void *data, int64_t first, int64_t last, int thread)
{
  const LwStep *step = data;
  const int32_t k = step->x_shape[0].c;
  const float whole = lw_step_whole (step);
  float powers[SOME];

  (void)thread;
  for (int64_t n = first; n < last; n++) {
    const LwNumber *x = (const LwNumber *)step->x[0] + n * k;
    const float largest = lw_number (x[first_largest (x, k)]);
    const float share = (float)(1 / (sum_exponentials (x, k, largest) * (double)whole));
    const float one = 1 / whole;
    LwNumber *dx = (LwNumber *)step->dx[0] + n * k;

    for (int32_t begin = 0; begin < k; begin += SOME) {
      const int32_t size = MIN (SOME, k - begin);

      exponentials (x + begin, size, largest, powers);
      for (int32_t i = begin; i < begin + size; i++) {
        const float value = powers[i - begin] * share - (i == step->labels[n] ? one : 0);

        dx[i] = lw_number_of (value + (step->accumulate & 1 ? lw_number (dx[i]) : 0));
      }
    }
  }
}

bool
LW_CPU (cross_entropy_backward) (LwDevice *device, const LwStep *step, GError **error)
{
  if (!check_labels (step, error))
    return false;
  if (step->dx[0])
    lw_pool_run (device->pool, step->n, gradient_examples, step);
  return true;
}
