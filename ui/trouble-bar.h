/* LwTroubleBar: a line under the Train page's strip when something is wrong with the selected run:
 * what happened, why, and a button with what to try. Hidden while all is well. */
#pragma once

#include "ui/workbench.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define LW_TYPE_TROUBLE_BAR (lw_trouble_bar_get_type ())
G_DECLARE_FINAL_TYPE (LwTroubleBar, lw_trouble_bar, LW, TROUBLE_BAR, GtkWidget)

GtkWidget *lw_trouble_bar_new (LwWorkbench *workbench);
/* The page calls it when the selected run has something new. */
void lw_trouble_bar_update (LwTroubleBar *self);

G_END_DECLS
