/* LwImageChooser: the left column of the feature-map view: the picture that the network looks at, a
 * choice among the examples of the data set (image-picker.h) with six of them as thumbnails, a
 * picture of the student's own (picture-chooser.h), and what the network predicts for it. Tells an
 * LwActivationSource. Signal `complained` (a sentence): a picture could not be had. Main thread. */
#pragma once

#include "ui/activation-source.h"
#include "ui/picture-chooser.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define LW_TYPE_IMAGE_CHOOSER (lw_image_chooser_get_type ())
G_DECLARE_FINAL_TYPE (LwImageChooser, lw_image_chooser, LW, IMAGE_CHOOSER, GtkWidget)

GtkWidget *lw_image_chooser_new (LwWorkbench *workbench, LwActivationSource *source);
/* Frames the stretch of pixels that the chosen unit sees, in pixels of the network's input; side 0:
 * none. */
void lw_image_chooser_frame (LwImageChooser *self, double x, double y, double side);
LwPictureChooser *lw_image_chooser_own (LwImageChooser *self);

G_END_DECLS
