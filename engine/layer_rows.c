#include "engine/layer_rows.h"

#include "engine/op.h"

/* What to look for; `taken`: in a row already. */
typedef struct {
  const LwGraph *graph;
  bool *taken;
} Walk;

static bool
is_kind (const LwGraph *graph, LwNodeId id, LwKind kind)
{
  return lw_op_info (lw_graph_node (graph, id)->op)->kind == kind;
}

/* The reader of `id` of that kind which no row has; on the way there may be a sum, if `through`. */
static LwNodeId
follow (const Walk *walk, LwNodeId id, LwKind kind, bool through)
{
  int32_t n;
  const LwNodeId *readers = lw_graph_readers (walk->graph, id, &n);

  for (int32_t i = 0; i < n; i++)
    if (is_kind (walk->graph, readers[i], kind) && !walk->taken[readers[i]])
      return readers[i];
  for (int32_t i = 0; through && i < n; i++)
    if (lw_graph_node (walk->graph, readers[i])->op == LW_OP_ADD)
      return follow (walk, readers[i], kind, false);
  return LW_NO_NODE;
}

static void
take (Walk *walk, LwNodeId id)
{
  if (id != LW_NO_NODE)
    walk->taken[id] = true;
}

/* The normalization and activation after it. */
static LwLayerRow
forwards (Walk *walk, LwNodeId layer)
{
  LwLayerRow row = { layer, layer, LW_NO_NODE, LW_NO_NODE };

  row.norm = follow (walk, layer, LW_KIND_NORMALIZATION, false);
  row.activation =
      follow (walk, row.norm != LW_NO_NODE ? row.norm : layer, LW_KIND_ACTIVATION, true);
  return row;
}

/* Those before it, which end in it. */
static LwLayerRow
backwards (const Walk *walk, LwNodeId layer)
{
  LwLayerRow row = { layer, layer, LW_NO_NODE, LW_NO_NODE };
  const LwNodeId activation = lw_graph_node (walk->graph, layer)->inputs[0];
  LwNodeId norm;

  if (!is_kind (walk->graph, activation, LW_KIND_ACTIVATION) || walk->taken[activation])
    return row;
  norm = lw_graph_node (walk->graph, activation)->inputs[0];
  row.activation = activation;
  row.before = norm;
  if (is_kind (walk->graph, norm, LW_KIND_NORMALIZATION) && !walk->taken[norm]) {
    row.norm = norm;
    row.before = lw_graph_node (walk->graph, norm)->inputs[0];
  }
  return row;
}

/* A normalization or activation that no layer has claimed. */
static LwLayerRow
alone (const Walk *walk, LwNodeId id)
{
  LwLayerRow row = { LW_NO_NODE, lw_graph_node (walk->graph, id)->inputs[0], LW_NO_NODE, id };

  if (is_kind (walk->graph, id, LW_KIND_NORMALIZATION)) {
    row.norm = id;
    row.activation = follow (walk, id, LW_KIND_ACTIVATION, false);
  }
  return row;
}

static bool
is_layer (const LwGraph *graph, LwNodeId id)
{
  return is_kind (graph, id, LW_KIND_CONVOLUTION) || is_kind (graph, id, LW_KIND_LINEAR);
}

static int
by_place (gconstpointer a, gconstpointer b)
{
  return lw_layer_row_node (a) - lw_layer_row_node (b);
}

LwLayerRow *
lw_layer_rows (const LwGraph *graph, int32_t *ret_n)
{
  const int32_t n_nodes = lw_graph_n_nodes (graph);
  g_autofree bool *taken = g_new0 (bool, n_nodes);
  Walk walk = { graph, taken };
  GArray *rows = g_array_new (FALSE, FALSE, sizeof (LwLayerRow));

  for (LwNodeId id = 0; id < n_nodes; id++) {
    LwLayerRow row;

    if (!is_layer (graph, id))
      continue;
    row = backwards (&walk, id);
    if (row.activation == LW_NO_NODE)
      row = forwards (&walk, id);
    take (&walk, row.norm);
    take (&walk, row.activation);
    g_array_append_val (rows, row);
  }
  for (LwNodeId id = 0; id < n_nodes; id++)
    if (!taken[id] &&
        (is_kind (graph, id, LW_KIND_NORMALIZATION) || is_kind (graph, id, LW_KIND_ACTIVATION))) {
      LwLayerRow row = alone (&walk, id);

      take (&walk, row.norm);
      take (&walk, row.activation);
      g_array_append_val (rows, row);
    }
  g_array_sort (rows, by_place);
  *ret_n = (int32_t)rows->len;
  return (LwLayerRow *)(void *)g_array_free (rows, FALSE);
}

LwNodeId
lw_layer_row_node (const LwLayerRow *row)
{
  return row->layer != LW_NO_NODE  ? row->layer
         : row->norm != LW_NO_NODE ? row->norm
                                   : row->activation;
}

int32_t
lw_layer_rows_find (const LwLayerRow *rows, int32_t n, LwNodeId node)
{
  if (node == LW_NO_NODE)
    return -1;
  for (int32_t i = 0; i < n; i++)
    if (rows[i].layer == node || rows[i].norm == node || rows[i].activation == node)
      return i;
  for (int32_t i = 0; i < n; i++)
    if (rows[i].before == node)
      return i;
  return -1;
}
