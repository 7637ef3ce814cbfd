/* LwVolumesView: the selected network as a row of blocks in space, each as large as what leaves it:
 * drag and scroll to move, zoom, click to mark a layer or block for all pages, fold blocks. It
 * shares what is folded with a diagram. Read aloud as "Volumes of AlexNet" with the marked layer as
 * description. An LwZoomable. Main thread. */
#pragma once

#include "ui/diagram-view.h"
#include "ui/draw/diagram-volumes.h"

G_BEGIN_DECLS

#define LW_TYPE_VOLUMES_VIEW (lw_volumes_view_get_type ())
G_DECLARE_FINAL_TYPE (LwVolumesView, lw_volumes_view, LW, VOLUMES_VIEW, GtkWidget)

/* `diagram` must live as long. */
GtkWidget *lw_volumes_view_new (LwWorkbench *workbench, LwDiagramView *diagram);

void lw_volumes_view_zoom_by (LwVolumesView *self, int direction);
void lw_volumes_view_zoom_to (LwVolumesView *self, double zoom);
void lw_volumes_view_fit (LwVolumesView *self);

/* As it is now; valid until the next change. */
const LwVolumes *lw_volumes_view_volumes (LwVolumesView *self);
/* The part that is in view; returns the zoom. */
double lw_volumes_view_part (LwVolumesView *self, cairo_rectangle_t *ret_part);
/* Where a point of the row is, in the widget's pixels. */
void lw_volumes_view_locate (LwVolumesView *self, double *x, double *y);
/* What assistive tools are told of the marked layer. */
const char *lw_volumes_view_description (LwVolumesView *self);
/* What is shown on the input; NULL: no data set. Borrowed. */
cairo_surface_t *lw_volumes_view_image (LwVolumesView *self);

G_END_DECLS
