/* A label of several lines whose width does not depend on its height. Where a wrapped label stands
 * in a row, the row asks how wide it is when it is so and so high, and the label finds out by
 * breaking its lines at a dozen widths: for a paragraph that takes longer than a frame. */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* Puts the label into a widget to be used in its stead. */
GtkWidget *lw_paragraph_new (GtkWidget *label);

G_END_DECLS
