/* LwRidges: a distribution over the moments of a run: one curve a moment, each before the one of
 * the moment before, the oldest behind and palest. Heights are the square root of the density, all
 * by one scale, so that thin tails are seen beside a peak.
 *
 * The axis and its numbers take the lowest 18 px of the place. Nothing is kept: pointers must live
 * only as long as a call. Threads: the LwText's. */
#pragma once

#include "engine/distribution.h"
#include "ui/draw/text.h"

G_BEGIN_DECLS

typedef struct {
  double from, to;
} LwRidgeTint;

typedef struct {
  const LwDistribution *ridges; /* oldest first; those without values are left out */
  int n;
  const char *const *labels; /* [n], right of the curves where there is room: "epoch 3"; or NULL */
  double min, max;           /* the axis */
  LwColour colour;
  LwRidgeTint tints[2]; /* the flat ends of a sigmoid */
  int n_tints;
  const LwDistribution *other; /* another run's newest, a dashed outline over ours; or NULL */
  LwColour other_colour;
  LwColour ground; /* what lies under the place: pale is near to it */
} LwRidges;

void lw_ridges_paint (cairo_t *cr, const LwTheme *theme, LwText *text, const LwRidges *ridges,
                      cairo_rectangle_t place);
/* The curve at a point: the front one of those that cover it, else the one with the nearest base;
 * −1 outside of the plot. `ret_value`: x in data. */
int lw_ridges_at (const LwRidges *ridges, cairo_rectangle_t place, double x, double y,
                  double *ret_value);
/* The bin of `value`: its ends and its share of the values; false outside of the curve's bins. */
bool lw_ridges_bin (const LwRidges *ridges, int ridge, double value, double *ret_from,
                    double *ret_to, double *ret_share);
/* Over what was painted: the curve strong, a rule at `value`, and a card with `heading` and the bin
 * read out, which stays within `bounds`. */
void lw_ridges_paint_hover (cairo_t *cr, const LwTheme *theme, LwText *text, const LwRidges *ridges,
                            cairo_rectangle_t place, int ridge, double value, const char *heading,
                            cairo_rectangle_t bounds);
/* "0.25 to 0.28: 3.1 % of the values", or "No value here". g_free. */
char *lw_ridges_words (const LwRidges *ridges, int ridge, double value);

/* Where things are, for tests and pointers: y of a curve's base, and its height at a bin's middle.
 */
double lw_ridges_base (const LwRidges *ridges, cairo_rectangle_t place, int ridge);
double lw_ridges_height (const LwRidges *ridges, cairo_rectangle_t place, int ridge, int bin);

G_END_DECLS
