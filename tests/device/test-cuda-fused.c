/* Layers as one kernel: LeNet's stages (kernels/cuda/stage.h), the end of a classifier (tail.h). A
 * training is the same bits with the layers linked and apart, in every order of threads, and linked
 * it needs fewer calls of CUDA. */
#include "engine/session.h"
#include "kernels/cuda/cuda.h"
#include "tests/device/emulation/emulation.h"
#include "tests/support/formula.h"
#include "tests/support/network.h"

enum { STEPS = 3, BATCH = 4, CLASSES = 10, MOST_CLASSES = 50 };

typedef struct {
  const char *name;
  int32_t channels, side;
  LwNodeId (*build) (LwGraph *graph, LwNodeId x);
  int64_t saved; /* calls of all steps together */
} Network;

typedef struct {
  double losses[STEPS];
  int32_t correct[STEPS];
  float logits[BATCH * MOST_CLASSES]; /* of an inference pass afterwards */
  float *values;                      /* all tensors afterwards */
  int64_t n, calls;
} Result;

/* --- networks --------------------------------------------------------------------------------- */

static LwNodeId
some_map (LwGraph *graph, LwNodeId x, int channels)
{
  x = lw_conv2d (graph, x, NULL, channels, (LwWindow){ 3, 2, 1 });
  return lw_activation (graph, x, NULL, LW_OP_TANH);
}

static LwNodeId
pool_linear_of (LwGraph *graph, LwNodeId x)
{
  x = lw_global_avg_pool (graph, x, NULL);
  return lw_linear (graph, lw_flatten (graph, x, NULL), NULL, CLASSES);
}

/* ResNet's, GoogLeNet's, DenseNet's end. */
static LwNodeId
pool_linear (LwGraph *graph, LwNodeId x)
{
  return pool_linear_of (graph, some_map (graph, x, 37));
}

/* The map is nobody's any more when its means are there: what follows may lie where it was. */
static LwNodeId
map_given_back (LwGraph *graph, LwNodeId x)
{
  x = lw_max_pool (graph, some_map (graph, x, 130), NULL, (LwWindow){ 2, 2, 0 });
  return pool_linear_of (graph, x);
}

/* NiN's. */
static LwNodeId
pool_alone (LwGraph *graph, LwNodeId x)
{
  x = lw_global_avg_pool (graph, some_map (graph, x, CLASSES), NULL);
  return lw_flatten (graph, x, NULL);
}

/* Of the others. */
static LwNodeId
linear_alone (LwGraph *graph, LwNodeId x)
{
  x = lw_linear (graph, lw_flatten (graph, some_map (graph, x, 3), NULL), NULL, 40);
  return lw_linear (graph, lw_activation (graph, x, NULL, LW_OP_RELU), NULL, CLASSES);
}

/* The pooled values are read twice: they are no part of the end. */
static LwNodeId
pool_read_twice (LwGraph *graph, LwNodeId x)
{
  LwNodeId joined[2];

  x = lw_flatten (graph, lw_global_avg_pool (graph, some_map (graph, x, 7), NULL), NULL);
  joined[0] = x;
  joined[1] = lw_activation (graph, x, NULL, LW_OP_TANH);
  return lw_linear (graph, lw_concat (graph, joined, 2, NULL), NULL, CLASSES);
}

/* cuBLAS makes the sums of many outputs: only the pooling cannot be taken. */
static LwNodeId
many_classes (LwGraph *graph, LwNodeId x)
{
  x = lw_global_avg_pool (graph, some_map (graph, x, 9), NULL);
  return lw_linear (graph, lw_flatten (graph, x, NULL), NULL, MOST_CLASSES);
}

/* Two of LeNet's stages, and its end. */
static LwNodeId
stages (LwGraph *graph, LwNodeId x, LwOp activation, bool largest, int padding)
{
  for (int i = 0; i < 2; i++) {
    x = lw_conv2d (graph, x, NULL, i == 0 ? 6 : 17, (LwWindow){ 5, 1, i == 0 ? padding : 1 });
    x = lw_activation (graph, x, NULL, activation);
    x = largest ? lw_max_pool (graph, x, NULL, (LwWindow){ 2, 2, 0 })
                : lw_avg_pool (graph, x, NULL, (LwWindow){ 2, 2, 0 });
  }
  return lw_linear (graph, lw_flatten (graph, x, NULL), NULL, CLASSES);
}

static LwNodeId
sigmoid_average (LwGraph *graph, LwNodeId x)
{
  return stages (graph, x, LW_OP_SIGMOID, false, 2);
}

static LwNodeId
relu_largest (LwGraph *graph, LwNodeId x)
{
  return stages (graph, x, LW_OP_RELU, true, 1);
}

static LwNodeId
tanh_average (LwGraph *graph, LwNodeId x)
{
  return stages (graph, x, LW_OP_TANH, false, 0);
}

/* An activation that is read twice belongs to no stage. */
static LwNodeId
read_twice (LwGraph *graph, LwNodeId x)
{
  LwNodeId joined[2];

  x = lw_activation (graph, lw_conv2d (graph, x, NULL, 3, (LwWindow){ 5, 1, 2 }), NULL, LW_OP_TANH);
  joined[0] = lw_flatten (graph, lw_max_pool (graph, x, NULL, (LwWindow){ 2, 2, 0 }), NULL);
  joined[1] = lw_flatten (graph, x, NULL);
  return lw_linear (graph, lw_concat (graph, joined, 2, NULL), NULL, MOST_CLASSES);
}

/* The last windows are cut off, which a stage does not know. */
static LwNodeId
rounded_up (LwGraph *graph, LwNodeId x, bool largest)
{
  const LwWindow window = { 2, 2, 0 };

  x = lw_activation (graph, lw_conv2d (graph, x, NULL, 6, (LwWindow){ 5, 1, 2 }), NULL, LW_OP_TANH);
  x = largest ? lw_max_pool_ceil (graph, x, NULL, window)
              : lw_avg_pool_ceil (graph, x, NULL, window);
  return lw_linear (graph, lw_flatten (graph, x, NULL), NULL, MOST_CLASSES);
}

static LwNodeId
largest_up (LwGraph *graph, LwNodeId x)
{
  return rounded_up (graph, x, true);
}

static LwNodeId
average_up (LwGraph *graph, LwNodeId x)
{
  return rounded_up (graph, x, false);
}

static const Network networks[] = {
  { "pool and linear", 1, 12, pool_linear, 12 },
  { "map given back", 1, 12, map_given_back, 0 },
  { "pool alone", 3, 12, pool_alone, 6 },
  { "linear alone", 1, 12, linear_alone, 9 },
  { "pool read twice", 2, 12, pool_read_twice, 6 },
  { "many classes", 1, 12, many_classes, 0 },
  { "sigmoid and average", 1, 13, sigmoid_average, 24 },
  { "ReLU and largest", 3, 14, relu_largest, 24 },
  { "tanh and average", 2, 13, tanh_average, 24 },
  { "activation read twice", 1, 8, read_twice, 0 },
  { "largest, rounded up", 1, 9, largest_up, 0 },
  { "average, rounded up", 1, 9, average_up, 0 },
};

/* --- a training ------------------------------------------------------------------------------- */

static LwSession *
new_session (const Network *network, LwPrecision precision, LwLinks links)
{
  const LwSessionOptions options = {
    .batch = BATCH, .momentum = true, .links = links, .device.precision = precision
  };
  g_autoptr (LwGraph) graph = lw_graph_new (network->name);
  const LwNodeId x =
      lw_graph_input (graph, (LwShape){ network->channels, network->side, network->side, false });
  g_autoptr (GError) error = NULL;
  LwSession *session;

  network->build (graph, x);
  lw_graph_finish (graph, &error);
  g_assert_no_error (error);
  session = lw_session_new (graph, &lw_cuda_backend, 0, &options, &error);
  g_assert_no_error (error);
  return session;
}

/* The last batch is not full. */
static void
run_step (LwSession *session, const Network *network, int step, Result *result)
{
  const int64_t size = (int64_t)network->channels * network->side * network->side;
  const int32_t n = step == STEPS - 1 ? BATCH - 1 : BATCH;
  g_autofree float *images = g_new (float, BATCH *size);
  g_autoptr (GError) error = NULL;
  int32_t labels[BATCH];
  LwBatchResult loss;

  for (int64_t i = 0; i < BATCH * size; i++)
    images[i] = (float)lw_formula_uniform ((uint64_t)step + 17, i);
  for (int32_t i = 0; i < BATCH; i++)
    labels[i] = (step * BATCH + i) % CLASSES;

  const LwBatch batch = { images, labels, n };
  const LwStepSettings settings = {
    .learning_rate = 0.1f, .momentum = 0.5f, .weight_decay = 1e-4f, .seed = 3, .iteration = step
  };

  lw_session_train (session, &batch, &settings, lw_test_watch, NULL, &loss, &error);
  g_assert_no_error (error);
  result->losses[step] = loss.loss_sum;
  result->correct[step] = loss.correct;
}

static void
infer (LwSession *session, const Network *network, Result *result)
{
  const int64_t size = (int64_t)network->channels * network->side * network->side;
  g_autofree float *images = g_new (float, BATCH *size);
  const LwBatch batch = { images, NULL, BATCH };
  g_autoptr (GError) error = NULL;

  for (int64_t i = 0; i < BATCH * size; i++)
    images[i] = (float)lw_formula_uniform (7, i);
  lw_session_infer (session, &batch, NULL, NULL, result->logits, NULL, &error);
  g_assert_no_error (error);
}

static Result
train (const Network *network, LwPrecision precision, LwLinks links)
{
  g_autoptr (LwSession) session = new_session (network, precision, links);
  g_autoptr (GError) error = NULL;
  Result result = { 0 };

  lw_session_initialize (session, 5, &error);
  g_assert_no_error (error);
  result.calls = lw_emulation_calls ();
  for (int step = 0; step < STEPS; step++)
    run_step (session, network, step, &result);
  result.calls = lw_emulation_calls () - result.calls;
  infer (session, network, &result);
  result.values = lw_test_read_tensors (session, &result.n);
  return result;
}

static void
compare (const Network *network, LwPrecision precision)
{
  Result apart;

  lw_emulation_set_order (LW_ORDER_FORWARD, 1);
  apart = train (network, precision, LW_LINKS_NEVER);
  for (int order = 0; order < LW_N_ORDERS; order++) {
    Result linked;

    lw_emulation_set_order ((LwOrder)order, 1);
    linked = train (network, precision, LW_LINKS_UNWATCHED);
    g_assert_cmpmem (linked.losses, sizeof linked.losses, apart.losses, sizeof apart.losses);
    g_assert_cmpmem (linked.correct, sizeof linked.correct, apart.correct, sizeof apart.correct);
    g_assert_cmpmem (linked.logits, sizeof linked.logits, apart.logits, sizeof apart.logits);
    g_assert_cmpmem (linked.values, sizeof (float) * (size_t)linked.n, apart.values,
                     sizeof (float) * (size_t)apart.n);
    if (apart.calls - linked.calls != network->saved)
      g_test_fail_printf ("%s: %d calls less, %d expected", network->name,
                          (int)(apart.calls - linked.calls), (int)network->saved);
    if (order == 0 && precision == LW_PRECISION_FP32)
      g_test_message ("%s: %d steps, %d calls linked, %d apart", network->name, STEPS,
                      (int)linked.calls, (int)apart.calls);
    g_free (linked.values);
  }
  g_free (apart.values);
}

static void
test_network (gconstpointer data)
{
  compare (data, LW_PRECISION_FP32);
  compare (data, LW_PRECISION_BF16);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (networks); i++) {
    g_autofree char *path = g_strconcat ("/cuda-fused/", networks[i].name, NULL);

    g_test_add_data_func (path, &networks[i], test_network);
  }
  return g_test_run ();
}
