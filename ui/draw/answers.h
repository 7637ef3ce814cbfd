/* LwAnswer: a labelled image and what a network says it is: a tile with two lines, the prediction
 * and the true class, each with the bar of its probability; and the small form, three lines of
 * words. Units: logical pixels. Threads: the LwText's. */
#pragma once

#include "ui/draw/tiles.h"

G_BEGIN_DECLS

typedef struct {
  LwTile image;
  const char *predicted, *label;       /* names */
  double predicted_share, label_share; /* probabilities; NaN: not known */
  bool right, marked;
} LwAnswer;

/* The height of a tile `width` wide. */
double lw_answer_height (double width, bool small);
void lw_answer_paint (cairo_t *cr, const LwTheme *theme, LwText *text, const LwAnswer *answer,
                      double x, double y, double width, bool small);
/* "pullover taken for shirt, probability 0.90, of pullover 0.04"; g_free. */
char *lw_answer_describe (const LwAnswer *answer);

/* The colours of the prediction and of the true class, wherever they are drawn. */
LwColour lw_answer_predicted_colour (const LwTheme *theme);
LwColour lw_answer_label_colour (const LwTheme *theme);

G_END_DECLS
