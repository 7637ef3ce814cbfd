/* LwDiagramView: the diagram of the selected network: drag and scroll to move, zoom, click to mark
 * a layer or block for all pages, fold blocks. The marked layer comes into view and is unfolded
 * when another page marks it. Read aloud as "Architecture diagram of ResNet-18" with the marked
 * layer as description. Property `zoom` (1: 100 %); signal `moved`: what
 * stands where in the widget has changed. While the knobs describe an impossible network the last
 * one is dimmed and the layer that would break is ringed. Main thread. */
#pragma once

#include "ui/draw/diagram-layout.h"
#include "ui/workbench.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS

#define LW_TYPE_DIAGRAM_VIEW (lw_diagram_view_get_type ())
G_DECLARE_FINAL_TYPE (LwDiagramView, lw_diagram_view, LW, DIAGRAM_VIEW, GtkWidget)

GtkWidget *lw_diagram_view_new (LwWorkbench *workbench);
void lw_diagram_view_set_count (LwDiagramView *self, LwCount count);

void lw_diagram_view_unfold_all (LwDiagramView *self);
void lw_diagram_view_fold_all (LwDiagramView *self);
/* Opens or closes one block; what was its head stays where it is on screen. */
void lw_diagram_view_toggle (LwDiagramView *self, LwBlockId block);

double lw_diagram_view_zoom (LwDiagramView *self);
void lw_diagram_view_zoom_by (LwDiagramView *self, int direction); /* a step up or down */
void lw_diagram_view_zoom_to (LwDiagramView *self, double zoom);   /* about the middle */
void lw_diagram_view_fit (LwDiagramView *self);

/* The diagram as it is folded now, with title, totals and legend, in light colours. */
bool lw_diagram_view_export (LwDiagramView *self, const char *path, GError **error);

/* As it is now; valid until the next change. */
const LwDiagramLayout *lw_diagram_view_layout (LwDiagramView *self);
/* Where a point of the layout is, in the widget's pixels. */
void lw_diagram_view_locate (LwDiagramView *self, double *x, double *y);
/* Where the layer that the knobs made impossible (or the block that hides it) is, in the widget's
 * pixels; false: there is none, or no network. */
bool lw_diagram_view_obstacle_rect (LwDiagramView *self, cairo_rectangle_t *ret_rect);
/* What assistive tools are told of the marked layer. */
const char *lw_diagram_view_description (LwDiagramView *self);

G_END_DECLS
