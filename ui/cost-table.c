#include "ui/cost-table-private.h"

#include "ui/following.h"
#include "ui/tab-stop.h"

#include <glib/gi18n.h>

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

/* The pane may not be narrower than the columns that are always shown; others scroll. */
static void
least_width (LwCostTable *self)
{
  LwCostColumns always = self->columns;

  always.shown[LW_COLUMN_WINDOW] = always.shown[LW_COLUMN_FIELD] = always.shown[LW_COLUMN_MEMORY] =
      false;
  gtk_scrolled_window_set_min_content_width (GTK_SCROLLED_WINDOW (self->wide),
                                             lw_cost_columns_least (&always));
}

static void
measure_columns (LwCostTable *self)
{
  if (self->graph == NULL)
    return;
  lw_cost_columns_measure (&self->columns, GTK_WIDGET (self));
  least_width (self);
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

/* The groups that stand open, by number. */
static GHashTable *
open_groups (LwCostTable *self)
{
  GHashTable *open = g_hash_table_new (NULL, NULL);
  const guint n = self->tree != NULL ? g_list_model_get_n_items (G_LIST_MODEL (self->tree)) : 0;

  for (guint i = 0; i < n; i++) {
    g_autoptr (GtkTreeListRow) row = row_at (self, i);
    g_autoptr (LwCostItem) item = gtk_tree_list_row_get_item (row);

    if (gtk_tree_list_row_get_expanded (row))
      g_hash_table_add (open, GINT_TO_POINTER (lw_cost_item_group_id (item)));
  }
  return open;
}

static void follow_selection (LwCostTable *self);

void
lw_cost_table_fill (LwCostTable *self)
{
  LwGraph *graph = lw_workbench_graph (self->workbench);
  const bool same = self->graph != NULL &&
                    lw_graph_n_blocks (graph) == lw_graph_n_blocks (self->graph) &&
                    g_str_equal (lw_graph_title (graph), lw_graph_title (self->graph));
  g_autoptr (GHashTable) open = same ? open_groups (self) : g_hash_table_new (NULL, NULL);
  const LwCost all = lw_graph_cost (graph);
  GListModel *items;

  lw_graph_ref (graph);
  g_clear_pointer (&self->graph, lw_graph_unref);
  self->graph = graph;
  self->columns.graph = graph;
  self->columns.parameters = all.parameters;
  self->columns.value = lw_cost_value (all, self->columns.rows.count);
  measure_columns (self);

  items = lw_cost_items_new (graph, &self->columns.rows, &self->hidden);
  g_clear_object (&self->tree);
  self->tree = gtk_tree_list_model_new (items, FALSE, FALSE, children_of, NULL, NULL);
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->tree)); i++) {
    g_autoptr (LwCostItem) item = item_at (self, i);
    g_autoptr (GtkTreeListRow) row = row_at (self, i);

    if (lw_cost_item_is_group (item) &&
        g_hash_table_contains (open, GINT_TO_POINTER (lw_cost_item_group_id (item))))
      gtk_tree_list_row_set_expanded (row, TRUE);
  }
  self->selecting = true;
  gtk_single_selection_set_model (self->selection, G_LIST_MODEL (self->tree));
  self->selecting = false;
  lw_cost_row_update_head (LW_COST_ROW (self->head));
  lw_cost_table_show_foot (self);
  follow_selection (self);
}

static void
follow (GtkWidget *widget)
{
  lw_cost_table_fill (LW_COST_TABLE (widget));
}

/* --- selection ------------------------------------------------------------------------------- */

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
    if (lw_cost_item_holds (item, spot))
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

/* --- for the page ---------------------------------------------------------------------------- */

void
lw_cost_table_set_count (LwCostTable *self, LwCount count)
{
  if (self->columns.rows.count == count)
    return;
  self->columns.rows.count = count;
  lw_cost_table_fill (self);
}

void
lw_cost_table_set_group (LwCostTable *self, LwCostGroup group)
{
  if (self->columns.rows.group == group)
    return;
  self->columns.rows.group = group;
  lw_cost_table_fill (self);
}

void
lw_cost_table_sort (LwCostTable *self, LwCostColumn column, LwCostOrder order)
{
  self->columns.rows.sorted_by = column;
  self->columns.rows.order = order;
  lw_cost_table_fill (self);
}

void
lw_cost_table_show_column (LwCostTable *self, LwCostColumn column, bool shown)
{
  if (self->columns.shown[column] == shown)
    return;
  self->columns.shown[column] = shown;
  if (!shown && self->columns.rows.sorted_by == column)
    self->columns.rows.order = LW_ORDER_GRAPH; /* nothing would say by what the rows are sorted */
  lw_cost_table_fill (self);
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

/* Head and rows scroll sideways together where more columns are shown than fit. */
static GtkWidget *
make_wide (LwCostTable *self, GtkWidget *rows)
{
  GtkWidget *viewport = gtk_viewport_new (NULL, NULL);
  GtkWidget *column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  gtk_box_append (GTK_BOX (column), self->head);
  gtk_box_append (GTK_BOX (column), rows);
  gtk_viewport_set_scroll_to_focus (GTK_VIEWPORT (viewport), FALSE); /* a row is as wide as all */
  gtk_viewport_set_child (GTK_VIEWPORT (viewport), column);
  self->wide = gtk_scrolled_window_new ();
  gtk_widget_set_focusable (self->wide, FALSE);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->wide), GTK_POLICY_AUTOMATIC,
                                  GTK_POLICY_NEVER);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->wide), viewport);
  gtk_widget_set_vexpand (self->wide, TRUE);
  return self->wide;
}

GtkWidget *
lw_cost_table_new (LwWorkbench *workbench)
{
  LwCostTable *self = g_object_new (LW_TYPE_COST_TABLE, NULL);

  self->workbench = workbench;
  lw_follow_selection (GTK_WIDGET (self), workbench, follow);
  g_signal_connect_object (workbench, "layer-selected", G_CALLBACK (follow_selection), self,
                           G_CONNECT_SWAPPED);
  lw_cost_table_fill (self);
  return GTK_WIDGET (self);
}

static void
lw_cost_table_dispose (GObject *object)
{
  LwCostTable *self = LW_COST_TABLE (object);

  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->selection);
  g_clear_object (&self->tree);
  g_clear_object (&self->actions);
  g_clear_pointer (&self->graph, lw_graph_unref);
  G_OBJECT_CLASS (lw_cost_table_parent_class)->dispose (object);
}

static gboolean
copy_key (GtkWidget *widget, GVariant *unused, gpointer data)
{
  (void)unused;
  (void)data;
  gtk_widget_activate_action (widget, "cost.copy", "s", ""); /* as the last time */
  return TRUE;
}

static void
lw_cost_table_class_init (LwCostTableClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = lw_cost_table_dispose;
  widget_class->css_changed = lw_cost_table_css_changed;
  gtk_widget_class_add_binding (widget_class, GDK_KEY_c, GDK_CONTROL_MASK, copy_key, NULL);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
}

static void
lw_cost_table_init (LwCostTable *self)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  GtkWidget *scroller = gtk_scrolled_window_new ();

  for (int i = 0; i < LW_N_COLUMNS; i++)
    self->columns.shown[i] = i != LW_COLUMN_WINDOW && i != LW_COLUMN_FIELD && i != LW_COLUMN_MEMORY;
  lw_cost_table_add_actions (self);
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

  self->head = lw_cost_row_new_head (&self->columns, lw_cost_table_menu_button ());
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_box_append (GTK_BOX (self->box), make_wide (self, lw_tab_stop_new (scroller)));
  lw_cost_table_add_foot (self);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  gtk_widget_add_css_class (GTK_WIDGET (self), "lw-cost-table");
}
