/* An incomplete batch has the memory that was planned for a whole one, and less to do: what the
 * CPU backend makes of its examples is what it makes of them among others. Networks of full width,
 * whose weights are divided in other ways than those of narrow ones. */
#include "engine/session.h"
#include "kernels/cpu/cpu.h"
#include "tests/support/formula.h"
#include "tests/support/network.h"

#include <math.h>

enum { BATCH = 64, CLASSES = 10 };

typedef struct {
  const char *model;
  int32_t side;
} Network;

static LwSession *
open_session (const Network *network, const LwBackend *backend, int threads)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LwGraph) graph = lw_test_network (network->model, network->side, NULL);
  const LwSessionOptions session_options = { .inference_batch = BATCH, .device.threads = threads };
  LwSession *session = lw_session_new (graph, backend, 0, &session_options, &error);

  g_assert_no_error (error);
  g_assert_true (lw_session_initialize (session, 3, NULL));
  return session;
}

/* Of the first n examples. */
static void
infer (LwSession *session, const float *images, int32_t n, float *logits)
{
  static const int32_t labels[BATCH];
  g_autoptr (GError) error = NULL;
  LwBatchResult result;

  lw_session_infer (session, &(LwBatch){ images, labels, n }, NULL, NULL, logits, &result, &error);
  g_assert_no_error (error);
}

static void
check_backend (const Network *network, const LwBackend *backend, int threads, double tolerance)
{
  static const int32_t counts[] = { 63, 40, 17, 1 };
  const int64_t size = (int64_t)network->side * network->side;
  g_autofree float *images = g_new (float, BATCH *size);
  g_autoptr (LwSession) session = open_session (network, backend, threads);
  float all[BATCH * CLASSES], some[BATCH * CLASSES];

  for (int64_t i = 0; i < BATCH * size; i++)
    images[i] = (float)lw_formula_uniform (5, i);
  infer (session, images, BATCH, all);
  for (size_t k = 0; k < G_N_ELEMENTS (counts); k++) {
    double difference = 0, length = 0;

    infer (session, images, counts[k], some);
    for (int i = 0; i < counts[k] * CLASSES; i++) {
      difference += (double)(some[i] - all[i]) * (double)(some[i] - all[i]);
      length += (double)all[i] * (double)all[i];
    }
    if (!(sqrt (difference) <= tolerance * sqrt (length))) {
      g_test_message ("%s, %d threads, %d of %d examples: off by %.3g", backend->title, threads,
                      counts[k], BATCH, sqrt (difference / length));
      g_test_fail ();
    }
  }
}

static void
test_network (const void *data)
{
  const LwBackend *const backends[] = { lw_cpu_backend_for (LW_CPU_AVX2),
                                        lw_cpu_backend_for (LW_CPU_AVX512),
                                        lw_cpu_bf16_backend () };

  for (size_t i = 0; i < G_N_ELEMENTS (backends); i++)
    for (int threads = 1; threads <= 3; threads++)
      if (backends[i] != NULL && backends[i]->count (NULL) > 0)
        check_backend (data, backends[i], threads, i == 2 ? 3e-2 : 1e-5);
}

int
main (int argc, char **argv)
{
  static const Network networks[] = {
    { "resnet18", 32 },
    { "vgg11-small", 32 },
    { "googlenet", 32 },
    { "densenet", 32 },
  };

  g_test_init (&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (networks); i++) {
    g_autofree char *path = g_strconcat ("/cpu-batches/", networks[i].model, NULL);

    g_test_add_data_func (path, &networks[i], test_network);
  }
  return g_test_run ();
}
