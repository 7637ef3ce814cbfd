/* LwHistogram: how values are spread, one or two distributions over one fixed axis. Heights are
 * densities, so that distributions of different sizes compare. Threads: the LwText's. */
#pragma once

#include "ui/draw/text.h"

G_BEGIN_DECLS

typedef enum {
  LW_HISTOGRAM_FILLED,  /* filled under its outline */
  LW_HISTOGRAM_OUTLINE, /* dashed: the ghost to compare with */
  LW_HISTOGRAM_BARS,    /* separate bars */
} LwHistogramForm;

/* `counts` over equal bins from the histogram's min to its max. */
typedef struct {
  LwHistogramForm form;
  const double *counts;
  int n_bins;
  LwColour colour;
  double mark; /* a vertical line, such as the mean; NAN: none. Dashed for outlines */
} LwHistogramShape;

typedef struct {
  const LwHistogramShape *shapes;
  int n_shapes;
  double min, max;
  bool zero_line; /* dashed, at 0 */
  bool ends_only; /* numbers at the ends and at 0; else at ticks, with a grid */
} LwHistogram;

/* Counts finite values into `n_bins` bins over [min, max]; returns how many fell outside. */
size_t lw_histogram_count (const float *values, size_t n, double min, double max, int n_bins,
                           double *ret_counts);
/* Mean and deviation of the finite values; NAN without any. */
void lw_histogram_moments (const float *values, size_t n, double *ret_mean, double *ret_deviation);

/* The axis and its numbers take the lowest 18 px of `place`. */
void lw_histogram_paint (cairo_t *cr, const LwTheme *theme, LwText *text,
                         const LwHistogram *histogram, cairo_rectangle_t place);
/* "Normalized, mean 0.00, deviation 1.00". g_free. */
char *lw_histogram_describe (const char *title, double mean, double deviation);

G_END_DECLS
