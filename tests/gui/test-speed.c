/* How fast a layer is: measured when somebody asks, with the algorithm, the share of the roofline
 * and which limit it has; other networks, devices and trainings make it forget or wait. */
#include "kernels/reference/reference.h"
#include "tests/gui/explore-steps.h"
#include "ui/layer-speed.h"

#include <math.h>
#include <string.h>

/* As many operations as bytes, more than any processor's: convolutions are limited by arithmetic,
 * activations by memory, and nothing beats the roofline. */
static LwPeaks
round_peaks (LwDevice *device)
{
  (void)device;
  return (LwPeaks){ 1e14, 1e14 };
}

static const char *
algorithm (LwDevice *device, const LwStep *step, LwDirection direction)
{
  (void)device;
  (void)step;
  return direction == LW_FORWARD ? "unrolled" : direction == LW_BACKWARD_DATA ? "turned" : "summed";
}

static GtkWidget *
speed_of (const Explore *e)
{
  return gui_find (e->inspector, LW_TYPE_LAYER_SPEED);
}

static void
mark (const Explore *e, LwOp op)
{
  LwGraph *graph = graph_of (e);

  for (LwNodeId id = 0; id < lw_graph_n_nodes (graph); id++)
    if (lw_graph_node (graph, id)->op == op) {
      lw_workbench_select_layer (e->gui->workbench, id);
      return;
    }
  g_assert_not_reached ();
}

static void
measured (Gui *gui)
{
  const Explore e = explore (gui, "lenet");

  /* Only of layers, and only when asked. */
  g_assert_null (speed_of (&e));
  mark (&e, LW_OP_CONV2D);
  gui_assert_soon (speed_of (&e) != NULL);
  g_assert_nonnull (gui_label (speed_of (&e), "Speed: CPU"));
  g_assert_nonnull (gui_label (speed_of (&e), "Not measured"));
  gui_press (gui_button (speed_of (&e), "Measure"));
  gui_assert_soon (gui_label (speed_of (&e), "unrolled") != NULL);
  g_assert_null (gui_button (speed_of (&e), "Measure"));

  /* The first convolution has no gradient of its input. */
  g_assert_nonnull (gui_label (speed_of (&e), "summed"));
  g_assert_null (gui_label (speed_of (&e), "input's gradient"));
  g_assert_nonnull (strstr (gui_label (speed_of (&e), "At least "), "arithmetic is the limit"));
  g_assert_nonnull (gui_find (speed_of (&e), GTK_TYPE_LEVEL_BAR));
  g_assert_cmpfloat (
      gtk_level_bar_get_value (GTK_LEVEL_BAR (gui_find (speed_of (&e), GTK_TYPE_LEVEL_BAR))), >, 0);
  mark (&e, LW_OP_SIGMOID);
  g_assert_nonnull (
      strstr (gui_label (speed_of (&e), "Nothing to multiply"), "memory is the limit"));
  mark (&e, LW_OP_FLATTEN);
  g_assert_null (gui_label (speed_of (&e), "At least "));

  /* Another network was not measured; the first one's numbers are kept. */
  lw_workbench_select_model (gui->workbench, lw_model_find ("lenet-bn", NULL));
  mark (&e, LW_OP_CONV2D);
  gui_assert_soon (gui_label (speed_of (&e), "Not measured") != NULL);
  lw_workbench_select_model (gui->workbench, lw_model_find ("lenet", NULL));
  mark (&e, LW_OP_CONV2D);
  gui_assert_soon (gui_label (speed_of (&e), "unrolled") != NULL);
  /* Another device has its own. */
  g_assert_true (lw_workbench_set (gui->workbench, "device", "other", NULL));
  gui_assert_soon (gui_label (speed_of (&e), "Not measured") != NULL);
  g_assert_nonnull (gui_label (speed_of (&e), "Speed: the other one"));
}

/* While a training has the processor nothing is measured. */
static void
waits (Gui *gui)
{
  const Explore e = explore (gui, "lenet");
  LwRunItem *run;

  gui_choose_small_run (gui, 64, 1);
  run = gui_start_long (gui);
  gui_shortcut (gui, "<Control>1");
  mark (&e, LW_OP_CONV2D);
  gui_assert_soon (gui_label (speed_of (&e), "Measured when the training is over") != NULL);
  g_assert_null (gui_button (speed_of (&e), "Measure"));
  g_action_group_activate_action (G_ACTION_GROUP (gui->window), "stop", NULL);
  gui_assert_soon (!lw_run_item_is_live (run));
  gui_assert_soon (gui_button (speed_of (&e), "Measure") != NULL);
}

static char *
describe_other (int index)
{
  (void)index;
  return g_strdup ("the other one");
}

int
main (int argc, char **argv)
{
  static LwBackend first, other;
  static const LwBackend *const backends[] = { &first, &other, NULL };
  static const GuiTest tests[] = {
    { "/speed/measured", measured, NULL },
    { "/speed/waits", waits, NULL },
    { NULL, NULL, NULL },
  };

  first = other = lw_reference_backend;
  first.peaks = round_peaks;
  first.kernels[LW_OP_CONV2D].algorithm = algorithm;
  other.name = "other";
  other.describe = describe_other;
  gui_backends = backends;
  return gui_main (argc, argv, tests);
}
