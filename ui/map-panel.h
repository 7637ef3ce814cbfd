/* LwMapPanel: the right column of the feature-map view: the chosen map or kernel of a sheet
 * enlarged (map-view.h) under its title, with its figures beside or below it. The cell of a vector
 * is a unit: choosing one chooses the other. Signals: `cell-changed`, `cell-activated`, `map-asked`
 * (int: +1 or −1). Main thread. */
#pragma once

#include "ui/map-sheet.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define LW_TYPE_MAP_PANEL (lw_map_panel_get_type ())
G_DECLARE_FINAL_TYPE (LwMapPanel, lw_map_panel, LW, MAP_PANEL, GtkWidget)

/* The sheet is the caller's and must live as long; the panel chooses units in it. */
GtkWidget *lw_map_panel_new (LwMapSheet *sheet);
/* The sheet has other contents, or another choice. */
void lw_map_panel_update (LwMapPanel *self);
/* The chosen cell and its value; NAN: none. */
double lw_map_panel_cell (LwMapPanel *self, int *ret_row, int *ret_column);
void lw_map_panel_set_cell (LwMapPanel *self, int row, int column);
void lw_map_panel_set_compact (LwMapPanel *self, bool compact);

G_END_DECLS
