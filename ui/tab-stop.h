/* LwTabStop: around a list. Tab comes to one row of it, the selected one if there is one, and goes
 * on behind the list from there; without it Tab visits each of perhaps hundreds of rows. Arrows
 * move among the rows as ever. */
#pragma once

#include <adwaita.h>
#include <stdbool.h>

G_BEGIN_DECLS

#define LW_TYPE_TAB_STOP (lw_tab_stop_get_type ())
G_DECLARE_FINAL_TYPE (LwTabStop, lw_tab_stop, LW, TAB_STOP, AdwBin)

GtkWidget *lw_tab_stop_new (GtkWidget *list);
/* While Tab moves the focus into it: a list box selects the row then, which nobody asked for. */
bool lw_tab_stop_is_entered (LwTabStop *self);

G_END_DECLS
