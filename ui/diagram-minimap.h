/* LwDiagramMinimap: the whole diagram in a corner of its view, there only while a part is outside.
 * Drag it, click on it or use the arrow keys to move the view. Stands at the bottom left, or above
 * the zoom buttons where it would hide the trunk. Main thread. */
#pragma once

#include "ui/diagram-view.h"

G_BEGIN_DECLS

#define LW_TYPE_DIAGRAM_MINIMAP (lw_diagram_minimap_get_type ())
G_DECLARE_FINAL_TYPE (LwDiagramMinimap, lw_diagram_minimap, LW, DIAGRAM_MINIMAP, GtkWidget)

/* For an overlay over the diagram, which lives longer. */
GtkWidget *lw_diagram_minimap_new (LwDiagramView *diagram);

G_END_DECLS
