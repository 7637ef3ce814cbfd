/* LwImageChooser: the left column of the feature-map view: the chosen test image, twelve to choose
 * from (the first of the test set), and what the network predicts for it. Signal `chosen`. */
#pragma once

#include "ui/activation-source.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define LW_TYPE_IMAGE_CHOOSER (lw_image_chooser_get_type ())
G_DECLARE_FINAL_TYPE (LwImageChooser, lw_image_chooser, LW, IMAGE_CHOOSER, GtkWidget)

GtkWidget *lw_image_chooser_new (LwWorkbench *workbench);
int32_t lw_image_chooser_index (LwImageChooser *self);
/* [classes], or NULL: none yet. */
void lw_image_chooser_show_prediction (LwImageChooser *self, const char *heading,
                                       const float *probabilities);
/* Frames the stretch of pixels that the chosen unit sees, in pixels of the set's images; side 0:
 * none. */
void lw_image_chooser_frame (LwImageChooser *self, double x, double y, double side);

G_END_DECLS
