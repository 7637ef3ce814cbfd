/* Keys and pointer in the table of runs. */
#include "ui/runs-table-private.h"

#include <math.h>

static void
ask (LwRunsTable *self, const char *what)
{
  g_signal_emit_by_name (self, "asked", what);
}

/* The row with the focus, where none is selected yet. */
static void
select_focused (LwRunsTable *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  GtkWidget *focus = root != NULL ? gtk_root_get_focus (root) : NULL;
  g_autoptr (GPtrArray) runs = lw_runs_table_selected (self);
  LwRunItem *run;

  if (runs->len > 0 || focus == NULL || !gtk_widget_is_ancestor (focus, GTK_WIDGET (self->view)))
    return;
  run = lw_runs_table_run_of (focus);
  if (run != NULL)
    lw_runs_table_select (self, run);
}

/* What a key asks of the selected rows, or NULL. */
static const char *
wish_of (guint key)
{
  switch (key) {
  case GDK_KEY_space:
  case GDK_KEY_KP_Space:
    return "tick";
  case GDK_KEY_s:
  case GDK_KEY_S:
    return "star";
  case GDK_KEY_F2:
    return "rename";
  case GDK_KEY_Delete:
  case GDK_KEY_KP_Delete:
    return "delete";
  default:
    return NULL;
  }
}

static gboolean
key_pressed (GtkEventControllerKey *controller, guint key, guint code, GdkModifierType state,
             LwRunsTable *self)
{
  const GdkModifierType modifiers = state & (GDK_CONTROL_MASK | GDK_SHIFT_MASK | GDK_ALT_MASK);

  (void)controller;
  (void)code;
  if (key == GDK_KEY_Menu || (key == GDK_KEY_F10 && modifiers == GDK_SHIFT_MASK)) {
    select_focused (self);
    self->menu_x = self->menu_y = NAN;
    ask (self, "menu");
    return TRUE;
  }
  if (modifiers != 0 || wish_of (key) == NULL)
    return FALSE;
  select_focused (self);
  ask (self, wish_of (key));
  return TRUE;
}

static void
activated (GtkColumnView *view, guint position, LwRunsTable *self)
{
  g_autoptr (LwRunItem) run = g_list_model_get_item (lw_runs_table_rows (self), position);

  (void)view;
  if (run != NULL)
    lw_workbench_select_run (self->workbench, run);
}

/* The menu is of the selected rows; one that is not selected is selected first. */
static void
right_clicked (GtkGestureClick *gesture, int n, double x, double y, LwRunsTable *self)
{
  GtkWidget *under = gtk_widget_pick (GTK_WIDGET (self), x, y, GTK_PICK_DEFAULT);
  LwRunItem *run = under != NULL ? lw_runs_table_run_of (under) : NULL;
  g_autoptr (GPtrArray) runs = lw_runs_table_selected (self);

  (void)n;
  if (run == NULL)
    return;
  gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
  if (!g_ptr_array_find (runs, run, NULL))
    lw_runs_table_select (self, run);
  self->menu_x = x;
  self->menu_y = y;
  ask (self, "menu");
}

bool
lw_runs_table_pointed (LwRunsTable *self, GdkRectangle *ret_place)
{
  if (isnan (self->menu_x))
    return false;
  *ret_place = (GdkRectangle){ (int)self->menu_x, (int)self->menu_y, 1, 1 };
  return true;
}

static gboolean
touched (GtkEventController *controller, GdkEvent *event, LwRunsTable *self)
{
  const GdkEventType type = gdk_event_get_event_type (event);

  (void)controller;
  if (type == GDK_BUTTON_PRESS || type == GDK_SCROLL || type == GDK_KEY_PRESS ||
      type == GDK_TOUCH_BEGIN)
    self->touched = true;
  return FALSE;
}

void
lw_runs_table_add_input (LwRunsTable *self)
{
  GtkEventController *any = gtk_event_controller_legacy_new ();
  GtkEventController *keys = gtk_event_controller_key_new ();
  GtkGesture *click = gtk_gesture_click_new ();

  /* Before the list, for which Space selects. */
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (key_pressed), self);
  gtk_widget_add_controller (GTK_WIDGET (self->view), keys);
  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (click), GDK_BUTTON_SECONDARY);
  gtk_event_controller_set_propagation_phase (GTK_EVENT_CONTROLLER (click), GTK_PHASE_CAPTURE);
  g_signal_connect (click, "pressed", G_CALLBACK (right_clicked), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
  gtk_event_controller_set_propagation_phase (any, GTK_PHASE_CAPTURE);
  g_signal_connect (any, "event", G_CALLBACK (touched), self);
  gtk_widget_add_controller (GTK_WIDGET (self), any);
  g_signal_connect (self->view, "activate", G_CALLBACK (activated), self);
}
