/* From a unit to its arithmetic, as a person looks: a cell is clicked, its equation read, its value
 * followed back through the layers. */
#include "kernels/cpu/cpu.h"
#include "tests/gui/harness.h"
#include "ui/feature-maps-view.h"
#include "ui/map-view.h"
#include "ui/unit-panel.h"

#include <math.h>
#include <string.h>

static LwFeatureMapsView *
view_of (Gui *gui)
{
  return LW_FEATURE_MAPS_VIEW (gui_find (GTK_WIDGET (gui->window), LW_TYPE_FEATURE_MAPS_VIEW));
}

static LwUnitPicture *
picture_of (Gui *gui)
{
  GtkWidget *panel = gui_find (GTK_WIDGET (gui->window), LW_TYPE_UNIT_PANEL);

  return panel != NULL ? lw_unit_panel_picture (LW_UNIT_PANEL (panel)) : NULL;
}

/* What is worked out is of this layer and agrees with the value that the map shows. */
static bool
explains (Gui *gui, LwNodeId node)
{
  LwUnitPicture *picture = picture_of (gui);
  const LwUnitArithmetic *one = picture != NULL ? lw_unit_picture_arithmetic (picture) : NULL;
  int row, column;
  const double value = lw_feature_maps_view_cell (view_of (gui), &row, &column);

  return one != NULL && one->unit.node == node && fabs (one->value - value) < 1e-6 &&
         fabs (one->total - value) <= 1e-4 * fabs (value) + 1e-5 * one->magnitude;
}

static LwNodeId
first_of (Gui *gui, LwOp op)
{
  LwGraph *graph = lw_workbench_graph (gui->workbench);

  for (LwNodeId id = 0; id < lw_graph_n_nodes (graph); id++)
    if (lw_graph_node (graph, id)->op == op)
      return id;
  g_assert_not_reached ();
}

static void
open_model (Gui *gui, const char *name)
{
  lw_workbench_select_model (gui->workbench, lw_model_find (name, NULL));
  gui_shortcut (gui, "<Control>3");
  gui_assert_soon (view_of (gui) != NULL);
  gui_assert_soon (picture_of (gui) != NULL &&
                   lw_unit_picture_arithmetic (picture_of (gui)) != NULL);
}

/* Chooses the first layer of an operation and waits for its arithmetic. */
static const LwUnitArithmetic *
look_at (Gui *gui, LwOp op)
{
  const LwNodeId node = first_of (gui, op);

  lw_workbench_select_layer (gui->workbench, node);
  gui_assert_soon (explains (gui, node));
  return lw_unit_picture_arithmetic (picture_of (gui));
}

static void
click_cell (Gui *gui, int row, int column)
{
  LwMapView *map = LW_MAP_VIEW (gui_find (GTK_WIDGET (gui->window), LW_TYPE_MAP_VIEW));

  lw_map_view_set_cell (map, row, column);
  g_signal_emit_by_name (map, "cell-activated");
}

static void
lenet (Gui *gui)
{
  const LwUnitArithmetic *one;
  g_autofree char *equation = NULL;
  LwUnit before;

  open_model (gui, "lenet");
  one = look_at (gui, LW_OP_CONV2D);
  click_cell (gui, 0, 3);
  one = lw_unit_picture_arithmetic (picture_of (gui));
  g_assert_cmpint (one->unit.row, ==, 0);
  g_assert_cmpint (one->unit.column, ==, 3);
  g_assert_nonnull (one->padding);
  g_assert_nonnull (gui_label (gui->window, "conv 1, map 0, row 0, column 3"));
  equation = lw_unit_picture_equation (picture_of (gui));
  g_assert_nonnull (strstr (equation, "bias"));

  /* By keys: to the right, to where the largest product comes from, back. */
  g_signal_emit_by_name (picture_of (gui), "moved", 1, 1);
  one = lw_unit_picture_arithmetic (picture_of (gui));
  g_assert_cmpint (one->unit.row, ==, 1);
  g_assert_cmpint (one->unit.column, ==, 4);
  g_signal_emit_by_name (picture_of (gui), "followed", -1, -1);
  one = lw_unit_picture_arithmetic (picture_of (gui));
  g_assert_cmpint (one->op, ==, LW_OP_INPUT);
  g_assert_nonnull (gui_label (gui->window, "Framed: the 1 × 1"));
  g_signal_emit_by_name (picture_of (gui), "back");
  one = lw_unit_picture_arithmetic (picture_of (gui));
  g_assert_cmpint (one->op, ==, LW_OP_CONV2D);
  g_assert_cmpint (one->unit.column, ==, 4);

  /* From the first linear layer past the flatten to the pooling, to the sigmoid, and back twice. */
  one = look_at (gui, LW_OP_LINEAR);
  g_assert_cmpint (one->n_terms, ==, 16);
  g_assert_cmpint (one->rows * one->columns, ==, 25);
  before = one->unit;
  g_signal_emit_by_name (picture_of (gui), "followed", -1, -1);
  gui_assert_soon (explains (gui, first_of (gui, LW_OP_FLATTEN) - 1));
  g_assert_cmpint (lw_unit_picture_arithmetic (picture_of (gui))->op, ==, LW_OP_AVG_POOL);
  g_signal_emit_by_name (picture_of (gui), "followed", -1, -1);
  gui_assert_soon (explains (gui, first_of (gui, LW_OP_FLATTEN) - 2));
  gui_press (gui_button (gui->window, "Back (Backspace)"));
  gui_assert_soon (explains (gui, first_of (gui, LW_OP_FLATTEN) - 1));
  gui_press (gui_button (gui->window, "Back (Backspace)"));
  gui_assert_soon (explains (gui, before.node));
  g_assert_cmpint (lw_unit_picture_arithmetic (picture_of (gui))->unit.channel, ==, before.channel);
  gui_press (gui_button (gui->window, "Forward"));
  gui_assert_soon (explains (gui, first_of (gui, LW_OP_FLATTEN) - 1));
}

static void
copied (GObject *source, GAsyncResult *result, gpointer data)
{
  *(char **)data = gdk_clipboard_read_text_finish (GDK_CLIPBOARD (source), result, NULL);
}

static void
copying (Gui *gui)
{
  g_autofree char *text = NULL;

  open_model (gui, "lenet");
  look_at (gui, LW_OP_AVG_POOL);
  gui_press (gui_button (gui->window, "Copy the arithmetic as text"));
  gdk_clipboard_read_text_async (gtk_widget_get_clipboard (GTK_WIDGET (gui->window)), NULL, copied,
                                 &text);
  gui_assert_soon (text != NULL);
  g_assert_nonnull (strstr (text, "the mean of a window of 2 × 2"));
  g_assert_nonnull (strstr (text, "/ 4"));
}

static void
networks (Gui *gui)
{
  const LwUnitArithmetic *one;

  open_model (gui, "lenet-bn");
  one = look_at (gui, LW_OP_BATCH_NORM);
  g_assert_cmpfloat (one->variance, ==, 1);
  open_model (gui, "resnet18");
  one = look_at (gui, LW_OP_ADD);
  g_assert_cmpint (one->n_terms, ==, 2);
  g_signal_emit_by_name (picture_of (gui), "followed", 0, -1);
  gui_assert_soon (explains (
      gui,
      lw_graph_node (lw_workbench_graph (gui->workbench), first_of (gui, LW_OP_ADD))->inputs[0]));
  open_model (gui, "googlenet");
  one = look_at (gui, LW_OP_CONCAT);
  lw_feature_maps_view_set_map (view_of (gui), 70);
  one = lw_unit_picture_arithmetic (picture_of (gui));
  g_assert_cmpint (one->unit.channel, ==, 70);
  g_assert_cmpint (one->terms[0].input, ==, 1);
  g_assert_cmpint (one->terms[0].channel, ==, 6);
  one = look_at (gui, LW_OP_GLOBAL_AVG_POOL);
  g_signal_emit_by_name (picture_of (gui), "followed", -1, -1);
  g_assert_true (gtk_widget_get_sensitive (gui_button (gui->window, "Back (Backspace)")));

  /* The way through a network is not one through another, which has not even so many layers. */
  open_model (gui, "lenet");
  g_assert_false (gtk_widget_get_sensitive (gui_button (gui->window, "Back (Backspace)")));
}

/* While it trains, at an earlier epoch, and when it has ended. */
static void
live (Gui *gui)
{
  LwRunItem *run;
  float first;
  LwNodeId conv, linear;

  gui_choose_small_run (gui, 160, 10000);
  gui_shortcut (gui, "<Control>2");
  gui_press (gui_button (gui->window, "Train"));
  gui_assert_soon ((run = gui_live (gui)) != NULL);
  gui_shortcut (gui, "<Control>3");
  conv = first_of (gui, LW_OP_CONV2D);
  linear = first_of (gui, LW_OP_LINEAR);
  lw_workbench_select_layer (gui->workbench, conv);
  gui_assert_soon (explains (gui, conv));
  first = lw_unit_picture_arithmetic (picture_of (gui))->terms[0].kernel[0];
  gui_assert_soon (explains (gui, conv) &&
                   lw_unit_picture_arithmetic (picture_of (gui))->terms[0].kernel[0] != first);
  lw_workbench_select_layer (gui->workbench, linear);
  gui_assert_soon (explains (gui, linear));
  lw_workbench_select_layer (gui->workbench, first_of (gui, LW_OP_BATCH_NORM));
  gui_assert_soon (explains (gui, first_of (gui, LW_OP_BATCH_NORM)));
  gui_shortcut (gui, "<Control><Shift>period");
  gui_assert_soon (gui_live (gui) == NULL);
  gui_assert_soon (explains (gui, first_of (gui, LW_OP_BATCH_NORM)));
}

/* The first linear layer of AlexNet at the book's size has 26 million weights: those of one unit
 * are read, and those of the next one when it is looked at. */
static void
large (Gui *gui)
{
  const LwUnitArithmetic *one;
  double first;

  open_model (gui, "alexnet");
  one = look_at (gui, LW_OP_LINEAR);
  g_assert_cmpint (one->n_terms, ==, 256);
  g_assert_cmpint (one->rows * one->columns, ==, 25);
  first = one->value;
  g_signal_emit_by_name (picture_of (gui), "moved", 0, 1);
  g_signal_emit_by_name (picture_of (gui), "moved", 0, 1); /* before the first has arrived */
  gui_assert_soon (lw_unit_picture_arithmetic (picture_of (gui))->unit.channel == 2);
  one = lw_unit_picture_arithmetic (picture_of (gui));
  g_assert_true (explains (gui, first_of (gui, LW_OP_LINEAR)));
  g_assert_cmpfloat (one->value, !=, first);
}

static void
set (Gui *gui, const char *field, const char *value)
{
  g_autoptr (GError) error = NULL;

  lw_workbench_set (gui->workbench, field, value, &error);
  g_assert_no_error (error);
}

/* The same while it trains: until the weights of another unit have come the one before stays, and
 * the maps do not go. */
static void
watch_large (Gui *gui)
{
  static const char *const fields[][2] = { { "batch", "2" },        { "epochs", "1000" },
                                           { "limit-train", "20" }, { "limit-test", "20" },
                                           { "snapshots", "0" },    { "algorithms", "fixed" } };
  LwNodeId linear;

  lw_workbench_select_model (gui->workbench, lw_model_find ("alexnet", NULL));
  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    set (gui, fields[i][0], fields[i][1]);
  gui_shortcut (gui, "<Control>2");
  gui_press (gui_button (gui->window, "Train"));
  gui_assert_soon (gui_live (gui) != NULL && gui_steps (gui_live (gui)) > 0);
  gui_shortcut (gui, "<Control>3");
  linear = first_of (gui, LW_OP_LINEAR);
  lw_workbench_select_layer (gui->workbench, linear);
  gui_assert_soon (explains (gui, linear));
  for (int i = 1; i < 4; i++) {
    LwUnit unit;

    g_signal_emit_by_name (picture_of (gui), "moved", 0, 1);
    g_assert_true (lw_feature_maps_view_unit (view_of (gui), &unit));
    g_assert_nonnull (lw_unit_picture_arithmetic (picture_of (gui)));
    gui_assert_soon (lw_unit_picture_arithmetic (picture_of (gui))->unit.channel == i);
    gui_assert_soon (explains (gui, linear));
  }
  gui_shortcut (gui, "<Control><Shift>period");
  gui_assert_soon (gui_live (gui) == NULL);
}

/* With the fast kernels: a step of that network takes the plain ones too long. */
static void
large_live (void)
{
  const LwBackend *const *const before = gui_backends;
  const LwBackend *const fast[] = { lw_cpu_backend (), NULL };

  gui_backends = fast;
  gui_run (watch_large, NULL);
  gui_backends = before;
}

int
main (int argc, char **argv)
{
  static const GuiTest tests[] = {
    { "/unit/lenet", lenet, NULL },
    { "/unit/copy", copying, NULL },
    { "/unit/networks", networks, NULL },
    { "/unit/live", live, NULL },
    { "/unit/large", large, NULL },
    { "/unit/large-live", NULL, large_live },
    { NULL, NULL, NULL },
  };

  return gui_main (argc, argv, tests);
}
