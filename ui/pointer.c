#include "ui/pointer.h"

#include <math.h>

static void
move_to (GtkEventController *controller, LwPointer *pointer, double x, double y)
{
  *pointer = (LwPointer){ x, y };
  gtk_widget_queue_draw (gtk_event_controller_get_widget (controller));
}

static void
motion (GtkEventController *controller, double x, double y, LwPointer *pointer)
{
  move_to (controller, pointer, x, y);
}

static void
leave (GtkEventController *controller, LwPointer *pointer)
{
  move_to (controller, pointer, (double)NAN, (double)NAN);
}

void
lw_follow_pointer (GtkWidget *widget, LwPointer *pointer)
{
  GtkEventController *controller = gtk_event_controller_motion_new ();

  *pointer = (LwPointer){ (double)NAN, (double)NAN };
  g_signal_connect (controller, "enter", G_CALLBACK (motion), pointer);
  g_signal_connect (controller, "motion", G_CALLBACK (motion), pointer);
  g_signal_connect (controller, "leave", G_CALLBACK (leave), pointer);
  gtk_widget_add_controller (widget, controller);
}
