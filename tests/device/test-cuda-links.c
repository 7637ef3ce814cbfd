/* Training on the emulated CUDA backend with linked steps, with maps that lie in others, and in
 * bfloat16. Linked steps compute the same bits as each step alone, in training and in evaluation;
 * what a concat joins lies in it, and can be looked at there; in bfloat16 and TF32 losses and
 * weights stay near the reference backend's. */
#include "engine/session.h"
#include "kernels/cuda/cuda.h"
#include "kernels/reference/reference.h"
#include "tests/device/emulation/emulation.h"
#include "tests/support/formula.h"
#include "tests/support/network.h"

#include <math.h>
#include <string.h>

enum { STEPS = 4, BATCH = 4, INCOMPLETE = 3, CLASSES = 10, MOST_PIXELS = 67 * 67, MIXED_SIDE = 12 };

typedef struct {
  const char *model;
  int32_t side;
  const char *options[8]; /* names and values by turns, up to NULL */
  int linked[2];          /* steps at least that others do forward, backward, in training */
  float learning_rate;
  double loss, update; /* relative tolerances in bfloat16: of a loss, of what was learned */
} Network;

static const Network networks[] = {
  { "mixed", MIXED_SIDE, { NULL }, { 7, 3 } },
  { "lenet-bn", 28, { "activation", "relu", NULL }, { 5, 4 } },
  { "resnet18", 32, { "width", "0.125", NULL }, { 27, 18 } },
  { "googlenet", 32, { "width", "0.125", NULL }, { 59, 58 } },
  { "densenet", 32, { "growth_rate", "8", NULL }, { 23, 22 } },
  { "alexnet", 67, { "width", "0.125", NULL }, { 8, 5 } },
};

/* Batch normalization of few values makes rounding visible, and so does a ReLU that decides
 * otherwise: small steps, smooth activations. */
static const Network trained[] = {
  { "lenet-bn", 28, { NULL }, { 0 }, 0.01f, 0.02, 0.1 },
  { "resnet18", 48, { "width", "0.0625", "activation", "tanh" }, { 0 }, 0.0003f, 0.02, 0.05 },
};

/* An activation that lies in a concat and has a reader before that, whose gradient comes later; one
 * behind a sum whose second input is a batch normalization's; one with two readers. */
static LwGraph *
mixed_network (int32_t side)
{
  const LwWindow three = { 3, 1, 1 }, one = { 1, 1, 0 };
  LwGraph *graph = lw_graph_new ("mixed");
  LwNodeId joined[2], x = lw_graph_input (graph, (LwShape){ .c = 1, .h = side, .w = side }), y;
  g_autoptr (GError) error = NULL;

  joined[0] = lw_activation (graph, lw_conv2d (graph, x, NULL, 8, three), NULL, LW_OP_RELU);
  y = lw_activation (graph, joined[0], NULL, LW_OP_TANH);
  joined[1] = lw_activation (graph, lw_conv2d (graph, y, NULL, 8, three), NULL, LW_OP_RELU);
  x = lw_max_pool (graph, lw_concat (graph, joined, 2, NULL), NULL, (LwWindow){ 2, 2, 0 });
  x = lw_activation (graph, lw_conv2d (graph, x, NULL, 12, three), NULL, LW_OP_RELU);
  y = lw_batch_norm (graph, lw_conv2d (graph, x, NULL, 12, one), NULL);
  x = lw_activation (graph, lw_add (graph, x, y, NULL), NULL, LW_OP_RELU);
  x = lw_activation (graph, lw_conv2d (graph, x, NULL, 8, one), NULL, LW_OP_RELU);
  x = lw_flatten (graph, lw_global_avg_pool (graph, x, NULL), NULL);
  lw_linear (graph, lw_activation (graph, lw_linear (graph, x, NULL, 13), NULL, LW_OP_RELU), NULL,
             CLASSES);
  lw_graph_finish (graph, &error);
  g_assert_no_error (error);
  return graph;
}

static LwSession *
new_session (const Network *network, const LwBackend *backend, LwPrecision precision, LwLinks links)
{
  const LwSessionOptions options = {
    .batch = BATCH, .momentum = true, .links = links, .device.precision = precision
  };
  g_autoptr (LwGraph) graph =
      network->side == MIXED_SIDE
          ? mixed_network (MIXED_SIDE)
          : lw_test_network (network->model, network->side, network->options);
  g_autoptr (GError) error = NULL;
  LwSession *session = lw_session_new (graph, backend, 0, &options, &error);

  g_assert_no_error (error);
  g_assert_true (lw_session_initialize (session, 3, NULL));
  return session;
}

static void
train_step (LwSession *session, const Network *network, int step, LwStepHook hook, void *data,
            LwBatchResult *result)
{
  const int64_t size = (int64_t)network->side * network->side;
  const int32_t labels[BATCH] = { 1, 8, 3, 0 };
  g_autofree float *images = g_new (float, BATCH *MOST_PIXELS);
  const LwBatch batch = { images, labels, step == 1 ? INCOMPLETE : BATCH };
  const LwStepSettings settings = { .learning_rate =
                                        network->learning_rate > 0 ? network->learning_rate : 0.01f,
                                    .momentum = 0.9f,
                                    .seed = 9,
                                    .iteration = step };
  g_autoptr (GError) error = NULL;

  for (int64_t i = 0; i < BATCH * size; i++)
    images[i] = (float)lw_formula_uniform (5, i);
  lw_session_train (session, &batch, &settings, hook, data, result, &error);
  g_assert_no_error (error);
}

static void
evaluate (LwSession *session, const Network *network, float logits[BATCH * CLASSES])
{
  const int64_t size = (int64_t)network->side * network->side;
  g_autofree float *images = g_new (float, BATCH *MOST_PIXELS);
  g_autoptr (GError) error = NULL;

  for (int64_t i = 0; i < BATCH * size; i++)
    images[i] = (float)lw_formula_uniform (7, i);
  lw_session_infer (session, &(LwBatch){ images, NULL, BATCH }, NULL, NULL, logits, NULL, &error);
  g_assert_no_error (error);
}

/* --- links ------------------------------------------------------------------------------------ */

static bool
count_linked (LwSession *session, const LwStep *step, bool backward, void *data, GError **error)
{
  const char *word = lw_session_algorithm (session, step, backward ? LW_BACKWARD_DATA : LW_FORWARD);

  ((int *)data)[backward] += g_strcmp0 (word, "with its neighbour") == 0;
  (void)error;
  return true;
}

static void
compare_links (const Network *network, LwPrecision precision)
{
  g_autoptr (LwSession) alone = new_session (network, &lw_cuda_backend, precision, LW_LINKS_NEVER);
  g_autoptr (LwSession) linked =
      new_session (network, &lw_cuda_backend, precision, LW_LINKS_UNWATCHED);
  float logits[2][BATCH * CLASSES];
  g_autofree float *of_alone = NULL, *of_linked = NULL;
  int n_linked[2];
  int64_t n;

  for (int step = 0; step < STEPS; step++) {
    LwBatchResult results[2];

    memset (n_linked, 0, sizeof n_linked);
    lw_emulation_set_order (step == 1 ? LW_ORDER_REVERSE : LW_ORDER_FORWARD, 1);
    train_step (alone, network, step, NULL, NULL, &results[0]);
    lw_emulation_set_order (step == 1 ? LW_ORDER_RANDOM : LW_ORDER_REVERSE, 1);
    train_step (linked, network, step, count_linked, n_linked, &results[1]);
    g_assert_cmpmem (&results[0], sizeof results[0], &results[1], sizeof results[1]);
  }
  of_alone = lw_test_read_tensors (alone, &n);
  of_linked = lw_test_read_tensors (linked, &n);
  if (memcmp (of_alone, of_linked, sizeof (float) * (size_t)n) != 0)
    g_test_fail_printf ("%s, precision %d: other weights with links", network->model, precision);
  g_test_message ("linked: %d forward, %d backward", n_linked[0], n_linked[1]);
  g_assert_cmpint (n_linked[0], >=, network->linked[0]);
  g_assert_cmpint (n_linked[1], >=, network->linked[1]);
  evaluate (alone, network, logits[0]);
  evaluate (linked, network, logits[1]);
  g_assert_cmpmem (logits[0], sizeof logits[0], logits[1], sizeof logits[1]);
}

static void
test_links (gconstpointer data)
{
  compare_links (data, LW_PRECISION_BF16);
  if (data == &networks[0] || data == &networks[1] || data == &networks[4])
    compare_links (data, LW_PRECISION_FP32);
}

/* --- maps that lie in others ------------------------------------------------------------------ */

typedef struct {
  GArray *values;
  int slices, gradients; /* steps whose y and dy lie in a wider map */
} Seen;

static bool
look (LwSession *session, const LwStep *step, bool backward, void *data, GError **error)
{
  Seen *seen = data;
  const guint before = seen->values->len;
  const int64_t size = step->n * lw_shape_size (step->y_shape);

  if (backward || step->node == NULL)
    return true;
  seen->slices += step->y_pixel != 0;
  seen->gradients += step->dy_pixel != 0;
  g_array_set_size (seen->values, before + (guint)size);
  return lw_session_download (session, step, step->n, &g_array_index (seen->values, float, before),
                              error);
}

static void
see (const Network *network, const LwBackend *backend, LwPrecision precision, Seen *seen)
{
  g_autoptr (LwSession) session = new_session (network, backend, precision, LW_LINKS_NEVER);
  LwBatchResult result;

  *seen = (Seen){ .values = g_array_new (FALSE, FALSE, sizeof (float)) };
  train_step (session, network, 0, look, seen, &result);
}

static void
test_slices (gconstpointer data)
{
  const Network *network = data;
  Seen expected, seen[2];

  lw_emulation_set_order (LW_ORDER_FORWARD, 1);
  see (network, &lw_reference_backend, LW_PRECISION_FP32, &expected);
  for (int precision = LW_PRECISION_FP32; precision <= LW_PRECISION_BF16; precision++) {
    Seen *own = &seen[precision];
    double off = 0, length = 0;

    see (network, &lw_cuda_backend, (LwPrecision)precision, own);
    g_assert_cmpint (own->values->len, ==, expected.values->len);
    for (guint i = 0; i < own->values->len; i++) {
      const double value = (double)g_array_index (expected.values, float, i);
      const double distance = (double)g_array_index (own->values, float, i) - value;

      off += distance * distance;
      length += value * value;
    }
    g_test_message ("%s, precision %d: %d maps and %d gradients in wider ones, values are off by "
                    "%.1e",
                    network->model, precision, own->slices, own->gradients, sqrt (off / length));
    g_assert_cmpfloat (sqrt (off / length), <, precision == LW_PRECISION_FP32 ? 1e-5 : 2e-2);
    g_assert_cmpint (own->slices, >, 20);
    g_assert_cmpint (own->gradients, >, 10);
    g_array_unref (own->values);
  }
  g_array_unref (expected.values);
}

/* --- beside the reference --------------------------------------------------------------------- */

typedef struct {
  LwBatchResult results[STEPS];
  float *before, *after; /* all tensors */
  int64_t n;
} Training;

static void
train (LwSession *session, const Network *network, Training *training)
{
  training->before = lw_test_read_tensors (session, &training->n);
  for (int step = 0; step < STEPS; step++)
    train_step (session, network, step, NULL, NULL, &training->results[step]);
  training->after = lw_test_read_tensors (session, &training->n);
}

static void
clear (Training *training)
{
  g_free (training->before);
  g_free (training->after);
}

/* What differs of the update, of its length. */
static double
update_difference (const Training *a, const Training *b)
{
  double off = 0, length = 0;

  for (int64_t i = 0; i < a->n; i++) {
    const double distance = (double)a->after[i] - (double)b->after[i];
    const double change = (double)b->after[i] - (double)b->before[i];

    off += distance * distance;
    length += change * change;
  }
  return sqrt (off / length);
}

static void
compare_training (const Network *network, LwPrecision precision, const Training *expected)
{
  const bool bf16 = precision == LW_PRECISION_BF16;
  g_autoptr (LwSession) session =
      new_session (network, &lw_cuda_backend, precision, LW_LINKS_UNWATCHED);
  Training training;
  double off;

  train (session, network, &training);
  for (int step = 0; step < STEPS; step++) {
    const double loss = training.results[step].loss_sum / training.results[step].n;
    const double wanted = expected->results[step].loss_sum / training.results[step].n;

    g_test_message ("%s, precision %d, step %d: loss %.4f (reference %.4f)", network->model,
                    precision, step, loss, wanted);
    g_assert_cmpfloat (fabs (loss - wanted), <=, (bf16 ? network->loss : 3e-3) * wanted);
  }
  off = update_difference (&training, expected);
  g_test_message ("the update is off by %.1e", off);
  g_assert_cmpfloat (off, <=, bf16 ? network->update : 5e-3);
  clear (&training);
}

/* Training in bfloat16 and TF32 goes the same way as in float32. */
static void
test_trains (gconstpointer data)
{
  const Network *network = data;
  g_autoptr (LwSession) reference =
      new_session (network, &lw_reference_backend, LW_PRECISION_FP32, LW_LINKS_NEVER);
  Training expected;

  lw_emulation_set_order (LW_ORDER_FORWARD, 1);
  train (reference, network, &expected);
  compare_training (network, LW_PRECISION_BF16, &expected);
  compare_training (network, LW_PRECISION_TF32, &expected);
  clear (&expected);
}

/* What kernels read are the weights as the last update left them: to set them to what they are
 * changes nothing. */
static void
test_updated (void)
{
  const Network *network = &networks[1];
  g_autoptr (LwSession) session =
      new_session (network, &lw_cuda_backend, LW_PRECISION_BF16, LW_LINKS_UNWATCHED);
  const LwGraph *graph = lw_session_graph (session);
  float initial[BATCH * CLASSES], before[BATCH * CLASSES], after[BATCH * CLASSES];
  LwBatchResult result;

  evaluate (session, network, initial);
  train_step (session, network, 0, NULL, NULL, &result);
  evaluate (session, network, before);
  for (int32_t i = 0; i < lw_graph_n_tensors (graph); i++) {
    const LwTensorInfo *tensor = lw_graph_tensor (graph, i);
    g_autofree float *values = g_new (float, tensor->size);

    if (tensor->dtype != LW_F32)
      continue;
    g_assert_true (lw_session_get_tensor (session, i, values, NULL));
    g_assert_true (lw_session_set_tensor (session, i, values, NULL));
  }
  evaluate (session, network, after);
  g_assert_cmpmem (before, sizeof before, after, sizeof after);
  g_assert_cmpint (memcmp (before, initial, sizeof before), !=, 0);
}

/* The weights of one unit, in PyTorch's order, and weights set anew are what kernels read. */
static void
test_weights (void)
{
  const Network *network = &networks[1];
  g_autoptr (LwSession) session =
      new_session (network, &lw_cuda_backend, LW_PRECISION_BF16, LW_LINKS_UNWATCHED);
  const LwGraph *graph = lw_session_graph (session);
  float before[BATCH * CLASSES], after[BATCH * CLASSES];
  int found = 0;

  evaluate (session, network, before);
  for (int32_t i = 0; i < lw_graph_n_tensors (graph); i++) {
    const LwTensorInfo *tensor = lw_graph_tensor (graph, i);
    const int64_t row = tensor->rank >= 2 ? tensor->size / tensor->dims[0] : 0;
    g_autofree float *values = g_new (float, tensor->size);
    g_autofree float *part = g_new (float, row + 1);

    if (row == 0 || tensor->dtype != LW_F32)
      continue;
    g_assert_true (lw_session_get_tensor (session, i, values, NULL));
    g_assert_true (lw_session_get_part (session, (LwTensorPart){ i, (int32_t)tensor->dims[0] - 1 },
                                        part, NULL));
    g_assert_cmpmem (part, sizeof (float) * (size_t)row, values + tensor->size - row,
                     sizeof (float) * (size_t)row);
    for (int64_t k = 0; k < tensor->size; k++)
      values[k] *= -1;
    g_assert_true (lw_session_set_tensor (session, i, values, NULL));
    found++;
  }
  g_assert_cmpint (found, >, 4);
  evaluate (session, network, after);
  g_assert_cmpint (memcmp (before, after, sizeof before), !=, 0);
}

static void
add (const char *name, const Network *network, GTestDataFunc test)
{
  g_autofree char *path = g_strdup_printf ("/cuda-links/%s/%s", name, network->model);

  g_test_add_data_func (path, network, test);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  const bool checks = lw_emulation_checks_accesses ();

  /* Where every access is looked at, what the kernels of links are needed for is enough. */
  for (size_t i = 0; i < G_N_ELEMENTS (networks); i++)
    if (!checks || i < 3)
      add ("same-bits", &networks[i], test_links);
  if (!checks) {
    add ("slices", &networks[3], test_slices);
    add ("slices", &networks[4], test_slices);
    add ("trains", &trained[0], test_trains);
    add ("trains", &trained[1], test_trains);
  }
  g_test_add_func ("/cuda-links/weights", test_weights);
  g_test_add_func ("/cuda-links/updated", test_updated);
  return g_test_run ();
}
