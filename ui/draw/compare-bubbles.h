/* Bubbles: what finished runs reached by what they cost. x is MACs, parameters or training time
 * (logarithmic), y the best test accuracy, the area parameters (never smaller than a radius of 5).
 * A label stands beside its bubble, or at the end of a leader line where it would lie on another; a
 * bubble without one (NULL) is named by its hint alone.
 *
 * The caller fills the chart; placing gives a place for each bubble, which painter and hit test
 * share. Pure functions of their arguments, one thread together with the LwText. */
#pragma once

#include "ui/draw/text.h"

G_BEGIN_DECLS

typedef enum { LW_BUBBLE_MACS, LW_BUBBLE_PARAMETERS, LW_BUBBLE_TIME, LW_N_BUBBLE_X } LwBubbleX;

typedef struct {
  const char *label, *name; /* beside it, or NULL; in words, NULL: the label */
  double x[LW_N_BUBBLE_X];  /* > 0; seconds */
  double accuracy;          /* 0 to 1 */
  int series;               /* colour; −1: not chosen, grey */
} LwBubble;

typedef struct {
  const LwBubble *bubbles;
  int n;
  LwBubbleX by;
  int hovered; /* or −1 */
} LwBubbleChart;

typedef struct {
  double x, y, radius;
  double label_x, label_y; /* left end, middle of the line */
  double label_width;
  bool leader;
} LwBubblePlace;

typedef struct {
  double x0, y0, x1, y1; /* the plot: left, top, right, bottom, pixels */
  double x_min, x_max, y_min, y_max;
  double per_root; /* radius = per_root · √parameters, at least 5 */
} LwBubbleScale;

/* `ret_places`: [n]. */
void lw_bubbles_place (const LwBubbleChart *chart, LwText *text, double width, double height,
                       LwBubbleScale *ret_scale, LwBubblePlace *ret_places);
void lw_bubbles_paint (cairo_t *cr, const LwBubbleChart *chart, const LwTheme *theme, LwText *text,
                       double width, double height);
/* The smallest bubble at a point, −1: none. */
int lw_bubbles_hit (const LwBubblePlace *places, int n, double x, double y);
/* "LeNet: accuracy 0.814, 417 k MACs, 61.7 k parameters"; g_free. */
char *lw_bubble_words (const LwBubble *bubble);
/* "3 runs, best: ResNet-18, …"; g_free. */
char *lw_bubbles_describe (const LwBubbleChart *chart);

G_END_DECLS
