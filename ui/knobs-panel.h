/* LwKnobsPanel: every knob of the selected network's builder as a control. Main thread. */
#pragma once

#include "ui/workbench.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS

#define LW_TYPE_KNOBS_PANEL (lw_knobs_panel_get_type ())
G_DECLARE_FINAL_TYPE (LwKnobsPanel, lw_knobs_panel, LW, KNOBS_PANEL, GtkWidget)

GtkWidget *lw_knobs_panel_new (LwWorkbench *workbench);

G_END_DECLS
