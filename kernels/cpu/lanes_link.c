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
#include "kernels/cpu/lanes_link.h"

typedef struct {
  LwNodeId product, norm, activation, pool; /* LW_NO_NODE: none */
} Nodes;

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
find_units (const LwGraph *graph, Nodes units[LW_LANES_UNITS])
{
  const LwNodeId n = lw_graph_n_nodes (graph);
  LwNodeId id = 1;
  int found = 0;

  for (LwNodeId i = 1; i < n; i++)
    if (lw_graph_node (graph, i)->n_inputs != 1 || lw_graph_node (graph, i)->inputs[0] != i - 1)
      return 0;
  while (id < n && found < LW_LANES_UNITS) {
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
  size_t kept[LW_LANES_UNITS], norm_kept[LW_LANES_UNITS], dz[LW_LANES_UNITS];
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
  Nodes units[LW_LANES_UNITS];
  const int n_units = find_units (step->graph, units);

  return n_units > 0 ? lay_out (device, step, units, n_units).bytes : 0;
}

/* --- linking ---------------------------------------------------------------------------------- */

static void
bind_unit (LwLanesNet *net, const Nodes *nodes, const Layout *layout, int i, LwStep *steps)
{
  const Nodes *own = &nodes[i];
  LwLanesUnit *unit = &net->units[i];
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
  Nodes nodes[LW_LANES_UNITS];
  const int n_units = find_units (steps[0].graph, nodes);
  LwLanesNet *net;
  Layout layout;

  (void)error;
  if (n_units == 0 || (steps[0].training && !is_trained (steps, n)))
    return true;
  layout = lay_out (device, &steps[0], nodes, n_units);
  net = g_new0 (LwLanesNet, 1);
  net->n_units = n_units;
  net->training = steps[0].training;
  net->loss = &steps[n - 1];
  net->scores = (float *)((char *)steps[0].workspace + layout.scores);
  net->scratch = (char *)steps[0].workspace + layout.scratch;
  net->scratch_bytes = layout.scratch_bytes;
  net->y_offset = layout.y_offset;
  net->out_offset = layout.out_offset;
  net->roles = g_new (LwLanesRole, n);
  for (int i = 0, id = 0; i < n_units; i++) {
    const int32_t end = i + 1 < n_units ? nodes[i + 1].product : n;

    bind_unit (net, nodes, &layout, i, steps);
    for (; id < end; id++) {
      net->roles[id] = (LwLanesRole){ net, i };
      steps[id].link = &net->roles[id];
    }
  }
  return true;
}

void
LW_CPU (lanes_unlink) (LwDevice *device, LwStep *steps, int32_t n)
{
  LwLanesRole *roles = n > 0 ? steps[0].link : NULL;

  (void)device;
  if (roles == NULL)
    return;
  g_free (roles->net);
  g_free (roles);
}
