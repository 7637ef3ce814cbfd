/* Explore: diagram, cost table and inspector show the same network and mark the same layer, by
 * pointer and by keys; numbers against those of the analysis and of PyTorch. */
#include "engine/analysis.h"
#include "tests/gui/explore-steps.h"
#include "ui/layer-facts.h"
#include "ui/layer-lesson.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

/* --- tests ---------------------------------------------------------------------------------------
 */

static void
architectures (Gui *gui)
{
  for (int i = 0; i < lw_n_book_models (); i++) {
    const Explore e = explore (gui, lw_model (i)->name);
    const LwCost all = lw_graph_cost (graph_of (&e));
    g_autofree char *parameters = lw_format_exact (all.parameters);
    g_autofree char *macs = lw_format_exact (all.macs);
    g_autofree char *result = g_strconcat ("= ", macs, NULL);
    const int folded = count_boxes (&e);
    guint picture;

    gui_press (gui_row (gui, 0, i));
    g_assert_cmpstr (lw_layer_inspector_title (LW_LAYER_INSPECTOR (e.inspector)), ==,
                     lw_model (i)->title);
    g_assert_cmpuint (strlen (lw_layer_inspector_lesson (LW_LAYER_INSPECTOR (e.inspector))), >,
                      100);
    g_assert_nonnull (gui_label (e.inspector, result));
    g_assert_cmpstr (gui_label (e.table, parameters), ==, parameters);
    g_assert_cmpstr (gui_label (e.table, macs), ==, macs);
    g_assert_cmpfloat (lw_diagram_view_zoom (LW_DIAGRAM_VIEW (e.diagram)), >=, 0.7);
    g_assert_cmpfloat (lw_diagram_view_zoom (LW_DIAGRAM_VIEW (e.diagram)), <=, 1);

    picture = gui_picture (e.diagram);
    gui_press (gui_button (e.page, "Unfold all"));
    if (lw_graph_n_blocks (graph_of (&e)) > 1) {
      gui_assert_soon (count_boxes (&e) > folded);
      g_assert_cmpuint (gui_picture (e.diagram), !=, picture);
    }
    /* Every layer with weights has a box of its own now. */
    for (LwNodeId id = 0; id < lw_graph_n_nodes (graph_of (&e)); id++)
      if (lw_graph_node (graph_of (&e), id)->n_tensors > 0)
        rect_of (&e, (LwDiagramSpot){ id, -1 });
    gui_press (gui_button (e.page, "Fold all"));
    gui_assert_soon (count_boxes (&e) == folded);
  }
}

static void
keys (Gui *gui)
{
  const Explore e = explore (gui, "resnet18");
  const LwBlockId stage = block_titled (&e, "Stage 1");
  const int folded = count_boxes (&e);

  key (&e, GDK_KEY_Home, 0);
  assert_marked (&e, 0, -1);
  key (&e, GDK_KEY_Down, 0);
  assert_marked (&e, LW_NO_NODE, block_titled (&e, "Stem"));
  key (&e, GDK_KEY_Down, 0);
  assert_marked (&e, LW_NO_NODE, stage);

  key (&e, GDK_KEY_Return, 0);
  g_assert_cmpint (count_boxes (&e), ==, folded + 1); /* two residual blocks for the stage's box */
  key (&e, GDK_KEY_Down, 0);
  assert_marked (&e, LW_NO_NODE, stage + 1);
  key (&e, GDK_KEY_Return, 0);
  key (&e, GDK_KEY_Down, 0);
  assert_marked (&e, node_named (&e, "1.0.conv1"), -1);
  g_assert_cmpstr (lw_diagram_view_description (LW_DIAGRAM_VIEW (e.diagram)), ==,
                   "conv1, convolution, output 64 by 24 by 24, 36,928 parameters, 21.2 million "
                   "MACs");
  assert_in_view (&e, (LwDiagramSpot){ node_named (&e, "1.0.conv1"), -1 });

  key (&e, GDK_KEY_Return, 0); /* on a layer: closes the block around it */
  assert_marked (&e, LW_NO_NODE, stage + 1);
  key (&e, GDK_KEY_Return, GDK_SHIFT_MASK); /* all residual blocks of this level: one is visible */
  key (&e, GDK_KEY_Up, 0);
  key (&e, GDK_KEY_Return, GDK_SHIFT_MASK);
  g_assert_cmpint (count_boxes (&e), ==, folded);

  key (&e, GDK_KEY_End, 0);
  assert_marked (&e, LW_NO_NODE, block_titled (&e, "Head"));
  key (&e, GDK_KEY_Escape, 0);
  assert_marked (&e, LW_NO_NODE, -1);
  assert_row_marked (&e, LW_NO_NODE, -1);
}

static void
branches (Gui *gui)
{
  const Explore e = explore (gui, "googlenet");

  lw_workbench_select_layer (gui->workbench, node_named (&e, "2.0.p2_1"));
  key (&e, GDK_KEY_Right, 0);
  assert_marked (&e, node_named (&e, "2.0.p3_1"), -1);
  key (&e, GDK_KEY_Left, 0);
  key (&e, GDK_KEY_Left, 0);
  assert_marked (&e, node_named (&e, "2.0.p1_1"), -1);
}

static void
diagram_leads (Gui *gui)
{
  const Explore e = explore (gui, "resnet18");
  const LwBlockId stage = block_titled (&e, "Stage 2");
  LwNodeId conv1;

  click_on (&e, (LwDiagramSpot){ LW_NO_NODE, stage }, 1);
  assert_marked (&e, LW_NO_NODE, stage);
  assert_row_marked (&e, LW_NO_NODE, stage);
  g_assert_cmpstr (lw_layer_inspector_title (LW_LAYER_INSPECTOR (e.inspector)), ==, "Stage 2");
  click_on (&e, (LwDiagramSpot){ LW_NO_NODE, stage }, 2);
  click_on (&e, (LwDiagramSpot){ LW_NO_NODE, stage + 1 }, 1);
  click_on (&e, (LwDiagramSpot){ LW_NO_NODE, stage + 1 }, 2);

  conv1 = node_named (&e, "2.0.conv1");
  click_on (&e, (LwDiagramSpot){ conv1, -1 }, 1);
  assert_marked (&e, conv1, -1);
  assert_row_marked (&e, conv1, -1);
  g_assert_cmpstr (lw_layer_inspector_title (LW_LAYER_INSPECTOR (e.inspector)), ==, "conv1");
  g_assert_nonnull (gui_label (e.inspector, "128·64·3·3 + 128"));
  g_assert_nonnull (gui_label (e.inspector, "= 73,856"));
  g_assert_nonnull (gui_label (e.inspector, "= 10,616,832"));
  g_assert_nonnull (gui_label (e.inspector, "2.0.conv1"));
  g_assert_nonnull (gui_label (e.inspector, "51 × 51 pixels"));
  g_assert_cmpstr (lw_layer_inspector_lesson (LW_LAYER_INSPECTOR (e.inspector)), ==,
                   "Stride 2 halves height and width while the channels double. That is why conv2 "
                   "costs the same 21.2 M MACs in every stage.");

  click_at (&e, 1, 1, 1); /* bare canvas */
  assert_marked (&e, LW_NO_NODE, -1);
  g_assert_cmpstr (lw_layer_inspector_title (LW_LAYER_INSPECTOR (e.inspector)), ==, "ResNet-18");
}

static void
table_leads (Gui *gui)
{
  const Explore e = explore (gui, "resnet18");
  const int folded = count_boxes (&e);
  const guint rows = count_rows (&e);
  LwDiagramSpot conv2;

  activate_row (&e, "Stage 4");
  activate_row (&e, "Residual 2");
  g_assert_cmpuint (count_rows (&e), ==, rows + 2 + 4); /* two blocks; two conv, two bn */
  g_assert_cmpint (count_boxes (&e), ==, folded);       /* each side folds for itself */
  conv2 = (LwDiagramSpot){ node_named (&e, "4.1.conv2"), -1 };
  lw_cost_table_select_row (LW_COST_TABLE (e.table), row_titled (&e, "conv2"));
  assert_marked (&e, conv2.node, -1);
  assert_in_view (&e, conv2);
  g_assert_nonnull (gui_label (e.inspector, "= 2,359,808"));

  /* A layer that the table hides has no row. */
  lw_workbench_select_layer (gui->workbench, node_named (&e, "4.1.relu2"));
  assert_row_marked (&e, LW_NO_NODE, -1);
  gui_press (gui_button (e.table, "Show"));
  gui_assert_soon (row_titled (&e, "ReLU 2") != GTK_INVALID_LIST_POSITION);
  assert_row_marked (&e, node_named (&e, "4.1.relu2"), -1);
  gui_press (gui_button (e.table, "Hide"));
  gui_assert_soon (row_titled (&e, "ReLU 2") == GTK_INVALID_LIST_POSITION);
}

/* Normalization before a convolution is counted with it; the parts add up to the block. */
static void
merged_rows (Gui *gui)
{
  const Explore e = explore (gui, "densenet");
  GListModel *rows;
  int64_t parameters = 0;

  activate_row (&e, "Dense block 1");
  g_assert_cmpuint (row_titled (&e, "batch norm 3"), ==, GTK_INVALID_LIST_POSITION);
  rows = lw_cost_table_rows (LW_COST_TABLE (e.table));
  for (guint i = row_titled (&e, "conv 1"); i <= row_titled (&e, "conv 4"); i++) {
    g_autoptr (GtkTreeListRow) row = g_list_model_get_item (rows, i);
    g_autoptr (LwCostItem) item = gtk_tree_list_row_get_item (row);

    g_assert_cmpstr (lw_cost_item_suffix (item), ==, "+ BN");
    parameters += lw_cost_item_cost (item).parameters;
  }
  g_assert_cmpint (parameters, ==, 130048);
  lw_workbench_select_layer (gui->workbench, node_named (&e, "1.net.2.0")); /* its batch norm */
  assert_row_marked (&e, node_named (&e, "1.net.2.2"), -1);
}

static void
counts (Gui *gui)
{
  const Explore e = explore (gui, "resnet18");
  const LwCost all = lw_graph_cost (graph_of (&e));
  g_autofree char *operations = lw_format_exact (all.operations);
  int32_t n;

  gui_press (gui_button (e.page, "FLOPs"));
  gui_assert_soon (gui_label (e.table, "637,315,072") != NULL);
  g_assert_nonnull (gui_label (e.inspector, "FLOPs per image"));
  g_assert_nonnull (gui_label (e.inspector, "= 637,315,072"));
  g_assert_true (g_str_has_suffix (lw_diagram_layout_boxes (layout_of (&e), &n)[1].right, "FLOPs"));
  gui_press (gui_button (e.page, "All operations"));
  gui_assert_soon (gui_label (e.table, operations) != NULL);
  g_assert_nonnull (gui_label (e.inspector, "Operations per image"));
  gui_press (gui_button (e.page, "MACs"));
  gui_assert_soon (gui_label (e.table, "318,657,536") != NULL);
}

/* With animations: the head that was clicked does not move, and all steps can be painted. */
static void
folding_in_place (Gui *gui)
{
  const Explore e = explore (gui, "resnet18");
  const LwDiagramSpot stage = { LW_NO_NODE, block_titled (&e, "Stage 3") };

  animate (true);
  for (int i = 0; i < 3; i++) {
    cairo_rectangle_t rect = rect_of (&e, stage);
    double x = 0, before = rect.y, after;
    guint first;

    lw_diagram_view_locate (LW_DIAGRAM_VIEW (e.diagram), &x, &before);
    lw_diagram_view_toggle (LW_DIAGRAM_VIEW (e.diagram), stage.block);
    first = gui_picture (e.diagram); /* as before, on the way from there */
    gui_assert_soon (gui_picture (e.diagram) != first);
    gui_wait (0.5);
    after = rect_of (&e, stage).y;
    lw_diagram_view_locate (LW_DIAGRAM_VIEW (e.diagram), &x, &after);
    g_assert_cmpfloat (fabs (after - before), <, 1);
  }
  animate (false);
}

static void
zoom (Gui *gui)
{
  const Explore e = explore (gui, "vgg11");
  LwDiagramView *view = LW_DIAGRAM_VIEW (e.diagram);

  press_shortcut (e.page, "<Control>0");
  g_assert_cmpfloat (lw_diagram_view_zoom (view), ==, 1);
  gui_press (gui_button (e.page, "Zoom in"));
  gui_assert_soon (gui_label (e.page, "125 %") != NULL);
  g_assert_cmpfloat (lw_diagram_view_zoom (view), ==, 1.25);
  press_shortcut (e.page, "<Control>minus");
  gui_press (gui_button (e.page, "Zoom out"));
  gui_assert_soon (lw_diagram_view_zoom (view) == 0.8);
  for (int i = 0; i < 12; i++)
    lw_diagram_view_zoom_by (view, -1);
  g_assert_cmpfloat (lw_diagram_view_zoom (view), ==, 0.25);
  for (int i = 0; i < 12; i++)
    lw_diagram_view_zoom_by (view, 1);
  g_assert_cmpfloat (lw_diagram_view_zoom (view), ==, 4);
  lw_diagram_view_unfold_all (view);
  press_shortcut (e.page, "f");
  assert_in_view (&e, (LwDiagramSpot){ 0, -1 });
  assert_in_view (&e, (LwDiagramSpot){ lw_graph_output (graph_of (&e)), -1 });
}

static void
export_diagram (Gui *gui)
{
  static const char *const names[] = { "d.svg", "d.png", "d.pdf" };
  static const char *const begin[] = { "<?xml", "\211PNG", "%PDF" };
  const Explore e = explore (gui, "googlenet");
  g_autofree char *bad = gui_scratch ("d.txt");
  g_autoptr (GError) error = NULL;

  lw_workbench_select_layer (gui->workbench, node_named (&e, "2.0.p3_2"));
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree char *path = gui_scratch (names[i]);
    g_autofree char *data = NULL;
    gsize size;

    lw_explore_page_export (LW_EXPLORE_PAGE (e.page), path, &error);
    g_assert_no_error (error);
    g_assert_true (g_file_get_contents (path, &data, &size, NULL));
    g_assert_cmpuint (size, >, 5000);
    g_assert_cmpint (memcmp (data, begin[i], strlen (begin[i])), ==, 0);
    if (i == 0) { /* as it is folded now */
      g_assert_nonnull (strstr (data, "GoogLeNet"));
      g_assert_nonnull (strstr (data, "p3_2"));
      g_assert_null (strstr (data, "Inception 4a"));
    }
  }
  g_assert_false (lw_explore_page_export (LW_EXPLORE_PAGE (e.page), bad, &error));
  g_assert_nonnull (error);
  g_assert_false (g_file_test (bad, G_FILE_TEST_EXISTS));
}

/* All three views follow a selection in a fraction of a frame's patience. */
static void
promptness (Gui *gui)
{
  const Explore e = explore (gui, "googlenet");
  double least = INFINITY;

  lw_diagram_view_unfold_all (LW_DIAGRAM_VIEW (e.diagram));
  for (LwNodeId id = 1; id < lw_graph_n_nodes (graph_of (&e)); id += 7) {
    const gint64 begin = g_get_monotonic_time ();

    lw_workbench_select_layer (gui->workbench, id);
    least = fmin (least, (double)(g_get_monotonic_time () - begin) / G_USEC_PER_SEC);
    gui_iterate ();
  }
  g_test_message ("a selection takes %.1f ms", 1000 * least);
  g_assert_cmpfloat (least, <, 0.05);
}

static void
assert_whole (const LwLayerFacts *facts)
{
  const char *const words[] = {
    facts->title,           facts->pill,          facts->path,           facts->cards[0].title,
    facts->cards[0].result, facts->cards[0].note, facts->cards[1].title, facts->cards[1].result,
    facts->cards[1].note,   facts->field_size,    facts->field_text,     facts->lesson
  };

  for (guint i = 0; i < G_N_ELEMENTS (words); i++) {
    g_assert_nonnull (words[i]);
    g_assert_true (g_utf8_validate (words[i], -1, NULL));
    g_assert_null (strstr (words[i], "(null)"));
  }
  g_assert_cmpuint (strlen (facts->lesson), >, 40);
  g_assert_true (facts->formula == NULL ||
                 pango_parse_markup (facts->formula, -1, 0, NULL, NULL, NULL, NULL));
  for (int i = 0; i < facts->n_rows; i++)
    g_assert_true (*facts->rows[i].name != '\0' && *facts->rows[i].value != '\0');
}

static void
assert_lesson (const char *model, const char *layer, const char *lesson)
{
  g_autoptr (LwOptions) options = lw_options_new (lw_model_find (model, NULL));
  g_autoptr (LwGraph) graph = lw_model_build (options, NULL);
  g_autofree char *words =
      lw_layer_lesson (graph, lw_graph_find_node (graph, layer), LW_COUNT_MACS);

  g_assert_cmpstr (words, ==, lesson);
}

/* Everything has something to say in every count, and says the right numbers. */
static void
lessons (void)
{
  for (int i = 0; i < lw_n_models (); i++) {
    g_autoptr (LwOptions) options = lw_options_new (lw_model (i));
    g_autoptr (LwGraph) graph = lw_model_build (options, NULL);

    for (int count = 0; count < 3; count++) {
      g_autoptr (LwLayerFacts) network = lw_network_facts_new (graph, lw_model (i), (LwCount)count);

      assert_whole (network);
      for (LwNodeId id = 0; id < lw_graph_n_nodes (graph); id++) {
        g_autoptr (LwLayerFacts) layer = lw_layer_facts_new (graph, id, (LwCount)count);

        assert_whole (layer);
      }
      for (LwBlockId id = 1; id < lw_graph_n_blocks (graph); id++) {
        g_autoptr (LwLayerFacts) block = lw_block_facts_new (graph, id, (LwCount)count);

        assert_whole (block);
      }
    }
  }
  assert_lesson ("googlenet", "2.1.p3_2",
                 "The 1×1 layer before it cuts 256 channels to 32. Without it, this layer would "
                 "cost 88.5 M MACs instead of 11.1 M + 1.18 M.");
  assert_lesson ("densenet", "1.net.2.2",
                 "Each layer adds only 32 channels but reads all before it, so the 4 cost more and "
                 "more, until the transition halves the channels.");
  assert_lesson ("alexnet", "14",
                 "This layer alone holds 56 % of the network's parameters but takes 2.8 % of its "
                 "MACs: each weight is used once an image, where a convolution's is used at every "
                 "position.");
  assert_lesson ("lenet", "0",
                 "The same 156 parameters serve all 28 × 28 positions. A linear layer between the "
                 "same two shapes would need 3.69 M weights.");
}

int
main (int argc, char **argv)
{
  static const GuiTest tests[] = {
    { "/explore/architectures", architectures, NULL },
    { "/explore/keys", keys, NULL },
    { "/explore/branches", branches, NULL },
    { "/explore/diagram-leads", diagram_leads, NULL },
    { "/explore/table-leads", table_leads, NULL },
    { "/explore/merged-rows", merged_rows, NULL },
    { "/explore/counts", counts, NULL },
    { "/explore/folding-in-place", folding_in_place, NULL },
    { "/explore/zoom", zoom, NULL },
    { "/explore/export", export_diagram, NULL },
    { "/explore/promptness", promptness, NULL },
    { "/explore/lessons", NULL, lessons },
    { NULL, NULL, NULL },
  };

  return gui_main (argc, argv, tests);
}
