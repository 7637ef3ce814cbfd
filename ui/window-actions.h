/* The window's actions: runs (train, pause, step, stop), pages, and those of the files beside
 * (data-, export-, runs-, run-report- and variant-actions). */
#pragma once

#include "ui/main-window.h"

G_BEGIN_DECLS

void lw_window_actions_install (LwMainWindow *window);
/* Enables what makes sense for the selection and the live run. */
void lw_window_actions_update (LwMainWindow *window);

G_END_DECLS
