/* Pooling: windows of k × k cells, stride s, padding p, each plane (example, channel) by itself.
 *
 *   maximum   y[i,j] = max_{u,v} x[s·i + u − p, s·j + v − p]       cells of the padding never win
 *             dx[a] = Σ dy[i,j] over the windows whose winner is a; the first of equals wins
 *   average   y[i,j] = 1/k² Σ_{u,v} x[s·i + u − p, s·j + v − p]    the padding counts as zeros
 *             dx[a] = 1/k² Σ dy[i,j] over the windows that contain a
 *   global    y = 1/(h·w) Σ x             dx = dy / (h·w)
 *
 * Maximum pooling's `state` holds each output's winner, its index in the plane, as int32. */
#include "kernels/reference/clones.h"
#include "kernels/reference/device.h"
#include "kernels/reference/sums.h"

#include <math.h>
#include <string.h>

/* The part of a window that lies inside the plane: rows top … bottom − 1, columns left … right − 1.
 */
typedef struct {
  int32_t top, bottom, left, right;
} Part;

static inline Part
window_at (LwWindow window, LwShape x, int32_t i, int32_t j)
{
  const int32_t y0 = window.stride * i - window.padding, x0 = window.stride * j - window.padding;

  return (Part){ MAX (y0, 0), MIN (y0 + window.kernel, x.h), MAX (x0, 0),
                 MIN (x0 + window.kernel, x.w) };
}

static inline int64_t
plane_size (LwShape shape)
{
  return (int64_t)shape.h * shape.w;
}

static int64_t
n_planes (const LwStep *step)
{
  return (int64_t)step->n * step->y_shape.c;
}

/* Items of the jobs below are planes. */
static void
max_pool_planes (const void *data, int64_t first, int64_t last, int thread)
{
  const LwStep *step = data;
  const LwShape from = step->x_shape[0], to = step->y_shape;
  const LwWindow window = step->node->window;

  (void)thread;
  for (int64_t plane = first; plane < last; plane++) {
    const float *x = (const float *)step->x[0] + plane * plane_size (from);
    float *y = (float *)step->y + plane * plane_size (to);
    int32_t *winners = step->training ? (int32_t *)step->state + plane * plane_size (to) : NULL;

    for (int32_t i = 0; i < to.h; i++)
      for (int32_t j = 0; j < to.w; j++) {
        const Part part = window_at (window, from, i, j);
        int32_t winner = part.top * from.w + part.left;
        float best = x[winner];

        for (int32_t r = part.top; r < part.bottom; r++)
          for (int32_t c = part.left; c < part.right; c++) {
            const float value = x[r * from.w + c];
            /* A NaN wins too, so that a run that diverges can be seen. */
            const bool better = (value > best) | isnan (value);

            best = better ? value : best;
            winner = better ? r * from.w + c : winner;
          }
        y[i * to.w + j] = best;
        if (winners)
          winners[i * to.w + j] = winner;
      }
  }
}

static void
max_pool_gradient_planes (const void *data, int64_t first, int64_t last, int thread)
{
  const LwStep *step = data;
  const int64_t from = plane_size (step->x_shape[0]), to = plane_size (step->y_shape);

  (void)thread;
  for (int64_t plane = first; plane < last; plane++) {
    const int32_t *winners = (const int32_t *)step->state + plane * to;
    const float *dy = (const float *)step->dy + plane * to;
    float *dx = (float *)step->dx[0] + plane * from;

    if (!(step->accumulate & 1))
      memset (dx, 0, sizeof (float) * (size_t)from);
    for (int64_t i = 0; i < to; i++)
      dx[winners[i]] += dy[i];
  }
}

static void
avg_pool_planes (const void *data, int64_t first, int64_t last, int thread)
{
  const LwStep *step = data;
  const LwShape from = step->x_shape[0], to = step->y_shape;
  const LwWindow window = step->node->window;
  const float share = 1 / ((float)window.kernel * (float)window.kernel);

  (void)thread;
  for (int64_t plane = first; plane < last; plane++) {
    const float *x = (const float *)step->x[0] + plane * plane_size (from);
    float *y = (float *)step->y + plane * plane_size (to);

    for (int32_t i = 0; i < to.h; i++)
      for (int32_t j = 0; j < to.w; j++) {
        const Part part = window_at (window, from, i, j);
        float sum = 0;

        for (int32_t r = part.top; r < part.bottom; r++)
          for (int32_t c = part.left; c < part.right; c++)
            sum += x[r * from.w + c];
        y[i * to.w + j] = sum * share;
      }
  }
}

static void
avg_pool_gradient_planes (const void *data, int64_t first, int64_t last, int thread)
{
  const LwStep *step = data;
  const LwShape from = step->x_shape[0], to = step->y_shape;
  const LwWindow window = step->node->window;
  const float share = 1 / ((float)window.kernel * (float)window.kernel);

  (void)thread;
  for (int64_t plane = first; plane < last; plane++) {
    const float *dy = (const float *)step->dy + plane * plane_size (to);
    float *dx = (float *)step->dx[0] + plane * plane_size (from);

    if (!(step->accumulate & 1))
      memset (dx, 0, sizeof (float) * (size_t)plane_size (from));
    for (int32_t i = 0; i < to.h; i++)
      for (int32_t j = 0; j < to.w; j++) {
        const Part part = window_at (window, from, i, j);

        for (int32_t r = part.top; r < part.bottom; r++)
          for (int32_t c = part.left; c < part.right; c++)
            dx[r * from.w + c] += dy[i * to.w + j] * share;
      }
  }
}

static void
global_avg_pool_planes (const void *data, int64_t first, int64_t last, int thread)
{
  const LwStep *step = data;
  const int64_t from = plane_size (step->x_shape[0]);

  (void)thread;
  for (int64_t plane = first; plane < last; plane++) {
    const float *x = (const float *)step->x[0] + plane * from;

    ((float *)step->y)[plane] = (float)(lw_ref_sum (x, from) / (double)from);
  }
}

LW_CLONES static void
global_avg_pool_gradient_planes (const void *data, int64_t first, int64_t last, int thread)
{
  const LwStep *step = data;
  const int64_t from = plane_size (step->x_shape[0]);

  (void)thread;
  for (int64_t plane = first; plane < last; plane++) {
    const float share = ((const float *)step->dy)[plane] / (float)from;
    float *dx = (float *)step->dx[0] + plane * from;

    for (int64_t i = 0; i < from; i++)
      dx[i] = share + (step->accumulate & 1 ? dx[i] : 0);
  }
}

bool
lw_ref_max_pool_forward (LwDevice *device, const LwStep *step, GError **error)
{
  (void)error;
  lw_ref_parallel_for (device, n_planes (step), max_pool_planes, step);
  return true;
}

bool
lw_ref_max_pool_backward (LwDevice *device, const LwStep *step, GError **error)
{
  (void)error;
  if (step->dx[0])
    lw_ref_parallel_for (device, n_planes (step), max_pool_gradient_planes, step);
  return true;
}

size_t
lw_ref_max_pool_state_bytes (LwDevice *device, const LwStep *step)
{
  (void)device;
  return sizeof (int32_t) * (size_t)(step->batch * lw_shape_size (step->y_shape));
}

bool
lw_ref_avg_pool_forward (LwDevice *device, const LwStep *step, GError **error)
{
  (void)error;
  lw_ref_parallel_for (device, n_planes (step), avg_pool_planes, step);
  return true;
}

bool
lw_ref_avg_pool_backward (LwDevice *device, const LwStep *step, GError **error)
{
  (void)error;
  if (step->dx[0])
    lw_ref_parallel_for (device, n_planes (step), avg_pool_gradient_planes, step);
  return true;
}

bool
lw_ref_global_avg_pool_forward (LwDevice *device, const LwStep *step, GError **error)
{
  (void)error;
  lw_ref_parallel_for (device, n_planes (step), global_avg_pool_planes, step);
  return true;
}

bool
lw_ref_global_avg_pool_backward (LwDevice *device, const LwStep *step, GError **error)
{
  (void)error;
  if (step->dx[0])
    lw_ref_parallel_for (device, n_planes (step), global_avg_pool_gradient_planes, step);
  return true;
}
