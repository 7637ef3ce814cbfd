/* A network as a sequence of units: see compare.h. */
#include "engine/compare_private.h"

#include <string.h>

static int
count_nodes (const LwGraph *graph, const LwBlock *block, LwOp op)
{
  int n = 0;
  for (LwNodeId i = block->first; i <= block->last; i++)
    n += lw_graph_node (graph, i)->op == op;
  return n;
}

/* A plain block is shown as one unit when it is a figure of its own: several convolutions and
 * nothing that shrinks or classifies. */
static bool
opens (const LwGraph *graph, LwBlockId id)
{
  const LwBlock *block = lw_graph_block (graph, id);
  if (block->kind != LW_BLOCK_PLAIN)
    return false;
  for (LwBlockId i = id + 1; i < lw_graph_n_blocks (graph); i++)
    if (lw_graph_block (graph, i)->parent == id)
      return true;
  return count_nodes (graph, block, LW_OP_CONV2D) < 2 ||
         count_nodes (graph, block, LW_OP_LINEAR) > 0 ||
         count_nodes (graph, block, LW_OP_MAX_POOL) > 0 ||
         count_nodes (graph, block, LW_OP_AVG_POOL) > 0 ||
         count_nodes (graph, block, LW_OP_GLOBAL_AVG_POOL) > 0;
}

static LwUnitRole
role_of_layer (LwOp op)
{
  switch (op) {
  case LW_OP_INPUT:
    return LW_UNIT_INPUT;
  case LW_OP_CONV2D:
    return LW_UNIT_FEATURES;
  case LW_OP_LINEAR:
    return LW_UNIT_HIDDEN;
  case LW_OP_MAX_POOL:
  case LW_OP_AVG_POOL:
  case LW_OP_GLOBAL_AVG_POOL:
    return LW_UNIT_POOLING;
  default:
    return LW_UNIT_OTHER;
  }
}

/* Whether a layer hangs on the unit before it. After a whole block only what no block begins with:
 * a normalization there belongs to what follows. */
static bool
hangs_on (const LwGraph *graph, LwNodeId id, const LwUnit *unit)
{
  const LwNode *node = lw_graph_node (graph, id);
  const LwKind kind = lw_op_info (node->op)->kind;
  if (unit == NULL || unit->role == LW_UNIT_INPUT || node->n_inputs != 1 ||
      node->inputs[0] != unit->last)
    return false;
  if (kind == LW_KIND_DROPOUT || node->op == LW_OP_FLATTEN)
    return true;
  return (kind == LW_KIND_NORMALIZATION || kind == LW_KIND_ACTIVATION) && unit->block < 0 &&
         lw_graph_node (graph, unit->host)->block == node->block;
}

static void
add_layer (GArray *units, const LwGraph *graph, LwNodeId id)
{
  LwUnit *last = units->len > 0 ? &g_array_index (units, LwUnit, units->len - 1) : NULL;
  if (hangs_on (graph, id, last)) {
    last->last = id;
    return;
  }
  const LwUnit unit = { .role = role_of_layer (lw_graph_node (graph, id)->op),
                        .first = id,
                        .last = id,
                        .host = id,
                        .block = -1 };
  g_array_append_val (units, unit);
}

static void
add_block (GArray *units, const LwGraph *graph, LwBlockId id)
{
  const LwBlock *block = lw_graph_block (graph, id);
  const LwUnit unit = { .role =
                            block->kind == LW_BLOCK_TRANSITION ? LW_UNIT_POOLING : LW_UNIT_FEATURES,
                        .first = block->first,
                        .last = block->last,
                        .host = LW_NO_NODE,
                        .block = id };
  g_array_append_val (units, unit);
}

/* The outermost block around a node that is not opened; −1: none. */
static LwBlockId
closed_around (const LwGraph *graph, const bool *opened, LwNodeId id)
{
  LwBlockId closed = -1;
  for (LwBlockId at = lw_graph_node (graph, id)->block; at > LW_ROOT_BLOCK;
       at = lw_graph_block (graph, at)->parent)
    if (!opened[at])
      closed = at;
  return closed;
}

/* "conv 3" counts through the network, whatever blocks the layers stand in. */
static void
number_layers (GArray *units, const LwGraph *graph)
{
  int32_t counts[LW_N_OPS] = { 0 };
  for (guint i = 0; i < units->len; i++) {
    LwUnit *unit = &g_array_index (units, LwUnit, i);
    if (unit->host != LW_NO_NODE)
      unit->number = ++counts[lw_graph_node (graph, unit->host)->op];
  }
  for (guint i = 0; i < units->len; i++) {
    LwUnit *unit = &g_array_index (units, LwUnit, i);
    if (unit->host != LW_NO_NODE && counts[lw_graph_node (graph, unit->host)->op] == 1)
      unit->number = 0;
  }
}

GArray *
lw_units_new (const LwGraph *graph)
{
  GArray *units = g_array_new (FALSE, FALSE, sizeof (LwUnit));
  g_autofree bool *opened = g_new0 (bool, lw_graph_n_blocks (graph));
  for (LwBlockId i = 0; i < lw_graph_n_blocks (graph); i++)
    opened[i] = opens (graph, i);
  for (LwNodeId i = 0; i < lw_graph_n_nodes (graph); i++) {
    const LwBlockId closed = closed_around (graph, opened, i);
    if (closed < 0) {
      add_layer (units, graph, i);
    } else {
      add_block (units, graph, closed);
      i = lw_graph_block (graph, closed)->last;
    }
  }
  if (units->len > 1)
    g_array_index (units, LwUnit, units->len - 1).role = LW_UNIT_OUTPUT;
  number_layers (units, graph);
  return units;
}

static bool
nodes_equal (const LwGraph *a, LwNodeId id_a, const LwGraph *b, LwNodeId id_b)
{
  const LwNode *x = lw_graph_node (a, id_a), *y = lw_graph_node (b, id_b);
  if (x->op != y->op || x->n_inputs != y->n_inputs || x->n_tensors != y->n_tensors ||
      x->window.kernel != y->window.kernel || x->window.stride != y->window.stride ||
      x->window.padding != y->window.padding || x->ceil_mode != y->ceil_mode ||
      x->dropout != y->dropout)
    return false;
  for (int32_t k = 0; k < x->n_tensors; k++) {
    const LwTensorInfo *s = lw_graph_tensor (a, x->tensors[k]);
    const LwTensorInfo *t = lw_graph_tensor (b, y->tensors[k]);
    if (s->rank != t->rank || memcmp (s->dims, t->dims, sizeof s->dims[0] * (size_t)s->rank) != 0)
      return false;
  }
  /* An input, or a layer with weights on a larger map, is another one. */
  if (x->op == LW_OP_INPUT || x->n_tensors > 0)
    return lw_shape_equal (x->shape, y->shape);
  return true;
}

bool
lw_units_equal (const LwGraph *a, LwNodeId first_a, LwNodeId last_a, const LwGraph *b,
                LwNodeId first_b, LwNodeId last_b)
{
  if (last_a - first_a != last_b - first_b)
    return false;
  for (int32_t i = 0; i <= last_a - first_a; i++) {
    const LwNode *x = lw_graph_node (a, first_a + i), *y = lw_graph_node (b, first_b + i);
    if (!nodes_equal (a, first_a + i, b, first_b + i))
      return false;
    for (int32_t k = 0; k < x->n_inputs; k++) { /* inside, and joined in the same way */
      const int32_t from_x = MAX (x->inputs[k] - first_a, -1);
      if (from_x != MAX (y->inputs[k] - first_b, -1))
        return false;
    }
  }
  return true;
}
