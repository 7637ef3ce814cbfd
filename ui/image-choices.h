/* LwImageChoices: six of the examples that a picker (image-picker.h) chooses among, as thumbnails:
 * those around the picked one. A click picks. Main thread. */
#pragma once

#include "ui/image-picker.h"

G_BEGIN_DECLS

#define LW_TYPE_IMAGE_CHOICES (lw_image_choices_get_type ())
G_DECLARE_FINAL_TYPE (LwImageChoices, lw_image_choices, LW, IMAGE_CHOICES, GtkWidget)

/* `width`: of the whole, for three in a row. */
GtkWidget *lw_image_choices_new (LwWorkbench *workbench, LwImagePicker *picker, int width);
/* `marked`: the picked one is what is looked at. */
void lw_image_choices_show (LwImageChoices *self, bool marked);

G_END_DECLS
