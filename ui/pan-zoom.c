#include "ui/pan-zoom.h"

#include <math.h>

#define SCROLL_STEP 60.0 /* pixels a click of the wheel */
#define WHEEL_ZOOM  1.15

typedef struct {
  GtkWidget *drawing; /* which owns this */
  const LwPanZoom *does;
  double drag_x, drag_y; /* of the drag so far */
  double pinch_zoom;     /* when the pinch began */
  double pointer_x, pointer_y;
} Hand;

static void
motion (Hand *hand, double x, double y)
{
  hand->pointer_x = x;
  hand->pointer_y = y;
}

static void
move_from (Hand *hand, double x)
{
  if (hand->does->move_from != NULL)
    hand->does->move_from (hand->drawing, x);
}

static void
drag_begin (Hand *hand, double x)
{
  hand->drag_x = hand->drag_y = 0;
  move_from (hand, x);
}

static void
drag_update (GtkGestureDrag *gesture, double x, double y, Hand *hand)
{
  if (hand->drag_x == 0 && hand->drag_y == 0) {
    if (!gtk_drag_check_threshold (hand->drawing, 0, 0, (int)x, (int)y))
      return;
    gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED); /* no click */
    gtk_widget_set_cursor_from_name (hand->drawing, "grabbing");
  }
  hand->does->move (hand->drawing, hand->drag_x - x, hand->drag_y - y);
  hand->drag_x = x;
  hand->drag_y = y;
}

static void
drag_end (Hand *hand)
{
  gtk_widget_set_cursor_from_name (hand->drawing, "default");
}

static gboolean
scrolled (GtkEventControllerScroll *controller, double dx, double dy, Hand *hand)
{
  const LwPanZoom *does = hand->does;
  const GdkModifierType state =
      gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (controller));
  const bool wheel = gtk_event_controller_scroll_get_unit (controller) == GDK_SCROLL_UNIT_WHEEL;
  const double step = wheel ? SCROLL_STEP : 1;

  if (state & GDK_CONTROL_MASK) {
    const double clicks = wheel ? dy : dy / SCROLL_STEP;

    does->zoom_about (hand->drawing, does->zoom (hand->drawing) * pow (WHEEL_ZOOM, -clicks),
                      hand->pointer_x, hand->pointer_y);
    return GDK_EVENT_STOP;
  }
  move_from (hand, hand->pointer_x);
  if (dx == 0 &&
      (state & GDK_SHIFT_MASK || (wheel && does->is_row != NULL && does->is_row (hand->drawing))))
    does->move (hand->drawing, dy * step, 0);
  else
    does->move (hand->drawing, dx * step, dy * step);
  return GDK_EVENT_STOP;
}

static void
pinch_begin (Hand *hand)
{
  hand->pinch_zoom = hand->does->zoom (hand->drawing);
  hand->does->zoom_about (hand->drawing, hand->pinch_zoom, 0, 0); /* whatever moves stops */
}

static void
pinched (GtkGestureZoom *gesture, double scale, Hand *hand)
{
  double x, y;

  if (gtk_gesture_get_bounding_box_center (GTK_GESTURE (gesture), &x, &y))
    hand->does->zoom_about (hand->drawing, hand->pinch_zoom * scale, x, y);
}

void
lw_pan_zoom_add (GtkWidget *drawing, const LwPanZoom *does)
{
  GtkEventController *motions = gtk_event_controller_motion_new ();
  GtkEventController *scroll =
      gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_BOTH_AXES);
  GtkGesture *drag = gtk_gesture_drag_new ();
  GtkGesture *pinch = gtk_gesture_zoom_new ();
  Hand *hand = g_new0 (Hand, 1);

  hand->drawing = drawing;
  hand->does = does;
  g_object_set_data_full (G_OBJECT (drawing), "lw-pan-zoom", hand, g_free);
  g_signal_connect_swapped (motions, "motion", G_CALLBACK (motion), hand);
  g_signal_connect (scroll, "scroll", G_CALLBACK (scrolled), hand);
  g_signal_connect_swapped (drag, "drag-begin", G_CALLBACK (drag_begin), hand);
  g_signal_connect (drag, "drag-update", G_CALLBACK (drag_update), hand);
  g_signal_connect_swapped (drag, "drag-end", G_CALLBACK (drag_end), hand);
  g_signal_connect_swapped (pinch, "begin", G_CALLBACK (pinch_begin), hand);
  g_signal_connect (pinch, "scale-changed", G_CALLBACK (pinched), hand);
  gtk_widget_add_controller (drawing, motions);
  gtk_widget_add_controller (drawing, scroll);
  gtk_widget_add_controller (drawing, GTK_EVENT_CONTROLLER (drag));
  gtk_widget_add_controller (drawing, GTK_EVENT_CONTROLLER (pinch));
}
