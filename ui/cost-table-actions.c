/* What can be done with the cost table: sort, group, show columns, copy. */
#include "ui/cost-table-private.h"

#include "ui/accessible.h"
#include "ui/main-window.h"

#include <glib/gi18n.h>

static const char *const group_names[LW_N_GROUPS] = { "blocks", "list", "kinds" };

/* --- copying --------------------------------------------------------------------------------- */

static char *
item_name (LwCostItem *item)
{
  const char *suffix = lw_cost_item_suffix (item);

  if (suffix == NULL || lw_cost_item_spot (item).block >= 0)
    return g_strdup (lw_cost_item_title (item));
  return g_strdup_printf (
      g_str_has_prefix (suffix, "+") || g_str_has_prefix (suffix, "×") ? "%s %s" : "%s (%s)",
      lw_cost_item_title (item), suffix);
}

static bool
has_share (LwCostColumn column)
{
  return column == LW_COLUMN_PARAMETERS || column == LW_COLUMN_VALUE;
}

static void
add_cell (const LwCostColumns *columns, LwTextTable *table, LwCostItem *item, LwCostColumn column)
{
  const LwCost cost = lw_cost_item_cost (item);
  const int64_t value = lw_cost_value (cost, columns->rows.count);
  const int32_t field = lw_cost_item_field (item);
  g_autofree char *name = NULL;

  switch (column) {
  case LW_COLUMN_LAYER:
    name = item_name (item);
    lw_text_table_text (table, name);
    break;
  case LW_COLUMN_OUTPUT:
    lw_text_table_text (table, lw_cost_item_output (item));
    break;
  case LW_COLUMN_WINDOW:
    lw_text_table_text (table, lw_cost_item_window (item));
    break;
  case LW_COLUMN_FIELD:
    if (field > 0)
      lw_text_table_number (table, field);
    else
      lw_text_table_text (table, NULL);
    break;
  case LW_COLUMN_MEMORY:
    lw_text_table_number (table, cost.output_bytes);
    break;
  case LW_COLUMN_PARAMETERS:
    lw_text_table_number (table, cost.parameters);
    lw_text_table_share (table, cost.parameters, columns->parameters);
    break;
  case LW_COLUMN_VALUE:
  case LW_N_COLUMNS:
    lw_text_table_number (table, value);
    lw_text_table_share (table, value, columns->value);
    break;
  }
}

static void
add_head (const LwCostColumns *columns, LwTextTable *table)
{
  lw_text_table_row (table, LW_ROW_HEAD, 0);
  for (int i = 0; i < LW_N_COLUMNS; i++) {
    const char *title = lw_cost_column_title ((LwCostColumn)i, columns->rows.count);

    if (!columns->shown[i])
      continue;
    lw_text_table_text (table, i == LW_COLUMN_MEMORY ? _ ("Memory (bytes)") : title);
    if (has_share ((LwCostColumn)i))
      lw_text_table_text (table, _ ("share"));
  }
}

static void
add_total (const LwCostColumns *columns, LwTextTable *table)
{
  lw_text_table_row (table, LW_ROW_TOTAL, 0);
  for (int i = 0; i < LW_N_COLUMNS; i++) {
    if (!columns->shown[i])
      continue;
    if (i == LW_COLUMN_LAYER)
      lw_text_table_text (table, _ ("Total"));
    else if (i == LW_COLUMN_MEMORY)
      lw_text_table_number (table, lw_graph_cost (columns->graph).output_bytes);
    else if (i == LW_COLUMN_PARAMETERS)
      lw_text_table_number (table, columns->parameters);
    else if (i == LW_COLUMN_VALUE)
      lw_text_table_number (table, columns->value);
    else
      lw_text_table_text (table, NULL);
    if (has_share ((LwCostColumn)i))
      lw_text_table_text (table, NULL);
  }
}

char *
lw_cost_table_text (LwCostTable *self, LwTextForm form)
{
  const LwCostColumns *columns = &self->columns;
  g_autoptr (GString) alignment = g_string_new (NULL);
  g_autoptr (LwTextTable) table = NULL;
  GListModel *rows = lw_cost_table_rows (self);

  for (int i = 0; i < LW_N_COLUMNS; i++)
    if (columns->shown[i])
      g_string_append (alignment, i == LW_COLUMN_LAYER          ? "l"
                                  : has_share ((LwCostColumn)i) ? "rr"
                                                                : "r");
  table = lw_text_table_new (alignment->str);
  add_head (columns, table);
  for (guint i = 0; i < g_list_model_get_n_items (rows); i++) {
    g_autoptr (GtkTreeListRow) row = g_list_model_get_item (rows, i);
    g_autoptr (LwCostItem) item = gtk_tree_list_row_get_item (row);

    lw_text_table_row (table, LW_ROW_BODY, (int)gtk_tree_list_row_get_depth (row));
    for (int k = 0; k < LW_N_COLUMNS; k++)
      if (columns->shown[k])
        add_cell (columns, table, item, (LwCostColumn)k);
  }
  if (self->hidden > 0 && !columns->rows.everything) {
    g_autofree char *words = lw_cost_table_hidden_words (self);

    lw_text_table_row (table, LW_ROW_NOTE, 0);
    lw_text_table_text (table, words);
  }
  add_total (columns, table);
  return lw_text_table_write (table, form);
}

static void
copy (LwCostTable *self, LwTextForm form)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  const guint n = g_list_model_get_n_items (lw_cost_table_rows (self));
  g_autofree char *text = lw_cost_table_text (self, form);
  g_autofree char *said = NULL;

  self->form = form;
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), text);
  said = g_strdup_printf (ngettext ("Copied %u row as %s", "Copied %u rows as %s", n), n,
                          lw_text_form_title (form));
  if (LW_IS_MAIN_WINDOW (root))
    lw_main_window_say (LW_MAIN_WINDOW (root), said);
}

/* --- actions --------------------------------------------------------------------------------- */

static void
sort_activated (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  LwCostTable *self = data;
  const LwCostColumn column = (LwCostColumn)g_variant_get_int32 (parameter);
  const LwCostRows *rows = &self->columns.rows;
  LwCostOrder order = LW_ORDER_ASCENDING;

  (void)action;
  if ((int)column < 0 || column >= LW_N_COLUMNS)
    return;
  if (rows->sorted_by == column && rows->order != LW_ORDER_GRAPH)
    order = rows->order == LW_ORDER_ASCENDING ? LW_ORDER_DESCENDING : LW_ORDER_GRAPH;
  lw_cost_table_sort (self, column, order);
}

static void
group_changed (GSimpleAction *action, GVariant *state, gpointer data)
{
  for (int i = 0; i < LW_N_GROUPS; i++)
    if (g_str_equal (g_variant_get_string (state, NULL), group_names[i])) {
      g_simple_action_set_state (action, state);
      lw_cost_table_set_group (data, (LwCostGroup)i);
    }
}

static void
copy_activated (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  LwCostTable *self = data;
  LwTextForm form = self->form;

  (void)action;
  if (*g_variant_get_string (parameter, NULL) == '\0' ||
      lw_text_form_parse (g_variant_get_string (parameter, NULL), &form, NULL))
    copy (self, form);
}

static const struct {
  const char *action;
  LwCostColumn column;
} on_demand[] = {
  { "window", LW_COLUMN_WINDOW },
  { "field", LW_COLUMN_FIELD },
  { "memory", LW_COLUMN_MEMORY },
};

static void
column_changed (GSimpleAction *action, GVariant *state, gpointer data)
{
  g_simple_action_set_state (action, state);
  for (guint i = 0; i < G_N_ELEMENTS (on_demand); i++)
    if (g_str_equal (g_action_get_name (G_ACTION (action)), on_demand[i].action))
      lw_cost_table_show_column (data, on_demand[i].column, g_variant_get_boolean (state));
}

void
lw_cost_table_add_actions (LwCostTable *self)
{
  static const GActionEntry entries[] = {
    { .name = "sort", .activate = sort_activated, .parameter_type = "i" },
    { .name = "group", .parameter_type = "s", .state = "'blocks'", .change_state = group_changed },
    { .name = "copy", .activate = copy_activated, .parameter_type = "s" },
    { .name = "window", .state = "false", .change_state = column_changed },
    { .name = "field", .state = "false", .change_state = column_changed },
    { .name = "memory", .state = "false", .change_state = column_changed },
  };

  self->actions = g_simple_action_group_new ();
  g_action_map_add_action_entries (G_ACTION_MAP (self->actions), entries, G_N_ELEMENTS (entries),
                                   self);
  gtk_widget_insert_action_group (GTK_WIDGET (self), "cost", G_ACTION_GROUP (self->actions));
}

GActionGroup *
lw_cost_table_actions (LwCostTable *self)
{
  return G_ACTION_GROUP (self->actions);
}

/* --- menus ----------------------------------------------------------------------------------- */

GMenuModel *
lw_cost_table_copy_menu (void)
{
  GMenu *menu = g_menu_new ();

  for (int i = 0; i < LW_N_TEXT_FORMS; i++) {
    g_autofree char *action = g_strdup_printf ("cost.copy::%s", lw_text_form_name ((LwTextForm)i));
    g_autofree char *words = g_strdup_printf (_ ("Copy as %s"), lw_text_form_title ((LwTextForm)i));

    g_menu_append (menu, words, action);
  }
  return G_MENU_MODEL (menu);
}

GtkWidget *
lw_cost_table_menu_button (void)
{
  static const char *const groups[LW_N_GROUPS] = { N_ ("By block"), N_ ("Flat list"),
                                                   N_ ("By kind") };
  g_autoptr (GMenu) menu = g_menu_new (), rows = g_menu_new (), columns = g_menu_new ();
  g_autoptr (GMenuModel) forms = lw_cost_table_copy_menu ();
  GtkWidget *button = gtk_menu_button_new ();

  for (int i = 0; i < LW_N_GROUPS; i++) {
    g_autofree char *action = g_strdup_printf ("cost.group::%s", group_names[i]);

    g_menu_append (rows, _ (groups[i]), action);
  }
  g_menu_append (columns, _ ("Kernel, stride, padding"), "cost.window");
  g_menu_append (columns, _ ("Receptive field"), "cost.field");
  g_menu_append (columns, _ ("Output in memory"), "cost.memory");
  g_menu_append_section (menu, _ ("Rows"), G_MENU_MODEL (rows));
  g_menu_append_section (menu, _ ("More columns"), G_MENU_MODEL (columns));
  g_menu_append_section (menu, NULL, forms);
  gtk_menu_button_set_icon_name (GTK_MENU_BUTTON (button), "view-more-symbolic");
  gtk_menu_button_set_menu_model (GTK_MENU_BUTTON (button), G_MENU_MODEL (menu));
  gtk_widget_set_tooltip_text (button, _ ("Rows and columns"));
  lw_name_widget (button, _ ("Rows and columns"));
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "lw-cost-menu");
  return button;
}
