/* The window's actions: runs (train, pause, step, stop), data, exports. */
#pragma once

#include "ui/main-window.h"

G_BEGIN_DECLS

void lw_window_actions_install (LwMainWindow *window);
/* Enables what makes sense for the selection and the live run. */
void lw_window_actions_update (LwMainWindow *window);

/* Writes an export without asking for a name: "export-diagram", "export-charts", "export-metrics",
 * "export-weights". Says in a toast how it went. */
void lw_window_export (LwMainWindow *window, const char *action, const char *path);

G_END_DECLS
