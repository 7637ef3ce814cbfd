#include "ui/image-tile.h"

#include <glib/gi18n.h>

LwTile
lw_image_tile (LwDataset *dataset, int32_t index)
{
  const bool colour = lw_dataset_channels (dataset) == 3;

  return (LwTile){ .kind = colour ? LW_TILE_RGB : LW_TILE_GREY,
                   .bytes = lw_dataset_image (dataset, LW_SPLIT_TEST, index),
                   .rows = lw_dataset_height (dataset),
                   .columns = lw_dataset_width (dataset) };
}

char *
lw_activation_source_words (LwActivationSource *source)
{
  int32_t epoch;
  const int64_t step = lw_activation_source_step (source, &epoch);

  if (step == -2)
    return g_strdup_printf (_ ("best weights: epoch %d"), epoch);
  if (step <= 0)
    return g_strdup (_ ("initial, random weights"));
  return g_strdup_printf (_ ("after iteration %" G_GINT64_FORMAT), step);
}

char *
lw_prediction_heading (LwActivationSource *source)
{
  int32_t epoch;
  const int64_t step = lw_activation_source_step (source, &epoch);

  if (step == -2)
    return g_strdup_printf (_ ("Prediction after epoch %d"), epoch);
  return g_strdup (step <= 0 ? _ ("Prediction, untrained") : _ ("Prediction"));
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
