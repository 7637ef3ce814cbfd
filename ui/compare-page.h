/* LwComparePage: two to four architectures side by side, their differences marked. Main thread. */
#pragma once

#include "ui/workbench.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS

#define LW_TYPE_COMPARE_PAGE (lw_compare_page_get_type ())
G_DECLARE_FINAL_TYPE (LwComparePage, lw_compare_page, LW, COMPARE_PAGE, GtkWidget)

GtkWidget *lw_compare_page_new (LwWorkbench *workbench);

G_END_DECLS
