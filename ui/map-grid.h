/* LwMapGrid: a sheet (map-sheet.h) as a widget to scroll in: only what is in view is painted, so
 * that 512 maps or a quarter of a million kernels move as smoothly as sixteen. A click chooses; so
 * do the arrow keys. Signal `chosen` (int map, unit or output; int input). Main thread. */
#pragma once

#include "ui/map-sheet.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define LW_TYPE_MAP_GRID (lw_map_grid_get_type ())
G_DECLARE_FINAL_TYPE (LwMapGrid, lw_map_grid, LW, MAP_GRID, GtkWidget)

/* The sheet is the caller's and must live as long. */
GtkWidget *lw_map_grid_new (LwMapSheet *sheet);
/* The sheet has other contents, or another choice. */
void lw_map_grid_update (LwMapGrid *self);
/* Scrolls until the chosen one is in view. */
void lw_map_grid_reveal (LwMapGrid *self);

G_END_DECLS
