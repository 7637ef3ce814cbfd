/* LwMapView: one feature map enlarged, values written into its cells where they fit, one cell
 * chosen. Arrows move the choice, + and − ask for the next or previous map. Signals:
 * `cell-changed`, `map-asked` (int: +1 or −1). */
#pragma once

#include "ui/draw/tiles.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define LW_TYPE_MAP_VIEW (lw_map_view_get_type ())
G_DECLARE_FINAL_TYPE (LwMapView, lw_map_view, LW, MAP_VIEW, GtkWidget)

GtkWidget *lw_map_view_new (void);
/* Copies the values; rows = 0: empty. `map` is its number, for the description. */
void lw_map_view_set_tile (LwMapView *self, const LwTile *tile, int map);
void lw_map_view_get_cell (LwMapView *self, int *ret_row, int *ret_column);
/* NAN when empty. */
float lw_map_view_value (LwMapView *self);

G_END_DECLS
