/* What a layer's surroundings say: which layer with weights comes before it, which one reads it,
 * how much of the whole it is. Lessons are chosen by these facts, never by a network's name. Pure
 * functions of a finished graph. */
#pragma once

#include "engine/analysis.h"
#include "ui/draw/diagram-layout.h"

G_BEGIN_DECLS

bool lw_facts_is_activation (LwOp op);
LwShape lw_facts_input_shape (const LwGraph *graph, LwNodeId id); /* of the first input */

/* The layer that computes what `id` reads, seen through normalization, activation and dropout;
 * LW_NO_NODE for the input itself. */
LwNodeId lw_facts_source (const LwGraph *graph, LwNodeId id);
/* The only layer that reads `id`, seen through normalization, activation and dropout; LW_NO_NODE
 * when there are several or none. */
LwNodeId lw_facts_next (const LwGraph *graph, LwNodeId id);
/* The nearest block of a kind around a node; −1: none. */
LwBlockId lw_facts_block_of_kind (const LwGraph *graph, LwNodeId id, LwBlockKind kind);
/* A shortcut's convolution: it reads the residual block's input and goes straight into the sum. */
bool lw_facts_is_shortcut (const LwGraph *graph, LwNodeId id);
/* Whether a convolution's channels are laid beside those before it: DenseNet's growth. */
bool lw_facts_adds_channels (const LwGraph *graph, LwNodeId id);
/* Normalization that stands before its convolution: not right behind a layer with weights. */
bool lw_facts_is_pre_normalization (const LwGraph *graph, LwNodeId id);
/* The value that enters a block from outside; LW_NO_NODE for the root. */
LwNodeId lw_facts_block_input (const LwGraph *graph, LwBlockId id);
/* The block behind this one, among its siblings, is a transition. */
bool lw_facts_transition_follows (const LwGraph *graph, LwBlockId id);
/* Nodes of one op inside a block. */
int lw_facts_count_op (const LwGraph *graph, LwBlockId block, LwOp op);

/* --- words ------------------------------------------------------------------------------------ */

/* "Stage 2 › Residual 1": a block with those around it; "" for the root; g_free. */
char *lw_facts_path (const LwGraph *graph, LwBlockId block);
/* "21.2 M" of MACs, or of FLOPs where these are counted; g_free. */
char *lw_facts_cost_number (int64_t macs, LwCount count);
/* "MACs" or "FLOPs". */
const char *lw_facts_cost_unit (LwCount count);
/* "80 %", "2.1 %", "under 0.1 %"; g_free. */
char *lw_facts_share (int64_t part, int64_t whole);
/* "28 × 28"; g_free. */
char *lw_facts_map_words (LwShape shape);

G_END_DECLS
