/* LwObstacleCallout: over the diagram, at the layer that the knobs made impossible: what it needs,
 * what it gets, how the map shrank on the way, and two ways out: the nearest value that works, and
 * undo. LwObstaclePill: says that the diagram is the last network that worked. Both are overlays
 * that show themselves only while there is an obstacle. Main thread. */
#pragma once

#include "ui/diagram-view.h"

G_BEGIN_DECLS

#define LW_TYPE_OBSTACLE_CALLOUT (lw_obstacle_callout_get_type ())
G_DECLARE_FINAL_TYPE (LwObstacleCallout, lw_obstacle_callout, LW, OBSTACLE_CALLOUT, GtkWidget)

/* Adds both to the overlay that the diagram is the child of. */
void lw_obstacle_callout_add (GtkOverlay *overlay, LwWorkbench *workbench, LwDiagramView *diagram);

G_END_DECLS
