/* What the diagram's boxes say and what their colours stand for. */
#include "ui/diagram-view-private.h"

#include <glib/gi18n.h>

static bool
is_time (LwColouring by)
{
  return by == LW_COLOUR_FORWARD || by == LW_COLOUR_BACKWARD;
}

LwDiagramOptions
lw_diagram_view_options (LwDiagramView *self)
{
  const LwLayerTimes *times = lw_layer_values_times (self->values);
  LwDiagramOptions options = self->options;

  options.text = self->text;
  if (times != NULL) {
    options.forward_ms = times->forward_ms;
    options.backward_ms = times->backward_ms;
  }
  return options;
}

const double *
lw_diagram_view_values (LwDiagramView *self, const char **ret_note)
{
  const LwLayerTimes *times = lw_layer_values_times (self->values);

  *ret_note = NULL;
  if (is_time (self->colouring)) {
    *ret_note = lw_layer_values_times_note (self->values);
    if (times == NULL)
      return NULL;
    return self->colouring == LW_COLOUR_FORWARD ? times->forward_ms : times->backward_ms;
  }
  if (self->colouring != LW_COLOUR_GRADIENT)
    return NULL;
  *ret_note = lw_layer_values_gradients_note (self->values);
  return lw_layer_values_gradients (self->values);
}

void
lw_diagram_view_recolour (LwDiagramView *self)
{
  const char *note;
  const double *values = lw_diagram_view_values (self, &note);

  g_clear_pointer (&self->colours, lw_diagram_colours_free);
  g_free (self->colours_note);
  self->colours_note = g_strdup (note);
  if (self->layout != NULL)
    self->colours =
        lw_diagram_colours_new (self->layout, self->colouring, values, self->colours_note);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
lw_diagram_view_hover_colour (LwDiagramView *self, LwDiagramSpot spot)
{
  if (lw_diagram_spot_equal (self->hovered, spot))
    return;
  self->hovered = spot;
  if (self->colours != NULL)
    gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
lw_diagram_view_colour_mark (LwDiagramView *self, LwDiagramSpot spot, LwDiagramMark *mark)
{
  if (self->colours != NULL)
    lw_diagram_colours_mark (self->colours, lw_diagram_view_theme ()->dark, spot, mark);
}

/* --- choices -----------------------------------------------------------------------------------
 */

static void
want_values (LwDiagramView *self)
{
  lw_layer_values_want (self->values,
                        is_time (self->colouring) || (self->options.shows & LW_SHOW_TIME) != 0,
                        self->colouring == LW_COLOUR_GRADIENT);
}

/* The same boxes with other words: all of them may change their size. */
static void
say_otherwise (LwDiagramView *self)
{
  if (self->layout != NULL)
    lw_diagram_view_refresh (self);
  lw_diagram_view_tell (self);
}

void
lw_diagram_view_set_count (LwDiagramView *self, LwCount count)
{
  if (self->options.count == count)
    return;
  self->options.count = count;
  say_otherwise (self);
}

LwCount
lw_diagram_view_count (LwDiagramView *self)
{
  return self->options.count;
}

void
lw_diagram_view_set_shows (LwDiagramView *self, LwShow shows)
{
  shows |= LW_SHOW_NAME;
  if (self->options.shows == shows)
    return;
  self->options.shows = shows;
  want_values (self);
  say_otherwise (self);
}

LwShow
lw_diagram_view_shows (LwDiagramView *self)
{
  return self->options.shows;
}

void
lw_diagram_view_set_grouping (LwDiagramView *self, int least)
{
  if (self->grouping == least)
    return;
  self->grouping = least;
  lw_diagram_state_set_grouping (self->state, least);
  say_otherwise (self);
}

int
lw_diagram_view_grouping (LwDiagramView *self)
{
  return self->grouping;
}

void
lw_diagram_view_set_edges (LwDiagramView *self, LwEdgeWords edges)
{
  if (self->options.edges == edges)
    return;
  self->options.edges = edges;
  say_otherwise (self);
}

LwEdgeWords
lw_diagram_view_edges (LwDiagramView *self)
{
  return self->options.edges;
}

void
lw_diagram_view_set_colouring (LwDiagramView *self, LwColouring colouring)
{
  if (self->colouring == colouring)
    return;
  self->colouring = colouring;
  want_values (self);
  lw_diagram_view_recolour (self);
  if (self->placed)
    lw_diagram_view_make_room (self);
  lw_diagram_view_tell (self);
}

LwLayerValues *
lw_diagram_view_layer_values (LwDiagramView *self)
{
  return self->values;
}

LwColouring
lw_diagram_view_colouring (LwDiagramView *self)
{
  return self->colouring;
}

bool
lw_diagram_view_is_measuring (LwDiagramView *self)
{
  return lw_layer_values_is_measuring (self->values);
}

const LwDiagramColours *
lw_diagram_view_colours (LwDiagramView *self)
{
  return self->colours;
}

/* --- set-up ------------------------------------------------------------------------------------
 */

/* While the graph is another one already, `selection-changed` will come. */
static void
values_changed (LwDiagramView *self)
{
  const bool known = self->colours != NULL && lw_diagram_colours_known (self->colours);

  if (self->state == NULL ||
      lw_diagram_state_graph (self->state) != lw_workbench_graph (self->workbench))
    return;
  if (self->options.shows & LW_SHOW_TIME && lw_layer_values_times (self->values) != self->times)
    say_otherwise (self);
  lw_diagram_view_recolour (self);
  if (known != (self->colours != NULL && lw_diagram_colours_known (self->colours)) && self->placed)
    lw_diagram_view_make_room (self); /* for another legend */
  lw_diagram_view_tell (self);
}

void
lw_diagram_view_init_colour (LwDiagramView *self)
{
  self->options.shows = LW_SHOW_STANDARD;
  self->grouping = LW_GROUP_LEAST;
  self->hovered = LW_NO_SPOT;
  self->values = lw_layer_values_new (self->workbench);
  g_signal_connect_object (self->values, "changed", G_CALLBACK (values_changed), self,
                           G_CONNECT_SWAPPED);
}
