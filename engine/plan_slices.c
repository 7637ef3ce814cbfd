/* A concat whose inputs lie in it already has nothing to do. The numbers that a concat reads may
 * lie there from the start, as some channels of its pixels, where every kernel that touches them
 * can deal with that, and where no other concat has them yet. Their gradients may lie in the
 * concat's gradient if its backward, which would write them, is the first one to reach them: what
 * other readers add comes later then. Concats are taken from the last to the first, so that a
 * concat that is itself part of another one, as in a dense block, hands its place on. */
#include "engine/plan_private.h"

#include <string.h>

typedef struct {
  LwPlan *plan;
  const LwReaders *readers;
  const LwBackend *backend;
  LwDevice *device;
} Slicing;

static size_t
bytes_of (const Slicing *slicing, LwOp op)
{
  return op == LW_OP_INPUT ? 0 : slicing->backend->slice_bytes (slicing->device, op);
}

/* Can the node's kernel, and the kernels of all its readers, deal with slices? */
static bool
can_be_slice (const Slicing *slicing, LwNodeId id)
{
  const LwGraph *graph = slicing->plan->graph;
  int32_t n;
  const LwNodeId *readers = lw_graph_readers (graph, id, &n);

  if (bytes_of (slicing, lw_graph_node (graph, id)->op) == 0 || id == lw_graph_output (graph))
    return false;
  for (int32_t i = 0; i < n; i++)
    if (bytes_of (slicing, lw_graph_node (graph, readers[i])->op) == 0)
      return false;
  return true;
}

/* All nodes that share `owner`'s place. */
static bool
can_all_be_slices (const Slicing *slicing, const LwNodeId *owners, LwNodeId owner)
{
  for (LwNodeId id = 0; id < slicing->plan->n; id++)
    if (owners[id] == owner && !can_be_slice (slicing, id))
      return false;
  return true;
}

/* Does an operation in place, behind the concat, write over these channels of it while somebody may
 * still want what lies there? In inference only later readers of `owner`'s numbers do. */
static bool
is_overwritten (const Slicing *slicing, LwNodeId owner, LwNodeId concat, int32_t channel)
{
  const LwPlan *plan = slicing->plan;
  LwNodeId last = plan->mode == LW_MODE_TRAINING ? G_MAXINT32 : concat;

  for (LwNodeId id = 0; id < plan->n; id++)
    if (plan->value_owners[id] == owner && plan->mode == LW_MODE_INFERENCE)
      last = MAX (last, slicing->readers[plan->contents[id]].last);
  channel += plan->value_slices[concat].channel;
  for (LwNodeId id = concat + 1; id < MIN (last, plan->n); id++) {
    const LwNode *node = lw_graph_node (plan->graph, id);
    const int32_t first = plan->value_slices[id].channel;

    if (plan->value_owners[id] == plan->value_owners[concat] && plan->contents[id] == id &&
        node->op != LW_OP_CONCAT && first <= channel && channel < first + node->shape.c)
      return true;
  }
  return false;
}

/* Moves all that share `owner`'s place to channel `channel` of the concat. */
static void
move_into (const Slicing *slicing, LwNodeId *owners, LwSlice *slices, LwNodeId owner,
           LwNodeId concat, int32_t channel)
{
  const LwGraph *graph = slicing->plan->graph;
  const size_t bytes = bytes_of (slicing, LW_OP_CONCAT);
  const LwNodeId root = owners[concat];
  LwSlice slice = slices[concat];

  slice.channel += channel;
  slice.offset = slice.channel * (int64_t)bytes;
  if (slice.pixel == 0)
    slice.pixel = lw_graph_node (graph, concat)->shape.c;
  for (LwNodeId id = 0; id < slicing->plan->n; id++)
    if (owners[id] == owner) {
      owners[id] = root;
      slices[id] = slice;
    }
}

/* Input `input` of the concat comes to lie at `channel`, if it can; its gradient, too. */
static void
slice_input (const Slicing *slicing, LwNodeId concat, LwNodeId input, int32_t channel)
{
  LwPlan *plan = slicing->plan;
  const LwNodeId content = plan->contents[input];
  const LwNodeId owner = plan->value_owners[input], peer = plan->gradient_peers[input];

  if (plan->value_slices[input].pixel == 0 && owner != plan->value_owners[concat] &&
      can_all_be_slices (slicing, plan->value_owners, owner) &&
      !is_overwritten (slicing, owner, concat, channel))
    move_into (slicing, plan->value_owners, plan->value_slices, owner, concat, channel);
  if (plan->mode == LW_MODE_TRAINING && plan->gradient_slices[input].pixel == 0 &&
      peer != plan->gradient_peers[concat] && slicing->readers[content].last == concat &&
      can_all_be_slices (slicing, plan->gradient_peers, peer))
    move_into (slicing, plan->gradient_peers, plan->gradient_slices, peer, concat, channel);
}

void
lw_plan_slice_concats (LwPlan *plan, const LwReaders *readers, const LwBackend *backend,
                       LwDevice *device)
{
  const Slicing slicing = { plan, readers, backend, device };

  for (LwNodeId id = plan->n - 1; id >= 0; id--) {
    const LwNode *node = lw_graph_node (plan->graph, id);
    int32_t channel = 0;

    if (node->op != LW_OP_CONCAT || node->shape.flat || bytes_of (&slicing, LW_OP_CONCAT) == 0)
      continue;
    for (int32_t i = 0; i < node->n_inputs; i++) {
      slice_input (&slicing, id, node->inputs[i], channel);
      channel += lw_graph_node (plan->graph, node->inputs[i])->shape.c;
    }
  }
}
