/* The row of a saved variant in the sidebar: its name, what it changes and what it costs. Right
 * click, the menu key, F2 and Delete rename and delete it through the window's actions. */
#pragma once

#include "ui/variant-item.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS

/* For gtk_list_box_bind_model; `item`: an LwVariantItem. */
GtkWidget *lw_variant_row_new (gpointer item, gpointer unused);

G_END_DECLS
