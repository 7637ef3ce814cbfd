/* Following the workbench's selection without holding up the window: a widget that is on the screen
 * follows at once; one that is hidden follows a moment later, when nothing else is to be done, or
 * when it is shown. Main thread only. */
#pragma once

#include "ui/workbench.h"
#include <adwaita.h>

G_BEGIN_DECLS

typedef void (*LwFollow) (GtkWidget *widget);

/* Does `follow` after each `selection-changed`, for as long as the widget lives. */
void lw_follow_selection (GtkWidget *widget, LwWorkbench *workbench, LwFollow follow);
/* Whether the selection has changed and the widget has not followed yet: until then it shows
 * another network, and layers of the selected one mean nothing to it. */
bool lw_follow_is_due (GtkWidget *widget);

G_END_DECLS
