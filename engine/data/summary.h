/* What a student looks at before a training: how many images each class has, how bright they are,
 * and some images of each class. Pure functions of an immutable set, which take time in proportion
 * to its size: for a thread. */
#pragma once

#include "engine/data/dataset.h"
#include "engine/data/normalization.h"

G_BEGIN_DECLS

typedef struct {
  int32_t classes;
  int32_t *counts[2];            /* by LwSplit: [classes] */
  LwNormalization normalization; /* mean and deviation of the training images, values from 0 to 1 */
} LwDataSummary;

LwDataSummary *lw_data_summary_new (const LwDataset *dataset);
void lw_data_summary_free (LwDataSummary *summary);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwDataSummary, lw_data_summary_free)

/* Numbers of images, [classes][per_class]; −1 where a class has fewer. `draw` 0: the first of each
 * class, else others, the same for the same number. g_free. */
int32_t *
lw_data_pick_samples (const LwDataset *dataset, LwSplit split, int32_t per_class, uint64_t draw);

G_END_DECLS
