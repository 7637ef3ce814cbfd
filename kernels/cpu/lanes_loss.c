/* Softmax and cross-entropy; the formulas are in ../reference/cross_entropy.c. A vector holds one
 * class of a group's examples. The examples' losses are added by one thread, in double precision
 * and in order. */
#include "engine/i18n.h"
#include "kernels/cpu/lanes_math.h"

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

/* The first of the largest scores, and which class it is. */
static LwVec
first_largest (const float *x, int32_t classes, LwVecInt *ret_class)
{
  LwVec best = lw_vec_load (x);
  LwVecInt class = { 0 };

  for (int32_t k = 1; k < classes; k++) {
    const LwVec score = lw_vec_load (x + k * LW_LANES);
    const LwVecInt better = score > best;

    best = lw_vec_choose (better, score, best);
    class = (better & k) | (~better & class);
  }
  *ret_class = class;
  return best;
}

/* Σ exp (x[k] − largest) */
static LwVec
sum_exponentials (const float *x, int32_t classes, LwVec largest)
{
  LwVec sum = { 0 };

  for (int32_t k = 0; k < classes; k++)
    sum += lw_vec_exponential (lw_vec_load (x + k * LW_LANES) - largest);
  return sum;
}

bool
LW_CPU (lanes_loss_forward) (LwDevice *device, const LwStep *step, GError **error)
{
  const int32_t classes = step->x_shape[0].c;
  float *y = step->y;
  double loss = 0;
  int32_t hits = 0;

  (void)device;
  if (!check_labels (step, error))
    return false;
  for (int64_t group = 0; group < lw_groups (step->n); group++) {
    const float *x = lw_lanes_at (step->x[0], step->x_shape[0], group);
    LwVecInt class;
    const LwVec largest = first_largest (x, classes, &class);
    const LwVec sum = sum_exponentials (x, classes, largest);

    for (int lane = 0; lane < lw_lanes_count (step->n, group); lane++) {
      const int32_t label = step->labels[group * LW_LANES + lane];

      loss += log ((double)sum[lane]) - (double)(x[label * LW_LANES + lane] - largest[lane]);
      hits += class[lane] == label;
    }
  }
  y[0] = (float)loss;
  y[1] = (float)hits;
  return true;
}

void
LW_CPU (lanes_loss_backward) (const LwStep *step, int32_t n, int64_t group)
{
  const int32_t classes = step->x_shape[0].c;
  const float *x = lw_lanes_at (step->x[0], step->x_shape[0], group);
  float *dx = lw_lanes_in (step->dx[0], step->x_shape[0], group);
  const LwVec present = lw_lanes_present (n, group);
  const float whole = lw_step_whole (step);
  LwVecInt class, label = { 0 };
  const LwVec largest = first_largest (x, classes, &class);
  const LwVec share = present / (sum_exponentials (x, classes, largest) * whole);
  const LwVec one = present / whole;

  for (int lane = 0; lane < lw_lanes_count (n, group); lane++)
    label[lane] = step->labels[group * LW_LANES + lane];
  for (int32_t k = 0; k < classes; k++, dx += LW_LANES) {
    const LwVec p = lw_vec_exponential (lw_vec_load (x + k * LW_LANES) - largest);
    const LwVec d = p * share - (LwVec)((label == k) & (LwVecInt)one);

    lw_vec_store (dx, step->accumulate & 1 ? lw_vec_load (dx) + d : d);
  }
}

static void
backward_group (const LwLanes *lanes)
{
  LW_CPU (lanes_loss_backward) (lanes->step, lanes->n, lanes->group);
}

bool
LW_CPU (lanes_loss_backward_all) (LwDevice *device, const LwStep *step, GError **error)
{
  if (!check_labels (step, error))
    return false;
  if (step->dx[0])
    LW_CPU (lanes_run) (device, step, (LwLanesNeed){ 0 }, backward_group);
  return true;
}
