#include "ui/sidebar.h"

#include "engine/analysis.h"
#include "ui/tab-stop.h"
#include "ui/variant-row.h"

#include <glib/gi18n.h>

struct _LwSidebar {
  GtkWidget parent;
  LwWorkbench *workbench;
  GtkListBox *models;
  GtkListBox *runs;
  GtkListBox *variants;
  LwTabStop *models_stop, *runs_stop, *variants_stop;
  GtkWidget *variants_box; /* hidden while there are none */
  GtkWidget *runs_caption;
  bool following; /* the selection is being shown, not made */
};

G_DEFINE_FINAL_TYPE (LwSidebar, lw_sidebar, GTK_TYPE_WIDGET)

static GtkWidget *
label_new (const char *text, const char *css_class, bool expand)
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

static void
add_model (LwSidebar *self, const LwModel *model)
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
      label_new (model->title, "lw-row-title", true), label_new (year, "lw-caption", false),
      label_new (input, "lw-small", true), label_new (figures, "lw-small", false) });

  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_widget_set_tooltip_text (row, model->paper);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken, -1);
  gtk_list_box_append (self->models, row);
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

static GtkWidget *
make_run_row (gpointer item, gpointer data)
{
  GtkWidget *row = gtk_list_box_row_new ();
  GtkWidget *labels[4] = { label_new (NULL, "lw-row-title", true),
                           label_new (NULL, "lw-caption", false),
                           label_new (NULL, "lw-small", true),
                           label_new (NULL, "lw-small", false) };
  static const char *const fields[4] = { "title", "status", "subtitle", "status-detail" };
  GtkWidget *column = row_new (labels), *bar = gtk_progress_bar_new ();

  (void)data;
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
  gtk_widget_set_tooltip_text (row, lw_run_item_folder (item));
  return row;
}

static GtkListBoxRow *
variant_row (LwSidebar *self)
{
  GListModel *variants = lw_workbench_variants (self->workbench);

  for (guint i = 0; i < g_list_model_get_n_items (variants); i++) {
    g_autoptr (LwVariantItem) item = g_list_model_get_item (variants, i);

    if (item == lw_workbench_variant (self->workbench))
      return gtk_list_box_get_row_at_index (self->variants, (int)i);
  }
  return NULL;
}

/* Shows the workbench's selection in the lists. */
static void
follow_selection (LwSidebar *self)
{
  LwRunItem *run = lw_workbench_run (self->workbench);
  GtkListBoxRow *row = NULL;

  self->following = true;
  if (run != NULL) {
    GListModel *runs = lw_workbench_runs (self->workbench);

    gtk_list_box_unselect_all (self->models);
    gtk_list_box_unselect_all (self->variants);
    for (guint i = 0; i < g_list_model_get_n_items (runs); i++) {
      g_autoptr (LwRunItem) item = g_list_model_get_item (runs, i);
      if (item == run)
        row = gtk_list_box_get_row_at_index (self->runs, (int)i);
    }
    gtk_list_box_select_row (self->runs, row);
  } else {
    gtk_list_box_unselect_all (self->runs);
    gtk_list_box_select_row (self->variants, variant_row (self));
    for (int i = 0; i < lw_n_models (); i++)
      if (lw_model (i) == lw_workbench_model (self->workbench) &&
          lw_workbench_variant (self->workbench) == NULL)
        row = gtk_list_box_get_row_at_index (self->models, i);
    gtk_list_box_select_row (self->models, row);
  }
  self->following = false;
}

/* A row is selected, but not by a person: it is being shown, or Tab came by. */
static bool
keeps_selection (LwSidebar *self, GtkListBoxRow *row)
{
  if (row == NULL || self->following)
    return true;
  if (!lw_tab_stop_is_entered (self->models_stop) && !lw_tab_stop_is_entered (self->runs_stop) &&
      !lw_tab_stop_is_entered (self->variants_stop))
    return false;
  follow_selection (self);
  return true;
}

static void
model_selected (GtkListBox *list, GtkListBoxRow *row, LwSidebar *self)
{
  (void)list;
  if (keeps_selection (self, row))
    return;
  lw_workbench_select_model (self->workbench, lw_model (gtk_list_box_row_get_index (row)));
}

static void
run_selected (GtkListBox *list, GtkListBoxRow *row, LwSidebar *self)
{
  g_autoptr (LwRunItem) item = NULL;

  (void)list;
  if (keeps_selection (self, row))
    return;
  item = g_list_model_get_item (lw_workbench_runs (self->workbench),
                                (guint)gtk_list_box_row_get_index (row));
  lw_workbench_select_run (self->workbench, item);
}

static void
variant_selected (GtkListBox *list, GtkListBoxRow *row, LwSidebar *self)
{
  g_autoptr (LwVariantItem) item = NULL;

  (void)list;
  if (keeps_selection (self, row))
    return;
  item = g_list_model_get_item (lw_workbench_variants (self->workbench),
                                (guint)gtk_list_box_row_get_index (row));
  lw_workbench_select_variant (self->workbench, item);
}

static void
variants_changed (LwSidebar *self)
{
  const bool any = g_list_model_get_n_items (lw_workbench_variants (self->workbench)) > 0;

  gtk_widget_set_visible (self->variants_box, any);
  follow_selection (self);
}

static void
runs_changed (LwSidebar *self)
{
  const bool any = g_list_model_get_n_items (lw_workbench_runs (self->workbench)) > 0;

  gtk_widget_set_visible (self->runs_caption, any);
  follow_selection (self);
}

void
lw_sidebar_set_workbench (LwSidebar *self, LwWorkbench *workbench)
{
  self->workbench = workbench;
  for (int i = 0; i < lw_n_models (); i++)
    add_model (self, lw_model (i));
  gtk_list_box_bind_model (self->runs, lw_workbench_runs (workbench), make_run_row, self, NULL);
  gtk_list_box_bind_model (self->variants, lw_workbench_variants (workbench), lw_variant_row_new,
                           NULL, NULL);
  g_signal_connect_object (workbench, "selection-changed", G_CALLBACK (follow_selection), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (lw_workbench_variants (workbench), "items-changed",
                           G_CALLBACK (variants_changed), self,
                           G_CONNECT_SWAPPED | G_CONNECT_AFTER);
  g_signal_connect (self->variants, "row-selected", G_CALLBACK (variant_selected), self);
  g_signal_connect_object (lw_workbench_runs (workbench), "items-changed",
                           G_CALLBACK (runs_changed), self, G_CONNECT_SWAPPED | G_CONNECT_AFTER);
  g_signal_connect (self->models, "row-selected", G_CALLBACK (model_selected), self);
  g_signal_connect (self->runs, "row-selected", G_CALLBACK (run_selected), self);
  variants_changed (self);
  runs_changed (self);
}

static void
lw_sidebar_dispose (GObject *object)
{
  GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (object));

  g_clear_pointer (&child, gtk_widget_unparent);
  G_OBJECT_CLASS (lw_sidebar_parent_class)->dispose (object);
}

static void
lw_sidebar_class_init (LwSidebarClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = lw_sidebar_dispose;
  g_type_ensure (LW_TYPE_TAB_STOP);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/layerwise/Workbench/ui/sidebar.ui");
  gtk_widget_class_bind_template_child (widget_class, LwSidebar, models);
  gtk_widget_class_bind_template_child (widget_class, LwSidebar, runs);
  gtk_widget_class_bind_template_child (widget_class, LwSidebar, models_stop);
  gtk_widget_class_bind_template_child (widget_class, LwSidebar, runs_stop);
  gtk_widget_class_bind_template_child (widget_class, LwSidebar, variants);
  gtk_widget_class_bind_template_child (widget_class, LwSidebar, variants_stop);
  gtk_widget_class_bind_template_child (widget_class, LwSidebar, variants_box);
  gtk_widget_class_bind_template_child (widget_class, LwSidebar, runs_caption);
}

static void
lw_sidebar_init (LwSidebar *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
