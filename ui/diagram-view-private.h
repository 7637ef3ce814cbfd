/* What the files of the diagram view share: diagram-view*.c only.
 *
 *   diagram-view.c        the widget: what it follows, what it draws
 *   diagram-view-find.c   search, upstream and downstream
 *   diagram-view-fold.c   folding and its movement
 *   diagram-view-input.c  pointer, keys, tooltips
 *   diagram-view-paint.c  diagram, export
 *   diagram-view-obstacle.c the layer that cannot work
 *   diagram-view-legend.c the legend, where it hides nothing
 *   diagram-view-colour.c what boxes say, what colours stand for */
#pragma once

#include "ui/camera-glide.h"
#include "ui/diagram-view.h"
#include "ui/draw/diagram-search.h"
#include "ui/draw/diagram-trace.h"
#include <adwaita.h>

/* A change of folding while it moves: everything is painted from both layouts, faded into each
 * other; what is below the changed block slides. All in the new layout's units. */
typedef struct {
  LwDiagramLayout *from; /* NULL: nothing moves */
  double dx, dy;         /* from → new */
  double top, old_bottom, new_bottom;
  double progress; /* 0 … 1 */
} LwDiagramFold;

/* The legend stands where it hides nothing; while the view moves it stays there. */
typedef enum { LW_CORNER_RIGHT, LW_CORNER_LEFT } LwCorner;
/* What is searched for, and whose way through the network is shown. */
typedef struct {
  char *query; /* NULL: none */
  bool regex;
  LwDiagramMatches *matches; /* of the graph; kept between searches */
  bool tracing;
  LwDiagramTrace *trace;
} LwDiagramFind;

struct _LwDiagramView {
  GtkWidget parent;
  LwWorkbench *workbench;
  LwText *text;
  char *font; /* the family that `text` was made for */
  LwDiagramState *state;
  LwDiagramLayout *layout;
  char *description;

  LwDiagramOptions options; /* what the boxes say; its borrowed pointers are not used */
  int grouping;
  LwColouring colouring;
  LwDiagramColours *colours; /* of `layout`; NULL: kinds */
  char *colours_note;
  LwLayerValues *values;
  const LwLayerTimes *times; /* that `layout` says */
  LwDiagramSpot hovered;     /* whose share the legend says */
  LwCorner corner;           /* where the legend is */
  double corner_y;
  double legend_width; /* that its kinds are wrapped to; 0: not placed yet */

  LwDiagramCamera camera;
  bool placed;          /* the camera was set for this graph */
  bool home;            /* and is where it was set: it follows the view's size */
  int width, height;    /* of the view, when it was last looked at */
  bool picking;         /* the selection comes from here */
  bool folded_by_click; /* the second click of a double click is not meant for what moved there */

  LwDiagramFind find;
  GtkWidget *tip; /* what tooltips show */
  LwDiagramFold fold;
  AdwAnimation *fold_animation;
  LwCameraGlide glide;
};

/* diagram-view.c */
const LwTheme *lw_diagram_view_theme (void);
LwDiagramSpot lw_diagram_view_selected (LwDiagramView *self);
/* Jumps, or glides there. */
void lw_diagram_view_set_camera (LwDiagramView *self, LwDiagramCamera camera);
void lw_diagram_view_glide (LwDiagramView *self, LwDiagramCamera camera);
/* The legend became another one: a view that is where it was set makes room for it. */
void lw_diagram_view_make_room (LwDiagramView *self);
/* Where it is, or will be when it has arrived. */
LwDiagramCamera lw_diagram_view_goal (LwDiagramView *self);
/* Stays where a glide is now. */
void lw_diagram_view_stop (LwDiagramView *self);
/* Marks a spot for all pages; `show`: brings it into view. */
void lw_diagram_view_pick (LwDiagramView *self, LwDiagramSpot spot, bool show);
void lw_diagram_view_show_spot (LwDiagramView *self, LwDiagramSpot spot);
/* A new layout for the state; the old one is handed over. */
LwDiagramLayout *lw_diagram_view_relayout (LwDiagramView *self);

/* Tells assistive tools, and those who show the choices. */
void lw_diagram_view_tell (LwDiagramView *self);

/* diagram-view-colour.c */
void lw_diagram_view_init_colour (LwDiagramView *self);
/* After another layout, or with other numbers. */
void lw_diagram_view_recolour (LwDiagramView *self);
/* The colour of a box: a part of what the painter is told about it. */
void lw_diagram_view_colour_mark (LwDiagramView *self, LwDiagramSpot spot, LwDiagramMark *mark);
/* The pointer is there: the legend says its share. */
void lw_diagram_view_hover_colour (LwDiagramView *self, LwDiagramSpot spot);
/* diagram-view-find.c */
/* Another layer is marked; the graph is another one; the end. */
void lw_diagram_view_find_selected (LwDiagramView *self);
void lw_diagram_view_find_graph (LwDiagramView *self);
void lw_diagram_view_find_clear (LwDiagramView *self);
/* Its part of how a spot is painted, and LwDiagramPaint's edge_mark. */
void lw_diagram_view_mark_found (LwDiagramView *self, LwDiagramSpot spot, LwDiagramMark *mark);
void lw_diagram_view_mark_edge (const LwDiagramEdge *edge, LwDiagramEdgeMark *mark, gpointer data);

/* diagram-view-fold.c */
/* Everything anew, what is in view stays there. */
void lw_diagram_view_refresh (LwDiagramView *self);
void lw_diagram_view_init_fold (LwDiagramView *self);
void lw_diagram_view_end_fold (LwDiagramView *self);
/* `anchor`: what stays where it is. Call after the state has changed. */
void lw_diagram_view_refold (LwDiagramView *self, LwDiagramSpot anchor);
/* Opens what hides the spot; false when nothing does. */
bool lw_diagram_view_reveal (LwDiagramView *self, LwDiagramSpot spot);
/* The layouts in the midst of folding. `cr` is in the view's pixels. */
void lw_diagram_view_paint_fold (LwDiagramView *self, cairo_t *cr, const LwDiagramPaint *paint);

/* diagram-view-input.c */
void lw_diagram_view_init_input (LwDiagramView *self);

/* diagram-view-obstacle.c */
void lw_diagram_view_meet_obstacle (LwDiagramView *self);
/* Paints the diagram dimmed, and over it the ringed box; false when there is no obstacle. */
bool lw_diagram_view_paint_obstacle (LwDiagramView *self, cairo_t *cr, const LwDiagramPaint *paint);

/* diagram-view-paint.c */
LwDiagramViewport lw_diagram_view_viewport (LwDiagramView *self);
/* Where the legend is, in pixels; false: nowhere. `ret_card`: it lies over a part of the diagram.
 */
bool lw_diagram_view_legend (LwDiagramView *self, cairo_rectangle_t *ret_rect, bool *ret_card);
/* Over the diagram. */
void lw_diagram_view_paint_legend (LwDiagramView *self, cairo_t *cr);
/* Moves the legend to where it hides no words. */
void lw_diagram_view_place_legend (LwDiagramView *self);
void lw_diagram_view_snapshot (GtkWidget *widget, GtkSnapshot *snapshot);
