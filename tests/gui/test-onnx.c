/* ONNX files in windows of their own. */
#include "tests/gui/harness.h"
#include "ui/cost-table.h"
#include "ui/diagram-view.h"
#include "ui/onnx-actions.h"
#include "ui/onnx-window.h"

#include <stdlib.h>

static char *
corpus_file (const char *name)
{
  return g_build_filename (g_getenv ("LAYERWISE_GOLDEN"), "..", "fuzz", "corpus", "onnx", name,
                           NULL);
}

static LwOnnxWindow *
find_window (void)
{
  GListModel *windows = gtk_window_get_toplevels ();

  for (guint i = 0; i < g_list_model_get_n_items (windows); i++) {
    g_autoptr (GtkWidget) window = g_list_model_get_item (windows, i);

    if (LW_IS_ONNX_WINDOW (window))
      return LW_ONNX_WINDOW (window);
  }
  return NULL;
}

static LwOnnxWindow *
open_file (Gui *gui, const char *name)
{
  g_autofree char *path = corpus_file (name);
  LwOnnxWindow *window;

  lw_onnx_actions_open (gui->window, path);
  gui_assert_soon ((window = find_window ()) != NULL);
  gui_assert_soon (gui_find (GTK_WIDGET (window), LW_TYPE_DIAGRAM_VIEW) != NULL);
  return window;
}

static void
close_window (LwOnnxWindow *window)
{
  gtk_window_close (GTK_WINDOW (window));
  gui_assert_soon (find_window () == NULL);
}

/* A network of another program: drawn, costed, its layers marked. */
static void
test_foreign (Gui *gui)
{
  LwGraph *before = lw_workbench_graph (gui->workbench);
  LwOnnxWindow *window = open_file (gui, "residual");
  LwWorkbench *workbench = lw_onnx_window_workbench (window);
  LwGraph *graph = lw_workbench_graph (workbench);
  GtkWidget *diagram = gui_find (GTK_WIDGET (window), LW_TYPE_DIAGRAM_VIEW);
  GtkWidget *table = gui_find (GTK_WIDGET (window), LW_TYPE_COST_TABLE);
  guint picture;

  g_assert_cmpint (lw_graph_classes (graph), ==, 11);
  g_assert_cmpint (lw_graph_find_node (graph, "layer1.1.conv1"), !=, LW_NO_NODE);
  g_assert_nonnull (gui_label (window, "ONNX, opset 17, written by a test"));
  g_assert_cmpstr (gtk_window_get_title (GTK_WINDOW (window)), ==, "residual");
  g_assert_nonnull (table);
  g_assert_cmpuint (g_list_model_get_n_items (lw_cost_table_rows (LW_COST_TABLE (table))), ==, 3);
  gui_wait (0.2);
  picture = gui_picture (diagram);
  lw_workbench_select_layer (workbench, lw_graph_find_node (graph, "fc"));
  gui_wait (0.2);
  g_assert_cmpuint (gui_picture (diagram), !=, picture);
  /* The window beside it has seen nothing of that. */
  g_assert_true (lw_workbench_graph (gui->workbench) == before);
  g_assert_cmpint (lw_workbench_layer (gui->workbench), ==, LW_NO_NODE);
  close_window (window);
}

/* A file of Layerwise's own has the knobs that it was made with; to turn one loads no data set,
 * whose channels and classes the network would take over. */
static void
test_own (Gui *gui)
{
  LwOnnxWindow *window = open_file (gui, "own");
  LwWorkbench *workbench = lw_onnx_window_workbench (window);
  const LwOptions *knobs = lw_workbench_knobs (workbench);
  g_autoptr (GError) error = NULL;

  g_assert_cmpstr (lw_options_model (knobs)->name, ==, "lenet");
  g_assert_cmpint (lw_options_integer (knobs, "convolutions"), ==, 1);
  g_signal_connect (workbench, "dataset-changed", G_CALLBACK (abort), NULL);
  lw_workbench_turn (workbench, "activation", "relu", &error);
  g_assert_no_error (error);
  close_window (window);
}

static void
test_broken (Gui *gui)
{
  g_autofree char *path = corpus_file ("cut");

  lw_onnx_actions_open (gui->window, path);
  gui_assert_soon (gui_toast (gui) != NULL);
  g_assert_cmpstr (gui_toast (gui), ==, "cut is no ONNX file, or it is damaged; export it again.");
  g_assert_null (find_window ());
}

int
main (int argc, char **argv)
{
  static const GuiTest tests[] = {
    { .path = "/onnx/foreign", .body = test_foreign },
    { .path = "/onnx/own", .body = test_own },
    { .path = "/onnx/broken", .body = test_broken },
    { NULL },
  };

  return gui_main (argc, argv, tests);
}
