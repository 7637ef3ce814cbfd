/* What implicit GEMM does behind a convolution while it writes y (kernels/cuda/conv_forward.cu):
 * the statistics of a batch normalization, for which nobody reads y again, and sums of two, also
 * with what a normalization makes of the other input. A training is the same bits with links and
 * without, watched or not, in every order; statistics are those of y as it is stored, also where
 * its mean is large; and the launches that are saved are not made. Linear layers by cublasLt
 * (matmul_lt.c): the bias with ReLU and the bias gradient, where an algorithm is offered, and near
 * the same where none is. */
#include "engine/session.h"
#include "kernels/cuda/cuda.h"
#include "kernels/cuda/link.h"
#include "tests/device/emulation/emulation.h"
#include "tests/support/formula.h"
#include "tests/support/network.h"

#include <math.h>
#include <string.h>

enum { BATCH = 5, STEPS = 2, CLASSES = 10, SIDE = 12, SUMS_SIDE = 8, CHANNELS = 21 };

typedef struct {
  const char *model; /* NULL: sums_network */
  int32_t side;
  const char *options[4]; /* names and values by turns, up to NULL */
  int norms, sums;        /* whose statistics and which sums convolutions make in training */
  int infers;             /* which sums in evaluation */
} Network;

static const Network networks[] = {
  { NULL, SUMS_SIDE, { NULL }, 1, 4, 3 },
  { "lenet-bn", 28, { "activation", "relu" }, 2, 0, 0 },
  { "resnet18", 32, { "width", "0.0625" }, 17, 3, 3 },
};

/* Sums behind convolutions: with the convolution's own x, which in evaluation may be overwritten;
 * as the first input and as the second; without an activation; of what a normalization makes. One
 * is read twice, so that it is its own. */
static LwGraph *
sums_network (void)
{
  const LwWindow three = { 3, 1, 1 }, one = { 1, 1, 0 };
  LwGraph *graph = lw_graph_new ("sums");
  LwNodeId x = lw_graph_input (graph, (LwShape){ .c = 1, .h = SUMS_SIDE, .w = SUMS_SIDE }), y, z;
  g_autoptr (GError) error = NULL;

  x = lw_activation (graph, lw_conv2d (graph, x, NULL, 8, three), NULL, LW_OP_TANH);
  x = lw_add (graph, x, lw_conv2d (graph, x, NULL, 8, three), NULL);
  y = lw_activation (graph, x, NULL, LW_OP_TANH);
  x = lw_add (graph, lw_conv2d (graph, x, NULL, 8, one), y, NULL);
  x = lw_activation (graph, x, NULL, LW_OP_RELU);
  y = lw_batch_norm (graph, lw_conv2d (graph, x, NULL, 36, three), NULL);
  x = lw_add (graph, y, lw_conv2d (graph, x, NULL, 36, one), NULL);
  x = lw_activation (graph, x, NULL, LW_OP_RELU);
  y = lw_activation (graph, x, NULL, LW_OP_SIGMOID);
  x = lw_add (graph, y, lw_conv2d (graph, x, NULL, 36, one), NULL);
  y = lw_activation (graph, x, NULL, LW_OP_TANH);
  z = lw_conv2d (graph, x, NULL, 36, one);
  x = lw_add (graph, lw_add (graph, y, z, NULL), z, NULL);
  x = lw_flatten (graph, lw_global_avg_pool (graph, x, NULL), NULL);
  lw_linear (graph, x, NULL, CLASSES);
  lw_graph_finish (graph, &error);
  g_assert_no_error (error);
  return graph;
}

/* Every convolution by implicit GEMM, as a run that goes on asks for it. */
static LwSession *
new_session (LwGraph *graph, LwPrecision precision, LwLinks links)
{
  g_autoptr (GArray) choices = lw_test_choices (graph, "implicit GEMM");
  g_autoptr (GError) error = NULL;
  LwSession *session;
  const LwSessionOptions options = {
    .batch = BATCH,
    .momentum = true,
    .links = links,
    .device = { .precision = precision,
                .choices = (const LwAlgorithmChoice *)(void *)choices->data,
                .n_choices = (int32_t)choices->len },
  };

  session = lw_session_new (graph, &lw_cuda_backend, 0, &options, &error);
  g_assert_no_error (error);
  g_assert_true (lw_session_initialize (session, 3, NULL));
  return session;
}

static LwSession *
session_of (const Network *network, LwPrecision precision, LwLinks links)
{
  g_autoptr (LwGraph) graph =
      network->model == NULL ? sums_network ()
                             : lw_test_network (network->model, network->side, network->options);

  return new_session (graph, precision, links);
}

static float *
images_of (const LwGraph *graph, uint64_t seed)
{
  const int64_t n = BATCH * lw_shape_size (lw_graph_shape (graph, 0));
  float *images = g_new (float, n);

  for (int64_t i = 0; i < n; i++)
    images[i] = (float)lw_formula_uniform (seed, i);
  return images;
}

/* The second batch is not full. */
static void
train_step (LwSession *session, int step, LwStepHook hook, void *data, LwBatchResult *result)
{
  const int32_t labels[BATCH] = { 1, 8, 3, 0, 5 };
  g_autofree float *images = images_of (lw_session_graph (session), 5);
  const LwBatch batch = { images, labels, step == 1 ? BATCH - 1 : BATCH };
  const LwStepSettings settings = {
    .learning_rate = 0.01f, .momentum = 0.9f, .seed = 9, .iteration = step
  };
  g_autoptr (GError) error = NULL;

  lw_session_train (session, &batch, &settings, hook, data, result, &error);
  g_assert_no_error (error);
}

static void
evaluate (LwSession *session, LwStepHook hook, void *data, float logits[BATCH * CLASSES])
{
  g_autofree float *images = images_of (lw_session_graph (session), 7);
  g_autoptr (GError) error = NULL;

  lw_session_infer (session, &(LwBatch){ images, NULL, BATCH }, hook, data, logits, NULL, &error);
  g_assert_no_error (error);
}

/* --- what is launched ------------------------------------------------------------------------- */

typedef struct {
  int64_t before; /* launches up to the step */
  int norms, sums;
} Saved;

/* Forward: a normalization is a pass that writes y, if it does not wait for the sum behind, and one
 * launch for statistics that a convolution made, or two. A sum is one, or none. */
static bool
count (LwSession *session, const LwStep *step, bool backward, void *data, GError **error)
{
  Saved *saved = data;
  const int64_t now = lw_emulation_calls_of ("enqueue_kernel"), launches = now - saved->before;

  if (!backward && step->op == LW_OP_BATCH_NORM && step->training) {
    const int own = (int)launches - !lw_cuda_link_waits (step);

    g_assert_true (own == 1 || own == 2);
    saved->norms += own == 1;
  }
  if (!backward && step->op == LW_OP_ADD) {
    const char *word = lw_session_algorithm (session, step, LW_FORWARD);

    g_assert_cmpint (launches, ==, g_strcmp0 (word, "with its neighbour") == 0 ? 0 : 1);
    saved->sums += launches == 0;
  }
  saved->before = now;
  (void)error;
  return true;
}

static void
compare (const Network *network, LwPrecision precision, LwOrder order)
{
  g_autoptr (LwSession) alone = session_of (network, precision, LW_LINKS_NEVER);
  g_autoptr (LwSession) linked = session_of (network, precision, LW_LINKS_ALWAYS);
  float logits[2][BATCH * CLASSES];
  g_autofree float *of_alone = NULL, *of_linked = NULL;
  Saved saved = { 0 }, apart = { 0 }, inferred = { 0 };
  int64_t n;

  for (int step = 0; step < STEPS; step++) {
    LwBatchResult results[2];
    const bool watched = step == 1;

    lw_emulation_set_order (LW_ORDER_FORWARD, 1);
    train_step (alone, step, watched ? count : NULL, &apart, &results[0]);
    lw_emulation_set_order (order, 1);
    train_step (linked, step, watched ? count : NULL, &saved, &results[1]);
    g_assert_cmpmem (&results[0], sizeof results[0], &results[1], sizeof results[1]);
  }
  of_alone = lw_test_read_tensors (alone, &n);
  of_linked = lw_test_read_tensors (linked, &n);
  g_assert_cmpmem (of_alone, sizeof (float) * (size_t)n, of_linked, sizeof (float) * (size_t)n);
  evaluate (alone, NULL, NULL, logits[0]);
  evaluate (linked, count, &inferred, logits[1]);
  g_assert_cmpmem (logits[0], sizeof logits[0], logits[1], sizeof logits[1]);
  g_test_message ("precision %d, order %d: statistics of %d, sums %d, in evaluation %d", precision,
                  order, saved.norms, saved.sums, inferred.sums);
  g_assert_cmpint (saved.norms, ==, network->norms);
  g_assert_cmpint (apart.norms, ==, network->norms);
  g_assert_cmpint (saved.sums, ==, network->sums);
  g_assert_cmpint (apart.sums, ==, 0);
  g_assert_cmpint (inferred.sums, ==, network->infers);
}

/* Precisions by networks, but for the first one, which has everything. */
static void
test_network (gconstpointer data)
{
  const Network *network = data;

  if (network != &networks[2])
    compare (network, LW_PRECISION_FP32, LW_ORDER_REVERSE);
  if (network != &networks[1])
    compare (network, LW_PRECISION_BF16, LW_ORDER_RANDOM);
  if (network == &networks[0])
    compare (network, LW_PRECISION_TF32, LW_ORDER_REVERSE);
}

/* --- statistics ------------------------------------------------------------------------------- */

typedef struct {
  float *y; /* of the convolution */
  double bias;
  int seen;
} Seen;

static void
check_channel (const Seen *seen, const LwStep *step, int32_t channel, double mean, double variance)
{
  const int64_t pixels = (int64_t)step->y_shape.h * step->y_shape.w;
  double sum = 0, squares = 0;

  for (int64_t i = 0; i < step->n * pixels; i++)
    sum += (double)seen->y[(i / pixels * step->y_shape.c + channel) * pixels + i % pixels];
  sum /= (double)(step->n * pixels);
  for (int64_t i = 0; i < step->n * pixels; i++) {
    const double distance =
        (double)seen->y[(i / pixels * step->y_shape.c + channel) * pixels + i % pixels] - sum;

    squares += distance * distance;
  }
  squares /= (double)(step->n * pixels);
  g_assert_cmpfloat (fabs (sum - seen->bias), <, 5);
  g_assert_cmpfloat (fabs (mean - sum), <=, 3e-7 * fabs (sum));
  /* 1 / σ is kept, with ε, in float32. */
  g_assert_cmpfloat (fabs (variance - squares), <=, 1e-4 * squares + 1e-8);
}

static bool
look (LwSession *session, const LwStep *step, bool backward, void *data, GError **error)
{
  Seen *seen = data;

  if (backward || step->op == LW_OP_CROSS_ENTROPY)
    return true;
  if (step->op == LW_OP_CONV2D)
    return lw_session_download (session, step, step->n, seen->y, error);
  if (step->op == LW_OP_BATCH_NORM) {
    float mean[CHANNELS], variance[CHANNELS];

    if (!lw_session_batch_statistics (session, step, mean, variance, error))
      return false;
    for (int32_t c = 0; c < CHANNELS; c++)
      check_channel (seen, step, c, (double)mean[c], (double)variance[c]);
    seen->seen++;
  }
  return true;
}

/* Of a mean so large that squares of y itself would have lost what is between them; in bfloat16
 * small enough that y's digits tell how far it was rounded. */
static void
test_statistics (gconstpointer data)
{
  const LwPrecision precision = (LwPrecision)GPOINTER_TO_INT (data);
  const double bias = precision == LW_PRECISION_BF16 ? 30 : 300;
  g_autoptr (LwGraph) graph = lw_graph_new ("shifted");
  LwNodeId x = lw_graph_input (graph, (LwShape){ .c = 3, .h = SIDE, .w = SIDE });
  g_autofree float *y = g_new (float, BATCH *SIDE *SIDE *CHANNELS);
  Seen seen = { y, bias, 0 };
  float biases[CHANNELS];
  g_autoptr (LwSession) session = NULL;

  x = lw_batch_norm (graph, lw_conv2d (graph, x, NULL, CHANNELS, (LwWindow){ 3, 1, 1 }), NULL);
  x = lw_flatten (graph, lw_global_avg_pool (graph, x, NULL), NULL);
  lw_linear (graph, x, NULL, CLASSES);
  g_assert_true (lw_graph_finish (graph, NULL));
  session = new_session (graph, precision, LW_LINKS_UNWATCHED);
  for (int i = 0; i < CHANNELS; i++)
    biases[i] = (float)bias;
  g_assert_true (lw_session_set_tensor (session, 1, biases, NULL));
  for (int step = 0; step < STEPS; step++) {
    LwBatchResult result;

    lw_emulation_set_order (step == 0 ? LW_ORDER_REVERSE : LW_ORDER_RANDOM, 1);
    train_step (session, step, look, &seen, &result);
  }
  g_assert_cmpint (seen.seen, ==, STEPS);
}

/* --- linear layers ---------------------------------------------------------------------------- */

typedef struct {
  double loss;
  float *values;
  int64_t n, products, questions, launches; /* by cublasLt; asked; kernels */
} Trained;

/* Two layers of cuBLAS, of which one has max (0, ·) behind it, and one of few outputs. */
static LwGraph *
linear_network (void)
{
  LwGraph *graph = lw_graph_new ("linear");
  LwNodeId x = lw_graph_input (graph, (LwShape){ .c = 1, .h = SUMS_SIDE, .w = SUMS_SIDE });

  x = lw_linear (graph, lw_flatten (graph, x, NULL), NULL, 44);
  x = lw_linear (graph, lw_activation (graph, x, NULL, LW_OP_RELU), NULL, 37);
  lw_linear (graph, lw_activation (graph, x, NULL, LW_OP_TANH), NULL, CLASSES);
  g_assert_true (lw_graph_finish (graph, NULL));
  return graph;
}

static Trained
train_linear (LwPrecision precision, LwLinks links)
{
  g_autoptr (LwGraph) graph = linear_network ();
  g_autoptr (LwSession) session = new_session (graph, precision, links);
  Trained trained = { 0 };

  trained.products = lw_emulation_calls_of ("cublasLtMatmul");
  trained.questions = lw_emulation_calls_of ("cublasLtMatmulAlgoGetHeuristic");
  trained.launches = lw_emulation_calls_of ("enqueue_kernel");
  for (int step = 0; step < 4; step++) {
    LwBatchResult result;

    train_step (session, step, lw_test_watch, NULL, &result);
    trained.loss = result.loss_sum;
  }
  trained.products = lw_emulation_calls_of ("cublasLtMatmul") - trained.products;
  trained.questions = lw_emulation_calls_of ("cublasLtMatmulAlgoGetHeuristic") - trained.questions;
  trained.launches = lw_emulation_calls_of ("enqueue_kernel") - trained.launches;
  trained.values = lw_test_read_tensors (session, &trained.n);
  return trained;
}

/* Of 4 steps, one of which has another batch: two layers forward and backward, each asked once for
 * either batch; in bfloat16 only backward. */
static void
test_linear (gconstpointer data)
{
  const LwPrecision precision = (LwPrecision)GPOINTER_TO_INT (data);
  const int directions = precision == LW_PRECISION_BF16 ? 1 : 2;
  Trained offered[2], without;
  double off = 0, length = 0;

  for (int links = 0; links < 2; links++) {
    lw_emulation_set_order (links ? LW_ORDER_REVERSE : LW_ORDER_FORWARD, 1);
    offered[links] = train_linear (precision, links ? LW_LINKS_UNWATCHED : LW_LINKS_NEVER);
    g_assert_cmpint (offered[links].products, ==, 4 * 2 * directions);
    g_assert_cmpint (offered[links].questions, ==, 2 * 2 * directions);
  }
  lw_emulation_offer_epilogues (false);
  without = train_linear (precision, LW_LINKS_UNWATCHED);
  lw_emulation_offer_epilogues (true);
  g_assert_cmpint (without.products, ==, 0);
  g_assert_cmpint (without.questions, ==, 2 * 2 * directions);
  /* A pass for the bias, and two for its gradient of which one is left. */
  g_assert_cmpint (without.launches - offered[1].launches, ==, 4 * 2 * directions);
  g_assert_cmpmem (&offered[0].loss, sizeof (double), &offered[1].loss, sizeof (double));
  g_assert_cmpmem (offered[0].values, sizeof (float) * (size_t)offered[0].n, offered[1].values,
                   sizeof (float) * (size_t)offered[1].n);
  for (int64_t i = 0; i < without.n; i++) {
    const double value = (double)without.values[i];
    const double distance = (double)offered[1].values[i] - value;

    off += distance * distance;
    length += value * value;
  }
  g_test_message ("without: %d launches more, weights are off by %.1e",
                  (int)(without.launches - offered[1].launches), sqrt (off / length));
  g_assert_cmpfloat (sqrt (off / length), <, precision == LW_PRECISION_TF32 ? 2e-6 : 1e-7);
  g_free (offered[0].values);
  g_free (offered[1].values);
  g_free (without.values);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (networks); i++) {
    const char *model = networks[i].model != NULL ? networks[i].model : "sums";
    g_autofree char *path = g_strconcat ("/cuda-epilogues/", model, NULL);

    /* Where each access is looked at, the kernels by themselves are enough. */
    if (!lw_emulation_checks_accesses () || networks[i].side < 32)
      g_test_add_data_func (path, &networks[i], test_network);
  }
  g_test_add_data_func ("/cuda-epilogues/statistics/fp32", GINT_TO_POINTER (LW_PRECISION_FP32),
                        test_statistics);
  g_test_add_data_func ("/cuda-epilogues/statistics/bf16", GINT_TO_POINTER (LW_PRECISION_BF16),
                        test_statistics);
  g_test_add_data_func ("/cuda-epilogues/statistics/tf32", GINT_TO_POINTER (LW_PRECISION_TF32),
                        test_statistics);
  g_test_add_data_func ("/cuda-epilogues/linear/fp32", GINT_TO_POINTER (LW_PRECISION_FP32),
                        test_linear);
  g_test_add_data_func ("/cuda-epilogues/linear/bf16", GINT_TO_POINTER (LW_PRECISION_BF16),
                        test_linear);
  g_test_add_data_func ("/cuda-epilogues/linear/tf32", GINT_TO_POINTER (LW_PRECISION_TF32),
                        test_linear);
  return g_test_run ();
}
