/* LwFollowDialog: asks for the address of a run on another machine, connects, lets one of several
 * runs be chosen, and closes once the run is followed. An address that was followed before is a
 * click away. Main thread only. */
#pragma once

#include "ui/workbench.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define LW_TYPE_FOLLOW_DIALOG (lw_follow_dialog_get_type ())
G_DECLARE_FINAL_TYPE (LwFollowDialog, lw_follow_dialog, LW, FOLLOW_DIALOG, AdwWindow)

/* `address`: connects to it at once; NULL: asks. Signal `following` (LwFollowedRun): it does. */
GtkWidget *lw_follow_dialog_new (LwWorkbench *workbench, const char *address);

G_END_DECLS
