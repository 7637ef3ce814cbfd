/* Training on the emulated CUDA backend beside the reference backend: from the same weights, on the
 * same images, with dropout, momentum and an incomplete batch, losses and what was learned stay
 * together. Training is the same bits in every order of threads. And a call of CUDA or cuBLAS that
 * fails, whichever it is, ends in a sentence with nothing left behind. */
#include "engine/session.h"
#include "kernels/cuda/cuda.h"
#include "kernels/reference/reference.h"
#include "tests/device/emulation/emulation.h"
#include "tests/support/formula.h"
#include "tests/support/network.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { STEPS = 3, BATCH = 4 };

typedef struct {
  const char *model;
  int32_t side;
  const char *options[8]; /* names and values by turns, up to NULL */
  float learning_rate;
} Network;

static const Network networks[] = {
  { "lenet", 28, { NULL }, 0.1f },
  { "lenet-bn", 28, { NULL }, 0.1f },
  { "alexnet", 67, { "width", "0.0625" }, 0.01f },
  { "vgg11", 32, { "width", "0.0625" }, 0.01f },
  { "nin", 67, { "width", "0.0625" }, 0.01f },
  { "googlenet", 32, { "width", "0.0625" }, 0.01f },
  /* Batch normalization of few values makes rounding visible, and so does a ReLU that decides
   * otherwise: small steps, smooth activations. */
  { "resnet18", 48, { "width", "0.0625", "activation", "tanh" }, 0.0003f },
  { "densenet", 48, { "growth_rate", "2", "activation", "tanh" }, 0.0003f },
};

typedef struct {
  double losses[STEPS + 1]; /* an inference pass as the last */
  float *values;            /* all tensors of floats afterwards */
  float *before;
  int64_t n;
} Result;

static LwSession *
new_session (const Network *network, const LwBackend *backend, GError **error)
{
  const LwSessionOptions options = { .batch = BATCH, .momentum = true, .device.threads = 1 };
  g_autoptr (LwGraph) graph = lw_test_network (network->model, network->side, network->options);

  return lw_session_new (graph, backend, 0, &options, error);
}

/* The images and settings of a step; the images are for the caller to free. */
static LwBatch
make_pass (const Network *network, int step, int32_t labels[BATCH], LwStepSettings *settings)
{
  const int64_t size = (int64_t)network->side * network->side;
  float *images = g_new (float, BATCH *size);

  for (int64_t i = 0; i < BATCH * size; i++)
    images[i] = (float)lw_formula_uniform ((uint64_t)step + 17, i);
  for (int32_t i = 0; i < BATCH; i++)
    labels[i] = (step * BATCH + i) % 10;
  *settings = (LwStepSettings){ .learning_rate = network->learning_rate,
                                .momentum = 0.5f,
                                .weight_decay = 1e-4f,
                                .seed = 3,
                                .iteration = step };
  return (LwBatch){ images, labels, step == 1 ? BATCH - 1 : BATCH };
}

/* One training step or, with `infer`, an inference pass. */
static bool
run_pass (LwSession *session, const Network *network, int step, bool infer, double *ret_loss,
          GError **error)
{
  int32_t labels[BATCH];
  LwStepSettings settings;
  const LwBatch batch = make_pass (network, step, labels, &settings);
  LwBatchResult result;
  const bool worked =
      infer ? lw_session_infer (session, &batch, NULL, NULL, NULL, &result, error)
            : lw_session_train (session, &batch, &settings, NULL, NULL, &result, error);

  g_free ((float *)batch.images);
  *ret_loss = worked ? result.loss_sum / batch.n : 0;
  return worked;
}

static bool
begin_pass (LwSession *session, const Network *network, int step, GError **error)
{
  int32_t labels[BATCH];
  LwStepSettings settings;
  const LwBatch batch = make_pass (network, step, labels, &settings);
  const bool begun = lw_session_train_begin (session, &batch, &settings, error);

  g_free ((float *)batch.images);
  return begun;
}

static void
train (const Network *network, const LwBackend *backend, Result *result)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LwSession) session = new_session (network, backend, &error);

  g_assert_no_error (error);
  lw_session_initialize (session, 5, &error);
  g_assert_no_error (error);
  result->before = lw_test_read_tensors (session, &result->n);
  for (int step = 0; step <= STEPS; step++) {
    run_pass (session, network, step, step == STEPS, &result->losses[step], &error);
    g_assert_no_error (error);
  }
  result->values = lw_test_read_tensors (session, &result->n);
}

static void
clear (Result *result)
{
  g_free (result->before);
  g_free (result->values);
}

static void
compare (const Network *network, const Result *result, const Result *expected)
{
  double difference = 0, length = 0;

  for (int step = 0; step <= STEPS; step++)
    if (!(fabs (result->losses[step] - expected->losses[step]) <= 1e-4 * expected->losses[step]))
      g_test_fail_printf ("%s, step %d: loss %.7f, the reference has %.7f", network->model, step,
                          result->losses[step], expected->losses[step]);
  for (int64_t i = 0; i < result->n; i++) {
    const double change = (double)expected->values[i] - (double)expected->before[i];
    const double off = (double)result->values[i] - (double)expected->values[i];

    difference += off * off;
    length += change * change;
  }
  g_test_message (
      "%s: losses %.5f %.5f %.5f, evaluation %.5f (reference %.5f %.5f %.5f, %.5f), the "
      "update is off by %.1e",
      network->model, result->losses[0], result->losses[1], result->losses[2], result->losses[3],
      expected->losses[0], expected->losses[1], expected->losses[2], expected->losses[3],
      sqrt (difference / length));
  if (!(sqrt (difference) <= 2e-3 * sqrt (length)))
    g_test_fail_printf ("%s: the update is off by %.3g of %.3g", network->model, sqrt (difference),
                        sqrt (length));
}

static void
test_network (gconstpointer data)
{
  const Network *network = data;
  const bool small = network->side == 28;
  Result expected, first;

  train (network, &lw_reference_backend, &expected);
  lw_emulation_set_order (LW_ORDER_FORWARD, 1);
  train (network, &lw_cuda_backend, &first);
  compare (network, &first, &expected);
  /* Kernels in every order are tested by themselves; here the larger networks in one. */
  for (int order = LW_ORDER_REVERSE; order < (small ? lw_emulation_orders () : LW_ORDER_REVERSE);
       order++) {
    Result again;

    lw_emulation_set_order ((LwOrder)order, 1);
    train (network, &lw_cuda_backend, &again);
    g_assert_cmpmem (again.losses, sizeof again.losses, first.losses, sizeof first.losses);
    g_assert_cmpmem (again.values, sizeof (float) * (size_t)again.n, first.values,
                     sizeof (float) * (size_t)first.n);
    clear (&again);
  }
  clear (&first);
  clear (&expected);
}

/* --- failing calls ---------------------------------------------------------------------------- */

enum { TINY_SIDE = 8 };

/* Every operation once. */
static LwGraph *
tiny_network (void)
{
  LwGraph *graph = lw_graph_new ("tiny");
  LwNodeId x = lw_graph_input (graph, (LwShape){ 1, TINY_SIDE, TINY_SIDE, false }), y, joined[2];
  g_autoptr (GError) error = NULL;

  x = lw_conv2d (graph, x, NULL, 3, (LwWindow){ 3, 1, 1 });
  x = lw_activation (graph, lw_batch_norm (graph, x, NULL), NULL, LW_OP_RELU);
  y = lw_activation (graph, lw_conv2d (graph, x, NULL, 3, (LwWindow){ 1, 1, 0 }), NULL, LW_OP_TANH);
  joined[0] = lw_add (graph, y, lw_conv2d (graph, x, NULL, 3, (LwWindow){ 3, 1, 1 }), NULL);
  joined[1] = lw_activation (graph, x, NULL, LW_OP_SIGMOID);
  x = lw_concat (graph, joined, 2, NULL);
  x = lw_max_pool (graph, x, NULL, (LwWindow){ 2, 2, 0 });
  x = lw_dropout (graph, x, NULL, 0.3);
  x = lw_avg_pool (graph, x, NULL, (LwWindow){ 2, 1, 0 });
  joined[0] = lw_flatten (graph, x, NULL);
  joined[1] = lw_flatten (graph, lw_global_avg_pool (graph, x, NULL), NULL);
  x = lw_linear (graph, lw_concat (graph, joined, 2, NULL), NULL, 40); /* by cuBLAS, 10 are not */
  lw_linear (graph, lw_activation (graph, x, NULL, LW_OP_RELU), NULL, 10);
  lw_graph_finish (graph, &error);
  g_assert_no_error (error);
  return graph;
}

/* Of what the device keeps, where it does: as it comes and recorded. */
static bool
train_kept (LwSession *session, GError **error)
{
  static const char *const classes[] = { "a", "b", NULL };
  static const uint8_t pixels[BATCH * TINY_SIDE * TINY_SIDE] = { 9, 200, 3 };
  static const uint8_t classes_of[BATCH] = { 0, 1, 1, 0 };
  static const int32_t examples[BATCH] = { 3, 1, 0, 2 }, labels[BATCH] = { 0, 1, 0, 1 };
  const LwBatch batch = { .labels = labels, .n = BATCH, .examples = examples };
  g_autoptr (LwDataset) dataset =
      lw_dataset_new_from_memory ("tiny", 1, TINY_SIDE, TINY_SIDE, classes, pixels, classes_of,
                                  BATCH, pixels, classes_of, BATCH, NULL);

  if (!lw_session_keep_data (session, dataset, LW_SPLIT_TRAIN, BATCH, false))
    return true;
  for (int step = 0; step < 2; step++) {
    const LwStepSettings settings = { .learning_rate = 0.01f, .iteration = step };
    LwBatchResult result;

    if (!lw_session_train (session, &batch, &settings, NULL, NULL, &result, error))
      return false;
  }
  return true;
}

/* Scores behind a step that was begun; the first time only room is found for them. */
static bool
look (LwSession *session, GError **error)
{
  static const float image[TINY_SIDE * TINY_SIDE] = { 1, 2, 3 };
  const LwBatch batch = { .images = image, .n = 1 };
  float scores[10];
  bool done;

  if (!lw_session_begin_look (session, error))
    return false;
  done = lw_session_infer (session, &batch, NULL, NULL, scores, NULL, error);
  return lw_session_end_look (session, done ? error : NULL) && done &&
         lw_session_finish_look (session, error);
}

/* Steps that run as they come, are recorded, and replayed, the last one begun before the result of
 * the one before was read, and looked at. */
static bool
train_tiny (LwSession *session, const Network *tiny, GError **error)
{
  LwBatchResult result;
  double loss;

  for (int step = 2; step < 4; step++)
    if (!run_pass (session, tiny, step, false, &loss, error))
      return false;
  for (int step = 4; step < 6; step++)
    if (!begin_pass (session, tiny, step, error) || !look (session, error))
      return false;
  return lw_session_train_result (session, &result, error) &&
         lw_session_train_result (session, &result, error);
}

typedef struct {
  bool for_good;
  LwPrecision precision;
  const char *algorithm; /* of convolutions; NULL: the rule's */
} Failing;

static const Failing failing[] = { { false, LW_PRECISION_FP32, NULL },
                                   { true, LW_PRECISION_FP32, NULL },
                                   { false, LW_PRECISION_BF16, NULL },
                                   { false, LW_PRECISION_FP32, "implicit GEMM" } };

/* Makes a session, trains, evaluates, reads a tensor: whether all worked. */
static bool
live_once (const Failing *how, GError **error)
{
  static const Network tiny = { "tiny", TINY_SIDE, { NULL }, 0.01f };
  g_autoptr (LwGraph) graph = tiny_network ();
  g_autoptr (GArray) choices = lw_test_choices (graph, how->algorithm);
  const LwSessionOptions options = {
    .batch = BATCH,
    .momentum = true,
    .device = { .precision = how->precision,
                .choices = (const LwAlgorithmChoice *)(void *)choices->data,
                .n_choices = (int32_t)choices->len },
  };
  g_autoptr (LwSession) session = lw_session_new (graph, &lw_cuda_backend, 0, &options, error);
  g_autofree float *tensor = NULL;
  double loss;

  if (session == NULL)
    return false;
  tensor = g_new (float, lw_graph_tensor (lw_session_graph (session), 0)->size);
  return lw_session_initialize (session, 5, error) && train_tiny (session, &tiny, error) &&
         train_kept (session, error) && run_pass (session, &tiny, 1, true, &loss, error) &&
         lw_session_get_tensor (session, 0, tensor, error);
}

static void
assert_nothing_left (const LwEmulationLive *before, int64_t call)
{
  const LwEmulationLive live = lw_emulation_live ();

  if (memcmp (&live, before, sizeof live) != 0)
    g_error ("after call %" PRId64 " failed, %" PRId64 " buffers, %" PRId64 " streams, %" PRId64
             " events and %" PRId64 " cuBLAS handles are left",
             call, live.buffers, live.streams, live.events, live.handles);
  if (lw_emulation_error_is_left ())
    g_error ("after call %" PRId64 " failed its error is left for the next launch", call);
}

/* Every call by turns, once and for good; where the address sanitizer looks on, or an algorithm
 * takes long here, every seventh, from another one on each time. Some fail unheard: those that
 * free, as what they free is gone all the same, and those without which batches come another way.
 */
static void
test_failing_calls (gconstpointer data)
{
  const Failing *how = data;
  const LwEmulationLive before = lw_emulation_live ();
  const int64_t every =
      lw_emulation_build () == LW_EMULATION_FAST && how->algorithm == NULL ? 1 : 7;
  int64_t n, sentences = 0, unheard = 0;
  g_autoptr (GError) error = NULL;

  lw_emulation_set_order (LW_ORDER_FORWARD, 1);
  n = lw_emulation_calls ();
  g_assert_true (live_once (how, &error));
  n = lw_emulation_calls () - n;
  for (int64_t call = (how - failing) % every; call < n; call += every) {
    lw_emulation_fail_call (lw_emulation_calls () + call, how->for_good);
    if (live_once (how, &error)) {
      unheard++;
    } else {
      if (error == NULL)
        g_error ("after call %" PRId64 " failed there is no sentence", call);
      if (strstr (error->message, "graphics card") == NULL ||
          !g_str_has_suffix (error->message, "."))
        g_test_fail_printf ("after call %" PRId64 " failed: %s", call, error->message);
      sentences++;
    }
    g_clear_error (&error);
    assert_nothing_left (&before, call);
  }
  lw_emulation_fail_call (-1, false);
  g_assert_true (live_once (how, &error));
  g_test_message ("%" PRId64 " calls: %" PRId64 " sentences, %" PRId64 " of calls that free", n,
                  sentences, unheard);
  g_assert_cmpint (unheard, <, 100);
  g_assert_cmpint (sentences * every, >, 100);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  const bool checks = lw_emulation_checks_accesses ();

  /* Where accesses are looked at, the small networks are enough, and for failing calls only the
   * address sanitizer adds something: it sees the host's memory. */
  for (size_t i = 0; i < G_N_ELEMENTS (networks); i++) {
    g_autofree char *path = g_strconcat ("/cuda-training/", networks[i].model, NULL);

    if (lw_emulation_build () == LW_EMULATION_FAST || networks[i].side == 28)
      g_test_add_data_func (path, &networks[i], test_network);
  }
  if (!checks) {
    g_test_add_data_func ("/cuda-training/failing-call", &failing[0], test_failing_calls);
    g_test_add_data_func ("/cuda-training/lost-device", &failing[1], test_failing_calls);
    g_test_add_data_func ("/cuda-training/failing-call-bf16", &failing[2], test_failing_calls);
    g_test_add_data_func ("/cuda-training/failing-call-implicit", &failing[3], test_failing_calls);
  }
  return g_test_run ();
}
