/* Linked steps of the CPU backend compute what each step alone computes: some training steps, an
 * incomplete batch among them, bit for bit, and an evaluation, up to rounding, of every network and
 * some variants, on all instruction sets; and a link saves kernels their work at all. */
#include "engine/session.h"
#include "kernels/cpu/cpu.h"
#include "tests/support/formula.h"
#include "tests/support/network.h"

#include <math.h>
#include <string.h>

enum { STEPS = 3, BATCH = 6, INCOMPLETE = 5, MOST_PIXELS = 96 * 96 };

typedef struct {
  const char *model; /* NULL: mixed_block */
  int32_t side;
  const char *options[6]; /* names and values by turns, up to NULL */
  int least_linked[3];    /* steps that have nothing left to do forward, backward, in evaluation */
} Network;

/* Two batch normalizations, of which the second reads what the first does and some more. Its last
 * channels come from a convolution that keeps no sums for it, others from one that does. */
static LwGraph *
mixed_block (int32_t side)
{
  g_autoptr (GError) error = NULL;
  LwGraph *graph = lw_graph_new ("mixed");
  const LwWindow three = { 3, 1, 1 }, one = { 1, 1, 0 };
  LwNodeId joined[2], x = lw_graph_input (graph, (LwShape){ .c = 1, .h = side, .w = side });

  joined[0] = lw_conv2d (graph, x, "0", 32, three);
  joined[1] = lw_conv2d (graph, joined[0], "1", 32, three);
  joined[0] = lw_concat (graph, joined, 2, "2");
  x = lw_activation (graph, lw_batch_norm (graph, joined[0], "3"), "4", LW_OP_RELU);
  joined[1] = lw_conv2d (graph, x, "5", 32, one);
  x = lw_batch_norm (graph, lw_concat (graph, joined, 2, "6"), "7");
  x = lw_activation (graph, x, "8", LW_OP_RELU);
  x = lw_flatten (graph, lw_global_avg_pool (graph, x, "9"), "10");
  lw_linear (graph, x, "11", 10);
  lw_graph_finish (graph, &error);
  g_assert_no_error (error);
  return graph;
}

/* In evaluation, a batch normalization that is folded into a convolution is rounded with its
 * weights instead of the map between them: 2⁻⁹ each, layer by layer. */
#define BF16_TOLERANCE 5e-2

static LwSession *
open_session (const Network *network, const LwBackend *backend, LwLinks links, bool library)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LwGraph) graph =
      network->model != NULL ? lw_test_network (network->model, network->side, network->options)
                             : mixed_block (network->side);
  const int32_t n = lw_graph_n_nodes (graph);
  g_autofree LwAlgorithmChoice *choices = g_new (LwAlgorithmChoice, n);
  const LwSessionOptions session_options = { .batch = BATCH,
                                             .momentum = true,
                                             .links = links,
                                             .device.choices = choices,
                                             .device.n_choices = library ? n : 0 };
  LwSession *session;

  for (int32_t i = 0; i < n; i++)
    choices[i] =
        (LwAlgorithmChoice){ lw_graph_node (graph, i)->name, { "oneDNN", "oneDNN", "oneDNN" } };
  session = lw_session_new (graph, backend, 0, &session_options, &error);
  g_assert_no_error (error);
  g_assert_true (lw_session_initialize (session, 3, NULL));
  return session;
}

static bool
count_linked (LwSession *session, const LwStep *step, bool backward, void *data, GError **error)
{
  const char *word = lw_session_algorithm (session, step, backward ? LW_BACKWARD_DATA : LW_FORWARD);

  ((int *)data)[backward] += g_strcmp0 (word, "with its neighbour") == 0;
  (void)error;
  return true;
}

static void
compare_tensors (LwSession *a, LwSession *b)
{
  const LwGraph *graph = lw_session_graph (a);

  for (int32_t i = 0; i < lw_graph_n_tensors (graph); i++) {
    const LwTensorInfo *tensor = lw_graph_tensor (graph, i);
    const gsize bytes = (gsize)tensor->size * (tensor->dtype == LW_I64 ? 8 : 4);
    g_autofree char *of_a = g_malloc (bytes), *of_b = g_malloc (bytes);

    g_assert_true (lw_session_get_tensor (a, i, of_a, NULL));
    g_assert_true (lw_session_get_tensor (b, i, of_b, NULL));
    if (memcmp (of_a, of_b, bytes) != 0)
      g_test_message ("%s differs", tensor->name), g_test_fail ();
  }
}

static void
compare_logits (const float *a, const float *b, double tolerance)
{
  double difference = 0, length = 0;

  for (int i = 0; i < INCOMPLETE * 10; i++) {
    difference += (double)(a[i] - b[i]) * (double)(a[i] - b[i]);
    length += (double)b[i] * (double)b[i];
  }
  g_assert_cmpfloat (sqrt (difference), <=, tolerance * sqrt (length));
}

/* `library`: convolutions by oneDNN, where there is one. */
static void
compare_links (const Network *network, const LwBackend *backend, double tolerance, bool library)
{
  const int64_t size = (int64_t)network->side * network->side;
  g_autofree float *images = g_new (float, BATCH *MOST_PIXELS);
  const int32_t labels[BATCH] = { 1, 8, 3, 0, 9, 1 };
  g_autoptr (LwSession) alone = NULL, linked = NULL;
  float logits[2][BATCH * 10];
  LwBatchResult results[2];
  int n_linked[2] = { 0 }; /* forward, backward */

  for (int64_t i = 0; i < BATCH * size; i++)
    images[i] = (float)lw_formula_uniform (5, i);
  alone = open_session (network, backend, LW_LINKS_NEVER, library);
  linked = open_session (network, backend, LW_LINKS_UNWATCHED, library);
  for (int step = 0; step < STEPS; step++) {
    const LwBatch batch = { images, labels, step == 1 ? INCOMPLETE : BATCH };
    const LwStepSettings settings = {
      .learning_rate = 0.01f, .momentum = 0.9f, .seed = 9, .iteration = step
    };

    n_linked[0] = n_linked[1] = 0;
    g_assert_true (lw_session_train (alone, &batch, &settings, NULL, NULL, &results[0], NULL));
    g_assert_true (
        lw_session_train (linked, &batch, &settings, count_linked, n_linked, &results[1], NULL));
    g_assert_true (memcmp (&results[0], &results[1], sizeof results[0]) == 0);
    compare_tensors (alone, linked);
  }
  g_assert_cmpint (n_linked[0], >=, network->least_linked[0]);
  g_assert_cmpint (n_linked[1], >=, network->least_linked[1]);
  g_test_message ("linked: %d forward, %d backward", n_linked[0], n_linked[1]);
  g_assert_true (lw_session_infer (alone, &(LwBatch){ images, labels, INCOMPLETE }, NULL, NULL,
                                   logits[0], &results[0], NULL));
  g_assert_true (lw_session_infer (linked, &(LwBatch){ images, labels, INCOMPLETE }, NULL, NULL,
                                   logits[1], &results[1], NULL));
  compare_logits (logits[0], logits[1], tolerance);
}

/* A pass that is watched is linked only if that is asked for. */
static void
count_in_evaluation (const Network *network, const LwBackend *backend)
{
  const int64_t size = (int64_t)network->side * network->side;
  g_autofree float *images = g_new0 (float, BATCH *MOST_PIXELS);
  g_autoptr (LwSession) session = open_session (network, backend, LW_LINKS_ALWAYS, false);
  const LwBatch batch = { images, NULL, BATCH };
  int n_linked[2] = { 0 };

  g_assert_cmpint (size, <=, MOST_PIXELS);
  g_assert_true (lw_session_infer (session, &batch, count_linked, n_linked, NULL, NULL, NULL));
  g_test_message ("in evaluation: %d", n_linked[0]);
  g_assert_cmpint (n_linked[0], >=, network->least_linked[2]);
}

static void
test_network (const void *data)
{
  const LwBackend *bf16 = lw_cpu_bf16_backend ();

  for (int isa = 0; isa < LW_N_CPU_ISAS; isa++) {
    const LwBackend *backend = lw_cpu_backend_for ((LwCpuIsa)isa);

    if (backend != NULL && backend->count (NULL) > 0)
      compare_links (data, backend, 1e-5, false);
  }
  if (bf16 != NULL && bf16->count (NULL) > 0) {
    compare_links (data, bf16, BF16_TOLERANCE, false);
    compare_links (data, bf16, BF16_TOLERANCE, true);
  }
  compare_links (data, lw_cpu_backend (), 1e-5, true);
  count_in_evaluation (data, lw_cpu_backend ());
}

/* --- sums that convolutions keep -------------------------------------------------------------- */

enum { MOST_CHANNELS = 2048 };

typedef struct {
  LwNodeId conv;              /* the last that keeps sums, and */
  double moved;               /* what the mean of its first channel is changed by, of … */
  double mean;                /* … so much */
  LwNodeId norm;              /* the batch normalization behind */
  float means[MOST_CHANNELS]; /* that it has */
} Kept;

static bool
move_mean (LwSession *session, const LwStep *step, bool backward, void *data, GError **error)
{
  Kept *kept = data;
  float variances[MOST_CHANNELS];

  if (backward)
    return true;
  if (step->id == kept->conv) {
    double *mean = step->state;

    kept->mean = *mean;
    *mean += kept->moved;
  }
  if (step->id == kept->norm)
    return lw_session_batch_statistics (session, step, kept->means, variances, error);
  return true;
}

static void
train_once (LwSession *session, int32_t side, Kept *kept)
{
  const LwGraph *graph = lw_session_graph (session);
  const int64_t size = (int64_t)side * side;
  g_autofree float *images = g_new (float, BATCH *size);
  const int32_t labels[BATCH] = { 1, 8, 3, 0, 9, 1 };
  const LwStepSettings settings = { .learning_rate = 0.01f };
  LwBatchResult result;

  for (LwNodeId id = 0; id < lw_graph_n_nodes (graph); id++)
    if (lw_graph_node (graph, id)->op == LW_OP_CONV2D &&
        lw_plan_state (lw_session_plan (session, LW_MODE_TRAINING), id) >= 0)
      kept->conv = id;
  for (LwNodeId id = kept->conv; kept->norm == 0; id++)
    if (lw_graph_node (graph, id)->op == LW_OP_BATCH_NORM)
      kept->norm = id;
  for (int64_t i = 0; i < BATCH * size; i++)
    images[i] = (float)lw_formula_uniform (5, i);
  g_assert_true (lw_session_train (session, &(LwBatch){ images, labels, BATCH }, &settings,
                                   move_mean, kept, &result, NULL));
}

/* What a convolution keeps is what the batch normalization behind it takes for the statistics of
 * the channels that the convolution made, and of no others. */
static void
test_kept (const void *data)
{
  const Network *network = data;
  g_autofree Kept *plain = g_new0 (Kept, 1), *moved = g_new0 (Kept, 1);
  g_autoptr (LwSession) a = open_session (network, lw_cpu_backend (), LW_LINKS_UNWATCHED, false);
  g_autoptr (LwSession) b = open_session (network, lw_cpu_backend (), LW_LINKS_UNWATCHED, false);

  moved->moved = 1;
  train_once (a, network->side, plain);
  train_once (b, network->side, moved);
  g_assert_cmpint (plain->norm, >, plain->conv);

  const LwGraph *graph = lw_session_graph (a);
  const int32_t channels = lw_graph_node (graph, plain->norm)->shape.c;
  const int32_t first = channels - lw_graph_node (graph, plain->conv)->shape.c;

  for (int32_t c = 0; c < channels; c++)
    if (c == first)
      g_assert_cmpfloat (fabs (moved->means[c] - plain->means[c] - 1), <, 1e-5);
    else
      g_assert_cmpfloat (moved->means[c], ==, plain->means[c]);
  g_assert_cmpfloat (fabs (plain->mean - (double)plain->means[first]), <, 1e-6);
}

int
main (int argc, char **argv)
{
  static const Network networks[] = {
    { "lenet", 28, { NULL }, { 0, 0, 0 } },
    { "lenet-bn", 28, { "activation", "relu", NULL }, { 0, 0, 0 } },
    { "alexnet", 67, { "width", "0.25", NULL }, { 7, 5, 7 } },
    { "vgg11", 32, { "width", "0.125", NULL }, { 10, 8, 10 } },
    { "nin", 67, { "width", "0.25", NULL }, { 12, 11, 12 } },
    { "googlenet", 40, { "width", "0.5", NULL }, { 57, 53, 57 } },
    { "resnet18", 40, { "width", "0.5", NULL }, { 17, 16, 42 } },
    { "resnet18", 40, { "width", "0.25", "shortcut", "no", NULL }, { 17, 17, 34 } },
    { "densenet", 40, { NULL }, { 21, 21, 22 } },
    { "resnet50", 40, { "width", "0.25", NULL }, { 49, 48, 118 } },
    { "densenet121", 40, { "block3", "6", NULL }, { 85, 85, 126 } },
    { NULL, 13, { NULL }, { 2, 2, 2 } },
  };
  static const Network kept[] = {
    { "resnet18", 40, { "width", "0.5", NULL }, { 0 } },
    { "densenet", 72, { NULL }, { 0 } },
  };

  g_test_init (&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (networks); i++) {
    g_autofree char *path = g_strdup_printf (
        "/cpu-links/%s/%d", networks[i].model ? networks[i].model : "mixed", (int)i);

    g_test_add_data_func (path, &networks[i], test_network);
  }
  g_test_add_data_func ("/cpu-links/kept/resnet18", &kept[0], test_kept);
  g_test_add_data_func ("/cpu-links/kept/densenet", &kept[1], test_kept);
  return g_test_run ();
}
