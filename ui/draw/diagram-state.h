/* LwDiagramState: which blocks of an architecture diagram stand open.
 *
 * A block is a node of the graph's tree (a stage, an Inception block); closed it is one box, open
 * it is a frame around its contents, whose own blocks are open or closed in turn. Runs of equal
 * closed neighbours, three or more of them unless said otherwise, show as one box, a group, until
 * the group is opened. The state
 * belongs to the view, not to the graph. One thread; free with lw_diagram_state_free. */
#pragma once

#include "engine/graph.h"

G_BEGIN_DECLS

typedef struct LwDiagramState LwDiagramState;

/* Everything closed: the network at one glance. Keeps a reference to the graph. */
LwDiagramState *lw_diagram_state_new (LwGraph *graph);
LwDiagramState *lw_diagram_state_copy (const LwDiagramState *state);
void lw_diagram_state_free (LwDiagramState *state);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwDiagramState, lw_diagram_state_free)

LwGraph *lw_diagram_state_graph (const LwDiagramState *state);

/* The root is always open; numbers that are no block are ignored and count as closed. */
bool lw_diagram_state_is_open (const LwDiagramState *state, LwBlockId block);
/* Closing a block also forgets which groups inside it were opened. */
void lw_diagram_state_set_open (LwDiagramState *state, LwBlockId block, bool open);
void lw_diagram_state_toggle (LwDiagramState *state, LwBlockId block);
void lw_diagram_state_open_all (LwDiagramState *state);
void lw_diagram_state_close_all (LwDiagramState *state);
/* Opens the blocks of depth ≤ `depth` (1: those at the top) and closes the deeper ones. */
void lw_diagram_state_set_depth (LwDiagramState *state, int depth);
/* Opens or closes all blocks of the same depth as `block`. */
void lw_diagram_state_set_level (LwDiagramState *state, LwBlockId block, bool open);
/* Opens what hides a node, groups included. */
void lw_diagram_state_reveal (LwDiagramState *state, LwNodeId node);

/* From how many equal neighbours on a group is made: LW_GROUP_LEAST at first, or 2; 0: never. A
 * change also forgets which groups were opened. */
#define LW_GROUP_LEAST 3
void lw_diagram_state_set_grouping (LwDiagramState *state, int least);
int lw_diagram_state_grouping (const LwDiagramState *state);
/* Groups: whether a block may stand in one, and taking the blocks `first` to `last` out of it. */
bool lw_diagram_state_is_grouped (const LwDiagramState *state, LwBlockId block);
void lw_diagram_state_ungroup (LwDiagramState *state, LwBlockId first, LwBlockId last);

/* "1.3.4": the open blocks, for settings files and comparisons; g_free. */
char *lw_diagram_state_to_string (const LwDiagramState *state);

G_END_DECLS
