/* What the files of the canvas share: compare-canvas*.c only. */
#pragma once

#include "ui/compare-canvas.h"

#define LW_COMPARE_LEGEND 30.0 /* the line above, which does not move */

struct _LwCompareCanvas {
  GtkWidget parent;
  LwCompareSet *set;
  LwText *text;
  char *font;
  LwCompareLayout *layout;
  double layout_width; /* the view's, when it was made */
  LwCompareColour colour;
  bool linked;
  bool home; /* zoom and place follow the view's size */
  double zoom, x, y;
  double shift[LW_COMPARE_MOST];
  int moved_column; /* when they are not linked */
  char *description;
};

/* compare-canvas.c */
int lw_compare_canvas_column_at (LwCompareCanvas *self, double x);
/* Around a point of the widget, which stays where it is. */
void lw_compare_canvas_zoom_around (LwCompareCanvas *self, double zoom, double x, double y);
/* `column`: which one, when they are not linked. */
void lw_compare_canvas_pan (LwCompareCanvas *self, double dx, double dy, int column);
void lw_compare_canvas_show_row (LwCompareCanvas *self, int row);

/* compare-canvas-input.c */
void lw_compare_canvas_init_input (LwCompareCanvas *self);
gboolean lw_compare_canvas_query_tooltip (GtkWidget *widget, int x, int y, gboolean keyboard,
                                          GtkTooltip *tooltip);
