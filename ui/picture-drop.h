/* Pictures dropped anywhere on a widget, as files or as images, for an image chooser. Main thread.
 */
#pragma once

#include "ui/image-chooser.h"

G_BEGIN_DECLS

/* The chooser must live as long as the widget. */
void lw_picture_drop_accept (GtkWidget *widget, LwImageChooser *chooser);

G_END_DECLS
