/* LwQueueBar: an inline bar of the Train page at the program's start when an earlier session left
 * runs that wait: "3 runs are waiting", Go On or Forget. */
#pragma once

#include "ui/run-queue.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define LW_TYPE_QUEUE_BAR (lw_queue_bar_get_type ())
G_DECLARE_FINAL_TYPE (LwQueueBar, lw_queue_bar, LW, QUEUE_BAR, GtkWidget)

GtkWidget *lw_queue_bar_new (LwWorkbench *workbench);

G_END_DECLS
