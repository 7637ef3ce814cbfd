/* LwVolumesView: the selected network as a row of blocks in space, each as large as what leaves it.
 * Main thread. */
#pragma once

#include "ui/workbench.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS

#define LW_TYPE_VOLUMES_VIEW (lw_volumes_view_get_type ())
G_DECLARE_FINAL_TYPE (LwVolumesView, lw_volumes_view, LW, VOLUMES_VIEW, GtkWidget)

GtkWidget *lw_volumes_view_new (LwWorkbench *workbench);

G_END_DECLS
