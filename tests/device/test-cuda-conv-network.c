/* Networks of which each convolution is computed by implicit GEMM, as a run that goes on asks for
 * it: beside the same ones by columns, in float32 and bfloat16; with max (0, ·) done by the
 * convolution before it or by itself, the same bits; with maps that lie in wider ones. */
#include "engine/session.h"
#include "kernels/cuda/cuda.h"
#include "tests/device/emulation/emulation.h"
#include "tests/support/formula.h"
#include "tests/support/network.h"

#include <math.h>
#include <string.h>

enum { BATCH = 4 };

typedef struct {
  const char *model;
  int32_t side;
  const char *options[4]; /* names and values by turns, up to NULL */
} Network;

/* Large windows with strides and ReLU behind; windows over maps that grow. */
static const Network networks[] = {
  { "alexnet", 67, { "width", "0.125", NULL } },
  { "densenet", 32, { "growth_rate", "8", NULL } },
};

/* All tensors of floats after a step, one after another; owned. */
static GArray *
train (const Network *network, const char *algorithm, LwPrecision precision, LwLinks links)
{
  g_autoptr (LwGraph) graph = lw_test_network (network->model, network->side, network->options);
  g_autoptr (GArray) choices = lw_test_choices (graph, algorithm);
  g_autofree float *images = g_new (float, BATCH * network->side * network->side);
  const LwBatch batch = { images, (const int32_t[BATCH]){ 7, 2, 0, 3 }, BATCH };
  GArray *values = g_array_new (FALSE, FALSE, sizeof (float));
  g_autoptr (GError) error = NULL;

  const LwSessionOptions options = {
    .batch = BATCH,
    .links = links,
    .device = { .precision = precision,
                .choices = (const LwAlgorithmChoice *)(void *)choices->data,
                .n_choices = (int32_t)choices->len },
  };
  g_autoptr (LwSession) session = lw_session_new (graph, &lw_cuda_backend, 0, &options, &error);

  g_assert_no_error (error);
  lw_session_initialize (session, 3, &error);
  g_assert_no_error (error);

  g_autoptr (LwAlgorithmList) list = lw_session_algorithms (session);
  int32_t n;
  const LwAlgorithmChoice *taken = lw_algorithm_list_choices (list, &n);

  g_assert_cmpint (n, ==, choices->len);
  for (int32_t i = 0; i < n; i++)
    g_assert_cmpstr (taken[i].names[LW_BACKWARD_WEIGHTS], ==, algorithm);

  for (int64_t i = 0; i < BATCH * network->side * network->side; i++)
    images[i] = (float)lw_formula_uniform (5, i);

  /* As large a step that the weights afterwards are gradients above all. */
  const LwStepSettings settings = { .learning_rate = 10, .seed = 9 };
  LwBatchResult result;

  lw_session_train (session, &batch, &settings, NULL, NULL, &result, &error);
  g_assert_no_error (error);
  for (int32_t i = 0; i < lw_graph_n_tensors (graph); i++) {
    const LwTensorInfo *tensor = lw_graph_tensor (graph, i);
    const guint before = values->len;

    if (tensor->dtype != LW_F32)
      continue;
    g_array_set_size (values, before + (guint)tensor->size);
    lw_session_get_tensor (session, i, &g_array_index (values, float, before), &error);
    g_assert_no_error (error);
  }
  return values;
}

static void
check (const Network *network, LwPrecision precision)
{
  const char *implicit = "implicit GEMM";
  g_autoptr (GArray) expected = train (network, "columns + cuBLAS", precision, LW_LINKS_NEVER);
  g_autoptr (GArray) alone = train (network, implicit, precision, LW_LINKS_NEVER);
  g_autoptr (GArray) linked = train (network, implicit, precision, LW_LINKS_ALWAYS);
  double off = 0, length = 0;

  for (guint i = 0; i < expected->len; i++) {
    const double value = (double)g_array_index (expected, float, i);
    const double distance = (double)g_array_index (alone, float, i) - value;

    off += distance * distance;
    length += value * value;
  }
  g_test_message ("%s, precision %d: off by %.1e", network->model, precision, sqrt (off / length));
  g_assert_cmpfloat (sqrt (off / length), <, precision == LW_PRECISION_FP32 ? 1e-5 : 0.1);
  g_assert_cmpmem (linked->data, linked->len, alone->data, alone->len);
}

/* Where each access is looked at, the first network in float32 must do. */
static bool
is_slow (void)
{
  return lw_emulation_checks_accesses () || lw_emulation_orders () == 1;
}

static void
test_network (gconstpointer network)
{
  lw_emulation_set_order (LW_ORDER_FORWARD, 1);
  check (network, LW_PRECISION_FP32);
  /* Not with batch normalization of few values, which makes rounding visible above all. */
  if (network == networks && !is_slow ())
    check (network, LW_PRECISION_BF16);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (size_t i = 0; i < (is_slow () ? 1 : G_N_ELEMENTS (networks)); i++) {
    g_autofree char *path = g_strconcat ("/cuda-conv-network/", networks[i].model, NULL);

    g_test_add_data_func (path, &networks[i], test_network);
  }
  return g_test_run ();
}
