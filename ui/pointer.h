/* Where the pointer is, for drawings that show what is under it. Main thread. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* In the widget's pixels; NAN: it is not over the widget. */
typedef struct {
  double x, y;
} LwPointer;

/* Once, for a widget whose own `pointer` is: keeps it, and draws the widget again when it moves. */
void lw_follow_pointer (GtkWidget *widget, LwPointer *pointer);

G_END_DECLS
