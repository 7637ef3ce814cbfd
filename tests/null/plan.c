/* Plans of all networks, and of small graphs made for one rule each. */
#include "engine/models.h"
#include "engine/plan.h"

#include "tests/null/replay.h"

static LwGraph *
build_model (const LwModel *model)
{
  g_autoptr (LwOptions) options = lw_options_new (model);
  g_autoptr (GError) error = NULL;
  LwGraph *graph = lw_model_build (options, &error);
  g_assert_no_error (error);
  return graph;
}

static LwPlan *
make_plan (LwGraph *graph, LwMode mode)
{
  g_autoptr (GError) error = NULL;
  LwPlan *plan = lw_plan_new (graph, 2, mode, NULL, NULL, &error);
  g_assert_no_error (error);
  return plan;
}

/* Every read of a whole step finds what was meant for it. */
static void
test_replay (gconstpointer data)
{
  g_autoptr (LwGraph) graph = build_model (data);
  for (LwMode mode = LW_MODE_TRAINING; mode <= LW_MODE_INFERENCE; mode++) {
    g_autoptr (LwPlan) plan = make_plan (graph, mode);
    replay_plan (plan);
    LwArenaSize arena = lw_plan_arena (plan);
    /* Inference has few values at once; those of a deep dense block leave a gap. */
    g_assert_cmpint (arena.arena_bytes, <=,
                     arena.bound_bytes * (mode == LW_MODE_TRAINING ? 1.06 : 1.12));
  }
}

/* What exists for whom, and how long. */
static void
test_invariants (gconstpointer data)
{
  g_autoptr (LwGraph) graph = build_model (data);
  g_autoptr (LwPlan) training = make_plan (graph, LW_MODE_TRAINING);
  g_autoptr (LwPlan) inference = make_plan (graph, LW_MODE_INFERENCE);
  int32_t n = lw_graph_n_nodes (graph);
  g_assert_cmpint (lw_plan_n_steps (training), ==, n + 1);
  g_assert_cmpint (lw_plan_gradient (training, 0), ==, -1);
  g_assert_cmpint (lw_plan_workspace (training, 0), ==, -1);
  for (LwNodeId id = 0; id < n; id++) {
    const LwNode *node = lw_graph_node (graph, id);
    const LwBuffer *value = lw_plan_buffer (training, lw_plan_value (training, id));
    g_assert_cmpint (value->kind, ==, LW_BUFFER_VALUE);
    g_assert_cmpint (value->life.first, <=, id);
    g_assert_cmpint (value->life.last, >=, id);
    g_assert_cmpint (value->life.bytes, >=, lw_shape_size (node->shape) * 2 * 4);
    bool keeps = (lw_op_info (node->op)->saves & LW_SAVES_STATE) != 0;
    g_assert_true (keeps == (lw_plan_state (training, id) >= 0));
    g_assert_cmpint (lw_plan_state (inference, id), ==, -1);
    g_assert_cmpint (lw_plan_gradient (inference, id), ==, -1);
    g_assert_cmpuint (lw_plan_accumulate (inference, id), ==, 0);
    if (keeps) {
      const LwBuffer *state = lw_plan_buffer (training, lw_plan_state (training, id));
      g_assert_cmpint (state->life.first, ==, id);
      g_assert_cmpint (state->life.last, ==, 2 * n + 1 - id);
      g_assert_cmpint (state->life.bytes, ==, lw_node_state_bytes (graph, id, 2));
    }
    if (id > 0) {
      const LwBuffer *gradient = lw_plan_buffer (training, lw_plan_gradient (training, id));
      g_assert_cmpint (gradient->kind, ==, LW_BUFFER_GRADIENT);
      g_assert_cmpint (gradient->life.first, >, n);
      g_assert_cmpint (gradient->life.last, >=, 2 * n + 1 - id);
    }
  }
  const LwBuffer *loss = lw_plan_buffer (inference, lw_plan_value (inference, n));
  g_assert_cmpint (loss->life.bytes, ==, 8);
  const LwBuffer *logits =
      lw_plan_buffer (inference, lw_plan_value (inference, lw_graph_output (graph)));
  g_assert_cmpint (logits->life.last, ==, n);
  g_assert_cmpint (lw_plan_arena (inference).arena_bytes, <, lw_plan_arena (training).arena_bytes);
}

static LwGraph *
finish (LwGraph *graph)
{
  g_autoptr (GError) error = NULL;
  lw_graph_finish (graph, &error);
  g_assert_no_error (error);
  return graph;
}

static bool
same_value (const LwPlan *plan, LwNodeId a, LwNodeId b)
{
  return lw_plan_value (plan, a) == lw_plan_value (plan, b);
}

static bool
same_gradient (const LwPlan *plan, LwNodeId a, LwNodeId b)
{
  return lw_plan_gradient (plan, a) == lw_plan_gradient (plan, b);
}

/* conv → batch norm → ReLU → dropout → flatten → linear. */
static void
test_in_place (void)
{
  g_autoptr (LwGraph) graph = lw_graph_new ("chain");
  LwNodeId x = lw_graph_input (graph, (LwShape){ 1, 4, 4 });
  LwNodeId conv = lw_conv2d (graph, x, NULL, 2, (LwWindow){ 3, 1, 1 });
  LwNodeId norm = lw_batch_norm (graph, conv, NULL);
  LwNodeId relu = lw_activation (graph, norm, NULL, LW_OP_RELU);
  LwNodeId drop = lw_dropout (graph, relu, NULL, 0.5);
  LwNodeId flat = lw_flatten (graph, drop, NULL);
  LwNodeId out = lw_linear (graph, flat, NULL, 3);
  finish (graph);

  g_autoptr (LwPlan) training = make_plan (graph, LW_MODE_TRAINING);
  g_assert_false (same_value (training, conv, norm)); /* its backward reads its input */
  g_assert_true (same_value (training, norm, relu));
  g_assert_false (same_value (training, relu, drop)); /* ReLU's backward reads its output */
  g_assert_true (same_value (training, drop, flat));
  g_assert_false (same_value (training, flat, out));
  g_assert_true (same_gradient (training, conv, flat)); /* all four backward in one buffer */
  g_assert_false (same_gradient (training, flat, out));
  replay_plan (training);

  g_autoptr (LwPlan) inference = make_plan (graph, LW_MODE_INFERENCE);
  g_assert_false (same_value (inference, x, conv));
  for (LwNodeId id = norm; id <= flat; id++)
    g_assert_true (same_value (inference, conv, id));
  replay_plan (inference);
}

/* The input is never overwritten, not even behind a flatten, and gets no gradient. */
static void
test_input (void)
{
  g_autoptr (LwGraph) graph = lw_graph_new ("input");
  LwNodeId x = lw_graph_input (graph, (LwShape){ 1, 4, 4 });
  LwNodeId flat = lw_flatten (graph, x, NULL);
  LwNodeId relu = lw_activation (graph, flat, NULL, LW_OP_RELU);
  LwNodeId out = lw_linear (graph, relu, NULL, 3);
  finish (graph);
  for (LwMode mode = LW_MODE_TRAINING; mode <= LW_MODE_INFERENCE; mode++) {
    g_autoptr (LwPlan) plan = make_plan (graph, mode);
    g_assert_true (same_value (plan, x, flat));
    g_assert_false (same_value (plan, flat, relu));
    g_assert_cmpint (lw_plan_gradient (plan, flat), ==, -1);
    g_assert_cmpuint (lw_plan_accumulate (plan, relu), ==, 0);
    g_assert_cmpint (lw_plan_gradient (plan, out) >= 0, ==, mode == LW_MODE_TRAINING);
    replay_plan (plan);
  }
}

/* a feeds b, a sum and, twice, another sum. The last reader writes a's gradient. */
static void
test_accumulate (void)
{
  g_autoptr (LwGraph) graph = lw_graph_new ("sums");
  LwNodeId x = lw_graph_input (graph, (LwShape){ 1, 4, 4 });
  LwNodeId a = lw_conv2d (graph, x, "a", 2, (LwWindow){ 3, 1, 1 });
  LwNodeId b = lw_conv2d (graph, a, "b", 2, (LwWindow){ 3, 1, 1 });
  LwNodeId sum = lw_add (graph, b, a, "sum");
  LwNodeId twice = lw_add (graph, a, a, "twice");
  LwNodeId both = lw_concat (graph, (LwNodeId[]){ sum, twice }, 2, "both");
  LwNodeId flat = lw_flatten (graph, both, "flat");
  lw_linear (graph, flat, "out", 3);
  finish (graph);

  g_autoptr (LwPlan) plan = make_plan (graph, LW_MODE_TRAINING);
  g_assert_cmpuint (lw_plan_accumulate (plan, twice), ==, 1u << 1);
  g_assert_cmpuint (lw_plan_accumulate (plan, sum), ==, 1u << 1);
  g_assert_cmpuint (lw_plan_accumulate (plan, b), ==, 1u << 0);
  g_assert_cmpuint (lw_plan_accumulate (plan, a), ==, 0); /* its input wants no gradient */
  g_assert_cmpuint (lw_plan_accumulate (plan, both), ==, 0);
  g_assert_true (same_value (plan, b, sum));
  g_assert_true (same_gradient (plan, b, sum));
  g_assert_false (same_gradient (plan, a, sum));
  g_assert_false (same_value (plan, a, twice));
  replay_plan (plan);
}

/* Without a backward pass a sum is written over the input that was computed first, unless that is
 * the network's own or still to be read. */
static void
test_sums_in_place (void)
{
  g_autoptr (LwGraph) graph = lw_graph_new ("sums");
  LwNodeId x = lw_graph_input (graph, (LwShape){ 2, 4, 4 });
  LwNodeId a = lw_conv2d (graph, x, "a", 2, (LwWindow){ 3, 1, 1 });
  LwNodeId b = lw_conv2d (graph, a, "b", 2, (LwWindow){ 3, 1, 1 });
  LwNodeId sum = lw_add (graph, b, a, "sum"); /* a is read again */
  LwNodeId c = lw_conv2d (graph, sum, "c", 2, (LwWindow){ 3, 1, 1 });
  LwNodeId late = lw_add (graph, c, a, "late");
  LwNodeId d = lw_conv2d (graph, late, "d", 2, (LwWindow){ 3, 1, 1 });
  LwNodeId last = lw_add (graph, d, x, "last");
  LwNodeId flat = lw_flatten (graph, last, "flat");
  lw_linear (graph, flat, "out", 3);
  finish (graph);

  g_autoptr (LwPlan) plan = make_plan (graph, LW_MODE_INFERENCE);
  g_assert_true (same_value (plan, b, sum));
  g_assert_false (same_value (plan, a, sum));
  g_assert_true (same_value (plan, a, late)); /* its second input */
  g_assert_true (same_value (plan, d, last));
  g_assert_false (same_value (plan, x, last));
  replay_plan (plan);
}

/* A content that is read both as a map and as a vector has one gradient. */
static void
test_flatten_shared (void)
{
  g_autoptr (LwGraph) graph = lw_graph_new ("two readings");
  LwNodeId x = lw_graph_input (graph, (LwShape){ 1, 2, 2 });
  LwNodeId a = lw_conv2d (graph, x, "a", 2, (LwWindow){ 1, 1, 0 });
  LwNodeId flat = lw_flatten (graph, a, "flat");
  LwNodeId one = lw_linear (graph, flat, "one", 3);
  LwNodeId pool = lw_global_avg_pool (graph, a, "pool");
  LwNodeId vector = lw_flatten (graph, pool, "vector");
  LwNodeId two = lw_linear (graph, vector, "two", 3);
  lw_add (graph, one, two, "sum");
  finish (graph);

  g_autoptr (LwPlan) plan = make_plan (graph, LW_MODE_TRAINING);
  g_assert_true (same_gradient (plan, a, flat));
  g_assert_cmpuint (lw_plan_accumulate (plan, pool), ==, 0); /* first backward: writes */
  g_assert_cmpuint (lw_plan_accumulate (plan, one), ==, 1u << 0);
  g_assert_cmpuint (lw_plan_accumulate (plan, flat), ==, 0);
  replay_plan (plan);
}

static void
test_describe (void)
{
  g_autoptr (LwGraph) graph = build_model (lw_model_find ("lenet", NULL));
  g_autoptr (LwPlan) plan = make_plan (graph, LW_MODE_TRAINING);
  LwStep step;
  lw_plan_describe_step (plan, 1, &step);
  g_assert_cmpint (step.op, ==, LW_OP_CONV2D);
  g_assert_cmpint (step.n_x, ==, 1);
  g_assert_true (lw_shape_equal (step.x_shape[0], (LwShape){ 1, 28, 28 }));
  g_assert_true (lw_shape_equal (step.y_shape, (LwShape){ 6, 28, 28 }));
  g_assert_true (step.training && step.batch == 2 && step.n == 2);
  g_assert_null (step.x[0]);
  lw_plan_describe_step (plan, lw_graph_n_nodes (graph), &step);
  g_assert_cmpint (step.op, ==, LW_OP_CROSS_ENTROPY);
  g_assert_null (step.node);
  g_assert_true (lw_shape_equal (step.x_shape[0], (LwShape){ 10, 1, 1, true }));
}

/* A backend's own sizes: 16 bytes more a value, 100 bytes of state and workspace for pooling. */
static size_t
padded_bytes (LwDevice *device, LwShape shape, int32_t batch)
{
  (void)device;
  return (size_t)(lw_shape_size (shape) * batch * 4 + 16);
}

static size_t
hundred (LwDevice *device, const LwStep *step)
{
  (void)device;
  g_assert_cmpint (step->op, ==, LW_OP_AVG_POOL);
  return 100;
}

static void
test_backend_sizes (void)
{
  g_autoptr (LwGraph) graph = build_model (lw_model_find ("lenet", NULL));
  static LwBackend backend = { .value_bytes = padded_bytes };
  backend.kernels[LW_OP_AVG_POOL] =
      (LwKernel){ .state_bytes = hundred, .workspace_bytes = hundred };
  g_autoptr (LwPlan) plan = lw_plan_new (graph, 3, LW_MODE_TRAINING, &backend, NULL, NULL);
  const LwBuffer *value = lw_plan_buffer (plan, lw_plan_value (plan, 1));
  g_assert_cmpint (value->life.bytes, ==, 3 * 6 * 28 * 28 * 4 + 16);
  const LwBuffer *state = lw_plan_buffer (plan, lw_plan_state (plan, 3));
  g_assert_cmpint (state->kind, ==, LW_BUFFER_STATE);
  g_assert_cmpint (state->life.bytes, ==, 100);
  const LwBuffer *workspace = lw_plan_buffer (plan, lw_plan_workspace (plan, 3));
  g_assert_cmpint (workspace->life.bytes, ==, 100);
  g_assert_cmpint (workspace->life.first, ==, 0);
  g_assert_cmpint (workspace->life.last, ==, 2 * lw_graph_n_nodes (graph) + 2);
  g_assert_cmpint (lw_plan_workspace (plan, 1), ==, lw_plan_workspace (plan, 3));
  replay_plan (plan);
}

static size_t
megabyte (LwDevice *device, const LwStep *step)
{
  (void)device;
  (void)step;
  return 1 << 20;
}

/* In inference each step has a workspace of its own, unless the input's lasts for the whole pass:
 * the arena is then as large as the step that uses most, not as the largest of either kind. */
static void
test_inference_workspaces (void)
{
  g_autoptr (LwGraph) graph = build_model (lw_model_find ("lenet", NULL));
  const LwNodeId last = lw_graph_n_nodes (graph) - 1;
  static LwBackend backend = { .value_bytes = padded_bytes };
  backend.kernels[LW_OP_LINEAR].workspace_bytes = megabyte;
  g_autoptr (LwPlan) plan = lw_plan_new (graph, 64, LW_MODE_INFERENCE, &backend, NULL, NULL);
  const LwBuffer *workspace = lw_plan_buffer (plan, lw_plan_workspace (plan, last));
  const int64_t kept = lw_plan_kept_bytes (plan);
  g_assert_cmpint (workspace->life.first, ==, last);
  g_assert_cmpint (workspace->life.last, ==, last);
  g_assert_cmpint (lw_plan_workspace (plan, 1), ==, -1);
  g_assert_cmpint (kept, >, 64 * 4 * (28 * 28 + 6 * 28 * 28));
  g_assert_cmpint (lw_plan_arena (plan).arena_bytes, ==,
                   kept); /* linear layers have small values */
  replay_plan (plan);

  backend.kernels[LW_OP_INPUT].workspace_bytes = megabyte;
  g_autoptr (LwPlan) shared = lw_plan_new (graph, 64, LW_MODE_INFERENCE, &backend, NULL, NULL);
  g_assert_cmpint (lw_plan_workspace (shared, 1), ==, lw_plan_workspace (shared, last));
  g_assert_cmpint (lw_plan_kept_bytes (shared), ==, kept);
  g_assert_cmpint (lw_plan_arena (shared).arena_bytes, ==, kept + (1 << 20));
  replay_plan (shared);
}

static void
test_refused (void)
{
  g_autoptr (LwGraph) graph = build_model (lw_model_find ("lenet", NULL));
  const int32_t batches[] = { 0, -1, 65537, G_MAXINT32 };
  for (size_t i = 0; i < G_N_ELEMENTS (batches); i++) {
    g_autoptr (GError) error = NULL;
    g_assert_null (lw_plan_new (graph, batches[i], LW_MODE_TRAINING, NULL, NULL, &error));
    g_assert_error (error, LW_ERROR, LW_ERROR_INVALID);
  }
  g_autoptr (LwPlan) largest = lw_plan_new (graph, 65536, LW_MODE_TRAINING, NULL, NULL, NULL);
  g_assert_nonnull (largest);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (int32_t i = 0; i < lw_n_models (); i++) {
    g_autofree char *replay = g_strdup_printf ("/plan/%s/replay", lw_model (i)->name);
    g_autofree char *invariants = g_strdup_printf ("/plan/%s/invariants", lw_model (i)->name);
    g_test_add_data_func (replay, lw_model (i), test_replay);
    g_test_add_data_func (invariants, lw_model (i), test_invariants);
  }
  g_test_add_func ("/plan/in-place", test_in_place);
  g_test_add_func ("/plan/input", test_input);
  g_test_add_func ("/plan/accumulate", test_accumulate);
  g_test_add_func ("/plan/sums-in-place", test_sums_in_place);
  g_test_add_func ("/plan/flatten-shared", test_flatten_shared);
  g_test_add_func ("/plan/describe", test_describe);
  g_test_add_func ("/plan/backend-sizes", test_backend_sizes);
  g_test_add_func ("/plan/inference-workspaces", test_inference_workspaces);
  g_test_add_func ("/plan/refused", test_refused);
  return g_test_run ();
}
