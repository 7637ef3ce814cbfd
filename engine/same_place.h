/* Which layer or block of one network is which of another: a network before and after a knob was
 * turned, or the book's and one's own. They are the same when people call them the same: equal
 * titles, in blocks of equal titles. Names would not do: one layer more renumbers all after it.
 * Pure functions, any thread. */
#pragma once

#include "engine/graph.h"

G_BEGIN_DECLS

/* What people call a layer, with its blocks: "Stage 1/Residual 2/conv 1"; g_free. */
char *lw_place_of_node (const LwGraph *graph, LwNodeId id);
/* For each node of `from` that of `to`, or LW_NO_NODE; for each block, or −1; g_free. */
LwNodeId *lw_same_nodes (const LwGraph *from, const LwGraph *to);
LwBlockId *lw_same_blocks (const LwGraph *from, const LwGraph *to);

G_END_DECLS
