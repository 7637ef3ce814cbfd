/* What the files of the diagram view share: diagram-view*.c only.
 *
 *   diagram-view.c        the widget: what it follows, what it draws
 *   diagram-view-fold.c   folding and its movement
 *   diagram-view-input.c  pointer, keys, tooltips
 *   diagram-view-obstacle.c  the layer that cannot work
 *   diagram-view-paint.c  diagram, legend, export */
#pragma once

#include "ui/diagram-camera.h"
#include "ui/diagram-view.h"
#include "ui/draw/diagram-paint.h"
#include <adwaita.h>

/* A change of folding while it moves: everything is painted from both layouts, faded into each
 * other; what is below the changed block slides. All in the new layout's units. */
typedef struct {
  LwDiagramLayout *from; /* NULL: nothing moves */
  double dx, dy;         /* from → new */
  double top, old_bottom, new_bottom;
  double progress; /* 0 … 1 */
} LwDiagramFold;

struct _LwDiagramView {
  GtkWidget parent;
  LwWorkbench *workbench;
  LwText *text;
  char *font; /* the family that `text` was made for */
  LwDiagramState *state;
  LwDiagramLayout *layout;
  LwCount count;
  char *description;

  LwDiagramCamera camera;
  bool placed;           /* the camera was set for this graph */
  bool home;             /* and is where it was set: it follows the view's size */
  int width, height;     /* of the view, when it was last looked at */
  bool picking;          /* the selection comes from here */
  bool folded_by_click;  /* the second click of a double click is not meant for what moved there */
  double drag_x, drag_y; /* of the drag so far */
  double pinch_zoom;     /* when the pinch began */
  double pointer_x, pointer_y;

  LwDiagramFold fold;
  AdwAnimation *fold_animation, *glide_animation;
  LwDiagramCamera glide_from, glide_to;
};

/* diagram-view.c */
const LwTheme *lw_diagram_view_theme (void);
LwDiagramSpot lw_diagram_view_selected (LwDiagramView *self);
/* Jumps, or glides there. */
void lw_diagram_view_set_camera (LwDiagramView *self, LwDiagramCamera camera);
void lw_diagram_view_glide (LwDiagramView *self, LwDiagramCamera camera);
/* Stays where a glide is now. */
void lw_diagram_view_stop (LwDiagramView *self);
/* Marks a spot for all pages; `show`: brings it into view. */
void lw_diagram_view_pick (LwDiagramView *self, LwDiagramSpot spot, bool show);
void lw_diagram_view_show_spot (LwDiagramView *self, LwDiagramSpot spot);
/* A new layout for the state; the old one is handed over. */
LwDiagramLayout *lw_diagram_view_relayout (LwDiagramView *self);

/* diagram-view-fold.c */
void lw_diagram_view_init_fold (LwDiagramView *self);
void lw_diagram_view_end_fold (LwDiagramView *self);
/* `anchor`: what stays where it is. Call after the state has changed. */
void lw_diagram_view_refold (LwDiagramView *self, LwDiagramSpot anchor);
/* Folds or unfolds what is at a spot: a block, a group, the block around a layer. */
void lw_diagram_view_toggle_spot (LwDiagramView *self, LwDiagramSpot spot);
/* All blocks of the same level. */
void lw_diagram_view_toggle_level (LwDiagramView *self, LwDiagramSpot spot);
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
void lw_diagram_view_snapshot (GtkWidget *widget, GtkSnapshot *snapshot);
