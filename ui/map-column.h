/* LwMapColumn: the middle column of the feature-map view: the grid of a sheet under its heading,
 * with the switch between maps and filters, the legend, whose scale it is, the choice of colours,
 * and files of what is shown. Signals: `look-changed`, `chosen` (int, int: as the grid's),
 * `save-values` and `save-picture` (a path: it was chosen). Main thread. */
#pragma once

#include "ui/map-grid.h"

G_BEGIN_DECLS

#define LW_TYPE_MAP_COLUMN (lw_map_column_get_type ())
G_DECLARE_FINAL_TYPE (LwMapColumn, lw_map_column, LW, MAP_COLUMN, GtkWidget)

/* The sheet is the caller's and must live as long. */
GtkWidget *lw_map_column_new (LwMapSheet *sheet);
LwSheetLook lw_map_column_look (LwMapColumn *self);
/* `words`: of which weights; `absence`: why the sheet is empty, NULL: it is not. */
void lw_map_column_show (LwMapColumn *self, const char *words, const char *absence);
LwMapGrid *lw_map_column_grid (LwMapColumn *self);

G_END_DECLS
