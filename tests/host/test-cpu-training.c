/* Twenty training steps on the CPU backend beside the reference backend, from the same weights, in
 * the same shuffled order, with dropout: losses stay together, and so does what was learned. Where
 * a ReLU decides otherwise, rounding becomes visible, and batch normalization of few values makes
 * ten times as much of it in each step: networks with both have a smooth activation here. With
 * bfloat16 the same holds at its precision. */
#include "engine/rng.h"
#include "engine/session.h"
#include "kernels/cpu/cpu.h"
#include "kernels/reference/reference.h"
#include "tests/support/formula.h"
#include "tests/support/network.h"

#include <math.h>
#include <string.h>

enum { STEPS = 20, IMAGES = 64, BATCH = 16 };

typedef struct {
  const char *model;
  int32_t side;
  const char *options[16]; /* names and values by turns, up to NULL */
  double tolerance;        /* relative, of a loss */
  float learning_rate;
  double bf16_loss, bf16_update; /* relative, with bfloat16: of a loss, of what was learned */
} Network;

/* Images whose brightness and stripes tell their class, so that there is something to learn. */
static void
draw_images (int32_t side, float *images, int32_t *labels)
{
  for (int32_t k = 0; k < IMAGES; k++) {
    labels[k] = k % 10;
    for (int32_t i = 0; i < side * side; i++) {
      const double stripe =
          sin ((labels[k] + 1) * 0.31 * (i % side) + 0.17 * labels[k] * (i / side));
      const double noise = lw_formula_uniform (7, (int64_t)k * side * side + i);

      images[(int64_t)k * side * side + i] = (float)(0.5 + 0.35 * stripe + 0.15 * noise);
    }
  }
}

/* A permutation of the images for each epoch, the same for both backends. */
static int32_t
shuffled (int32_t step, int32_t i)
{
  const int32_t epoch = step * BATCH / IMAGES;
  const LwStream stream = lw_stream (11, LW_STREAM_SHUFFLE, (uint32_t)epoch, 0);
  int32_t order[IMAGES];

  for (int32_t k = 0; k < IMAGES; k++)
    order[k] = k;
  for (int32_t k = IMAGES - 1; k > 0; k--) {
    const int32_t other = (int32_t)(lw_stream_bits (&stream, (uint64_t)k) % (uint32_t)(k + 1));
    const int32_t kept = order[k];

    order[k] = order[other];
    order[other] = kept;
  }
  return order[step * BATCH % IMAGES + i];
}

/* All parameters, one after another. */
static float *
read_parameters (LwSession *session, int64_t *ret_n)
{
  const LwGraph *graph = lw_session_graph (session);
  GArray *values = g_array_new (FALSE, FALSE, sizeof (float));

  for (int32_t i = 0; i < lw_graph_n_tensors (graph); i++) {
    const LwTensorInfo *tensor = lw_graph_tensor (graph, i);
    const guint before = values->len;

    if (!tensor->trainable)
      continue;
    g_array_set_size (values, before + (guint)tensor->size);
    g_assert_true (
        lw_session_get_tensor (session, i, &g_array_index (values, float, before), NULL));
  }
  *ret_n = values->len;
  return (float *)(void *)g_array_free (values, FALSE);
}

typedef struct {
  double losses[STEPS + 1]; /* the evaluation of one incomplete batch as the last */
  float *update;            /* of all parameters */
  int64_t n;
} Result;

static void
train (const Network *network, const LwBackend *backend, int threads, Result *result)
{
  const int64_t size = (int64_t)network->side * network->side;
  g_autofree float *images = g_new (float, IMAGES *size), *batch = g_new (float, BATCH *size);
  int32_t all_labels[IMAGES], labels[BATCH];
  g_autoptr (GError) error = NULL;
  g_autoptr (LwGraph) graph = lw_test_network (network->model, network->side, network->options);
  const LwSessionOptions options = { .batch = BATCH, .momentum = true, .device.threads = threads };
  g_autoptr (LwSession) session = lw_session_new (graph, backend, 0, &options, &error);
  g_autofree float *before = NULL;
  LwBatchResult loss;

  g_assert_no_error (error);
  lw_session_initialize (session, 5, &error);
  before = read_parameters (session, &result->n);
  draw_images (network->side, images, all_labels);
  for (int32_t step = 0; step < STEPS; step++) {
    const int32_t n = step % 5 == 3 ? BATCH - 5 : BATCH; /* an incomplete batch now and then */

    for (int32_t i = 0; i < n; i++) {
      const int32_t k = shuffled (step, i);

      memcpy (batch + i * size, images + k * size, sizeof (float) * (size_t)size);
      labels[i] = all_labels[k];
    }
    lw_session_train (session, &(LwBatch){ batch, labels, n },
                      &(LwStepSettings){ .learning_rate = network->learning_rate,
                                         .momentum = 0.5f,
                                         .weight_decay = 1e-4f,
                                         .seed = 3,
                                         .iteration = step },
                      NULL, NULL, &loss, &error);
    g_assert_no_error (error);
    result->losses[step] = loss.loss_sum / n;
  }
  lw_session_infer (session, &(LwBatch){ images, all_labels, BATCH - 3 }, NULL, NULL, NULL, &loss,
                    &error);
  g_assert_no_error (error);
  result->losses[STEPS] = loss.loss_sum / (BATCH - 3);
  result->update = read_parameters (session, &result->n);
  for (int64_t i = 0; i < result->n; i++)
    result->update[i] -= before[i];
}

static void
compare (const char *name, const Result *result, const Result *expected, double tolerance,
         double update_tolerance)
{
  double difference = 0, length = 0;

  for (int step = 0; step <= STEPS; step++)
    if (!(fabs (result->losses[step] - expected->losses[step]) <=
          tolerance * expected->losses[step])) {
      g_test_message ("%s, step %d: loss %.7f, the reference has %.7f", name, step,
                      result->losses[step], expected->losses[step]);
      g_test_fail ();
    }
  for (int64_t i = 0; i < result->n; i++) {
    const double off = (double)result->update[i] - (double)expected->update[i];

    difference += off * off;
    length += (double)expected->update[i] * (double)expected->update[i];
  }
  g_assert_cmpfloat (length, >, 0);
  if (!(sqrt (difference) <= update_tolerance * sqrt (length))) {
    g_test_message ("%s: the update is off by %.3g of %.3g", name, sqrt (difference),
                    sqrt (length));
    g_test_fail ();
  }
}

/* The reference's convolutions as bare sums in double precision: rounding then falls on one side
 * alone, and fewer units fall to the other side of a ReLU. */
static bool
convolve_exactly (LwDevice *device, const LwStep *step, GError **error)
{
  const LwConv2dDefinition convolution = { .n = step->n,
                                           .from = step->x_shape[0],
                                           .to = step->y_shape,
                                           .window = step->node->window,
                                           .x = step->x[0],
                                           .w = step->param[LW_ROLE_WEIGHT],
                                           .bias = step->param[LW_ROLE_BIAS],
                                           .y = step->y };

  (void)device;
  (void)error;
  lw_conv2d_definition (&convolution);
  return true;
}

static void
test_network (gconstpointer data)
{
  static const char *const names[] = { "baseline", "AVX2", "AVX-512" };
  const Network *network = data;
  const LwBackend *bf16 = lw_cpu_bf16_backend ();
  LwBackend oracle = lw_reference_backend;
  Result expected;

  oracle.kernels[LW_OP_CONV2D].forward = convolve_exactly;
  train (network, &oracle, 2, &expected);
  for (int isa = 0; isa < LW_N_CPU_ISAS; isa++) {
    const LwBackend *backend = lw_cpu_backend_for ((LwCpuIsa)isa);
    Result result, again;

    if (backend == NULL || backend->count (NULL) == 0)
      continue;
    train (network, backend, 2, &result);
    compare (names[isa], &result, &expected, network->tolerance, network->tolerance);
    if (backend == lw_cpu_backend ()) {
      train (network, backend, 3, &again);
      g_assert_cmpmem (again.losses, sizeof again.losses, result.losses, sizeof result.losses);
      g_assert_cmpmem (again.update, sizeof (float) * (size_t)again.n, result.update,
                       sizeof (float) * (size_t)result.n);
      g_free (again.update);
    }
    g_free (result.update);
  }
  if (bf16 != NULL && bf16->count (NULL) > 0) {
    Result result;

    train (network, bf16, 2, &result);
    compare ("bfloat16", &result, &expected, network->bf16_loss, network->bf16_update);
    g_free (result.update);
  }
  g_free (expected.update);
}

int
main (int argc, char **argv)
{
  static const Network networks[] = {
    { "lenet-bn", 28, { NULL }, 1e-3, 0.1f, 0.15, 0.35 },
    { "alexnet", 71, { "width", "0.125" }, 1e-3, 0.02f, 1e-3, 0.12 },
    { "resnet18", 48, { "width", "0.125", "activation", "tanh" }, 2e-2, 0.0003f, 0.03, 0.2 },
    { "densenet", 48, { "growth_rate", "8", "activation", "tanh" }, 2e-2, 0.0003f, 0.03, 0.08 },
    /* Without biases, and with a normalization on the shortcut. */
    { "resnet50",
      48,
      { "width", "0.0625", "activation", "tanh", "stage1", "1", "stage2", "1", "stage3", "1",
        "stage4", "1" },
      2e-2,
      0.0003f,
      0.03,
      0.2 },
    { "densenet121",
      48,
      { "growth_rate", "8", "activation", "tanh", "stem_channels", "16", "block1", "2", "block2",
        "2", "block3", "2", "block4", "2" },
      2e-2,
      0.0003f,
      0.03,
      0.2 },
    { "googlenet", 32, { "width", "0.125" }, 1e-3, 0.02f, 1e-3, 0.2 },
    { "nin", 71, { "width", "0.125" }, 1e-3, 0.02f, 1e-3, 0.05 },
  };

  g_test_init (&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (networks); i++) {
    g_autofree char *path = g_strconcat ("/cpu-training/", networks[i].model, NULL);

    g_test_add_data_func (path, &networks[i], test_network);
  }
  return g_test_run ();
}
