/* LwUnitPicture: the drawing of a unit's arithmetic (ui/draw/unit-arithmetic.h) as a widget. Arrows
 * move the unit, Ctrl+Left and Ctrl+Right choose one of its contributions, Enter or a click follows
 * it, Backspace goes back; the pointer over a patch shows its products. Signals: `moved` (int rows,
 * int columns), `followed` (int term, int cell; −1: the largest, the strongest), `back`. */
#pragma once

#include "engine/unit_arithmetic.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define LW_TYPE_UNIT_PICTURE (lw_unit_picture_get_type ())
G_DECLARE_FINAL_TYPE (LwUnitPicture, lw_unit_picture, LW, UNIT_PICTURE, GtkWidget)

GtkWidget *lw_unit_picture_new (void);
/* Takes the arithmetic; NULL: nothing to show. */
void lw_unit_picture_show (LwUnitPicture *self, LwGraph *graph, LwUnitArithmetic *arithmetic);
const LwUnitArithmetic *lw_unit_picture_arithmetic (LwUnitPicture *self);
/* The chosen contribution, as an index of the arithmetic's terms; −1: none. */
int lw_unit_picture_term (LwUnitPicture *self);
/* g_free; NULL: nothing is shown. */
char *lw_unit_picture_caption (LwUnitPicture *self);
char *lw_unit_picture_text (LwUnitPicture *self);
char *lw_unit_picture_equation (LwUnitPicture *self);

G_END_DECLS
