/* LwLayerPicker: a drop-down of the selection's layers of one sort, with buttons for the layer
 * before and after. Follows the selected network; keeps the layer marked in all pages when it is of
 * its sort. Signal `picked`: another layer is shown, by hand or because the network changed. */
#pragma once

#include "ui/workbench.h"
#include <adwaita.h>

G_BEGIN_DECLS

typedef enum {
  LW_LAYERS_WITH_MAPS, /* outputs of C×H×W, and vectors as a row of one-pixel maps */
  LW_LAYERS_BATCH_NORM,
} LwLayerSort;

#define LW_TYPE_LAYER_PICKER (lw_layer_picker_get_type ())
G_DECLARE_FINAL_TYPE (LwLayerPicker, lw_layer_picker, LW, LAYER_PICKER, GtkWidget)

GtkWidget *lw_layer_picker_new (LwWorkbench *workbench, LwLayerSort sort, bool with_buttons);
/* LW_NO_NODE: the network has no such layer. */
LwNodeId lw_layer_picker_layer (LwLayerPicker *self);
int lw_layer_picker_n_layers (LwLayerPicker *self);
/* −1: the layer before; 1: after. */
void lw_layer_picker_move (LwLayerPicker *self, int by);

G_END_DECLS
