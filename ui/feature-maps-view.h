/* LwFeatureMapsView: what a layer makes of one test image: the image and a choice of others, the
 * grid of the layer's maps, and one map enlarged with its values. Live while training; from saved
 * or initial weights else, and it says which. */
#pragma once

#include "ui/workbench.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define LW_TYPE_FEATURE_MAPS_VIEW (lw_feature_maps_view_get_type ())
G_DECLARE_FINAL_TYPE (LwFeatureMapsView, lw_feature_maps_view, LW, FEATURE_MAPS_VIEW, GtkWidget)

GtkWidget *lw_feature_maps_view_new (LwWorkbench *workbench);
void lw_feature_maps_view_set_layer (LwFeatureMapsView *self, LwNodeId layer);
int lw_feature_maps_view_map (LwFeatureMapsView *self);
void lw_feature_maps_view_set_map (LwFeatureMapsView *self, int map);

/* Narrow windows: the numbers stand below the enlarged map. */
void lw_feature_maps_view_set_compact (LwFeatureMapsView *self, bool compact);

G_END_DECLS
