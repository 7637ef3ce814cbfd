/* Who may share memory, and who adds into a gradient instead of writing it.
 *
 * Flatten gives the same numbers under another shape, so it and its input are one content, unless
 * the backend stores maps in another order than vectors and the map is large enough to show it. An
 * operation with in_place may overwrite the content that it reads when nobody wants it any more:
 * it is the only reader, neither its own backward nor its producer's needs the old numbers, and
 * they are not the network's input, which others may still show. The gradient with respect to such
 * an operation's input may take over the memory of the gradient with respect to its output. Without
 * a backward pass a sum overwrites what was computed first of its inputs, if it is the last to read
 * it: what is computed last may be added to it where it is computed. */
#include "engine/plan_private.h"

/* Is the node a flatten that leaves all numbers where they are? */
static bool
only_renames (const LwPlan *plan, const LwNode *node)
{
  if (node->op != LW_OP_FLATTEN)
    return false;
  const LwShape map = lw_graph_node (plan->graph, node->inputs[0])->shape;
  return !plan->channels_last || map.c == 1 || (map.h == 1 && map.w == 1);
}

static LwReaders *
find_readers (const LwPlan *plan)
{
  LwReaders *readers = g_new0 (LwReaders, (size_t)plan->n);
  for (LwNodeId id = 0; id < plan->n; id++) {
    const LwNode *node = lw_graph_node (plan->graph, id);
    if (only_renames (plan, node))
      continue;
    for (int32_t i = 0; i < node->n_inputs; i++) {
      LwReaders *of = &readers[plan->contents[node->inputs[i]]];
      of->n_reads++;
      of->last = id;
    }
  }
  LwReaders *output = &readers[plan->contents[lw_graph_output (plan->graph)]];
  output->n_reads++;
  output->last = plan->n;
  return readers;
}

/* May `node` overwrite its first input in the forward pass? */
static bool
overwrites (const LwPlan *plan, const LwNode *node, const LwReaders *readers)
{
  const LwOpInfo *info = lw_op_info (node->op);
  if (!info->in_place || node->op == LW_OP_FLATTEN)
    return false;
  LwNodeId content = plan->contents[node->inputs[0]];
  const LwNode *producer = lw_graph_node (plan->graph, content);
  if (producer->op == LW_OP_INPUT || readers[content].n_reads > 1)
    return false;
  return plan->mode == LW_MODE_INFERENCE ||
         ((info->saves & LW_SAVES_INPUT) == 0 &&
          (lw_op_info (producer->op)->saves & LW_SAVES_OUTPUT) == 0);
}

/* Which of its inputs `node` overwrites, or −1. */
static int32_t
overwritten_input (const LwPlan *plan, const LwNode *node, const LwReaders *readers, LwNodeId id)
{
  int32_t first = -1;

  if (plan->mode != LW_MODE_INFERENCE || node->op != LW_OP_ADD)
    return overwrites (plan, node, readers) ? 0 : -1;
  for (int32_t i = 0; i < node->n_inputs; i++) {
    const LwNodeId content = plan->contents[node->inputs[i]];

    if (lw_graph_node (plan->graph, content)->op != LW_OP_INPUT && readers[content].last == id &&
        (first < 0 || content < plan->contents[node->inputs[first]]))
      first = i;
  }
  return first;
}

static void
share_values (LwPlan *plan, const LwReaders *readers)
{
  for (LwNodeId id = 0; id < plan->n; id++) {
    const LwNode *node = lw_graph_node (plan->graph, id);
    const int32_t input =
        plan->contents[id] != id ? 0 : overwritten_input (plan, node, readers, id);
    plan->value_owners[id] = input >= 0 ? plan->value_owners[node->inputs[input]] : id;
  }
}

static void
share_gradients (LwPlan *plan, const LwReaders *readers)
{
  for (LwNodeId id = plan->n - 1; id >= 0; id--) {
    LwNodeId content = plan->contents[id];
    LwReaders of = readers[content];
    plan->gradient_peers[id] = content;
    if (of.n_reads != 1 || of.last == plan->n)
      continue;
    const LwNode *reader = lw_graph_node (plan->graph, of.last);
    if (lw_op_info (reader->op)->in_place && reader->op != LW_OP_FLATTEN &&
        plan->contents[reader->inputs[0]] == content)
      plan->gradient_peers[id] = plan->gradient_peers[of.last];
  }
}

/* Backward runs from the last node to the first, so of all readers the last one writes the
 * gradient and the others add to it; so does the second use by one and the same node. */
static void
find_accumulation (LwPlan *plan, const LwReaders *readers)
{
  for (LwNodeId id = 0; id < plan->n; id++) {
    const LwNode *node = lw_graph_node (plan->graph, id);
    if (only_renames (plan, node))
      continue;
    for (int32_t i = 0; i < node->n_inputs; i++) {
      LwNodeId content = plan->contents[node->inputs[i]];
      bool again = readers[content].last != id;
      for (int32_t k = 0; k < i; k++)
        again |= plan->contents[node->inputs[k]] == content;
      if (again && lw_graph_node (plan->graph, content)->op != LW_OP_INPUT)
        plan->accumulate[id] |= 1u << i;
    }
  }
}

void
lw_plan_share_memory (LwPlan *plan, const LwBackend *backend, LwDevice *device)
{
  for (LwNodeId id = 0; id < plan->n; id++) {
    const LwNode *node = lw_graph_node (plan->graph, id);
    plan->contents[id] = only_renames (plan, node) ? plan->contents[node->inputs[0]] : id;
  }
  g_autofree LwReaders *readers = find_readers (plan);
  share_values (plan, readers);
  if (plan->mode == LW_MODE_TRAINING) {
    share_gradients (plan, readers);
    find_accumulation (plan, readers);
  }
  if (backend != NULL && backend->slice_bytes != NULL)
    lw_plan_slice_concats (plan, readers, backend, device);
}
