/* LwPictureChooser: a picture of the student's own instead of an example: three buttons, Open…,
 * Draw and Paste, and what belongs to them, to stand where its owner puts it. Pictures that are
 * dropped come through picture-drop.h. A light ground becomes dark by itself for a network of one
 * channel, whose examples are light on black.
 *
 * Signals: `changed` (another picture, light and dark exchanged, or none any more), `complained` (a
 * sentence: a picture could not be had). Main thread. */
#pragma once

#include "ui/own-picture.h"
#include "ui/workbench.h"

G_BEGIN_DECLS

#define LW_TYPE_PICTURE_CHOOSER (lw_picture_chooser_get_type ())
G_DECLARE_FINAL_TYPE (LwPictureChooser, lw_picture_chooser, LW, PICTURE_CHOOSER, GtkWidget)

GtkWidget *lw_picture_chooser_new (LwWorkbench *workbench);
/* The canvas (an LwSketchPad): the owner shows it while it is drawn on. */
GtkWidget *lw_picture_chooser_canvas (LwPictureChooser *self);
/* The check button for light and dark; the owner shows it while there is a picture. */
GtkWidget *lw_picture_chooser_invert (LwPictureChooser *self);

LwOwnPicture *lw_picture_chooser_picture (LwPictureChooser *self); /* NULL: none */
bool lw_picture_chooser_inverts (LwPictureChooser *self);
bool lw_picture_chooser_draws (LwPictureChooser *self);
void lw_picture_chooser_use (LwPictureChooser *self, LwOwnPicture *picture);
void lw_picture_chooser_open (LwPictureChooser *self, GFile *file); /* on a thread */
void lw_picture_chooser_paste (LwPictureChooser *self);
/* No picture any more, without `changed`. */
void lw_picture_chooser_drop (LwPictureChooser *self);

G_END_DECLS
