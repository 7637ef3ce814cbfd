/* LwChangeView: what the changed knobs do to the network: totals and parameters by layer, the
 * book's beside yours. Main thread. */
#pragma once

#include "ui/workbench.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS

#define LW_TYPE_CHANGE_VIEW (lw_change_view_get_type ())
G_DECLARE_FINAL_TYPE (LwChangeView, lw_change_view, LW, CHANGE_VIEW, GtkWidget)

GtkWidget *lw_change_view_new (LwWorkbench *workbench);

G_END_DECLS
