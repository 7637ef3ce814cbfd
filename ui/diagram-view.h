/* LwDiagramView: the diagram of the selected network: drag and scroll to move, zoom, click to mark
 * a layer or block for all pages, fold blocks. The marked layer comes into view and is unfolded
 * when another page marks it. Read aloud as "Architecture diagram of ResNet-18" with the marked
 * layer as description. An LwZoomable. Signals: `relaid`: blocks were folded or unfolded, or it
 * shows another network; `moved`: another part of the diagram is shown, or the diagram is another
 * one; `found`: there are other matches of the search, another of them is marked, or the way
 * through another layer is shown; `appearance-changed`: other words or colours. While the knobs
 * describe an impossible network the last one is dimmed and the layer that would break is ringed.
 * Main thread. */
#pragma once

#include "ui/draw/diagram-colour.h"
#include "ui/draw/diagram-minimap.h"
#include "ui/layer-values.h"
#include "ui/workbench.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS

#define LW_TYPE_DIAGRAM_VIEW (lw_diagram_view_get_type ())
G_DECLARE_FINAL_TYPE (LwDiagramView, lw_diagram_view, LW, DIAGRAM_VIEW, GtkWidget)

GtkWidget *lw_diagram_view_new (LwWorkbench *workbench);

/* What boxes and edges say, and what their colours stand for. Signal `appearance-changed`: a choice
 * or a measured number did. They hold for every network and for exports. Times and gradient norms
 * are measured while they are shown (LwLayerValues). */
void lw_diagram_view_set_count (LwDiagramView *self, LwCount count);
LwCount lw_diagram_view_count (LwDiagramView *self);
void lw_diagram_view_set_shows (LwDiagramView *self, LwShow shows);
LwShow lw_diagram_view_shows (LwDiagramView *self);
void lw_diagram_view_set_edges (LwDiagramView *self, LwEdgeWords edges);
LwEdgeWords lw_diagram_view_edges (LwDiagramView *self);
void lw_diagram_view_set_colouring (LwDiagramView *self, LwColouring colouring);
LwColouring lw_diagram_view_colouring (LwDiagramView *self);
/* NULL: kinds; valid until the next change. */
const LwDiagramColours *lw_diagram_view_colours (LwDiagramView *self);
/* What has been measured for these colours, [n_nodes], and the legend's note; both may be NULL, and
 * are valid until the next change. */
const double *lw_diagram_view_values (LwDiagramView *self, const char **ret_note);
bool lw_diagram_view_is_measuring (LwDiagramView *self);
/* Its own, for others that show what it measures. */
LwLayerValues *lw_diagram_view_layer_values (LwDiagramView *self);
/* From how many equal neighbours on one box with × N stands for all: 3 at first; 0: never. */
void lw_diagram_view_set_grouping (LwDiagramView *self, int least);
int lw_diagram_view_grouping (LwDiagramView *self);

void lw_diagram_view_unfold_all (LwDiagramView *self);
void lw_diagram_view_fold_all (LwDiagramView *self);
/* Folds or unfolds what is at a spot: a block, a group, the block around a layer; or all blocks of
 * the same level. */
void lw_diagram_view_toggle_spot (LwDiagramView *self, LwDiagramSpot spot);
void lw_diagram_view_toggle_level (LwDiagramView *self, LwDiagramSpot spot);
/* Blocks down to this depth (1: those at the top) open, the deeper ones closed. */
void lw_diagram_view_unfold_to (LwDiagramView *self, int depth);
/* Of the deepest block; 0: nothing can be unfolded. */
int lw_diagram_view_depth (LwDiagramView *self);
/* Opens or closes one block; what was its head stays where it is on screen. */
void lw_diagram_view_toggle (LwDiagramView *self, LwBlockId block);

double lw_diagram_view_zoom (LwDiagramView *self);
void lw_diagram_view_zoom_by (LwDiagramView *self, int direction); /* a step up or down */
void lw_diagram_view_zoom_to (LwDiagramView *self, double zoom);   /* about the middle */
void lw_diagram_view_fit (LwDiagramView *self);

/* What is in view, in the layout's units; all 0 while it has no size. */
cairo_rectangle_t lw_diagram_view_shown (LwDiagramView *self);
/* Moves the view's top left corner there, as far as the diagram goes. */
void lw_diagram_view_move_to (LwDiagramView *self, double x, double y);
/* The diagram on a map, in the colours and with the marks that it has in the view. */
void lw_diagram_view_paint_map (LwDiagramView *self, cairo_t *cr, const LwMinimap *map);
/* How much of the trunk's boxes a rectangle of the widget lies over, square pixels. */
double lw_diagram_view_hidden_trunk (LwDiagramView *self, const cairo_rectangle_t *area);

/* Outlines what matches and counts it on folded blocks; "" or NULL ends that. False and a sentence
 * for a pattern that cannot be read. Stays for the next network. */
bool lw_diagram_view_search (LwDiagramView *self, const char *query, bool regex, GError **error);
/* How many match; which of them is marked (−1: none); whether blocks are among them. */
int32_t
lw_diagram_view_n_matches (LwDiagramView *self, int32_t *ret_current, bool *ret_with_blocks);
/* Marks the next match (1) or the one before (−1), unfolds what hides it and shows it. */
void lw_diagram_view_next_match (LwDiagramView *self, int direction);
/* Dims what is neither upstream nor downstream of what is marked, until it is switched off. */
void lw_diagram_view_set_tracing (LwDiagramView *self, bool tracing);
bool lw_diagram_view_is_tracing (LwDiagramView *self);

/* The diagram as it is folded now, with title, totals and legend, in light colours. */
bool lw_diagram_view_export (LwDiagramView *self, const char *path, GError **error);

/* As it is now; valid until the next change. */
const LwDiagramLayout *lw_diagram_view_layout (LwDiagramView *self);
/* What is folded, and what the boxes say; valid as long. */
const LwDiagramState *lw_diagram_view_state (LwDiagramView *self);
LwDiagramOptions lw_diagram_view_options (LwDiagramView *self);
/* Where a point of the layout is, in the widget's pixels. */
void lw_diagram_view_locate (LwDiagramView *self, double *x, double *y);
/* Where the layer that the knobs made impossible (or the block that hides it) is, in the widget's
 * pixels; false: there is none, or no network. */
bool lw_diagram_view_obstacle_rect (LwDiagramView *self, cairo_rectangle_t *ret_rect);
/* What assistive tools are told of the marked layer. */
const char *lw_diagram_view_description (LwDiagramView *self);

G_END_DECLS
