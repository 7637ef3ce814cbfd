/* The window's actions about reports: "report" of the selected run, and the way for a list of runs.
 * Main thread. */
#pragma once

#include "ui/main-window.h"

G_BEGIN_DECLS

void lw_report_actions_install (LwMainWindow *window);
void lw_report_actions_update (LwMainWindow *window);
/* Opens the dialog for these runs (LwRunItem, at least one; copied) and returns it. */
GtkWidget *lw_report_actions_open (LwMainWindow *window, GPtrArray *runs);

G_END_DECLS
