/* For widgets in a scrolled window, above all those that paint only what of them is in view. Main
 * thread. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Once, for a widget that will stand in one: draws it again whenever that moves. */
void lw_redraw_when_scrolled (GtkWidget *widget);
/* How far that has moved; NULL: there is none around it. */
GtkAdjustment *lw_scroll_of (GtkWidget *widget, GtkOrientation orientation);
/* The part of it that is in view, in its own pixels: all of it, where there is none around it. */
cairo_rectangle_t lw_seen_of (GtkWidget *widget);
/* For a snapshot: draws there, and nowhere else; NULL: there is nothing to draw. cairo_destroy. */
cairo_t *lw_append_seen (GtkWidget *widget, GtkSnapshot *snapshot);
/* For a spin button or a slider in one: the wheel moves the window, and changes no number that
 * comes under the pointer meanwhile. */
void lw_leave_wheel (GtkWidget *number);

G_END_DECLS
