/* LwMemoryView: what lies in memory over the steps of one iteration, and how large the batch may
 * be. Main thread. */
#pragma once

#include "ui/workbench.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS

#define LW_TYPE_MEMORY_VIEW (lw_memory_view_get_type ())
G_DECLARE_FINAL_TYPE (LwMemoryView, lw_memory_view, LW, MEMORY_VIEW, GtkWidget)

GtkWidget *lw_memory_view_new (LwWorkbench *workbench);

G_END_DECLS
