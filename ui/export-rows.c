#include "ui/export-rows.h"

#include "ui/accessible.h"
#include "ui/draw/theme.h"

#include <glib/gi18n.h>
#include <math.h>

#define CHECK         8 /* a field of the ground that shows through */
#define OPTIONS_WIDTH 316
#define MARGIN        24 /* around the preview */

GtkWidget *
lw_export_add_choice (GtkWidget *group, const char *title, const char *const *words,
                      GCallback chosen, gpointer data)
{
  GtkWidget *row = adw_combo_row_new ();
  g_autoptr (GtkStringList) list = gtk_string_list_new (NULL);

  for (int i = 0; words[i] != NULL; i++)
    gtk_string_list_append (list, _ (words[i]));
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_combo_row_set_model (ADW_COMBO_ROW (row), G_LIST_MODEL (list));
  g_signal_connect_swapped (row, "notify::selected", chosen, data);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), row);
  return row;
}

GtkWidget *
lw_export_add_switch (GtkWidget *group, const char *title, GCallback chosen, gpointer data)
{
  GtkWidget *row = adw_action_row_new (), *control = gtk_switch_new ();

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  gtk_widget_set_valign (control, GTK_ALIGN_CENTER);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), control);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), control);
  g_signal_connect_swapped (control, "notify::active", chosen, data);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), row);
  return control;
}

GtkWidget *
lw_export_add_words (GtkWidget *group, const char *title, GCallback chosen, gpointer data)
{
  GtkWidget *row = adw_entry_row_new ();

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  g_signal_connect_swapped (row, "changed", chosen, data);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), row);
  return row;
}

/* The list that a group has its rows in is named by the group's title, where it has one. */
static void
name_list (GtkWidget *widget)
{
  if (GTK_IS_LIST_BOX (widget))
    lw_name_widget (widget, _ ("Options"));
  for (GtkWidget *child = gtk_widget_get_first_child (widget);
       child != NULL && !GTK_IS_LIST_BOX (widget); child = gtk_widget_get_next_sibling (child))
    name_list (child);
}

GtkWidget *
lw_export_make_options (GtkWidget *const *groups)
{
  GtkWidget *column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 16);
  GtkWidget *scroller = gtk_scrolled_window_new ();

  gtk_widget_add_css_class (column, "lw-options");
  lw_name_widget (scroller, _ ("Options"));
  for (; *groups != NULL; groups++) {
    const char *title = adw_preferences_group_get_title (ADW_PREFERENCES_GROUP (*groups));

    if (title == NULL || *title == '\0')
      name_list (*groups);
    gtk_box_append (GTK_BOX (column), *groups);
  }
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), column);
  return scroller;
}

LwExportPreview
lw_export_make_preview (GtkDrawingAreaDrawFunc draw, gpointer data)
{
  LwExportPreview preview = {
    .column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0),
    .stack = gtk_stack_new (),
    .picture =
        g_object_new (GTK_TYPE_DRAWING_AREA, "accessible-role", GTK_ACCESSIBLE_ROLE_IMG, NULL),
    .text = gtk_text_view_new (),
    .summary = gtk_label_new (NULL),
  };
  GtkWidget *scroller = gtk_scrolled_window_new ();

  lw_name_widget (preview.picture, _ ("Preview"));
  gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (preview.picture), draw, data, NULL);
  lw_name_widget (preview.text, _ ("Preview"));
  gtk_text_view_set_editable (GTK_TEXT_VIEW (preview.text), FALSE);
  gtk_text_view_set_cursor_visible (GTK_TEXT_VIEW (preview.text), FALSE);
  gtk_widget_add_css_class (preview.text, "lw-preview-text");
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), preview.text);
  gtk_stack_add_named (GTK_STACK (preview.stack), preview.picture, "picture");
  gtk_stack_add_named (GTK_STACK (preview.stack), scroller, "text");
  gtk_widget_set_vexpand (preview.stack, TRUE);
  gtk_widget_add_css_class (preview.summary, "lw-caption");
  gtk_widget_add_css_class (preview.summary, "lw-number");
  gtk_widget_set_margin_bottom (preview.summary, 10);
  gtk_widget_add_css_class (preview.column, "lw-preview");
  gtk_widget_set_hexpand (preview.column, TRUE);
  gtk_box_append (GTK_BOX (preview.column), preview.stack);
  gtk_box_append (GTK_BOX (preview.column), preview.summary);
  return preview;
}

GtkWidget *
lw_export_fill_window (AdwWindow *window, GtkWidget *preview, GtkWidget *options,
                       GtkWidget **ret_save, GCallback choose_file)
{
  GtkWidget *column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *body = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  GtkWidget *toasts = adw_toast_overlay_new ();

  gtk_widget_set_size_request (options, OPTIONS_WIDTH, -1);
  gtk_box_append (GTK_BOX (body), preview);
  gtk_box_append (GTK_BOX (body), options);
  gtk_widget_set_vexpand (body, TRUE);
  gtk_box_append (GTK_BOX (column),
                  lw_export_make_header (GTK_WINDOW (window), ret_save, choose_file));
  gtk_box_append (GTK_BOX (column), body);
  adw_toast_overlay_set_child (ADW_TOAST_OVERLAY (toasts), column);
  adw_window_set_content (window, toasts);
  return toasts;
}

GtkWidget *
lw_export_make_header (GtkWindow *window, GtkWidget **ret_save, GCallback choose_file)
{
  GtkWidget *header = adw_header_bar_new ();
  GtkWidget *cancel = gtk_button_new_with_mnemonic (_ ("_Cancel"));

  *ret_save = gtk_button_new_with_mnemonic (_ ("_Export…"));
  gtk_widget_add_css_class (*ret_save, "suggested-action");
  lw_name_by_words (cancel);
  lw_name_by_words (*ret_save);
  g_signal_connect_swapped (cancel, "clicked", G_CALLBACK (gtk_window_close), window);
  g_signal_connect_swapped (*ret_save, "clicked", choose_file, window);
  adw_header_bar_set_show_end_title_buttons (ADW_HEADER_BAR (header), FALSE);
  adw_header_bar_set_show_start_title_buttons (ADW_HEADER_BAR (header), FALSE);
  adw_header_bar_pack_start (ADW_HEADER_BAR (header), cancel);
  adw_header_bar_pack_end (ADW_HEADER_BAR (header), *ret_save);
  return header;
}

/* What shows through a transparent picture. */
static void
paint_checks (cairo_t *cr, double width, double height, bool dark)
{
  const LwTheme *theme = lw_theme (dark);

  lw_set_colour (cr, theme->canvas, 1);
  cairo_rectangle (cr, 0, 0, width, height);
  cairo_fill (cr);
  for (int y = 0; y * CHECK < height; y++)
    for (int x = y % 2; x * CHECK < width; x += 2)
      cairo_rectangle (cr, x * CHECK, y * CHECK, fmin (CHECK, width - x * CHECK),
                       fmin (CHECK, height - y * CHECK));
  lw_set_colour (cr, theme->text, 0.07);
  cairo_fill (cr);
}

void
lw_export_paint_preview (cairo_t *cr, double width, double height, graphene_size_t page, bool dark,
                         bool transparent, void (*paint) (cairo_t *cr, gpointer data),
                         gpointer data)
{
  const double zoom = fmin (1, fmin ((width - 2 * MARGIN) / (double)page.width,
                                     (height - 2 * MARGIN) / (double)page.height));
  const double w = zoom * (double)page.width, h = zoom * (double)page.height;

  if (zoom <= 0)
    return;
  cairo_translate (cr, round ((width - w) / 2), round ((height - h) / 2));
  cairo_rectangle (cr, 0, 0, w, h);
  cairo_clip (cr);
  if (transparent)
    paint_checks (cr, w, h, dark);
  cairo_save (cr);
  cairo_scale (cr, zoom, zoom);
  paint (cr, data);
  cairo_restore (cr);
  lw_set_colour (cr, lw_theme (dark)->border, 1);
  cairo_rectangle (cr, 0.5, 0.5, w - 1, h - 1);
  cairo_set_line_width (cr, 1);
  cairo_stroke (cr);
}
