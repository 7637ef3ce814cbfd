/* LwFeatureMapsView: what a layer makes of one picture: the picture and a choice of others, the
 * grid of the layer's maps or filters, one map enlarged with its values, and the epochs to move
 * over. Live while training; from saved or initial weights else, and it says which. Keys: P plays
 * the epochs, Ctrl+V pastes a picture; pictures can be dropped anywhere.
 *
 * Signal `unit-activated` (int layer, int channel, int row, int column): a cell of the enlarged map
 * was clicked, or Enter pressed on it; what explains it may be put into the slot.
 * Signal `unit-changed`: another unit is chosen, its values are other ones, or there is none. Main
 * thread. */
#pragma once

#include "engine/unit_arithmetic.h"
#include "ui/activation-source.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define LW_TYPE_FEATURE_MAPS_VIEW (lw_feature_maps_view_get_type ())
G_DECLARE_FINAL_TYPE (LwFeatureMapsView, lw_feature_maps_view, LW, FEATURE_MAPS_VIEW, GtkWidget)

GtkWidget *lw_feature_maps_view_new (LwWorkbench *workbench);
void lw_feature_maps_view_set_layer (LwFeatureMapsView *self, LwNodeId layer);
/* The chosen map, unit of a vector, or output channel of filters. */
int lw_feature_maps_view_map (LwFeatureMapsView *self);
void lw_feature_maps_view_set_map (LwFeatureMapsView *self, int map);
/* The chosen cell of the enlarged map and its value; NAN: none. */
double lw_feature_maps_view_cell (LwFeatureMapsView *self, int *ret_row, int *ret_column);

/* The chosen unit; false: none is, as among filters. */
bool lw_feature_maps_view_unit (LwFeatureMapsView *self, LwUnit *ret_unit);
/* Shows a unit's layer and chooses the unit there, as soon as there are values. Of the picture
 * itself its pixel is framed, and the layer stays. */
void lw_feature_maps_view_go (LwFeatureMapsView *self, LwUnit unit);

/* Values of all layers, of one picture and one moment, and the layer's parameters. */
LwActivationSource *lw_feature_maps_view_source (LwFeatureMapsView *self);
/* Below the maps and above the epochs; takes no room while it is empty. */
GtkBox *lw_feature_maps_view_slot (LwFeatureMapsView *self);

/* Files of what is shown; a toast says how it went. */
void lw_feature_maps_view_save_values (LwFeatureMapsView *self, const char *path);
void lw_feature_maps_view_save_picture (LwFeatureMapsView *self, const char *path);

/* Narrow windows: the numbers stand below the enlarged map. */
void lw_feature_maps_view_set_compact (LwFeatureMapsView *self, bool compact);

G_END_DECLS
