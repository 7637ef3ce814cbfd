/* LwQueueView: the runs that wait, in the sidebar above those that ran: one row each with its place
 * and buttons to move and remove it; above them what is left of the time, Pause, and a menu. Keys
 * on a row: Alt+Up, Alt+Down, Delete. Not visible while nothing waits. */
#pragma once

#include "ui/run-queue.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define LW_TYPE_QUEUE_VIEW (lw_queue_view_get_type ())
G_DECLARE_FINAL_TYPE (LwQueueView, lw_queue_view, LW, QUEUE_VIEW, GtkWidget)

void lw_queue_view_set_workbench (LwQueueView *self, LwWorkbench *workbench);

/* "12 min": a time that nobody needs to the second; g_free. */
char *lw_rough_time (double seconds);

G_END_DECLS
