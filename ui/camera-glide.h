/* LwCameraGlide: a camera on its way to another place, for 200 ms. A part of the widget that has
 * the camera. Main thread. */
#pragma once

#include "ui/diagram-camera.h"
#include <adwaita.h>

G_BEGIN_DECLS

typedef struct {
  GtkWidget *view;                                     /* borrowed: its owner */
  void (*set) (gpointer view, LwDiagramCamera camera); /* where it is now */
  AdwAnimation *animation;
  LwDiagramCamera from, to;
} LwCameraGlide;

void lw_camera_glide_init (LwCameraGlide *self, gpointer view,
                           void (*set) (gpointer view, LwDiagramCamera camera));
void lw_camera_glide_clear (LwCameraGlide *self);

/* Goes there; at once where the view is not shown. */
void lw_camera_glide_start (LwCameraGlide *self, LwDiagramCamera from, LwDiagramCamera to);
/* Stays at a place. */
void lw_camera_glide_stop (LwCameraGlide *self, LwDiagramCamera at);
/* Where it will be when it has arrived; `now` while nothing moves. */
LwDiagramCamera lw_camera_glide_goal (const LwCameraGlide *self, LwDiagramCamera now);

G_END_DECLS
