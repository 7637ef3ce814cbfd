#include "ui/sidebar.h"

#include "ui/queue-view.h"
#include "ui/sidebar-rows.h"
#include "ui/tab-stop.h"
#include "ui/variant-row.h"

#include <glib/gi18n.h>

/* Runs that have a row; a button shows as many more. A list box arranges all of its rows, and there
 * may be thousands. */
#define RUNS_AT_ONCE 100

struct _LwSidebar {
  GtkWidget parent;
  LwWorkbench *workbench;
  GtkListBox *models;    /* the book's nine */
  GtkListBox *relatives; /* the others; its rows are made when it is first unfolded */
  GtkListBox *runs;
  LwTabStop *models_stop, *relatives_stop, *runs_stop;
  GtkExpander *more;
  GtkListBox *variants;
  LwTabStop *variants_stop;
  GtkWidget *variants_box; /* hidden while there are none */
  GtkWidget *runs_caption;
  LwQueueView *queue;
  GtkSliceListModel *shown_runs; /* the first of all */
  GtkWidget *more_runs;
  bool following; /* the selection is being shown, not made */
};

G_DEFINE_FINAL_TYPE (LwSidebar, lw_sidebar, GTK_TYPE_WIDGET)

static void
add_relatives (LwSidebar *self)
{
  if (!gtk_expander_get_expanded (self->more) ||
      gtk_list_box_get_row_at_index (self->relatives, 0) != NULL)
    return;
  for (int i = lw_n_book_models (); i < lw_n_models (); i++)
    gtk_list_box_append (self->relatives, lw_sidebar_model_row (lw_model (i), true));
}

/* A family's name stands above its first row. */
static void
set_heading (GtkListBoxRow *row, GtkListBoxRow *before, gpointer data)
{
  const int first = lw_n_book_models ();
  const LwModel *model = lw_model (first + gtk_list_box_row_get_index (row));
  const LwModel *other =
      before != NULL ? lw_model (first + gtk_list_box_row_get_index (before)) : NULL;

  (void)data;
  if (other == NULL || !g_str_equal (model->family, other->family))
    gtk_list_box_row_set_header (row, lw_sidebar_family_heading (model));
}

/* The row of a network, if it has one; the list of relatives unfolds for one that is in it. */
static GtkListBoxRow *
find_model_row (LwSidebar *self, const LwModel *model)
{
  const int n = lw_n_book_models ();
  int i = 0;

  while (i < lw_n_models () && lw_model (i) != model)
    i++;
  if (i == lw_n_models ())
    return NULL;
  if (i < n)
    return gtk_list_box_get_row_at_index (self->models, i);
  gtk_expander_set_expanded (self->more, TRUE);
  return gtk_list_box_get_row_at_index (self->relatives, i - n);
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

    for (guint i = 0; i < g_list_model_get_n_items (runs); i++) {
      g_autoptr (LwRunItem) item = g_list_model_get_item (runs, i);
      if (item != run)
        continue;
      if (i >= gtk_slice_list_model_get_size (self->shown_runs))
        gtk_slice_list_model_set_size (self->shown_runs, i + RUNS_AT_ONCE);
      row = gtk_list_box_get_row_at_index (self->runs, (int)i);
    }
  } else {
    row = variant_row (self);
    if (row == NULL)
      row = find_model_row (self, lw_workbench_model (self->workbench));
  }
  for (int i = 0; i < 4; i++) {
    GtkListBox *list =
        (GtkListBox *[]){ self->models, self->relatives, self->variants, self->runs }[i];

    if (row != NULL && gtk_widget_get_parent (GTK_WIDGET (row)) == GTK_WIDGET (list))
      gtk_list_box_select_row (list, row);
    else
      gtk_list_box_unselect_all (list);
  }
  self->following = false;
}

/* A row is selected, but not by a person: it is being shown, or Tab came by. */
static bool
keeps_selection (LwSidebar *self, GtkListBoxRow *row)
{
  if (row == NULL || self->following)
    return true;
  if (!lw_tab_stop_is_entered (self->models_stop) &&
      !lw_tab_stop_is_entered (self->relatives_stop) &&
      !lw_tab_stop_is_entered (self->variants_stop) && !lw_tab_stop_is_entered (self->runs_stop))
    return false;
  follow_selection (self);
  return true;
}

static void
model_selected (GtkListBox *list, GtkListBoxRow *row, LwSidebar *self)
{
  const int first = list == self->relatives ? lw_n_book_models () : 0;

  if (keeps_selection (self, row))
    return;
  lw_workbench_select_model (self->workbench, lw_model (first + gtk_list_box_row_get_index (row)));
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

static GtkWidget *
make_run_row (gpointer item, gpointer data)
{
  (void)data;
  return lw_sidebar_run_row (LW_RUN_ITEM (item));
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
  const guint n = g_list_model_get_n_items (lw_workbench_runs (self->workbench));
  const guint shown = gtk_slice_list_model_get_size (self->shown_runs);

  gtk_widget_set_visible (self->runs_caption, n > 0);
  gtk_widget_set_visible (self->more_runs, n > shown);
  if (n > shown) {
    g_autofree char *words =
        g_strdup_printf (ngettext ("%u older run", "%u older runs", n - shown), n - shown);

    gtk_button_set_label (GTK_BUTTON (self->more_runs), words);
  }
  follow_selection (self);
}

static void
show_more_runs (LwSidebar *self)
{
  gtk_slice_list_model_set_size (self->shown_runs,
                                 gtk_slice_list_model_get_size (self->shown_runs) + RUNS_AT_ONCE);
  runs_changed (self);
}

void
lw_sidebar_set_workbench (LwSidebar *self, LwWorkbench *workbench)
{
  self->workbench = workbench;
  for (int i = 0; i < lw_n_book_models (); i++)
    gtk_list_box_append (self->models, lw_sidebar_model_row (lw_model (i), false));
  gtk_list_box_set_header_func (self->relatives, set_heading, NULL, NULL);
  g_signal_connect_swapped (self->more, "notify::expanded", G_CALLBACK (add_relatives), self);
  self->shown_runs =
      gtk_slice_list_model_new (g_object_ref (lw_workbench_runs (workbench)), 0, RUNS_AT_ONCE);
  gtk_list_box_bind_model (self->runs, G_LIST_MODEL (self->shown_runs), make_run_row, self, NULL);
  g_signal_connect_swapped (self->more_runs, "clicked", G_CALLBACK (show_more_runs), self);
  lw_queue_view_set_workbench (self->queue, workbench);
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
  g_signal_connect (self->relatives, "row-selected", G_CALLBACK (model_selected), self);
  g_signal_connect (self->runs, "row-selected", G_CALLBACK (run_selected), self);
  variants_changed (self);
  runs_changed (self);
}

static void
lw_sidebar_dispose (GObject *object)
{
  GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (object));

  g_clear_pointer (&child, gtk_widget_unparent);
  g_clear_object (&LW_SIDEBAR (object)->shown_runs);
  G_OBJECT_CLASS (lw_sidebar_parent_class)->dispose (object);
}

static void
lw_sidebar_class_init (LwSidebarClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = lw_sidebar_dispose;
  g_type_ensure (LW_TYPE_TAB_STOP);
  g_type_ensure (LW_TYPE_QUEUE_VIEW);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/layerwise/Workbench/ui/sidebar.ui");
  gtk_widget_class_bind_template_child (widget_class, LwSidebar, models);
  gtk_widget_class_bind_template_child (widget_class, LwSidebar, more);
  gtk_widget_class_bind_template_child (widget_class, LwSidebar, relatives);
  gtk_widget_class_bind_template_child (widget_class, LwSidebar, relatives_stop);
  gtk_widget_class_bind_template_child (widget_class, LwSidebar, runs);
  gtk_widget_class_bind_template_child (widget_class, LwSidebar, models_stop);
  gtk_widget_class_bind_template_child (widget_class, LwSidebar, runs_stop);
  gtk_widget_class_bind_template_child (widget_class, LwSidebar, variants);
  gtk_widget_class_bind_template_child (widget_class, LwSidebar, variants_stop);
  gtk_widget_class_bind_template_child (widget_class, LwSidebar, variants_box);
  gtk_widget_class_bind_template_child (widget_class, LwSidebar, runs_caption);
  gtk_widget_class_bind_template_child (widget_class, LwSidebar, queue);
  gtk_widget_class_bind_template_child (widget_class, LwSidebar, more_runs);
}

static void
lw_sidebar_init (LwSidebar *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
