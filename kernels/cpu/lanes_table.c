/* The kernels of single steps in lanes, and their table. */
#include "kernels/cpu/lanes_conv.h"

static bool
nothing (LwDevice *device, const LwStep *step, GError **error)
{
  (void)device;
  (void)step;
  (void)error;
  return true;
}

/* --- convolution ------------------------------------------------------------------------------ */

static size_t
conv_bytes (LwDevice *device, const LwStep *step)
{
  return LW_CPU (lanes_need_bytes) (device, LW_CPU (lanes_conv_need) (step));
}

static void
conv_group (const LwLanes *lanes)
{
  const LwStep *step = lanes->step;

  LW_CPU (lanes_conv_forward)
  (lanes, lw_lanes_at (step->x[0], step->x_shape[0], lanes->group),
   lw_lanes_in (step->y, step->y_shape, lanes->group));
}

static bool
conv_forward (LwDevice *device, const LwStep *step, GError **error)
{
  (void)error;
  LW_CPU (lanes_conv_prepare) (step, step->workspace);
  LW_CPU (lanes_run) (device, step, LW_CPU (lanes_conv_need) (step), conv_group);
  return true;
}

static void
conv_gradient_group (const LwLanes *lanes)
{
  const LwStep *step = lanes->step;

  LW_CPU (lanes_conv_backward)
  (lanes, lw_lanes_at (step->x[0], step->x_shape[0], lanes->group),
   lw_lanes_at (step->dy, step->y_shape, lanes->group),
   step->dx[0] ? lw_lanes_in (step->dx[0], step->x_shape[0], lanes->group) : NULL,
   step->accumulate & 1);
}

static bool
conv_backward (LwDevice *device, const LwStep *step, GError **error)
{
  (void)error;
  LW_CPU (lanes_conv_prepare) (step, step->workspace);
  LW_CPU (lanes_run) (device, step, LW_CPU (lanes_conv_need) (step), conv_gradient_group);
  LW_CPU (lanes_conv_add_gradients) (step, step->n, step->workspace);
  return true;
}

/* --- linear ----------------------------------------------------------------------------------- */

static void
linear_group (const LwLanes *lanes)
{
  const LwStep *step = lanes->step;

  LW_CPU (lanes_linear_forward)
  (step, lw_lanes_at (step->x[0], step->x_shape[0], lanes->group),
   lw_lanes_in (step->y, step->y_shape, lanes->group));
}

static bool
linear_forward (LwDevice *device, const LwStep *step, GError **error)
{
  (void)error;
  LW_CPU (lanes_run) (device, step, (LwLanesNeed){ 0 }, linear_group);
  return true;
}

static void
linear_data_group (const LwLanes *lanes)
{
  const LwStep *step = lanes->step;

  LW_CPU (lanes_linear_data)
  (step, lw_lanes_at (step->dy, step->y_shape, lanes->group),
   lw_lanes_in (step->dx[0], step->x_shape[0], lanes->group), step->accumulate & 1);
}

static void
turn_group (const LwLanes *lanes)
{
  const LwStep *step = lanes->step;

  LW_CPU (lanes_linear_turn) (lanes, lw_lanes_at (step->x[0], step->x_shape[0], lanes->group));
}

static size_t
linear_bytes (LwDevice *device, const LwStep *step)
{
  return LW_CPU (lanes_need_bytes) (device, LW_CPU (lanes_linear_need) (step));
}

static bool
linear_backward (LwDevice *device, const LwStep *step, GError **error)
{
  (void)error;
  LW_CPU (lanes_run) (device, step, LW_CPU (lanes_linear_need) (step), turn_group);
  LW_CPU (lanes_linear_gradients) (device, step, step->n, step->workspace);
  if (step->dx[0])
    LW_CPU (lanes_run) (device, step, (LwLanesNeed){ 0 }, linear_data_group);
  return true;
}

/* --- batch normalization ---------------------------------------------------------------------- */

static size_t
norm_bytes (LwDevice *device, const LwStep *step)
{
  return LW_CPU (lanes_need_bytes) (device, LW_CPU (lanes_norm_need) (step));
}

static void
measure_group (const LwLanes *lanes)
{
  LW_CPU (lanes_norm_measure)
  (lanes, lw_lanes_at (lanes->step->x[0], lanes->step->y_shape, lanes->group));
}

static void
normalize_group (const LwLanes *lanes)
{
  const LwStep *step = lanes->step;
  const LwLanesTail tail = { .norm = step };

  LW_CPU (lanes_tail_forward)
  (&tail, lanes->kept, lanes->group, lw_lanes_at (step->x[0], step->y_shape, lanes->group),
   lw_lanes_in (step->y, step->y_shape, lanes->group), NULL);
}

static bool
norm_forward (LwDevice *device, const LwStep *step, GError **error)
{
  const LwLanesNeed need = LW_CPU (lanes_norm_need) (step);

  if (step->training)
    LW_CPU (lanes_run) (device, step, need, measure_group);
  if (!LW_CPU (lanes_norm_finish) (step, step->n, step->workspace, error))
    return false;
  LW_CPU (lanes_run) (device, step, need, normalize_group);
  return true;
}

static void
norm_sum_group (const LwLanes *lanes)
{
  const LwStep *step = lanes->step;

  LW_CPU (lanes_norm_sum)
  (lanes, lw_lanes_at (step->x[0], step->y_shape, lanes->group),
   lw_lanes_at (step->dy, step->y_shape, lanes->group));
}

static void
norm_gradient_group (const LwLanes *lanes)
{
  const LwStep *step = lanes->step;

  LW_CPU (lanes_norm_gradient)
  (lanes, lw_lanes_at (step->x[0], step->y_shape, lanes->group),
   lw_lanes_at (step->dy, step->y_shape, lanes->group),
   lw_lanes_in (step->dx[0], step->y_shape, lanes->group), step->accumulate & 1);
}

static bool
norm_backward (LwDevice *device, const LwStep *step, GError **error)
{
  const LwLanesNeed need = LW_CPU (lanes_norm_need) (step);

  LW_CPU (lanes_norm_start_backward) (step, step->workspace);
  LW_CPU (lanes_run) (device, step, need, norm_sum_group);
  if (!LW_CPU (lanes_norm_finish_backward) (step, step->n, step->workspace, error))
    return false;
  if (step->dx[0])
    LW_CPU (lanes_run) (device, step, need, norm_gradient_group);
  return true;
}

/* --- the table -------------------------------------------------------------------------------- */

static const char *
algorithm (LwDevice *device, const LwStep *step, LwDirection direction)
{
  (void)device;
  if (!LW_CPU (lanes_works) (step, direction != LW_FORWARD))
    return "lanes, with others";
  return step->op == LW_OP_CONV2D && lw_conv_has_rows (step) ? "lanes, Winograd F(4,5) by rows"
                                                             : "lanes";
}

#define ROW(NAME)                                                                                  \
  .forward = LW_CPU (lanes_##NAME##_forward), .backward = LW_CPU (lanes_##NAME##_backward),        \
  .algorithm = algorithm

const LwKernel LW_CPU (lanes_kernels)[LW_N_OPS] = {
  [LW_OP_INPUT] = { .workspace_bytes = LW_CPU (lanes_linked_bytes),
                    .forward = nothing,
                    .backward = nothing },
  [LW_OP_CONV2D] = { .workspace_bytes = conv_bytes,
                     .forward = conv_forward,
                     .backward = conv_backward,
                     .algorithm = algorithm },
  [LW_OP_LINEAR] = { .workspace_bytes = linear_bytes,
                     .forward = linear_forward,
                     .backward = linear_backward,
                     .algorithm = algorithm },
  [LW_OP_BATCH_NORM] = { .state_bytes = LW_CPU (batch_norm_state_bytes),
                         .workspace_bytes = norm_bytes,
                         .forward = norm_forward,
                         .backward = norm_backward,
                         .algorithm = algorithm },
  [LW_OP_RELU] = { ROW (activation) },
  [LW_OP_SIGMOID] = { ROW (activation) },
  [LW_OP_TANH] = { ROW (activation) },
  [LW_OP_MAX_POOL] = { .state_bytes = LW_CPU (lanes_max_pool_state), ROW (pool) },
  [LW_OP_AVG_POOL] = { ROW (pool) },
  [LW_OP_GLOBAL_AVG_POOL] = { ROW (global_pool) },
  [LW_OP_DROPOUT] = { .state_bytes = LW_CPU (lanes_dropout_state), ROW (dropout) },
  [LW_OP_FLATTEN] = { ROW (flatten) },
  [LW_OP_ADD] = { ROW (add) },
  [LW_OP_CONCAT] = { ROW (concat) },
  [LW_OP_CROSS_ENTROPY] = { .forward = LW_CPU (lanes_loss_forward),
                            .backward = LW_CPU (lanes_loss_backward_all),
                            .algorithm = algorithm },
};
