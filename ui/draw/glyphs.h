/* Small pictures of batch normalization: a channel's γ or β as a dot on a stem, and the block of
 * values that share one mean. Threads: the LwText's. */
#pragma once

#include "ui/draw/text.h"

G_BEGIN_DECLS

/* A dot at `value` on a stem from `reference` (γ starts at 1, β at 0), which is dashed from the top
 * to the bottom of the row, so that rows below one another make one line. */
typedef struct {
  double value, reference;
  double min, max; /* the axis: the same for all rows */
} LwStem;

/* The axis for a column of stems: all finite values and the reference. */
void
lw_stem_range (const float *values, size_t n, double reference, double *ret_min, double *ret_max);
/* Within `place`, a table cell. A value that is not finite: the reference line only. */
void lw_stem_paint (cairo_t *cr, const LwTheme *theme, const LwStem *stem, cairo_rectangle_t place);
/* "scale γ 1.41, starts at 1". g_free. */
char *lw_stem_describe (const LwStem *stem, const char *name);

/* The N × C × H × W block of a batch seen from the front, one channel marked: the values that are
 * normalized together. A linear layer has height and width 1. At
 * most 12 channels are drawn one by one. */
typedef struct {
  int images, channels, height, width;
  int channel; /* marked */
} LwBatchBlock;

void lw_batch_block_paint (cairo_t *cr, const LwTheme *theme, LwText *text,
                           const LwBatchBlock *block, cairo_rectangle_t place);
/* "256 images × 16 channels × 8 × 8, channel 4 marked: 16,384 values". g_free. */
char *lw_batch_block_describe (const LwBatchBlock *block);

G_END_DECLS
