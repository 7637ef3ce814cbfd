/* LwKnobRow: one knob of a builder as a control that its table decides: a whole number is a spin
 * button, a factor a slider, a share a spin button, a choice joined buttons (more than three: a
 * list), yes or no a switch. Changed knobs get a dot, the book's value and Reset.
 *
 * Values are texts as lw_options_set takes them. Signals: `edited` when a person changed the value
 * (a slider and a typed number many times over), `settled` when they are done with it. */
#pragma once

#include "engine/models.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS

#define LW_TYPE_KNOB_ROW (lw_knob_row_get_type ())
G_DECLARE_FINAL_TYPE (LwKnobRow, lw_knob_row, LW, KNOB_ROW, GtkWidget)

/* `knob` is constant. */
GtkWidget *lw_knob_row_new (const LwKnob *knob);
const LwKnob *lw_knob_row_knob (LwKnobRow *self);
/* What the control holds; g_free. */
char *lw_knob_row_value (LwKnobRow *self);
/* Shows a value without emitting anything. `standard`: the book's. Digits that were typed and not
 * taken are gone. */
void lw_knob_row_show (LwKnobRow *self, const char *value, const char *standard);
/* Takes digits that still wait for others. */
void lw_knob_row_take (LwKnobRow *self);
/* A sentence in error colours; NULL: none. */
void lw_knob_row_set_error (LwKnobRow *self, const char *sentence);

G_END_DECLS
