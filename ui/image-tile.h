/* Helpers that several views of feature maps share: a test image as a tile, the words for where
 * values come from, and the first image of each class. Main thread. */
#pragma once

#include "ui/activation-source.h"
#include "ui/draw/tiles.h"

G_BEGIN_DECLS

/* An image of the set; grey or colour. Points into the set. */
LwTile lw_example_tile (LwDataset *dataset, LwSplit split, int32_t index);
LwTile lw_image_tile (LwDataset *dataset, int32_t index); /* of the test */
/* What a network reads, [C][H][W] from 0 to 1. Points into it. */
LwTile lw_input_tile (const float *input, LwShape shape);
/* "after iteration 600", "initial, random weights", "best weights: epoch 7", "weights after epoch
 * 3"; g_free. */
char *lw_activation_source_words (LwActivationSource *source);
/* The heading of what the network makes of the image: "Prediction after epoch 7"; g_free. */
char *lw_prediction_heading (LwActivationSource *source);
/* The first test image of a class; 0 when there is none. */
int32_t lw_first_image_of_class (LwDataset *dataset, int32_t label);
/* A layer's values as a grid; vectors become maps of one pixel folded to one tile. */
LwTileGrid lw_activation_grid (const float *values, LwShape shape);

G_END_DECLS
