/* Opening ONNX files as an action of the window. */
#pragma once

#include "ui/main-window.h"

G_BEGIN_DECLS

void lw_onnx_actions_install (LwMainWindow *window);
/* Opens a file without asking which; says in a toast what is wrong with it. */
void lw_onnx_actions_open (LwMainWindow *window, const char *path);

G_END_DECLS
