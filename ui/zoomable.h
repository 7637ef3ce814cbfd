/* LwZoomable: a drawing that can be zoomed, for the buttons over its corner and the page's keys. It
 * has a readable property `zoom` (1: 100 %). Main thread. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define LW_TYPE_ZOOMABLE (lw_zoomable_get_type ())
G_DECLARE_INTERFACE (LwZoomable, lw_zoomable, LW, ZOOMABLE, GtkWidget)

struct _LwZoomableInterface {
  GTypeInterface parent;
  void (*zoom_by) (LwZoomable *self, int direction);
  void (*zoom_to) (LwZoomable *self, double zoom);
  void (*fit) (LwZoomable *self);
};

double lw_zoomable_zoom (LwZoomable *self);
void lw_zoomable_zoom_by (LwZoomable *self, int direction); /* a step up or down */
void lw_zoomable_zoom_to (LwZoomable *self, double zoom);   /* about the middle */
void lw_zoomable_fit (LwZoomable *self);

G_END_DECLS
