/* Gradients of a class's score in evaluation mode, against finite differences, for every operation;
 * Grad-CAM's map against its formula. */
#include "engine/explain.h"

#include "engine/models.h"
#include "engine/run.h"
#include "kernels/reference/reference.h"
#include "tests/support/network.h"
#include "tests/support/program.h"
#include "tests/support/training.h"

#include <math.h>

static LwGraph *
finished (LwGraph *graph)
{
  g_autoptr (GError) error = NULL;

  lw_graph_finish (graph, &error);
  g_assert_no_error (error);
  return graph;
}

/* Every operation: convolution, normalization, all activations, all poolings, sum, concat, dropout,
 * linear, flatten. */
static LwGraph *
make_graph (void)
{
  LwGraph *g = lw_graph_new ("all");
  LwNodeId x = lw_graph_input (g, (LwShape){ 2, 8, 8, false }), a, b, c;

  x = lw_conv2d (g, x, "conv1", 4, (LwWindow){ 3, 1, 1 });
  x = lw_batch_norm (g, x, "bn1");
  a = lw_activation (g, x, "relu", LW_OP_RELU);
  b = lw_conv2d_without_bias (g, a, "conv2", 4, (LwWindow){ 1, 1, 0 });
  b = lw_activation (g, b, "sigmoid", LW_OP_SIGMOID);
  a = lw_add (g, a, b, "add");
  b = lw_max_pool (g, a, "max", (LwWindow){ 3, 2, 1 });
  c = lw_avg_pool (g, a, "avg", (LwWindow){ 2, 2, 0 });
  x = lw_concat (g, (const LwNodeId[]){ b, c, b }, 3, "concat");
  x = lw_dropout (g, x, "dropout", 0.5);
  x = lw_conv2d (g, x, "conv3", 5, (LwWindow){ 3, 2, 1 });
  a = lw_global_avg_pool (g, x, "global");
  a = lw_flatten (g, a, "flat1");
  a = lw_linear (g, a, "fc1", 6);
  b = lw_flatten (g, x, "flat2");
  b = lw_linear (g, b, "fc2", 6);
  x = lw_add (g, a, b, "add2");
  x = lw_activation (g, x, "tanh", LW_OP_TANH);
  x = lw_batch_norm (g, x, "bn2");
  lw_linear (g, x, "fc3", 3);
  return finished (g);
}

/* Weights with running statistics that are not 0 and 1. */
static char *
make_weights (LwGraph *graph, const char *folder)
{
  const LwSessionOptions options = { .inference_batch = 1 };
  g_autoptr (LwSession) session = lw_session_new (graph, &lw_reference_backend, 0, &options, NULL);
  g_autoptr (LwSettings) settings = lw_test_settings ("lenet", NULL);
  g_autoptr (GRand) random = g_rand_new_with_seed (5);
  char *path = g_build_filename (folder, "weights.safetensors", NULL);

  g_assert_true (lw_session_initialize (session, 3, NULL));
  for (int32_t i = 0; i < lw_graph_n_tensors (graph); i++) {
    const LwTensorInfo *tensor = lw_graph_tensor (graph, i);
    g_autofree float *values = g_new (float, tensor->size);
    const bool variance = tensor->role == LW_ROLE_RUNNING_VAR;

    if (lw_graph_node (graph, tensor->node)->op != LW_OP_BATCH_NORM || tensor->dtype != LW_F32)
      continue;
    for (int64_t k = 0; k < tensor->size; k++)
      values[k] = (float)(variance ? g_rand_double_range (random, 0.3, 2)
                                   : g_rand_double_range (random, -0.8, 1.2));
    g_assert_true (lw_session_set_tensor (session, i, values, NULL));
  }
  g_assert_true (lw_session_save (session, settings, path, NULL));
  return path;
}

static double
score (LwExplainer *e, LwNodeId layer, const float *values, int32_t label)
{
  float scores[16];

  g_assert_true (lw_explainer_replace (e, layer, values, NULL, NULL));
  g_assert_true (lw_explainer_scores (e, scores, NULL));
  return (double)scores[label];
}

/* The gradient of a layer, number by number. Where the score has a corner (ReLU, maxima) the
 * differences to both sides do not agree; few numbers may be so. */
static void
check_layer (LwExplainer *e, LwNodeId layer, LwShape shape, const float *image, int32_t label)
{
  const int64_t n = lw_shape_size (shape);
  const double h = 4e-3;
  g_autofree float *values = g_new (float, n), *gradient = g_new (float, n);
  int64_t checked = 0, step = MAX (n / 40, 1), tried = 0;
  double largest = 0;

  g_assert_true (lw_explainer_look (e, image, NULL, NULL));
  g_assert_true (lw_explainer_follow (e, label, layer, NULL, NULL));
  g_assert_true (lw_explainer_value (e, layer, values, NULL));
  g_assert_true (lw_explainer_gradient (e, layer, gradient, NULL));
  for (int64_t i = 0; i < n; i++)
    largest = MAX (largest, fabs ((double)gradient[i]));
  g_assert_cmpfloat (largest, >, 0);
  for (int64_t i = 0; i < n; i += step) {
    const float value = values[i];
    const double middle = score (e, layer, values, label);
    double up, down, slope;

    tried++;
    values[i] = value + (float)h;
    up = (score (e, layer, values, label) - middle) / h;
    values[i] = value - (float)h;
    down = (middle - score (e, layer, values, label)) / h;
    values[i] = value;
    slope = (up + down) / 2;
    if (fabs (up - down) > 0.02 * largest + 2e-3)
      continue;
    checked++;
    g_assert_cmpfloat_with_epsilon ((double)gradient[i], slope, 0.02 * largest + 3e-4);
  }
  g_test_message ("layer %d: %d of %d numbers, largest %g", layer, (int)checked, (int)tried,
                  largest);
  g_assert_cmpint (checked, >=, tried * 6 / 10);
}

static void
test_gradients (void)
{
  char *folder = lw_make_folder ();
  g_autoptr (LwGraph) graph = make_graph ();
  g_autofree char *path = make_weights (graph, folder);
  g_autoptr (GRand) random = g_rand_new_with_seed (1);
  g_autoptr (GError) error = NULL;
  g_autoptr (LwExplainer) e = lw_explainer_new (graph, &lw_reference_backend, path, 0, &error);
  float image[128];

  g_assert_no_error (error);
  for (int i = 0; i < 128; i++)
    image[i] = (float)g_rand_double_range (random, -1, 1);
  for (int32_t label = 0; label < 3; label += 2)
    for (LwNodeId layer = 0; layer < lw_graph_output (graph); layer++)
      check_layer (e, layer, lw_graph_node (graph, layer)->shape, image, label);
  lw_remove_folder (folder);
}

/* The scores are those that inference gives, with dropout off and running statistics. */
static void
test_scores (void)
{
  static const char *const names[] = { "lenet-bn", "resnet18", "googlenet", "densenet", "alexnet" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autoptr (LwGraph) graph = lw_test_network (names[i],
                                                 g_str_equal (names[i], "lenet-bn")  ? 28
                                                 : g_str_equal (names[i], "alexnet") ? 127
                                                                                     : 64,
                                                 NULL);
    const LwSessionOptions options = { .inference_batch = 1 };
    g_autoptr (LwSession) session =
        lw_session_new (graph, &lw_reference_backend, 0, &options, NULL);
    g_autoptr (GError) error = NULL;
    g_autoptr (LwExplainer) e = lw_explainer_new (graph, &lw_reference_backend, NULL, 7, &error);
    const gsize size = (gsize)lw_shape_size (lw_graph_input_shape (graph));
    g_autofree float *image = g_new (float, size);
    float a[16], b[16];
    const LwBatch batch = { image, NULL, 1 };

    g_assert_no_error (error);
    for (gsize k = 0; k < size; k++)
      image[k] = (float)((k * 37) % 101) / 101;
    g_assert_true (lw_session_initialize (session, 7, NULL));
    g_assert_true (lw_session_infer (session, &batch, NULL, NULL, a, NULL, NULL));
    g_assert_true (lw_explainer_look (e, image, NULL, NULL));
    g_assert_true (lw_explainer_scores (e, b, NULL));
    for (int c = 0; c < 10; c++)
      g_assert_cmpfloat_with_epsilon (a[c], b[c], 1e-5f);
    g_assert_cmpint (lw_explain_layer (graph), >, 0);
  }
}

/* A tiny network by hand: two maps A₁ = x, A₂ = 2x − 1 of 2 × 2, score = 3·mean (A₁) − mean (A₂).
 * α = 3/4, −1/4; map = ReLU (3/4 x − 1/4 (2x − 1)) = ReLU (x/4 + 1/4). */
static void
test_grad_cam (void)
{
  LwGraph *g = lw_graph_new ("tiny");
  LwNodeId x = lw_graph_input (g, (LwShape){ 1, 2, 2, false }), conv;
  char *folder = lw_make_folder ();
  g_autofree char *path = g_build_filename (folder, "w.safetensors", NULL);
  const float image[] = { 0.5f, -3, 1, 0 };
  const float conv_weight[] = { 1, 2 }, conv_bias[] = { 0, -1 }, fc[] = { 3, -1, 0, 1 },
              fc_bias[] = { 0, 0 };
  const float *const tensors[] = { conv_weight, conv_bias, fc, fc_bias };
  const LwSessionOptions options = { .inference_batch = 1 };
  g_autoptr (LwSettings) settings = lw_test_settings ("lenet", NULL);
  g_autofree float *map = NULL, *gradient = NULL;
  int rows, columns;

  conv = x = lw_conv2d (g, x, "conv", 2, (LwWindow){ 1, 1, 0 });
  x = lw_global_avg_pool (g, x, "pool");
  x = lw_flatten (g, x, "flat");
  lw_linear (g, x, "fc", 2);
  finished (g);
  {
    g_autoptr (LwSession) session = lw_session_new (g, &lw_reference_backend, 0, &options, NULL);

    for (int32_t i = 0; i < 4; i++)
      g_assert_true (lw_session_set_tensor (session, i, tensors[i], NULL));
    g_assert_true (lw_session_save (session, settings, path, NULL));
  }
  g_assert_cmpint (lw_explain_layer (g), ==, conv);
  {
    g_autoptr (LwExplainer) e = lw_explainer_new (g, &lw_reference_backend, path, 0, NULL);
    g_autoptr (GCancellable) cancelled = g_cancellable_new ();
    g_autoptr (GError) error = NULL;

    g_assert_null (lw_explainer_map (e, LW_EXPLAIN_GRAD_CAM, 0, conv, &rows, &columns, NULL,
                                     &error)); /* nothing was looked at */
    lw_test_assert_sentence (&error, LW_ERROR_INVALID, "look at an image");
    g_assert_true (lw_explainer_look (e, image, NULL, NULL));
    map = lw_explainer_map (e, LW_EXPLAIN_GRAD_CAM, 0, conv, &rows, &columns, NULL, NULL);
    g_assert_cmpint (rows, ==, 2);
    g_assert_cmpint (columns, ==, 2);
    for (int i = 0; i < 4; i++)
      g_assert_cmpfloat_with_epsilon (map[i], fmaxf (0.25f * image[i] + 0.25f, 0), 1e-6f);
    /* dy/dx = 3/4 − 2/4 everywhere. */
    gradient = lw_explainer_map (e, LW_EXPLAIN_GRADIENT_SIGNED, 0, 0, &rows, &columns, NULL, NULL);
    for (int i = 0; i < 4; i++)
      g_assert_cmpfloat_with_epsilon (gradient[i], 0.25f, 1e-6f);
    g_assert_null (
        lw_explainer_map (e, LW_EXPLAIN_GRAD_CAM, 2, conv, &rows, &columns, NULL, &error));
    lw_test_assert_sentence (&error, LW_ERROR_INVALID, "0 to 1");
    g_cancellable_cancel (cancelled);
    g_assert_null (
        lw_explainer_map (e, LW_EXPLAIN_GRADIENT, 0, 0, &rows, &columns, cancelled, &error));
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  }
  lw_graph_unref (g);
  lw_remove_folder (folder);
}

static int
count_none (GError **error)
{
  (void)error;
  return -1;
}

/* A graphics card that is not there explains nothing. */
static void
test_backend (void)
{
  const LwBackend absent = { .name = "absent", .explains = true, .count = count_none };
  const LwBackend *const backends[] = { &absent, &lw_reference_backend, NULL };

  g_assert_true (lw_explaining_backend (backends) == &lw_reference_backend);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/explain/grad-cam", test_grad_cam);
  g_test_add_func ("/explain/scores", test_scores);
  g_test_add_func ("/explain/gradients", test_gradients);
  g_test_add_func ("/explain/backend", test_backend);
  return g_test_run ();
}
