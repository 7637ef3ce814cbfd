/* LwLayerInspector: what there is to know about the marked layer or block, or about the network
 * when nothing is marked. It follows the workbench's selection. Main thread. */
#pragma once

#include "ui/draw/diagram-layout.h"
#include "ui/layer-values.h"
#include "ui/workbench.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS

#define LW_TYPE_LAYER_INSPECTOR (lw_layer_inspector_get_type ())
G_DECLARE_FINAL_TYPE (LwLayerInspector, lw_layer_inspector, LW, LAYER_INSPECTOR, GtkWidget)

/* `values`: for what has been measured of its layers. */
GtkWidget *lw_layer_inspector_new (LwWorkbench *workbench, LwLayerValues *values);
void lw_layer_inspector_set_count (LwLayerInspector *self, LwCount count);
/* Shapes above the picture instead of beside it. */
void lw_layer_inspector_set_narrow (LwLayerInspector *self, bool narrow);
/* "conv1": what is shown now. */
const char *lw_layer_inspector_title (LwLayerInspector *self);
const char *lw_layer_inspector_lesson (LwLayerInspector *self);

G_END_DECLS
