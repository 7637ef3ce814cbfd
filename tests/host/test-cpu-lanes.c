/* Small networks with the batch in lanes: LeNet and its variants, linked and unlinked, on every
 * instruction set. What is trained and told has the same bits whether steps do each other's work or
 * not, and for every number of threads; statistics and incomplete batches included. That the bits
 * are right is for test-cpu-training.c and test-trajectories.c to say. */
#include "engine/models.h"
#include "engine/session.h"
#include "kernels/cpu/cpu.h"
#include "kernels/cpu/device.h"
#include "tests/support/formula.h"

#include <math.h>
#include <string.h>

enum { BATCH = 37, STEPS = 4, CLASSES = 10 };

typedef struct {
  const char *name, *model;
  int32_t side;
  const char *options[8]; /* names and values by turns, up to NULL */
} Network;

static const Network networks[] = {
  { "plain", "lenet", 28, { NULL } },
  { "norm", "lenet-bn", 28, { NULL } },
  { "norm-relu-max", "lenet-bn", 20, { "activation", "relu", "pooling", "max" } },
  { "norm-tanh", "lenet-bn", 21, { "activation", "tanh", "width", "0.5" } },
  { "relu-max-odd", "lenet", 27, { "activation", "relu", "pooling", "max" } },
  { "tanh-max-norm",
    "lenet",
    28,
    { "activation", "tanh", "pooling", "max", "normalization", "batch" } },
  { "rounded-up", NULL, 13, { NULL } },
  { "wide-colour", "lenet-bn", 28, { "width", "1.5", "channels", "3", "normalization", "none" } },
};

/* Poolings that round up are nobody's to do beside the layer before them. */
static LwGraph *
build_rounded_up (int32_t side)
{
  const LwWindow halves = { 2, 2, 0 };
  LwGraph *graph = lw_graph_new ("rounded up");
  LwNodeId x = lw_graph_input (graph, (LwShape){ 1, side, side, false });

  x = lw_conv2d (graph, x, NULL, 6, (LwWindow){ 5, 1, 2 });
  x = lw_activation (graph, x, NULL, LW_OP_TANH);
  x = lw_conv2d (graph, lw_max_pool_ceil (graph, x, NULL, halves), NULL, 7, (LwWindow){ 3, 1, 1 });
  x = lw_activation (graph, x, NULL, LW_OP_RELU);
  x = lw_flatten (graph, lw_avg_pool_ceil (graph, x, NULL, halves), NULL);
  lw_linear (graph, x, NULL, CLASSES);
  lw_graph_finish (graph, NULL);
  return graph;
}

static LwGraph *
build (const Network *network)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LwOptions) options = NULL;
  int32_t channels = 1;
  LwGraph *graph;

  if (network->model == NULL)
    return build_rounded_up (network->side);
  options = lw_options_new (lw_model_find (network->model, &error));
  g_assert_no_error (error);
  for (const char *const *option = network->options; *option != NULL; option += 2)
    if (strcmp (option[0], "channels") == 0)
      channels = (int32_t)g_ascii_strtoll (option[1], NULL, 10);
    else
      g_assert_true (lw_options_set (options, option[0], option[1], &error));
  lw_options_set_input (options, (LwShape){ channels, network->side, network->side, false },
                        &error);
  g_assert_no_error (error);
  graph = lw_model_build (options, &error);
  g_assert_no_error (error);
  return graph;
}

/* All that a run tells and leaves, one number after another. */
static void
add (GArray *numbers, const void *values, int64_t n)
{
  g_array_append_vals (numbers, values, (guint)n);
}

static bool
read_statistics (LwSession *session, const LwStep *step, bool backward, void *data, GError **error)
{
  float statistics[2][256];

  if (step->op != LW_OP_BATCH_NORM || backward)
    return true;
  g_assert_cmpint (step->y_shape.c, <=, 256);
  if (!lw_session_batch_statistics (session, step, statistics[0], statistics[1], error))
    return false;
  add (data, statistics[0], step->y_shape.c);
  add (data, statistics[1], step->y_shape.c);
  return true;
}

static void
infer (LwSession *session, const LwBatch *batch, GArray *numbers)
{
  float logits[BATCH * CLASSES];
  g_autoptr (GError) error = NULL;
  LwBatchResult result;

  lw_session_infer (session, batch, NULL, NULL, logits, &result, &error);
  g_assert_no_error (error);
  add (numbers, logits, (int64_t)batch->n * CLASSES);
  add (numbers, &(float){ (float)result.loss_sum }, 1);
  add (numbers, &(float){ (float)result.correct }, 1);
}

static void
add_tensors (LwSession *session, GArray *numbers)
{
  const LwGraph *graph = lw_session_graph (session);

  for (int32_t i = 0; i < lw_graph_n_tensors (graph); i++) {
    const LwTensorInfo *tensor = lw_graph_tensor (graph, i);
    g_autofree float *values = g_new0 (float, MAX (2, tensor->size));

    g_assert_true (lw_session_get_tensor (session, i, values, NULL));
    add (numbers, values, tensor->dtype == LW_I64 ? 2 : tensor->size);
  }
}

static GArray *
run (LwGraph *graph, const LwBackend *backend, int threads, LwLinks links)
{
  const int64_t size = lw_shape_size (lw_graph_input_shape (graph));
  static const int32_t present[STEPS] = { BATCH, BATCH - 6, 3, 32 };
  const LwSessionOptions options = { .batch = BATCH, .links = links, .device.threads = threads };
  g_autoptr (GError) error = NULL;
  g_autoptr (LwSession) session = lw_session_new (graph, backend, 0, &options, &error);
  g_autofree float *images = g_new (float, BATCH *size);
  GArray *numbers = g_array_new (FALSE, FALSE, sizeof (float));
  int32_t labels[BATCH];

  g_assert_no_error (error);
  lw_session_initialize (session, 3, &error);
  for (int32_t step = 0; step < STEPS; step++) {
    const LwBatch batch = { images, labels, present[step] };
    LwBatchResult result;

    for (int64_t i = 0; i < BATCH * size; i++)
      images[i] = (float)lw_formula_uniform ((uint64_t)step, i);
    for (int32_t i = 0; i < BATCH; i++)
      labels[i] = (i * 7 + step) % CLASSES;
    lw_session_train (session, &batch,
                      &(LwStepSettings){ .learning_rate = 0.1f, .iteration = step },
                      read_statistics, numbers, &result, &error);
    g_assert_no_error (error);
    g_assert_true (isfinite (result.loss_sum));
    add (numbers, &(float){ (float)result.loss_sum }, 1);
    add (numbers, &(float){ (float)result.correct }, 1);
    infer (session, &batch, numbers);
  }
  add_tensors (session, numbers);
  return numbers;
}

static void
compare (const char *what, const GArray *a, const GArray *b)
{
  g_assert_cmpint (a->len, ==, b->len);
  if (memcmp (a->data, b->data, sizeof (float) * a->len) != 0) {
    g_test_message ("%s: not the same bits", what);
    g_test_fail ();
  }
}

typedef struct {
  const Network *network;
  const LwBackend *backend;
} Case;

static void
test_bits (gconstpointer data)
{
  static const int threads[] = { 2, 3, 5 };
  const Case *info = data;
  g_autoptr (LwGraph) graph = build (info->network);
  g_autoptr (GArray) first = NULL, unlinked = NULL;

  if (info->backend->count (NULL) == 0) {
    g_test_skip ("this processor lacks the instructions");
    return;
  }
  first = run (graph, info->backend, 1, LW_LINKS_ALWAYS);
  unlinked = run (graph, info->backend, 2, LW_LINKS_NEVER);
  compare ("unlinked", unlinked, first);
  for (size_t i = 0; i < G_N_ELEMENTS (threads); i++) {
    g_autofree char *what = g_strdup_printf ("%d threads", threads[i]);
    g_autoptr (GArray) again = run (graph, info->backend, threads[i], LW_LINKS_ALWAYS);

    compare (what, again, first);
  }
}

/* --- which networks -----------------------------------------------------------------------------
 */

static bool
chooses_lanes (const LwGraph *graph, int32_t batch)
{
  const LwBackend *backend = lw_cpu_backend ();
  g_autoptr (GError) error = NULL;
  LwDevice *device = backend->open (0, &(LwDeviceOptions){ .threads = 1 }, &error);
  bool lanes;

  g_assert_no_error (error);
  backend->adapt (device, graph, batch, true, &error);
  g_assert_no_error (error);
  lanes = device->lanes;
  backend->close (device);
  return lanes;
}

static void
test_choice (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (networks); i++) {
    g_autoptr (LwGraph) graph = build (&networks[i]);

    g_assert_true (chooses_lanes (graph, 256));
    g_assert_false (chooses_lanes (graph, 1));
  }
  for (int32_t i = 0; i < lw_n_models (); i++) {
    const LwModel *model = lw_model (i);
    g_autoptr (LwOptions) options = lw_options_new (model);
    g_autoptr (LwGraph) graph = lw_model_build (options, NULL);

    g_assert_true (chooses_lanes (graph, 256) == g_str_has_prefix (model->name, "lenet"));
  }
}

/* A batch of one value a channel names the normalization, not the layer that does its work. */
static void
test_error (void)
{
  g_autoptr (LwGraph) graph = build (&networks[1]);
  const LwSessionOptions options = { .batch = BATCH, .device.threads = 1 };
  g_autoptr (GError) error = NULL;
  g_autoptr (LwSession) session = lw_session_new (graph, lw_cpu_backend (), 0, &options, &error);
  g_autofree float *images = g_new0 (float, BATCH * 28 * 28);
  const int32_t labels[BATCH] = { 0 };
  LwBatchResult result;

  g_assert_no_error (error);
  g_assert_true (lw_session_initialize (session, 3, &error));
  g_assert_false (lw_session_train (session, &(LwBatch){ images, labels, 1 },
                                    &(LwStepSettings){ .learning_rate = 0.1f }, NULL, NULL, &result,
                                    &error));
  g_assert_error (error, LW_ERROR, LW_ERROR_INVALID);
  g_assert_true (g_str_has_prefix (error->message, "Layer \"10\": Batch normalization needs"));
}

int
main (int argc, char **argv)
{
  static const char *const names[] = { "baseline", "avx2", "avx512" };

  g_test_init (&argc, &argv, NULL);
  for (int isa = 0; isa < LW_N_CPU_ISAS; isa++)
    for (size_t i = 0; i < G_N_ELEMENTS (networks); i++) {
      const LwBackend *backend = lw_cpu_backend_for ((LwCpuIsa)isa);
      g_autofree char *path = g_strdup_printf ("/cpu-lanes/%s/%s", names[isa], networks[i].name);
      Case *info;

      if (backend == NULL)
        continue;
      info = g_new (Case, 1);
      *info = (Case){ &networks[i], backend };
      g_test_add_data_func_full (path, info, test_bits, g_free);
    }
  g_test_add_func ("/cpu-lanes/choice", test_choice);
  g_test_add_func ("/cpu-lanes/error", test_error);
  return g_test_run ();
}
