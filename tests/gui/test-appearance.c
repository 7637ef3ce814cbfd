/* What the diagram says and what its colours stand for, through the controls of the toolbar: the
 * Colour drop-down, the View menu, unfolding to a depth, what is counted; measured times and
 * gradient norms; exports that look alike; a narrow window. */
#include "engine/analysis.h"
#include "tests/gui/explore-steps.h"
#include "ui/count-choice.h"
#include "ui/diagram-appearance.h"
#include "ui/diagram-view-private.h"
#include "ui/fold-buttons.h"
#include "ui/layer-values.h"

#include <string.h>

/* --- steps -------------------------------------------------------------------------------------
 */

static LwDiagramView *
view_of (const Explore *e)
{
  return LW_DIAGRAM_VIEW (e->diagram);
}

static void
choose_colour (const Explore *e, LwColouring colouring)
{
  GtkWidget *appearance = gui_find (e->page, LW_TYPE_DIAGRAM_APPEARANCE);
  GtkWidget *colours = gui_find (appearance, GTK_TYPE_DROP_DOWN);

  gtk_drop_down_set_selected (GTK_DROP_DOWN (colours), (guint)colouring);
  g_assert_cmpint (lw_diagram_view_colouring (view_of (e)), ==, colouring);
}

static GtkWidget *
find_check (GtkWidget *root, const char *words)
{
  if (GTK_IS_CHECK_BUTTON (root) &&
      g_strcmp0 (gtk_check_button_get_label (GTK_CHECK_BUTTON (root)), words) == 0)
    return root;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child)) {
    GtkWidget *found = find_check (child, words);

    if (found != NULL)
      return found;
  }
  return NULL;
}

/* Opens the View menu, ticks or unticks, closes it. */
static void
choose_in_view (const Explore *e, const char *words)
{
  GtkWidget *appearance = gui_find (e->page, LW_TYPE_DIAGRAM_APPEARANCE);
  GtkWidget *menu = gui_find (appearance, GTK_TYPE_MENU_BUTTON), *check;

  gtk_menu_button_popup (GTK_MENU_BUTTON (menu));
  check = find_check (menu, words);
  g_assert_nonnull (check);
  gui_assert_soon (gtk_widget_get_mapped (check));
  gtk_widget_activate (check);
  gtk_menu_button_popdown (GTK_MENU_BUTTON (menu));
  gui_wait (0.1);
}

static const LwDiagramBox *
box_of (const Explore *e, const char *name)
{
  int32_t n;
  const LwDiagramBox *boxes = lw_diagram_layout_boxes (layout_of (e), &n);

  for (int32_t i = 0; i < n; i++)
    if (g_strcmp0 (boxes[i].name, name) == 0)
      return &boxes[i];
  g_error ("no box says %s", name);
}

static bool
knows_colours (const Explore *e)
{
  const LwDiagramColours *colours = lw_diagram_view_colours (view_of (e));

  return colours != NULL && lw_diagram_colours_known (colours);
}

/* Whether the legend lies on an edge, in pixels of the view. */
static bool
legend_hides (const Explore *e)
{
  const cairo_rectangle_t shown = lw_diagram_view_shown (view_of (e));
  const double zoom = lw_diagram_view_zoom (view_of (e));
  int32_t n;
  const LwDiagramEdge *edges = lw_diagram_layout_edges (layout_of (e), &n);
  cairo_rectangle_t legend;
  bool card;

  g_assert_true (lw_diagram_view_legend (view_of (e), &legend, &card));
  for (int32_t i = 0; i < n; i++)
    for (int32_t p = 0; p + 1 < edges[i].n_points; p++) {
      const LwDiagramPoint *a = &edges[i].points[p], *b = a + 1;

      if ((MAX (a->x, b->x) - shown.x) * zoom > legend.x &&
          (MIN (a->x, b->x) - shown.x) * zoom < legend.x + legend.width &&
          (MAX (a->y, b->y) - shown.y) * zoom > legend.y &&
          (MIN (a->y, b->y) - shown.y) * zoom < legend.y + legend.height)
        return true;
    }
  return false;
}

/* --- tests ---------------------------------------------------------------------------------------
 */

/* The shortcut around an open block leads into the sum below the legend's place. */
static void
legend (Gui *gui)
{
  const Explore e = explore (gui, "resnet18");

  lw_diagram_view_toggle (view_of (&e), block_titled (&e, "Stage 2"));
  gui_wait (0.5);
  lw_diagram_view_toggle (view_of (&e), block_titled (&e, "Stage 2") + 1);
  gui_wait (0.5);
  g_assert_false (legend_hides (&e));
}

static void
colours (Gui *gui)
{
  const Explore e = explore (gui, "googlenet");
  const LwDiagramColours *colours;
  guint plain = gui_picture (e.diagram), picture;

  choose_colour (&e, LW_COLOUR_COUNT);
  colours = lw_diagram_view_colours (view_of (&e));
  g_assert_cmpfloat (lw_diagram_colours_total (colours), ==, 276066304);
  g_assert_cmpuint (gui_picture (e.diagram), !=, plain);
  click_on (&e, (LwDiagramSpot){ LW_NO_NODE, block_titled (&e, "Block 3") }, 1);
  g_assert_nonnull (
      strstr (lw_diagram_view_description (view_of (&e)), "; 79.4 M MACs, 28.8 % of the total"));
  picture = gui_picture (e.diagram);
  gui_press (gui_button (e.page, "FLOPs"));
  gui_assert_soon (lw_diagram_colours_total (lw_diagram_view_colours (view_of (&e))) ==
                   2 * 276066304.0);
  g_assert_cmpuint (gui_picture (e.diagram), !=, picture); /* the legend says FLOPs */
  choose_colour (&e, LW_COLOUR_MEMORY);
  g_assert_nonnull (strstr (lw_diagram_view_description (view_of (&e)), "MiB"));
  key (&e, GDK_KEY_Escape, 0);
  gui_press (gui_button (e.page, "MACs"));
  choose_colour (&e, LW_COLOUR_KIND);
  g_assert_null (lw_diagram_view_colours (view_of (&e)));
}

static void
details (Gui *gui)
{
  const Explore e = explore (gui, "resnet18");
  g_autofree char *path = gui_scratch ("details.svg"), *text = NULL;
  g_autoptr (GError) error = NULL;
  const double height = box_of (&e, "Stage 2")->rect.height;

  choose_in_view (&e, "Receptive field");
  choose_in_view (&e, "Output memory");
  g_assert_cmpstr (box_of (&e, "Stage 2")->more[1], ==, "sees 96 × 96");
  g_assert_cmpfloat (box_of (&e, "Stage 2")->rect.height, ==, height + 15);
  /* another network says the same things, and the export does */
  explore (gui, "lenet");
  g_assert_cmpstr (box_of (&e, "conv 1")->more[1], ==, "sees 5 × 5");
  g_assert_true (lw_explore_page_export (LW_EXPLORE_PAGE (e.page), path, &error));
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_nonnull (strstr (text, "sees 5 × 5"));
  g_assert_null (strstr (text, "0 · 6 × 28 × 28"));

  choose_in_view (&e, "Names and shapes");
  g_clear_pointer (&text, g_free);
  g_assert_true (lw_explore_page_export (LW_EXPLORE_PAGE (e.page), path, &error));
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_nonnull (strstr (text, " · 6 × 28 × 28"));

  gui_press (gui_button (e.page, "FLOPs"));
  g_clear_pointer (&text, g_free);
  g_assert_true (lw_explore_page_export (LW_EXPLORE_PAGE (e.page), path, &error));
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_nonnull (strstr (text, "833 k FLOPs = 2 × MACs"));
}

static void
depths (Gui *gui)
{
  const Explore e = explore (gui, "resnet18");
  GtkWidget *buttons = gui_find (e.page, LW_TYPE_FOLD_BUTTONS);
  const int folded = count_boxes (&e);
  int depth_1, depth_2;

  g_assert_cmpint (lw_diagram_view_depth (view_of (&e)), ==, 2);
  g_assert_true (gtk_widget_activate_action (buttons, "fold.to", "i", 1));
  depth_1 = count_boxes (&e);
  g_assert_true (gtk_widget_activate_action (buttons, "fold.to", "i", 2));
  depth_2 = count_boxes (&e);
  g_assert_cmpint (depth_1, >, folded);
  g_assert_cmpint (depth_2, >, depth_1);
  g_assert_true (gtk_widget_activate_action (buttons, "fold.to", "i", 1));
  g_assert_cmpint (count_boxes (&e), ==, depth_1);
  choose_in_view (&e, "Two or more as × N");
  g_assert_cmpint (count_boxes (&e), ==, depth_1 - 1);
  g_assert_cmpstr (box_of (&e, "Residual 1 – 2")->aside, ==, "Residual × 2");
  choose_in_view (&e, "Each by itself");
  g_assert_cmpint (count_boxes (&e), ==, depth_1);
}

/* The window stays usable meanwhile; what was measured once is there at once. */
static void
times (Gui *gui)
{
  const Explore e = explore (gui, "lenet");

  choose_colour (&e, LW_COLOUR_FORWARD);
  g_assert_true (lw_diagram_view_is_measuring (view_of (&e)));
  g_assert_nonnull (gui_button (e.page, "Measuring… Press to stop"));
  gui_assert_soon (knows_colours (&e));
  g_assert_false (lw_diagram_view_is_measuring (view_of (&e)));
  g_assert_cmpfloat (lw_diagram_colours_total (lw_diagram_view_colours (view_of (&e))), >, 0);
  choose_colour (&e, LW_COLOUR_BACKWARD);
  g_assert_true (knows_colours (&e));
  choose_in_view (&e, "Measured time");
  g_assert_true (g_str_has_prefix (box_of (&e, "conv 1")->more[0], "fwd "));

  explore (gui, "resnet18");
  g_assert_false (knows_colours (&e));
  gui_press (gui_button (e.page, "Measuring… Press to stop"));
  g_assert_false (lw_diagram_view_is_measuring (view_of (&e)));
  g_assert_cmpint (lw_diagram_view_colouring (view_of (&e)), ==, LW_COLOUR_KIND);
  explore (gui, "lenet");
  choose_colour (&e, LW_COLOUR_FORWARD);
  g_assert_true (knows_colours (&e));

  /* one after the other: the next waits for what was called off */
  explore (gui, "resnet18");
  g_assert_true (lw_diagram_view_is_measuring (view_of (&e)));
  explore (gui, "lenet-bn");
  g_assert_true (lw_diagram_view_is_measuring (view_of (&e)));
  gui_assert_soon (knows_colours (&e));
}

/* Who asks may go before there is an answer. */
static void
gone (Gui *gui)
{
  LwLayerValues *values = lw_layer_values_new (gui->workbench);

  explore (gui, "lenet");
  lw_layer_values_want (values, true, false);
  g_assert_true (lw_layer_values_is_measuring (values));
  g_object_add_weak_pointer (G_OBJECT (values), (gpointer *)&values);
  g_object_unref (values);
  g_assert_null (values);
}

static void
gradients (Gui *gui)
{
  const Explore e = explore (gui, "lenet-bn");
  g_autoptr (GError) error = NULL;
  g_autofree char *untrained = NULL;
  LwRunItem *run;

  choose_colour (&e, LW_COLOUR_GRADIENT);
  g_assert_false (knows_colours (&e));
  untrained = lw_diagram_colours_describe (lw_diagram_view_colours (view_of (&e)), LW_NO_SPOT);
  g_assert_cmpstr (untrained, ==, "Train to see gradient norms");
  gui_choose_small_run (gui, 256, 40);
  run = lw_workbench_train (gui->workbench, &error);
  g_assert_no_error (error);
  gui_assert_soon (knows_colours (&e));
  g_assert_cmpfloat (lw_diagram_colours_total (lw_diagram_view_colours (view_of (&e))), >, 0);

  /* times are not measured beside a training */
  choose_colour (&e, LW_COLOUR_FORWARD);
  g_assert_false (lw_diagram_view_is_measuring (view_of (&e)));
  g_assert_false (knows_colours (&e));
  choose_colour (&e, LW_COLOUR_GRADIENT);
  if (lw_run_item_is_live (run))
    lw_trainer_stop (lw_run_item_trainer (run));
  gui_assert_soon (gui_live (gui) == NULL);
  choose_colour (&e, LW_COLOUR_BACKWARD);
  gui_assert_soon (knows_colours (&e));
}

/* What is counted is explained, with the rule of each operation of the network. */
static void
rules (Gui *gui)
{
  const Explore e = explore (gui, "resnet18");
  GtkWidget *choice = gui_find (e.page, LW_TYPE_COUNT_CHOICE);
  GtkWidget *button = gui_find (choice, GTK_TYPE_MENU_BUTTON);

  gtk_menu_button_popup (GTK_MENU_BUTTON (button));
  gui_assert_soon (gui_label (choice, "2 × MACs, and one addition an output") != NULL);
  g_assert_nonnull (gui_label (choice, "batch normalization"));
  g_assert_null (gui_label (choice, "concatenation"));
  gtk_menu_button_popdown (GTK_MENU_BUTTON (button));
  gui_wait (0.1);
}

static void
narrow (Gui *gui)
{
  const Explore e = explore (gui, "lenet");
  GtkWidget *choice = gui_find (e.page, LW_TYPE_COUNT_CHOICE);
  int least;

  g_assert_null (gui_find (choice, GTK_TYPE_DROP_DOWN));
  gtk_widget_measure (e.page, GTK_ORIENTATION_HORIZONTAL, -1, &least, NULL, NULL, NULL);
  g_assert_cmpint (least, <=, 800);
  gui_resize (gui, 800, 600);
  gui_assert_soon (gui_find (choice, GTK_TYPE_DROP_DOWN) != NULL);
  gtk_drop_down_set_selected (GTK_DROP_DOWN (gui_find (choice, GTK_TYPE_DROP_DOWN)),
                              LW_COUNT_OPERATIONS);
  g_assert_cmpint (lw_diagram_view_count (view_of (&e)), ==, LW_COUNT_OPERATIONS);
}

int
main (int argc, char **argv)
{
  static const GuiTest tests[] = {
    { "/appearance/legend", legend, NULL },       { "/appearance/colours", colours, NULL },
    { "/appearance/details", details, NULL },     { "/appearance/depths", depths, NULL },
    { "/appearance/times", times, NULL },         { "/appearance/gone", gone, NULL },
    { "/appearance/gradients", gradients, NULL }, { "/appearance/rules", rules, NULL },
    { "/appearance/narrow", narrow, NULL },       { NULL, NULL, NULL },
  };

  return gui_main (argc, argv, tests);
}
