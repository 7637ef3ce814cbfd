#include "ui/cost-table.h"

#include "ui/cost-row.h"
#include "ui/following.h"
#include "ui/tab-stop.h"

#include <glib/gi18n.h>

struct _LwCostTable {
  GtkWidget parent;
  LwWorkbench *workbench;
  LwGraph *graph; /* that the rows show */
  bool everything;
  bool selecting; /* the selection is being set from outside */
  LwCostColumns columns;
  GtkTreeListModel *tree;
  GtkSingleSelection *selection;

  GtkWidget *box, *head, *list;
  GtkWidget *hidden_line, *hidden_label, *hidden_button;
  GtkWidget *parameters, *value, *value_words;
};

G_DEFINE_FINAL_TYPE (LwCostTable, lw_cost_table, GTK_TYPE_WIDGET)

/* --- rows ------------------------------------------------------------------------------------ */

static GListModel *
children_of (gpointer item, gpointer data)
{
  GListModel *children = lw_cost_item_children (LW_COST_ITEM (item));

  (void)data;
  return children != NULL ? g_object_ref (children) : NULL;
}

static void
row_setup (GtkSignalListItemFactory *factory, GtkListItem *list_item, LwCostTable *self)
{
  (void)factory;
  gtk_list_item_set_child (list_item, lw_cost_row_new (&self->columns));
}

static void
row_bind (GtkSignalListItemFactory *factory, GtkListItem *list_item)
{
  (void)factory;
  lw_cost_row_bind (LW_COST_ROW (gtk_list_item_get_child (list_item)),
                    gtk_list_item_get_item (list_item));
}

static void
row_unbind (GtkSignalListItemFactory *factory, GtkListItem *list_item)
{
  (void)factory;
  lw_cost_row_unbind (LW_COST_ROW (gtk_list_item_get_child (list_item)));
}

static GtkTreeListRow *
row_at (LwCostTable *self, guint position)
{
  return gtk_tree_list_model_get_row (self->tree, position);
}

static LwCostItem *
item_at (LwCostTable *self, guint position)
{
  g_autoptr (GtkTreeListRow) row = row_at (self, position);

  return row != NULL ? gtk_tree_list_row_get_item (row) : NULL;
}

/* --- widths ---------------------------------------------------------------------------------- */

static int
text_width (PangoLayout *layout, const char *text)
{
  int width;

  pango_layout_set_text (layout, text, -1);
  pango_layout_get_pixel_size (layout, &width, NULL);
  return width;
}

/* Wide enough for the totals, which no row exceeds, and for the words of the head. */
static void
measure_columns (LwCostTable *self)
{
  LwCostColumns *columns = &self->columns;
  g_autoptr (PangoLayout) layout = NULL;
  g_autoptr (PangoAttrList) digits = pango_attr_list_new ();
  g_autofree char *parameters = lw_format_exact (columns->parameters);
  g_autofree char *value = lw_format_exact (columns->value);
  int output = 0;

  if (self->graph == NULL)
    return;
  layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), NULL);
  pango_attr_list_insert (digits, pango_attr_font_features_new ("tnum=1"));
  pango_layout_set_attributes (layout, digits);
  for (LwNodeId id = 0; id < lw_graph_n_nodes (self->graph); id++) {
    g_autofree char *shape = lw_shape_to_string (lw_graph_node (self->graph, id)->shape);

    output = MAX (output, text_width (layout, shape));
  }
  columns->output_width = MAX (output, text_width (layout, _ ("Output"))) + 4;
  columns->parameters_width =
      MAX (text_width (layout, parameters), text_width (layout, _ ("Parameters"))) + 4;
  columns->value_width =
      MAX (text_width (layout, value), text_width (layout, _ ("Operations"))) + 4;
  gtk_widget_queue_resize (self->head);
  gtk_widget_queue_resize (self->list);
}

static void
lw_cost_table_css_changed (GtkWidget *widget, GtkCssStyleChange *change)
{
  GTK_WIDGET_CLASS (lw_cost_table_parent_class)->css_changed (widget, change);
  measure_columns (LW_COST_TABLE (widget));
}

/* --- filling --------------------------------------------------------------------------------- */

static void
show_totals (LwCostTable *self)
{
  const LwCost all = lw_graph_cost (self->graph);
  g_autofree char *parameters = lw_format_exact (all.parameters);
  g_autofree char *value = lw_format_exact (lw_cost_value (all, self->columns.count));
  g_autofree char *macs = lw_format_short ((double)all.macs);
  g_autofree char *flops = lw_format_short (2.0 * (double)all.macs);
  g_autofree char *words = NULL;

  switch (self->columns.count) {
  case LW_COUNT_MACS:
    words = g_strdup_printf (_ ("MACs = %s FLOPs"), flops);
    break;
  case LW_COUNT_FLOPS:
    words = g_strdup_printf (_ ("FLOPs = 2 × %s MACs"), macs);
    break;
  case LW_COUNT_OPERATIONS:
    words = g_strdup_printf (_ ("operations, 2 × %s in MACs"), macs);
    break;
  }
  gtk_label_set_text (GTK_LABEL (self->parameters), parameters);
  gtk_label_set_text (GTK_LABEL (self->value), value);
  gtk_label_set_text (GTK_LABEL (self->value_words), words);
}

static void
show_hidden (LwCostTable *self, int hidden)
{
  const gulong n = (gulong)hidden;
  g_autofree char *words = NULL;

  if (self->columns.count == LW_COUNT_OPERATIONS)
    words = g_strdup_printf (
        self->everything ? ngettext ("%d layer has no parameters or operations",
                                     "%d layers have no parameters or operations", n)
                         : ngettext ("%d layer without parameters or operations is hidden",
                                     "%d layers without parameters or operations are hidden", n),
        hidden);
  else
    words = g_strdup_printf (self->everything
                                 ? ngettext ("%d layer has no parameters or MACs",
                                             "%d layers have no parameters or MACs", n)
                                 : ngettext ("%d layer without parameters or MACs is hidden",
                                             "%d layers without parameters or MACs are hidden", n),
                             hidden);
  gtk_label_set_text (GTK_LABEL (self->hidden_label), words);
  gtk_button_set_label (GTK_BUTTON (self->hidden_button),
                        self->everything ? _ ("Hide") : _ ("Show"));
  gtk_widget_set_visible (self->hidden_line, hidden > 0);
}

/* The blocks that stand open, by number. */
static GHashTable *
open_blocks (LwCostTable *self)
{
  GHashTable *open = g_hash_table_new (NULL, NULL);
  const guint n = self->tree != NULL ? g_list_model_get_n_items (G_LIST_MODEL (self->tree)) : 0;

  for (guint i = 0; i < n; i++) {
    g_autoptr (GtkTreeListRow) row = row_at (self, i);
    g_autoptr (LwCostItem) item = gtk_tree_list_row_get_item (row);

    if (gtk_tree_list_row_get_expanded (row))
      g_hash_table_add (open, GINT_TO_POINTER (lw_cost_item_spot (item).block));
  }
  return open;
}

static void follow_selection (LwCostTable *self);

static void
fill (LwCostTable *self)
{
  LwGraph *graph = lw_workbench_graph (self->workbench);
  const bool same = self->graph != NULL &&
                    lw_graph_n_blocks (graph) == lw_graph_n_blocks (self->graph) &&
                    g_str_equal (lw_graph_title (graph), lw_graph_title (self->graph));
  g_autoptr (GHashTable) open = same ? open_blocks (self) : g_hash_table_new (NULL, NULL);
  const LwCost all = lw_graph_cost (graph);
  GListModel *items;
  int hidden;

  lw_graph_ref (graph);
  g_clear_pointer (&self->graph, lw_graph_unref);
  self->graph = graph;
  self->columns.parameters = all.parameters;
  self->columns.value = lw_cost_value (all, self->columns.count);
  measure_columns (self);

  items = lw_cost_items_new (graph, self->columns.count, self->everything, &hidden);
  g_clear_object (&self->tree);
  self->tree = gtk_tree_list_model_new (items, FALSE, FALSE, children_of, NULL, NULL);
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->tree)); i++) {
    g_autoptr (LwCostItem) item = item_at (self, i);
    g_autoptr (GtkTreeListRow) row = row_at (self, i);

    if (g_hash_table_contains (open, GINT_TO_POINTER (lw_cost_item_spot (item).block)))
      gtk_tree_list_row_set_expanded (row, TRUE);
  }
  self->selecting = true;
  gtk_single_selection_set_model (self->selection, G_LIST_MODEL (self->tree));
  self->selecting = false;
  lw_cost_row_update_head (LW_COST_ROW (self->head));
  show_totals (self);
  show_hidden (self, hidden);
  follow_selection (self);
}

static void
follow (GtkWidget *widget)
{
  fill (LW_COST_TABLE (widget));
}

/* --- selection ------------------------------------------------------------------------------- */

/* Whether a row stands for the spot or has it somewhere below. */
static bool
leads_to (LwCostTable *self, LwCostItem *item, LwDiagramSpot spot)
{
  const LwBlockId block = lw_cost_item_spot (item).block;
  LwBlockId at;

  if (lw_cost_item_shows (item, spot))
    return true;
  if (block < 0)
    return false;
  at = spot.block >= 0 ? spot.block : lw_graph_node (self->graph, spot.node)->block;
  while (at >= 0 && at != block)
    at = lw_graph_block (self->graph, at)->parent;
  return at == block;
}

/* Unfolds what hides the spot and returns its row; GTK_INVALID_LIST_POSITION when the table has
 * none for it. */
static guint
find_row (LwCostTable *self, LwDiagramSpot spot)
{
  if (spot.node == LW_NO_NODE && spot.block < 0)
    return GTK_INVALID_LIST_POSITION;
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->tree)); i++) {
    g_autoptr (LwCostItem) item = item_at (self, i);
    g_autoptr (GtkTreeListRow) row = row_at (self, i);

    if (lw_cost_item_shows (item, spot))
      return i;
    if (leads_to (self, item, spot))
      gtk_tree_list_row_set_expanded (row, TRUE);
  }
  return GTK_INVALID_LIST_POSITION;
}

static void
follow_selection (LwCostTable *self)
{
  const LwDiagramSpot spot = { lw_workbench_layer (self->workbench),
                               lw_workbench_block (self->workbench) };
  guint position;

  if (lw_follow_is_due (GTK_WIDGET (self)))
    return; /* the spot is of another network than the rows */
  if (lw_diagram_spot_equal (lw_cost_table_selected (self), spot))
    return;
  position = find_row (self, spot);
  self->selecting = true;
  gtk_single_selection_set_selected (self->selection, position);
  self->selecting = false;
  if (position != GTK_INVALID_LIST_POSITION)
    gtk_widget_activate_action (self->list, "list.scroll-to-item", "u", position);
}

static void
row_selected (LwCostTable *self)
{
  const LwDiagramSpot spot = lw_cost_table_selected (self);

  if (self->selecting)
    return;
  if (spot.block >= 0)
    lw_workbench_select_block (self->workbench, spot.block);
  else if (spot.node != LW_NO_NODE)
    lw_workbench_select_layer (self->workbench, spot.node);
}

static void
row_activated (GtkListView *list, guint position, LwCostTable *self)
{
  g_autoptr (GtkTreeListRow) row = row_at (self, position);

  (void)list;
  if (row != NULL && gtk_tree_list_row_is_expandable (row))
    gtk_tree_list_row_set_expanded (row, !gtk_tree_list_row_get_expanded (row));
}

static void
toggle_hidden (LwCostTable *self)
{
  self->everything = !self->everything;
  fill (self);
}

/* --- for the page ---------------------------------------------------------------------------- */

void
lw_cost_table_set_count (LwCostTable *self, LwCount count)
{
  if (self->columns.count == count)
    return;
  self->columns.count = count;
  fill (self);
}

GListModel *
lw_cost_table_rows (LwCostTable *self)
{
  return G_LIST_MODEL (self->tree);
}

LwDiagramSpot
lw_cost_table_selected (LwCostTable *self)
{
  const guint position = gtk_single_selection_get_selected (self->selection);
  g_autoptr (LwCostItem) item = NULL;

  if (position == GTK_INVALID_LIST_POSITION || self->tree == NULL)
    return LW_NO_SPOT;
  item = item_at (self, position);
  return item != NULL ? lw_cost_item_spot (item) : LW_NO_SPOT;
}

void
lw_cost_table_select_row (LwCostTable *self, guint position)
{
  gtk_single_selection_set_selected (self->selection, position);
}

/* --- set-up ---------------------------------------------------------------------------------- */

static GtkWidget *
total_label (const char *text, const char *css_class)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_widget_add_css_class (label, css_class);
  gtk_widget_add_css_class (label, "lw-number");
  gtk_label_set_single_line_mode (GTK_LABEL (label), TRUE);
  return label;
}

static GtkWidget *
make_totals (LwCostTable *self)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  GtkWidget *title = total_label (_ ("Total"), "lw-total");
  GtkWidget *words = total_label (_ ("parameters"), "lw-dim");

  gtk_widget_add_css_class (row, "lw-cost-total");
  self->parameters = total_label (NULL, "lw-total");
  self->value = total_label (NULL, "lw-total");
  self->value_words = total_label (NULL, "lw-dim");
  gtk_label_set_ellipsize (GTK_LABEL (self->value_words), PANGO_ELLIPSIZE_END);
  gtk_widget_set_margin_end (title, 12);
  gtk_widget_set_hexpand (self->parameters, TRUE);
  gtk_widget_set_halign (self->parameters, GTK_ALIGN_END);
  gtk_widget_set_margin_start (words, 4);
  gtk_widget_set_margin_end (words, 12);
  gtk_widget_set_hexpand (self->value, TRUE);
  gtk_widget_set_halign (self->value, GTK_ALIGN_END);
  gtk_widget_set_margin_start (self->value_words, 4);
  gtk_box_append (GTK_BOX (row), title);
  gtk_box_append (GTK_BOX (row), self->parameters);
  gtk_box_append (GTK_BOX (row), words);
  gtk_box_append (GTK_BOX (row), self->value);
  gtk_box_append (GTK_BOX (row), self->value_words);
  return row;
}

static GtkWidget *
make_hidden_line (LwCostTable *self)
{
  self->hidden_line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 4);
  self->hidden_label = gtk_label_new (NULL);
  self->hidden_button = gtk_button_new_with_label ("");
  gtk_widget_add_css_class (self->hidden_line, "lw-cost-hidden");
  gtk_widget_add_css_class (self->hidden_label, "lw-small");
  gtk_label_set_ellipsize (GTK_LABEL (self->hidden_label), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (self->hidden_button, "flat");
  gtk_widget_add_css_class (self->hidden_button, "lw-link");
  gtk_widget_set_valign (self->hidden_button, GTK_ALIGN_CENTER);
  g_signal_connect_swapped (self->hidden_button, "clicked", G_CALLBACK (toggle_hidden), self);
  gtk_box_append (GTK_BOX (self->hidden_line), self->hidden_label);
  gtk_box_append (GTK_BOX (self->hidden_line), self->hidden_button);
  return self->hidden_line;
}

GtkWidget *
lw_cost_table_new (LwWorkbench *workbench)
{
  LwCostTable *self = g_object_new (LW_TYPE_COST_TABLE, NULL);

  self->workbench = workbench;
  lw_follow_selection (GTK_WIDGET (self), workbench, follow);
  g_signal_connect_object (workbench, "layer-selected", G_CALLBACK (follow_selection), self,
                           G_CONNECT_SWAPPED);
  fill (self);
  return GTK_WIDGET (self);
}

static void
lw_cost_table_dispose (GObject *object)
{
  LwCostTable *self = LW_COST_TABLE (object);

  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->selection);
  g_clear_object (&self->tree);
  g_clear_pointer (&self->graph, lw_graph_unref);
  G_OBJECT_CLASS (lw_cost_table_parent_class)->dispose (object);
}

static void
lw_cost_table_class_init (LwCostTableClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = lw_cost_table_dispose;
  widget_class->css_changed = lw_cost_table_css_changed;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
}

static void
lw_cost_table_init (LwCostTable *self)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  GtkWidget *scroller = gtk_scrolled_window_new ();

  gtk_widget_set_focusable (scroller, FALSE);

  g_signal_connect (factory, "setup", G_CALLBACK (row_setup), self);
  g_signal_connect (factory, "bind", G_CALLBACK (row_bind), NULL);
  g_signal_connect (factory, "unbind", G_CALLBACK (row_unbind), NULL);
  self->selection = gtk_single_selection_new (NULL);
  gtk_single_selection_set_autoselect (self->selection, FALSE);
  gtk_single_selection_set_can_unselect (self->selection, TRUE);
  g_signal_connect_swapped (self->selection, "notify::selected", G_CALLBACK (row_selected), self);

  self->list = gtk_list_view_new (GTK_SELECTION_MODEL (g_object_ref (self->selection)), factory);
  gtk_widget_add_css_class (self->list, "lw-cost-list");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->list), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Cost of each layer"), -1);
  g_signal_connect (self->list, "activate", G_CALLBACK (row_activated), self);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), self->list);
  gtk_widget_set_vexpand (scroller, TRUE);

  self->head = lw_cost_row_new_head (&self->columns);
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_box_append (GTK_BOX (self->box), self->head);
  gtk_box_append (GTK_BOX (self->box), lw_tab_stop_new (scroller));
  gtk_box_append (GTK_BOX (self->box), make_hidden_line (self));
  gtk_box_append (GTK_BOX (self->box), make_totals (self));
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  gtk_widget_add_css_class (GTK_WIDGET (self), "lw-cost-table");
}
