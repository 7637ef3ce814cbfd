/* LwZoomControls: zoom out, the zoom in percent, zoom in, fit; over the corner of a diagram. */
#pragma once

#include "ui/diagram-view.h"

G_BEGIN_DECLS

#define LW_TYPE_ZOOM_CONTROLS (lw_zoom_controls_get_type ())
G_DECLARE_FINAL_TYPE (LwZoomControls, lw_zoom_controls, LW, ZOOM_CONTROLS, GtkWidget)

/* `diagram` must live as long as the controls. */
GtkWidget *lw_zoom_controls_new (LwDiagramView *diagram);

G_END_DECLS
