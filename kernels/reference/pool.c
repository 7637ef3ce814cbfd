/* Pooling: windows of k × k cells, stride s, padding p, each plane (example, channel) by itself.
 *
 *   maximum   y[i,j] = max_{u,v} x[s·i + u − p, s·j + v − p]       cells of the padding never win
 *             dx[a] = Σ dy[i,j] over the windows whose winner is a; the first of equals wins
 *   average   y[i,j] = 1/k² Σ_{u,v} x[s·i + u − p, s·j + v − p]    the padding counts as zeros
 *             dx[a] = Σ 1/k² dy[i,j] over the windows that contain a
 *   global    y = 1/(h·w) Σ x             dx = dy / (h·w)
 *
 * Where sides are rounded up (ceil_mode) the last windows reach past the padded map, whose cells
 * there are: k² is then the number of a window's cells that are on it.
 *
 * Maximum pooling's `state` holds each output's winner, its index in the plane, as int32. */
#include "kernels/reference/clones.h"
#include "kernels/reference/device.h"
#include "kernels/reference/sums.h"

#include <math.h>
#include <string.h>

/* A row of windows at once: for each row u and column v of the window, the run of outputs whose
 * cell (u, v) lies inside the plane. These runs are the inner loops, which vectorize. */
typedef struct {
  int32_t first, n; /* outputs first … first + n − 1 */
  int32_t at;       /* index in the plane of the first one's cell; the next are `stride` apart */
} Span;

static inline int32_t
divide_up (int32_t a, int32_t b)
{
  return a > 0 ? (a + b - 1) / b : 0;
}

static inline Span
find_span (LwWindow window, LwShape from, LwShape to, int32_t i, int32_t u, int32_t v)
{
  const int32_t s = window.stride, y = s * i + u - window.padding, left = v - window.padding;
  const int32_t first = divide_up (-left, s), end = MIN (divide_up (from.w - left, s), to.w);

  if (y < 0 || y >= from.h || first >= end)
    return (Span){ 0 };
  return (Span){ first, end - first, y * from.w + s * first + left };
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

/* best[j] ← x[at + stride · j] where that is larger. NaN wins too, so that a run that diverges can
 * be seen. */
static inline void
take_larger (const float *restrict x, int32_t at, int32_t stride, int32_t n, float *restrict best,
             int32_t *restrict winners)
{
  for (int32_t j = 0; j < n; j++) {
    const float value = x[at + stride * j];
    const bool better = (value > best[j]) | isnan (value);

    best[j] = better ? value : best[j];
    winners[j] = better ? at + stride * j : winners[j];
  }
}

/* Row i of a plane's outputs. Each starts from the first cell of its window that is inside. */
LW_CLONES static void
max_pool_row (LwWindow window, LwShape from, LwShape to, int32_t i, const float *x, float *y,
              int32_t *winners)
{
  const int32_t s = window.stride, top = MAX (s * i - window.padding, 0);

  for (int32_t j = 0; j < to.w; j++) {
    winners[j] = top * from.w + MAX (s * j - window.padding, 0);
    y[j] = x[winners[j]];
  }
  for (int32_t u = 0; u < window.kernel; u++)
    for (int32_t v = 0; v < window.kernel; v++) {
      const Span span = find_span (window, from, to, i, u, v);

      /* A stride that the compiler knows makes faster loops. */
      if (s == 1)
        take_larger (x, span.at, 1, span.n, y + span.first, winners + span.first);
      else if (s == 2)
        take_larger (x, span.at, 2, span.n, y + span.first, winners + span.first);
      else
        take_larger (x, span.at, s, span.n, y + span.first, winners + span.first);
    }
}

/* Items of the jobs below are planes. */
static void
max_pool_planes (const void *data, int64_t first, int64_t last, int thread)
{
  const LwStep *step = data;
  const LwShape from = step->x_shape[0], to = step->y_shape;
  int32_t *forgotten = step->training ? NULL : (int32_t *)step->workspace + (int64_t)thread * to.w;

  for (int64_t row = first * to.h; row < last * to.h; row++) {
    const int64_t plane = row / to.h;
    int32_t *winners = step->training ? (int32_t *)step->state + row * to.w : forgotten;

    max_pool_row (step->node->window, from, to, (int32_t)(row % to.h),
                  (const float *)step->x[0] + plane * plane_size (from),
                  (float *)step->y + row * to.w, winners);
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

/* Of the windows of row i, 1 / the number of cells on the padded map; the last column's windows may
 * have fewer than the others. */
typedef struct {
  float usual, last;
} Share;

static Share
share_of (LwWindow window, LwShape from, LwShape to, int32_t i)
{
  const int32_t k = window.kernel, s = window.stride, p = window.padding;
  const int32_t rows = MIN (k, from.h + 2 * p - s * i);
  const int32_t columns = MIN (k, from.w + 2 * p - s * (to.w - 1));

  return (Share){ 1 / ((float)rows * (float)k), 1 / ((float)rows * (float)columns) };
}

LW_CLONES static void
avg_pool_row (LwWindow window, LwShape from, LwShape to, int32_t i, const float *restrict x,
              float *restrict y)
{
  const Share share = share_of (window, from, to, i);
  const int32_t s = window.stride;

  memset (y, 0, sizeof (float) * (size_t)to.w);
  for (int32_t u = 0; u < window.kernel; u++)
    for (int32_t v = 0; v < window.kernel; v++) {
      const Span span = find_span (window, from, to, i, u, v);

      if (s == 2)
        for (int32_t j = 0; j < span.n; j++)
          y[span.first + j] += x[span.at + 2 * j];
      else
        for (int32_t j = 0; j < span.n; j++)
          y[span.first + j] += x[span.at + s * j];
    }
  for (int32_t j = 0; j < to.w - 1; j++)
    y[j] *= share.usual;
  y[to.w - 1] *= share.last;
}

static void
avg_pool_planes (const void *data, int64_t first, int64_t last, int thread)
{
  const LwStep *step = data;
  const LwShape from = step->x_shape[0], to = step->y_shape;

  (void)thread;
  for (int64_t row = first * to.h; row < last * to.h; row++)
    avg_pool_row (step->node->window, from, to, (int32_t)(row % to.h),
                  (const float *)step->x[0] + row / to.h * plane_size (from),
                  (float *)step->y + row * to.w);
}

LW_CLONES static void
avg_pool_gradient_row (LwWindow window, LwShape from, LwShape to, int32_t i,
                       const float *restrict dy, float *restrict dx)
{
  const Share share = share_of (window, from, to, i);
  const int32_t s = window.stride;

  for (int32_t u = 0; u < window.kernel; u++)
    for (int32_t v = 0; v < window.kernel; v++) {
      const Span span = find_span (window, from, to, i, u, v);
      const int32_t usual = MIN (span.n, to.w - 1 - span.first);

      for (int32_t j = 0; j < usual; j++)
        dx[span.at + s * j] += dy[span.first + j] * share.usual;
      if (usual < span.n)
        dx[span.at + s * usual] += dy[to.w - 1] * share.last;
    }
}

static void
avg_pool_gradient_planes (const void *data, int64_t first, int64_t last, int thread)
{
  const LwStep *step = data;
  const LwShape from = step->x_shape[0], to = step->y_shape;

  (void)thread;
  for (int64_t plane = first; plane < last; plane++) {
    float *dx = (float *)step->dx[0] + plane * plane_size (from);

    if (!(step->accumulate & 1))
      memset (dx, 0, sizeof (float) * (size_t)plane_size (from));
    for (int32_t i = 0; i < to.h; i++)
      avg_pool_gradient_row (step->node->window, from, to, i,
                             (const float *)step->dy + plane * plane_size (to) + (int64_t)i * to.w,
                             dx);
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

/* In inference nobody asks for the winners: each thread has a row of them to overwrite. */
size_t
lw_ref_max_pool_workspace_bytes (LwDevice *device, const LwStep *step)
{
  return step->training ? 0 : sizeof (int32_t) * (size_t)step->y_shape.w * (size_t)device->threads;
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
