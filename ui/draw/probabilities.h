/* LwProbabilities: the probability of each class for one image over the epochs of a run: the true
 * class solid, the predicted one dashed, all others thin and grey. Units: logical pixels. Threads:
 * the LwText's. */
#pragma once

#include "ui/draw/text.h"

#include <stdint.h>

G_BEGIN_DECLS

typedef struct {
  int32_t n, classes;
  const double *epochs;     /* [n], ascending */
  const float *values;      /* [n][classes]; NaN: a gap */
  int32_t label, predicted; /* classes; the prediction of the epoch at the rule */
  const char *const *names;
  double rule; /* an epoch; NaN: none */
} LwProbabilities;

void lw_probabilities_paint (cairo_t *cr, const LwTheme *theme, LwText *text,
                             const LwProbabilities *probabilities, cairo_rectangle_t area);
/* "probability of shirt from 0.37 in epoch 1 to 0.70 in epoch 10, of pullover …"; g_free. */
char *lw_probabilities_describe (const LwProbabilities *probabilities);
/* The epoch (index) nearest to an x; −1: there are none. */
int32_t lw_probabilities_at (const LwProbabilities *probabilities, LwText *text,
                             cairo_rectangle_t area, double x);

G_END_DECLS
