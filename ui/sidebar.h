/* LwSidebar: the architectures and the runs, with one selection between them. */
#pragma once

#include "ui/workbench.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define LW_TYPE_SIDEBAR (lw_sidebar_get_type ())
G_DECLARE_FINAL_TYPE (LwSidebar, lw_sidebar, LW, SIDEBAR, GtkWidget)

void lw_sidebar_set_workbench (LwSidebar *self, LwWorkbench *workbench);

G_END_DECLS
