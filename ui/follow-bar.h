/* LwFollowBar: a line under the Train page's strip while the selected run is one on another
 * machine: where it is, that it can only be looked at, whether the connection stands; buttons to
 * connect again at once and to end following. Hidden for all other runs. */
#pragma once

#include "ui/workbench.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define LW_TYPE_FOLLOW_BAR (lw_follow_bar_get_type ())
G_DECLARE_FINAL_TYPE (LwFollowBar, lw_follow_bar, LW, FOLLOW_BAR, GtkWidget)

GtkWidget *lw_follow_bar_new (LwWorkbench *workbench);
/* The page calls it when the selected run has something new. */
void lw_follow_bar_update (LwFollowBar *self);

G_END_DECLS
