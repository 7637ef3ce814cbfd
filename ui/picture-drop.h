/* Pictures dropped anywhere on a widget, as files or as images, for a picture chooser. Main
 * thread. */
#pragma once

#include "ui/picture-chooser.h"

G_BEGIN_DECLS

/* The chooser must live as long as the widget. */
void lw_picture_drop_accept (GtkWidget *widget, LwPictureChooser *chooser);

G_END_DECLS
