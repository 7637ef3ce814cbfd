/* What the files of the volumes view share: volumes-view*.c only.
 *
 *   volumes-view.c         the widget: what it follows, what it draws
 *   volumes-view-camera.c  which part of the row is in view
 *   volumes-view-input.c   pointer, keys, tooltips */
#pragma once

#include "ui/camera-glide.h"
#include "ui/volumes-view.h"

struct _LwVolumesView {
  GtkWidget parent;
  LwWorkbench *workbench; /* borrowed: they live longer */
  LwDiagramView *diagram;
  LwText *text;
  char *font; /* the family that `text` was made for */
  LwVolumes *volumes;
  bool stale; /* `volumes` shows what was before */
  cairo_surface_t *image;
  char *description;

  LwDiagramCamera camera;
  bool placed; /* the camera was set for this network */
  bool home;   /* and is where it was set: it follows the view's size */
  int width, height;
  bool picking; /* the selection comes from here */
  bool folded_by_click;

  LwCameraGlide glide;
};

/* volumes-view.c */
LwDiagramSpot lw_volumes_view_selected (LwVolumesView *self);
/* Jumps there. */
void lw_volumes_view_set_camera (LwVolumesView *self, LwDiagramCamera camera);
/* Marks a spot for all pages; `show`: brings it into view. */
void lw_volumes_view_pick (LwVolumesView *self, LwDiagramSpot spot, bool show);
/* The height of the legend over the row, pixels. */
double lw_volumes_view_head (LwVolumesView *self);

/* volumes-view-camera.c */
void lw_volumes_view_glide (LwVolumesView *self, LwDiagramCamera camera);
/* Stays where a glide is now. */
void lw_volumes_view_stop (LwVolumesView *self);
/* Moves by pixels, but not away from the row. */
void lw_volumes_view_move (LwVolumesView *self, double dx, double dy);
/* Zooms at once, about a point of the view, as far as the row stays there. */
void lw_volumes_view_zoom_about (LwVolumesView *self, double zoom, double x, double y);
LwDiagramCamera lw_volumes_view_first (LwVolumesView *self);
void lw_volumes_view_show_spot (LwVolumesView *self, LwDiagramSpot spot);
/* What was marked, or else what began at the view's left end, stays where it is on screen, as far
 * as the row's ends allow. */
void lw_volumes_view_keep_place (LwVolumesView *self, const LwVolumes *before);

/* volumes-view-input.c */
void lw_volumes_view_init_input (LwVolumesView *self);
