/* LwMapNumbers: the figures beside an enlarged map: the chosen unit's value; minimum, maximum, mean
 * and standard deviation of the map, and how its values are spread. */
#pragma once

#include "ui/draw/tiles.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define LW_TYPE_MAP_NUMBERS (lw_map_numbers_get_type ())
G_DECLARE_FINAL_TYPE (LwMapNumbers, lw_map_numbers, LW, MAP_NUMBERS, GtkWidget)

GtkWidget *lw_map_numbers_new (void);
/* Values that are no finite number read "–". */
void lw_map_numbers_show (LwMapNumbers *self, const LwTile *tile, double value);

G_END_DECLS
