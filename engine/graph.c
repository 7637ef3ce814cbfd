#include "engine/graph_private.h"

bool
lw_shape_equal (LwShape a, LwShape b)
{
  return a.c == b.c && a.h == b.h && a.w == b.w && a.flat == b.flat;
}

char *
lw_shape_to_string (LwShape shape)
{
  if (shape.flat)
    return g_strdup_printf ("%d", shape.c);
  return g_strdup_printf ("%d×%d×%d", shape.c, shape.h, shape.w);
}

LwGraph *
lw_graph_ref (LwGraph *graph)
{
  atomic_fetch_add_explicit (&graph->references, 1, memory_order_relaxed);
  return graph;
}

void
lw_graph_unref (LwGraph *graph)
{
  if (graph == NULL || atomic_fetch_sub_explicit (&graph->references, 1, memory_order_acq_rel) != 1)
    return;
  g_array_unref (graph->nodes);
  g_array_unref (graph->given_names);
  g_array_unref (graph->blocks);
  g_array_unref (graph->block_builds);
  g_array_unref (graph->tensors);
  g_hash_table_unref (graph->node_names);
  g_hash_table_unref (graph->tensor_names);
  g_clear_error (&graph->error);
  g_free (graph->reader_ids);
  g_free (graph->reader_starts);
  g_string_chunk_free (graph->strings);
  g_free (graph);
}

const char *
lw_graph_title (const LwGraph *graph)
{
  return graph->title;
}

int32_t
lw_graph_n_nodes (const LwGraph *graph)
{
  return (int32_t)graph->nodes->len;
}

const LwNode *
lw_graph_node (const LwGraph *graph, LwNodeId id)
{
  g_return_val_if_fail (id >= 0 && (guint)id < graph->nodes->len, NULL);
  return LW_GRAPH_NODE (graph, id);
}

LwNodeId
lw_graph_output (const LwGraph *graph)
{
  return (LwNodeId)graph->nodes->len - 1;
}

LwNodeId
lw_graph_find_node (const LwGraph *graph, const char *name)
{
  gpointer id;
  if (!g_hash_table_lookup_extended (graph->node_names, name, NULL, &id))
    return LW_NO_NODE;
  return GPOINTER_TO_INT (id);
}

int32_t
lw_graph_n_blocks (const LwGraph *graph)
{
  return (int32_t)graph->blocks->len;
}

const LwBlock *
lw_graph_block (const LwGraph *graph, LwBlockId id)
{
  g_return_val_if_fail (id >= 0 && (guint)id < graph->blocks->len, NULL);
  return LW_GRAPH_BLOCK (graph, id);
}

int32_t
lw_graph_n_tensors (const LwGraph *graph)
{
  return (int32_t)graph->tensors->len;
}

const LwTensorInfo *
lw_graph_tensor (const LwGraph *graph, int32_t index)
{
  g_return_val_if_fail (index >= 0 && (guint)index < graph->tensors->len, NULL);
  return &g_array_index (graph->tensors, LwTensorInfo, index);
}

int32_t
lw_graph_find_tensor (const LwGraph *graph, const char *name)
{
  gpointer index;
  if (!g_hash_table_lookup_extended (graph->tensor_names, name, NULL, &index))
    return -1;
  return GPOINTER_TO_INT (index);
}

const LwNodeId *
lw_graph_readers (const LwGraph *graph, LwNodeId id, int32_t *ret_n)
{
  g_return_val_if_fail (graph->finished && id >= 0 && (guint)id < graph->nodes->len, NULL);
  *ret_n = graph->reader_starts[id + 1] - graph->reader_starts[id];
  return graph->reader_ids + graph->reader_starts[id];
}

LwShape
lw_graph_input_shape (const LwGraph *graph)
{
  return lw_graph_node (graph, 0)->shape;
}

int32_t
lw_graph_classes (const LwGraph *graph)
{
  return lw_graph_node (graph, lw_graph_output (graph))->shape.c;
}

const LwNormalization *
lw_graph_normalization (const LwGraph *graph)
{
  return &graph->normalization;
}

void
lw_graph_set_normalization (LwGraph *graph, const LwNormalization *normalization)
{
  graph->normalization = *normalization;
}
