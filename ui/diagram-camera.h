/* LwDiagramCamera: which part of a diagram a view shows, and how large. Pure arithmetic: fitting,
 * zooming about a point, keeping the diagram within reach. Units: the layout's for the camera's
 * place, the view's pixels for everything named so. */
#pragma once

#include "ui/draw/diagram-layout.h"

G_BEGIN_DECLS

#define LW_ZOOM_MIN 0.25
#define LW_ZOOM_MAX 4.0

/* The layout's point (x, y) stands in the view's top left corner. */
typedef struct {
  double zoom, x, y;
} LwDiagramCamera;

/* The view: its size, and what stands in its right corners and must not cover the trunk. */
typedef struct {
  double width, height;
  double legend_width, legend_height; /* top */
  double band; /* at the top, where no room is beside the trunk: 0, or the legend's height */
  double controls_width, controls_height; /* bottom */
} LwDiagramViewport;

/* All of the diagram, at most at `largest`. */
LwDiagramCamera lw_diagram_camera_fit (const LwDiagramLayout *layout, const LwDiagramViewport *view,
                                       double largest);
/* All of it if that needs no less than 70 %, else its top at 100 %. */
LwDiagramCamera
lw_diagram_camera_first (const LwDiagramLayout *layout, const LwDiagramViewport *view);
/* Another zoom, with the view's point (x, y) staying where it is. */
LwDiagramCamera lw_diagram_camera_zoomed (LwDiagramCamera camera, double zoom, double x, double y);
/* Moves by pixels, but not further from the diagram than it already is. */
LwDiagramCamera lw_diagram_camera_moved (LwDiagramCamera camera, const LwDiagramLayout *layout,
                                         const LwDiagramViewport *view, double dx, double dy);
/* The least move that brings a rectangle of the layout into view; its top left when it is larger
 * than the view. */
LwDiagramCamera lw_diagram_camera_showing (LwDiagramCamera camera, const LwDiagramViewport *view,
                                           const cairo_rectangle_t *rect);
/* Sideways only: centred while the diagram is narrower than the view; else the least move that
 * shows a rectangle which fits. After folding. */
LwDiagramCamera
lw_diagram_camera_settled (LwDiagramCamera camera, const LwDiagramLayout *layout,
                           const LwDiagramViewport *view, const cairo_rectangle_t *rect);
/* The next step up (`direction` 1) or down (−1): 25, 33, 50, 67, 80, 100 … 400 %. */
double lw_diagram_zoom_step (double zoom, int direction);

G_END_DECLS
