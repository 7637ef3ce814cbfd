/* LwContinueButton: goes on with a run that has ended, for so many epochs more, with its weights
 * and its optimizer's state. Its menu holds how many, and to train anew with the same settings.
 * Works by the window's actions. */
#pragma once

#include "ui/run-item.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define LW_TYPE_CONTINUE_BUTTON (lw_continue_button_get_type ())
G_DECLARE_FINAL_TYPE (LwContinueButton, lw_continue_button, LW, CONTINUE_BUTTON, GtkWidget)

GtkWidget *lw_continue_button_new (void);
/* `queues`: another run trains, and this one waits for its turn. What is offered depends on where
 * the run ended: "Continue 5 Epochs", or "Go On to Epoch 10" where it was stopped farther from its
 * end than that. */
void lw_continue_button_show (LwContinueButton *self, LwRunItem *run, bool queues);

G_END_DECLS
