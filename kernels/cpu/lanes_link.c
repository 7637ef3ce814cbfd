/* Linked steps: networks that are a chain of units, each a convolution or linear layer and what
 * follows it (LwLanesTail), up to a linear layer whose outputs are the scores. A stage is as many
 * steps as one group of examples can go through before the batch has to be seen as a whole: without
 * batch normalization the whole pass, with it from one normalization to the next one's statistics.
 * Its first step's kernel runs it, and those of the others have only to do what concerns the whole
 * batch: the sums of weights' gradients.
 *
 *   forward   product … | norm, activation, pool, product | …
 *   backward  loss, product, pool, activation | norm, product, pool, activation | …, norm, product
 *
 * Memory: what backward needs lies where the plan has it, for all of it is alive from the stage
 * that writes it to the end of the forward pass. A gradient that is needed by the next stage or by
 * a linear layer's weights overwrites the activation's values, of which it is made, or where the
 * next layer still has to read those, lies in the workspace. All else is a thread's, and in its
 * cache. */
#include "kernels/cpu/lanes.h"

enum { MOST_UNITS = 32 };

typedef struct {
  LwNodeId product, norm, activation, pool; /* LW_NO_NODE: none */
} Nodes;

typedef struct {
  LwStep *product;
  LwLanesTail tail;
  char *kept, *norm_kept;
  float *dz;      /* all groups' gradients with respect to the product's output */
  const float *x; /* all groups' inputs, where they are stored; else NULL */
} Unit;

typedef struct Net Net;

/* What a step has to do, by step->link. */
typedef struct {
  Net *net;
  int unit;
} Role;

struct Net {
  int n_units;
  bool training;
  const LwStep *loss;
  float *scores; /* inference: until the last layer's turn to write them */
  char *scratch;
  size_t scratch_bytes, y_offset, out_offset; /* of one thread: kernels', products', tails' */
  Role *roles;                                /* of each step */
  Unit units[MOST_UNITS];
};

/* --- is it such a chain? ---------------------------------------------------------------------- */

static bool
is_activation (LwOp op)
{
  return op == LW_OP_RELU || op == LW_OP_SIGMOID || op == LW_OP_TANH;
}

static bool
is_plain_pool (const LwNode *node)
{
  return (node->op == LW_OP_MAX_POOL || node->op == LW_OP_AVG_POOL) &&
         LW_CPU (lanes_pool_is_plain) (&(LwStep){ .node = node });
}

/* Returns how many units there are; 0: the network is none of this kind. */
static int
find_units (const LwGraph *graph, Nodes units[MOST_UNITS])
{
  const LwNodeId n = lw_graph_n_nodes (graph);
  LwNodeId id = 1;
  int found = 0;

  for (LwNodeId i = 1; i < n; i++)
    if (lw_graph_node (graph, i)->n_inputs != 1 || lw_graph_node (graph, i)->inputs[0] != i - 1)
      return 0;
  while (id < n && found < MOST_UNITS) {
    Nodes *unit = &units[found++];
    const LwNode *node = lw_graph_node (graph, id);

    *unit = (Nodes){ LW_NO_NODE, LW_NO_NODE, LW_NO_NODE, LW_NO_NODE };
    if (node->op != LW_OP_CONV2D && node->op != LW_OP_LINEAR)
      return 0;
    unit->product = id++;
    if (id == n)
      return node->op == LW_OP_LINEAR ? found : 0;
    if (lw_graph_node (graph, id)->op == LW_OP_BATCH_NORM)
      unit->norm = id++;
    if (id == n || !is_activation (lw_graph_node (graph, id)->op))
      return 0;
    unit->activation = id++;
    if (id < n && is_plain_pool (lw_graph_node (graph, id))) {
      unit->pool = id++;
      if (id < n && lw_graph_node (graph, id)->op == LW_OP_FLATTEN)
        id++;
    }
  }
  return 0;
}

/* --- memory ----------------------------------------------------------------------------------- */

typedef struct {
  size_t kept[MOST_UNITS], norm_kept[MOST_UNITS], dz[MOST_UNITS];
  size_t scores, scratch, y_offset, out_offset, scratch_bytes, bytes;
} Layout;

/* As the plan describes it. */
static LwStep
describe (const LwStep *pass, LwNodeId id)
{
  const LwNode *node = lw_graph_node (pass->graph, id);

  return (LwStep){ .op = node->op,
                   .graph = pass->graph,
                   .node = node,
                   .id = id,
                   .batch = pass->batch,
                   .n = pass->batch,
                   .training = pass->training,
                   .n_x = 1,
                   .x_shape = { lw_graph_node (pass->graph, node->inputs[0])->shape },
                   .y_shape = node->shape };
}

static size_t
take (Layout *layout, size_t bytes)
{
  const size_t at = layout->bytes;

  layout->bytes += lw_lanes_aligned (bytes);
  return at;
}

static Layout
lay_out (const LwDevice *device, const LwStep *pass, const Nodes *units, int n_units)
{
  Layout layout = { 0 };
  size_t kernels = 0, y = 0, out = 0;

  for (int i = 0; i < n_units; i++) {
    const LwStep product = describe (pass, units[i].product);
    const LwLanesNeed need = product.op == LW_OP_CONV2D ? LW_CPU (lanes_conv_need) (&product)
                                                        : LW_CPU (lanes_linear_need) (&product);

    layout.kept[i] = take (&layout, need.kept);
    kernels = MAX (kernels, need.scratch);
    y = MAX (y, LW_CPU (lanes_value_bytes) (product.y_shape, 1));
    out = MAX (out, LW_CPU (lanes_value_bytes) (product.x_shape[0], 1));
    if (units[i].norm >= 0) {
      const LwStep norm = describe (pass, units[i].norm);
      const LwLanesNeed sums = LW_CPU (lanes_norm_need) (&norm);

      layout.norm_kept[i] = take (&layout, sums.kept);
      kernels = MAX (kernels, sums.scratch);
    }
    if (pass->training && units[i].activation >= 0 && units[i].pool < 0)
      layout.dz[i] = take (&layout, LW_CPU (lanes_value_bytes) (product.y_shape, pass->batch));
    if (!pass->training && i == n_units - 1)
      layout.scores = take (&layout, LW_CPU (lanes_value_bytes) (product.y_shape, pass->batch));
  }
  layout.y_offset = lw_lanes_aligned (kernels);
  layout.out_offset = layout.y_offset + lw_lanes_aligned (y);
  layout.scratch_bytes = layout.out_offset + lw_lanes_aligned (out);
  layout.scratch = take (&layout, (size_t)device->threads * layout.scratch_bytes);
  return layout;
}

/* Of the input, whose own kernel needs none. */
size_t
LW_CPU (lanes_linked_bytes) (LwDevice *device, const LwStep *step)
{
  Nodes units[MOST_UNITS];
  const int n_units = find_units (step->graph, units);

  return n_units > 0 ? lay_out (device, step, units, n_units).bytes : 0;
}

/* --- linking ---------------------------------------------------------------------------------- */

static void
bind_unit (Net *net, const Nodes *nodes, const Layout *layout, int i, LwStep *steps)
{
  const Nodes *own = &nodes[i];
  Unit *unit = &net->units[i];
  char *memory = steps[0].workspace;

  unit->product = &steps[own->product];
  unit->kept = memory + layout->kept[i];
  unit->norm_kept = memory + layout->norm_kept[i];
  unit->tail = (LwLanesTail){ own->norm >= 0 ? &steps[own->norm] : NULL,
                              own->activation >= 0 ? &steps[own->activation] : NULL,
                              own->pool >= 0 ? &steps[own->pool] : NULL };
  if (i == 0 || net->training)
    unit->x = unit->product->x[0];
  if (!net->training)
    return;
  if (own->activation < 0)
    unit->dz = net->loss->dx[0];
  else if (own->pool >= 0)
    unit->dz = unit->tail.activation->y;
  else
    unit->dz = (float *)(memory + layout->dz[i]);
  unit->product->dy = unit->dz;
  if (unit->tail.norm)
    steps[own->norm].dy = steps[own->norm].dx[0] = unit->dz;
}

/* Frozen layers would need kernels that leave gradients out. */
static bool
is_trained (const LwStep *steps, int32_t n)
{
  for (int32_t i = 0; i < n; i++)
    if ((steps[i].op == LW_OP_CONV2D || steps[i].op == LW_OP_LINEAR ||
         steps[i].op == LW_OP_BATCH_NORM) &&
        (!steps[i].dparam[LW_ROLE_WEIGHT] || !steps[i].dparam[LW_ROLE_BIAS]))
      return false;
  return true;
}

bool
LW_CPU (lanes_link) (LwDevice *device, LwStep *steps, int32_t n, GError **error)
{
  Nodes nodes[MOST_UNITS];
  const int n_units = find_units (steps[0].graph, nodes);
  Net *net;
  Layout layout;

  (void)error;
  if (n_units == 0 || (steps[0].training && !is_trained (steps, n)))
    return true;
  layout = lay_out (device, &steps[0], nodes, n_units);
  net = g_new0 (Net, 1);
  net->n_units = n_units;
  net->training = steps[0].training;
  net->loss = &steps[n - 1];
  net->scores = (float *)((char *)steps[0].workspace + layout.scores);
  net->scratch = (char *)steps[0].workspace + layout.scratch;
  net->scratch_bytes = layout.scratch_bytes;
  net->y_offset = layout.y_offset;
  net->out_offset = layout.out_offset;
  net->roles = g_new (Role, n);
  for (int i = 0, id = 0; i < n_units; i++) {
    const int32_t end = i + 1 < n_units ? nodes[i + 1].product : n;

    bind_unit (net, nodes, &layout, i, steps);
    for (; id < end; id++) {
      net->roles[id] = (Role){ net, i };
      steps[id].link = &net->roles[id];
    }
  }
  return true;
}

void
LW_CPU (lanes_unlink) (LwDevice *device, LwStep *steps, int32_t n)
{
  Role *roles = n > 0 ? steps[0].link : NULL;

  (void)device;
  if (roles == NULL)
    return;
  g_free (roles->net);
  g_free (roles);
}

/* --- stages ----------------------------------------------------------------------------------- */

typedef struct {
  Net *net;
  int unit;  /* the first one */
  bool norm; /* from its normalization on */
  int32_t n;
} Stage;

static LwLanes
lanes_of (const Stage *stage, const LwStep *step, char *kept, int64_t group, int thread)
{
  const Net *net = stage->net;

  return (LwLanes){ step, stage->n, group, kept,
                    net->scratch + (size_t)thread * net->scratch_bytes };
}

/* The unit's product's output, for a group: stored where backward or a later stage reads it. */
static float *
output_of (const Net *net, const Unit *unit, int64_t group, char *scratch)
{
  const LwStep *product = unit->product;

  if (unit == &net->units[net->n_units - 1])
    return lw_lanes_in (net->training ? product->y : net->scores, product->y_shape, group);
  if (net->training && unit->tail.norm)
    return lw_lanes_in (product->y, product->y_shape, group);
  return (float *)(scratch + net->y_offset);
}

static void
multiply (const Stage *stage, const Unit *unit, int64_t group, int thread, const float *x, float *y)
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
  const Net *net = stage->net;
  const Unit *unit = &net->units[stage->unit], *last = &net->units[net->n_units - 1];
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
backward_unit (const Stage *stage, const Unit *unit, int64_t group, int thread)
{
  const Net *net = stage->net;
  char *scratch = net->scratch + (size_t)thread * net->scratch_bytes;
  const LwStep *product = unit->product;
  const Unit *before = unit == net->units ? NULL : unit - 1;
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
  const Net *net = stage->net;
  const Unit *unit = &net->units[stage->unit];

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
  const Net *net = stage->net;

  for (int i = stage->unit; i < net->n_units; i++) {
    const Unit *unit = &net->units[i];
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

bool
LW_CPU (lanes_linked_forward) (LwDevice *device, const LwStep *step, GError **error)
{
  const Role *role = step->link;
  Net *net = role->net;
  const Stage stage = { net, role->unit, step->op == LW_OP_BATCH_NORM, step->n };
  const bool leads =
      step == net->units[0].product || (step->op == LW_OP_BATCH_NORM && net->training);

  if (step == net->loss)
    return LW_CPU (lanes_kernels)[step->op].forward (device, step, error);
  if (leads) {
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
  const Role *role = step->link;
  Net *net = role->net;
  const Unit *unit = &net->units[role->unit];
  const Stage stage = { net, role->unit, step->op == LW_OP_BATCH_NORM, step->n };

  (void)error;
  if (step == net->loss || step->op == LW_OP_BATCH_NORM) {
    if (step->op == LW_OP_BATCH_NORM)
      LW_CPU (lanes_norm_finish_backward) (step, step->n, unit->norm_kept);
    lw_pool_run_items (device->pool, lw_groups (step->n), backward_groups, &stage);
  } else if (step->op == LW_OP_CONV2D)
    LW_CPU (lanes_conv_add_gradients) (step, step->n, unit->kept);
  else if (step->op == LW_OP_LINEAR)
    LW_CPU (lanes_linear_gradients) (device, step, step->n, unit->kept);
  return true;
}
