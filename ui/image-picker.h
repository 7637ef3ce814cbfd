/* LwImagePicker: which example of the data set: its split and number, the one before and after, one
 * at random, only those of a class, and the next that the network takes for another class. Signals:
 * `picked`, `mistake-asked` (int: +1). Main thread. */
#pragma once

#include "ui/workbench.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define LW_TYPE_IMAGE_PICKER (lw_image_picker_get_type ())
G_DECLARE_FINAL_TYPE (LwImagePicker, lw_image_picker, LW, IMAGE_PICKER, GtkWidget)

GtkWidget *lw_image_picker_new (LwWorkbench *workbench);
LwSplit lw_image_picker_split (LwImagePicker *self);
int32_t lw_image_picker_index (LwImagePicker *self);
int32_t lw_image_picker_class (LwImagePicker *self); /* −1: any */
/* As if it had been picked; one of another class ends the choice of a class. */
void lw_image_picker_pick (LwImagePicker *self, LwSplit split, int32_t index);
/* How many there are to choose from, the place of the picked one among them, and which they are. */
int lw_image_picker_n (LwImagePicker *self);
int lw_image_picker_place (LwImagePicker *self);
int32_t lw_image_picker_at (LwImagePicker *self, int place);
/* While a search for a mistake is under way. */
void lw_image_picker_set_searching (LwImagePicker *self, bool searching);

G_END_DECLS
