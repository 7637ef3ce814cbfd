/* Pointer, keys and tooltips of networks beside each other. */
#include "ui/compare-canvas-private.h"

#include <math.h>

#define SCROLL_STEP 60.0
#define WHEEL_ZOOM  1.15

static int
row_at (LwCompareCanvas *self, double x, double y, bool *ret_chevron)
{
  if (y < LW_COMPARE_LEGEND)
    return -1;
  return lw_compare_layout_hit (self->layout, self->shift, self->x + x / self->zoom,
                                self->y + (y - LW_COMPARE_LEGEND) / self->zoom, ret_chevron);
}

static void
motion (GtkEventControllerMotion *controller, double x, double y, LwCompareCanvas *self)
{
  (void)controller;
  self->pointer_x = x;
  self->pointer_y = y;
  gtk_widget_set_cursor_from_name (GTK_WIDGET (self),
                                   row_at (self, x, y, NULL) >= 0 ? "pointer" : "default");
}

static void
released (GtkGestureClick *gesture, int n_press, double x, double y, LwCompareCanvas *self)
{
  bool chevron = false;
  const int row = row_at (self, x, y, &chevron);

  (void)gesture;
  gtk_widget_grab_focus (GTK_WIDGET (self));
  lw_compare_set_select (self->set, row);
  if (row >= 0 && (chevron || n_press == 2))
    lw_compare_set_toggle (self->set, row);
}

static void
drag_begin (GtkGestureDrag *gesture, double x, double y, LwCompareCanvas *self)
{
  (void)gesture;
  (void)y;
  self->drag_x = self->drag_y = 0;
  self->drag_column = lw_compare_canvas_column_at (self, x);
}

static void
drag_update (GtkGestureDrag *gesture, double x, double y, LwCompareCanvas *self)
{
  if (self->drag_x == 0 && self->drag_y == 0) {
    if (!gtk_drag_check_threshold (GTK_WIDGET (self), 0, 0, (int)x, (int)y))
      return;
    gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED); /* no click */
  }
  lw_compare_canvas_pan (self, self->drag_x - x, self->drag_y - y, self->drag_column);
  self->drag_x = x;
  self->drag_y = y;
}

static gboolean
scrolled (GtkEventControllerScroll *controller, double dx, double dy, LwCompareCanvas *self)
{
  const GdkModifierType state =
      gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (controller));
  const double step =
      gtk_event_controller_scroll_get_unit (controller) == GDK_SCROLL_UNIT_WHEEL ? SCROLL_STEP : 1;

  if (state & GDK_CONTROL_MASK) {
    const double clicks = step > 1 ? dy : dy / SCROLL_STEP;

    lw_compare_canvas_zoom_around (self, self->zoom * pow (WHEEL_ZOOM, -clicks), self->pointer_x,
                                   self->pointer_y);
  } else if (state & GDK_SHIFT_MASK && dx == 0) {
    lw_compare_canvas_pan (self, dy * step, 0, 0);
  } else {
    lw_compare_canvas_pan (self, dx * step, dy * step,
                           lw_compare_canvas_column_at (self, self->pointer_x));
  }
  return GDK_EVENT_STOP;
}

static void
pinch_begin (GtkGestureZoom *gesture, GdkEventSequence *sequence, LwCompareCanvas *self)
{
  (void)gesture;
  (void)sequence;
  self->pinch_zoom = self->zoom;
}

static void
pinched (GtkGestureZoom *gesture, double factor, LwCompareCanvas *self)
{
  double x = 0, y = 0;

  gtk_gesture_get_bounding_box_center (GTK_GESTURE (gesture), &x, &y);
  lw_compare_canvas_zoom_around (self, self->pinch_zoom * factor, x, y);
}

static gboolean
go_to (LwCompareCanvas *self, int row)
{
  const int n = lw_comparison_n_rows (lw_compare_set_comparison (self->set));

  lw_compare_set_select (self->set, CLAMP (row, 0, n - 1));
  lw_compare_canvas_show_row (self, lw_compare_set_row (self->set));
  return GDK_EVENT_STOP;
}

static gboolean
key_pressed (GtkEventControllerKey *controller, guint key, guint code, GdkModifierType state,
             LwCompareCanvas *self)
{
  const int row = lw_compare_set_row (self->set);

  (void)controller;
  (void)code;
  if ((state & gtk_accelerator_get_default_mod_mask ()) != 0)
    return GDK_EVENT_PROPAGATE;
  switch (key) {
  case GDK_KEY_Up:
  case GDK_KEY_KP_Up:
  case GDK_KEY_Page_Up:
    return go_to (self, row - 1);
  case GDK_KEY_Down:
  case GDK_KEY_KP_Down:
  case GDK_KEY_Page_Down:
    return go_to (self, row + 1);
  case GDK_KEY_Home:
  case GDK_KEY_KP_Home:
    return go_to (self, 0);
  case GDK_KEY_End:
  case GDK_KEY_KP_End:
    return go_to (self, G_MAXINT / 2);
  case GDK_KEY_Return:
  case GDK_KEY_KP_Enter:
  case GDK_KEY_space:
    lw_compare_set_toggle (self->set, row);
    return GDK_EVENT_STOP;
  case GDK_KEY_Escape:
    lw_compare_set_select (self->set, -1);
    return GDK_EVENT_STOP;
  default:
    return GDK_EVENT_PROPAGATE;
  }
}

/* What differs in a row, in a few words. */
gboolean
lw_compare_canvas_query_tooltip (GtkWidget *widget, int x, int y, gboolean keyboard,
                                 GtkTooltip *tooltip)
{
  LwCompareCanvas *self = LW_COMPARE_CANVAS (widget);
  const LwComparison *comparison = lw_compare_set_comparison (self->set);
  const int row = keyboard ? -1 : row_at (self, x, y, NULL);
  g_autoptr (GString) words = NULL;
  const LwCompareAspect *aspects;
  int n;

  if (row < 0)
    return FALSE;
  aspects = lw_comparison_aspects (comparison, row, &n);
  words = g_string_new (NULL);
  for (int i = 0; i < n; i++) {
    const char *last = NULL;

    if (!aspects[i].differs)
      continue;
    g_string_append_printf (words, "%s%s: ", words->len > 0 ? "\n" : "", aspects[i].title);
    for (int k = 0; k < lw_compare_set_n (self->set); k++)
      if (aspects[i].values[k] != NULL) {
        g_string_append_printf (words, "%s%s", last != NULL ? "  |  " : "", aspects[i].values[k]);
        last = aspects[i].values[k];
      }
  }
  if (words->len == 0)
    return FALSE;
  gtk_tooltip_set_text (tooltip, words->str);
  return TRUE;
}

/* --- set-up */

void
lw_compare_canvas_init_input (LwCompareCanvas *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  GtkEventController *move = gtk_event_controller_motion_new (),
                     *keys = gtk_event_controller_key_new (),
                     *scroll =
                         gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_BOTH_AXES);
  GtkGesture *click = gtk_gesture_click_new (), *drag = gtk_gesture_drag_new (),
             *pinch = gtk_gesture_zoom_new ();

  g_signal_connect (move, "motion", G_CALLBACK (motion), self);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (key_pressed), self);
  g_signal_connect (scroll, "scroll", G_CALLBACK (scrolled), self);
  g_signal_connect (click, "released", G_CALLBACK (released), self);
  g_signal_connect (drag, "drag-begin", G_CALLBACK (drag_begin), self);
  g_signal_connect (drag, "drag-update", G_CALLBACK (drag_update), self);
  g_signal_connect (pinch, "begin", G_CALLBACK (pinch_begin), self);
  g_signal_connect (pinch, "scale-changed", G_CALLBACK (pinched), self);
  gtk_widget_add_controller (widget, move);
  gtk_widget_add_controller (widget, keys);
  gtk_widget_add_controller (widget, scroll);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (click));
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (drag));
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (pinch));
}
