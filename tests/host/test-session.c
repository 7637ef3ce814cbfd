/* Sessions: initial values, tensors in and out, checks, what hooks see, optimizers, memory. */
#include "engine/session.h"
#include "engine/models.h"
#include "engine/rng.h"
#include "kernels/reference/reference.h"
#include "tests/support/formula.h"
#include "tests/support/training.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define COUNTS_ALLOCATIONS 0
#else
#define COUNTS_ALLOCATIONS 1

/* Every allocation of this program, its libraries' included, comes through here. */
extern void *__libc_malloc (size_t size);
extern void *__libc_calloc (size_t n, size_t size);
extern void *__libc_realloc (void *memory, size_t size);
static atomic_long n_allocations;

void *
malloc (size_t size)
{
  atomic_fetch_add_explicit (&n_allocations, 1, memory_order_relaxed);
  return __libc_malloc (size);
}

void *
calloc (size_t n, size_t size)
{
  atomic_fetch_add_explicit (&n_allocations, 1, memory_order_relaxed);
  return __libc_calloc (n, size);
}

void *
realloc (void *memory, size_t size)
{
  atomic_fetch_add_explicit (&n_allocations, 1, memory_order_relaxed);
  return __libc_realloc (memory, size);
}
#endif

static LwGraph *
build (const char *model, const char *knob, LwShape input)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LwOptions) options = lw_options_new (lw_model_find (model, NULL));
  LwGraph *graph;

  if (knob != NULL)
    g_assert_true (lw_options_parse (options, knob, &error));
  g_assert_true (lw_options_set_input (options, input, &error));
  graph = lw_model_build (options, &error);
  g_assert_no_error (error);
  return graph;
}

static LwSession *
open_session (LwGraph *graph, LwSessionOptions options)
{
  g_autoptr (GError) error = NULL;
  LwSession *session = lw_session_new (graph, &lw_reference_backend, 0, &options, &error);

  g_assert_no_error (error);
  return session;
}

/* Images in [0, 1) and labels, for any network. */
typedef struct {
  float *images;
  int32_t *labels;
  LwBatch batch;
} Examples;

static Examples
make_examples (LwGraph *graph, int32_t n)
{
  const int64_t size = n * lw_shape_size (lw_graph_input_shape (graph));
  Examples e = { g_new (float, size), g_new (int32_t, n), { 0 } };

  for (int64_t i = 0; i < size; i++)
    e.images[i] = (float)lw_formula_uniform (lw_formula_seed ("images"), i);
  for (int32_t i = 0; i < n; i++)
    e.labels[i] = lw_formula_label (lw_formula_seed ("labels"), i, lw_graph_classes (graph));
  e.batch = (LwBatch){ e.images, e.labels, n };
  return e;
}

static void
free_examples (Examples *e)
{
  g_free (e->images);
  g_free (e->labels);
}

static float *
get (LwSession *session, const char *name, int64_t *ret_n)
{
  const int32_t index = lw_graph_find_tensor (lw_session_graph (session), name);
  const int64_t n = lw_graph_tensor (lw_session_graph (session), index)->size;
  float *values = g_new (float, MAX (n, 2));

  g_assert_true (lw_session_get_tensor (session, index, values, NULL));
  if (ret_n != NULL)
    *ret_n = n;
  return values;
}

static const LwShape small = { 1, 28, 28, false };

static void
test_initialize (void)
{
  g_autoptr (LwGraph) graph = build ("lenet-bn", NULL, small);
  g_autoptr (LwSession) session = open_session (graph, (LwSessionOptions){ .batch = 4 });
  g_autoptr (LwSession) other = open_session (graph, (LwSessionOptions){ .batch = 4 });
  const double bound = sqrt (6.0 / (6 * 25 + 16 * 25)), bias_bound = 1 / sqrt (6 * 25);
  double sum = 0, largest = 0;
  int64_t n = 0;
  g_autofree float *weight = NULL, *bias = NULL, *again = NULL, *different = NULL;
  g_autofree float *gamma = NULL, *variance = NULL, *mean = NULL;

  g_assert_true (lw_session_initialize (session, 7, NULL));
  g_assert_true (lw_session_initialize (other, 7, NULL));
  weight = get (session, "4.weight", &n);
  again = get (other, "4.weight", NULL);
  g_assert_cmpint (n, ==, 16 * 6 * 25);
  g_assert_cmpmem (weight, n * 4, again, n * 4);
  for (int64_t i = 0; i < n; i++) {
    sum += (double)weight[i];
    largest = MAX (largest, fabs ((double)weight[i]));
  }
  g_assert_cmpfloat (largest, <=, bound);
  g_assert_cmpfloat (largest, >, 0.99 * bound);
  g_assert_cmpfloat (fabs (sum / (double)n), <, 4 * bound / sqrt (3 * (double)n));

  bias = get (session, "4.bias", &n);
  largest = 0;
  for (int64_t i = 0; i < n; i++)
    largest = MAX (largest, fabs ((double)bias[i]));
  g_assert_cmpfloat (largest, <=, bias_bound);
  g_assert_cmpfloat (largest, >, 0.5 * bias_bound);
  gamma = get (session, "1.weight", &n);
  mean = get (session, "1.running_mean", NULL);
  variance = get (session, "1.running_var", NULL);
  for (int64_t i = 0; i < n; i++) {
    g_assert_cmpfloat (gamma[i], ==, 1);
    g_assert_cmpfloat (mean[i], ==, 0);
    g_assert_cmpfloat (variance[i], ==, 1);
  }
  g_assert_true (lw_session_initialize (other, 8, NULL));
  different = get (other, "4.weight", NULL);
  g_assert_true (memcmp (weight, different, 100) != 0);
}

static void
test_errors (void)
{
  g_autoptr (LwGraph) graph = build ("lenet", NULL, small);
  g_autoptr (LwSession) session = open_session (graph, (LwSessionOptions){ .batch = 4 });
  g_autoptr (LwSession) reader = open_session (graph, (LwSessionOptions){ .inference_batch = 4 });
  g_autoptr (GError) error = NULL;
  Examples e = make_examples (graph, 5);
  const LwStepSettings step = { .learning_rate = 0.1f };
  LwBatchResult result;
  float values[512] = { 0 };

  g_assert_true (lw_session_initialize (session, 1, NULL));
  g_assert_false (lw_session_train (session, &e.batch, &step, NULL, NULL, &result, &error));
  lw_test_assert_sentence (&error, LW_ERROR_INVALID, "1 to 4 images, not 5");
  e.batch.n = 0;
  g_assert_false (lw_session_infer (session, &e.batch, NULL, NULL, NULL, &result, &error));
  lw_test_assert_sentence (&error, LW_ERROR_INVALID, "not 0");
  e.batch.n = 4;
  e.labels[2] = 10;
  g_assert_false (lw_session_train (session, &e.batch, &step, NULL, NULL, &result, &error));
  lw_test_assert_sentence (&error, LW_ERROR_INVALID, "labelled 10");
  e.labels[2] = 1;
  g_assert_false (lw_session_train (reader, &e.batch, &step, NULL, NULL, &result, &error));
  lw_test_assert_sentence (&error, LW_ERROR_INVALID, "made for training");
  g_assert_false (lw_session_get_gradient (reader, 0, values, &error));
  lw_test_assert_sentence (&error, LW_ERROR_INVALID, "forwards");
  g_assert_false (lw_session_set_tensor (session, 99, values, &error));
  lw_test_assert_sentence (&error, LW_ERROR_INVALID, "99");
  g_assert_cmpint (lw_session_optimizer_slots (session), ==, 0);
  g_assert_false (lw_session_get_slot (session, 0, 0, values, &error));
  lw_test_assert_sentence (&error, LW_ERROR_INVALID, "copies");
  free_examples (&e);
}

static void
test_missing_kernel (void)
{
  g_autoptr (LwGraph) graph = build ("lenet", NULL, small);
  const LwSessionOptions options = { .batch = 4 };
  LwBackend backend = lw_reference_backend;
  g_autoptr (GError) error = NULL;

  backend.kernels[LW_OP_AVG_POOL].backward = NULL;
  g_assert_null (lw_session_new (graph, &backend, 0, &options, &error));
  lw_test_assert_sentence (&error, LW_ERROR_UNSUPPORTED, "backwards");
  backend.kernels[LW_OP_AVG_POOL].forward = NULL;
  g_assert_null (lw_session_new (graph, &backend, 0, &options, &error));
  lw_test_assert_sentence (&error, LW_ERROR_UNSUPPORTED, "layer \"2\"");
}

static int64_t
little_memory (LwDevice *device)
{
  (void)device;
  return 8 * 1024 * 1024;
}

static void
test_memory (void)
{
  g_autoptr (LwGraph) graph = build ("lenet", NULL, small);
  g_autoptr (LwSession) session =
      open_session (graph, (LwSessionOptions){ .batch = 16, .momentum = true });
  const LwMemory memory = lw_session_memory (session);
  LwBackend backend = lw_reference_backend;
  g_autoptr (GError) error = NULL;
  LwMemory estimate;
  int32_t fitting = 0;
  const char *at;

  /* What was taken is near what the analysis says: alignment and workspace come on top. */
  g_assert_true (lw_graph_memory (graph, 16, 1, &estimate, NULL));
  g_assert_cmpint (memory.parameters, >=, estimate.parameters);
  g_assert_cmpint (memory.parameters, <, estimate.parameters + 256 * 20);
  g_assert_cmpint (memory.optimizer, ==, memory.gradients);
  g_assert_cmpint (memory.training_total, >=, estimate.training_total);

  /* The batch that the sentence names does fit, and one more does not. */
  backend.free_bytes = little_memory;
  g_assert_null (lw_session_new (graph, &backend, 0, &(LwSessionOptions){ .batch = 4096 }, &error));
  g_assert_error (error, LW_ERROR, LW_ERROR_MEMORY);
  g_assert_nonnull (strstr (error->message, "8.00 MiB are free"));
  at = strstr (error->message, "; a batch of ");
  g_assert_nonnull (at);
  fitting = atoi (at + strlen ("; a batch of "));
  g_clear_error (&error);
  lw_session_free (
      lw_session_new (graph, &backend, 0, &(LwSessionOptions){ .batch = fitting }, &error));
  g_assert_no_error (error);
  g_assert_null (
      lw_session_new (graph, &backend, 0, &(LwSessionOptions){ .batch = fitting + 1 }, &error));
  lw_test_assert_sentence (&error, LW_ERROR_MEMORY, "would fit");
}

/* Twenty steps and a test pass take no memory. */
static void
test_allocations (void)
{
#if COUNTS_ALLOCATIONS
  g_autoptr (LwGraph) graph = build ("resnet18", "width=0.25", (LwShape){ 1, 32, 32, false });
  g_autoptr (LwSession) session = open_session (
      graph,
      (LwSessionOptions){ .batch = 8, .optimizer = LW_OPTIMIZER_ADAM, .device = { .threads = 2 } });
  Examples e = make_examples (graph, 8);
  LwBatchResult result;
  float logits[80];
  long before;

  g_assert_true (lw_session_initialize (session, 1, NULL));
  before = atomic_load (&n_allocations);
  g_assert_cmpint (before, >, 1000); /* they are counted */
  for (int i = 0; i < 20; i++) {
    const LwStepSettings step = { .learning_rate = 1e-3f, .iteration = i };

    lw_session_train (session, &e.batch, &step, NULL, NULL, &result, NULL);
    lw_session_infer (session, &e.batch, NULL, NULL, logits, &result, NULL);
  }
  g_assert_cmpint (atomic_load (&n_allocations), ==, before);
  free_examples (&e);
#else
  g_test_skip ("a sanitizer takes the place of malloc");
#endif
}

/* What a hook downloads is the layer's value; a run with hooks has the same bits. */
typedef struct {
  int forward, backward;
  float *logits;
  LwNodeId output;
} Seen;

static bool
see (LwSession *session, const LwStep *step, bool backward, void *data, GError **error)
{
  Seen *seen = data;

  seen->forward += !backward;
  seen->backward += backward;
  return backward || step->id != seen->output ||
         lw_session_download (session, step, step->n, seen->logits, error);
}

static bool
refuse (LwSession *session, const LwStep *step, bool backward, void *data, GError **error)
{
  (void)session;
  (void)backward;
  (void)data;
  if (step->id < 3)
    return true;
  g_set_error (error, LW_ERROR, LW_ERROR_CANCELLED, "Enough.");
  return false;
}

static void
test_hooks (void)
{
  g_autoptr (LwGraph) graph = build ("lenet", NULL, small);
  g_autoptr (LwSession) a = open_session (graph, (LwSessionOptions){ .batch = 6 });
  g_autoptr (LwSession) b = open_session (graph, (LwSessionOptions){ .batch = 6 });
  g_autoptr (GError) error = NULL;
  const LwStepSettings step = { .learning_rate = 0.5f };
  Examples e = make_examples (graph, 6);
  float logits[60], hooked[60];
  Seen seen = { .logits = hooked, .output = lw_graph_output (graph) };
  g_autofree float *wa = NULL, *wb = NULL;
  LwBatchResult ra, rb;
  int64_t n;

  g_assert_true (lw_session_initialize (a, 3, NULL) && lw_session_initialize (b, 3, NULL));
  g_assert_true (lw_session_infer (a, &e.batch, see, &seen, logits, &ra, NULL));
  g_assert_cmpint (seen.forward, ==, lw_graph_n_nodes (graph) + 1);
  g_assert_cmpint (seen.backward, ==, 0);
  g_assert_cmpmem (logits, sizeof logits, hooked, sizeof hooked);

  seen.forward = 0;
  g_assert_true (lw_session_train (a, &e.batch, &step, see, &seen, &ra, NULL));
  g_assert_true (lw_session_train (b, &e.batch, &step, NULL, NULL, &rb, NULL));
  g_assert_cmpint (seen.forward, ==, lw_graph_n_nodes (graph) + 1);
  g_assert_cmpint (seen.backward, >, 0);
  g_assert_cmpmem (logits, sizeof logits, hooked, sizeof hooked); /* no dropout, no update yet */
  g_assert_cmpfloat (ra.loss_sum, ==, rb.loss_sum);
  wa = get (a, "0.weight", &n);
  wb = get (b, "0.weight", NULL);
  g_assert_cmpmem (wa, n * 4, wb, n * 4);

  g_assert_false (lw_session_train (a, &e.batch, &step, refuse, NULL, &ra, &error));
  lw_test_assert_sentence (&error, LW_ERROR_CANCELLED, "Enough");
  free_examples (&e);
}

/* A smaller batch in a larger session gives the same numbers, whatever lies behind it. */
static void
test_partial_batch (void)
{
  g_autoptr (LwGraph) graph = build ("lenet-bn", NULL, small);
  g_autoptr (LwSession) large = open_session (graph, (LwSessionOptions){ .batch = 16 });
  g_autoptr (LwSession) exact = open_session (graph, (LwSessionOptions){ .batch = 3 });
  const LwStepSettings step = { .learning_rate = 0.5f };
  Examples full = make_examples (graph, 16), few = make_examples (graph, 3);
  g_autofree float *wa = NULL, *wb = NULL;
  LwBatchResult ra, rb;
  int64_t n;

  g_assert_true (lw_session_initialize (large, 3, NULL));
  g_assert_true (lw_session_train (large, &full.batch, &step, NULL, NULL, &ra, NULL));
  g_assert_true (lw_session_initialize (large, 3, NULL));
  g_assert_true (lw_session_initialize (exact, 3, NULL));
  g_assert_true (lw_session_train (large, &few.batch, &step, NULL, NULL, &ra, NULL));
  g_assert_true (lw_session_train (exact, &few.batch, &step, NULL, NULL, &rb, NULL));
  g_assert_cmpint (ra.n, ==, 3);
  g_assert_cmpfloat (ra.loss_sum, ==, rb.loss_sum);
  g_assert_cmpint (ra.correct, ==, rb.correct);
  wa = get (large, "0.weight", &n);
  wb = get (exact, "0.weight", NULL);
  g_assert_cmpmem (wa, n * 4, wb, n * 4);
  free_examples (&full);
  free_examples (&few);
}

/* w ← w − η g for the gradient that the session reports; momentum doubles it in the second step. */
static void
test_update (void)
{
  g_autoptr (LwGraph) graph = build ("lenet", NULL, small);
  g_autoptr (LwSession) session =
      open_session (graph, (LwSessionOptions){ .batch = 4, .momentum = true });
  const int32_t index = lw_graph_find_tensor (graph, "3.weight");
  const int64_t n = lw_graph_tensor (graph, index)->size;
  Examples e = make_examples (graph, 4);
  g_autofree float *w0 = NULL, *w1 = NULL, *g = g_new (float, n), *m = g_new (float, n);
  LwBatchResult result;

  g_assert_true (lw_session_initialize (session, 3, NULL));
  w0 = get (session, "3.weight", NULL);
  g_assert_true (lw_session_train (session, &e.batch,
                                   &(LwStepSettings){ .learning_rate = 0.5f, .momentum = 0.9f },
                                   NULL, NULL, &result, NULL));
  w1 = get (session, "3.weight", NULL);
  g_assert_true (lw_session_get_gradient (session, index, g, NULL));
  g_assert_true (lw_session_get_slot (session, index, 0, m, NULL));
  for (int64_t i = 0; i < n; i++) {
    g_assert_cmpfloat (m[i], ==, g[i]);
    g_assert_cmpfloat_with_epsilon (w1[i], w0[i] - 0.5f * g[i], 1e-7f);
  }
  free_examples (&e);
}

/* A loss that is no number changes no weight. */
static void
test_not_finite (void)
{
  g_autoptr (LwGraph) graph = build ("lenet", NULL, small);
  g_autoptr (LwSession) session = open_session (graph, (LwSessionOptions){ .batch = 4 });
  Examples e = make_examples (graph, 4);
  g_autofree float *before = NULL, *after = NULL;
  LwBatchResult result;
  int64_t n;

  g_assert_true (lw_session_initialize (session, 3, NULL));
  before = get (session, "3.weight", &n);
  e.images[5] = NAN;
  g_assert_true (lw_session_train (session, &e.batch, &(LwStepSettings){ .learning_rate = 1 }, NULL,
                                   NULL, &result, NULL));
  g_assert_false (isfinite (result.loss_sum));
  after = get (session, "3.weight", NULL);
  g_assert_cmpmem (before, n * 4, after, n * 4);
  free_examples (&e);
}

/* The same bits with one thread and with two. */
static void
test_threads (gconstpointer model)
{
  g_autoptr (LwGraph) graph = build (model, NULL, (LwShape){ 1, 32, 32, false });
  float *weights[2][64] = { 0 };
  Examples e = make_examples (graph, 6);
  double losses[2] = { 0 };

  g_assert_cmpint (lw_graph_n_tensors (graph), >=, 10);
  for (int t = 0; t < 2; t++) {
    g_autoptr (LwSession) session =
        open_session (graph, (LwSessionOptions){ .batch = 6, .device = { .threads = t + 1 } });

    g_assert_true (lw_session_initialize (session, 3, NULL));
    for (int i = 0; i < 2; i++) {
      const LwStepSettings step = { .learning_rate = 0.05f, .seed = 9, .iteration = i };
      LwBatchResult result;

      g_assert_true (lw_session_train (session, &e.batch, &step, NULL, NULL, &result, NULL));
      losses[t] += result.loss_sum;
    }
    for (int32_t i = 0; i < MIN (64, lw_graph_n_tensors (graph)); i++)
      weights[t][i] = get (session, lw_graph_tensor (graph, i)->name, NULL);
  }
  g_assert_cmpfloat (losses[0], ==, losses[1]);
  for (int32_t i = 0; i < MIN (64, lw_graph_n_tensors (graph)); i++) {
    const LwTensorInfo *tensor = lw_graph_tensor (graph, i);
    const gsize bytes = (gsize)tensor->size * (tensor->dtype == LW_I64 ? 8 : 4);

    if (memcmp (weights[0][i], weights[1][i], bytes) != 0)
      g_error ("%s differs between one thread and two", tensor->name);
    g_free (weights[0][i]);
    g_free (weights[1][i]);
  }
  free_examples (&e);
}

int
main (int argc, char **argv)
{
  static const char *const threaded[] = { "lenet", "lenet-bn", "vgg11-small", "resnet18" };

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/session/initialize", test_initialize);
  g_test_add_func ("/session/errors", test_errors);
  g_test_add_func ("/session/missing-kernel", test_missing_kernel);
  g_test_add_func ("/session/memory", test_memory);
  g_test_add_func ("/session/allocations", test_allocations);
  g_test_add_func ("/session/hooks", test_hooks);
  g_test_add_func ("/session/partial-batch", test_partial_batch);
  g_test_add_func ("/session/update", test_update);
  g_test_add_func ("/session/not-finite", test_not_finite);
  for (guint i = 0; i < G_N_ELEMENTS (threaded); i++) {
    g_autofree char *path = g_strconcat ("/session/threads/", threaded[i], NULL);

    g_test_add_data_func (path, threaded[i], test_threads);
  }
  return g_test_run ();
}
