/* Training steps as recorded pieces on the emulated CUDA backend: replayed or kernel by kernel, one
 * by one or each begun before the last one's result was read, a training is the same bits in every
 * order; a loss that is not finite changes nothing, also where it is learned late; and a step in
 * its steady state is one launch of a graph, the copies, and one wait. */
#include "engine/session.h"
#include "kernels/cuda/cuda.h"
#include "tests/device/emulation/emulation.h"
#include "tests/support/formula.h"
#include "tests/support/network.h"

#include <math.h>
#include <string.h>

enum { BATCH = 4, STEPS = 8, CHANGE = 6 };

typedef struct {
  const char *model;
  int32_t side;
  const char *options[4]; /* names and values by turns, up to NULL */
  LwOptimizer optimizer;
  bool checked; /* small enough to look at every access */
  LwPrecision precision;
  const char *algorithm; /* of convolutions; NULL: the rule's */
} Network;

static const Network networks[] = {
  { "lenet", 28, { NULL }, LW_OPTIMIZER_SGD, true },
  { "lenet-bn", 28, { NULL }, LW_OPTIMIZER_ADAM, true },
  { "alexnet", 67, { "width", "0.0625" }, LW_OPTIMIZER_SGD, true },
  { "resnet18", 32, { "width", "0.0625" }, LW_OPTIMIZER_SGD, false },
};
/* Where convolutions make the statistics of what is behind them. */
static const Network measured = { "lenet-bn",       28,   { NULL },
                                  LW_OPTIMIZER_SGD, true, LW_PRECISION_BF16,
                                  "implicit GEMM" };
/* Where not much but its maps differs. */
static const Network rounded = { "lenet", 28, { NULL }, LW_OPTIMIZER_SGD, true, LW_PRECISION_BF16 };

/* One by one with a hook: kernel by kernel. Without: recorded. Ahead: each begun before the last
 * one's result was read. */
typedef enum { WATCHED, ALONE, AHEAD } How;

typedef struct {
  double losses[STEPS];
  float *values;
  int64_t n;
} Result;

static LwSession *
new_session (const Network *network)
{
  g_autoptr (LwGraph) graph = lw_test_network (network->model, network->side, network->options);
  g_autoptr (GArray) choices = lw_test_choices (graph, network->algorithm);
  const LwSessionOptions options = {
    .batch = BATCH,
    .optimizer = network->optimizer,
    .device = { .precision = network->precision,
                .choices = (const LwAlgorithmChoice *)(void *)choices->data,
                .n_choices = (int32_t)choices->len },
  };
  g_autoptr (GError) error = NULL;
  LwSession *session = lw_session_new (graph, &lw_cuda_backend, 0, &options, &error);

  g_assert_no_error (error);
  lw_session_initialize (session, 5, &error);
  g_assert_no_error (error);
  return session;
}

/* All tensors of floats, and of those that are trained the optimizer's. */
static float *
read_session (LwSession *session, int64_t *ret_n)
{
  const LwGraph *graph = lw_session_graph (session);
  GArray *values = g_array_new (FALSE, FALSE, sizeof (float));

  for (int32_t i = 0; i < lw_graph_n_tensors (graph); i++) {
    const LwTensorInfo *tensor = lw_graph_tensor (graph, i);
    const int32_t slots = tensor->trainable ? lw_session_optimizer_slots (session) : 0;

    for (int32_t slot = -1; tensor->dtype == LW_F32 && slot < slots; slot++) {
      const guint before = values->len;
      float *to;

      g_array_set_size (values, before + (guint)tensor->size);
      to = &g_array_index (values, float, before);
      g_assert_true (slot < 0 ? lw_session_get_tensor (session, i, to, NULL)
                              : lw_session_get_slot (session, i, slot, to, NULL));
    }
  }
  *ret_n = values->len;
  return (float *)(void *)g_array_free (values, FALSE);
}

/* The last batch of each epoch has fewer images. */
static int32_t
batch_of (int step)
{
  return step % 4 == 3 ? BATCH - 1 : BATCH;
}

typedef struct {
  float *images;
  int32_t labels[BATCH];
  LwBatch batch;
  LwStepSettings settings;
} Step;

static void
make_step (const Network *network, int number, Step *step)
{
  const int64_t size = (int64_t)network->side * network->side; /* of one channel */

  step->images = g_new (float, BATCH *size);
  for (int64_t i = 0; i < BATCH * size; i++)
    step->images[i] = (float)lw_formula_uniform ((uint64_t)number + 17, i);
  for (int32_t i = 0; i < BATCH; i++)
    step->labels[i] = (number * BATCH + i) % 10;
  step->batch = (LwBatch){ step->images, step->labels, batch_of (number) };
  step->settings = (LwStepSettings){ .learning_rate = 0.01f / (float)(1 + number),
                                     .momentum = number < CHANGE ? 0 : 0.5f,
                                     .weight_decay = 1e-4f,
                                     .nesterov = number % 2 == 0,
                                     .seed = 3,
                                     .iteration = number };
}

static void
read_result (LwSession *session, double *ret_loss)
{
  LwBatchResult result;
  g_autoptr (GError) error = NULL;

  lw_session_train_result (session, &result, &error);
  g_assert_no_error (error);
  *ret_loss = result.loss_sum / result.n;
}

static void
train (const Network *network, How how, Result *result)
{
  g_autoptr (LwSession) session = new_session (network);
  g_autoptr (GError) error = NULL;

  for (int number = 0; number < STEPS; number++) {
    LwBatchResult one;
    Step step;

    make_step (network, number, &step);
    if (number == CHANGE) { /* other pointers for what is recorded */
      if (how == AHEAD)
        read_result (session, &result->losses[number - 1]);
      lw_session_keep_momentum (session, &error);
      g_assert_no_error (error);
    }
    if (how == AHEAD) {
      lw_session_train_begin (session, &step.batch, &step.settings, &error);
      g_assert_no_error (error);
      if (number > 0 && number != CHANGE)
        read_result (session, &result->losses[number - 1]);
    } else {
      lw_session_train (session, &step.batch, &step.settings, how == WATCHED ? lw_test_watch : NULL,
                        NULL, &one, &error);
      g_assert_no_error (error);
      result->losses[number] = one.loss_sum / one.n;
    }
    g_free (step.images);
  }
  if (how == AHEAD)
    read_result (session, &result->losses[STEPS - 1]);
  result->values = read_session (session, &result->n);
}

/* Watched once, forward; the others in every order, where accesses are looked at, or an algorithm
 * is that takes long here, in one. */
static void
test_replay (gconstpointer data)
{
  static const struct {
    How how;
    LwOrder order;
    bool checked;
  } runs[] = { { ALONE, LW_ORDER_FORWARD, false },
               { AHEAD, LW_ORDER_FORWARD, false },
               { AHEAD, LW_ORDER_REVERSE, true },
               { AHEAD, LW_ORDER_RANDOM, false } };
  const Network *network = data;
  Result first;

  lw_emulation_set_order (LW_ORDER_FORWARD, 1);
  train (network, WATCHED, &first);
  for (size_t i = 0; i < G_N_ELEMENTS (runs); i++) {
    const int64_t replays = lw_emulation_calls_of ("cudaGraphLaunch");
    Result result;

    if ((lw_emulation_checks_accesses () || network->algorithm != NULL) && !runs[i].checked)
      continue;
    lw_emulation_set_order (runs[i].order, 1);
    train (network, runs[i].how, &result);
    /* All but the first of either size. */
    g_assert_cmpint (lw_emulation_calls_of ("cudaGraphLaunch") - replays, ==, STEPS - 2);
    if (memcmp (result.losses, first.losses, sizeof first.losses) != 0 ||
        memcmp (result.values, first.values, sizeof (float) * (size_t)first.n) != 0)
      g_test_fail_printf ("%s, %s, order %d: other numbers than kernel by kernel", network->model,
                          runs[i].how == AHEAD ? "ahead" : "recorded", runs[i].order);
    g_free (result.values);
  }
  g_free (first.values);
}

/* --- losses that are not finite --------------------------------------------------------------- */

enum { FATAL = 4 };

/* Steps up to the fatal one, whose images are not numbers; with `ahead` one more is begun before
 * that is known, and the fatal one made again for its gradients. */
static void
diverge (const Network *network, bool ahead, Result *result, float **ret_gradient)
{
  g_autoptr (LwSession) session = new_session (network);
  g_autoptr (GError) error = NULL;
  double loss;

  for (int number = 0; number <= FATAL + ahead; number++) {
    Step step;

    make_step (network, number, &step);
    if (number == FATAL)
      step.images[3] = NAN;
    lw_session_train_begin (session, &step.batch, &step.settings, &error);
    g_assert_no_error (error);
    if (!ahead || number > 0) {
      read_result (session, &loss);
      g_assert_true (isnan (loss) == (number - ahead == FATAL));
    }
    g_free (step.images);
  }
  if (ahead) {
    Step step;

    read_result (session, &loss);
    make_step (network, FATAL, &step);
    step.images[3] = NAN;
    step.settings.again = true;
    lw_session_train_begin (session, &step.batch, &step.settings, &error);
    g_assert_no_error (error);
    read_result (session, &loss);
    g_assert_true (isnan (loss));
    g_free (step.images);
  }
  result->values = read_session (session, &result->n);
  *ret_gradient = g_new (float, lw_graph_tensor (lw_session_graph (session), 0)->size);
  g_assert_true (lw_session_get_gradient (session, 0, *ret_gradient, &error));
}

static void
test_divergence (gconstpointer data)
{
  const Network *network = data;
  Result expected, result;
  g_autofree float *gradient = NULL, *late_gradient = NULL;

  lw_emulation_set_order (LW_ORDER_REVERSE, 1);
  diverge (network, false, &expected, &gradient);
  diverge (network, true, &result, &late_gradient);
  g_assert_cmpmem (result.values, sizeof (float) * (size_t)result.n, expected.values,
                   sizeof (float) * (size_t)expected.n);
  g_assert_cmpmem (late_gradient, sizeof (float) * 25, gradient, sizeof (float) * 25);
  g_free (result.values);
  g_free (expected.values);
}

/* --- looks ------------------------------------------------------------------------------------ */

enum { LOOKED_AFTER = 4, CLASSES = 10 };

/* A layer's output, scores, the weights of one unit and of a whole layer. */
typedef struct {
  LwNodeId layer;
  float *values;
  int64_t n;
} Seen;

static bool
download_layer (LwSession *session, const LwStep *step, bool backward, void *data, GError **error)
{
  const Seen *seen = data;

  return backward || step->id != seen->layer ||
         lw_session_download (session, step, 1, seen->values, error);
}

static void
ask (LwSession *session, const LwBatch *batch, Seen *seen)
{
  const LwGraph *graph = lw_session_graph (session);
  const int32_t tensor = lw_graph_find_tensor (graph, "3.weight");
  const LwTensorPart row = { tensor, 7 }, all = { tensor, LW_ALL_ROWS };
  const LwBatch one = { .images = batch->images, .n = 1 };
  const int64_t layer = lw_shape_size (lw_graph_node (graph, seen->layer)->shape);
  const int64_t of_row = lw_tensor_part_size (graph, row);
  g_autoptr (GError) error = NULL;

  seen->n = layer + CLASSES + of_row + lw_tensor_part_size (graph, all);
  g_free (seen->values);
  seen->values = g_new0 (float, seen->n);
  lw_session_infer (session, &one, download_layer, seen, seen->values + layer, NULL, &error);
  g_assert_no_error (error);
  lw_session_get_part (session, row, seen->values + layer + CLASSES, &error);
  g_assert_no_error (error);
  lw_session_get_part (session, all, seen->values + layer + CLASSES + of_row, &error);
  g_assert_no_error (error);
}

/* What is seen after a step: waited for, or with another step begun behind the look. The first look
 * only learns how much room it takes. */
static Seen
look (const Network *network, bool later)
{
  g_autoptr (LwSession) session = new_session (network);
  Seen seen = { lw_graph_find_node (lw_session_graph (session), "3"), NULL, 0 };
  g_autoptr (GError) error = NULL;
  int64_t waits = 0;
  double loss;

  for (int number = 0; number <= LOOKED_AFTER + 1; number++) {
    const bool looks =
        later ? number >= LOOKED_AFTER - 1 && number <= LOOKED_AFTER : number == LOOKED_AFTER;
    Step step;

    make_step (network, number, &step);
    lw_session_train_begin (session, &step.batch, &step.settings, &error);
    g_assert_no_error (error);
    if (number > 0)
      read_result (session, &loss);
    if (later && number >= LOOKED_AFTER) {
      g_assert_true (lw_session_finish_look (session, &error));
      if (number > LOOKED_AFTER)
        g_assert_cmpint (lw_emulation_calls_of ("cudaStreamSynchronize"), ==, waits);
    }
    waits = lw_emulation_calls_of ("cudaStreamSynchronize");
    if (looks && later)
      g_assert_true (lw_session_begin_look (session, &error));
    if (looks)
      ask (session, &step.batch, &seen);
    if (looks && later)
      g_assert_true (lw_session_end_look (session, &error));
    g_free (step.images);
  }
  read_result (session, &loss);
  return seen;
}

static void
test_look (gconstpointer data)
{
  Seen expected, seen;

  lw_emulation_set_order (LW_ORDER_FORWARD, 1);
  expected = look (data, false);
  for (int order = 0; order < LW_N_ORDERS; order++) {
    lw_emulation_set_order ((LwOrder)order, 1);
    seen = look (data, true);
    g_assert_cmpmem (seen.values, sizeof (float) * (size_t)seen.n, expected.values,
                     sizeof (float) * (size_t)expected.n);
    g_free (seen.values);
  }
  g_free (expected.values);
}

/* --- the steady state ------------------------------------------------------------------------- */

/* How often a step may call what; all else, never. Copies: images, labels, numbers; the loss. */
static const struct {
  const char *function;
  int64_t times;
} steady[] = { { "cudaGraphLaunch", 1 },
               { "cudaMemcpyAsync", 4 },
               { "cudaEventRecord", 1 },
               { "cudaEventSynchronize", 1 },
               { "cudaSetDevice", 2 } };

static void
test_steady (gconstpointer data)
{
  const Network *network = data;
  g_autoptr (LwSession) session = new_session (network);
  double loss;

  lw_emulation_set_order (LW_ORDER_FORWARD, 1);
  for (int number = 0; number < 10; number++) {
    g_autoptr (GError) error = NULL;
    int64_t before[G_N_ELEMENTS (steady)], all;
    Step step;

    make_step (network, number, &step);
    step.batch.n = BATCH;
    step.settings.momentum = 0; /* for which there is no memory */
    all = lw_emulation_calls ();
    for (size_t i = 0; i < G_N_ELEMENTS (steady); i++)
      before[i] = lw_emulation_calls_of (steady[i].function);
    lw_session_train_begin (session, &step.batch, &step.settings, &error);
    g_assert_no_error (error);
    if (number > 0)
      read_result (session, &loss);
    all = lw_emulation_calls () - all;
    for (size_t i = 0; i < G_N_ELEMENTS (steady) && number >= 2; i++) {
      const int64_t times = lw_emulation_calls_of (steady[i].function) - before[i];

      if (times != steady[i].times)
        g_test_fail_printf ("step %d calls %s %d times", number + 1, steady[i].function,
                            (int)times);
      all -= times;
    }
    if (number >= 2 && all != 0)
      g_test_fail_printf ("step %d makes %d other calls", number + 1, (int)all);
    g_free (step.images);
  }
  read_result (session, &loss);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/cuda-steps/look/bf16", &rounded, test_look);
  g_test_add_data_func ("/cuda-steps/replay/measured", &measured, test_replay);
  g_test_add_data_func ("/cuda-steps/divergence/measured", &measured, test_divergence);
  for (size_t i = 0; i < G_N_ELEMENTS (networks); i++) {
    const Network *network = &networks[i];
    g_autofree char *replay = g_strconcat ("/cuda-steps/replay/", network->model, NULL);
    g_autofree char *steady_path = g_strconcat ("/cuda-steps/steady/", network->model, NULL);
    g_autofree char *divergence = g_strconcat ("/cuda-steps/divergence/", network->model, NULL);

    if (lw_emulation_checks_accesses () && !network->checked)
      continue;
    g_test_add_data_func (replay, network, test_replay);
    if (!lw_emulation_checks_accesses ())
      g_test_add_data_func (steady_path, network, test_steady);
    if (i == 0)
      g_test_add_data_func ("/cuda-steps/look/fp32", network, test_look);
    if (network->side == 28)
      g_test_add_data_func (divergence, network, test_divergence);
  }
  return g_test_run ();
}
