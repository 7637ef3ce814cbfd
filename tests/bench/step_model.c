/* The rules by which kernels are counted, b bytes a number of a map (2 in bfloat16, else 4), as 4
 * bytes parameters, gradients of parameters, and sums; x, y, dx, dy: numbers of these maps.
 *
 *   batch       784 bytes an example in (the data set's images), the network's input out
 *   product     (convolution, linear) forward: x and w in, y out; data gradient, unless its
 *               input is the network's: dy and w in, dx out; weight gradient: x and dy in,
 *               dw out, and a second launch that adds parts up. 2 · MACs each. Bias,
 *               activation and the sums for a batch normalization behind it are part of it
 *   batch norm  forward: x in for the statistics, unless a convolution left them (a launch
 *               all the same, that finishes them); x in, y out. Backward: x and dy in for
 *               the sums, two launches; x and dy in, dx out
 *   activation  behind a product, batch normalization or sum whose only reader it is: part of
 *               that; its backward part of who reads it, which has to look at its output
 *               (dy's mask) unless batch normalization can compute it again. Elsewhere: x
 *               in, y out; y and dy in, dx out
 *   sum         of something that a batch normalization or product writes for it alone: the
 *               other terms are read there. Elsewhere: terms in, y out
 *   concat      nothing: its inputs are written in place
 *   pooling     x in, y out, and of maximum pooling the winners' places, a byte each; dy and
 *               these in, dx out
 *   dropout     x in, y and mask out; dy and mask in, dx out
 *   flatten     nothing, unless pixels with several channels change their order: in and out
 *   readers     several of a map: each beyond the first adds into its gradient, which is read
 *               for it
 *   loss        logits in; logits in, gradient out
 *   update      SGD: w and dw in, w out; in bfloat16 w once more, as 2 bytes
 *
 * Element kernels' operations are those of the op table, twice for backward; they never decide. */
#include "tests/bench/step_model.h"

#include "engine/analysis.h"

enum { DATA_BYTES = 28 * 28, LOSS_LAUNCHES = 1 };

typedef struct {
  const LwGraph *graph;
  double batch, width; /* width: b */
  LwCount count;
  GArray *kernels;
} Counting;

static const LwNode *
node_of (const Counting *c, LwNodeId id)
{
  return lw_graph_node (c->graph, id);
}

/* Bytes of a node's map, for the batch. */
static double
map (const Counting *c, LwNodeId id)
{
  return c->batch * c->width * (double)lw_shape_size (node_of (c, id)->shape);
}

static double
parameters (const Counting *c, LwNodeId id)
{
  return (double)lw_node_cost (c->graph, id).parameters;
}

static bool
is_product (const LwNode *node)
{
  return node->op == LW_OP_CONV2D || node->op == LW_OP_LINEAR;
}

static bool
is_activation (const LwNode *node)
{
  return node->op == LW_OP_RELU || node->op == LW_OP_SIGMOID || node->op == LW_OP_TANH;
}

static int32_t
n_readers (const Counting *c, LwNodeId id)
{
  int32_t n;

  lw_graph_readers (c->graph, id, &n);
  return n;
}

static void
add (Counting *c, LwNodeId id, const char *what, int launches, double flops, double bytes)
{
  const LwKernelWork kernel = {
    .node = id,
    .what = what,
    .product = id != LW_NO_NODE && is_product (node_of (c, id)),
    .launches = c->count == LW_COUNT_FLOOR ? 0 : launches,
    .flops = flops,
    .bytes = bytes,
  };

  if (launches > 0 || bytes > 0)
    g_array_append_val (c->kernels, kernel);
}

static double
operations (const Counting *c, LwNodeId id)
{
  return c->batch * (double)lw_node_cost (c->graph, id).operations;
}

/* Whether what this activation or sum does is done where its input, `input`, is written. */
static bool
is_folded (const Counting *c, LwNodeId input)
{
  const LwNode *node = node_of (c, input);

  return n_readers (c, input) == 1 &&
         (is_product (node) || node->op == LW_OP_BATCH_NORM || node->op == LW_OP_ADD);
}

/* --- forward ---------------------------------------------------------------------------------- */

static void
add_sum (Counting *c, LwNodeId id)
{
  const LwNode *node = node_of (c, id);
  double others = 0;
  bool folded = false;

  for (int i = 0; i < node->n_inputs; i++) {
    const LwNode *term = node_of (c, node->inputs[i]);

    if (!folded && term->op != LW_OP_ADD && is_folded (c, node->inputs[i]))
      folded = true;
    else
      others += map (c, id);
  }
  add (c, id, "forward", folded ? 0 : 1, operations (c, id), others + (folded ? 0 : map (c, id)));
}

static void
add_norm_forward (Counting *c, LwNodeId id)
{
  const bool summed = node_of (c, node_of (c, id)->inputs[0])->op == LW_OP_CONV2D;

  add (c, id, "statistics", summed ? 1 : 2, operations (c, id), summed ? 0 : map (c, id));
  add (c, id, "forward", 1, operations (c, id), 2 * map (c, id));
}

static double
state (const Counting *c, LwNodeId id)
{
  return (double)lw_node_state_bytes (c->graph, id, (int32_t)c->batch);
}

/* Whether flattening changes the order of numbers that lie with their channels together. */
static bool
is_moved (const Counting *c, LwNodeId id)
{
  const LwShape from = node_of (c, node_of (c, id)->inputs[0])->shape;

  return from.c > 1 && from.h * from.w > 1;
}

static void
add_forward (Counting *c, LwNodeId id)
{
  const LwNode *node = node_of (c, id);
  const double x = node->n_inputs > 0 ? map (c, node->inputs[0]) : 0, y = map (c, id);

  switch (node->op) {
  case LW_OP_INPUT:
    add (c, id, "batch", 1, 0, c->batch * DATA_BYTES + y);
    return;
  case LW_OP_CONV2D:
  case LW_OP_LINEAR:
    add (c, id, "forward", 1, 2 * c->batch * (double)lw_node_cost (c->graph, id).macs,
         x + y + c->width * parameters (c, id));
    return;
  case LW_OP_BATCH_NORM:
    add_norm_forward (c, id);
    return;
  case LW_OP_ADD:
    add_sum (c, id);
    return;
  case LW_OP_MAX_POOL:
  case LW_OP_DROPOUT:
    add (c, id, "forward", 1, operations (c, id), x + y + state (c, id));
    return;
  case LW_OP_AVG_POOL:
  case LW_OP_GLOBAL_AVG_POOL:
    add (c, id, "forward", 1, operations (c, id), x + y);
    return;
  case LW_OP_FLATTEN:
    if (is_moved (c, id))
      add (c, id, "forward", 1, 0, x + y);
    return;
  default:
    if (is_activation (node) && !is_folded (c, node->inputs[0]))
      add (c, id, "forward", 1, operations (c, id), x + y);
  }
}

/* --- backward --------------------------------------------------------------------------------- */

static void
add_product_backward (Counting *c, LwNodeId id)
{
  const LwNodeId input = node_of (c, id)->inputs[0];
  const double flops = 2 * c->batch * (double)lw_node_cost (c->graph, id).macs;
  const double dx = map (c, input), dy = map (c, id);

  if (node_of (c, input)->op != LW_OP_INPUT)
    add (c, id, "data gradient", 1, flops, dx + dy + c->width * parameters (c, id));
  add (c, id, "weight gradient", 2, flops, dx + dy + sizeof (float) * parameters (c, id));
}

static void
add_activation_backward (Counting *c, LwNodeId id)
{
  const LwNodeId input = node_of (c, id)->inputs[0];

  if (!is_folded (c, input))
    add (c, id, "backward", 1, 2 * operations (c, id), 3 * map (c, id));
  else if (node_of (c, input)->op != LW_OP_BATCH_NORM)
    add (c, id, "mask", 0, 2 * operations (c, id), map (c, id));
}

static void
add_backward (Counting *c, LwNodeId id)
{
  const LwNode *node = node_of (c, id);
  const double dx = node->n_inputs > 0 ? map (c, node->inputs[0]) : 0, dy = map (c, id);
  const double flops = 2 * operations (c, id);

  if (node->op != LW_OP_INPUT && n_readers (c, id) > 1)
    add (c, id, "sum of gradients", 0, 0, (n_readers (c, id) - 1) * dy);
  switch (node->op) {
  case LW_OP_CONV2D:
  case LW_OP_LINEAR:
    add_product_backward (c, id);
    return;
  case LW_OP_BATCH_NORM:
    add (c, id, "sums", 2, flops, dx + dy);
    add (c, id, "backward", 1, flops, 2 * dx + dy);
    return;
  case LW_OP_MAX_POOL:
  case LW_OP_DROPOUT:
    add (c, id, "backward", 1, flops, dx + dy + state (c, id));
    return;
  case LW_OP_AVG_POOL:
  case LW_OP_GLOBAL_AVG_POOL:
    add (c, id, "backward", 1, flops, dx + dy);
    return;
  case LW_OP_FLATTEN:
    if (is_moved (c, id))
      add (c, id, "backward", 1, 0, dx + dy);
    return;
  default:
    if (is_activation (node))
      add_activation_backward (c, id);
  }
}

/* --- the step --------------------------------------------------------------------------------- */

static void
add_update (Counting *c)
{
  const double n = (double)lw_graph_cost (c->graph).parameters;
  const double copy = c->count == LW_COUNT_KERNELS && c->width < sizeof (float) ? c->width : 0;

  add (c, LW_NO_NODE, "update", 1, 2 * n, n * (3 * sizeof (float) + copy));
}

static void
add_all (Counting *c)
{
  const int32_t n = lw_graph_n_nodes (c->graph);
  const double logits = map (c, lw_graph_output (c->graph));

  for (LwNodeId id = 0; id < n; id++)
    add_forward (c, id);
  add (c, LW_NO_NODE, "loss", LOSS_LAUNCHES, 0, logits);
  add (c, LW_NO_NODE, "loss's gradient", LOSS_LAUNCHES, 0, 2 * logits);
  for (LwNodeId id = n - 1; id >= 0; id--)
    add_backward (c, id);
  add_update (c);
}

/* Products, normalizations, the update. */
static void
add_floor (Counting *c)
{
  for (LwNodeId id = 0; id < lw_graph_n_nodes (c->graph); id++) {
    const LwNode *node = node_of (c, id);
    const double y = map (c, id), x = node->n_inputs > 0 ? map (c, node->inputs[0]) : 0;
    const double flops = 2 * c->batch * (double)lw_node_cost (c->graph, id).macs;
    const double w = c->width * parameters (c, id), dw = sizeof (float) * parameters (c, id);

    if (node->op == LW_OP_BATCH_NORM)
      add (c, id, "all passes", 1, 0, 7 * y);
    if (!is_product (node))
      continue;
    add (c, id, "forward", 1, flops, x + y + w);
    if (node_of (c, node->inputs[0])->op != LW_OP_INPUT)
      add (c, id, "data gradient", 1, flops, x + y + w);
    add (c, id, "weight gradient", 1, flops, x + y + dw);
  }
  add_update (c);
}

LwKernelWork *
lw_step_kernels (const LwGraph *graph, int32_t batch, LwPrecision precision, LwCount count,
                 int *ret_n)
{
  Counting c = { .graph = graph,
                 .batch = batch,
                 .width = precision == LW_PRECISION_BF16 ? 2 : 4,
                 .count = count,
                 .kernels = g_array_new (FALSE, FALSE, sizeof (LwKernelWork)) };

  if (count == LW_COUNT_FLOOR)
    add_floor (&c);
  else
    add_all (&c);
  *ret_n = (int)c.kernels->len;
  return (LwKernelWork *)(void *)g_array_free (c.kernels, FALSE);
}

/* --- seconds ---------------------------------------------------------------------------------- */

static double
arithmetic_of (const LwKernelWork *kernel, const LwDatasheet *peaks,
               const LwAssumptions *assumptions, LwPrecision precision)
{
  const LwPrecision by = kernel->product ? precision : LW_PRECISION_FP32;

  return kernel->flops / (assumptions->products[by] * peaks->flops[by]);
}

static double
memory_of (const LwKernelWork *kernel, const LwDatasheet *peaks, const LwAssumptions *assumptions)
{
  return kernel->bytes / (assumptions->memory * peaks->bytes);
}

double
lw_kernel_seconds (const LwKernelWork *kernel, const LwDatasheet *peaks,
                   const LwAssumptions *assumptions, LwPrecision precision)
{
  return MAX (arithmetic_of (kernel, peaks, assumptions, precision),
              memory_of (kernel, peaks, assumptions)) +
         kernel->launches * assumptions->launch_s;
}

LwStepTime
lw_step_time (const LwGraph *graph, int32_t batch, LwPrecision precision, LwCount count,
              const LwDatasheet *peaks, const LwAssumptions *assumptions)
{
  int n;
  g_autofree LwKernelWork *kernels = lw_step_kernels (graph, batch, precision, count, &n);
  LwStepTime time = { 0 };

  for (int i = 0; i < n; i++) {
    const double arithmetic = arithmetic_of (&kernels[i], peaks, assumptions, precision);
    const double memory = memory_of (&kernels[i], peaks, assumptions);

    if (arithmetic > memory)
      time.arithmetic += arithmetic;
    else
      time.memory += memory;
    time.seconds += lw_kernel_seconds (&kernels[i], peaks, assumptions, precision);
    time.launching += kernels[i].launches * assumptions->launch_s;
    time.flops += kernels[i].flops;
    time.bytes += kernels[i].bytes;
    time.launches += kernels[i].launches;
  }
  return time;
}
