/* LwWelcomeCard: a picture, a title, a sentence and a button: one way into the program. */
#pragma once

#include "ui/draw/welcome-picture.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS

#define LW_TYPE_WELCOME_CARD (lw_welcome_card_get_type ())
G_DECLARE_FINAL_TYPE (LwWelcomeCard, lw_welcome_card, LW, WELCOME_CARD, GtkWidget)

/* Emits `chosen` when its button is pressed. */
GtkWidget *lw_welcome_card_new (LwWelcomePicture picture, const char *title, const char *sentence,
                                const char *button, const char *icon_name);
/* Copies the strings. */
void lw_welcome_card_set_bars (LwWelcomeCard *self, const LwWelcomeBar bars[2]);
GtkWidget *lw_welcome_card_button (LwWelcomeCard *self);

G_END_DECLS
