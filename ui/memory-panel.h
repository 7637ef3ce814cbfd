/* LwMemoryPanel: the right side of the Memory page: the batch, the largest that fits, and where the
 * memory goes in training and in inference. Main thread. */
#pragma once

#include "ui/memory-planner.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define LW_TYPE_MEMORY_PANEL (lw_memory_panel_get_type ())
G_DECLARE_FINAL_TYPE (LwMemoryPanel, lw_memory_panel, LW, MEMORY_PANEL, GtkWidget)

/* `planner`: kept. */
GtkWidget *lw_memory_panel_new (LwMemoryPlanner *planner);

G_END_DECLS
