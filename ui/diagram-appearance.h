/* LwDiagramAppearance: what the diagram's colours stand for, and what its boxes say: a drop-down
 * and a menu of the toolbar. Main thread. */
#pragma once

#include "ui/diagram-view.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS

#define LW_TYPE_DIAGRAM_APPEARANCE (lw_diagram_appearance_get_type ())
G_DECLARE_FINAL_TYPE (LwDiagramAppearance, lw_diagram_appearance, LW, DIAGRAM_APPEARANCE, GtkWidget)

GtkWidget *lw_diagram_appearance_new (LwDiagramView *diagram);

G_END_DECLS
