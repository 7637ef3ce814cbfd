#include "ui/draw/diagram-trace.h"

enum { UP = 1, DOWN = 2 };

struct LwDiagramTrace {
  LwGraph *graph;
  uint8_t *bits;   /* [n_nodes]; the traced nodes have both */
  int32_t *before; /* [n_nodes + 1]: nodes on the way before */
};

LwDiagramTrace *
lw_diagram_trace_new (LwGraph *graph, LwDiagramSpot spot)
{
  LwDiagramTrace *trace = g_new0 (LwDiagramTrace, 1);
  const int32_t n = lw_graph_n_nodes (graph);
  LwNodeId first = spot.node, last = spot.node;

  trace->graph = lw_graph_ref (graph);
  trace->bits = g_new0 (uint8_t, n);
  trace->before = g_new0 (int32_t, n + 1);
  if (spot.block >= 0 && spot.block < lw_graph_n_blocks (graph)) {
    first = lw_graph_block (graph, spot.block)->first;
    last = lw_graph_block (graph, spot.block)->last;
  }
  for (LwNodeId i = MAX (first, 0); i <= last && i < n; i++)
    trace->bits[i] = UP | DOWN;
  /* nodes stand in the order of computation */
  for (LwNodeId i = n - 1; i >= 0; i--)
    for (int32_t k = 0; (trace->bits[i] & UP) && k < lw_graph_node (graph, i)->n_inputs; k++)
      trace->bits[lw_graph_node (graph, i)->inputs[k]] |= UP;
  for (LwNodeId i = 0; i < n; i++) {
    for (int32_t k = 0; k < lw_graph_node (graph, i)->n_inputs; k++)
      trace->bits[i] |= trace->bits[lw_graph_node (graph, i)->inputs[k]] & DOWN;
    trace->before[i + 1] = trace->before[i] + (trace->bits[i] != 0);
  }
  return trace;
}

void
lw_diagram_trace_free (LwDiagramTrace *trace)
{
  if (trace == NULL)
    return;
  lw_graph_unref (trace->graph);
  g_free (trace->bits);
  g_free (trace->before);
  g_free (trace);
}

bool
lw_diagram_trace_holds (const LwDiagramTrace *trace, LwDiagramSpot spot, LwBlockId last_block)
{
  LwNodeId first = spot.node, last = spot.node;

  if (spot.block >= 0) {
    first = lw_graph_block (trace->graph, spot.block)->first;
    last = lw_graph_block (trace->graph, MAX (spot.block, last_block))->last;
  }
  return first >= 0 && last >= first && trace->before[last + 1] > trace->before[first];
}

bool
lw_diagram_trace_holds_edge (const LwDiagramTrace *trace, const LwDiagramLayout *layout,
                             const LwDiagramEdge *edge)
{
  int32_t n;
  const LwNodeId *readers = lw_graph_readers (trace->graph, edge->value, &n);

  for (int32_t i = 0; i < n; i++)
    if ((edge->to < 0 || lw_diagram_layout_box_of (layout, readers[i]) == edge->to) &&
        (trace->bits[readers[i]] & trace->bits[edge->value]) != 0)
      return true;
  return n == 0 && trace->bits[edge->value] != 0;
}
