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
/* A row for words; `chosen (data)` when they change. */
GtkWidget *
lw_export_add_words (GtkWidget *group, const char *title, GCallback chosen, gpointer data);
/* Groups of rows below one another, scrolled where they are too many; NULL-terminated. */
GtkWidget *lw_export_make_options (GtkWidget *const *groups);

/* The preview: a stack of "picture", a drawing area, and "text", above a line that says what kind
 * of file it will be and how large. */
typedef struct {
  GtkWidget *column, *stack, *picture, *text, *summary;
} LwExportPreview;

LwExportPreview lw_export_make_preview (GtkDrawingAreaDrawFunc draw, gpointer data);
/* In the middle of `width` × `height`, at most as large as the `page` is: ground, what `paint`
 * paints of it, and its edge. */
void lw_export_paint_preview (cairo_t *cr, double width, double height, graphene_size_t page,
                              bool dark, bool transparent,
                              void (*paint) (cairo_t *cr, gpointer data), gpointer data);

/* What a window for exports holds: the header, the preview beside the options (width: 316). Returns
 * where its toasts appear. */
GtkWidget *lw_export_fill_window (AdwWindow *window, GtkWidget *preview, GtkWidget *options,
                                  GtkWidget **ret_save, GCallback choose_file);
/* Cancel and Export…; `choose_file (window)` when the latter is pressed. */
GtkWidget *lw_export_make_header (GtkWindow *window, GtkWidget **ret_save, GCallback choose_file);

G_END_DECLS
