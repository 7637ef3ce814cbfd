/* Explore's volumes: pointer, keys and folding, linked with diagram, table and inspector; where the
 * panes stand. */
#include "tests/gui/explore-steps.h"
#include "ui/volumes-view.h"

#include <string.h>

/* --- steps
 * ----------------------------------------------------------------------------------------
 */

static LwVolumesView *
show_volumes (const Explore *e)
{
  GtkWidget *volumes;

  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (gui_button (e->page, "Volumes")), TRUE);
  gui_assert_soon ((volumes = gui_find (e->page, LW_TYPE_VOLUMES_VIEW)) != NULL);
  gui_assert_soon (gtk_widget_get_width (volumes) > 500);
  gui_wait (0.1);
  return LW_VOLUMES_VIEW (volumes);
}

static void
press (LwVolumesView *volumes, guint key)
{
  gboolean handled = FALSE;

  g_signal_emit_by_name (gui_controller (volumes, GTK_TYPE_EVENT_CONTROLLER_KEY), "key-pressed",
                         key, 0, 0, &handled);
  g_assert_true (handled);
  gui_iterate ();
}

static const LwVolume *
volume_of (LwVolumesView *volumes, LwDiagramSpot spot)
{
  const LwVolumes *row = lw_volumes_view_volumes (volumes);
  const int32_t index = lw_volumes_find (row, spot);

  g_assert_cmpint (index, >=, 0);
  return &lw_volumes_items (row, NULL)[index];
}

static int
count (LwVolumesView *volumes)
{
  int32_t n;

  lw_volumes_items (lw_volumes_view_volumes (volumes), &n);
  return n;
}

static void
click (LwVolumesView *volumes, double x, double y, int n)
{
  lw_volumes_view_locate (volumes, &x, &y);
  g_signal_emit_by_name (gui_controller (volumes, GTK_TYPE_GESTURE_CLICK), "released", n, x, y);
  gui_iterate ();
}

static void
assert_in_sight (LwVolumesView *volumes, LwDiagramSpot spot)
{
  const cairo_rectangle_t *slot = &volume_of (volumes, spot)->slot;
  double x = slot->x, y = slot->y, end = slot->x + slot->width, bottom = y;

  lw_volumes_view_locate (volumes, &x, &y);
  lw_volumes_view_locate (volumes, &end, &bottom);
  g_assert_cmpfloat (x, >=, -1);
  g_assert_cmpfloat (end, <=, gtk_widget_get_width (GTK_WIDGET (volumes)) + 1);
}

static graphene_rect_t
place_of (GtkWidget *widget, GtkWidget *page)
{
  graphene_rect_t rect;

  g_assert_true (gtk_widget_compute_bounds (widget, page, &rect));
  return rect;
}

/* --- tests
 * ----------------------------------------------------------------------------------------
 */

static void
all_networks (Gui *gui)
{
  for (int i = 0; i < lw_n_book_models (); i++) {
    const Explore e = explore (gui, lw_model (i)->name);
    LwVolumesView *volumes = show_volumes (&e);
    const guint picture = gui_picture (GTK_WIDGET (volumes));
    const int folded = count (volumes);
    double zoom;

    g_object_get (volumes, "zoom", &zoom, NULL);
    g_assert_cmpfloat (zoom, >=, 0.7); /* words can be read */
    g_assert_nonnull (lw_volumes_view_image (volumes));
    if (lw_graph_n_blocks (graph_of (&e)) > 1) {
      gui_press (gui_button (e.page, "Unfold all"));
      g_assert_cmpint (count (volumes), >, folded);
      g_assert_cmpuint (gui_picture (GTK_WIDGET (volumes)), !=, picture);
      gui_press (gui_button (e.page, "Fold all"));
      g_assert_cmpint (count (volumes), ==, folded);
    }
    gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (gui_button (e.page, "Blocks")), TRUE);
    gui_iterate ();
  }
}

/* Table and inspector stand side by side below the volumes, and as before beside the diagram. */
static void
panes (Gui *gui)
{
  const Explore e = explore (gui, "alexnet");
  const graphene_rect_t table = place_of (e.table, e.page);
  const graphene_rect_t inspector = place_of (e.inspector, e.page);

  for (int i = 0; i < 2; i++) {
    LwVolumesView *volumes = show_volumes (&e);
    const graphene_rect_t row = place_of (GTK_WIDGET (volumes), e.page);
    const graphene_rect_t left = place_of (e.table, e.page), right = place_of (e.inspector, e.page);

    g_assert_cmpfloat (row.size.width, ==, (float)gtk_widget_get_width (e.page));
    g_assert_cmpfloat (left.origin.y, >=, row.origin.y + row.size.height);
    g_assert_cmpfloat (left.origin.y, ==, right.origin.y);
    g_assert_cmpfloat (right.origin.x, >=, left.origin.x + left.size.width);
    g_assert_cmpfloat (right.size.width, >, 480);
    g_assert_cmpfloat (row.size.height, >, 330);
    gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (gui_button (e.page, "Blocks")), TRUE);
    gui_wait (0.2);
    g_assert_true (place_of (e.table, e.page).origin.x == table.origin.x);
    g_assert_true (place_of (e.table, e.page).size.height == table.size.height);
    g_assert_true (place_of (e.inspector, e.page).size.width == inspector.size.width);
  }
  show_volumes (&e);
  gui_resize (gui, 800, 600);
  gui_wait (0.2);
  g_assert_cmpfloat (place_of (e.inspector, e.page).origin.y, ==,
                     place_of (e.table, e.page).origin.y);
  gui_resize (gui, 1280, 800);
}

static void
pointer_and_keys (Gui *gui)
{
  const Explore e = explore (gui, "alexnet");
  LwVolumesView *volumes = show_volumes (&e);
  const LwNodeId conv1 = node_named (&e, "0"), relu = conv1 + 1;
  const LwVolume *volume = volume_of (volumes, (LwDiagramSpot){ conv1, -1 });

  click (volumes, volume->rect.x + 1, volume->rect.y + volume->rect.height - 2, 1);
  assert_marked (&e, conv1, -1);
  assert_row_marked (&e, conv1, -1);
  g_assert_cmpstr (lw_layer_inspector_title (LW_LAYER_INSPECTOR (e.inspector)), ==, "conv 1");
  g_assert_cmpstr (lw_volumes_view_description (volumes), ==,
                   "conv 1, convolution, output 96 by 54 by 54, 11,712 parameters, 33.9 million "
                   "MACs");
  press (volumes, GDK_KEY_Down); /* to the band on it */
  assert_marked (&e, relu, -1);
  press (volumes, GDK_KEY_Down);
  assert_marked (&e, relu, -1);
  press (volumes, GDK_KEY_Up);
  assert_marked (&e, conv1, -1);
  press (volumes, GDK_KEY_Right);
  assert_marked (&e, node_named (&e, "2"), -1);
  press (volumes, GDK_KEY_Left);
  press (volumes, GDK_KEY_Left);
  assert_marked (&e, 0, -1);
  press (volumes, GDK_KEY_Left);
  assert_marked (&e, 0, -1);
  press (volumes, GDK_KEY_End);
  assert_marked (&e, lw_graph_output (graph_of (&e)), -1);
  press (volumes, GDK_KEY_Page_Up);
  press (volumes, GDK_KEY_Escape);
  assert_marked (&e, LW_NO_NODE, -1);
  lw_workbench_select_layer (gui->workbench, node_named (&e, "17")); /* another page leads */
  gui_wait (0.05);
  assert_in_sight (volumes, (LwDiagramSpot){ node_named (&e, "17"), -1 });
}

static void
zoom (Gui *gui)
{
  const Explore e = explore (gui, "densenet");
  LwVolumesView *volumes = show_volumes (&e);
  const double diagram = lw_diagram_view_zoom (LW_DIAGRAM_VIEW (e.diagram));
  double before, after;

  gui_press (gui_button (e.page, "Unfold all"));
  g_object_get (volumes, "zoom", &before, NULL);
  press_shortcut (e.page, "<Control>plus");
  gui_assert_soon ((g_object_get (volumes, "zoom", &after, NULL), after > before * 1.1));
  press_shortcut (e.page, "<Control>0");
  gui_assert_soon ((g_object_get (volumes, "zoom", &after, NULL), after == 1));
  gui_press (gui_button (e.page, "Zoom out"));
  gui_assert_soon ((g_object_get (volumes, "zoom", &after, NULL), after < 1));
  g_assert_nonnull (gui_button (e.page, "Fit"));
  press_shortcut (e.page, "f"); /* the whole row is longer than 25 % of it fit into */
  gui_assert_soon ((g_object_get (volumes, "zoom", &after, NULL), after < 0.45));
  g_assert_cmpfloat (lw_diagram_view_zoom (LW_DIAGRAM_VIEW (e.diagram)), ==, diagram);
  press (volumes, GDK_KEY_End);
  assert_in_sight (volumes, (LwDiagramSpot){ lw_graph_output (graph_of (&e)), -1 });
}

/* Of diagram or volumes. */
static cairo_rectangle_t
part_of (gpointer drawing)
{
  cairo_rectangle_t part;

  if (!LW_IS_VOLUMES_VIEW (drawing))
    return lw_diagram_view_shown (drawing);
  lw_volumes_view_part (drawing, &part);
  return part;
}

static void
scroll (gpointer drawing, double dx, double dy)
{
  gboolean handled = FALSE;

  g_signal_emit_by_name (gui_controller (drawing, GTK_TYPE_EVENT_CONTROLLER_SCROLL), "scroll", dx,
                         dy, &handled);
  g_assert_true (handled);
}

static void
drag (gpointer drawing, double dx, double dy)
{
  GtkEventController *hand = gui_controller (drawing, GTK_TYPE_GESTURE_DRAG);

  g_signal_emit_by_name (hand, "drag-begin", 200.0, 200.0);
  g_signal_emit_by_name (hand, "drag-update", 2.0, 0.0); /* a click that trembles */
  g_signal_emit_by_name (hand, "drag-update", dx / 2, dy / 2);
  g_signal_emit_by_name (hand, "drag-update", dx, dy);
  g_signal_emit_by_name (hand, "drag-end", dx, dy);
}

/* The wheel and a drag move a drawing as far as the hand; a row that has all of its height in view
 * goes sideways with the wheel. */
static void
hand (Gui *gui)
{
  const Explore e = explore (gui, "densenet");
  LwVolumesView *volumes = show_volumes (&e);
  cairo_rectangle_t before;

  gui_press (gui_button (e.page, "Unfold all"));
  lw_volumes_view_zoom_to (volumes, 0.5);
  gui_wait (0.05);
  before = part_of (volumes);
  scroll (volumes, 0, 1);
  g_assert_cmpfloat_with_epsilon (part_of (volumes).x, before.x + 60 / 0.5, 1e-6);
  g_assert_cmpfloat_with_epsilon (part_of (volumes).y, before.y, 1e-6);
  drag (volumes, -100, 0);
  g_assert_cmpfloat_with_epsilon (part_of (volumes).x, before.x + 160 / 0.5, 1e-6);

  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (gui_button (e.page, "Blocks")), TRUE);
  lw_diagram_view_zoom_to (LW_DIAGRAM_VIEW (e.diagram), 2);
  gui_wait (0.05);
  before = part_of (e.diagram);
  scroll (e.diagram, 0, 1);
  g_assert_cmpfloat_with_epsilon (part_of (e.diagram).y, before.y + 60 / 2.0, 1e-6);
  g_assert_cmpfloat_with_epsilon (part_of (e.diagram).x, before.x, 1e-6);
  drag (e.diagram, 0, -100);
  g_assert_cmpfloat_with_epsilon (part_of (e.diagram).y, before.y + 160 / 2.0, 1e-6);
}

/* Blocks fold in both drawings at once. */
static void
folding (Gui *gui)
{
  const Explore e = explore (gui, "resnet18");
  LwVolumesView *volumes = show_volumes (&e);
  const LwBlockId stage = block_titled (&e, "Stage 1");
  const LwDiagramSpot spot = { LW_NO_NODE, stage };
  const int folded = count (volumes), boxes = count_boxes (&e);
  const LwVolume *volume = volume_of (volumes, spot);
  const LwVolumeFrame *frames;
  int32_t n;

  click (volumes, volume->rect.x + 4, volume->rect.y + volume->rect.height - 4, 1);
  assert_marked (&e, LW_NO_NODE, stage);
  g_assert_cmpint (count (volumes), ==, folded);
  /* a click on the chevron before its name */
  click (volumes, volume->chevron_x, volume->slot.y + volume->slot.height - 60, 1);
  g_assert_cmpint (count (volumes), ==, folded + 1);
  g_assert_cmpint (count_boxes (&e), ==, boxes + 1);
  press (volumes, GDK_KEY_Return);
  g_assert_cmpint (count (volumes), ==, folded);
  press (volumes, GDK_KEY_Return);
  frames = lw_volumes_frames (lw_volumes_view_volumes (volumes), &n);
  g_assert_cmpint (n, ==, 1);
  g_assert_cmpstr (frames[0].title, ==, "Stage 1");
  /* a click on its line closes it */
  click (volumes, frames[0].rect.x + frames[0].rect.width / 2, frames[0].rect.y + 8, 1);
  g_assert_cmpint (count (volumes), ==, folded);
  g_assert_cmpint (count_boxes (&e), ==, boxes);
  /* a layer that another page marks is unfolded; the network's name stays */
  lw_workbench_select_layer (gui->workbench, node_named (&e, "3.1.conv2"));
  g_assert_cmpint (
      volume_of (volumes, (LwDiagramSpot){ node_named (&e, "3.1.conv2"), -1 })->spot.node, ==,
      node_named (&e, "3.1.conv2"));
  gui_wait (0.1);
  assert_in_sight (volumes, (LwDiagramSpot){ node_named (&e, "3.1.conv2"), -1 });
}

int
main (int argc, char **argv)
{
  static const GuiTest tests[] = {
    { "/volumes/all-networks", all_networks, NULL },
    { "/volumes/panes", panes, NULL },
    { "/volumes/pointer-and-keys", pointer_and_keys, NULL },
    { "/volumes/zoom", zoom, NULL },
    { "/volumes/hand", hand, NULL },
    { "/volumes/folding", folding, NULL },
    { NULL, NULL, NULL },
  };

  return gui_main (argc, argv, tests);
}
