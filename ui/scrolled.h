/* For widgets that paint only what is in view of the scrolled window around them. Main thread. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Once, for a widget that will stand in one: draws it again whenever that moves. */
void lw_redraw_when_scrolled (GtkWidget *widget);
/* How far that has moved; NULL: there is none around it. */
GtkAdjustment *lw_scroll_of (GtkWidget *widget, GtkOrientation orientation);
/* The part of it that is in view, in its own pixels: all of it, where there is none around it. */
cairo_rectangle_t lw_seen_of (GtkWidget *widget);

G_END_DECLS
