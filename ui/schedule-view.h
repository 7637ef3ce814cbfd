/* LwScheduleView: the learning rate over the epochs of what is selected: of the next run as its
 * settings stand, or of a run with what was changed while it trained and where it stands. A picture
 * with a sentence that says the same below, and a switch to a logarithmic axis. */
#pragma once

#include "ui/workbench.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define LW_TYPE_SCHEDULE_VIEW (lw_schedule_view_get_type ())
G_DECLARE_FINAL_TYPE (LwScheduleView, lw_schedule_view, LW, SCHEDULE_VIEW, GtkWidget)

GtkWidget *lw_schedule_view_new (LwWorkbench *workbench);
/* A button that opens it in a popover. */
GtkWidget *lw_schedule_button_new (LwWorkbench *workbench);

G_END_DECLS
