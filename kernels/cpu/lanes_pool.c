/* Pooling of a group; the formulas are in ../reference/pool.c. Maximum pooling's `state` holds each
 * output's winner, the number of its cell in the window, as int32. Backward, a pixel of dx collects
 * from all windows that contain it. */
#include "kernels/cpu/lanes_math.h"

/* Cells first … last − 1 of a window along one dimension lie inside the map; or windows first …
 * last − 1 contain a place of it. */
typedef struct {
  int32_t start, first, last;
} Part;

static Part
part_of (LwWindow window, int32_t size, int32_t i)
{
  const int32_t start = window.stride * i - window.padding;

  return (Part){ start, MAX (0, -start), MIN (window.kernel, size - start) };
}

static Part
windows_of (LwWindow window, int32_t windows, int32_t at)
{
  const int32_t end = at + window.padding;
  const int32_t first = end < window.kernel ? 0 : (end - window.kernel) / window.stride + 1;

  return (Part){ 0, first, MIN (windows, end / window.stride + 1) };
}

/* 1 / the number of cells that the window of output i, j has on the padded map. */
static float
share_of (const LwStep *step, int32_t i, int32_t j)
{
  const LwWindow window = step->node->window;
  const LwShape from = step->x_shape[0];
  const int32_t h = from.h + 2 * window.padding - window.stride * i;
  const int32_t w = from.w + 2 * window.padding - window.stride * j;

  return 1 / ((float)MIN (window.kernel, h) * (float)MIN (window.kernel, w));
}

/* A NaN wins too, so that a run that diverges can be seen. */
static LwVec
largest (const LwStep *step, const float *x, Part rows, Part columns, LwVecInt *winner)
{
  const int32_t kernel = step->node->window.kernel;
  LwVec best = { 0 };

  for (int32_t u = rows.first; u < rows.last; u++)
    for (int32_t v = columns.first; v < columns.last; v++) {
      const int64_t at = (int64_t)(rows.start + u) * step->x_shape[0].w + columns.start + v;
      const LwVec cell = lw_vec_load (x + at * LW_LANES);
      const bool first = u == rows.first && v == columns.first;
      const LwVecInt better = first ? (LwVecInt){ 0 } - 1 : (cell > best) | (cell != cell);

      best = lw_vec_choose (better, cell, best);
      *winner = (better & (u * kernel + v)) | (~better & *winner);
    }
  return best;
}

static LwVec
average (const LwStep *step, const float *x, Part rows, Part columns, float share)
{
  LwVec sum = { 0 };

  for (int32_t u = rows.first; u < rows.last; u++)
    for (int32_t v = columns.first; v < columns.last; v++) {
      const int64_t at = (int64_t)(rows.start + u) * step->x_shape[0].w + columns.start + v;

      sum += lw_vec_load (x + at * LW_LANES);
    }
  return sum * share;
}

static void
forward_group (const LwLanes *lanes)
{
  const LwStep *step = lanes->step;
  const LwShape from = step->x_shape[0], to = step->y_shape;
  const LwWindow window = step->node->window;
  const float *x = lw_lanes_at (step->x[0], from, lanes->group);
  float *y = lw_lanes_in (step->y, to, lanes->group);
  float *state = step->state ? lw_lanes_in (step->state, to, lanes->group) : NULL;

  for (int32_t c = 0; c < to.c; c++, x += lw_pixels (from) * LW_LANES)
    for (int32_t i = 0; i < to.h; i++)
      for (int32_t j = 0; j < to.w; j++, y += LW_LANES) {
        const Part rows = part_of (window, from.h, i), columns = part_of (window, from.w, j);
        LwVecInt winner = { 0 };

        if (step->op == LW_OP_AVG_POOL) {
          lw_vec_store (y, average (step, x, rows, columns, share_of (step, i, j)));
          continue;
        }
        lw_vec_store (y, largest (step, x, rows, columns, &winner));
        if (state) {
          lw_vec_store (state, (LwVec)winner);
          state += LW_LANES;
        }
      }
}

static LwVec
collect (const LwStep *step, const float *dy, const float *state, int32_t y, int32_t x)
{
  const LwShape to = step->y_shape;
  const LwWindow window = step->node->window;
  const Part rows = windows_of (window, to.h, y), columns = windows_of (window, to.w, x);
  LwVec sum = { 0 };

  for (int32_t i = rows.first; i < rows.last; i++)
    for (int32_t j = columns.first; j < columns.last; j++) {
      const int64_t at = ((int64_t)i * to.w + j) * LW_LANES;
      const int32_t u = y + window.padding - window.stride * i;
      const int32_t v = x + window.padding - window.stride * j;
      const LwVec d = lw_vec_load (dy + at);

      if (step->op == LW_OP_AVG_POOL)
        sum += lw_vec_rounded (d * share_of (step, i, j));
      else
        sum += (LwVec)(((LwVecInt)lw_vec_load (state + at) == u * window.kernel + v) & (LwVecInt)d);
    }
  return sum;
}

static void
backward_group (const LwLanes *lanes)
{
  const LwStep *step = lanes->step;
  const LwShape from = step->x_shape[0], to = step->y_shape;
  const int64_t plane = lw_pixels (to) * LW_LANES;
  const float *dy = lw_lanes_at (step->dy, to, lanes->group);
  const float *state = step->state ? lw_lanes_at (step->state, to, lanes->group) : NULL;
  float *dx = lw_lanes_in (step->dx[0], from, lanes->group);

  for (int32_t c = 0; c < from.c; c++)
    for (int32_t i = 0; i < from.h; i++)
      for (int32_t j = 0; j < from.w; j++, dx += LW_LANES) {
        const LwVec sum = collect (step, dy + c * plane, state ? state + c * plane : NULL, i, j);

        lw_vec_store (dx, step->accumulate & 1 ? lw_vec_load (dx) + sum : sum);
      }
}

size_t
LW_CPU (lanes_max_pool_state) (LwDevice *device, const LwStep *step)
{
  (void)device;
  return LW_CPU (lanes_value_bytes) (step->y_shape, step->batch);
}

bool
LW_CPU (lanes_pool_forward) (LwDevice *device, const LwStep *step, GError **error)
{
  (void)error;
  LW_CPU (lanes_run) (device, step, (LwLanesNeed){ 0 }, forward_group);
  return true;
}

bool
LW_CPU (lanes_pool_backward) (LwDevice *device, const LwStep *step, GError **error)
{
  (void)error;
  if (step->dx[0])
    LW_CPU (lanes_run) (device, step, (LwLanesNeed){ 0 }, backward_group);
  return true;
}

/* --- global average --------------------------------------------------------------------------- */

static void
global_group (const LwLanes *lanes)
{
  const LwStep *step = lanes->step;
  const int64_t pixels = lw_pixels (step->x_shape[0]);
  const float *x = lw_lanes_at (step->x[0], step->x_shape[0], lanes->group);
  float *y = lw_lanes_in (step->y, step->y_shape, lanes->group);

  for (int32_t c = 0; c < step->y_shape.c; c++, y += LW_LANES) {
    LwVec sum = { 0 };

    for (int64_t i = 0; i < pixels; i++, x += LW_LANES)
      sum += lw_vec_load (x);
    lw_vec_store (y, sum / (float)pixels);
  }
}

static void
global_gradient_group (const LwLanes *lanes)
{
  const LwStep *step = lanes->step;
  const int64_t pixels = lw_pixels (step->x_shape[0]);
  const float *dy = lw_lanes_at (step->dy, step->y_shape, lanes->group);
  float *dx = lw_lanes_in (step->dx[0], step->x_shape[0], lanes->group);

  for (int32_t c = 0; c < step->y_shape.c; c++, dy += LW_LANES) {
    const LwVec share = lw_vec_load (dy) * (1 / (float)pixels);

    for (int64_t i = 0; i < pixels; i++, dx += LW_LANES)
      lw_vec_store (dx, step->accumulate & 1 ? lw_vec_load (dx) + share : share);
  }
}

bool
LW_CPU (lanes_global_pool_forward) (LwDevice *device, const LwStep *step, GError **error)
{
  (void)error;
  LW_CPU (lanes_run) (device, step, (LwLanesNeed){ 0 }, global_group);
  return true;
}

bool
LW_CPU (lanes_global_pool_backward) (LwDevice *device, const LwStep *step, GError **error)
{
  (void)error;
  if (step->dx[0])
    LW_CPU (lanes_run) (device, step, (LwLanesNeed){ 0 }, global_gradient_group);
  return true;
}
