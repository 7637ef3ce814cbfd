/* LwMapView: one feature map enlarged, each pixel a square, values written into its cells where
 * they fit, one cell chosen. Arrows move the choice, + and − ask for the next or previous map. The
 * wheel zooms about the pointer, Z between the whole and cells with values, a drag moves; the value
 * under the pointer is in the tooltip. Signals: `cell-changed`, `cell-activated` (by a click or
 * Enter), `map-asked` (int: +1 or −1), `pointed` (int row, int column; −1: beside the map). */
#pragma once

#include "ui/draw/tiles.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define LW_TYPE_MAP_VIEW (lw_map_view_get_type ())
G_DECLARE_FINAL_TYPE (LwMapView, lw_map_view, LW, MAP_VIEW, GtkWidget)

GtkWidget *lw_map_view_new (void);
/* Copies the values; rows = 0: empty. `map` is its number, for the description. Of another size the
 * chosen cell keeps its place in the picture. */
void lw_map_view_set_tile (LwMapView *self, const LwTile *tile, int map);
void lw_map_view_get_cell (LwMapView *self, int *ret_row, int *ret_column);
void lw_map_view_set_cell (LwMapView *self, int row, int column);
/* NAN when empty. */
float lw_map_view_value (LwMapView *self);
/* Where a cell is, in the widget's pixels; beside it when it is scrolled out. */
cairo_rectangle_t lw_map_view_cell_place (LwMapView *self, int row, int column);
double lw_map_view_zoom (LwMapView *self); /* 1: the whole map fits */
void lw_map_view_toggle_zoom (LwMapView *self);

G_END_DECLS
