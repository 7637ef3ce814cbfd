/* Two bits a block: open, and taken out of its group. */
#include "ui/draw/diagram-state.h"

#include <string.h>

enum { OPEN = 1, ALONE = 2 };

struct LwDiagramState {
  LwGraph *graph;
  int32_t n_blocks;
  int grouping;
  uint8_t *bits;
};

LwDiagramState *
lw_diagram_state_new (LwGraph *graph)
{
  LwDiagramState *state = g_new0 (LwDiagramState, 1);
  state->graph = lw_graph_ref (graph);
  state->n_blocks = lw_graph_n_blocks (graph);
  state->grouping = LW_GROUP_LEAST;
  state->bits = g_new0 (uint8_t, state->n_blocks);
  return state;
}

LwDiagramState *
lw_diagram_state_copy (const LwDiagramState *state)
{
  LwDiagramState *copy = lw_diagram_state_new (state->graph);
  copy->grouping = state->grouping;
  memcpy (copy->bits, state->bits, (size_t)state->n_blocks);
  return copy;
}

void
lw_diagram_state_free (LwDiagramState *state)
{
  if (!state)
    return;
  lw_graph_unref (state->graph);
  g_free (state->bits);
  g_free (state);
}

LwGraph *
lw_diagram_state_graph (const LwDiagramState *state)
{
  return state->graph;
}

static bool
is_block (const LwDiagramState *state, LwBlockId block)
{
  return block > LW_ROOT_BLOCK && block < state->n_blocks;
}

bool
lw_diagram_state_is_open (const LwDiagramState *state, LwBlockId block)
{
  return block == LW_ROOT_BLOCK || (is_block (state, block) && (state->bits[block] & OPEN));
}

void
lw_diagram_state_set_open (LwDiagramState *state, LwBlockId block, bool open)
{
  if (!is_block (state, block))
    return;
  if (open) {
    state->bits[block] |= OPEN;
    return;
  }
  state->bits[block] &= (uint8_t)~OPEN;
  const int32_t depth = lw_graph_block (state->graph, block)->depth;
  /* the blocks inside follow it */
  for (LwBlockId i = block + 1;
       i < state->n_blocks && lw_graph_block (state->graph, i)->depth > depth; i++)
    state->bits[i] &= (uint8_t)~ALONE;
}

void
lw_diagram_state_toggle (LwDiagramState *state, LwBlockId block)
{
  lw_diagram_state_set_open (state, block, !lw_diagram_state_is_open (state, block));
}

void
lw_diagram_state_open_all (LwDiagramState *state)
{
  memset (state->bits, OPEN | ALONE, (size_t)state->n_blocks);
}

void
lw_diagram_state_close_all (LwDiagramState *state)
{
  memset (state->bits, 0, (size_t)state->n_blocks);
}

void
lw_diagram_state_set_depth (LwDiagramState *state, int depth)
{
  for (LwBlockId i = LW_ROOT_BLOCK + 1; i < state->n_blocks; i++)
    lw_diagram_state_set_open (state, i, lw_graph_block (state->graph, i)->depth <= depth);
}

void
lw_diagram_state_set_level (LwDiagramState *state, LwBlockId block, bool open)
{
  if (!is_block (state, block))
    return;
  const int32_t depth = lw_graph_block (state->graph, block)->depth;
  for (LwBlockId i = LW_ROOT_BLOCK + 1; i < state->n_blocks; i++)
    if (lw_graph_block (state->graph, i)->depth == depth)
      lw_diagram_state_set_open (state, i, open);
}

void
lw_diagram_state_reveal (LwDiagramState *state, LwNodeId node)
{
  if (node < 0 || node >= lw_graph_n_nodes (state->graph))
    return;
  for (LwBlockId i = lw_graph_node (state->graph, node)->block; i > LW_ROOT_BLOCK;
       i = lw_graph_block (state->graph, i)->parent)
    state->bits[i] |= OPEN | ALONE;
}

void
lw_diagram_state_set_grouping (LwDiagramState *state, int least)
{
  state->grouping = least;
  for (LwBlockId i = LW_ROOT_BLOCK + 1; i < state->n_blocks; i++)
    if (!(state->bits[i] & OPEN))
      state->bits[i] &= (uint8_t)~ALONE;
}

int
lw_diagram_state_grouping (const LwDiagramState *state)
{
  return state->grouping;
}

bool
lw_diagram_state_is_grouped (const LwDiagramState *state, LwBlockId block)
{
  return is_block (state, block) && !(state->bits[block] & ALONE);
}

void
lw_diagram_state_ungroup (LwDiagramState *state, LwBlockId first, LwBlockId last)
{
  for (LwBlockId i = first; i <= last; i++)
    if (is_block (state, i))
      state->bits[i] |= ALONE;
}

char *
lw_diagram_state_to_string (const LwDiagramState *state)
{
  GString *out = g_string_new (NULL);
  for (LwBlockId i = LW_ROOT_BLOCK + 1; i < state->n_blocks; i++)
    if (state->bits[i] & OPEN)
      g_string_append_printf (out, "%s%d", out->len ? "." : "", i);
  return g_string_free (out, FALSE);
}
