/* LwLayerSpeed: how long a layer takes on a device, by which algorithms, and which share of its
 * roofline that is (engine/roofline.h), forward and backward. What has not been measured can be
 * measured with a button. Main thread. */
#pragma once

#include "ui/layer-values.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS

#define LW_TYPE_LAYER_SPEED (lw_layer_speed_get_type ())
G_DECLARE_FINAL_TYPE (LwLayerSpeed, lw_layer_speed, LW, LAYER_SPEED, GtkWidget)

/* Hidden until it is shown a layer. Keeps a reference on `values`. */
GtkWidget *lw_layer_speed_new (LwWorkbench *workbench, LwLayerValues *values);
/* LW_NO_NODE, or a layer that computes nothing: hides it. */
void lw_layer_speed_show (LwLayerSpeed *self, LwNodeId node);

G_END_DECLS
