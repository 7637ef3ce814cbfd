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
  const char *model;
  int32_t side;
  const char *options[6]; /* names and values by turns, up to NULL */
  int least_linked;       /* steps that have nothing left to do forward */
} Network;

/* In evaluation, a batch normalization that is folded into a convolution is rounded with its
 * weights instead of the map between them: 2⁻⁹ each, layer by layer. */
#define BF16_TOLERANCE 5e-2

static bool
is_complete (const LwBackend *backend)
{
  for (int op = 0; op < LW_N_OPS; op++)
    if (backend->kernels[op].forward == NULL)
      return false;
  return true;
}

static LwSession *
open_session (const Network *network, const LwBackend *backend, LwLinks links)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LwGraph) graph = lw_test_network (network->model, network->side, network->options);
  const LwSessionOptions session_options = { .batch = BATCH, .momentum = true, .links = links };
  LwSession *session = lw_session_new (graph, backend, 0, &session_options, &error);

  g_assert_no_error (error);
  g_assert_true (lw_session_initialize (session, 3, NULL));
  return session;
}

static bool
count_linked (LwSession *session, const LwStep *step, bool backward, void *data, GError **error)
{
  (void)error;
  *(int *)data += !backward && strcmp (lw_session_algorithm (session, step, LW_FORWARD),
                                       "with its neighbour") == 0;
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

static void
compare_links (const Network *network, const LwBackend *backend, double tolerance)
{
  const int64_t size = (int64_t)network->side * network->side;
  g_autofree float *images = g_new (float, BATCH *MOST_PIXELS);
  const int32_t labels[BATCH] = { 1, 8, 3, 0, 9, 1 };
  g_autoptr (LwSession) alone = NULL, linked = NULL;
  float logits[2][BATCH * 10];
  LwBatchResult results[2];
  int n_linked = 0;

  for (int64_t i = 0; i < BATCH * size; i++)
    images[i] = (float)lw_formula_uniform (5, i);
  alone = open_session (network, backend, LW_LINKS_NEVER);
  linked = open_session (network, backend, LW_LINKS_UNWATCHED);
  for (int step = 0; step < STEPS; step++) {
    const LwBatch batch = { images, labels, step == 1 ? INCOMPLETE : BATCH };
    const LwStepSettings settings = {
      .learning_rate = 0.01f, .momentum = 0.9f, .seed = 9, .iteration = step
    };

    n_linked = 0;
    g_assert_true (lw_session_train (alone, &batch, &settings, NULL, NULL, &results[0], NULL));
    g_assert_true (
        lw_session_train (linked, &batch, &settings, count_linked, &n_linked, &results[1], NULL));
    g_assert_true (memcmp (&results[0], &results[1], sizeof results[0]) == 0);
    compare_tensors (alone, linked);
  }
  g_assert_cmpint (n_linked, >=, network->least_linked);
  g_assert_true (lw_session_infer (alone, &(LwBatch){ images, labels, INCOMPLETE }, NULL, NULL,
                                   logits[0], &results[0], NULL));
  g_assert_true (lw_session_infer (linked, &(LwBatch){ images, labels, INCOMPLETE }, NULL, NULL,
                                   logits[1], &results[1], NULL));
  compare_logits (logits[0], logits[1], tolerance);
}

static void
test_network (const void *data)
{
  const LwBackend *bf16 = lw_cpu_bf16_backend ();

  for (int isa = 0; isa < LW_N_CPU_ISAS; isa++) {
    const LwBackend *backend = lw_cpu_backend_for ((LwCpuIsa)isa);

    if (backend != NULL && backend->count (NULL) > 0)
      compare_links (data, backend, 1e-5);
  }
  if (bf16 != NULL && bf16->count (NULL) > 0 && is_complete (bf16))
    compare_links (data, bf16, BF16_TOLERANCE);
}

int
main (int argc, char **argv)
{
  static const Network networks[] = {
    { "lenet", 28, { NULL }, 0 },
    { "lenet-bn", 28, { "activation", "relu", NULL }, 0 },
    { "alexnet", 67, { "width", "0.25", NULL }, 5 },
    { "vgg11", 32, { "width", "0.125", NULL }, 8 },
    { "nin", 67, { "width", "0.25", NULL }, 8 },
    { "googlenet", 40, { "width", "0.5", NULL }, 50 },
    { "resnet18", 40, { "width", "0.5", NULL }, 17 },
    { "resnet18", 40, { "width", "0.25", "shortcut", "no", NULL }, 9 },
    { "densenet", 40, { NULL }, 20 },
  };

  g_test_init (&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (networks); i++) {
    g_autofree char *path = g_strdup_printf ("/cpu-links/%s/%d", networks[i].model, (int)i);

    g_test_add_data_func (path, &networks[i], test_network);
  }
  return g_test_run ();
}
