#include "ui/image-tile.h"

#include <glib/gi18n.h>
#include <inttypes.h>

LwTile
lw_example_tile (LwDataset *dataset, LwSplit split, int32_t index)
{
  const bool colour = lw_dataset_channels (dataset) == 3;

  return (LwTile){ .kind = colour ? LW_TILE_RGB : LW_TILE_GREY,
                   .bytes = lw_dataset_image (dataset, split, index),
                   .rows = lw_dataset_height (dataset),
                   .columns = lw_dataset_width (dataset) };
}

LwTile
lw_image_tile (LwDataset *dataset, int32_t index)
{
  return lw_example_tile (dataset, LW_SPLIT_TEST, index);
}

LwTile
lw_input_tile (const float *input, LwShape shape)
{
  return (LwTile){ .kind = shape.c == 3 ? LW_TILE_RGB : LW_TILE_GREY,
                   .values = input,
                   .rows = shape.h,
                   .columns = shape.w,
                   .scale = { LW_MAP_GREY, 0, 1 } };
}

char *
lw_activation_source_words (LwActivationSource *source)
{
  int64_t step;
  double epoch;

  switch (lw_activation_source_kind (source, &step, &epoch)) {
  case LW_WEIGHTS_BEST:
    return g_strdup_printf (_ ("best weights: epoch %d"), (int)epoch);
  case LW_WEIGHTS_EPOCH:
    return g_strdup_printf (_ ("weights after epoch %d"), (int)epoch);
  case LW_WEIGHTS_LIVE:
  case LW_WEIGHTS_STEP:
    return g_strdup_printf (_ ("after iteration %" PRId64), step);
  case LW_WEIGHTS_FILE:
    return g_strdup (_ ("the file's weights"));
  case LW_WEIGHTS_INITIAL:
    break;
  }
  return g_strdup (_ ("initial, random weights"));
}

char *
lw_prediction_heading (LwActivationSource *source)
{
  int64_t step;
  double epoch;

  switch (lw_activation_source_kind (source, &step, &epoch)) {
  case LW_WEIGHTS_BEST:
  case LW_WEIGHTS_EPOCH:
    return g_strdup_printf (_ ("Prediction after epoch %d"), (int)epoch);
  case LW_WEIGHTS_LIVE:
  case LW_WEIGHTS_STEP:
  case LW_WEIGHTS_FILE:
    return g_strdup (_ ("Prediction"));
  case LW_WEIGHTS_INITIAL:
    break;
  }
  return g_strdup (_ ("Prediction, untrained"));
}

int32_t
lw_first_image_of_class (LwDataset *dataset, int32_t label)
{
  const int32_t n = lw_dataset_size (dataset, LW_SPLIT_TEST);

  for (int32_t i = 0; i < n; i++)
    if (lw_dataset_label (dataset, LW_SPLIT_TEST, i) == label)
      return i;
  return 0;
}

LwTileGrid
lw_activation_grid (const float *values, LwShape shape)
{
  const bool vector = shape.h == 1 && shape.w == 1;
  LwTileGrid grid = { .values = values,
                      .n = vector ? 1 : shape.c,
                      .rows = shape.h,
                      .columns = shape.w,
                      .scale = lw_scale_for (values, (size_t)lw_shape_size (shape)),
                      .selected = -1 };

  if (vector) { /* one row; the grid has no partly filled tiles */
    grid.rows = 1;
    grid.columns = shape.c;
  }
  return grid;
}
