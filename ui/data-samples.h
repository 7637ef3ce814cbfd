/* LwDataSamples: what the data page shows of a set, made on threads: its numbers (LwDataSummary),
 * and some images of each class, as they are or as a training's augmentation makes them. Signal
 * `changed`: other numbers or images are there. Main thread. */
#pragma once

#include "engine/data/augment.h"
#include "engine/data/summary.h"
#include "ui/draw/tiles.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define LW_TYPE_DATA_SAMPLES (lw_data_samples_get_type ())
G_DECLARE_FINAL_TYPE (LwDataSamples, lw_data_samples, LW, DATA_SAMPLES, GObject)

LwDataSamples *lw_data_samples_new (void);
/* NULL: none. What was shown goes at once. */
void lw_data_samples_set_dataset (LwDataSamples *self, LwDataset *dataset);
void lw_data_samples_set_split (LwDataSamples *self, LwSplit split);
/* Other images of each class; and another draw of the same. */
void lw_data_samples_next (LwDataSamples *self);
void lw_data_samples_redraw (LwDataSamples *self);
/* All zero: as they are. Of test images nothing is changed. */
void lw_data_samples_set_augmentation (LwDataSamples *self, const LwAugmentation *augmentation);

LwDataset *lw_data_samples_dataset (LwDataSamples *self);           /* of what is shown, or NULL */
const LwDataSummary *lw_data_samples_summary (LwDataSamples *self); /* NULL: not yet */
const char *const *lw_data_samples_names (LwDataSamples *self);     /* of the classes, translated */
LwSplit lw_data_samples_split (LwDataSamples *self); /* of the images that are shown */
bool lw_data_samples_is_working (LwDataSamples *self);
/* [classes][per_class]; NULL: not yet. Until the next `changed`. */
const LwTile *lw_data_samples_tiles (LwDataSamples *self, int32_t *ret_per_class);
/* The number of an image in its split; −1: there is none. */
int32_t lw_data_samples_index (LwDataSamples *self, int32_t label, int32_t column);

G_END_DECLS
