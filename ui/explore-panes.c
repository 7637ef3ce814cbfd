#include "ui/explore-panes.h"

#include "ui/explore-sizes.h"
#include "ui/layer-inspector.h"

/* Under the volumes table and inspector stand side by side: their height, the inspector's width. */
#define LOWER_SHARE  0.45
#define LOWER_LEAST  200
#define LOWER_MOST   360
#define BESIDE_SHARE 0.515
#define BESIDE_LEAST 340
#define BESIDE_MOST  560

/* Gives the end child `size` of the pane's `next` length. With its next allocation the pane adds to
 * the position by how much it has grown, so the position is set for the length that it has `now`.
 */
static void
set_end_size (GtkWidget *pane, int now, int next, int size)
{
  gtk_paned_set_position (GTK_PANED (pane), MAX ((now > 0 ? now : next) - size, 0));
}

/* Below the volumes. `across`, `down`: what the panes' lengths are now. */
static void
place_flat (LwExplorePanes *self, int across, int down, int width, int height)
{
  const int lower =
      self->lower > 0 ? self->lower : CLAMP ((int)(LOWER_SHARE * height), LOWER_LEAST, LOWER_MOST);
  int beside = self->beside > 0 ? MAX (self->beside, BESIDE_LEAST)
                                : CLAMP ((int)(BESIDE_SHARE * width), BESIDE_LEAST, BESIDE_MOST);
  int table; /* it is not made narrower than it can be */

  gtk_widget_measure (gtk_paned_get_start_child (GTK_PANED (self->rows)),
                      GTK_ORIENTATION_HORIZONTAL, -1, &table, NULL, NULL, NULL);
  beside = MAX (MIN (beside, width - table), 0);
  set_end_size (self->columns, down, height, MAX (MIN (lower, height - LW_VOLUMES_LEAST), 0));
  set_end_size (self->rows, across, width, beside);
  lw_layer_inspector_set_narrow (LW_LAYER_INSPECTOR (self->inspector),
                                 beside < LW_INSPECTOR_NARROW);
}

/* Beside the diagram; the same. */
static void
place_upright (LwExplorePanes *self, int across, int down, int width, int height)
{
  const int right = lw_explore_right_width (width, self->right, self->knobs);
  const int below = lw_explore_inspector_height (height, self->below);

  set_end_size (self->columns, across, width, right);
  set_end_size (self->rows, down, height, below);
  lw_layer_inspector_set_narrow (LW_LAYER_INSPECTOR (self->inspector), right < LW_INSPECTOR_NARROW);
}

/* The panes keep their proportions, and what was dragged keeps its size. */
void
lw_explore_panes_place (LwExplorePanes *self, int width, int height)
{
  if (self->flat)
    place_flat (self, gtk_widget_get_width (self->rows), gtk_widget_get_height (self->columns),
                width, height);
  else
    place_upright (self, gtk_widget_get_width (self->columns), gtk_widget_get_height (self->rows),
                   width, height);
}

/* A pane that is turned moves with its next allocation by the difference of the new length and the
 * old one, which lay the other way. */
void
lw_explore_panes_turn (LwExplorePanes *self, bool flat)
{
  const int width = gtk_widget_get_width (self->columns);
  const int height = gtk_widget_get_height (self->columns);
  const int rows_width = gtk_widget_get_width (self->rows);
  const int rows_height = gtk_widget_get_height (self->rows);

  if (flat == self->flat)
    return;
  self->flat = flat;
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self->columns),
                                  flat ? GTK_ORIENTATION_VERTICAL : GTK_ORIENTATION_HORIZONTAL);
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self->rows),
                                  flat ? GTK_ORIENTATION_HORIZONTAL : GTK_ORIENTATION_VERTICAL);
  if (width == 0)
    return; /* the first allocation places them */
  if (flat)
    place_flat (self, rows_height, width, width, height);
  else
    place_upright (self, height, rows_width, width, height);
}

/* A pane's position also changes when its content asks for more room; only what happens while a
 * button is held is somebody's wish. */
static gboolean
watch_button (GtkEventControllerLegacy *controller, GdkEvent *event, LwExplorePanes *self)
{
  const GdkEventType type = gdk_event_get_event_type (event);

  (void)controller;
  if (type == GDK_BUTTON_PRESS)
    self->dragging = true;
  else if (type == GDK_BUTTON_RELEASE)
    self->dragging = false;
  return GDK_EVENT_PROPAGATE;
}

static void
columns_dragged (LwExplorePanes *self)
{
  const int length =
      self->flat ? gtk_widget_get_height (self->columns) : gtk_widget_get_width (self->columns);
  const int end = length - gtk_paned_get_position (GTK_PANED (self->columns));

  if (!self->dragging || length == 0 || self->knobs)
    return; /* the pane moves with its size and content, nobody drags it */
  *(self->flat ? &self->lower : &self->right) = end;
  if (!self->flat)
    lw_layer_inspector_set_narrow (LW_LAYER_INSPECTOR (self->inspector), end < LW_INSPECTOR_NARROW);
}

/* Not at once: the pane may be in the midst of an allocation. */
static gboolean
arrange_inspector (gpointer data)
{
  LwExplorePanes *self = data;
  const int width = gtk_widget_get_width (self->inspector);

  self->narrow_id = 0;
  if (width > 0)
    lw_layer_inspector_set_narrow (LW_LAYER_INSPECTOR (self->inspector),
                                   width < LW_INSPECTOR_NARROW);
  return G_SOURCE_REMOVE;
}

static void
rows_dragged (LwExplorePanes *self)
{
  const int length =
      self->flat ? gtk_widget_get_width (self->rows) : gtk_widget_get_height (self->rows);
  const int end = length - gtk_paned_get_position (GTK_PANED (self->rows));

  if (self->flat && self->narrow_id == 0) /* perhaps the table took more room than it had */
    self->narrow_id = g_idle_add_full (GDK_PRIORITY_REDRAW + 1, arrange_inspector, self, NULL);
  if (!self->dragging || length == 0)
    return;
  *(self->flat ? &self->beside : &self->below) = end;
  if (self->flat)
    lw_layer_inspector_set_narrow (LW_LAYER_INSPECTOR (self->inspector), end < LW_INSPECTOR_NARROW);
}

void
lw_explore_panes_watch (LwExplorePanes *self)
{
  GtkEventController *buttons = gtk_event_controller_legacy_new ();

  gtk_event_controller_set_propagation_phase (buttons, GTK_PHASE_CAPTURE);
  g_signal_connect (buttons, "event", G_CALLBACK (watch_button), self);
  gtk_widget_add_controller (self->columns, buttons);
  g_signal_connect_swapped (self->columns, "notify::position", G_CALLBACK (columns_dragged), self);
  g_signal_connect_swapped (self->rows, "notify::position", G_CALLBACK (rows_dragged), self);
}

void
lw_explore_panes_clear (LwExplorePanes *self)
{
  g_clear_handle_id (&self->narrow_id, g_source_remove);
}
