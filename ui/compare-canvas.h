/* LwCompareCanvas: the networks of a set beside each other, painted; pan, zoom, and a mark that
 * runs through all columns. Wheel and drag pan: all columns together, or, when they are not linked,
 * the one under the pointer. Ctrl and wheel zoom. Arrows, Home, End walk along the rows, Enter
 * opens the row's blocks, Escape takes the mark away. Main thread. */
#pragma once

#include "ui/compare-set.h"
#include "ui/draw/compare.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define LW_TYPE_COMPARE_CANVAS (lw_compare_canvas_get_type ())
G_DECLARE_FINAL_TYPE (LwCompareCanvas, lw_compare_canvas, LW, COMPARE_CANVAS, GtkWidget)

GtkWidget *lw_compare_canvas_new (LwCompareSet *set);
void lw_compare_canvas_set_linked (LwCompareCanvas *self, bool linked);
void lw_compare_canvas_set_colour (LwCompareCanvas *self, LwCompareColour colour);
void lw_compare_canvas_zoom_by (LwCompareCanvas *self, int direction); /* 0: 100 % */
void lw_compare_canvas_fit (LwCompareCanvas *self);
double lw_compare_canvas_zoom (LwCompareCanvas *self);
/* The comparison as a picture of its own: .svg, .pdf or .png. */
bool lw_compare_canvas_export (LwCompareCanvas *self, const char *path, GError **error);

/* For tests: the layout, where a point of a column is in the widget, what is said of the mark. */
const LwCompareLayout *lw_compare_canvas_layout (LwCompareCanvas *self);
void lw_compare_canvas_locate (LwCompareCanvas *self, int column, double *x, double *y);
const char *lw_compare_canvas_description (LwCompareCanvas *self);

G_END_DECLS
