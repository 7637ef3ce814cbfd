/* A small picture of batch normalization: the block of values that share one mean. Threads: the
 * LwText's. */
#pragma once

#include "ui/draw/text.h"

G_BEGIN_DECLS

/* The N × C × H × W block of a batch seen from the front, one channel marked: the values that are
 * normalized together. A linear layer has height and width 1. At most 12 channels are drawn one by
 * one. */
typedef struct {
  int images, channels, height, width;
  int channel; /* marked */
} LwBatchBlock;

void lw_batch_block_paint (cairo_t *cr, const LwTheme *theme, LwText *text,
                           const LwBatchBlock *block, cairo_rectangle_t place);
/* "256 images × 16 channels × 8 × 8, channel 4 marked: 16,384 values". g_free. */
char *lw_batch_block_describe (const LwBatchBlock *block);

G_END_DECLS
