/* Operations that treat every number by itself, or only move numbers; in lanes all of them go along
 * a group's memory, and flattening changes nothing. */
#include "kernels/cpu/dropout.h"
#include "kernels/cpu/lanes_math.h"

/* to (+)= from; they may be the same memory. */
static void
move (const float *from, float *to, int64_t n, bool accumulate)
{
  if (accumulate)
    for (int64_t i = 0; i < n; i++)
      to[i] += from[i];
  else if (to != from)
    memcpy (to, from, sizeof (float) * (size_t)n);
}

/* --- activations ------------------------------------------------------------------------------ */

static void
activate_group (const LwLanes *lanes)
{
  const LwStep *step = lanes->step;
  const LwLanesTail tail = { .activation = step };

  LW_CPU (lanes_tail_forward)
  (&tail, NULL, lanes->group, lw_lanes_at (step->x[0], step->y_shape, lanes->group),
   lw_lanes_in (step->y, step->y_shape, lanes->group), NULL);
}

LW_INLINE void
add_gradients (LwOp op, const float *y, const float *dy, float *dx, int64_t n)
{
  for (int64_t i = 0; i < n; i += LW_LANES) {
    const LwVec d = lw_vec_activation_gradient (op, lw_vec_load (y + i), lw_vec_load (dy + i));

    lw_vec_store (dx + i, lw_vec_load (dx + i) + lw_vec_rounded (d));
  }
}

static void
activation_gradient_group (const LwLanes *lanes)
{
  const LwStep *step = lanes->step;
  const LwLanesTail tail = { .activation = step };
  const int64_t n = lw_group_size (step->y_shape), at = lanes->group * n;
  const float *y = (const float *)step->y + at, *dy = (const float *)step->dy + at;
  float *dx = (float *)step->dx[0] + at;

  if (!(step->accumulate & 1))
    LW_CPU (lanes_tail_backward) (&tail, lanes->group, y, dy, dx);
  else if (step->op == LW_OP_RELU)
    add_gradients (LW_OP_RELU, y, dy, dx, n);
  else if (step->op == LW_OP_SIGMOID)
    add_gradients (LW_OP_SIGMOID, y, dy, dx, n);
  else
    add_gradients (LW_OP_TANH, y, dy, dx, n);
}

bool
LW_CPU (lanes_activation_forward) (LwDevice *device, const LwStep *step, GError **error)
{
  (void)error;
  LW_CPU (lanes_run) (device, step, (LwLanesNeed){ 0 }, activate_group);
  return true;
}

bool
LW_CPU (lanes_activation_backward) (LwDevice *device, const LwStep *step, GError **error)
{
  (void)error;
  if (step->dx[0])
    LW_CPU (lanes_run) (device, step, (LwLanesNeed){ 0 }, activation_gradient_group);
  return true;
}

/* --- dropout: a byte for each number, 1: kept ------------------------------------------------- */

/* Positions are those in channels-first order over the batch. */
static void
draw_group (const LwLanes *lanes)
{
  const LwStep *step = lanes->step;
  const LwStream stream = lw_dropout_stream (step);
  const int64_t size = lw_shape_size (step->y_shape);
  uint8_t *state = (uint8_t *)step->state + lanes->group * size * LW_LANES;
  uint8_t keep[LW_DROPOUT_DRAWN];

  memset (state, 0, (size_t)(size * LW_LANES));
  for (int lane = 0; lane < lw_lanes_count (lanes->n, lanes->group); lane++) {
    const int64_t start = (step->first + lanes->group * LW_LANES + lane) * size;
    const int64_t end = start + size;

    for (int64_t first = start / 4 * 4; first < end; first += LW_DROPOUT_DRAWN) {
      LW_CPU (dropout_draw) (&stream, (uint64_t)first, lw_dropout_threshold (step), keep);
      for (int64_t i = MAX (first, start); i < MIN (first + LW_DROPOUT_DRAWN, end); i++)
        state[(i - start) * LW_LANES + lane] = keep[i - first];
    }
  }
}

static void
drop (const LwLanes *lanes, const float *from, float *to, bool accumulate)
{
  const LwStep *step = lanes->step;
  const int64_t n = lw_group_size (step->y_shape);
  const uint8_t *keep = (const uint8_t *)step->state + lanes->group * n;
  const float scale = 1 / (1 - step->node->dropout);

  if (accumulate)
    for (int64_t i = 0; i < n; i++)
      to[i] += keep[i] ? from[i] * scale : 0;
  else
    for (int64_t i = 0; i < n; i++)
      to[i] = keep[i] ? from[i] * scale : 0;
}

static void
dropout_group (const LwLanes *lanes)
{
  const LwStep *step = lanes->step;
  const float *x = lw_lanes_at (step->x[0], step->y_shape, lanes->group);
  float *y = lw_lanes_in (step->y, step->y_shape, lanes->group);

  if (!lw_dropout_drops (step)) {
    move (x, y, lw_group_size (step->y_shape), false);
    return;
  }
  draw_group (lanes);
  drop (lanes, x, y, false);
}

static void
dropout_gradient_group (const LwLanes *lanes)
{
  const LwStep *step = lanes->step;
  const float *dy = lw_lanes_at (step->dy, step->y_shape, lanes->group);
  float *dx = lw_lanes_in (step->dx[0], step->y_shape, lanes->group);

  if (lw_dropout_drops (step))
    drop (lanes, dy, dx, step->accumulate & 1);
  else
    move (dy, dx, lw_group_size (step->y_shape), step->accumulate & 1);
}

size_t
LW_CPU (lanes_dropout_state) (LwDevice *device, const LwStep *step)
{
  (void)device;
  return lw_dropout_drops (step) ? (size_t)(lw_groups (step->batch) * lw_group_size (step->y_shape))
                                 : 0;
}

bool
LW_CPU (lanes_dropout_forward) (LwDevice *device, const LwStep *step, GError **error)
{
  (void)error;
  LW_CPU (lanes_run) (device, step, (LwLanesNeed){ 0 }, dropout_group);
  return true;
}

bool
LW_CPU (lanes_dropout_backward) (LwDevice *device, const LwStep *step, GError **error)
{
  (void)error;
  if (step->dx[0])
    LW_CPU (lanes_run) (device, step, (LwLanesNeed){ 0 }, dropout_gradient_group);
  return true;
}

/* --- sum, concatenation, flatten -------------------------------------------------------------- */

static void
add_group (const LwLanes *lanes)
{
  const LwStep *step = lanes->step;
  const int64_t n = lw_group_size (step->y_shape), at = lanes->group * n;
  float *y = (float *)step->y + at;

  if (step->n_x == 2) {
    const float *a = (const float *)step->x[0] + at, *b = (const float *)step->x[1] + at;

    for (int64_t i = 0; i < n; i++)
      y[i] = a[i] + b[i];
    return;
  }
  for (int32_t k = 0; k < step->n_x; k++)
    move ((const float *)step->x[k] + at, y, n, k > 0);
}

static void
add_gradient_group (const LwLanes *lanes)
{
  const LwStep *step = lanes->step;
  const int64_t n = lw_group_size (step->y_shape), at = lanes->group * n;

  for (int32_t k = 0; k < step->n_x; k++)
    if (step->dx[k])
      move ((const float *)step->dy + at, (float *)step->dx[k] + at, n, step->accumulate >> k & 1);
}

static void
concat_group (const LwLanes *lanes)
{
  const LwStep *step = lanes->step;
  float *y = lw_lanes_in (step->y, step->y_shape, lanes->group);

  for (int32_t k = 0; k < step->n_x; k++) {
    const int64_t n = lw_group_size (step->x_shape[k]);

    move (lw_lanes_at (step->x[k], step->x_shape[k], lanes->group), y, n, false);
    y += n;
  }
}

static void
concat_gradient_group (const LwLanes *lanes)
{
  const LwStep *step = lanes->step;
  const float *dy = lw_lanes_at (step->dy, step->y_shape, lanes->group);

  for (int32_t k = 0; k < step->n_x; k++) {
    const int64_t n = lw_group_size (step->x_shape[k]);

    if (step->dx[k])
      move (dy, lw_lanes_in (step->dx[k], step->x_shape[k], lanes->group), n,
            step->accumulate >> k & 1);
    dy += n;
  }
}

static void
flatten_group (const LwLanes *lanes)
{
  const LwStep *step = lanes->step;

  move (lw_lanes_at (step->x[0], step->y_shape, lanes->group),
        lw_lanes_in (step->y, step->y_shape, lanes->group), lw_group_size (step->y_shape), false);
}

static void
flatten_gradient_group (const LwLanes *lanes)
{
  const LwStep *step = lanes->step;

  move (lw_lanes_at (step->dy, step->y_shape, lanes->group),
        lw_lanes_in (step->dx[0], step->y_shape, lanes->group), lw_group_size (step->y_shape),
        step->accumulate & 1);
}

#define MOVES(NAME, FORWARD, BACKWARD)                                                             \
  bool LW_CPU (lanes_##NAME##_forward) (LwDevice * device, const LwStep *step, GError **error)     \
  {                                                                                                \
    (void)error;                                                                                   \
    LW_CPU (lanes_run) (device, step, (LwLanesNeed){ 0 }, FORWARD);                                \
    return true;                                                                                   \
  }                                                                                                \
  bool LW_CPU (lanes_##NAME##_backward) (LwDevice * device, const LwStep *step, GError **error)    \
  {                                                                                                \
    (void)error;                                                                                   \
    LW_CPU (lanes_run) (device, step, (LwLanesNeed){ 0 }, BACKWARD);                               \
    return true;                                                                                   \
  }

MOVES (add, add_group, add_gradient_group)
MOVES (concat, concat_group, concat_gradient_group)

bool
LW_CPU (lanes_flatten_forward) (LwDevice *device, const LwStep *step, GError **error)
{
  (void)error;
  if (step->y != step->x[0])
    LW_CPU (lanes_run) (device, step, (LwLanesNeed){ 0 }, flatten_group);
  return true;
}

bool
LW_CPU (lanes_flatten_backward) (LwDevice *device, const LwStep *step, GError **error)
{
  (void)error;
  if (step->dx[0] && step->dx[0] != step->dy)
    LW_CPU (lanes_run) (device, step, (LwLanesNeed){ 0 }, flatten_gradient_group);
  return true;
}
