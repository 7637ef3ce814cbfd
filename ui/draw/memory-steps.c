#include "ui/draw/memory-private.h"

#include <glib/gi18n.h>

/* Is the node one step with the one before it? The input is one with the first layer; so is what
 * writes over the output that it reads, an activation or a flatten. */
static bool
joins (const LwPlan *plan, const LwGraph *graph, LwNodeId id)
{
  const LwNode *node = lw_graph_node (graph, id);
  const LwKind kind = lw_op_info (node->op)->kind;

  if (id == 1)
    return lw_graph_node (graph, 0)->op == LW_OP_INPUT;
  return (kind == LW_KIND_ACTIVATION || node->op == LW_OP_FLATTEN) && node->inputs[0] == id - 1 &&
         lw_plan_value (plan, id) == lw_plan_value (plan, id - 1);
}

LwMemorySteps
lw_memory_steps_new (const LwPlan *training)
{
  const LwGraph *graph = lw_plan_graph (training);
  const int32_t n = lw_graph_n_nodes (graph);
  LwMemorySteps steps = { .n_nodes = n,
                          .column = g_new (int32_t, (size_t)n + 1),
                          .first = g_new (int32_t, (size_t)n + 2) };

  for (LwNodeId id = 0; id <= n; id++) {
    if (id == 0 || id == n || !joins (training, graph, id))
      steps.first[steps.n_forward++] = id;
    steps.column[id] = steps.n_forward - 1;
  }
  steps.first[steps.n_forward] = n + 1;
  return steps;
}

void
lw_memory_steps_clear (LwMemorySteps *steps)
{
  g_clear_pointer (&steps->column, g_free);
  g_clear_pointer (&steps->first, g_free);
}

int32_t
lw_memory_steps_count (const LwMemorySteps *steps, LwMode mode)
{
  return mode == LW_MODE_TRAINING ? 2 * steps->n_forward + 1 : steps->n_forward;
}

int32_t
lw_memory_steps_at (const LwMemorySteps *steps, int32_t plan_step, double *ret_begin,
                    double *ret_end)
{
  const int32_t n = steps->n_nodes;
  const bool backward = plan_step > n;
  const LwNodeId id = backward ? 2 * n + 1 - plan_step : plan_step;
  int32_t column, first, size, at;

  if (id < 0) { /* the update */
    *ret_begin = 0;
    *ret_end = 1;
    return 2 * steps->n_forward;
  }
  column = steps->column[id];
  first = steps->first[column];
  size = steps->first[column + 1] - first;
  at = backward ? size - 1 - (id - first) : id - first;
  *ret_begin = (double)at / size;
  *ret_end = (double)(at + 1) / size;
  return backward ? 2 * steps->n_forward - 1 - column : column;
}

/* The layer of a step: the first that computes something. */
static LwNodeId
layer_of (const LwMemorySteps *steps, const LwGraph *graph, int32_t index)
{
  const int32_t column = index < steps->n_forward ? index : 2 * steps->n_forward - 1 - index;
  const LwNodeId id = steps->first[column];
  const bool input = id < steps->n_nodes && lw_graph_node (graph, id)->op == LW_OP_INPUT;

  return input && steps->first[column + 1] > id + 1 ? id + 1 : id;
}

const char *
lw_memory_steps_title (const LwMemorySteps *steps, const LwGraph *graph, int32_t index)
{
  LwNodeId id;

  if (index == 2 * steps->n_forward)
    return _ ("update");
  id = layer_of (steps, graph, index);
  return id == steps->n_nodes ? _ ("loss") : lw_graph_node (graph, id)->title;
}

/* --- labels ----------------------------------------------------------------------------------- */

/* The block around a step at a depth; −1: it lies above that depth, or is no layer's. */
static LwBlockId
block_at (const LwMemorySteps *steps, const LwGraph *graph, int32_t index, int32_t depth)
{
  LwNodeId id;
  LwBlockId block;

  if (index == 2 * steps->n_forward)
    return -1;
  id = layer_of (steps, graph, index);
  if (id == steps->n_nodes)
    return -1;
  block = lw_graph_node (graph, id)->block;
  while (lw_graph_block (graph, block)->depth > depth)
    block = lw_graph_block (graph, block)->parent;
  return block == LW_ROOT_BLOCK ? -1 : block;
}

static int32_t
deepest (const LwGraph *graph)
{
  int32_t depth = 0;

  for (LwBlockId i = 0; i < lw_graph_n_blocks (graph); i++)
    depth = MAX (depth, lw_graph_block (graph, i)->depth);
  return depth;
}

/* A label with what decides who gives way: the steps that it stands for. */
typedef struct {
  LwMemoryLabel label;
  int32_t weight;
  bool left_out;
} Candidate;

/* Steps in a row within one block share a label in its middle; `depth` −1: none do. */
static GArray *
make_candidates (const LwMemorySteps *steps, const LwGraph *graph, LwMode mode, int32_t depth)
{
  GArray *candidates = g_array_new (FALSE, FALSE, sizeof (Candidate));
  const int32_t n = lw_memory_steps_count (steps, mode);

  for (int32_t i = 0, end; i < n; i = end) {
    const LwBlockId block = depth < 0 ? -1 : block_at (steps, graph, i, depth);
    const bool special = i == n - 1 || i == steps->n_forward - 1;
    Candidate candidate = { .weight = special ? n : 1 };

    end = i + 1;
    while (block >= 0 && end < n && end != steps->n_forward &&
           block_at (steps, graph, end, depth) == block)
      end++;
    candidate.weight = MAX (candidate.weight, end - i);
    candidate.label.middle = (i + end) / 2.0;
    candidate.label.words =
        block >= 0 ? lw_graph_block (graph, block)->title : lw_memory_steps_title (steps, graph, i);
    g_array_append_val (candidates, candidate);
  }
  return candidates;
}

/* Of two that would lie on each other the one with more steps stays. Returns how many blocks lose
 * their label. */
static int32_t
leave_out (GArray *candidates, double least)
{
  Candidate *all = (Candidate *)candidates->data;
  int32_t lost = 0;

  for (guint i = 0; i < candidates->len; i++)
    for (guint k = i; k-- > 0 && all[i].label.middle - all[k].label.middle < least;) {
      if (all[k].left_out)
        continue;
      if (all[k].weight >= all[i].weight) {
        all[i].left_out = true;
        break;
      }
      all[k].left_out = true;
    }
  for (guint i = 0; i < candidates->len; i++)
    lost += all[i].left_out && all[i].weight > 1;
  return lost;
}

/* Blocks that are called alike ("Residual 1" in each stage) say less than those around them. */
static bool
are_distinct (const GArray *candidates, double turn)
{
  g_autoptr (GHashTable) words = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < candidates->len; i++) {
    const Candidate *candidate = &g_array_index (candidates, Candidate, i);

    if (candidate->weight > 1 && candidate->label.middle < turn &&
        !g_hash_table_add (words, (gpointer)candidate->label.words))
      return false;
  }
  return true;
}

/* The deepest blocks that lose no more labels than the outermost do. */
static GArray *
choose_blocks (const LwMemorySteps *steps, const LwGraph *graph, LwMode mode, double least)
{
  GArray *outermost = make_candidates (steps, graph, mode, 1);
  const int32_t lost = leave_out (outermost, least);

  for (int32_t depth = deepest (graph); depth > 1; depth--) {
    GArray *candidates = make_candidates (steps, graph, mode, depth);

    if (leave_out (candidates, least) <= lost && are_distinct (candidates, steps->n_forward)) {
      g_array_unref (outermost);
      return candidates;
    }
    g_array_unref (candidates);
  }
  return outermost;
}

GArray *
lw_memory_steps_labels (const LwMemorySteps *steps, const LwGraph *graph, LwMode mode, double width,
                        double room)
{
  GArray *labels = g_array_new (FALSE, FALSE, sizeof (LwMemoryLabel));
  const double least = width > 0 ? room / width : 1e9;
  g_autoptr (GArray) candidates = least <= 1 ? make_candidates (steps, graph, mode, -1)
                                             : choose_blocks (steps, graph, mode, least);

  for (guint i = 0; i < candidates->len; i++)
    if (!g_array_index (candidates, Candidate, i).left_out)
      g_array_append_val (labels, g_array_index (candidates, Candidate, i).label);
  return labels;
}
