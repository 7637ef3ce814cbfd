/* What the export windows are made of, so that they look and work alike. */
#pragma once

#include <adwaita.h>
#include <stdbool.h>

G_BEGIN_DECLS

/* A row to choose one of `words` (N_(), ended by NULL), and one with a switch, which is returned.
 * `chosen (data)` when something was. */
GtkWidget *lw_export_add_choice (GtkWidget *group, const char *title, const char *const *words,
                                 GCallback chosen, gpointer data);
GtkWidget *
lw_export_add_switch (GtkWidget *group, const char *title, GCallback chosen, gpointer data);
/* Cancel and Export…; `choose_file (window)` when the latter is pressed. */
GtkWidget *lw_export_make_header (GtkWindow *window, GtkWidget **ret_save, GCallback choose_file);
/* What shows through a transparent picture. */
void lw_export_paint_checks (cairo_t *cr, double width, double height, bool dark);

G_END_DECLS
