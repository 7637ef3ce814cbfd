/* Softmax and cross-entropy in one, for n examples of k scores x and a label l each:
 *
 *   softmax(x)[i] = exp (x[i]) / Σ_j exp (x[j])
 *   loss          = −log softmax(x)[l] = log Σ_j exp (x[j] − M) − (x[l] − M),  M = max x
 *   y[0] = Σ_n loss, y[1] = the number of examples whose first largest score is the label's
 *   dx[n,i] = (softmax(x)[n,i] − (1 if i = l else 0)) / N:  the gradient of the mean loss, N = n,
 *             or all examples of a batch that several processes share
 *
 * Without subtracting M the exponentials overflow beyond x = 88. The loss is summed in double
 * precision by one thread: there are few scores. */
#include "engine/i18n.h"
#include "kernels/reference/device.h"

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
first_largest (const float *x, int32_t k)
{
  int32_t largest = 0;

  for (int32_t i = 1; i < k; i++)
    if (x[i] > x[largest])
      largest = i;
  return largest;
}

/* Σ_j exp (x[j] − M) */
static double
sum_exponentials (const float *x, int32_t k, float largest)
{
  double sum = 0;

  for (int32_t i = 0; i < k; i++)
    sum += exp ((double)(x[i] - largest));
  return sum;
}

bool
lw_ref_cross_entropy_forward (LwDevice *device, const LwStep *step, GError **error)
{
  const int32_t k = step->x_shape[0].c;
  float *y = step->y;
  double loss = 0;
  int32_t hits = 0;

  (void)device;
  if (!check_labels (step, error))
    return false;
  for (int32_t n = 0; n < step->n; n++) {
    const float *x = (const float *)step->x[0] + (int64_t)n * k;
    const int32_t label = step->labels[n], guess = first_largest (x, k);

    loss += log (sum_exponentials (x, k, x[guess])) - (double)(x[label] - x[guess]);
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
  const double whole = (double)lw_step_whole (step);

  (void)thread;
  for (int64_t n = first; n < last; n++) {
    const float *x = (const float *)step->x[0] + n * k;
    const float largest = x[first_largest (x, k)];
    const double sum = sum_exponentials (x, k, largest);
    float *dx = (float *)step->dx[0] + n * k;

    for (int32_t i = 0; i < k; i++) {
      const double softmax = exp ((double)(x[i] - largest)) / sum;
      const float value = (float)((softmax - (i == step->labels[n])) / whole);

      dx[i] = value + (step->accumulate & 1 ? dx[i] : 0);
    }
  }
}

bool
lw_ref_cross_entropy_backward (LwDevice *device, const LwStep *step, GError **error)
{
  if (!check_labels (step, error))
    return false;
  if (step->dx[0])
    lw_ref_parallel_for (device, step->n, gradient_examples, step);
  return true;
}
