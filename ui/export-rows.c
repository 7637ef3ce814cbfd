#include "ui/export-rows.h"

#include "ui/accessible.h"
#include "ui/draw/theme.h"

#include <glib/gi18n.h>
#include <math.h>

#define CHECK 8 /* a field of the ground that shows through */

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
  lw_name_widget (row, title);
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
  lw_name_widget (control, title);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), control);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), control);
  g_signal_connect_swapped (control, "notify::active", chosen, data);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), row);
  return control;
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

void
lw_export_paint_checks (cairo_t *cr, double width, double height, bool dark)
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
