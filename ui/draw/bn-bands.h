/* LwBnBands: how running values come about: rows of two charts, the whole run (the batches' values
 * as a band from the lowest to the highest and a thin line, the running value as a strong one) and
 * the last batches one by one as dots. Texts in it are shown as they are, already translated.
 * Threads: the LwText's. Nothing is kept. */
#pragma once

#include "ui/draw/text.h"
#include "ui/draw/ticks.h"

G_BEGIN_DECLS

enum { LW_BN_MOST_ROWS = 2 };

typedef struct {
  const char *title; /* "Mean" */
  /* The whole run, [n]. NULL: without. */
  const float *low, *high, *batch, *running;
  /* The last batches, [n_recent]. */
  const float *recent, *recent_running;
  bool never_negative; /* variances: the axis begins at 0 and leaves out rare peaks, counted */
  double start;        /* a dashed line where γ and β began; NAN: none */
} LwBnBand;

typedef struct {
  LwBnBand rows[LW_BN_MOST_ROWS];
  int n_rows;
  int n, n_recent;
  const double *epochs;  /* [n], ascending */
  double until;          /* the epoch that is looked at: what came later is faint; NAN: the end */
  const int64_t *steps;  /* [n_recent], ascending */
  const char *names[3];  /* legend: the band and its line, the running line, the last batches */
  double rule_x, rule_y; /* the pointer; NAN: none */
} LwBnBands;

typedef struct {
  cairo_rectangle_t plot;
  double x_min, x_max, y_min, y_max;
  LwTicks ticks;
  int outside; /* values above the axis */
} LwBnPlot;

typedef struct {
  cairo_rectangle_t area;
  LwBnPlot plots[LW_BN_MOST_ROWS][2]; /* the whole run, the last batches */
} LwBnBandsLayout;

void
lw_bn_bands_layout (const LwBnBands *bands, cairo_rectangle_t area, LwBnBandsLayout *ret_layout);
void lw_bn_bands_paint (cairo_t *cr, const LwTheme *theme, LwText *text, const LwBnBands *bands,
                        const LwBnBandsLayout *layout);
/* What stands at the rule: "epoch 2.60: batch −2.72 (−2.90 to −2.51), running −2.45"; NULL: no rule
 * in a chart. g_free. */
char *lw_bn_bands_readout (const LwBnBands *bands, const LwBnBandsLayout *layout);
/* "Mean, batch −2.72, running −2.45, epoch 10": the newest values, or those of `until`. g_free. */
char *lw_bn_bands_describe (const LwBnBands *bands, int row);

G_END_DECLS
