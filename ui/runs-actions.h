/* The window's actions about several runs: queue the draft, repeat it with other seeds, open a
 * further folder of runs. Main thread. */
#pragma once

#include "ui/main-window.h"

G_BEGIN_DECLS

void lw_runs_actions_install (LwMainWindow *window);
void lw_runs_actions_update (LwMainWindow *window);

G_END_DECLS
