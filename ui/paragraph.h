/* A label of several lines whose least width is known beforehand. A wrapped label finds out how
 * narrow it can be, and how wide it has to be at some height (which a row asks for), by breaking
 * its lines at a dozen widths: for a paragraph that takes longer than a frame. */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* Puts the label into a widget to be used in its stead; `width`, in pixels: the least it gets. */
GtkWidget *lw_paragraph_new (GtkWidget *label, int width);

G_END_DECLS
