/* How a picture of a student's own comes in: from a file that is chosen or named, and from the
 * clipboard. `done` is called later, once, on the main thread, while `widget` is alive and in a
 * window: with a picture, or with a sentence why there is none. */
#pragma once

#include "ui/own-picture.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS

typedef void (*LwPictureFunc) (GtkWidget *widget, LwOwnPicture *picture, const char *problem);

void lw_picture_open (GtkWidget *widget, GFile *file, LwPictureFunc done);
void lw_picture_choose_file (GtkWidget *widget, LwPictureFunc done);
void lw_picture_paste (GtkWidget *widget, LwPictureFunc done);

G_END_DECLS
