/* The window's actions on data: win.show-data (the page), win.open-data, win.open-data-file,
 * win.use-shapes and win.use-fashion-mnist. */
#pragma once

#include "ui/main-window.h"

G_BEGIN_DECLS

void lw_data_actions_install (LwMainWindow *window);

G_END_DECLS
