/* LwDiagramTrace: what a layer or block depends on and what depends on it, for the diagram that
 * shows the way of the data through it. Immutable; keeps the graph; free with
 * lw_diagram_trace_free. */
#pragma once

#include "ui/draw/diagram-layout.h"

G_BEGIN_DECLS

typedef struct LwDiagramTrace LwDiagramTrace;

/* `spot`: a layer or a block; LW_NO_SPOT: everything is off the way. */
LwDiagramTrace *lw_diagram_trace_new (LwGraph *graph, LwDiagramSpot spot);
void lw_diagram_trace_free (LwDiagramTrace *trace);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwDiagramTrace, lw_diagram_trace_free)

/* Whether a layer is upstream, downstream or the traced one, or one in the blocks `block` to
 * `last_block` is (for a layer: ignored). */
bool lw_diagram_trace_holds (const LwDiagramTrace *trace, LwDiagramSpot spot, LwBlockId last_block);
/* Whether what runs along an edge comes to the traced spot or from there. */
bool lw_diagram_trace_holds_edge (const LwDiagramTrace *trace, const LwDiagramLayout *layout,
                                  const LwDiagramEdge *edge);

G_END_DECLS
