/* Finding layers: matches of a search, and what is upstream and downstream of a layer. Both only
 * change how the diagram is painted. */
#include "ui/diagram-view-private.h"

#define OFF_THE_WAY 0.45

static void
tell (LwDiagramView *self)
{
  gtk_widget_queue_draw (GTK_WIDGET (self));
  g_signal_emit_by_name (self, "found");
}

/* --- search ----------------------------------------------------------------------------------- */

/* NULL while nothing is searched for. The words of a network are collected for the first search. */
static LwDiagramMatches *
matches_of (LwDiagramView *self)
{
  LwDiagramFind *find = &self->find;

  return find->query != NULL ? find->matches : NULL;
}

bool
lw_diagram_view_search (LwDiagramView *self, const char *query, bool regex, GError **error)
{
  LwDiagramFind *find = &self->find;
  bool fine = true;

  if (query != NULL && *query == '\0')
    query = NULL;
  if (query != find->query) {
    g_free (find->query);
    find->query = g_strdup (query);
  }
  find->regex = regex;
  if (query != NULL) {
    if (find->matches == NULL)
      find->matches = lw_diagram_matches_new (lw_diagram_state_graph (self->state));
    fine = lw_diagram_matches_find (find->matches, find->query, regex, error);
  }
  tell (self);
  return fine;
}

int32_t
lw_diagram_view_n_matches (LwDiagramView *self, int32_t *ret_current, bool *ret_with_blocks)
{
  const LwDiagramMatches *matches = matches_of (self);

  if (ret_current != NULL)
    *ret_current =
        matches != NULL ? lw_diagram_matches_index (matches, lw_diagram_view_selected (self)) : -1;
  if (ret_with_blocks != NULL)
    *ret_with_blocks = matches != NULL && lw_diagram_matches_with_blocks (matches);
  return matches != NULL ? lw_diagram_matches_n (matches) : 0;
}

void
lw_diagram_view_next_match (LwDiagramView *self, int direction)
{
  const LwDiagramMatches *matches = matches_of (self);
  const int32_t next =
      matches != NULL
          ? lw_diagram_matches_beside (matches, lw_diagram_view_selected (self), direction)
          : -1;

  if (next < 0)
    return;
  lw_diagram_view_reveal (self, lw_diagram_matches_spot (matches, next));
  lw_diagram_view_pick (self, lw_diagram_matches_spot (matches, next), true);
}

/* --- upstream and downstream ------------------------------------------------------------------ */

static void
trace_selected (LwDiagramView *self)
{
  const LwDiagramSpot spot = lw_diagram_view_selected (self);

  g_clear_pointer (&self->find.trace, lw_diagram_trace_free);
  if (spot.node != LW_NO_NODE || spot.block > LW_ROOT_BLOCK)
    self->find.trace = lw_diagram_trace_new (lw_diagram_state_graph (self->state), spot);
}

void
lw_diagram_view_set_tracing (LwDiagramView *self, bool tracing)
{
  self->find.tracing = tracing;
  g_clear_pointer (&self->find.trace, lw_diagram_trace_free);
  if (tracing)
    trace_selected (self);
  self->find.tracing = self->find.trace != NULL;
  tell (self);
}

bool
lw_diagram_view_is_tracing (LwDiagramView *self)
{
  return self->find.tracing;
}

/* --- following -------------------------------------------------------------------------------- */

void
lw_diagram_view_find_selected (LwDiagramView *self)
{
  if (self->find.tracing)
    lw_diagram_view_set_tracing (self, true); /* of what is marked now */
  else
    tell (self);
}

void
lw_diagram_view_find_graph (LwDiagramView *self)
{
  LwDiagramFind *find = &self->find;

  g_clear_pointer (&find->matches, lw_diagram_matches_free);
  g_clear_pointer (&find->trace, lw_diagram_trace_free);
  find->tracing = false;
  lw_diagram_view_search (self, find->query, find->regex, NULL);
}

void
lw_diagram_view_find_clear (LwDiagramView *self)
{
  g_clear_pointer (&self->find.matches, lw_diagram_matches_free);
  g_clear_pointer (&self->find.trace, lw_diagram_trace_free);
  g_clear_pointer (&self->find.query, g_free);
}

/* --- painting --------------------------------------------------------------------------------- */

/* The last of the equal blocks that stand in one box with this one. */
static LwBlockId
last_of_box (LwDiagramView *self, LwBlockId block)
{
  const LwGraph *graph = lw_diagram_layout_graph (self->layout);
  const int32_t box = lw_diagram_layout_box_of (self->layout, lw_graph_block (graph, block)->first);
  int32_t n;

  if (box < 0)
    return block;
  return MAX (block, lw_diagram_layout_boxes (self->layout, &n)[box].last_block);
}

void
lw_diagram_view_mark_found (LwDiagramView *self, LwDiagramSpot spot, LwDiagramMark *mark)
{
  LwDiagramMatches *matches = matches_of (self);
  const LwBlockId last = spot.block >= 0 ? last_of_box (self, spot.block) : -1;

  if (self->find.trace != NULL)
    mark->alpha = lw_diagram_trace_holds (self->find.trace, spot, last) ? 1 : OFF_THE_WAY;
  if (matches == NULL)
    return;
  if (lw_diagram_matches_index (matches, spot) >= 0)
    mark->ring = lw_diagram_spot_equal (spot, lw_diagram_view_selected (self)) ? LW_RING_CURRENT
                                                                               : LW_RING_MATCH;
  if (spot.block >= 0)
    mark->badge = lw_diagram_matches_badge (matches, spot.block, last);
}

void
lw_diagram_view_mark_edge (const LwDiagramEdge *edge, LwDiagramEdgeMark *mark, gpointer data)
{
  LwDiagramView *self = LW_DIAGRAM_VIEW (data);

  if (self->find.trace == NULL)
    return;
  mark->stressed = lw_diagram_trace_holds_edge (self->find.trace, self->layout, edge);
  mark->alpha = mark->stressed ? 1 : OFF_THE_WAY;
}
