/* What is known only when the whole graph is: titles (does a "conv" have a sibling?), the order of
 * tensors, and who reads what. */
#include "engine/graph_private.h"

#include <string.h>

/* A function of the Python code has no module; its name here is our own, so people see what it is
 * instead. */
static bool
is_function (const LwGraph *graph, LwNodeId id)
{
  if (!g_array_index (graph->given_names, gboolean, id))
    return true;
  switch (LW_GRAPH_NODE (graph, id)->op) {
  case LW_OP_INPUT:
  case LW_OP_RELU:
  case LW_OP_SIGMOID:
  case LW_OP_TANH:
  case LW_OP_ADD:
  case LW_OP_CONCAT:
    return true;
  default:
    return false;
  }
}

/* Layers are counted within their block; in a dense block over all its convolution blocks. */
static LwBlockId
counting_block (const LwGraph *graph, LwBlockId block)
{
  LwBlockId parent = LW_GRAPH_BLOCK (graph, block)->parent;
  return parent >= 0 && LW_GRAPH_BLOCK (graph, parent)->kind == LW_BLOCK_DENSE ? parent : block;
}

/* The last part of a module's path; where that is a mere index, the module's name with it:
 * "downsample.0". */
static const char *
last_part (const char *path)
{
  const char *last = path, *before = path;
  for (const char *c = path; *c != '\0'; c++)
    if (*c == '.') {
      before = last;
      last = c + 1;
    }
  return g_ascii_isdigit (*last) ? before : last;
}

void
lw_graph_assign_titles (LwGraph *graph)
{
  guint n_blocks = graph->blocks->len;
  g_autofree int *totals = g_new0 (int, n_blocks *LW_N_OPS);
  g_autofree int *counts = g_new0 (int, n_blocks *LW_N_OPS);
  for (int pass = 0; pass < 2; pass++)
    for (LwNodeId id = 0; id < (LwNodeId)graph->nodes->len; id++) {
      LwNode *node = LW_GRAPH_NODE (graph, id);
      int slot = counting_block (graph, node->block) * LW_N_OPS + (int)node->op;
      const char *label = lw_op_info (node->op)->label;
      if (!is_function (graph, id))
        node->title = last_part (node->name);
      else if (pass == 0)
        totals[slot]++;
      else if (totals[slot] == 1)
        node->title = label;
      else {
        g_autofree char *title = g_strdup_printf ("%s %d", label, ++counts[slot]);
        node->title = g_string_chunk_insert_const (graph->strings, title);
      }
    }
}

const char *
lw_graph_title_failed (LwGraph *graph)
{
  const gboolean given = FALSE;
  g_array_append_val (graph->nodes, graph->failed);
  g_array_append_val (graph->given_names, given);
  lw_graph_assign_titles (graph);
  return LW_GRAPH_NODE (graph, graph->nodes->len - 1)->title;
}

/* The place of `path`, a module under the block, in the order that its constructor has. */
static int
registered_place (const char *order, const char *path)
{
  size_t length = strcspn (path, ".");
  g_autofree char *word = g_strdup_printf (" %.*s ", (int)length, path);
  const char *found = strstr (order, word);
  return found != NULL ? (int)(found - order) : G_MAXINT;
}

typedef struct {
  LwNodeId node; /* or LW_NO_NODE: a block */
  LwBlockId block;
  int place;
} Member;

static void
collect_tensors (LwGraph *graph, LwBlockId block, GArray *sorted)
{
  LwBlock *info = LW_GRAPH_BLOCK (graph, block);
  const char *order = g_array_index (graph->block_builds, LwBlockBuild, block).order;
  size_t prefix = info->path[0] == '\0' ? 0 : strlen (info->path) + 1;
  g_autoptr (GArray) members = g_array_new (FALSE, FALSE, sizeof (Member));
  LwBlockId child = block + 1;
  for (LwNodeId id = info->first; id <= info->last;) {
    /* Blocks are numbered in the order of opening, so the next child is always ahead. */
    while (child < (LwBlockId)graph->blocks->len &&
           (LW_GRAPH_BLOCK (graph, child)->parent != block ||
            LW_GRAPH_BLOCK (graph, child)->last < id))
      child++;
    Member member = { LW_NO_NODE, block, 0 };
    const char *path;
    if (LW_GRAPH_NODE (graph, id)->block == block) {
      path = LW_GRAPH_NODE (graph, id)->name;
      member.node = id++;
    } else {
      path = LW_GRAPH_BLOCK (graph, child)->path;
      member.block = child;
      id = LW_GRAPH_BLOCK (graph, child)->last + 1;
    }
    if (order != NULL && strlen (path) > prefix)
      member.place = registered_place (order, path + prefix);
    guint at = members->len;
    while (at > 0 && g_array_index (members, Member, at - 1).place > member.place)
      at--;
    g_array_insert_val (members, at, member);
  }
  for (guint i = 0; i < members->len; i++) {
    Member *member = &g_array_index (members, Member, i);
    if (member->node == LW_NO_NODE) {
      collect_tensors (graph, member->block, sorted);
      continue;
    }
    LwNode *node = LW_GRAPH_NODE (graph, member->node);
    for (int32_t k = 0; k < node->n_tensors; k++) {
      LwTensorInfo tensor = g_array_index (graph->tensors, LwTensorInfo, node->tensors[k]);
      node->tensors[k] = (int32_t)sorted->len;
      g_hash_table_insert (graph->tensor_names, (gpointer)tensor.name,
                           GINT_TO_POINTER (sorted->len));
      g_array_append_val (sorted, tensor);
    }
  }
}

void
lw_graph_sort_tensors (LwGraph *graph)
{
  GArray *sorted = g_array_new (FALSE, FALSE, sizeof (LwTensorInfo));
  collect_tensors (graph, LW_ROOT_BLOCK, sorted);
  g_array_unref (graph->tensors);
  graph->tensors = sorted;
}

/* A node that reads a value twice is listed once. */
static bool
reads_before (const LwNode *node, int32_t slot)
{
  for (int32_t i = 0; i < slot; i++)
    if (node->inputs[i] == node->inputs[slot])
      return true;
  return false;
}

void
lw_graph_index_readers (LwGraph *graph)
{
  LwNodeId n = (LwNodeId)graph->nodes->len;
  graph->reader_starts = g_new0 (int32_t, (size_t)n + 1);
  for (LwNodeId id = 0; id < n; id++) {
    LwNode *node = LW_GRAPH_NODE (graph, id);
    for (int32_t i = 0; i < node->n_inputs; i++)
      if (!reads_before (node, i))
        graph->reader_starts[node->inputs[i] + 1]++;
  }
  for (LwNodeId id = 0; id < n; id++)
    graph->reader_starts[id + 1] += graph->reader_starts[id];
  graph->reader_ids = g_new (LwNodeId, (size_t)graph->reader_starts[n] + 1);
  g_autofree int32_t *fill = g_memdup2 (graph->reader_starts, sizeof (int32_t) * (size_t)n);
  for (LwNodeId id = 0; id < n; id++) {
    LwNode *node = LW_GRAPH_NODE (graph, id);
    for (int32_t i = 0; i < node->n_inputs; i++)
      if (!reads_before (node, i))
        graph->reader_ids[fill[node->inputs[i]]++] = id;
  }
}
