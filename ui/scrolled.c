#include "ui/scrolled.h"

#include <math.h>

static const char key[] = "lw-scrolled"; /* the window that it is drawn again for */

static GtkScrolledWindow *
window_around (GtkWidget *widget)
{
  GtkWidget *window = gtk_widget_get_ancestor (widget, GTK_TYPE_SCROLLED_WINDOW);

  return window != NULL ? GTK_SCROLLED_WINDOW (window) : NULL;
}

GtkAdjustment *
lw_scroll_of (GtkWidget *widget, GtkOrientation orientation)
{
  GtkScrolledWindow *window = window_around (widget);

  if (window == NULL)
    return NULL;
  return orientation == GTK_ORIENTATION_VERTICAL ? gtk_scrolled_window_get_vadjustment (window)
                                                 : gtk_scrolled_window_get_hadjustment (window);
}

cairo_rectangle_t
lw_seen_of (GtkWidget *widget)
{
  GtkScrolledWindow *window = window_around (widget);
  const double width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  graphene_rect_t bounds;
  double left, top;

  if (window == NULL || !gtk_widget_compute_bounds (widget, GTK_WIDGET (window), &bounds))
    return (cairo_rectangle_t){ 0, 0, width, height };
  left = fmax (0, -(double)bounds.origin.x);
  top = fmax (0, -(double)bounds.origin.y);
  return (cairo_rectangle_t){
    left, top,
    fmax (0, fmin (width, gtk_widget_get_width (GTK_WIDGET (window)) - (double)bounds.origin.x) -
                 left),
    fmax (0, fmin (height, gtk_widget_get_height (GTK_WIDGET (window)) - (double)bounds.origin.y) -
                 top)
  };
}

cairo_t *
lw_append_seen (GtkWidget *widget, GtkSnapshot *snapshot)
{
  const cairo_rectangle_t seen = lw_seen_of (widget);
  cairo_t *cr;

  if (seen.width <= 0 || seen.height <= 0)
    return NULL;
  cr = gtk_snapshot_append_cairo (
      snapshot,
      &GRAPHENE_RECT_INIT ((float)seen.x, (float)seen.y, (float)seen.width, (float)seen.height));
  cairo_rectangle (cr, seen.x, seen.y, seen.width, seen.height);
  cairo_clip (cr);
  return cr;
}

void
lw_leave_wheel (GtkWidget *number)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (number);

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++) {
    g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);

    if (GTK_IS_EVENT_CONTROLLER_SCROLL (controller))
      gtk_event_controller_set_propagation_phase (controller, GTK_PHASE_NONE);
  }
}

static void
mapped (GtkWidget *widget)
{
  GtkScrolledWindow *window = window_around (widget);

  if (window == NULL || window == g_object_get_data (G_OBJECT (widget), key))
    return;
  g_object_set_data (G_OBJECT (widget), key, window);
  for (int i = 0; i < 2; i++) {
    GtkAdjustment *scroll =
        lw_scroll_of (widget, i == 0 ? GTK_ORIENTATION_HORIZONTAL : GTK_ORIENTATION_VERTICAL);

    g_signal_connect_object (scroll, "value-changed", G_CALLBACK (gtk_widget_queue_draw), widget,
                             G_CONNECT_SWAPPED);
    g_signal_connect_object (scroll, "changed", G_CALLBACK (gtk_widget_queue_draw), widget,
                             G_CONNECT_SWAPPED);
  }
}

void
lw_redraw_when_scrolled (GtkWidget *widget)
{
  g_signal_connect (widget, "map", G_CALLBACK (mapped), NULL);
}
