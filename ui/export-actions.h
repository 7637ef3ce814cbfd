/* Exports as actions of the window. */
#pragma once

#include "ui/main-window.h"

G_BEGIN_DECLS

void lw_export_actions_install (LwMainWindow *window);
/* Most are of the selected run; some of what a page shows: before they are offered. */
void lw_export_actions_update (LwMainWindow *window);

/* Writes an export without asking for a name: "export-comparison", "export-distributions",
 * "export-metrics", "export-weights"; the last two on a thread. Says in a toast how it went. */
void lw_window_export (LwMainWindow *window, const char *action, const char *path);

G_END_DECLS
