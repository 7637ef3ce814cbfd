/* Pointer and keys over rows of ridges. */
#include "ui/distribution-rows-private.h"

#include <glib/gi18n.h>
#include <math.h>

static int
n_rows (LwDistributionRows *self)
{
  return self->picture.set != NULL ? lw_distribution_set_n_rows (self->picture.set) : 0;
}

static void
find_spot (LwDistributionRows *self, double x, double y)
{
  LwDistributionSpot *spot = &self->spot;

  *spot = (LwDistributionSpot){ 0, (int)floor (y / LW_RIDGE_ROW_HEIGHT), -1, x, y };
  for (int p = 0; p < self->picture.n_panels; p++)
    if (x >= self->picture.panels[p].x &&
        x <= self->picture.panels[p].x + self->picture.panels[p].width) {
      spot->panel = p;
      spot->column = lw_ridge_column_at (&self->picture.panels[p], x);
    }
}

static void
motion (GtkEventControllerMotion *controller, double x, double y, LwDistributionRows *self)
{
  (void)controller;
  find_spot (self, x, y);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
leave (GtkEventControllerMotion *controller, LwDistributionRows *self)
{
  (void)controller;
  self->spot.column = -1;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* The layer of the cell, or that which names the row. */
static void
pressed (GtkGestureClick *gesture, int n, double x, double y, LwDistributionRows *self)
{
  LwNodeId node = LW_NO_NODE;

  (void)gesture;
  (void)n;
  gtk_widget_grab_focus (GTK_WIDGET (self));
  find_spot (self, x, y);
  if (self->spot.row < 0 || self->spot.row >= n_rows (self))
    return;
  if (self->spot.column >= 0 && self->spot.panel == 0)
    node = lw_distribution_set_node (self->picture.set, self->spot.row, self->spot.column);
  if (node == LW_NO_NODE)
    node = lw_distribution_set_row_node (self->picture.set, self->spot.row);
  lw_workbench_select_layer (self->workbench, node);
}

/* To the row that lies `by` further, in the same column; ±G_MAXINT16: the last, the first. */
static gboolean
move (GtkWidget *widget, GVariant *by, gpointer data)
{
  LwDistributionRows *self = LW_DISTRIBUTION_ROWS (widget);
  int column = -1, row;
  LwNodeId node = LW_NO_NODE;

  (void)data;
  if (n_rows (self) == 0)
    return FALSE;
  row = lw_distribution_set_find (self->picture.set, lw_workbench_layer (self->workbench), &column);
  row = CLAMP (row + g_variant_get_int32 (by), 0, n_rows (self) - 1);
  if (column >= 0)
    node = lw_distribution_set_node (self->picture.set, row, column);
  if (node == LW_NO_NODE)
    node = lw_distribution_set_row_node (self->picture.set, row);
  lw_workbench_select_layer (self->workbench, node);
  return TRUE;
}

/* Over names and badges: what the badges mean. */
static gboolean
explain (GtkWidget *widget, int x, int y, gboolean keyboard, GtkTooltip *tooltip, gpointer data)
{
  LwDistributionRows *self = LW_DISTRIBUTION_ROWS (widget);

  (void)data;
  if (keyboard || n_rows (self) == 0)
    return FALSE;
  for (int p = 0; p < self->picture.n_panels; p++)
    if (x >= self->picture.panels[p].x && x < self->picture.panels[p].cell_x[0] - 8 &&
        y < n_rows (self) * LW_RIDGE_ROW_HEIGHT) {
      gtk_tooltip_set_markup (
          tooltip,
          _ ("<b>Saturated</b>: outputs on the flat part of the activation (tinted: below 0.05 or "
             "above 0.95 of a sigmoid), where little gradient comes through; warned from "
             "40\302\240%. <b>Zeros</b>: of a ReLU, often half.\n"
             "<b>Update</b>: length of a step by length of the weights, of plain SGD; 0.5 to "
             "20\302\240‰ is healthy.\n"
             "<b>Dead</b>: units that never change over these images; warned from a tenth."));
      return TRUE;
    }
  return FALSE;
}

void
lw_distribution_rows_bind_keys (GtkWidgetClass *widget_class)
{
  static const struct {
    guint key;
    int by;
  } keys[] = { { GDK_KEY_Up, -1 },
               { GDK_KEY_Down, 1 },
               { GDK_KEY_Home, -G_MAXINT16 },
               { GDK_KEY_End, G_MAXINT16 } };

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    gtk_widget_class_add_binding (widget_class, keys[i].key, 0, move, "i", keys[i].by);
}

void
lw_distribution_rows_add_input (LwDistributionRows *self)
{
  GtkEventController *pointer = gtk_event_controller_motion_new ();
  GtkGesture *click = gtk_gesture_click_new ();

  g_signal_connect (pointer, "motion", G_CALLBACK (motion), self);
  g_signal_connect (pointer, "leave", G_CALLBACK (leave), self);
  gtk_widget_add_controller (GTK_WIDGET (self), pointer);
  g_signal_connect (click, "pressed", G_CALLBACK (pressed), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
  g_signal_connect (self, "query-tooltip", G_CALLBACK (explain), NULL);
}
