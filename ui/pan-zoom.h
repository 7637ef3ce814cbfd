/* Dragging, the wheel and pinching for a drawing that can be moved and zoomed: a drag or the wheel
 * moves it, with Shift sideways; the wheel with Ctrl zooms about the pointer, a pinch about its
 * middle. Main thread. */
#pragma once

#include <gtk/gtk.h>
#include <stdbool.h>

G_BEGIN_DECLS

/* What a drawing does about it. `drawing` is the widget; units: its pixels, and 1 for 100 %. */
typedef struct {
  double (*zoom) (gpointer drawing);
  /* The point (x, y) stays where it is; ends what moves by itself. */
  void (*zoom_about) (gpointer drawing, double zoom, double x, double y);
  void (*move) (gpointer drawing, double dx, double dy);
  /* The moves until the next call belong to the pointer at x; may be NULL. */
  void (*move_from) (gpointer drawing, double x);
  /* Whether a click of the wheel moves sideways, as there is nothing below; NULL: no. */
  bool (*is_row) (gpointer drawing);
} LwPanZoom;

/* `does` must be constant. */
void lw_pan_zoom_add (GtkWidget *drawing, const LwPanZoom *does);

G_END_DECLS
