#include "ui/sidebar-rows.h"

#include "engine/analysis.h"

#include <glib/gi18n.h>

GtkWidget *
lw_sidebar_label (const char *text, const char *css_class, bool expand)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), expand ? 0 : 1);
  gtk_label_set_ellipsize (GTK_LABEL (label), expand ? PANGO_ELLIPSIZE_END : PANGO_ELLIPSIZE_NONE);
  gtk_widget_set_hexpand (label, expand);
  gtk_widget_add_css_class (label, css_class);
  if (!expand)
    gtk_widget_add_css_class (label, "lw-number");
  return label;
}

/* Two lines of two labels each: name and figure, details left and right. */
static GtkWidget *
row_new (GtkWidget *labels[4])
{
  GtkWidget *column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  gtk_widget_set_valign (column, GTK_ALIGN_CENTER);
  for (int line = 0; line < 2; line++) {
    GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

    gtk_box_append (GTK_BOX (box), labels[2 * line]);
    gtk_box_append (GTK_BOX (box), labels[2 * line + 1]);
    gtk_box_append (GTK_BOX (column), box);
  }
  return column;
}

GtkWidget *
lw_sidebar_model_row (const LwModel *model, bool under_heading)
{
  g_autoptr (LwOptions) options = lw_options_new (model);
  g_autoptr (LwGraph) graph = lw_model_build (options, NULL);
  const LwCost cost = lw_graph_cost (graph);
  g_autofree char *year = g_strdup_printf ("%d", model->year);
  g_autofree char *input = lw_shape_to_string (model->input);
  g_autofree char *parameters = lw_format_short ((double)cost.parameters);
  g_autofree char *macs = lw_format_short ((double)cost.macs);
  g_autofree char *figures = g_strdup_printf ("%s · %s", parameters, macs);
  g_autofree char *spoken = g_strdup_printf (_ ("%s, %d, input %s, %s parameters, %s MACs"),
                                             model->title, model->year, input, parameters, macs);
  GtkWidget *row = gtk_list_box_row_new ();
  GtkWidget *box = row_new ((GtkWidget *[4]){
      lw_sidebar_label (model->title, "lw-row-title", true),
      lw_sidebar_label (under_heading ? NULL : year, "lw-caption", false),
      lw_sidebar_label (input, "lw-small", true), lw_sidebar_label (figures, "lw-small", false) });

  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_widget_set_tooltip_text (row, model->paper);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken, -1);
  return row;
}

GtkWidget *
lw_sidebar_family_heading (const LwModel *model)
{
  g_autofree char *year = g_strdup_printf ("%d", model->year);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  gtk_box_append (GTK_BOX (box), lw_sidebar_label (model->family, "lw-caption", true));
  gtk_box_append (GTK_BOX (box), lw_sidebar_label (year, "lw-caption", false));
  gtk_widget_set_margin_start (box, 14);
  gtk_widget_set_margin_end (box, 14);
  gtk_widget_set_margin_top (box, 6);
  gtk_widget_set_margin_bottom (box, 2);
  return box;
}

static void
show_running (GObject *item, GParamSpec *spec, gpointer data)
{
  GtkWidget *status = data;
  bool running;

  (void)spec;
  g_object_get (item, "running", &running, NULL);
  if (running)
    gtk_widget_add_css_class (status, "lw-accent-text");
  else
    gtk_widget_remove_css_class (status, "lw-accent-text");
  if (lw_run_item_state (LW_RUN_ITEM (item)) >= LW_RUN_DIVERGED)
    gtk_widget_add_css_class (status, "lw-error-text");
}

static void
speak_run (GObject *item, GParamSpec *spec, gpointer row)
{
  g_autofree char *title = NULL, *subtitle = NULL, *status = NULL, *detail = NULL, *text = NULL;

  (void)spec;
  g_object_get (item, "title", &title, "subtitle", &subtitle, "status", &status, "status-detail",
                &detail, NULL);
  text = g_strdup_printf ("%s, %s, %s %s", title, subtitle, status, detail);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
}

GtkWidget *
lw_sidebar_run_row (LwRunItem *run)
{
  GObject *item = G_OBJECT (run);
  GtkWidget *row = gtk_list_box_row_new ();
  GtkWidget *labels[4] = { lw_sidebar_label (NULL, "lw-row-title", true),
                           lw_sidebar_label (NULL, "lw-caption", false),
                           lw_sidebar_label (NULL, "lw-small", true),
                           lw_sidebar_label (NULL, "lw-small", false) };
  static const char *const fields[4] = { "title", "status", "subtitle", "status-detail" };
  GtkWidget *column = row_new (labels), *bar = gtk_progress_bar_new ();
  GtkWidget *star = gtk_image_new_from_icon_name ("starred-symbolic");

  gtk_image_set_pixel_size (GTK_IMAGE (star), 12);
  gtk_widget_add_css_class (star, "lw-starred");
  gtk_box_insert_child_after (GTK_BOX (gtk_widget_get_parent (labels[1])), star, labels[0]);
  g_object_bind_property (item, "starred", star, "visible", G_BINDING_SYNC_CREATE);

  for (int i = 0; i < 4; i++)
    g_object_bind_property (item, fields[i], labels[i], "label", G_BINDING_SYNC_CREATE);
  g_object_bind_property (item, "progress", bar, "fraction", G_BINDING_SYNC_CREATE);
  g_object_bind_property (item, "running", bar, "visible", G_BINDING_SYNC_CREATE);
  gtk_widget_set_margin_top (bar, 4);
  gtk_accessible_update_property (GTK_ACCESSIBLE (bar), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Progress"), -1);
  gtk_box_append (GTK_BOX (column), bar);
  g_signal_connect_object (item, "notify::running", G_CALLBACK (show_running), labels[1], 0);
  g_signal_connect_object (item, "notify::state", G_CALLBACK (show_running), labels[1], 0);
  show_running (item, NULL, labels[1]);
  g_signal_connect_object (item, "notify::status-detail", G_CALLBACK (speak_run), row, 0);
  g_signal_connect_object (item, "notify::status", G_CALLBACK (speak_run), row, 0);
  speak_run (item, NULL, row);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), column);
  gtk_widget_set_tooltip_text (row, lw_run_item_followed (run) != NULL
                                        ? lw_followed_run_address (lw_run_item_followed (run))
                                        : lw_run_item_folder (run));
  return row;
}
