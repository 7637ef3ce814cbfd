/* The cost table: sorting by its head, groups, more columns, what is under the pointer, and what is
 * copied; sums against the totals in every form. */
#include "engine/analysis.h"
#include "tests/gui/explore-steps.h"
#include "ui/cost-hint.h"

#include <string.h>

static LwCostTable *
table_of (const Explore *e)
{
  return LW_COST_TABLE (e->table);
}

static LwCostItem *
item_of (const Explore *e, guint position)
{
  g_autoptr (GtkTreeListRow) row =
      g_list_model_get_item (lw_cost_table_rows (table_of (e)), position);

  g_assert_nonnull (row);
  return gtk_tree_list_row_get_item (row);
}

static void
assert_row (const Explore *e, guint position, const char *title)
{
  g_autoptr (LwCostItem) item = item_of (e, position);

  g_assert_cmpstr (lw_cost_item_title (item), ==, title);
}

static void
set_group (const Explore *e, const char *group)
{
  g_action_group_change_action_state (lw_cost_table_actions (table_of (e)), "group",
                                      g_variant_new_string (group));
}

static void
press_head (const Explore *e, const char *help)
{
  GtkWidget *button = gui_button (e->table, help);

  g_assert_nonnull (button);
  gui_press (button);
  gui_iterate ();
}

/* --- tests ----------------------------------------------------------------------------------- */

static void
sorting (Gui *gui)
{
  const Explore e = explore (gui, "alexnet");

  set_group (&e, "list");
  assert_row (&e, 0, "conv 1");
  press_head (&e, "Sort by parameters");
  assert_row (&e, 0, "conv 1"); /* 11,712, the least */
  assert_row (&e, 1, "linear 3");
  press_head (&e, "Sort by parameters");
  assert_row (&e, 0, "linear 1"); /* 26 million */
  press_head (&e, "Sort by parameters");
  assert_row (&e, 0, "conv 1");
  assert_row (&e, 1, "conv 2");
  press_head (&e, "Sort by name");
  press_head (&e, "Sort by name");
  assert_row (&e, 0, "linear 3");
  press_head (&e, "Sort by what is counted"); /* another column begins anew */
  assert_row (&e, 0, "linear 3");
  assert_row (&e, 7, "conv 2"); /* the most MACs */
}

/* In a tree siblings are sorted, and what was open stays open. */
static void
sorted_tree (Gui *gui)
{
  const Explore e = explore (gui, "resnet18");

  activate_row (&e, "Stage 2");
  activate_row (&e, "Residual 1");
  lw_workbench_select_layer (gui->workbench, node_named (&e, "2.0.conv2"));
  lw_cost_table_sort (table_of (&e), LW_COLUMN_PARAMETERS, LW_ORDER_DESCENDING);
  assert_row (&e, 0, "Stage 4");
  assert_row (&e, 2, "Stage 2");
  assert_row (&e, 3, "Residual 2"); /* 295,680 before 230,272 */
  assert_row (&e, 4, "Residual 1");
  assert_row (&e, 5, "conv2"); /* 147,584 */
  assert_row (&e, 6, "conv1");
  assert_row_marked (&e, node_named (&e, "2.0.conv2"), -1);
}

/* Everything is counted once, however it is grouped. */
static void
sums (Gui *gui)
{
  static const char *const groups[] = { "blocks", "list", "kinds" };

  for (int m = 0; m < lw_n_models (); m++) {
    const Explore e = explore (gui, lw_model (m)->name);
    const LwCost all = lw_graph_cost (graph_of (&e));

    for (guint g = 0; g < G_N_ELEMENTS (groups); g++) {
      LwCost sum = { 0 };

      set_group (&e, groups[g]);
      for (guint i = 0; i < count_rows (&e); i++) {
        g_autoptr (GtkTreeListRow) row =
            g_list_model_get_item (lw_cost_table_rows (table_of (&e)), i);
        g_autoptr (LwCostItem) item = gtk_tree_list_row_get_item (row);

        if (gtk_tree_list_row_get_depth (row) > 0)
          continue; /* counted in what is above */
        sum.parameters += lw_cost_item_cost (item).parameters;
        sum.macs += lw_cost_item_cost (item).macs;
      }
      g_assert_cmpint (sum.parameters, ==, all.parameters);
      g_assert_cmpint (sum.macs, ==, all.macs);
    }
    set_group (&e, "blocks");
  }
}

static void
groups_follow (Gui *gui)
{
  const Explore e = explore (gui, "googlenet");
  const LwNodeId node = node_named (&e, "2.1.p3_2");

  lw_workbench_select_layer (gui->workbench, node);
  assert_row_marked (&e, node, -1);
  set_group (&e, "kinds");
  assert_row_marked (&e, node, -1); /* its kind has opened */
  assert_row (&e, 0, "Convolution");
  g_assert_cmpuint (count_rows (&e), ==, 2 + 57);
  activate_row (&e, "Linear");
  lw_cost_table_select_row (table_of (&e), row_titled (&e, "linear"));
  g_assert_cmpint (lw_workbench_layer (gui->workbench), ==, lw_graph_output (graph_of (&e)));
  /* A kind stands for no layer: the mark stays where it is. */
  lw_cost_table_select_row (table_of (&e), row_titled (&e, "Convolution"));
  g_assert_cmpint (lw_workbench_layer (gui->workbench), ==, lw_graph_output (graph_of (&e)));
  set_group (&e, "list");
  assert_row_marked (&e, lw_graph_output (graph_of (&e)), -1);
  set_group (&e, "blocks");
}

static void
assert_hint (const Explore *e, const char *row, LwCostColumn column, LwCount count,
             const char *beginning)
{
  g_autoptr (LwCostItem) item = item_of (e, row_titled (e, row));
  g_autofree char *hint = lw_cost_hint (graph_of (e), item, column, count);

  if (hint == NULL || !g_str_has_prefix (hint, beginning))
    g_error ("\"%s\" does not begin with \"%s\"", hint, beginning);
}

static void
hints (Gui *gui)
{
  Explore e = explore (gui, "alexnet");

  assert_hint (&e, "conv 1", LW_COLUMN_PARAMETERS, LW_COUNT_MACS,
               "96·1·11·11 + 96 = 11,712\noutput · input · kernel + bias\n");
  assert_hint (&e, "conv 1", LW_COLUMN_VALUE, LW_COUNT_MACS, "96·54·54 · 1·11·11 = 33,872,256\n");
  assert_hint (&e, "conv 1", LW_COLUMN_VALUE, LW_COUNT_FLOPS,
               "2 · 96·54·54 · 1·11·11 = 67,744,512\n");
  assert_hint (&e, "conv 1", LW_COLUMN_VALUE, LW_COUNT_OPERATIONS, "2 · 33,872,256 + 279,936 = ");
  assert_hint (&e, "conv 1", LW_COLUMN_WINDOW, LW_COUNT_MACS,
               "kernel 11 × 11, stride 4, padding 1");
  assert_hint (&e, "conv 1", LW_COLUMN_OUTPUT, LW_COUNT_MACS,
               "96 channels of 54 × 54: 279,936 numbers");
  assert_hint (&e, "conv 1", LW_COLUMN_MEMORY, LW_COUNT_MACS,
               "96×54×54 numbers of 4 bytes = 1,119,744 bytes");
  assert_hint (&e, "conv 1", LW_COLUMN_LAYER, LW_COUNT_MACS, "conv 1 (0)");

  e = explore (gui, "resnet18");
  assert_hint (&e, "Stage 1", LW_COLUMN_PARAMETERS, LW_COUNT_MACS,
               "Residual 1\u00a074,112 + Residual 2\u00a074,112 = 148,224\n1.3 % of the network's "
               "11,178,378");
  e = explore (gui, "densenet");
  activate_row (&e, "Dense block 1");
  /* A normalization counted with its convolution. */
  assert_hint (&e, "conv 1", LW_COLUMN_PARAMETERS, LW_COUNT_MACS, "batch norm 1: 64 + 64 = 128\n");
}

static void
columns (Gui *gui)
{
  const Explore e = explore (gui, "lenet");
  GActionGroup *actions = lw_cost_table_actions (table_of (&e));
  static const char *const names[] = { "window", "field", "memory" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    g_action_group_change_action_state (actions, names[i], g_variant_new_boolean (TRUE));
  gui_wait (0.1);
  g_assert_nonnull (gui_label (e.table, "5×5, 1, 2"));
  g_assert_nonnull (gui_label (e.table, "18.4 KiB")); /* 6·28·28·4 */
  g_assert_nonnull (gui_label (e.table, "16"));       /* conv 2 sees 16 × 16 */
  lw_cost_table_sort (table_of (&e), LW_COLUMN_FIELD, LW_ORDER_DESCENDING);
  assert_row (&e, 0, "linear 1"); /* these see all; equal ones stay in the graph's order */
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    g_action_group_change_action_state (actions, names[i], g_variant_new_boolean (FALSE));
  gui_wait (0.1);
  g_assert_null (gui_label (e.table, "5×5, 1, 2"));
  assert_row (&e, 0, "conv 1"); /* no longer sorted by what cannot be seen */
}

/* --- copying --------------------------------------------------------------------------------- */

static void
have_text (GObject *clipboard, GAsyncResult *result, gpointer data)
{
  char **text = data;

  *text = gdk_clipboard_read_text_finish (GDK_CLIPBOARD (clipboard), result, NULL);
}

static char *
clipboard (const Explore *e)
{
  char *text = NULL;

  gdk_clipboard_read_text_async (gtk_widget_get_clipboard (e->table), NULL, have_text, &text);
  gui_assert_soon (text != NULL);
  return text;
}

static void
assert_copied (const Explore *e, const char *expected)
{
  g_autofree char *text = clipboard (e);

  g_assert_cmpstr (text, ==, expected);
}

#define LENET                                                                                      \
  "| Layer | Output | Parameters | share | MACs | share |\n"                                       \
  "|---|---:|---:|---:|---:|---:|\n"                                                               \
  "| conv 1 | 6×28×28 | 156 | 0.3 % | 117,600 | 28.2 % |\n"                                      \
  "| conv 2 | 16×10×10 | 2,416 | 3.9 % | 240,000 | 57.6 % |\n"                                   \
  "| linear 1 | 120 | 48,120 | 78.0 % | 48,000 | 11.5 % |\n"                                       \
  "| linear 2 | 84 | 10,164 | 16.5 % | 10,080 | 2.4 % |\n"                                         \
  "| linear 3 | 10 | 850 | 1.4 % | 840 | 0.2 % |\n"                                                \
  "| *7 layers without parameters or MACs are hidden* |  |  |  |  |  |\n"                          \
  "| **Total** |  | **61,706** |  | **416,520** |  |\n"

static void
copying (Gui *gui)
{
  const Explore e = explore (gui, "lenet");
  GActionGroup *actions = lw_cost_table_actions (table_of (&e));

  g_action_group_activate_action (actions, "copy", g_variant_new_string ("markdown"));
  assert_copied (&e, LENET);
  gui_assert_soon (g_strcmp0 (gui_toast (gui), "Copied 5 rows as Markdown") == 0);

  /* What is shown is copied: sorted, and with a kind of its own above. */
  lw_cost_table_sort (table_of (&e), LW_COLUMN_PARAMETERS, LW_ORDER_DESCENDING);
  set_group (&e, "kinds");
  activate_row (&e, "Convolution");
  g_action_group_activate_action (actions, "copy", g_variant_new_string ("csv"));
  assert_copied (&e, "level,Layer,Output,Parameters,share,MACs,share\r\n"
                     "0,Linear × 3,,59134,0.958318,58920,0.141458\r\n"
                     "0,Convolution × 2,,2572,0.041682,357600,0.858542\r\n"
                     "1,conv 2,16×10×10,2416,0.039153,240000,0.576203\r\n"
                     "1,conv 1,6×28×28,156,0.002528,117600,0.282339\r\n"
                     ",7 layers without parameters or MACs are hidden,,,,,\r\n"
                     ",Total,,61706,,416520,\r\n");

  /* The key repeats the last form. */
  press_shortcut (e.table, "<Control>c");
  {
    g_autofree char *expected = lw_cost_table_text (table_of (&e), LW_TEXT_CSV);

    assert_copied (&e, expected);
  }
  set_group (&e, "blocks");
  lw_cost_table_sort (table_of (&e), LW_COLUMN_LAYER, LW_ORDER_GRAPH);
  g_action_group_activate_action (actions, "copy", g_variant_new_string ("latex"));
  {
    g_autofree char *text = clipboard (&e);

    g_assert_nonnull (strstr (
        text, "conv 1 & 6$\\times$28$\\times$28 & 156 & 0.3 \\% & 117,600 & 28.2 \\% \\\\"));
    g_assert_nonnull (strstr (text, "\\bottomrule"));
  }
}

static GtkWidget *
menu_button (GtkWidget *root, const char *tooltip)
{
  if (!gtk_widget_get_mapped (root))
    return NULL;
  if (GTK_IS_MENU_BUTTON (root) && g_strcmp0 (gtk_widget_get_tooltip_text (root), tooltip) == 0)
    return root;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child)) {
    GtkWidget *found = menu_button (child, tooltip);

    if (found != NULL)
      return found;
  }
  return NULL;
}

static void
menus (Gui *gui)
{
  static const char *const names[] = { "Copy the table", "Rows and columns" };
  const Explore e = explore (gui, "resnet18");

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    GtkWidget *menu = menu_button (e.page, names[i]);

    g_assert_nonnull (menu);
    gtk_menu_button_popup (GTK_MENU_BUTTON (menu));
    gui_wait (0.3);
    g_assert_true (
        gtk_widget_get_mapped (GTK_WIDGET (gtk_menu_button_get_popover (GTK_MENU_BUTTON (menu)))));
    gtk_menu_button_popdown (GTK_MENU_BUTTON (menu));
    gui_wait (0.3);
  }
}

int
main (int argc, char **argv)
{
  static const GuiTest tests[] = {
    { "/cost-table/menus", menus, NULL },
    { "/cost-table/sorting", sorting, NULL },
    { "/cost-table/sorted-tree", sorted_tree, NULL },
    { "/cost-table/sums", sums, NULL },
    { "/cost-table/groups-follow", groups_follow, NULL },
    { "/cost-table/hints", hints, NULL },
    { "/cost-table/columns", columns, NULL },
    { "/cost-table/copying", copying, NULL },
    { NULL, NULL, NULL },
  };

  return gui_main (argc, argv, tests);
}
