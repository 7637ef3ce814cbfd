#include "ui/lesson-facts.h"

#include <glib/gi18n.h>

bool
lw_facts_is_activation (LwOp op)
{
  return lw_op_info (op)->kind == LW_KIND_ACTIVATION;
}

/* Layers that change values but keep who made them. */
static bool
is_passing (LwOp op)
{
  return op == LW_OP_BATCH_NORM || op == LW_OP_DROPOUT || lw_facts_is_activation (op);
}

LwShape
lw_facts_input_shape (const LwGraph *graph, LwNodeId id)
{
  const LwNode *node = lw_graph_node (graph, id);

  return node->n_inputs > 0 ? lw_graph_node (graph, node->inputs[0])->shape : node->shape;
}

LwNodeId
lw_facts_source (const LwGraph *graph, LwNodeId id)
{
  const LwNode *node = lw_graph_node (graph, id);

  while (node->n_inputs > 0) {
    id = node->inputs[0];
    node = lw_graph_node (graph, id);
    if (!is_passing (node->op))
      return id;
  }
  return LW_NO_NODE;
}

LwNodeId
lw_facts_next (const LwGraph *graph, LwNodeId id)
{
  for (;;) {
    int32_t n;
    const LwNodeId *readers = lw_graph_readers (graph, id, &n);

    if (n != 1)
      return LW_NO_NODE;
    id = readers[0];
    if (!is_passing (lw_graph_node (graph, id)->op))
      return id;
  }
}

LwBlockId
lw_facts_block_of_kind (const LwGraph *graph, LwNodeId id, LwBlockKind kind)
{
  LwBlockId block = lw_graph_node (graph, id)->block;

  while (block >= 0 && lw_graph_block (graph, block)->kind != kind)
    block = lw_graph_block (graph, block)->parent;
  return block;
}

LwNodeId
lw_facts_block_input (const LwGraph *graph, LwBlockId id)
{
  const LwBlock *block = lw_graph_block (graph, id);

  if (id == LW_ROOT_BLOCK || block->first > block->last)
    return LW_NO_NODE;
  return lw_graph_node (graph, block->first)->inputs[0];
}

bool
lw_facts_is_shortcut (const LwGraph *graph, LwNodeId id)
{
  const LwNode *node = lw_graph_node (graph, id);
  const LwBlockId block = lw_facts_block_of_kind (graph, id, LW_BLOCK_RESIDUAL);
  LwNodeId next;

  if (node->op != LW_OP_CONV2D || block < 0)
    return false;
  next = lw_facts_next (graph, id);
  return next != LW_NO_NODE && lw_graph_node (graph, next)->op == LW_OP_ADD &&
         node->inputs[0] == lw_facts_block_input (graph, block) &&
         lw_graph_block (graph, block)->first != id;
}

bool
lw_facts_adds_channels (const LwGraph *graph, LwNodeId id)
{
  const LwNodeId next = lw_facts_next (graph, id);

  return lw_graph_node (graph, id)->op == LW_OP_CONV2D && next != LW_NO_NODE &&
         lw_graph_node (graph, next)->op == LW_OP_CONCAT;
}

bool
lw_facts_is_pre_normalization (const LwGraph *graph, LwNodeId id)
{
  const LwNode *node = lw_graph_node (graph, id);
  LwNodeId next;
  LwOp before;

  if (node->op != LW_OP_BATCH_NORM)
    return false;
  before = lw_graph_node (graph, node->inputs[0])->op;
  next = lw_facts_next (graph, id);
  return before != LW_OP_CONV2D && before != LW_OP_LINEAR && next != LW_NO_NODE &&
         lw_graph_node (graph, next)->op == LW_OP_CONV2D &&
         lw_graph_node (graph, next)->block == node->block;
}

bool
lw_facts_transition_follows (const LwGraph *graph, LwBlockId id)
{
  const LwNodeId after = lw_graph_block (graph, id)->last + 1;
  LwBlockId block;

  if (after >= lw_graph_n_nodes (graph))
    return false;
  block = lw_facts_block_of_kind (graph, after, LW_BLOCK_TRANSITION);
  return block >= 0 && lw_graph_block (graph, block)->first == after;
}

int
lw_facts_count_op (const LwGraph *graph, LwBlockId block, LwOp op)
{
  const LwBlock *info = lw_graph_block (graph, block);
  int count = 0;

  for (LwNodeId id = info->first; id <= info->last; id++)
    count += lw_graph_node (graph, id)->op == op;
  return count;
}

char *
lw_facts_path (const LwGraph *graph, LwBlockId block)
{
  GString *path = g_string_new (NULL);

  for (; block > LW_ROOT_BLOCK; block = lw_graph_block (graph, block)->parent) {
    if (path->len > 0)
      g_string_prepend (path, " › ");
    g_string_prepend (path, lw_graph_block (graph, block)->title);
  }
  return g_string_free (path, FALSE);
}

char *
lw_facts_cost_number (int64_t macs, LwCount count)
{
  return lw_format_short (count == LW_COUNT_FLOPS ? 2.0 * (double)macs : (double)macs);
}

const char *
lw_facts_cost_unit (LwCount count)
{
  return count == LW_COUNT_FLOPS ? _ ("FLOPs") : _ ("MACs");
}

char *
lw_facts_share (int64_t part, int64_t whole)
{
  const double percent = whole > 0 ? 100.0 * (double)part / (double)whole : 0;
  char digits[G_ASCII_DTOSTR_BUF_SIZE];

  if (part > 0 && percent < 0.1)
    return g_strdup (_ ("under 0.1 %"));
  g_ascii_formatd (digits, sizeof digits, percent < 9.95 && part > 0 ? "%.1f" : "%.0f", percent);
  return g_strdup_printf (_ ("%s %%"), digits);
}

char *
lw_facts_map_words (LwShape shape)
{
  return g_strdup_printf ("%d × %d", shape.h, shape.w);
}
