/* The first training steps on the emulated CUDA backend: of all nine networks against PyTorch's
 * (tests/support/trajectory.h), as the reference backend's are in tests/host/test-trajectories.c,
 * and of their relatives, narrow ones, against the reference backend's; their losses are printed
 * beside those. Dropout drops the same numbers as elsewhere. */
#include "engine/models.h"
#include "engine/session.h"
#include "kernels/cuda/cuda.h"
#include "kernels/reference/reference.h"
#include "tests/device/emulation/emulation.h"
#include "tests/support/formula.h"
#include "tests/support/network.h"
#include "tests/support/trajectory.h"

#include <math.h>
#include <string.h>

enum { STEPS = 3, BATCH = 4 };

static bool
convolve_cuda (LwDevice *device, const LwStep *step, GError **error)
{
  return lw_trajectory_convolve (&lw_cuda_backend, device, step, error);
}

static void
test_trajectory (gconstpointer data)
{
  const char *name = data;
  double losses[LW_TRAJECTORY_LOSSES];

  lw_emulation_set_order (LW_ORDER_FORWARD, 1);
  lw_trajectory_check (name, &lw_cuda_backend, convolve_cuda, losses);
  for (int i = 0; i < LW_TRAJECTORY_LOSSES && !isnan (losses[i]); i += 2)
    g_test_message ("%s, step %d: loss %.7f; PyTorch %.7f", name, i / 2 + 1, losses[i],
                    losses[i + 1]);
}

/* --- relatives -------------------------------------------------------------------------------- */

typedef struct {
  double losses[STEPS + 1]; /* evaluation as the last */
  float *gradient;          /* of the first layer's weights, in the last training step */
  int64_t n;
} Training;

/* Narrow, and smooth: a ReLU that decides otherwise shows in all layers behind. Batch
 * normalizations of few values make rounding visible, so residual networks get larger images. */
static LwGraph *
narrow_network (const LwModel *model)
{
  static const char *const wanted[][2] = {
    { "width", "0.0625" }, { "growth_rate", "2" }, { "hidden", "16" }, { "activation", "tanh" }
  };
  const char *options[2 * G_N_ELEMENTS (wanted) + 1] = { NULL };
  int n = 0;

  for (size_t i = 0; i < G_N_ELEMENTS (wanted); i++)
    if (lw_model_knob (model, wanted[i][0]) != NULL) {
      options[n++] = wanted[i][0];
      options[n++] = wanted[i][1];
    }
  return lw_test_network (model->name,
                          strcmp (model->family, "LeNet") == 0    ? 28
                          : strcmp (model->family, "ResNet") == 0 ? 96
                                                                  : 32,
                          options);
}

static void
train (const LwModel *model, const LwBackend *backend, Training *training)
{
  const LwSessionOptions options = { .batch = BATCH, .device.threads = 1 };
  g_autoptr (LwGraph) graph = narrow_network (model);
  g_autoptr (GError) error = NULL;
  g_autoptr (LwSession) session = lw_session_new (graph, backend, 0, &options, &error);
  const int64_t size = BATCH * lw_shape_size (lw_graph_input_shape (graph));
  g_autofree float *images = g_new (float, size);

  g_assert_no_error (error);
  training->n = lw_graph_tensor (graph, 0)->size;
  training->gradient = g_new (float, training->n);
  g_assert_true (lw_session_initialize (session, 5, &error));
  for (int step = 0; step <= STEPS; step++) {
    int32_t labels[BATCH];
    LwBatchResult result;

    for (int64_t i = 0; i < size; i++)
      images[i] = (float)lw_formula_uniform ((uint64_t)step + 17, i);
    for (int i = 0; i < BATCH; i++)
      labels[i] = (step * BATCH + i) % 10;

    const LwBatch batch = { images, labels, BATCH };
    const LwStepSettings settings = { .learning_rate = 1e-5f, .seed = 3, .iteration = step };

    if (step < STEPS)
      lw_session_train (session, &batch, &settings, NULL, NULL, &result, &error);
    else
      lw_session_infer (session, &batch, NULL, NULL, NULL, &result, &error);
    g_assert_no_error (error);
    training->losses[step] = result.loss_sum / BATCH;
  }
  g_assert_true (lw_session_get_gradient (session, 0, training->gradient, &error));
}

static void
test_relative (gconstpointer data)
{
  const LwModel *model = data;
  Training result = { 0 }, expected = { 0 };
  double squares = 0, difference = 0;

  lw_emulation_set_order (LW_ORDER_FORWARD, 1);
  train (model, &lw_cuda_backend, &result);
  train (model, &lw_reference_backend, &expected);
  for (int64_t i = 0; i < result.n; i++) {
    const double off = (double)result.gradient[i] - (double)expected.gradient[i];

    difference += off * off;
    squares += (double)expected.gradient[i] * (double)expected.gradient[i];
  }
  difference = sqrt (difference / squares);
  g_test_message (
      "%s: losses %.6f %.6f %.6f, evaluation %.6f (reference %.6f %.6f %.6f, %.6f), the "
      "first layer's gradient is off by %.1e",
      model->name, result.losses[0], result.losses[1], result.losses[2], result.losses[3],
      expected.losses[0], expected.losses[1], expected.losses[2], expected.losses[3], difference);
  for (int step = 0; step <= STEPS; step++)
    if (!(fabs (result.losses[step] - expected.losses[step]) <= 1e-3 * expected.losses[step]))
      g_test_fail_printf ("%s, step %d: loss %.7f, the reference has %.7f", model->name, step,
                          result.losses[step], expected.losses[step]);
  if (!(difference <= 0.01))
    g_test_fail_printf ("%s: the first layer's gradient is off by %.2g", model->name, difference);
  g_free (result.gradient);
  g_free (expected.gradient);
}

/* --- dropout ---------------------------------------------------------------------------------- */

enum { SIDE = 8, KEPT = BATCH * SIDE * SIDE };

/* `data`: [KEPT] of what dropout lets through. */
static bool
keep_dropout (LwSession *session, const LwStep *step, bool backward, void *data, GError **error)
{
  return step->op != LW_OP_DROPOUT || backward ||
         lw_session_download (session, step, BATCH, data, error);
}

static void
drop_out (const LwBackend *backend, int64_t iteration, float *values)
{
  const LwSessionOptions options = { .batch = BATCH, .links = LW_LINKS_NEVER, .device.threads = 1 };
  g_autoptr (LwGraph) graph = lw_graph_new ("dropout");
  LwNodeId x = lw_graph_input (graph, (LwShape){ 1, SIDE, SIDE, false });
  g_autoptr (GError) error = NULL;
  g_autoptr (LwSession) session = NULL;
  float images[KEPT];
  int32_t labels[BATCH] = { 0 };
  LwBatchResult result;

  lw_linear (graph, lw_dropout (graph, lw_flatten (graph, x, NULL), NULL, 0.3), NULL, 10);
  lw_graph_finish (graph, &error);
  g_assert_no_error (error);
  session = lw_session_new (graph, backend, 0, &options, &error);
  g_assert_no_error (error);
  for (int i = 0; i < KEPT; i++)
    images[i] = 1;
  g_assert_true (lw_session_initialize (session, 5, &error));
  lw_session_train (session, &(LwBatch){ images, labels, BATCH },
                    &(LwStepSettings){ .learning_rate = 0.1f, .seed = 7, .iteration = iteration },
                    keep_dropout, values, &result, &error);
  g_assert_no_error (error);
}

/* The same numbers are dropped, in each step others. */
static void
test_dropout (void)
{
  float values[KEPT], expected[KEPT], before[KEPT] = { 0 };

  for (int64_t iteration = 0; iteration < 3; iteration++) {
    int dropped = 0;

    drop_out (&lw_cuda_backend, iteration, values);
    drop_out (&lw_reference_backend, iteration, expected);
    for (int i = 0; i < KEPT; i++) {
      g_assert_cmpfloat (values[i], ==, expected[i]);
      dropped += values[i] == 0;
    }
    g_assert_cmpint (dropped, >, KEPT / 5);
    g_assert_cmpint (dropped, <, KEPT * 2 / 5);
    g_assert_cmpint (memcmp (before, values, sizeof values), !=, 0);
    memcpy (before, values, sizeof values);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cuda-trajectories/dropout", test_dropout);
  for (int i = 0; lw_trajectories[i] != NULL; i++) {
    g_autofree char *path = g_strdup_printf ("/cuda-trajectories/%s", lw_trajectories[i]);

    g_test_add_data_func (path, lw_trajectories[i], test_trajectory);
  }
  for (int32_t i = lw_n_book_models (); i < lw_n_models (); i++) {
    const LwModel *model = lw_model (i);
    g_autofree char *path = g_strdup_printf ("/cuda-trajectories/relatives/%s", model->name);

    /* More of ResNet-50's blocks, through which rounding grows until nothing can be compared. */
    if (!g_str_has_prefix (model->name, "resnet1") || g_str_has_prefix (model->name, "resnet18"))
      g_test_add_data_func (path, model, test_relative);
  }
  return g_test_run ();
}
