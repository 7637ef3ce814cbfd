/* LwZoomControls: zoom out, the zoom in percent, zoom in, fit; over the corner of a drawing. */
#pragma once

#include "ui/zoomable.h"

G_BEGIN_DECLS

#define LW_TYPE_ZOOM_CONTROLS (lw_zoom_controls_get_type ())
G_DECLARE_FINAL_TYPE (LwZoomControls, lw_zoom_controls, LW, ZOOM_CONTROLS, GtkWidget)

/* `drawing` must live as long as the controls. */
GtkWidget *lw_zoom_controls_new (LwZoomable *drawing);

G_END_DECLS
