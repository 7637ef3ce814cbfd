/* The stages of a linked pass (lanes_link.c says what they are): a group of examples goes through
 * all steps of one. */
#include "kernels/cpu/lanes_link.h"

/* --- stages ----------------------------------------------------------------------------------- */

typedef struct {
  LwLanesNet *net;
  int unit;  /* the first one */
  bool norm; /* from its normalization on */
  int32_t n;
} Stage;

static LwLanes
lanes_of (const Stage *stage, const LwStep *step, char *kept, int64_t group, int thread)
{
  const LwLanesNet *net = stage->net;

  return (LwLanes){ step, stage->n, group, kept,
                    net->scratch + (size_t)thread * net->scratch_bytes };
}

/* The unit's product's output, for a group: stored where backward or a later stage reads it. */
static float *
output_of (const LwLanesNet *net, const LwLanesUnit *unit, int64_t group, char *scratch)
{
  const LwStep *product = unit->product;

  if (unit == &net->units[net->n_units - 1])
    return lw_lanes_in (net->training ? product->y : net->scores, product->y_shape, group);
  if (net->training && unit->tail.norm)
    return lw_lanes_in (product->y, product->y_shape, group);
  return (float *)(scratch + net->y_offset);
}

static void
multiply (const Stage *stage, const LwLanesUnit *unit, int64_t group, int thread, const float *x,
          float *y)
{
  const LwLanes lanes = lanes_of (stage, unit->product, unit->kept, group, thread);

  if (unit->product->op == LW_OP_CONV2D)
    LW_CPU (lanes_conv_forward) (&lanes, x, y);
  else
    LW_CPU (lanes_linear_forward) (unit->product, x, y);
}

static void
forward_group (const Stage *stage, int64_t group, int thread)
{
  const LwLanesNet *net = stage->net;
  const LwLanesUnit *unit = &net->units[stage->unit], *last = &net->units[net->n_units - 1];
  char *scratch = net->scratch + (size_t)thread * net->scratch_bytes;
  const float *x = unit->x ? lw_lanes_at (unit->x, unit->product->x_shape[0], group) : NULL;

  for (bool multiplies = !stage->norm;; multiplies = true) {
    float *y = output_of (net, unit, group, scratch);
    float *values = NULL, *out = (float *)(scratch + net->out_offset);

    if (multiplies) {
      multiply (stage, unit, group, thread, x, y);
      if (unit == last)
        return;
      if (net->training && unit->tail.norm) {
        const LwLanes lanes = lanes_of (stage, unit->tail.norm, unit->norm_kept, group, thread);

        LW_CPU (lanes_norm_measure) (&lanes, y);
        return;
      }
    }
    if (net->training) {
      values = lw_lanes_in (unit->tail.activation->y, unit->product->y_shape, group);
      out = lw_lanes_in ((float *)unit[1].x, unit[1].product->x_shape[0], group);
    }
    if (unit->tail.pool)
      LW_CPU (lanes_tail_forward) (&unit->tail, unit->norm_kept, group, y, values, out);
    else
      LW_CPU (lanes_tail_forward) (&unit->tail, unit->norm_kept, group, y, out, NULL);
    x = out;
    unit++;
  }
}

static void
forward_groups (const void *data, int64_t group, int64_t last, int thread)
{
  for (; group < last; group++)
    forward_group (data, group, thread);
}

/* dz of the unit → dz of the unit before, or its normalization's sums; the convolution's weights.
 */
static void
backward_unit (const Stage *stage, const LwLanesUnit *unit, int64_t group, int thread)
{
  const LwLanesNet *net = stage->net;
  char *scratch = net->scratch + (size_t)thread * net->scratch_bytes;
  const LwStep *product = unit->product;
  const LwLanesUnit *before = unit == net->units ? NULL : unit - 1;
  const float *dz = lw_lanes_at (unit->dz, product->y_shape, group);
  const float *x = lw_lanes_at (unit->x, product->x_shape[0], group);
  const LwLanes lanes = lanes_of (stage, product, unit->kept, group, thread);
  float *dx = before ? (float *)(scratch + net->out_offset) : NULL;

  if (product->op == LW_OP_CONV2D)
    LW_CPU (lanes_conv_backward) (&lanes, x, dz, dx, false);
  else {
    LW_CPU (lanes_linear_turn) (&lanes, x);
    if (dx)
      LW_CPU (lanes_linear_data) (product, dz, dx, false);
  }
  if (before)
    LW_CPU (lanes_tail_backward)
  (&before->tail, group, lw_lanes_at (before->tail.activation->y, before->product->y_shape, group),
   dx, lw_lanes_in (before->dz, before->product->y_shape, group));
}

static void
backward_group (const Stage *stage, int64_t group, int thread)
{
  const LwLanesNet *net = stage->net;
  const LwLanesUnit *unit = &net->units[stage->unit];

  if (stage->norm) {
    const LwShape shape = unit->product->y_shape;
    const LwLanes lanes = lanes_of (stage, unit->tail.norm, unit->norm_kept, group, thread);
    float *dz = lw_lanes_in (unit->dz, shape, group);

    LW_CPU (lanes_norm_gradient)
    (&lanes, lw_lanes_at (unit->product->y, shape, group), dz, dz, false);
  } else
    LW_CPU (lanes_loss_backward) (net->loss, stage->n, group);
  for (;; unit--) {
    const LwStep *norm;

    backward_unit (stage, unit, group, thread);
    if (unit == net->units)
      return;
    norm = unit[-1].tail.norm;
    if (norm) {
      const LwShape shape = unit[-1].product->y_shape;
      const LwLanes lanes = lanes_of (stage, norm, unit[-1].norm_kept, group, thread);

      LW_CPU (lanes_norm_sum)
      (&lanes, lw_lanes_at (unit[-1].product->y, shape, group),
       lw_lanes_at (unit[-1].dz, shape, group));
      return;
    }
  }
}

static void
backward_groups (const void *data, int64_t group, int64_t last, int thread)
{
  for (; group < last; group++)
    backward_group (data, group, thread);
}

/* --- the kernels of linked steps -------------------------------------------------------------- */

/* Before a stage: what its kernels read of weights and statistics. */
static bool
prepare_stage (const Stage *stage, GError **error)
{
  const LwLanesNet *net = stage->net;

  for (int i = stage->unit; i < net->n_units; i++) {
    const LwLanesUnit *unit = &net->units[i];
    const bool multiplies = i > stage->unit || !stage->norm;

    if (multiplies && unit->product->op == LW_OP_CONV2D)
      LW_CPU (lanes_conv_prepare) (unit->product, unit->kept);
    if (!unit->tail.norm)
      continue;
    if (net->training && multiplies)
      break;
    if (!LW_CPU (lanes_norm_finish) (unit->tail.norm, stage->n, unit->norm_kept, error))
      return false;
  }
  return true;
}

/* Does this step's kernel run a stage? */
static bool
leads (const LwLanesNet *net, const LwStep *step, bool backward)
{
  if (step->op == LW_OP_BATCH_NORM)
    return net->training;
  return step == (backward ? net->loss : net->units[0].product);
}

bool
LW_CPU (lanes_works) (const LwStep *step, bool backward)
{
  const LwLanesRole *role = step->link;

  return role == NULL || step == role->net->loss || leads (role->net, step, backward) ||
         (backward && (step->op == LW_OP_CONV2D || step->op == LW_OP_LINEAR));
}

bool
LW_CPU (lanes_linked_forward) (LwDevice *device, const LwStep *step, GError **error)
{
  const LwLanesRole *role = step->link;
  LwLanesNet *net = role->net;
  const Stage stage = { net, role->unit, step->op == LW_OP_BATCH_NORM, step->n };

  if (step == net->loss)
    return LW_CPU (lanes_kernels)[step->op].forward (device, step, error);
  if (leads (net, step, false)) {
    if (!prepare_stage (&stage, error))
      return false;
    lw_pool_run_items (device->pool, lw_groups (step->n), forward_groups, &stage);
  }
  if (!net->training && step == net->units[net->n_units - 1].product)
    memcpy (step->y, net->scores, LW_CPU (lanes_value_bytes) (step->y_shape, step->n));
  return true;
}

bool
LW_CPU (lanes_linked_backward) (LwDevice *device, const LwStep *step, GError **error)
{
  const LwLanesRole *role = step->link;
  LwLanesNet *net = role->net;
  const LwLanesUnit *unit = &net->units[role->unit];
  const Stage stage = { net, role->unit, step->op == LW_OP_BATCH_NORM, step->n };

  if (leads (net, step, true)) {
    if (step->op == LW_OP_BATCH_NORM &&
        !LW_CPU (lanes_norm_finish_backward) (step, step->n, unit->norm_kept, error))
      return false;
    lw_pool_run_items (device->pool, lw_groups (step->n), backward_groups, &stage);
  } else if (step->op == LW_OP_CONV2D)
    LW_CPU (lanes_conv_add_gradients) (step, step->n, unit->kept);
  else if (step->op == LW_OP_LINEAR)
    LW_CPU (lanes_linear_gradients) (device, step, step->n, unit->kept);
  return true;
}
