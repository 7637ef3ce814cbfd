/* What a person does with the views of a run that trains, in phases of the stopwatch; `unit` is the
 * length of a longer one in seconds. */
#pragma once

#include "tests/gui/harness.h"

G_BEGIN_DECLS

/* The first of a type, once it is there. */
GtkWidget *live_find (Gui *gui, GType type);
/* Moves the pointer over a widget for so long, as a hand does. */
void live_wander (Gui *gui, GtkWidget *widget, double seconds);

/* On that page, with a run selected; the others open their page. */
void live_train_page (Gui *gui, double unit);
void live_inspect_page (Gui *gui, double unit);
void live_compare_page (Gui *gui, double unit);

G_END_DECLS
