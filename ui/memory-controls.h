/* LwMemoryControls: the device and the optimizer that the Memory page plans for, in the toolbar.
 * Main thread. */
#pragma once

#include "ui/memory-planner.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS

#define LW_TYPE_MEMORY_CONTROLS (lw_memory_controls_get_type ())
G_DECLARE_FINAL_TYPE (LwMemoryControls, lw_memory_controls, LW, MEMORY_CONTROLS, GtkWidget)

/* `planner`: kept. */
GtkWidget *lw_memory_controls_new (LwWorkbench *workbench, LwMemoryPlanner *planner);

G_END_DECLS
