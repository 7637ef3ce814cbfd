/* Finding one's way in the diagram: search, the map, upstream and downstream, tooltips. */
#include "tests/gui/explore-steps.h"
#include "ui/diagram-minimap.h"
#include "ui/diagram-search.h"
#include "ui/diagram-tip.h"
#include "ui/diagram-view-private.h"
#include "ui/volumes-view.h"

#include <math.h>

static LwDiagramSearch *
open_search (const Explore *e)
{
  GtkWidget *row;

  gui_shortcut (e->gui, "<Control>f");
  gui_assert_soon ((row = gui_find (e->page, LW_TYPE_DIAGRAM_SEARCH)) != NULL);
  return LW_DIAGRAM_SEARCH (row);
}

static void
type (LwDiagramSearch *row, const char *text)
{
  gtk_editable_set_text (GTK_EDITABLE (gui_find (GTK_WIDGET (row), GTK_TYPE_ENTRY)), text);
  gui_iterate ();
}

static void
press (GtkWidget *widget, guint value)
{
  gboolean handled = FALSE;

  g_signal_emit_by_name (gui_controller (widget, GTK_TYPE_EVENT_CONTROLLER_KEY), "key-pressed",
                         value, 0, 0, &handled);
  g_assert_true (handled);
  gui_iterate ();
}

static LwDiagramMark
mark_of (const Explore *e, LwNodeId node, LwBlockId block)
{
  LwDiagramMark mark = { .alpha = 1 };

  lw_diagram_view_mark_found (LW_DIAGRAM_VIEW (e->diagram), (LwDiagramSpot){ node, block }, &mark);
  return mark;
}

/* Words in the row, badges on folded blocks, and the way through the matches. */
static void
search (Gui *gui)
{
  const Explore e = explore (gui, "googlenet");
  LwDiagramView *view = LW_DIAGRAM_VIEW (e.diagram);
  const guint plain = gui_picture (e.diagram);
  const int folded = count_boxes (&e);
  LwDiagramSearch *row = open_search (&e);
  LwNodeId first, second;

  g_assert_true (
      gtk_widget_is_ancestor (gtk_window_get_focus (GTK_WINDOW (gui->window)), GTK_WIDGET (row)));
  type (row, "5×5");
  g_assert_cmpstr (lw_diagram_search_count (row), ==, "9 layers");
  g_assert_cmpint (count_boxes (&e), ==, folded); /* typing alone moves nothing */
  g_assert_cmpuint (gui_picture (e.diagram), !=, plain);
  g_assert_cmpstr (mark_of (&e, LW_NO_NODE, block_titled (&e, "Block 3")).badge, ==, "2");
  g_assert_cmpstr (mark_of (&e, LW_NO_NODE, block_titled (&e, "Block 4")).badge, ==, "5");
  g_assert_null (mark_of (&e, LW_NO_NODE, block_titled (&e, "Block 1")).badge);

  gui_shortcut (gui, "F3");
  first = node_named (&e, "2.0.p3_2");
  second = node_named (&e, "2.1.p3_2");
  g_assert_cmpstr (lw_diagram_search_count (row), ==, "1 of 9 layers");
  assert_marked (&e, first, -1);
  gui_wait (0.4);
  assert_in_view (&e, (LwDiagramSpot){ first, -1 }); /* and unfolded */
  gui_press (gui_button (GTK_WIDGET (row), "Next match"));
  gui_assert_soon (lw_workbench_layer (gui->workbench) == second);
  g_assert_cmpstr (lw_diagram_search_count (row), ==, "2 of 9 layers");
  gui_wait (0.4);
  assert_in_view (&e, (LwDiagramSpot){ second, -1 });
  assert_row_marked (&e, second, -1);
  g_assert_cmpstr (lw_layer_inspector_title (LW_LAYER_INSPECTOR (e.inspector)), ==, "p3_2");
  g_assert_cmpint (mark_of (&e, second, -1).ring, ==, LW_RING_CURRENT);
  g_assert_cmpint (mark_of (&e, first, -1).ring, ==, LW_RING_MATCH);
  g_assert_cmpint (mark_of (&e, node_named (&e, "2.1.p2_2"), -1).ring, ==, LW_RING_NONE);
  gui_shortcut (gui, "<Shift>F3");
  assert_marked (&e, first, -1);
  gui_press (gui_button (GTK_WIDGET (row), "Previous match")); /* around the beginning */
  gui_assert_soon (g_str_equal (lw_diagram_search_count (row), "9 of 9 layers"));

  type (row, "9×9");
  g_assert_cmpstr (lw_diagram_search_count (row), ==, "No layer matches");
  g_assert_false (gtk_widget_get_sensitive (gui_button (GTK_WIDGET (row), "Next match")));
  gui_shortcut (gui, "F3"); /* leads nowhere */
  type (row, "inception");
  g_assert_cmpstr (lw_diagram_search_count (row), ==, "9 matches");

  /* It stays for the next network. */
  lw_workbench_select_model (gui->workbench, lw_model_find ("lenet", NULL));
  type (row, "5x5");
  g_assert_cmpstr (lw_diagram_search_count (row), ==, "2 layers");
  lw_workbench_select_model (gui->workbench, lw_model_find ("googlenet", NULL));
  gui_assert_soon (g_str_equal (lw_diagram_search_count (row), "9 layers"));

  press (GTK_WIDGET (row), GDK_KEY_Escape);
  gui_assert_soon (gui_find (e.page, LW_TYPE_DIAGRAM_SEARCH) == NULL);
  g_assert_cmpint (lw_diagram_view_n_matches (view, NULL, NULL), ==, 0);
  g_assert_true (gtk_widget_has_focus (e.diagram));
  gui_shortcut (gui, "F3"); /* opens it again, with what was asked last */
  row = open_search (&e);
  g_assert_cmpstr (lw_diagram_search_count (row), ==, "9 layers");
}

static void
patterns (Gui *gui)
{
  const Explore e = explore (gui, "resnet18");
  LwDiagramSearch *row = open_search (&e);
  GtkWidget *pattern = gui_button (GTK_WIDGET (row), "Regular expression");

  type (row, "conv[12]$");
  g_assert_cmpstr (lw_diagram_search_count (row), ==, "No layer matches");
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (pattern), TRUE);
  g_assert_cmpstr (lw_diagram_search_count (row), ==, "16 layers");
  type (row, "conv[");
  g_assert_cmpstr (lw_diagram_search_count (row), ==, "");
  g_assert_nonnull (gui_label (GTK_WIDGET (row), "This is no regular expression yet: "));
  gui_shortcut (gui, "F3");
  type (row, "conv[1]");
  g_assert_null (gui_label (GTK_WIDGET (row), "This is no regular expression"));
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (pattern), FALSE);
  type (row, "");
  g_assert_cmpstr (lw_diagram_search_count (row), ==, "");
}

/* There while a part is outside; a drag moves the view by as much of the diagram. */
static void
minimap (Gui *gui)
{
  const Explore e = explore (gui, "resnet18");
  LwDiagramView *view = LW_DIAGRAM_VIEW (e.diagram);
  GtkWidget *map;
  GtkEventController *drag;
  cairo_rectangle_t before, after;
  double width, height;

  lw_diagram_view_fit (view);
  gui_assert_soon (gui_find (e.page, LW_TYPE_DIAGRAM_MINIMAP) == NULL);
  lw_diagram_view_unfold_all (view);
  lw_diagram_view_zoom_to (view, 1);
  gui_assert_soon ((map = gui_find (e.page, LW_TYPE_DIAGRAM_MINIMAP)) != NULL);
  gui_assert_soon (gtk_widget_get_width (map) > 10);
  g_assert_cmpint (gtk_widget_get_width (map), <=, 170);
  g_assert_cmpint (gtk_widget_get_height (map), <=, 160);

  drag = gui_controller (map, GTK_TYPE_GESTURE_DRAG);
  press (map, GDK_KEY_Home);
  before = lw_diagram_view_shown (view);
  g_signal_emit_by_name (drag, "drag-begin", 20.0, 12.0); /* in the frame, at the top */
  g_assert_cmpfloat (lw_diagram_view_shown (view).y, ==, before.y);
  g_signal_emit_by_name (drag, "drag-update", 0.0, 20.0);
  after = lw_diagram_view_shown (view);
  g_assert_cmpfloat (after.y, >, before.y + 100);
  g_signal_emit_by_name (drag, "drag-update", 0.0, 1000.0);
  lw_diagram_layout_size (layout_of (&e), &width, &height);
  after = lw_diagram_view_shown (view);
  g_assert_cmpfloat (after.y + after.height, >=, height); /* not beyond the end, but all of it */
  g_assert_cmpfloat (after.y + after.height, <, height + 200);
  g_signal_emit_by_name (drag, "drag-update", 0.0, 0.0);
  g_assert_cmpfloat (fabs (lw_diagram_view_shown (view).y - before.y), <, 1);
  /* a click beside the frame goes there */
  g_signal_emit_by_name (drag, "drag-begin", 20.0, (double)gtk_widget_get_height (map) - 10);
  g_assert_cmpfloat (lw_diagram_view_shown (view).y, >, height / 2);
  press (map, GDK_KEY_Home);
  press (map, GDK_KEY_Down);
  g_assert_cmpfloat (lw_diagram_view_shown (view).y, >, 50);
  gui_picture (map);
}

/* The rest is dimmed, also while another layer is marked; Escape ends that before the mark. */
static void
upstream_and_downstream (Gui *gui)
{
  const Explore e = explore (gui, "googlenet");
  const LwNodeId p3 = node_named (&e, "2.0.p3_2"), p1 = node_named (&e, "2.0.p1_1");
  const LwBlockId last = block_titled (&e, "Block 5");
  guint plain;

  lw_workbench_select_layer (gui->workbench, p3);
  gui_wait (0.1);
  plain = gui_picture (e.diagram);
  key (&e, GDK_KEY_u, 0);
  g_assert_true (lw_diagram_view_is_tracing (LW_DIAGRAM_VIEW (e.diagram)));
  g_assert_cmpuint (gui_picture (e.diagram), !=, plain);
  g_assert_cmpfloat (mark_of (&e, p3, -1).alpha, ==, 1);
  g_assert_cmpfloat (mark_of (&e, p1, -1).alpha, ==, 0.45);
  g_assert_cmpfloat (mark_of (&e, LW_NO_NODE, last).alpha, ==, 1);
  lw_workbench_select_layer (gui->workbench, p1);
  g_assert_cmpfloat (mark_of (&e, p3, -1).alpha, ==, 0.45);
  g_assert_cmpfloat (mark_of (&e, p1, -1).alpha, ==, 1);
  key (&e, GDK_KEY_Escape, 0);
  g_assert_false (lw_diagram_view_is_tracing (LW_DIAGRAM_VIEW (e.diagram)));
  g_assert_cmpfloat (mark_of (&e, p3, -1).alpha, ==, 1);
  assert_marked (&e, p1, -1);
  key (&e, GDK_KEY_Escape, 0);
  assert_marked (&e, LW_NO_NODE, -1);
  key (&e, GDK_KEY_u, 0); /* of nothing */
  g_assert_false (lw_diagram_view_is_tracing (LW_DIAGRAM_VIEW (e.diagram)));
}

/* What tooltips hold, in a window of their own. */
static void
tips (Gui *gui)
{
  const Explore e = explore (gui, "googlenet");
  GtkWidget *window = gtk_window_new (), *tip = lw_diagram_tip_new ();
  LwDataset *dataset = lw_workbench_dataset (gui->workbench);
  guint picture;

  gtk_window_set_child (GTK_WINDOW (window), tip);
  lw_diagram_tip_show (LW_DIAGRAM_TIP (tip), graph_of (&e),
                       (LwDiagramSpot){ node_named (&e, "2.1.p3_2"), -1 }, dataset, NULL);
  gtk_window_present (GTK_WINDOW (window));
  gui_assert_soon (gui_label (tip, "p3_2: 76,896 parameters, 11,059,200 MACs") != NULL);
  g_assert_nonnull (gui_label (tip, "91 × 91 pixels"));
  picture = gui_picture (tip);
  lw_diagram_tip_show (LW_DIAGRAM_TIP (tip), graph_of (&e),
                       (LwDiagramSpot){ node_named (&e, "0.0"), -1 }, dataset, NULL);
  g_assert_nonnull (gui_label (tip, "7 × 7 pixels"));
  gui_wait (0.1);
  g_assert_cmpuint (gui_picture (tip), !=, picture); /* a smaller square */
  lw_diagram_tip_show (LW_DIAGRAM_TIP (tip), graph_of (&e),
                       (LwDiagramSpot){ LW_NO_NODE, block_titled (&e, "Block 5") }, NULL, NULL);
  g_assert_nonnull (gui_label (tip, "whole image"));
  lw_diagram_tip_show (LW_DIAGRAM_TIP (tip), graph_of (&e), (LwDiagramSpot){ 0, -1 }, dataset,
                       NULL);
  gui_iterate ();
  g_assert_null (gui_label (tip, "1 × 1 pixels")); /* the image itself: nothing to show */
  gtk_window_destroy (GTK_WINDOW (window));
}

/* Search leaves the memory for the drawing that was there before, and gives the focus back to it;
 * over volumes Escape ends one thing at a time too. */
static void
elsewhere (Gui *gui)
{
  const Explore e = explore (gui, "lenet");
  gboolean handled = TRUE;
  GtkWidget *volumes;
  LwDiagramSearch *row;

  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (gui_button (e.page, "Volumes")), TRUE);
  gui_assert_soon ((volumes = gui_find (e.page, LW_TYPE_VOLUMES_VIEW)) != NULL);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (gui_button (e.page, "Memory")), TRUE);
  gui_assert_soon (!gtk_widget_get_mapped (volumes));
  row = open_search (&e);
  gui_assert_soon (gtk_widget_get_mapped (volumes));
  press (GTK_WIDGET (row), GDK_KEY_Escape);
  g_assert_true (gtk_window_get_focus (GTK_WINDOW (gui->window)) == volumes);
  lw_workbench_select_layer (gui->workbench, node_named (&e, "0"));
  press (volumes, GDK_KEY_Escape);
  assert_marked (&e, LW_NO_NODE, -1);
  g_signal_emit_by_name (gui_controller (volumes, GTK_TYPE_EVENT_CONTROLLER_KEY), "key-pressed",
                         GDK_KEY_Escape, 0, 0, &handled);
  g_assert_false (handled);
}

int
main (int argc, char **argv)
{
  static const GuiTest tests[] = {
    { "/navigation/search", search, NULL },
    { "/navigation/patterns", patterns, NULL },
    { "/navigation/elsewhere", elsewhere, NULL },
    { "/navigation/minimap", minimap, NULL },
    { "/navigation/upstream-and-downstream", upstream_and_downstream, NULL },
    { "/navigation/tips", tips, NULL },
    { NULL, NULL, NULL },
  };

  return gui_main (argc, argv, tests);
}
