/* LwWelcomePage: what a person sees at the first start, and from the menu: three ways in, and which
 * data and which device were found. The first trains a network at once.
 *
 * Signal `go`, with where to: "train" (LeNet with batch normalization is selected and can be
 * trained), "explore" (ResNet-18 is selected), "compare" (AlexNet beside NiN is wanted). */
#pragma once

#include "ui/workbench.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define LW_TYPE_WELCOME_PAGE (lw_welcome_page_get_type ())
G_DECLARE_FINAL_TYPE (LwWelcomePage, lw_welcome_page, LW, WELCOME_PAGE, GtkWidget)

GtkWidget *lw_welcome_page_new (LwWorkbench *workbench);
/* Takes the keyboard to the first card. */
void lw_welcome_page_focus (LwWelcomePage *self);

G_END_DECLS
