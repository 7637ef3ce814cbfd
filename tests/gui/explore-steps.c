#include "tests/gui/explore-steps.h"

void
animate (bool animated)
{
  g_object_set (gtk_settings_get_default (), "gtk-enable-animations", animated, NULL);
}

/* Until everything has its place and is painted. */
static void
wait_for_frames (GtkWidget *widget, int n)
{
  GdkFrameClock *clock = gtk_widget_get_frame_clock (widget);

  while (n-- > 0) {
    const gint64 before = gdk_frame_clock_get_frame_counter (clock);

    gtk_widget_queue_draw (widget);
    gui_assert_soon (gdk_frame_clock_get_frame_counter (clock) > before);
  }
}

Explore
explore (Gui *gui, const char *model)
{
  GtkWidget *window = GTK_WIDGET (gui->window);
  Explore e = { .gui = gui };

  animate (false);
  if (ABS (gtk_widget_get_width (window) - 1280) > 16)
    gui_resize (gui, 1280, 800);
  gui_shortcut (gui, "<Control>1");
  lw_workbench_select_model (gui->workbench, lw_model_find (model, NULL));
  e.page = gui_find (window, LW_TYPE_EXPLORE_PAGE);
  e.diagram = gui_find (window, LW_TYPE_DIAGRAM_VIEW);
  e.table = gui_find (window, LW_TYPE_COST_TABLE);
  e.inspector = gui_find (window, LW_TYPE_LAYER_INSPECTOR);
  g_assert_true (e.page && e.diagram && e.table && e.inspector);
  wait_for_frames (window, 3);
  return e;
}

const LwDiagramLayout *
layout_of (const Explore *e)
{
  return lw_diagram_view_layout (LW_DIAGRAM_VIEW (e->diagram));
}

LwGraph *
graph_of (const Explore *e)
{
  return lw_workbench_graph (e->gui->workbench);
}

int
count_boxes (const Explore *e)
{
  int32_t n;

  lw_diagram_layout_boxes (layout_of (e), &n);
  return n;
}

LwBlockId
block_titled (const Explore *e, const char *title)
{
  for (LwBlockId i = 0; i < lw_graph_n_blocks (graph_of (e)); i++)
    if (g_str_equal (lw_graph_block (graph_of (e), i)->title, title))
      return i;
  g_assert_not_reached ();
}

LwNodeId
node_named (const Explore *e, const char *name)
{
  const LwNodeId node = lw_graph_find_node (graph_of (e), name);

  g_assert_cmpint (node, !=, LW_NO_NODE);
  return node;
}

void
assert_marked (const Explore *e, LwNodeId node, LwBlockId block)
{
  g_assert_cmpint (lw_workbench_layer (e->gui->workbench), ==, node);
  g_assert_cmpint (lw_workbench_block (e->gui->workbench), ==, block);
}

/* --- pointer and keys, as the widget's own controllers hear them ---------------------------------
 */

void
key (const Explore *e, guint value, GdkModifierType state)
{
  gboolean handled = FALSE;

  g_signal_emit_by_name (gui_controller (e->diagram, GTK_TYPE_EVENT_CONTROLLER_KEY), "key-pressed",
                         value, 0, state, &handled);
  g_assert_true (handled);
  gui_iterate ();
}

void
click_at (const Explore *e, double x, double y, int n)
{
  lw_diagram_view_locate (LW_DIAGRAM_VIEW (e->diagram), &x, &y);
  g_signal_emit_by_name (gui_controller (e->diagram, GTK_TYPE_GESTURE_CLICK), "released", n, x, y);
  gui_iterate ();
}

cairo_rectangle_t
rect_of (const Explore *e, LwDiagramSpot spot)
{
  cairo_rectangle_t rect;

  g_assert_true (lw_diagram_spot_equal (lw_diagram_layout_visible (layout_of (e), spot), spot));
  g_assert_true (lw_diagram_layout_spot_rect (layout_of (e), spot, &rect));
  return rect;
}

void
click_on (const Explore *e, LwDiagramSpot spot, int n)
{
  const cairo_rectangle_t rect = rect_of (e, spot);

  click_at (e, rect.x + rect.width / 2, rect.y + 12, n);
}

void
assert_in_view (const Explore *e, LwDiagramSpot spot)
{
  const cairo_rectangle_t rect = rect_of (e, spot);
  double x = rect.x, y = rect.y, right = rect.x + rect.width, bottom = rect.y + rect.height;

  lw_diagram_view_locate (LW_DIAGRAM_VIEW (e->diagram), &x, &y);
  lw_diagram_view_locate (LW_DIAGRAM_VIEW (e->diagram), &right, &bottom);
  g_assert_cmpfloat (x, >=, -1);
  g_assert_cmpfloat (y, >=, -1);
  g_assert_cmpfloat (right, <=, gtk_widget_get_width (e->diagram) + 1);
  g_assert_cmpfloat (bottom, <=, gtk_widget_get_height (e->diagram) + 1);
}

/* Does what one of a controller's shortcuts does; false: it has no such. */
static bool
try_shortcut (GtkWidget *widget, GListModel *shortcuts, const char *keys)
{
  for (guint i = 0; i < g_list_model_get_n_items (shortcuts); i++) {
    g_autoptr (GtkShortcut) shortcut = g_list_model_get_item (shortcuts, i);
    g_autofree char *words = gtk_shortcut_trigger_to_string (gtk_shortcut_get_trigger (shortcut));

    if (g_str_equal (words, keys)) {
      g_assert_true (gtk_shortcut_action_activate (gtk_shortcut_get_action (shortcut), 0, widget,
                                                   gtk_shortcut_get_arguments (shortcut)));
      return true;
    }
  }
  return false;
}

void
press_shortcut (GtkWidget *widget, const char *keys)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (widget);

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++) {
    g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);

    if (GTK_IS_SHORTCUT_CONTROLLER (controller) &&
        try_shortcut (widget, G_LIST_MODEL (controller), keys)) {
      gui_wait (0.05);
      return;
    }
  }
  g_assert_not_reached ();
}

/* --- the table -----------------------------------------------------------------------------------
 */

guint
row_titled (const Explore *e, const char *title)
{
  GListModel *rows = lw_cost_table_rows (LW_COST_TABLE (e->table));

  for (guint i = 0; i < g_list_model_get_n_items (rows); i++) {
    g_autoptr (GtkTreeListRow) row = g_list_model_get_item (rows, i);
    g_autoptr (LwCostItem) item = gtk_tree_list_row_get_item (row);

    if (g_str_equal (lw_cost_item_title (item), title))
      return i;
  }
  return GTK_INVALID_LIST_POSITION;
}

guint
count_rows (const Explore *e)
{
  return g_list_model_get_n_items (lw_cost_table_rows (LW_COST_TABLE (e->table)));
}

void
activate_row (const Explore *e, const char *title)
{
  const guint row = row_titled (e, title);

  g_assert_cmpuint (row, !=, GTK_INVALID_LIST_POSITION);
  g_signal_emit_by_name (gui_find (e->table, GTK_TYPE_LIST_VIEW), "activate", row);
}

void
assert_row_marked (const Explore *e, LwNodeId node, LwBlockId block)
{
  const LwDiagramSpot spot = lw_cost_table_selected (LW_COST_TABLE (e->table));

  g_assert_cmpint (spot.node, ==, node);
  g_assert_cmpint (spot.block, ==, block);
}
