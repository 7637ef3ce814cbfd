/* Where a backend can compute in slices, what a concat joins lies in it already. */
#include "engine/models.h"
#include "engine/plan.h"

static size_t
all_but_dropout (LwDevice *device, LwOp op)
{
  (void)device;
  return op == LW_OP_DROPOUT || op == LW_OP_FLATTEN || op == LW_OP_LINEAR ? 0 : 4;
}

static size_t
plain_bytes (LwDevice *device, LwShape shape, int32_t batch)
{
  (void)device;
  return 4 * (size_t)lw_shape_size (shape) * (size_t)batch;
}

static const LwBackend slicing = { .channels_last = true,
                                   .value_bytes = plain_bytes,
                                   .slice_bytes = all_but_dropout };

static LwPlan *
make_plan (LwGraph *graph, LwMode mode)
{
  g_autoptr (GError) error = NULL;
  LwPlan *plan = lw_plan_new (graph, 2, mode, &slicing, NULL, &error);

  g_assert_no_error (error);
  return plan;
}

static LwGraph *
finish (LwGraph *graph)
{
  g_autoptr (GError) error = NULL;

  lw_graph_finish (graph, &error);
  g_assert_no_error (error);
  return graph;
}

/* Does input `i` of the concat, or its gradient, lie where the concat has it? */
static bool
lies_in (const LwPlan *plan, LwNodeId concat, int32_t i, bool gradient)
{
  const LwGraph *graph = lw_plan_graph (plan);
  const LwNode *node = lw_graph_node (graph, concat);
  const LwNodeId input = node->inputs[i];
  LwSlice whole = lw_plan_value_slice (plan, concat), part = lw_plan_value_slice (plan, input);
  int32_t channel = 0;

  for (int32_t k = 0; k < i; k++)
    channel += lw_graph_node (graph, node->inputs[k])->shape.c;
  if (gradient) {
    whole = lw_plan_gradient_slice (plan, concat);
    part = lw_plan_gradient_slice (plan, input);
    if (lw_plan_gradient (plan, input) != lw_plan_gradient (plan, concat))
      return false;
  } else if (lw_plan_value (plan, input) != lw_plan_value (plan, concat))
    return false;
  return part.channel == whole.channel + channel && part.offset == 4 * part.channel &&
         part.pixel == (whole.pixel ? whole.pixel : node->shape.c);
}

/* No concat of the book's networks moves a number. */
static void
test_models (void)
{
  const char *const names[] = { "googlenet", "densenet" };

  for (size_t k = 0; k < G_N_ELEMENTS (names); k++) {
    g_autoptr (LwOptions) options = lw_options_new (lw_model_find (names[k], NULL));
    g_autoptr (LwGraph) graph = lw_model_build (options, NULL);
    g_autoptr (LwPlan) training = make_plan (graph, LW_MODE_TRAINING);
    g_autoptr (LwPlan) inference = make_plan (graph, LW_MODE_INFERENCE);
    int32_t inputs = 0;

    for (LwNodeId id = 0; id < lw_graph_n_nodes (graph); id++) {
      const LwNode *node = lw_graph_node (graph, id);

      for (int32_t i = 0; node->op == LW_OP_CONCAT && i < node->n_inputs; i++, inputs++) {
        g_assert_true (lies_in (training, id, i, false));
        g_assert_true (lies_in (training, id, i, true));
        g_assert_true (lies_in (inference, id, i, false));
      }
    }
    g_assert_cmpint (inputs, >=, 32);
  }
}

/* What a step is told. */
static void
test_describe (void)
{
  g_autoptr (LwGraph) graph = lw_graph_new ("two paths");
  LwNodeId x = lw_graph_input (graph, (LwShape){ 1, 4, 4, false });
  LwNodeId a = lw_conv2d (graph, x, "a", 2, (LwWindow){ 3, 1, 1 });
  LwNodeId b = lw_conv2d (graph, a, "b", 3, (LwWindow){ 3, 1, 1 });
  LwNodeId relu = lw_activation (graph, b, "relu", LW_OP_RELU);
  LwNodeId both = lw_concat (graph, (LwNodeId[]){ a, relu }, 2, "both");
  LwNodeId pool = lw_global_avg_pool (graph, both, "pool");
  lw_linear (graph, lw_flatten (graph, pool, "flat"), "out", 3);
  finish (graph);

  g_autoptr (LwPlan) plan = make_plan (graph, LW_MODE_TRAINING);
  LwStep step;

  lw_plan_describe_step (plan, b, &step);
  g_assert_true (step.x_pixel[0] == 5 && step.y_pixel == 5);
  g_assert_true (step.dx_pixel[0] == 5 && step.dy_pixel == 5);
  g_assert_cmpuint (step.accumulate, ==, 1); /* the concat's backward came first */
  g_assert_cmpint (lw_plan_value_slice (plan, b).offset, ==, 2 * 4);
  g_assert_true (lies_in (plan, both, 1, false) && lies_in (plan, both, 1, true));
  lw_plan_describe_step (plan, both, &step);
  g_assert_true (step.y_pixel == 0 && step.x_pixel[0] == 5);
  lw_plan_describe_step (plan, pool, &step);
  g_assert_true (step.x_pixel[0] == 0 && step.dx_pixel[0] == 0);
}

/* Two concats want a; one gets it. Nobody gets what a dropout wrote, or the input. */
static void
test_refused (void)
{
  g_autoptr (LwGraph) graph = lw_graph_new ("shared");
  LwNodeId x = lw_graph_input (graph, (LwShape){ 1, 4, 4, false });
  LwNodeId a = lw_conv2d (graph, x, "a", 2, (LwWindow){ 3, 1, 1 });
  LwNodeId drop =
      lw_dropout (graph, lw_conv2d (graph, a, "b", 2, (LwWindow){ 3, 1, 1 }), "drop", 0.5F);
  LwNodeId first = lw_concat (graph, (LwNodeId[]){ a, drop, x }, 3, "first");
  LwNodeId c = lw_conv2d (graph, first, "c", 2, (LwWindow){ 3, 1, 1 });
  LwNodeId second = lw_concat (graph, (LwNodeId[]){ a, c, c }, 3, "second");
  LwNodeId pool = lw_global_avg_pool (graph, second, "pool");
  lw_linear (graph, lw_flatten (graph, pool, "flat"), "out", 3);
  finish (graph);

  g_autoptr (LwPlan) plan = make_plan (graph, LW_MODE_TRAINING);

  g_assert_true (lies_in (plan, second, 0, false) && lies_in (plan, second, 0, true));
  g_assert_false (lies_in (plan, first, 0, false) || lies_in (plan, first, 0, true));
  g_assert_false (lies_in (plan, first, 1, false) || lies_in (plan, first, 1, true));
  g_assert_false (lies_in (plan, first, 2, false));
  g_assert_true (lies_in (plan, second, 1, false));
  g_assert_false (lies_in (plan, second, 2, false));
  g_assert_true (lies_in (plan, second, 1, true));
  g_assert_false (lies_in (plan, second, 2, true));
}

/* An activation in place behind the concat would destroy what others still want of its parts. */
static void
test_overwritten (void)
{
  g_autoptr (LwGraph) graph = lw_graph_new ("overwritten");
  LwNodeId x = lw_graph_input (graph, (LwShape){ 1, 4, 4, false });
  LwNodeId a = lw_conv2d (graph, x, "a", 2, (LwWindow){ 3, 1, 1 });
  LwNodeId b = lw_conv2d (graph, x, "b", 2, (LwWindow){ 3, 1, 1 });
  LwNodeId both = lw_concat (graph, (LwNodeId[]){ a, b }, 2, "both");
  LwNodeId relu = lw_activation (graph, both, "relu", LW_OP_RELU);
  LwNodeId late = lw_conv2d (graph, a, "late", 4, (LwWindow){ 3, 1, 1 });
  LwNodeId pool = lw_global_avg_pool (graph, lw_add (graph, relu, late, "sum"), "pool");
  lw_linear (graph, lw_flatten (graph, pool, "flat"), "out", 3);
  finish (graph);

  g_autoptr (LwPlan) inference = make_plan (graph, LW_MODE_INFERENCE);
  g_autoptr (LwPlan) training = make_plan (graph, LW_MODE_TRAINING);

  g_assert_true (lw_plan_value (inference, both) == lw_plan_value (inference, relu));
  g_assert_false (lies_in (inference, both, 0, false));
  g_assert_true (lies_in (inference, both, 1, false));
  g_assert_false (lies_in (training, both, 0, false) || lies_in (training, both, 1, false));
  g_assert_false (lies_in (training, both, 0, true)); /* "late" writes a's gradient first */
  g_assert_true (lies_in (training, both, 1, true));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/plan-slices/models", test_models);
  g_test_add_func ("/plan-slices/describe", test_describe);
  g_test_add_func ("/plan-slices/refused", test_refused);
  g_test_add_func ("/plan-slices/overwritten", test_overwritten);
  return g_test_run ();
}
