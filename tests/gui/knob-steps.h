/* What a person does with the knobs on the Explore page, and what there is to see then. */
#pragma once

#include "tests/gui/explore-steps.h"
#include "ui/knob-row.h"
#include "ui/knobs-panel.h"

G_BEGIN_DECLS

typedef struct {
  Explore e;
  GtkWidget *panel;
} Knobs;

/* The page with this network and its knobs open, at 1280 × 800, not animated. */
Knobs knobs (Gui *gui, const char *model);
GtkWidget *row_of (const Knobs *k, const char *knob);
/* The knob's control, which has to be of this type and sensitive. */
GtkWidget *control_of (const Knobs *k, const char *knob, GType type);
/* Types it into the field and presses Enter. */
void type_number (const Knobs *k, const char *knob, const char *text);
/* What is meant, and what the control shows. */
void assert_knob (const Knobs *k, const char *knob, const char *value);
/* Whether the window's action can be done now. */
bool can (Gui *gui, const char *action);

G_END_DECLS
