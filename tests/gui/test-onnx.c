/* ONNX files in windows of their own. */
#include "engine/evaluate.h"
#include "engine/observe.h"
#include "kernels/reference/reference.h"
#include "tests/gui/harness.h"
#include "ui/class-bars.h"
#include "ui/cost-table.h"
#include "ui/diagram-view.h"
#include "ui/onnx-accuracy.h"
#include "ui/onnx-actions.h"
#include "ui/onnx-predict.h"
#include "ui/onnx-window.h"
#include "ui/picture-chooser.h"
#include "ui/workbench-viewer.h"

#include <stdlib.h>
#include <string.h>

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

/* Poolings that round up, which the library has none of: the inspector tells how their sides come
 * about. */
static void
test_rounded_up (Gui *gui)
{
  LwOnnxWindow *window = open_file (gui, "rounded-up");
  LwWorkbench *workbench = lw_onnx_window_workbench (window);
  LwGraph *graph = lw_workbench_graph (workbench);

  for (LwNodeId id = 0; id < lw_graph_n_nodes (graph); id++)
    if (lw_graph_node (graph, id)->shape.h == 6)
      lw_workbench_select_layer (workbench, id);
  gui_assert_soon (gui_label (window, "⌈(12 − 3)/2⌉ + 1 = 6") != NULL);
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

/* --- at work ---------------------------------------------------------------------------------- */

static LwOnnxPredict *
show_predict (LwOnnxWindow *window)
{
  lw_onnx_window_show (window, "predict");
  gui_assert_soon (gui_find (GTK_WIDGET (window), LW_TYPE_ONNX_PREDICT) != NULL);
  return LW_ONNX_PREDICT (gui_find (GTK_WIDGET (window), LW_TYPE_ONNX_PREDICT));
}

static LwActivationSource *
source_of (LwOnnxPredict *page)
{
  return lw_feature_maps_view_source (lw_onnx_predict_maps (page));
}

/* Wider than high, another half at the left than at the right, so that its parts differ. */
static char *
save_picture (void)
{
  g_autoptr (GdkPixbuf) pixbuf = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, 48, 24);
  char *path = gui_scratch ("wide.png");
  guint8 *pixels = gdk_pixbuf_get_pixels (pixbuf);
  const int stride = gdk_pixbuf_get_rowstride (pixbuf);

  for (int y = 0; y < 24; y++)
    for (int x = 0; x < 48 * 3; x++)
      pixels[y * stride + x] = (guint8)(x / 3 * 5);
  g_assert_true (gdk_pixbuf_save (pixbuf, path, "png", NULL, NULL));
  return path;
}

/* What the file's network makes of an input, computed beside the window. */
static void
compute (const LwNormalization *normalization, const float *input, float *ret_probabilities)
{
  g_autofree char *path = corpus_file ("residual");
  g_autoptr (GError) error = NULL;
  g_autoptr (LwOnnxNetwork) network = lw_onnx_open (path, &error);
  const LwSessionOptions options = { .inference_batch = 1 };
  const LwBatch batch = { .images = input, .n = 1 };
  LwGraph *graph = lw_onnx_graph (network);
  g_autoptr (LwSession) session = NULL;

  g_assert_no_error (error);
  lw_graph_set_normalization (graph, normalization);
  session = lw_session_new (graph, &lw_reference_backend, 0, &options, &error);
  g_assert_no_error (error);
  g_assert_true (lw_onnx_load (network, session, &error));
  g_assert_true (lw_session_infer (session, &batch, NULL, NULL, ret_probabilities, NULL, &error));
  lw_softmax (ret_probabilities, lw_graph_classes (graph));
}

static void
assert_predicted (LwOnnxPredict *page, const LwNormalization *normalization, LwPictureFit fit,
                  LwOwnPicture *picture)
{
  const LwShape shape = { 1, 12, 12, false };
  float input[144], wanted[11];

  g_assert_true (lw_own_picture_convert (picture, shape, fit, false, input));
  compute (normalization, input, wanted);
  gui_assert_soon (lw_activation_source_probabilities (source_of (page)) != NULL);
  g_assert_cmpmem (lw_activation_source_input (source_of (page)), sizeof input, input,
                   sizeof input);
  for (int i = 0; i < 11; i++)
    g_assert_cmpfloat_with_epsilon (lw_activation_source_probabilities (source_of (page))[i],
                                    wanted[i], 1e-5);
}

static GtkDropDown *
drop_down (LwOnnxPredict *page, int index)
{
  GtkWidget *at = gtk_widget_get_first_child (GTK_WIDGET (lw_onnx_predict_choices (page)));

  at = gtk_widget_get_first_child (gtk_widget_get_first_child (at));
  for (; index > 0; index--)
    at = gtk_widget_get_next_sibling (at);
  return GTK_DROP_DOWN (at);
}

/* A picture: what the network takes it for is what its weights make of it, normalized as chosen. */
static void
test_predict (Gui *gui)
{
  static const LwNormalization none = { 0 }, half = { 1, { 0.5f }, { 0.25f } };
  LwOnnxWindow *window = open_file (gui, "residual");
  LwOnnxPredict *page = show_predict (window);
  GtkWidget *chooser = gui_find (GTK_WIDGET (page), LW_TYPE_PICTURE_CHOOSER);
  g_autofree char *path = save_picture ();
  g_autoptr (GFile) file = g_file_new_for_path (path);
  LwOwnPicture *picture;
  LwShape shape;

  g_assert_nonnull (gui_label (page, "Open a picture, drop one here"));
  g_assert_null (gui_find (GTK_WIDGET (page), LW_TYPE_CLASS_BARS));
  lw_picture_chooser_open (LW_PICTURE_CHOOSER (chooser), file);
  gui_assert_soon ((picture = lw_activation_source_own (source_of (page))) != NULL);
  assert_predicted (page, &none, LW_FIT_MIDDLE, picture);
  g_assert_nonnull (gui_label (page, "the file's weights"));
  g_assert_nonnull (gui_find (GTK_WIDGET (page), LW_TYPE_CLASS_BARS));
  g_assert_nonnull (lw_activation_source_values (source_of (page), &shape));
  gtk_drop_down_set_selected (drop_down (page, 2), 1); /* all of it */
  assert_predicted (page, &none, LW_FIT_WHOLE, picture);
  lw_workbench_set_normalization (lw_onnx_window_workbench (window), &half);
  assert_predicted (page, &half, LW_FIT_WHOLE, picture);
  g_assert_nonnull (
      strstr (lw_onnx_choices_words (lw_onnx_predict_choices (page)), "(x − 0.5) ÷ 0.25"));
  close_window (window);
}

/* Classes are called as a text file says; one that does not fit is refused in a sentence. */
static void
test_class_names (Gui *gui)
{
  LwOnnxWindow *window = open_file (gui, "residual");
  LwOnnxPredict *page = show_predict (window);
  LwWorkbench *workbench = lw_onnx_window_workbench (window);
  g_autofree char *path = gui_scratch ("names.txt");

  g_assert_null (lw_workbench_class_name (workbench, 3));
  g_assert_true (g_file_set_contents (path, "zero\none\ntwo\n", -1, NULL));
  lw_onnx_choices_open_names (lw_onnx_predict_choices (page), path);
  gui_assert_soon (gui_label (window, "names.txt has 3 names, but the network has 11") != NULL);
  g_assert_null (lw_workbench_class_name (workbench, 1));
  g_assert_true (g_file_set_contents (
      path, "\xef\xbb\xbfzero\none\n\ntwo\r\n three \n4\n5\n6\n7\n8\n9\nt\033n\n\n", -1, NULL));
  lw_onnx_choices_open_names (lw_onnx_predict_choices (page), path);
  g_assert_cmpstr (lw_workbench_class_name (workbench, 0), ==, "zero");
  g_assert_cmpstr (lw_workbench_class_name (workbench, 2), ==, "two");
  g_assert_cmpstr (lw_workbench_class_name (workbench, 3), ==, "three");
  g_assert_cmpstr (lw_workbench_class_name (workbench, 10), ==, "t?n");
  close_window (window);
}

/* Examples of a data set are looked at, and the network stays what it is. */
static void
test_examples (Gui *gui)
{
  LwOnnxWindow *window = open_file (gui, "residual");
  LwOnnxPredict *page = show_predict (window);
  LwWorkbench *workbench = lw_onnx_window_workbench (window);
  GListModel *sets = gtk_drop_down_get_model (drop_down (page, 0));
  guint shapes = GTK_INVALID_LIST_POSITION;

  gui_assert_soon (g_list_model_get_n_items (sets) > 1);
  for (guint i = 0; i < g_list_model_get_n_items (sets); i++)
    if (g_str_equal (gtk_string_list_get_string (GTK_STRING_LIST (sets), i), "Built-in shapes"))
      shapes = i;
  gtk_drop_down_set_selected (drop_down (page, 0), shapes);
  gui_assert_soon (lw_workbench_dataset (workbench) != NULL);
  gui_assert_soon (lw_activation_source_probabilities (source_of (page)) != NULL);
  g_assert_cmpint (lw_graph_classes (lw_workbench_graph (workbench)), ==, 11);
  g_assert_null (lw_workbench_class_name (workbench, 0)); /* the set has ten */
  g_assert_null (gui_button (page, "Next Mistake"));
  gtk_drop_down_set_selected (drop_down (page, 0), 0);
  gui_assert_soon (gui_label (page, "Open a picture, drop one here") != NULL);
  close_window (window);
}

/* The share of right answers is what an evaluation beside the window finds; it can be given up. */
static void
test_accuracy (Gui *gui)
{
  char letter[2] = "";
  const float *probabilities;
  int best = 0;
  LwOnnxWindow *window = open_file (gui, "own");
  LwOnnxPredict *page = show_predict (window);
  LwWorkbench *workbench = lw_onnx_window_workbench (window);
  const LwSessionOptions options = { .inference_batch = 64 };
  g_autoptr (LwSession) session = NULL;
  g_autoptr (LwEvaluation) evaluation = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *wanted = NULL, *names = gui_scratch ("ten.txt");
  GtkWidget *accuracy, *cancel;

  g_assert_null (gui_button (page, "Test on All Images"));
  lw_workbench_view_data (workbench, "shapes");
  gui_assert_soon (gui_button (page, "Test on All Images") != NULL);
  accuracy = gui_find (GTK_WIDGET (page), LW_TYPE_ONNX_ACCURACY);
  gui_press (gui_button (page, "Test on All Images"));
  cancel = gtk_widget_get_first_child (gtk_widget_get_first_child (accuracy));
  while (!GTK_IS_PROGRESS_BAR (cancel))
    cancel = gtk_widget_get_next_sibling (cancel);
  cancel = gtk_widget_get_next_sibling (cancel);
  /* Before it can have been answered: only the main loop hears of it. */
  g_signal_emit_by_name (cancel, "clicked");
  gui_wait (0.3);
  g_assert_cmpstr (lw_onnx_accuracy_words (LW_ONNX_ACCURACY (accuracy)), ==, "");
  gui_press (gui_button (page, "Test on All Images"));
  gui_assert_soon (lw_onnx_accuracy_words (LW_ONNX_ACCURACY (accuracy))[0] != '\0');
  session =
      lw_session_new (lw_workbench_graph (workbench), &lw_reference_backend, 0, &options, &error);
  g_assert_true (lw_onnx_load (lw_workbench_network (workbench), session, &error));
  evaluation = lw_evaluate_split (session, lw_workbench_dataset (workbench), LW_SPLIT_TEST, 0,
                                  false, NULL, &error);
  g_assert_no_error (error);
  wanted = g_strdup_printf ("%.2f %% of 1,000 test images, loss %.4f", evaluation->accuracy * 100,
                            evaluation->loss);
  g_assert_cmpstr (lw_onnx_accuracy_words (LW_ONNX_ACCURACY (accuracy)), ==, wanted);
  /* What the classes are called changes no answer. */
  g_assert_true (g_file_set_contents (names, "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n", -1, NULL));
  gui_assert_soon (lw_activation_source_probabilities (source_of (page)) != NULL);
  lw_onnx_choices_open_names (lw_onnx_predict_choices (page), names);
  g_assert_cmpstr (lw_workbench_class_name (workbench, 9), ==, "j");
  g_assert_cmpstr (lw_onnx_accuracy_words (LW_ONNX_ACCURACY (accuracy)), ==, wanted);
  probabilities = lw_activation_source_probabilities (source_of (page));
  g_assert_nonnull (probabilities);
  for (int i = 1; i < 10; i++)
    best = probabilities[i] > probabilities[best] ? i : best;
  letter[0] = (char)('a' + best);
  g_assert_nonnull (gui_label (gui_find (GTK_WIDGET (page), LW_TYPE_CLASS_BARS), letter));
  lw_workbench_view_data (workbench, NULL);
  g_assert_null (gui_button (page, "Test on All Images"));
  close_window (window);
}

/* With other knobs a network of Layerwise's own has other layers than the file has weights for. */
static void
test_other_knobs (Gui *gui)
{
  LwOnnxWindow *window = open_file (gui, "own");
  LwOnnxPredict *page = show_predict (window);
  GtkWidget *chooser = gui_find (GTK_WIDGET (page), LW_TYPE_PICTURE_CHOOSER);
  g_autofree char *path = save_picture ();
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GError) error = NULL;

  g_assert_nonnull (strstr (lw_onnx_choices_words (lw_onnx_predict_choices (page)),
                            "The file says \"value / 255\" of it"));
  lw_picture_chooser_open (LW_PICTURE_CHOOSER (chooser), file);
  gui_assert_soon (lw_activation_source_probabilities (source_of (page)) != NULL);
  lw_workbench_turn (lw_onnx_window_workbench (window), "width", "0.5", &error);
  g_assert_no_error (error);
  gui_assert_soon (gui_label (page, "The file's weights are those of the network") != NULL);
  g_assert_null (lw_activation_source_probabilities (source_of (page)));
  lw_workbench_undo (lw_onnx_window_workbench (window));
  gui_assert_soon (lw_activation_source_probabilities (source_of (page)) != NULL);
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
    { .path = "/onnx/rounded-up", .body = test_rounded_up },
    { .path = "/onnx/predict", .body = test_predict },
    { .path = "/onnx/class-names", .body = test_class_names },
    { .path = "/onnx/examples", .body = test_examples },
    { .path = "/onnx/accuracy", .body = test_accuracy },
    { .path = "/onnx/other-knobs", .body = test_other_knobs },
    { .path = "/onnx/broken", .body = test_broken },
    { NULL },
  };

  return gui_main (argc, argv, tests);
}
